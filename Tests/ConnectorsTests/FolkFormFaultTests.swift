import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

/// Uploads to a FolkForm that fails as a seed says.
@Suite("FolkForm under faults")
struct FolkFormFaultTests {
    private typealias Kind = FolkFormWorld.Fault
    /// Nothing was carried out.
    private static let refusing: [Kind] = [
        .readTimeout, .outage, .databaseDown, .databaseError, .panic, .throttled,
    ]
    /// Nobody knows what was carried out, or half of it was.
    private static let losing: [Kind] = [.reset, .truncated, .slow, .halfway, .duplicateKey]

    /// Twelve conversations with five messages each; kinds, shares and whether conversations go together are drawn.
    private static func sending(_ kinds: [Kind], seed: UInt64) throws -> FolkFormSending {
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(seed, 0xFA17 + salt)) }
        let rules = kinds.indices.filter { pick($0, 3) > 0 }.map { place in
            #"{"kind":"\#(kinds[place].rawValue)","method":"POST","share":\#(30 + pick(20 + place, 120))}"#
        }
        let world = """
            {"faults":[\(rules.joined(separator: ","))],"features":{"batchUpsert":\(pick(40, 2) == 0)},\
            "limits":{"requests":1000},"seed":\(seed)}
            """
        let conversations = (1...12).map { OutboxItem.conversation($0) }
        let messages = (1...12).flatMap { chat in
            [OutboxItem.about(chat)] + (0..<5).map { OutboxItem.message($0, in: chat) }
        }
        var sending = try FolkFormSending(world, conversations + messages)
        sending.isPatient = true
        try sending.run(atMost: 600)
        return sending
    }

    /// Ids of messages in the order in which FolkForm took them, by conversation.
    private static func taken(_ sending: FolkFormSending) -> [String: [String]] {
        var taken: [String: [String]] = [:]
        for upload in sending.told("uploads")?.items ?? [] {
            taken[upload["conversationId"]?.string ?? "", default: []] +=
                upload["messageIds"]?.items?.compactMap(\.string) ?? []
        }
        return taken
    }

    private static func expectAll(_ sending: FolkFormSending) {
        #expect(sending.outbox.isEmpty, "\(sending.failures.last.map { "\($0)" } ?? "")")
        #expect(sending.refused.isEmpty, "\(sending.refused)")
        #expect(Set(sending.handled).count == sending.handled.count)
        #expect(sending.handled.count == 12 * 7)
        #expect(sending.count("conversation") == 12)
        #expect(sending.count("message") == 12)
        #expect(sending.count("message-item") == 60)
    }

    @Test("Where nothing of a refused call is carried out, everything arrives once and in order", arguments: 1...40)
    func refusing(seed: UInt64) throws {
        let sending = try Self.sending(Self.refusing, seed: seed)

        Self.expectAll(sending)
        for (chat, ids) in Self.taken(sending) where !ids.isEmpty {
            #expect(ids == (0..<5).map { "m_\(chat.dropFirst(5))_\($0)" })
        }
    }

    @Test("Where answers are lost, everything is there once, and what came first is first", arguments: 1...40)
    func losing(seed: UInt64) throws {
        let sending = try Self.sending(Self.losing + Self.refusing, seed: seed)

        Self.expectAll(sending)
        #expect(sending.told("documents?collection=facebook/message-item")?.items?.count == 60)
        for (chat, ids) in Self.taken(sending) where !ids.isEmpty {
            var first: [String] = []
            for id in ids where !first.contains(id) { first.append(id) }
            #expect(first == (0..<5).map { "m_\(chat.dropFirst(5))_\($0)" })
        }
    }

    @Test("The seeds draw every kind of fault")
    func drawn() throws {
        var seen: Set<String> = []
        for seed in 1...40 as ClosedRange<UInt64> {
            let sending = try Self.sending(Self.losing + Self.refusing, seed: seed)
            guard case .object(let counts)? = sending.told("counters")?["faults"] else { continue }
            for (kind, count) in counts where count.int ?? 0 > 0 { seen.insert(kind) }
        }
        #expect(seen == Set((Self.losing + Self.refusing).map(\.rawValue)))
    }
}
