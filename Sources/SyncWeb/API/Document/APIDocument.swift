import ConnectorKit
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore
import SyncEngine

/// `/openapi.json`, from `Operation.all` and `APISchemas.all`.
struct APIDocument: Sendable {
    let version: String
    let platforms: [PlatformFields]

    func node() -> Node {
        var paths: [String: [String: Node]] = [:]
        for operation in Operation.all where operation.kind != .page {
            paths[operation.path, default: [:]][operation.method.rawValue.lowercased()] = node(operation)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Sluice", "version": .text(version),
                "summary": "Marketing data of a business, complete and current in a database of its own.",
                "description": .text(APIDocument.description),
                "license": ["name": "See the file LICENSE", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "tags": .list(APIDocument.tags.map { ["name": .text($0.name), "description": .text($0.text)] }),
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(APISchemas.all.merging(names) { $1 }),
                "responses": .object(APIDocument.refusals),
                "securitySchemes": [
                    "token": [
                        "type": "http", "scheme": "bearer",
                        "description": "An API token, `slc_…`; made under Settings, API tokens.",
                    ],
                    "session": [
                        "type": "apiKey", "in": "cookie", "name": "sluice",
                        "description": "A browser that is signed in; `__Host-sluice` behind TLS.",
                    ],
                ],
            ],
        ]
    }

    private static let description = """
        Every address answers JSON unless HTML is asked for. Bodies are forms or JSON objects. Messages are in the \
        language of Accept-Language, English or Vietnamese. A 422 tells of each field, by the name that was sent, \
        why it needs another value. Days are those of the account's time zone, moments are \
        UTC, money is in millionths of the account's currency. Names that people give have at most \
        \(GivenName.most) signs. What belongs to another workspace is not there: 404.
        """

    private static let tags: [(name: String, text: String)] = [
        ("accounts", "Accounts: how they stand, what is there of them, their figures and limits."),
        ("connections", "Credentials for platforms. No secret is ever answered."),
        ("connect", "Platforms, and connecting them."),
        ("sync", "Syncs, schedules, logs and settings."),
        ("facebook", "The routes of the Facebook sync that Sluice replaces."),
        ("workspaces", "Workspaces of the person who asks."),
        ("server", "Signing in, probes, events."),
    ]

    private static func tag(_ path: String) -> String {
        let first = String(path.split(separator: "/").first ?? "")
        return tags.contains { $0.name == first } ? first : "server"
    }

    // MARK: One operation

    private func node(_ operation: Operation) -> Node {
        var node: [String: Node] = [
            "operationId": .text(APIDocument.identifier(operation)), "summary": .text(operation.summary),
            "tags": [.text(APIDocument.tag(operation.path))], "responses": APIDocument.responses(operation),
            "security": APIDocument.security(operation),
        ]
        let parameters = parameters(operation)
        if !parameters.isEmpty { node["parameters"] = .list(parameters) }
        if operation.method != .get, !operation.body.isEmpty || operation.credential != nil {
            let isNeeded = operation.bodyFields.contains(where: \.isRequired) || !operation.needs.isEmpty
            var body: [String: Node] = [
                "content": [
                    "application/json": ["schema": self.body(operation, isJSON: true)],
                    "application/x-www-form-urlencoded": ["schema": self.body(operation, isJSON: false)],
                ],
                "required": .flag(isNeeded || operation.credential != nil),
            ]
            if !operation.bodyNote.isEmpty { body["description"] = .text(operation.bodyNote) }
            node["requestBody"] = .object(body)
        }
        return .object(node)
    }

    private func body(_ operation: Operation, isJSON: Bool) -> Node {
        if let use = operation.credential {
            let bodies = platforms.map { $0.body(use, operation.bodyFields, isJSON: isJSON) }
            return use == .byField
                ? ["oneOf": .list(bodies), "discriminator": ["propertyName": "platform"]] : ["anyOf": .list(bodies)]
        }
        var body = SchemaText.body(operation.bodyFields, isJSON: isJSON)
        if !operation.needs.isEmpty {
            // Lists say something only where something is in them.
            body["anyOf"] = .list(
                operation.needs.map { names in
                    let needed = operation.bodyFields.filter { names.contains($0.name) }.map { field in
                        let isList = SchemaText.item(of: field.type) != nil && !field.type.hasSuffix("+")
                        return SchemaText.Field(
                            name: field.name, type: field.type + (isList ? "+" : ""), isRequired: true)
                    }
                    return .object(SchemaText.body(needed, isJSON: isJSON))
                })
        }
        return .object(body)
    }

    /// Closed sets that the platforms bring.
    private var names: [String: Node] {
        func choice(_ words: some Sequence<String>) -> Node {
            ["type": "string", "enum": .list(words.sorted().map { .text($0) })]
        }
        let streams = platforms.reduce(into: Set<String>()) { $0.formUnion($1.streams) }
        return [
            "PlatformName": choice(platforms.map { $0.platform.id.rawValue }),
            "Network": choice(
                ["all"] + platforms.filter { $0.platform.receives == nil }.map { $0.platform.id.rawValue }),
            "Stream": choice(streams.union(["all"])),
        ]
    }

    /// `post_accounts_id_sync`
    static func identifier(_ operation: Operation) -> String {
        let words = operation.path.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return ([operation.method.rawValue.lowercased()] + (words.isEmpty ? ["dashboard"] : words))
            .joined(separator: "_")
    }

    private static func security(_ operation: Operation) -> Node {
        switch operation.access {
        case .open: []
        // Calls of this machine need none.
        case .visitor where operation.kind == .text: [["token": ["read"]], ["session": []], [:]]
        case .visitor(let right): [["token": [.text(scope(right))]], ["session": []]]
        case .person: [["session": []]]
        }
    }

    private static func scope(_ right: Right) -> String {
        switch right {
        case .look: "read"
        case .act: "run"
        case .own: "admin"
        }
    }

    private func parameters(_ operation: Operation) -> [Node] {
        var parameters: [Node] = []
        for name in operation.path.split(separator: "/") where name.hasPrefix("{") {
            let name = String(name.dropFirst().dropLast())
            let isNumber = name == "id" && !APIDocument.hasTextID(operation.path)
            parameters.append([
                "name": .text(name), "in": "path", "required": true,
                "schema": SchemaText.type(name == "platform" ? "PlatformName" : isNumber ? "id" : "text"),
                "example": isNumber ? 1 : .text(name == "platform" ? "meta" : "none"),
            ])
        }
        for field in operation.queryFields {
            parameters.append([
                "name": .text(field.name), "in": "query", "required": .flag(field.isRequired),
                "schema": SchemaText.type(field.type),
            ])
        }
        return parameters
    }

    private static func hasTextID(_ path: String) -> Bool {
        ["/sync/quick/", "/invitations/", "/sessions/"].contains { path.firstRange(of: $0) != nil }
    }

    // MARK: Answers

    private static func responses(_ operation: Operation) -> Node {
        var all: [String: Node] = [:]
        for status in operation.errors {
            all["\(status)"] = ["$ref": .text("#/components/responses/\(refusal(status))")]
        }
        for other in operation.others {
            all["\(other.status)"] = [
                "description": .text(operation.summary),
                "content": ["application/json": ["schema": Node.reference(other.schema)]],
            ]
        }
        switch operation.kind {
        case .json(let status, let schema):
            let also = operation.others.filter { $0.status == status }.map { Node.reference($0.schema) }
            let schemas = [Node.reference(schema)] + also
            let content: Node = ["application/json": ["schema": also.isEmpty ? schemas[0] : ["oneOf": .list(schemas)]]]
            all["\(status)"] = ["description": .text(operation.summary), "content": content]
            // Probes tell the same, whether all is well or not.
            if schema == "Health" { all["503"] = ["description": "It is not.", "content": content] }
        case .events(let schema):
            var content: [String: Node] = ["text/event-stream": ["schema": ["type": "string"]]]
            if let schema { content["application/json"] = ["schema": Node.reference(schema)] }
            all["200"] = ["description": .text(operation.summary), "content": .object(content)]
        case .moved:
            all["303"] = [
                "description": .text(operation.summary),
                "headers": ["Location": ["schema": ["type": "string"], "required": true]],
            ]
        case .text:
            all["200"] = [
                "description": .text(operation.summary),
                "content": ["text/plain": ["schema": ["type": "string"]]],
            ]
        case .file:
            let content: Node = ["schema": ["type": "string"]]
            all["200"] = [
                "description": .text(operation.summary),
                "content": [
                    "text/csv": content, "application/jsonl": content,
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": content,
                ],
            ]
        case .page: break
        }
        return .object(all)
    }

    private static let reasons: [(status: Int, name: String, text: String)] = [
        (400, "Malformed", "What was sent cannot be read."),
        (401, "SignedOut", "Nobody is signed in, or the token does not work."),
        (403, "Forbidden", "The role or the token's scope does not allow it, or another site sent it."),
        (404, "NotFound", "There is nothing, or it is of another workspace."),
        (409, "Conflict", "It cannot be now."),
        (410, "Gone", "A link that was used or is too old."),
        (413, "TooLarge", "More than 256 KiB."),
        (415, "MediaType", "Neither a form nor a JSON object."),
        (422, "Invalid", "Fields need another value; `fields` says which and why."),
        (429, "TooMany", "Too many calls; `Retry-After` says how many seconds to wait."),
        (503, "Away", "The database does not answer; `Retry-After` says when to try again."),
    ]

    private static func refusal(_ status: Int) -> String { reasons.first { $0.status == status }?.name ?? "Invalid" }

    private static let refusals: [String: Node] = Dictionary(
        uniqueKeysWithValues: reasons.map { reason in
            var node: [String: Node] = [
                "description": .text(reason.text),
                "content": ["application/json": ["schema": Node.reference("Error")]],
            ]
            if reason.status == 429 || reason.status == 503 {
                node["headers"] = ["Retry-After": ["schema": ["type": "integer", "minimum": 1], "required": true]]
            }
            return (reason.name, .object(node))
        })
}

/// The document, for everybody: it holds nothing of anybody.
struct DocumentRoutes: Sendable {
    let document: APIDocument

    init(site: Site) {
        let desk = ConnectDesk(site: site)
        document = APIDocument(
            version: site.options.version,
            platforms: site.environment.connectors.map {
                PlatformFields($0, needsAddress: desk.address(of: $0.platform) == nil)
            })
    }

    func add(to router: Router<WebContext>) {
        let text = (try? Answer.encoded(document.node())) ?? ByteBuffer()
        router.get("openapi.json") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "public, max-age=300"],
                body: ResponseBody(byteBuffer: text))
        }
    }
}
