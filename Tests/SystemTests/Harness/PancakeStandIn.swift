import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import SyncHTTP

/// A small Pancake for tests over real HTTP, written from platforms.md 2 alone: pages with conversations that stand
/// still, two kinds of tokens, and not more than five calls in a second for each page.
struct PancakeStandIn: Sandbox {
    struct Page {
        var conversations = 0
        var messages = 0
        var isAdmin = true
        /// Tokens made so far; the last one counts.
        var made = 0
        var calls: [Instant] = []
        var refused = 0
        var throttled = 0
    }

    static let user = "USER-TOKEN"
    static let phone = "0900000001"

    var pages: [String: Page]
    var lists = 0
    /// Somebody else makes a token for that page after so many of its calls, once or each time.
    var intruder: (page: String, after: Int, isPersistent: Bool)?

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        let parts = request.path.split(separator: "/").map(String.init)
        let query = Dictionary(request.query.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let body = answer(parts, query, at: now)
        let status = body.contains("\"error_code\":429") ? 429 : 200
        return SandboxReply(WireResponse(status: status, body: Array(body.utf8)), delay: .milliseconds(20))
    }

    private mutating func answer(_ parts: [String], _ query: [String: String], at now: Instant) -> String {
        if parts == ["api", "v1", "pages"] {
            lists += 1
            return query["access_token"] == PancakeStandIn.user ? list : refusal(102)
        }
        guard let at = parts.firstIndex(of: "pages"), parts.count > at + 2, var page = pages[parts[at + 1]] else {
            return refusal(404)
        }
        let id = parts[at + 1]
        defer { pages[id] = page }
        page.calls = page.calls.filter { now - $0 < .seconds(1) }
        guard page.calls.count < 5 else {
            page.throttled += 1
            return #"{"message":"Too many requests","success":false,"error_code":429}"#
        }
        page.calls.append(now)
        if parts.last == "generate_page_access_token" {
            guard query["access_token"] == PancakeStandIn.user else { return refusal(102) }
            guard page.isAdmin else { return #"{"success":false,"message":"You are not an admin of this page"}"# }
            page.made += 1
            return #"{"success":true,"page_access_token":"T-\#(id)-\#(page.made)"}"#
        }
        return data(id, &page, parts, query)
    }

    private mutating func data(
        _ id: String, _ page: inout Page, _ parts: [String], _ query: [String: String]
    ) -> String {
        if let intruder, intruder.page == id {
            if intruder.after == 0 { page.made += 1 }
            self.intruder?.after = intruder.after == 0 && intruder.isPersistent ? 0 : intruder.after - 1
        }
        guard query["page_access_token"] == "T-\(id)-\(page.made)" else {
            page.refused += 1
            return refusal(query["page_access_token"]?.hasPrefix("T-\(id)-") == true ? 105 : 102)
        }
        guard parts.last == "messages" else { return conversations(id, page, query) }
        let skipped = Int(query["current_count"] ?? "") ?? 0
        let rows = (0..<page.messages).dropFirst(skipped).prefix(30).map { number in
            let conversation = parts[parts.count - 2]
            return #"{"id":"m\#(number)","conversation_id":"\#(conversation)","page_id":"\#(id)","#
                + #""message":"\#(PancakeStandIn.phone)","inserted_at":"2025-11-05T02:13:07.000000"}"#
        }
        return #"{"success":true,"messages":[\#(rows.joined(separator: ","))],"can_inbox":true}"#
    }

    private func conversations(_ id: String, _ page: Page, _ query: [String: String]) -> String {
        var numbers = Array(0..<page.conversations)
        if let until = query["until"].flatMap({ Int($0) }) { numbers = numbers.filter { 1_762_300_000 - $0 <= until } }
        if let after = query["last_conversation_id"] {
            guard let place = numbers.firstIndex(where: { "\(id)_\($0)" == after }) else { return none }
            numbers = Array(numbers[(place + 1)...])
        }
        let rows = numbers.prefix(60).map { number in
            #"{"id":"\#(id)_\#(number)","page_id":"\#(id)","type":"INBOX","snippet":"\#(PancakeStandIn.phone)","#
                + #""updated_at":"\#(moment(number))","customer_id":"u\#(number)"}"#
        }
        return #"{"success":true,"conversations":[\#(rows.joined(separator: ","))]}"#
    }

    private let none = #"{"success":true,"conversations":[]}"#

    private func moment(_ number: Int) -> String {
        String(Instant(seconds: 1_762_300_000 - Int64(number)).description.dropLast()) + "000"
    }

    private var list: String {
        let active = pages.keys.sorted().map {
            #"{"id":"\#($0)","name":"Page \#($0)","username":"p\#($0)","platform":"facebook"}"#
        }
        let off = #"{"id":"zl_9","name":"Off","platform":"zalo","is_activated":false}"#
        return
            #"{"success":true,"categorized":{"activated":[\#(active.joined(separator: ","))],"inactivated":[\#(off)]}}"#
    }

    private func refusal(_ code: Int) -> String { #"{"success":false,"error_code":\#(code),"message":"no"}"# }
}

/// A folder and a Pancake to work with.
struct PancakeLab {
    let home: TestFolder
    let host: SandboxHost<PancakeStandIn>

    static func with(_ standIn: PancakeStandIn, body: (PancakeLab) async throws -> Void) async throws {
        try await SandboxHost.with(standIn) { host in
            try await TestFolder.with { try await body(PancakeLab(home: $0, host: host)) }
        }
    }

    func start(_ arguments: [String], token: String? = PancakeStandIn.user) throws -> SluiceProcess {
        let place = ["--base-url", host.url, "--database", home.database]
        let environment = token.map { ["SLUICE_PANCAKE_TOKEN": $0] } ?? [:]
        return try home.start(arguments + place, environment)
    }

    func run(_ arguments: String..., token: String? = PancakeStandIn.user) async throws -> Outcome {
        try await start(arguments, token: token).wait()
    }

    func stored<R>(_ body: (Stored) throws -> R) throws -> R { try home.stored(body) }

    func page(_ id: String) -> PancakeStandIn.Page { host.withSandbox { $0.pages[id] ?? PancakeStandIn.Page() } }
}
