import SyncCore

extension PancakeSandbox {
    /// What Pancake would post, in the order in which it would (platforms.md 2.6). A state machine posts nothing: a
    /// test takes the events and says how they fared.
    struct WebhookDesk: Sendable {
        private var knobs = PancakeWorld.Webhooks()
        private var pages: [String] = []
        private var seed: UInt64 = 0
        private var waiting: [SandboxJSON] = []
        private var serial = 0
        private var outcomes: [(at: Int64, isError: Bool)] = []
        private(set) var isSuspended = false

        init() {}

        init(_ world: PancakeWorld) {
            knobs = world.webhooks
            pages = world.pages.map(\.id)
            seed = world.seed
        }

        mutating func note(_ page: Int, _ conversation: Conversation, at: Int64) {
            guard knobs.isOn, !isSuspended, let message = conversation.messages.last else { return }
            serial += 1
            let event = SandboxJSON.object([
                ("page_id", .text(pages[page])), ("event_type", .text("messaging")),
                (
                    "data",
                    .object([
                        (
                            "conversation",
                            .object([
                                ("id", .text(conversation.id)), ("updated_at", .text(NaiveTime.micros(at, digits: 6))),
                            ])
                        ),
                        ("message", .object([("id", .text(conversation.messageID(message)))])),
                    ])
                ),
            ])
            let chance = Mix.hash(Mix.hash(seed, 0x3EB), serial)
            waiting.append(event)
            if Mix.strikes(knobs.duplicates, Mix.hash(chance, 1)) { waiting.append(event) }
            if waiting.count > 1, Mix.strikes(knobs.reordered, Mix.hash(chance, 2)) {
                waiting.swapAt(waiting.count - 1, waiting.count - 2)
            }
        }

        /// The next events, which are then gone.
        mutating func take(_ count: Int) -> [SandboxJSON] {
            let taken = Array(waiting.prefix(count))
            waiting.removeFirst(taken.count)
            return taken
        }

        /// How deliveries fared. Too many errors in 30 minutes suspend the webhook for good.
        mutating func report(delivered: Int, failed: Int, at now: Instant) {
            outcomes +=
                (0..<delivered).map { _ in (now.seconds, false) } + (0..<failed).map { _ in (now.seconds, true) }
            outcomes.removeAll { $0.at <= now.seconds - 1800 }
            let errors = outcomes.count { $0.isError }
            if errors >= knobs.leastErrors, errors * 1000 > outcomes.count * knobs.mostErrors {
                isSuspended = true
                waiting = []
            }
        }

        var count: Int { waiting.count }
    }
}
