package import ConnectorKit
package import SyncCore

extension PancakeWorld: SandboxWorld {
    package static var platform: PlatformID { PlatformID("pancake") }
    package static let names = ["demo", "small", "bench"]

    package static func named(
        _ name: String, seed: UInt64, sizes: [String: Int], today: CivilDate
    ) -> PancakeWorld? {
        switch name {
        case "demo":
            sizes["conversations"].map { quietDemo(seed: seed, conversations: $0, today: today) }
                ?? demo(seed: seed, today: today)
        case "small": small(seed: seed, today: today)
        case "bench": bench(sizes: sizes, today: today)
        default: nil
        }
    }

    package func sandbox() -> any Sandbox { PancakeSandbox(self) }
    package var credential: [(field: String, value: String)] { [("token", auth.userToken)] }
    package var account: String { pages.first?.id ?? "" }

    /// Throws a sentence for numbers that make no world.
    package func check() throws {
        guard !pages.isEmpty, Set(pages.map(\.id)).count == pages.count else {
            throw WorldError("A world needs pages, each with an id of its own")
        }
        guard pages.allSatisfy({ $0.conversations >= 0 && $0.messages > 0 }), content.days > 0 else {
            throw WorldError("Conversations have messages, and began before the anchor")
        }
        guard reading.conversationPage > 0, reading.messagePage > 0, traffic.messagesPerHour >= 0 else {
            throw WorldError("Pages of lists must be positive, traffic not negative")
        }
    }
}

extension PancakeWorld {
    /// What people are shown: four lively pages, and one that is switched off and empty.
    package static func demo(seed: UInt64 = 7, today: CivilDate) -> PancakeWorld {
        var pages = [
            Page(id: "1101", name: "Tiệm Mẫu", username: "tiemmau", conversations: 240, messages: 26),
            Page(id: "1102", name: "Áo dài Lụa", username: "aodailua", conversations: 150, messages: 18),
            Page(id: "igo_2201", name: "Tiệm Mẫu Instagram", username: "tiemmau.ig", conversations: 90, messages: 12),
            Page(id: "web_3301", name: "Tiệm Mẫu Web", username: "tiemmau-web", conversations: 40, messages: 9),
            Page(id: "1105", name: "Trang cũ", username: "trangcu", conversations: 0, messages: 1),
        ]
        pages[2].platform = "instagram"
        pages[3].platform = "web"
        pages[4].isActivated = false
        var world = PancakeWorld(seed: seed, anchor: today, pages: pages)
        world.traffic.messagesPerHour = 60
        world.latency = SandboxLatency(base: 60_000, jitter: 60_000)
        return world
    }

    /// The first page of it with so many conversations, and nothing that goes on.
    private static func quietDemo(seed: UInt64, conversations: Int, today: CivilDate) -> PancakeWorld {
        var world = demo(seed: seed, today: today)
        world.pages = [world.pages[0]]
        world.pages[0].conversations = conversations
        world.traffic.messagesPerHour = 0
        return world
    }

    /// A whole sync of it costs milliseconds, yet every kind of thing occurs; numbers and knobs follow from the seed.
    package static func small(seed: UInt64, today: CivilDate) -> PancakeWorld {
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(Mix.hash(seed, salt), 0x9A9C)) }
        var pages = (0..<(1 + pick(1, 2))).map { index in
            Page(
                id: String(1101 + index), name: "Small \(index + 1)", username: "small\(index + 1)",
                conversations: 5 + pick(2 + index, 80), messages: 4 + pick(4 + index, 60))
        }
        if pick(6, 2) == 0 {
            var off = Page(id: "zl_1109", name: "Off", username: "off", conversations: 0, messages: 1)
            off.isActivated = false
            off.platform = "zalo"
            pages.append(off)
        }
        var world = PancakeWorld(seed: seed, anchor: today, pages: pages)
        world.reading.listsPagesFlat = pick(7, 2) == 0
        world.reading.oldestFirst = pick(8, 2) == 0
        world.reading.unknownCursorRestarts = pick(9, 2) == 0
        world.reading.shortPages = pick(10, 2) * 200
        world.reading.windowMisses = pick(11, 3) == 0 ? 50 : 0
        world.traffic.messagesPerHour = pick(12, 3) * 20
        world.traffic.messageDelay = Int64(pick(13, 3)) * 4
        world.auth.strictStatuses = pick(14, 3) == 0
        world.latency = SandboxLatency(base: 15_000, jitter: 120_000)
        return world
    }

    /// A quiet world in which nothing moves: `pages` times `conversations` times `messages`. `latency` is in
    /// milliseconds.
    package static func bench(sizes: [String: Int], today: CivilDate) -> PancakeWorld {
        let pages = (0..<(sizes["pages"] ?? 10)).map { index in
            Page(
                id: String(1101 + index), name: "Bench \(index + 1)", username: "bench\(index + 1)",
                conversations: sizes["conversations"] ?? 100, messages: sizes["messages"] ?? 50)
        }
        var world = PancakeWorld(seed: 7, anchor: today, pages: pages)
        world.content.isSteady = true
        world.latency = SandboxLatency(base: Int64(sizes["latency"] ?? 100) * 1000)
        return world
    }
}
