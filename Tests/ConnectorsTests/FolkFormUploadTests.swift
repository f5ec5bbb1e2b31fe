import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// The connector that sends, against the sandbox that receives.
@Suite("FolkForm uploads")
struct FolkFormUploadTests {
    private static let start = Instant(seconds: 1_795_230_000)

    private typealias Sending = FolkFormSending

    @Test("Without batches conversations go one by one, and that is found out once")
    func oneByOne() throws {
        var sending = try Sending("{}", (1...5).map { OutboxItem.conversation($0) })
        try sending.run()

        #expect(sending.count("conversation") == 5)
        #expect(sending.paths.filter { $0.hasSuffix("batch-upsert") }.count == 1)
        #expect(sending.paths.filter { $0.hasSuffix("upsert-one") }.count == 5)
    }

    @Test("A route that is missing is one whatever stands in the answer", arguments: [404, 405, 501])
    func missingRoute(status: Int) throws {
        let sending = try Sending("{}", (1...5).map { OutboxItem.conversation($0) })
        let work = sending.work(at: Self.start)
        for body in [
            #"{"code":"DB_002","message":"Cannot POST /x","details":null,"status":"error"}"#, "Cannot POST /x", "",
            #"{"code":404,"message":"Not Found","status":"error"}"#,
        ] {
            let response = WireResponse(status: status, body: Array(body.utf8))
            let reading = sending.connector.read(response, to: sending.connector.call(for: work), of: work)

            guard case .more = reading.next else {
                Issue.record("\(reading.next) of \(body)")
                continue
            }
            var next = work
            for change in reading.learned { next.learned.take(change, at: Self.start) }
            #expect(sending.connector.call(for: next).request.path.hasSuffix("upsert-one"))
        }
    }

    @Test("Conversations of one page go together, and one that got no answer before goes alone")
    func alone() throws {
        var others = (6...8).map { OutboxItem.conversation($0) }
        for index in others.indices { others[index].body.replace("1101", with: "2202") }
        var failed = OutboxItem.conversation(9)
        failed.failures = 1
        var sending = try Sending(#"{"features":{"batchUpsert":true}}"#, (1...5).map { .conversation($0) } + others)
        sending.outbox.insert(failed, at: 3)
        #expect(sending.connector.sent(with: sending.work(at: Self.start)).map(\.id) == [1, 2, 3, 4, 5])
        sending.outbox.removeFirst(3)
        #expect(sending.connector.sent(with: sending.work(at: Self.start)).map(\.id) == [9])
        try sending.run()

        #expect(sending.count("conversation") == 6 && sending.paths.count == 3)
    }

    @Test("FolkForm's own words say why it does not take a thing")
    func ownWords() throws {
        let sending = try Sending("{}", [OutboxItem.message(0, in: 1)])
        let work = sending.work(at: Self.start)
        let body = #"{"code":"VAL_001","message":"no  text\n here","details":null,"status":"error"}"#
        let response = WireResponse(status: 400, body: Array(body.utf8))
        let reading = sending.connector.read(response, to: sending.connector.call(for: work), of: work)

        let cause = try #require(reading.handled.first?.refusal)
        #expect(cause.message == "FolkForm does not take one message: no text here." && cause.code == "400/VAL_001")
    }

    @Test("With batches twenty conversations go with a call")
    func batches() throws {
        var sending = try Sending(#"{"features":{"batchUpsert":true}}"#, (1...45).map { OutboxItem.conversation($0) })
        try sending.run()

        #expect(sending.count("conversation") == 45)
        #expect(sending.paths.count == 3)
    }

    @Test("A hundred messages of a conversation go with a call, with what is said of it, each with its time")
    func messages() throws {
        let times = [
            "2026-11-05T02:13:07", "2026-11-05T02:13:07.5", "2026-11-05T02:13:07.123456Z", "2026-11-05 02:13:07Z",
        ]
        let all = (0..<130).map { OutboxItem.message($0, in: 1, time: times[$0 % 4]) }
        var sending = try Sending("{}", all + [OutboxItem.about(1), OutboxItem.message(0, in: 2)])
        try sending.run()

        #expect(sending.count("message-item") == 131)
        #expect(sending.count("message") == 2)
        #expect(sending.paths.count == 3)
        let documents = sending.told("documents?collection=facebook/message-item")?.items ?? []
        #expect(documents.count == 131)
        #expect(documents.allSatisfy { $0["insertedAt"]?.int ?? 0 > 0 })
        let stored = sending.told("documents?collection=facebook/message")?.items ?? []
        #expect(stored.contains { $0["panCakeData"]?["can_inbox"] == .bool(true) })
    }

    @Test("What the server does not take is set aside alone; the others of its call go on")
    func oneBad() throws {
        var bad = OutboxItem.conversation(3)
        bad.body = #"{"pageId":"1101","pageUsername":"mau","panCakeData":{}}"#
        var sending = try Sending(
            #"{"features":{"batchUpsert":true}}"#, [.conversation(1), .conversation(2), bad, .conversation(4)])
        try sending.run()

        #expect(sending.refused.keys.sorted() == ["1101_3"])
        #expect(sending.count("conversation") == 3)
        #expect(sending.failures.isEmpty)
    }

    @Test("A body that is too large is halved")
    func tooLarge() throws {
        var sending = try Sending(#"{"limits":{"bodyBytes":3000}}"#, (0..<60).map { OutboxItem.message($0, in: 1) })
        try sending.run()

        #expect(sending.count("message-item") == 60)
        #expect(sending.refused.isEmpty)
    }

    @Test("What is said of a conversation goes alone where only one thing may go, and is set aside alone")
    func aboutAlone() throws {
        var sending = try Sending("{}", [.about(1), .message(0, in: 1), .message(1, in: 1)])
        var work = sending.work(at: Self.start)
        let call = sending.connector.call(for: work)
        func read(_ status: Int) -> Reading {
            let body = Array(#"{"status":"error","code":"VAL_001","message":"no"}"#.utf8)
            return sending.connector.read(WireResponse(status: status, body: body), to: call, of: work)
        }
        for refusal in [read(422), read(413)] {
            var sizes: [Int] = []
            var reading = refusal
            work = sending.work(at: Self.start)
            for _ in 0..<10 {
                for change in reading.learned { work.learned.take(change, at: Self.start) }
                guard case .more(let cursor) = reading.next, reading.handled.isEmpty else { break }
                work.cursor = cursor
                sizes.append(sending.connector.sent(with: work).count)
                reading = read(refusal.learned.isEmpty ? 422 : 413)
            }
            #expect(sizes == [1])
            #expect(reading.handled.map(\.item.item) == [""])
        }
        sending.learned.pageSize = 1
        try sending.run()
        #expect(sending.count("message-item") == 2 && sending.outbox.isEmpty)
    }

    @Test("What was too much once is not sent again, and half is sent when no answer comes in time")
    func learnedSize() throws {
        var sending = try Sending(#"{"limits":{"bodyBytes":3000}}"#, (0..<90).map { OutboxItem.message($0, in: 1) })
        try sending.run()
        let refused = sending.paths.count
        sending.outbox = (0..<60).map { OutboxItem.message($0, in: 2) }
        try sending.run()
        let size = try #require(sending.learned.pageSize)

        #expect(sending.count("message-item") == 150)
        #expect(sending.paths.count - refused == (60 + size - 1) / size)
        var work = ChunkWork(
            account: Account(
                id: AccountID(1), connection: ConnectionID(1), platform: FolkFormConnector.id, externalID: "me",
                name: "", currency: "VND", zoneName: "UTC"),
            spec: ChunkSpec(stream: .deliveries, phase: .recent), cursor: nil, anchor: CivilDate(Self.start, in: .gmt),
            credential: sending.credential, now: Self.start)
        work.outbox = (0..<40).map { OutboxItem.message($0, in: 3) }
        let reading = sending.connector.read(TransportError.timedOut, to: sending.connector.call(for: work), of: work)
        #expect(reading?.learned == [.pageSize(20)])
        work.outbox = [OutboxItem.message(0, in: 3)]
        #expect(
            sending.connector.read(TransportError.timedOut, to: sending.connector.call(for: work), of: work) == nil)
    }

    @Test("At the limit nothing is lost: it waits and goes on")
    func throttled() throws {
        var sending = try Sending(
            #"{"limits":{"requests":3,"windowSeconds":60}}"#, (1...8).map { OutboxItem.message(0, in: $0) })
        try sending.run()

        #expect(sending.count("message-item") == 8)
        #expect(sending.failures.allSatisfy { if case .throttled = $0 { true } else { false } })
        #expect(!sending.failures.isEmpty)
    }

    @Test("A token or a role that is refused is its owner's matter", arguments: ["token", "role"])
    func refusedCredential(field: String) throws {
        let sending = try Sending("{}", [])
        var credential = sending.credential
        credential[field] = "000000000000000000000000"
        let question = Question.account("me")
        let call = sending.connector.call(for: question, cursor: nil, credential: credential, at: Self.start)
        var box = sending.sandbox
        let answer = sending.connector.answer(
            box.respond(to: call.request, at: Self.start).response, to: question, cursor: nil, credential: credential,
            at: Self.start)

        guard case .failed(.ownerMustAct(let cause)) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(!cause.advice.isEmpty)
    }
}
