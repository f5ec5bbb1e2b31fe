import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// An outbox that is emptied call by call, as the engine does it.
struct FolkFormSending {
    static let start = Instant(seconds: 1_795_230_000)

    var sandbox: any Sandbox
    let connector: FolkFormConnector
    let credential: Credential
    var outbox: [OutboxItem]
    var learned = Learned()
    var cursor: String?
    var now = FolkFormSending.start
    var paths: [String] = []
    var refused: [String: Failure.Cause] = [:]
    var failures: [Failure] = []
    /// Ids in the order in which they were taken or given up.
    var handled: [Int64] = []
    /// As the engine is: goes on behind a call without an answer, and gives a thing up at the third refusal.
    var isPatient = false

    init(_ changes: String, _ items: [OutboxItem]) throws {
        let named = FolkFormWorld.named(
            "demo", seed: 7, sizes: [:], today: CivilDate(FolkFormSending.start, in: .gmt))
        let world = try #require(named).changed(by: Array(changes.utf8))
        sandbox = world.sandbox()
        credential = Credential(
            Dictionary(uniqueKeysWithValues: world.credential.map { ($0.field, Secret($0.value)) }))
        connector = try FolkFormConnector()
        outbox = items
    }

    /// The next call's: the first one's kind, with its subject before others.
    func work(at now: Instant) -> ChunkWork {
        let subject = outbox[0].subject
        let kind = outbox[0].kind
        let same = outbox.filter { $0.kind == kind }
        var work = ChunkWork(
            account: Account(
                id: AccountID(1), connection: ConnectionID(1), platform: FolkFormConnector.id,
                externalID: "me", name: "FolkForm", currency: "VND", zoneName: "UTC"),
            spec: ChunkSpec(stream: .deliveries, phase: .recent), cursor: cursor,
            anchor: CivilDate(now, in: .gmt), credential: credential, learned: learned, now: now)
        work.outbox = same.filter { $0.subject == subject } + same.filter { $0.subject != subject }
        return work
    }

    mutating func run(atMost calls: Int = 60) throws {
        for _ in 0..<calls where !outbox.isEmpty {
            var work = work(at: now)
            let call = connector.call(for: work)
            paths.append(call.request.path)
            let reply = sandbox.respond(to: call.request, at: now)
            now = now + .seconds(1)
            work.answeredAt = now
            let reading = reading(reply, to: call, work)
            for change in reading.learned { learned.take(change, at: now) }
            for entry in reading.handled {
                if isPatient, entry.refusal != nil, standBack(entry.item) { continue }
                handled.append(entry.item.id)
                outbox.removeAll { $0.id == entry.item.id }
                if let cause = entry.refusal { refused[entry.item.item] = cause }
            }
            switch reading.next {
            case .more(let next): cursor = next
            case .failed(let failure):
                failures.append(failure)
                guard wait(after: failure, work) else { return }
            default: Issue.record("an upload goes on until its outbox is empty")
            }
        }
    }

    private func reading(_ reply: SandboxReply, to call: Call, _ work: ChunkWork) -> Reading {
        var response = reply.response
        switch reply.delivery {
        case .whole, .slow: break
        case .reset: return Reading(.failed(.retryNow(Failure.Cause(code: "", "The connection was reset."))))
        case .cut(let count): response.body = Array(response.body.prefix(count))
        }
        return connector.read(response, to: call, of: work)
    }

    /// Behind all others, with a try less; false when it has none left.
    private mutating func standBack(_ item: OutboxItem) -> Bool {
        guard item.tries < 2, let index = outbox.firstIndex(where: { $0.id == item.id }) else { return false }
        var item = outbox.remove(at: index)
        item.tries += 1
        outbox.append(item)
        return true
    }

    /// What the engine does then: subjects without an answer stand back behind all others. False for an end.
    private mutating func wait(after failure: Failure, _ work: ChunkWork) -> Bool {
        switch failure {
        case .throttled: now = now + .seconds(60)
        case .retryNow where isPatient:
            let subjects = Set(connector.sent(with: work).map { "\($0.kind) \($0.subject)" })
            for index in outbox.indices where subjects.contains("\(outbox[index].kind) \(outbox[index].subject)") {
                outbox[index].failures += 1
            }
            outbox =
                outbox.filter { !subjects.contains("\($0.kind) \($0.subject)") }
                + outbox.filter { subjects.contains("\($0.kind) \($0.subject)") }
        default: return false
        }
        return true
    }

    func told(_ path: String) -> JSONTree? {
        var box = sandbox
        return JSONTree.parse(box.respond(to: WireRequest(.get, "/sandbox/\(path)"), at: now).response.body)
    }

    func count(_ collection: String) -> Int? { told("truth")?["rows"]?["facebook/\(collection)"]?.int }
}

extension OutboxItem {
    static func conversation(_ id: Int, customer: String = "c-1") -> OutboxItem {
        let raw = #"{"id":"1101_\#(id)","updated_at":"2026-11-05T02:13:07.412000","customer_id":"\#(customer)"}"#
        return OutboxItem(
            id: Int64(id), kind: "conversation", subject: "1101_\(id)", item: "1101_\(id)", version: "1",
            body: #"{"pageId":"1101","pageUsername":"mau","customerId":"\#(customer)","panCakeData":\#(raw)}"#, tries: 0
        )
    }

    static func about(_ conversation: Int, customer: String = "c-1") -> OutboxItem {
        OutboxItem(
            id: Int64(10_000 + conversation), kind: "message", subject: "1101_\(conversation)", item: "", version: "1",
            body: #"{"pageId":"1101","pageUsername":"mau","customerId":"\#(customer)","hasMore":false,"#
                + #""metadata":{"can_inbox":true,"read_watermarks":[{"watermark":1762308787000}]}}"#, tries: 0)
    }

    static func message(_ number: Int, in conversation: Int, time: String = "2026-11-05T02:13:07") -> OutboxItem {
        OutboxItem(
            id: Int64(20_000 + conversation * 1000 + number), kind: "message", subject: "1101_\(conversation)",
            item: "m_\(conversation)_\(number)", version: "1",
            body: #"{"pageId":"1101","pageUsername":"mau","customerId":"c-1","message":"#
                + #"{"id":"m_\#(conversation)_\#(number)","inserted_at":"\#(time)"}}"#, tries: 0)
    }
}
