import FoundationEssentials

/// Scheme, host and optional path prefix that stand for a platform's production address.
package struct BaseURL: Sendable, Hashable {
    /// `https://graph.facebook.com`, with the port when one was given; no slash at the end.
    package let origin: String
    /// Empty, or a path that begins with a slash and does not end with one.
    package let prefix: String
    /// The host alone, for messages.
    package let host: String

    /// Reads an address that a person wrote. Throws `BaseURLError` with a sentence for that person.
    package init(_ text: String) throws(BaseURLError) {
        let shown = BaseURLError.shown(text)
        guard text.contains("://"), let parts = URLComponents(string: text, encodingInvalidCharacters: false) else {
            throw .notAnAddress(shown)
        }
        guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
            throw .unsupportedScheme(shown)
        }
        guard let host = parts.encodedHost, !host.isEmpty, !host.contains("%") else { throw .noHost(shown) }
        guard parts.user == nil, parts.password == nil else { throw .holdsCredentials }
        guard parts.query == nil, parts.fragment == nil else { throw .holdsQuery }
        if let port = parts.port, !(1...65_535).contains(port) { throw .notAnAddress(shown) }

        var path = Substring(parts.percentEncodedPath)
        while path.last == "/" { path.removeLast() }
        self.origin = "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")"
        self.prefix = String(path)
        self.host = host
    }

    /// One text for each address, with a slash at its end or without.
    package var text: String { origin + prefix }

    /// The whole address of a request with `target` in origin form.
    package func address(of target: String) -> String {
        target.hasPrefix("/") ? "\(origin)\(prefix)\(target)" : "\(origin)\(prefix)/\(target)"
    }
}

/// Why an address cannot be a base URL. No description repeats a user name, a password or a query.
package enum BaseURLError: Error, Sendable, Hashable, CustomStringConvertible {
    case notAnAddress(String)
    case unsupportedScheme(String)
    case noHost(String)
    case holdsCredentials
    case holdsQuery

    package var description: String {
        switch self {
        case .notAnAddress(let text):
            "\"\(text)\" is not a web address; write it like https://graph.facebook.com or http://127.0.0.1:8080."
        case .unsupportedScheme(let text):
            "\"\(text)\" must begin with https:// or http://."
        case .noHost(let text):
            "\"\(text)\" names no host; write it like https://graph.facebook.com."
        case .holdsCredentials:
            "The base URL must not hold a user name or a password; give secrets through the environment."
        case .holdsQuery:
            "The base URL must end with its host or path; remove everything from the \"?\" or \"#\" on."
        }
    }

    /// The part of `text` that can be shown: up to a query or fragment, without what stands before an `@`.
    static func shown(_ text: String) -> String {
        let plain = text.prefix { $0 != "?" && $0 != "#" }
        guard let sign = plain.lastIndex(of: "@") else { return String(plain) }
        return "…\(plain[sign...])"
    }
}
