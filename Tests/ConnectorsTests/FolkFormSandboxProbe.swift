import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore

typealias FolkFormProbe = SandboxProbe<FolkFormSandbox>

extension SandboxProbe<FolkFormSandbox> {
    /// An empty backend without a limit that a test would meet by chance.
    static func calm(_ change: (inout FolkFormWorld) -> Void = { _ in }) -> FolkFormProbe {
        var world = FolkFormWorld(seed: 3)
        world.limits.requests = 0
        change(&world)
        var probe = FolkFormProbe(FolkFormSandbox(world))
        probe.bear(world.auth.users[0].token, role: world.auth.roles[0].id)
        return probe
    }

    mutating func bear(_ token: String?, role: String?) {
        headers = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        if let role, let name = HTTPField.Name("X-Active-Role-ID") { headers[name] = role }
    }

    mutating func call(
        _ method: HTTPRequest.Method, _ path: String, _ query: [(String, String)] = [], _ body: Any? = nil
    ) -> Answer {
        let bytes = body.flatMap { try? JSONSerialization.data(withJSONObject: $0) } ?? Data()
        return send(method, "/api/v1/\(path)", query, body: Array(bytes))
    }

    /// Upserts a conversation as the agents do.
    mutating func upsert(conversation id: String, updatedAt: String = "2026-11-20T01:02:03.000000") -> Answer {
        call(
            .post, "facebook/conversation/upsert-one", [("filter", "{\"conversationId\":\"\(id)\"}")],
            ["pageId": "1101", "pageUsername": "tiem", "panCakeData": data(of: id, updatedAt)])
    }

    func data(of id: String, _ updatedAt: String) -> [String: Any] {
        ["id": id, "customer_id": "c-1", "updated_at": updatedAt]
    }

    /// Uploads messages, each an id with its time.
    mutating func upload(
        _ messages: [(String, String)], to conversation: String = "1101_1", metadata: [String: Any] = [:],
        hasMore: Bool = false
    ) -> Answer {
        upload(messages.map { ["id": $0.0, "inserted_at": $0.1] }, to: conversation, metadata, hasMore)
    }

    mutating func upload(
        _ items: [[String: Any]], to conversation: String = "1101_1", _ metadata: [String: Any] = [:],
        _ hasMore: Bool = false
    ) -> Answer {
        var data = metadata
        data["messages"] = items
        return call(
            .post, "facebook/message/upsert-messages", [],
            [
                "pageId": "1101", "pageUsername": "tiem", "conversationId": conversation, "customerId": "c-1",
                "panCakeData": data, "hasMore": hasMore,
            ])
    }

    /// Counts of documents by collection.
    mutating func counts() -> [String: Int] { ask("counts").json["rows"] as? [String: Int] ?? [:] }
}

extension SandboxProbe.Answer {
    var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
    /// The code of an error, which is text; nil for a number.
    var fault: String? { json["code"] as? String }
}
