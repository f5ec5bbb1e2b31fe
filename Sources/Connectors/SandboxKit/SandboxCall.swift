import ConnectorKit
import HTTPTypes

/// A call as most platforms read it: parts of the path, parameters that may come several times, a body.
struct SandboxCall: Sendable {
    let method: String
    /// Path and query as they came.
    let target: String
    /// Parts of the path, decoded.
    let path: [String]
    let endsWithSlash: Bool
    let body: [UInt8]
    let headers: HTTPFields
    private let query: [String: [String]]

    init(_ wire: WireRequest) {
        method = wire.method.rawValue
        target = wire.target
        let plain = wire.path
        path = plain.split(separator: "/").map { FormCoding.unescape(String($0)) }
        endsWithSlash = plain.hasSuffix("/")
        body = wire.body
        headers = wire.headers
        query = Dictionary(grouping: wire.query, by: \.name).mapValues { $0.map(\.value) }
    }

    /// The last value of a parameter; an empty one is none.
    subscript(_ name: String) -> String? { values(name).last }

    /// All values of a parameter that are not empty.
    func values(_ name: String) -> [String] { (query[name] ?? []).filter { !$0.isEmpty } }

    /// Header by name, whatever its case.
    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    func int(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

    /// Fields of a form in the body.
    var form: [String: String] {
        let items = FormCoding.decode(String(decoding: body, as: UTF8.self))
        return Dictionary(items.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// What `Authorization` holds after `scheme`, which is written in any case.
    func authorization(_ scheme: String) -> String? {
        guard let value = headers[.authorization], value.lowercased().hasPrefix("\(scheme.lowercased()) ") else {
            return nil
        }
        return String(value.dropFirst(scheme.count + 1))
    }
}
