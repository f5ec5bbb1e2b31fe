import HTTPTypes
import Hummingbird
import NIOCore

/// Where a call comes from: what tries to sign in are slowed down by, and what the record names.
struct CallerAddress: Sendable {
    /// People come through a proxy (`--url`): what that says of them counts.
    let isProxied: Bool

    /// The peer, or whom a proxy names. Only the last hop counts, which the proxy itself wrote: what stands before it
    /// came from the caller. And only a peer of this machine or of a network of one's own can be that proxy: who comes
    /// past it from the internet cannot name another address. `peer` is nil for what comes through no network.
    func address(_ request: Request, peer: String?) -> String? {
        guard isProxied, peer.map(CallerAddress.isOwn) ?? true, let name = HTTPField.Name("X-Forwarded-For") else {
            return peer
        }
        let hops = request.headers[values: name].flatMap { $0.split(separator: ",") }
        return hops.last.flatMap { CallerAddress.plain(String($0).trimmed) } ?? peer
    }

    /// Without brackets and port; nil for what is no address.
    private static func plain(_ text: String) -> String? {
        var host = text[...]
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            host = host[host.index(after: host.startIndex)..<end]
        } else if host.count(where: { $0 == ":" }) == 1 {
            host = host.prefix { $0 != ":" }
        }
        return (try? SocketAddress(ipAddress: String(host), port: 0))?.ipAddress
    }

    /// Of this machine, or private (RFC 1918, RFC 4193, link-local).
    private static func isOwn(_ address: String) -> Bool {
        if let mapped = mapped(address) { return isOwn(mapped) }
        if address.contains(":") {
            let first = Int(address.prefix { $0 != ":" }, radix: 16) ?? 0
            return address == "::1" || first & 0xFE00 == 0xFC00 || first & 0xFFC0 == 0xFE80
        }
        let parts = address.split(separator: ".").compactMap { Int($0) }
        guard parts.count == 4 else { return false }
        return parts[0] == 127 || parts[0] == 10 || (parts[0] == 172 && (16...31).contains(parts[1]))
            || (parts[0] == 192 && parts[1] == 168) || (parts[0] == 169 && parts[1] == 254)
    }

    /// What one person has: an address of IPv4, the first half of one of IPv6.
    static func network(_ address: String?) -> String {
        guard let address else { return "local" }
        guard address.contains(":") else { return address }
        if let mapped = mapped(address) { return mapped }
        // `::` stands for as many zeros as are missing.
        let halves = String(address.prefix { $0 != "%" }).split(separator: "::", omittingEmptySubsequences: false)
        let head = halves[0].split(separator: ":")
        let tail = halves.count > 1 ? halves[1].split(separator: ":") : []
        let zeros = Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count))
        return (head + zeros + tail).prefix(4).joined(separator: ":")
    }

    /// One of this machine.
    static func isLocal(_ address: String) -> Bool {
        let address = mapped(address) ?? address
        return address.hasPrefix("127.") || address == "::1"
    }

    /// An address of IPv4 as one of IPv6: `::ffff:192.0.2.7`.
    private static func mapped(_ address: String) -> String? {
        guard address.lowercased().hasPrefix("::ffff:"), address.contains(".") else { return nil }
        return String(address.dropFirst(7))
    }
}
