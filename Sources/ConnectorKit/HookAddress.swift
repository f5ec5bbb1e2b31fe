/// The address of a webhook as a person wrote it: scheme and host to connect to, and what is asked for there, as it
/// was written, for the receiver tells by it who calls.
package struct HookAddress: Sendable, Hashable {
    /// `https://hooks.example`.
    package let origin: String
    package let host: String
    /// Path and query.
    package let target: String

    /// Throws `BaseURLError` with a sentence for that person.
    package init(_ text: String) throws(BaseURLError) {
        guard !text.contains("#") else { throw .holdsQuery }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let plain = String(parts.first ?? "")
        let base = try BaseURL(plain)
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        guard isPlain, let scheme = plain.firstRange(of: "://") else {
            throw .notAnAddress(BaseURLError.shown(text))
        }
        let rest = plain[scheme.upperBound...]
        let path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        origin = base.origin
        host = base.host
        target = parts.count > 1 ? "\(path)?\(parts[1])" : path
    }

    package var isSecure: Bool { origin.hasPrefix("https://") }

    /// For lists: whoever knows the whole address of a channel can write into it.
    package var shown: String {
        let last = target.split { "/?&=".contains($0) }.last.map { String($0.suffix(4)) } ?? ""
        return target == "/" ? host : target.count > 12 ? "\(host)/…\(last)" : "\(host)/…"
    }
}
