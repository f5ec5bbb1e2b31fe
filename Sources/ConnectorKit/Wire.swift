package import HTTPTypes

/// One HTTP request of a connector, without scheme and host: the base URL is the user's choice.
package struct WireRequest: Sendable {
    package var method: HTTPRequest.Method
    /// Path and query in origin form, percent-encoded: `/v26.0/act_1/campaigns?fields=id`. Never holds a
    /// secret; those go into headers or a body.
    package var target: String
    /// Query items that hold secrets, for platforms that want them there: on the wire they follow those of `target`.
    package var confidential: [(name: String, value: String)] = []
    package var headers: HTTPFields
    package var body: [UInt8]
    /// For the whole exchange, body included.
    package var timeout: Duration

    package init(
        _ method: HTTPRequest.Method = .get, _ target: String, headers: HTTPFields = [:], body: [UInt8] = [],
        timeout: Duration = .seconds(300)
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }

    /// The path alone, still percent-encoded.
    package var path: String {
        String(target.prefix { $0 != "?" })
    }

    /// Query items in order, decoded, the confidential ones too; `+` is a space.
    package var query: [(name: String, value: String)] {
        guard let mark = target.firstIndex(of: "?") else { return confidential }
        return FormCoding.decode(String(target[target.index(after: mark)...])) + confidential
    }

    /// The target with the confidential items, to be sent and never shown.
    package var wireTarget: String {
        guard !confidential.isEmpty else { return target }
        return target + (target.contains("?") ? "&" : "?") + FormCoding.encode(confidential.map { ($0.name, $0.value) })
    }

    /// All that is sent, to be hashed and never shown: two requests are one where these are the same.
    package var whole: [UInt8] {
        let lines = headers.map { "\($0.name): \($0.value)" }.sorted()
        return Array(([method.rawValue, wireTarget] + lines).joined(separator: "\0").utf8) + [0] + body
    }
}

package struct WireResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(status: Int, headers: HTTPFields = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Header by name, whatever its case.
    package subscript(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}

/// `application/x-www-form-urlencoded`, for queries and bodies.
package enum FormCoding {
    package static func encode(_ items: [(String, String)]) -> String {
        items.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986.
    package static func escape(_ text: String) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        let hex = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            default:
                out.append(UInt8(ascii: "%"))
                out.append(hex[Int(byte >> 4)])
                out.append(hex[Int(byte & 15)])
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    package static func decode(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&", omittingEmptySubsequences: true).map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (unescape(String(parts[0])), parts.count > 1 ? unescape(String(parts[1])) : "")
        }
    }

    /// Undoes percent-encoding and `+`; a stray `%` stays as it is.
    package static func unescape(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// What carries requests: real HTTP in production, a sandbox called directly in a simulation.
package protocol Transport: Sendable {
    /// Sends one request and returns the whole answer, whatever its status.
    ///
    /// Throws `TransportError` when there was no whole answer, `CancellationError` when the caller was
    /// cancelled. Not idempotent by itself: whether to send again is the engine's decision.
    func send(_ request: WireRequest) async throws -> WireResponse
}

/// No whole answer came.
package enum TransportError: Error, Sendable, Hashable {
    case connectionRefused
    case connectionReset
    /// The call was made and not answered in its time.
    case timedOut
    /// The answer was larger than the client takes, in bytes.
    case tooLarge(limit: Int)
    /// The name of the host is unknown, no connection came about, or the certificate was refused.
    case unreachable(String)
    /// A person gave the address, and it leads where people's addresses may not lead: no connection was tried.
    case forbidden(host: String)
}
