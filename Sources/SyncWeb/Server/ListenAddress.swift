/// Where a server listens, as a person wrote it: `127.0.0.1:9464`, `[::1]:9464`, `localhost:0`.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, without brackets.
    package let host: String
    /// 0 takes a free one.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package init(_ text: String) throws(ListenError) {
        guard let colon = text.lastIndex(of: ":") else { throw .notAnAddress(text) }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .notAnAddress(text)
        }
        let isPlain = host.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/@[]?#".utf8.contains($0) }
        guard !host.isEmpty, isPlain, !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { throw .notAnAddress(text) }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why a server does not listen, in one sentence.
package enum ListenError: Error, Sendable, Hashable, CustomStringConvertible {
    case notAnAddress(String)
    case taken(ListenAddress)
    case noRight(ListenAddress)
    case notOurs(ListenAddress)
    case unknownHost(String)
    case other(ListenAddress, String)

    package var description: String {
        switch self {
        case .notAnAddress(let text): "\"\(text)\" is no address to listen on; write it like 127.0.0.1:9464."
        case .taken(let address):
            "Another program listens on \(address) already; name another port, or 0 for a free one."
        case .noRight(let address): "This user may not listen on \(address); take a port above 1023."
        case .notOurs(let address): "\(address) is no address of this machine; 0.0.0.0 stands for all of them."
        case .unknownHost(let host): "The host \(host) is unknown: its name could not be looked up."
        case .other(let address, let why): "The server cannot listen on \(address): \(why)."
        }
    }
}
