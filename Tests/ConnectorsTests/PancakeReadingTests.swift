import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Reading Pancake")
struct PancakeReadingTests {
    private static let conversation = #"""
        {"id":"1101_5550001","page_id":"1101","type":"INBOX","snippet":"con hang khong shop","message_count":42,
        "seen":false,"has_phone":true,"inserted_at":"2025-05-10T05:04:53","updated_at":"2025-11-05T02:13:07.412000",
        "from":{"id":"5550001","name":"Lan","email":null},"last_sent_by":{"id":"1101"},"customer_id":"3f0e",
        "customers":[{"id":"3f0e"}],"page_customer":{"id":"pc-1"},"tags":[{"id":12},null],"tag_histories":[],
        "assignee_ids":["u-1"],"assignee_group_id":null,"current_assign_users":[],"assignee_histories":[],
        "recent_phone_numbers":[{"phone_number":"0900000001","order_id":null}],"ad_ids":[],
        "ads":[{"post_id":"1101_88"}],"post_id":null,"surprise":7}
        """#

    @Test("A conversation becomes a row, and what is new of it is kept")
    func conversation() throws {
        var run = try PancakeRun(.conversations)

        let reading = run.answer(#"{"success":true,"conversations":[\#(Self.conversation)]}"#)

        let table = try #require(reading.tables.first)
        let wanted = [
            "account_id": "1101", "page_id": "1101", "id": "1101_5550001", "message_count": "42",
            "inserted_at": "2025-05-10T05:04:53.000Z", "updated_at": "2025-11-05T02:13:07.412Z", "from_id": "5550001",
            "from": #"{"id":"5550001","name":"Lan","email":null}"#, "tags": #"[{"id":12},null]"#,
            "recent_phone_numbers": #"[{"phone_number":"0900000001","order_id":null}]"#, "extra": #"{"surprise":7}"#,
        ]
        for (column, value) in wanted { #expect(table.text(0, column) == value, "\(column)") }
        #expect(table.text(0, "post_id") == nil)
        #expect(table.misfits.isEmpty && table.rejected.isEmpty)
        #expect(reading.notes.map(\.kind) == ["field_unknown"])
    }

    @Test("A page of conversations brings the chunks of their messages, ten in each, with the customers")
    func follow() throws {
        var run = try PancakeRun(.conversations)
        #expect(run.call.request.path == "/api/public_api/v2/pages/1101/conversations")
        #expect(run.call.request.confidential.map(\.value) == ["PAGE"])
        #expect(!run.call.request.target.contains("PAGE"))

        let reading = run.answer(PancakeRun.conversations(0..<25))

        #expect(reading.follow.map { $0.entities?.ids.count } == [10, 10, 5])
        #expect(PancakeThreads(try #require(reading.follow.first)).customers.first == "u24")
        #expect(run.parameter("last_conversation_id") == "c0")
        run.answer(#"{"success":true,"conversations":[]}"#)
        #expect(run.parameter("last_conversation_id") == nil)
        #expect(run.parameter("until") == "1762308001")
        #expect(run.answer(PancakeRun.conversations(0..<1)).follow.isEmpty)
        #expect(run.parameter("until") == nil)
        guard case .finished(let finish) = run.answer(PancakeRun.conversations(0..<25)).next else {
            return #expect(Bool(false), "not finished")
        }
        #expect(finish.isComplete && finish.alongside == [.messages])
        #expect(finish.changedUpTo == Instant(iso: "2025-11-05T02:24:00Z"))
    }

    @Test("Where only conversations are wanted no messages are read")
    func conversationsOnly() throws {
        var run = try PancakeRun(.conversations, mode: "whole")
        #expect(run.answer(PancakeRun.conversations(0..<25)).follow.isEmpty)
    }

    @Test("Messages of several conversations are read in turn, each with what is said of it")
    func messages() throws {
        var run = try PancakeRun(threads: [("c1", "u1"), ("c 2", "")])
        #expect(run.call.request.path == "/api/public_api/v1/pages/1101/conversations/c1/messages")
        #expect(run.parameter("customer_id") == "u1" && run.parameter("current_count") == "0")

        let first = run.answer(
            PancakeRun.messages(0..<30, #","can_inbox":true,"notes":[],"post":null,"banned_count":0"#))
        #expect(first.tables.map(\.schema.id) == [.messages, .conversationDetails])
        #expect(first.tables[0].rowCount == 30 && first.tables[0].text(3, "conversation_id") == "c1")
        #expect(first.tables[1].text(0, "can_inbox") == "1" && first.tables[1].text(0, "extra") == nil)
        #expect(run.parameter("current_count") == "28")
        let second = run.answer(PancakeRun.messages(28..<40))
        #expect(second.tables.map(\.schema.id) == [.messages])
        #expect(run.call.request.path.hasSuffix("/conversations/c%202/messages"))
        #expect(run.parameter("customer_id") == nil && run.parameter("current_count") == "0")
        guard case .finished = run.answer(PancakeRun.messages(0..<0)).next else {
            return #expect(Bool(false), "not finished")
        }
    }

    @Test("A conversation that is gone is told and passed by; one that is refused holds up no other")
    func gone() throws {
        var run = try PancakeRun(threads: [("c1", ""), ("c2", ""), ("c3", "")])

        let gone = run.answer(#"{"success":false,"message":"Conversation not found"}"#)
        #expect(gone.notes.map(\.kind) == ["conversation_gone"])
        #expect(run.call.request.path.contains("/c2/"))
        guard case .split(let parts, _) = run.answer(#"{"success":false,"error_code":999}"#).next else {
            return #expect(Bool(false), "not split")
        }
        #expect(parts.map { $0.entities?.ids } == [["c2"], ["c3"]])
        var alone = try PancakeRun(threads: [("c2", "")])
        guard case .failed(.retryNow) = alone.answer(#"{"success":false,"error_code":999}"#).next else {
            return #expect(Bool(false), "not tried again")
        }
    }

    @Test("A conversation that repeats itself without an end holds up no other")
    func repeating() throws {
        var run = try PancakeRun(threads: [("c1", ""), ("c2", "")])
        var parts: [ChunkSpec] = []
        for _ in 0..<100 where parts.isEmpty {
            if case .split(let found, _) = run.answer(PancakeRun.messages(0..<30)).next { parts = found }
        }

        #expect(parts.map { $0.entities?.ids } == [["c1"], ["c2"]])
    }

    @Test("Days that a person named are listed from the top down to them, and tell nothing of how far the page is")
    func named() throws {
        let connector = try PancakeConnector(configuration: [:])
        let day = try #require(CivilDate("2025-11-05"))
        let request = PlanRequest(
            step: PancakePlatform.recent, kind: .manual, account: PancakeRun.account, anchor: day.adding(days: 30),
            window: DayRange(day), streams: [.conversations], due: [:],
            listed: [.conversations: ListingState(changedUpTo: Instant(seconds: 1_795_000_000))], tallies: [:],
            learned: [:], now: Instant(seconds: 1_795_230_000))
        let spec = try #require(connector.plan(request).first { $0.stream == .conversations })
        var run = try PancakeRun(.conversations, mode: spec.mode)

        #expect(run.parameter("until") == nil)
        var reading = run.answer(PancakeRun.conversations(0..<3))
        for _ in 0..<5 {
            guard case .more = reading.next else { break }
            reading = run.answer(PancakeRun.conversations(0..<0))
        }
        guard case .finished(let finish) = reading.next else { return #expect(Bool(false), "not finished") }
        #expect(finish.changedUpTo == nil && !finish.isComplete)
    }

    @Test(
        "The list of pages is read in both shapes",
        arguments: [
            #"{"success":true,"categorized":{"activated":[{"id":"1101","name":"A"}],"#
                + #""inactivated":[{"id":"web_7","name":"B"}],"activated_page_ids":["1101"]}}"#,
            #"{"success":true,"pages":[{"id":"1101","name":"A","is_activated":true},"#
                + #"{"id":"web_7","name":"B","is_activated":false}]}"#,
        ])
    func pages(body: String) throws {
        let connector = try PancakeConnector()
        let credential = Credential(["token": Secret("USER")])
        let response = WireResponse(status: 200, body: Array(body.utf8))

        guard
            case .accounts(let accounts, nil) = connector.answer(
                response, to: .accounts, cursor: nil, credential: credential, at: Instant(seconds: 0))
        else { return #expect(Bool(false), "no accounts") }

        #expect(accounts.map(\.externalID) == ["1101", "web_7"])
        #expect(accounts.map(\.isActive) == [true, false] && accounts.map { $0.warning == nil } == [true, false])
        guard
            case .failed(.gone) = connector.answer(
                response, to: .account("9"), cursor: nil, credential: credential, at: Instant(seconds: 0))
        else { return #expect(Bool(false), "an unknown page was found") }
        var run = try PancakeRun(PancakeSchemas.pages.id, mode: "list")
        #expect(run.call.request.path == "/api/v1/pages" && run.call.reusable != nil)
        let table = try #require(run.answer(body).tables.first)
        #expect(table.rowCount == 1 && table.text(0, "id") == "1101" && table.text(0, "name") == "A")
    }

    @Test(
        "Every kind of refusal has its meaning, whatever its status",
        arguments: [
            (#"{"success":false,"error_code":105,"message":"renewed"}"#, 200, "refresh_credential"),
            (#"{"success":false,"error_code":102,"message":"invalid"}"#, 403, "refresh_credential"),
            (#"{"success":false,"error_code":103,"message":"expired"}"#, 200, "owner_must_act"),
            (#"{"success":false,"error_code":106}"#, 200, "owner_must_act"),
            (#"{"success":false,"error_code":107}"#, 400, "owner_must_act"),
            (#"{"message":"Too many requests","success":false,"error_code":429}"#, 429, "throttled"),
            (#"{"message":"Too many requests","success":false,"error_code":429}"#, 200, "throttled"),
            ("<html>", 502, "retry_now"), ("", 200, "retry_now"), (#"{"success":true}"#, 200, "retry_now"),
            (#"{"success":true,"conversations":[{"id":"#, 200, "retry_now"), ("nothing here", 404, "permanent_request"),
        ])
    func refusals(body: String, status: Int, name: String) throws {
        var run = try PancakeRun(.conversations)
        guard case .failed(let failure) = run.answer(body, status: status).next else {
            return #expect(Bool(false), "taken for rows")
        }
        #expect(failure.name == name)
        if case .throttled(let key, _, _) = failure { #expect(key.rawValue == "pancake/page/1101") }
    }

    @Test("Settings that make no sense are refused")
    func settings() {
        #expect(throws: ConfigurationError.self) { try PancakeConnector(configuration: ["phones": "burn"]) }
        #expect(throws: ConfigurationError.self) { try PancakeConnector(configuration: ["colour": "red"]) }
    }

    @Test("Modes and threads survive as text")
    func modes() {
        for mode in [
            PancakeMode(range: PancakeRange(), readsMessages: true),
            PancakeMode(range: PancakeRange(since: 5), readsMessages: false),
            PancakeMode(range: PancakeRange(since: 5, isNamed: true), readsMessages: true),
        ] { #expect(PancakeMode(mode.text) == mode) }
        let threads = PancakeThreads(since: 12, [("a,b", "x,y z"), ("c", ""), ("d", "1")])
        #expect(PancakeThreads(threads.spec(.recent)) == threads)
        #expect(PancakeThreads(PancakeThreads(since: nil, [("a", "")]).spec(.recent)).customers == [""])
    }
}
