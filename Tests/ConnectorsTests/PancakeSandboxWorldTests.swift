import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

@Suite("Pancake sandbox: traffic, webhooks and oracles")
struct PancakeSandboxWorldTests {
    @Test("A lively page gets messages and conversations, edits and removals, all by the clock and the seed")
    func traffic() {
        func probe() -> PancakeProbe {
            PancakeProbe.calm(conversations: 20) { world in
                world.traffic.messagesPerHour = 60
                world.traffic.edits = 500
            }
        }
        var one = probe()
        var two = probe()
        // The anchor is four hours ago.
        let first = one.ask("truth").json["rows"] as? [String: Int] ?? [:]
        one.wait(.seconds(3600))
        let later = one.ask("truth").json["rows"] as? [String: Int] ?? [:]
        two.wait(.seconds(3600))
        let past = one.ask("truth", [("at", "1795233600")]).json["rows"] as? [String: Int]

        #expect(past == first)
        #expect((first["pancake_conversations"] ?? 0) > 20)
        let grown = (later["pancake_messages"] ?? 0) - (first["pancake_messages"] ?? 0)
        #expect((55...65).contains(grown))
        #expect(one.conversations().body == two.conversations().body)
        let ids = one.allConversations().compactMap { $0["id"] as? String }
        let texts = ids.flatMap { id in one.messages(of: id).list("messages") }
        #expect(texts.contains { ($0["original_message"] as? String)?.contains("sửa") == true })
    }

    @Test("Truth counts what the lists hold, by page or of all pages that may be read")
    func truth() {
        var probe = PancakeProbe.calm(conversations: 70, messages: 40) {
            $0.content.isSteady = true
            $0.pages.append(.init(id: "1102", name: "B", username: "b", conversations: 3, messages: 2))
            $0.pages[1].isAdmin = false
        }

        let one = probe.ask("truth", [("account", "1101")])
        let all = probe.ask("truth", [("account", "all")])

        #expect(
            one.json["rows"] as? [String: Int]
                == ["pancake_pages": 1, "pancake_conversations": 70, "pancake_messages": 2800])
        #expect(
            all.json["rows"] as? [String: Int]
                == ["pancake_pages": 2, "pancake_conversations": 70, "pancake_messages": 2800])
        #expect(one.int("fewestCalls") == 1 + 3 + 140)
        #expect(probe.ask("truth", [("account", "9")]).status == 400)
        let listed = probe.ask("messages", [("page", "1101")]).json as? [String: [String]] ?? [:]
        #expect(Set(listed.values.joined()).count == 2800)
    }

    @Test("Conversations are added by hand, and get their first message")
    func addedConversation() throws {
        var probe = PancakeProbe.calm(conversations: 2)

        let id = try #require(probe.turn("conversation", [("page", "1101")]).text("id"))

        #expect(probe.conversations().names("conversations")[0] == id)
        #expect(probe.messages(of: id).list("messages").count == 1)
        #expect(probe.turn("message", [("page", "1101"), ("conversation", "x")]).status == 400)
        #expect(probe.turn("message", [("page", "9"), ("conversation", id)]).status == 400)
    }

    @Test("Webhooks come doubled and out of order, and are suspended by too many errors")
    func webhooks() {
        var probe = PancakeProbe.calm(conversations: 20) {
            $0.webhooks.isOn = true
            $0.webhooks.duplicates = 300
            $0.webhooks.reordered = 300
            $0.traffic.messagesPerHour = 300
        }
        var events: [[String: Any]] = []
        while true {
            let taken = probe.turn("webhooks", [("take", "100")]).list("events")
            guard !taken.isEmpty else { break }
            events += taken
        }
        let data = events.compactMap { $0["data"] as? [String: [String: Any]] }
        let ids = data.compactMap { $0["message"]?["id"] as? String }
        let stamps = data.compactMap { $0["conversation"]?["updated_at"] as? String }

        #expect(events.allSatisfy { $0["page_id"] as? String == "1101" && $0["event_type"] as? String == "messaging" })
        #expect(Set(ids).count < ids.count && Set(ids).count > 1000)
        #expect(stamps != stamps.sorted())

        probe.turn("webhooks/outcome", [("failed", "299")])
        #expect(probe.ask("webhooks").json["suspended"] as? Bool == false)
        probe.wait(.seconds(1801))
        probe.turn("webhooks/outcome", [("failed", "299"), ("ok", "75")])
        #expect(probe.ask("webhooks").json["suspended"] as? Bool == false)
        probe.turn("webhooks/outcome", [("failed", "2")])
        #expect(probe.ask("webhooks").json["suspended"] as? Bool == true)
        probe.wait(.seconds(3600))
        #expect(probe.turn("webhooks").list("events").isEmpty)
    }

    @Test("The bench world is as big as its sizes say, and nothing moves")
    func bench() throws {
        let sizes = ["pages": 3, "conversations": 7, "messages": 31, "latency": 40]
        let world = try #require(PancakeWorld.named("bench", seed: 7, sizes: sizes, today: .probeDay))
        var probe = PancakeProbe(PancakeSandbox(world))

        let before = probe.ask("truth").json["rows"] as? [String: Int]
        let first = probe.conversations(page: "1102").body
        probe.wait(.seconds(40 * 86_400))

        #expect(before == ["pancake_pages": 3, "pancake_conversations": 21, "pancake_messages": 651])
        #expect(probe.conversations(page: "1102").body == first)
        #expect(probe.lastReply.delay == .milliseconds(40))
    }

    @Test("Worlds survive their own JSON and are refused when they make no sense; the demo has four pages that live")
    func worlds() throws {
        let world = PancakeWorld.demo(today: .probeDay)

        #expect(try world.changed(by: Array("{}".utf8)) == world)
        #expect(try world.changed(by: Array("{\"reading\":{\"messagePage\":25}}".utf8)).reading.messagePage == 25)
        #expect(throws: WorldError.self) { try world.changed(by: Array("{\"pages\":[]}".utf8)) }
        #expect(world.pages.count(where: \.isActivated) == 4 && world.traffic.messagesPerHour > 0)
        #expect(PancakeWorld.small(seed: 1, today: .probeDay) != PancakeWorld.small(seed: 2, today: .probeDay))
    }

    @Test("Broken deliveries are carried out all the same")
    func deliveries() {
        var probe = PancakeProbe.calm()
        probe.turn("faults", [("rule", "reset:1000:generate")])

        _ = probe.generate()

        #expect(probe.lastReply.delivery == .reset)
        #expect(probe.ask("counters").json["regenerations"] as? [String: Int] == ["1101": 1])
    }
}
