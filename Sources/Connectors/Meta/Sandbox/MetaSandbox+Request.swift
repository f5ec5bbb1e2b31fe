import ConnectorKit
import HTTPTypes

extension MetaSandbox {
    /// A call as the platform understands it.
    struct Request: Sendable {
        var method: String
        /// Major version that the path names, nil without one.
        var version: Int?
        var path: [String]
        /// Parameters of query and body; the body wins.
        var params: [String: String]
        var token: String?
        var isTokenInQuery = false
        var proof: String?
        var noneMatch: String?
        var host: String?
        /// Path and query as they came.
        var target: String
        /// Answers of earlier items of the same batch may be referred to; those calls are no HTTP calls.
        var isBatchItem = false

        init(_ wire: WireRequest) {
            self.init(
                method: wire.method.rawValue, target: wire.wireTarget,
                form: Request.form(wire.body, type: wire.headers[.contentType]))
            for field in wire.headers where field.name.canonicalName == "host" { host = field.value }
            noneMatch = wire.headers[.ifNoneMatch]
            if let value = wire.headers[.authorization], value.lowercased().hasPrefix("bearer ") {
                token = String(value.dropFirst(7))
                isTokenInQuery = false
            }
        }

        init(method: String, target: String, form: [(name: String, value: String)]) {
            self.method = method
            self.target = target
            let halves = target.utf8.split(separator: 0x3F, maxSplits: 1, omittingEmptySubsequences: false)
            path = (halves.first ?? "".utf8[...]).split(separator: 0x2F).map { FormCoding.unescape(String($0) ?? "") }
            if let first = path.first, let number = Request.version(first) {
                version = number
                path.removeFirst()
            }
            params = [:]
            if halves.count > 1 {
                for pair in halves[1].split(separator: 0x26) {
                    let sides = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
                    let value = sides.count > 1 ? FormCoding.unescape(String(sides[1]) ?? "") : ""
                    params[FormCoding.unescape(String(sides[0]) ?? "")] = value
                }
            }
            if let value = params.removeValue(forKey: "access_token") {
                token = value
                isTokenInQuery = true
            }
            for item in form { params[item.name] = item.value }
            if let value = params.removeValue(forKey: "access_token") { token = value }
            proof = params.removeValue(forKey: "appsecret_proof")
        }

        private static func version(_ part: String) -> Int? {
            let bytes = part.utf8
            guard bytes.first == 0x76, let dot = bytes.firstIndex(of: 0x2E) else { return nil }
            return String(bytes[bytes.index(after: bytes.startIndex)..<dot]).flatMap { Int($0) }
        }

        /// Parameters of a body: a form, or a JSON object whose values become text.
        private static func form(_ body: [UInt8], type: String?) -> [(name: String, value: String)] {
            guard !body.isEmpty else { return [] }
            if type?.contains("json") == true {
                guard case .object(let members)? = JSON(parsing: body) else { return [] }
                return members.map { member in
                    (member.key, member.value.text ?? String(decoding: member.value.bytes, as: UTF8.self))
                }
            }
            return FormCoding.decode(String(decoding: body, as: UTF8.self))
        }

        /// A list that came as commas or as a JSON array (meta.md 1).
        func list(_ name: String) -> [String]? {
            guard let text = params[name], !text.isEmpty else { return nil }
            if text.hasPrefix("["), let items = JSON(parsing: text)?.list { return items.compactMap(\.text) }
            let bare = text.utf8.contains(0x20) ? text.filter { $0 != " " } : text
            return bare.utf8.split(separator: 0x2C).compactMap { String($0) }
        }

        /// A whole number; throws what Graph says of anything else.
        func int(_ name: String) throws(GraphError) -> Int? {
            guard let text = params[name] else { return nil }
            guard let value = Int(text) else { throw .parameter("Param \(name) must be an integer", blame: name) }
            return value
        }
    }

    /// An answer before headers are added.
    struct Answer: Sendable {
        var status = 200
        var body: [UInt8]
        var error: GraphError?
        /// Rows in `data`, for latency and oracles.
        var rows = 0
        /// Key of the listing that the rows belong to.
        var listing: String?
        var headers: [(name: String, value: String)] = []
        var hasTag = false

        init(_ json: JSON) { body = json.bytes }
        init(body: [UInt8]) { self.body = body }
    }
}
