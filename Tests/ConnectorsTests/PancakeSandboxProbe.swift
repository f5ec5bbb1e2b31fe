import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore

typealias PancakeProbe = SandboxProbe<PancakeSandbox>

extension SandboxProbe<PancakeSandbox> {
    /// One page, 1101, in which nothing moves by itself; no limit that a test would meet by chance.
    static func calm(
        conversations: Int = 130, messages: Int = 6, _ change: (inout PancakeWorld) -> Void = { _ in }
    ) -> PancakeProbe {
        let page = PancakeWorld.Page(
            id: "1101", name: "Tiệm", username: "tiem", conversations: conversations, messages: messages)
        var world = PancakeWorld(seed: 3, anchor: .probeDay, pages: [page])
        world.reading.callsPerSecond = 0
        change(&world)
        return PancakeProbe(PancakeSandbox(world))
    }

    mutating func pages(_ token: String? = nil) -> Answer {
        get("/api/v1/pages", [("access_token", token ?? sandbox.world.auth.userToken)])
    }

    mutating func generate(_ page: String = "1101") -> Answer {
        send(
            .post, "/api/v1/pages/\(page)/generate_page_access_token",
            [("access_token", sandbox.world.auth.userToken)])
    }

    /// The token that is valid at the moment, without a call that counts.
    mutating func pageToken(_ page: String = "1101") -> String {
        ask("token", [("page", page)]).text("page_access_token") ?? ""
    }

    mutating func conversations(_ query: [(String, String)] = [], page: String = "1101", token: String? = nil) -> Answer
    {
        let token = token ?? pageToken(page)
        return get("/api/public_api/v2/pages/\(page)/conversations", [("page_access_token", token)] + query)
    }

    mutating func messages(of id: String, skip: Int? = nil, page: String = "1101") -> Answer {
        let path = "/api/public_api/v1/pages/\(page)/conversations/\(FormCoding.escape(id))/messages"
        let count = skip.map { [("current_count", String($0))] } ?? []
        return get(path, [("page_access_token", pageToken(page))] + count)
    }

    mutating func v1(_ list: String, _ query: [(String, String)] = []) -> Answer {
        get("/api/public_api/v1/pages/1101/\(list)", [("page_access_token", pageToken())] + query)
    }

    /// All conversations, by cursors until a page is empty.
    mutating func allConversations(_ query: [(String, String)] = []) -> [[String: Any]] {
        var rows: [[String: Any]] = []
        for _ in 0..<1000 {
            let cursor = (rows.last?["id"] as? String).map { [("last_conversation_id", $0)] } ?? []
            let page = conversations(query + cursor).list("conversations")
            guard !page.isEmpty else { break }
            rows += page
        }
        return rows
    }
}

extension SandboxProbe.Answer {
    var error: Int? { int("error_code") }
    var isGood: Bool { json["success"] as? Bool == true }
    func names(_ list: String) -> [String] { self.list(list).compactMap { $0["id"] as? String } }
}
