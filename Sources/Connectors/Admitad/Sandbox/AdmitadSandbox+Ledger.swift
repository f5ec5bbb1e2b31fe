import SyncCore

extension AdmitadSandbox {
    enum Status: String, Sendable, CaseIterable {
        case pending, approved, declined
        case stalled = "approved_but_stalled"
    }

    /// A conversion as the reports show it at one moment. Seconds are UTC, amounts millionths.
    struct Action: Sendable {
        let id: Int
        let happened: Int64
        let program: Int
        let website: Int
        let isLead: Bool
        let chance: UInt64
        var step: Step
    }

    /// What a conversion is from `at` on; the reports know it from `shown` on.
    struct Step: Sendable {
        let at: Int64
        let shown: Int64
        var status: Status
        var cart: Int64?
        var payment: Int64?
        var isProcessed = false
        var isPaid = false
    }

    /// All conversions and their timelines (platforms.md 4.4, 4.8).
    struct Ledger: Sendable {
        private struct Extra: Sendable {
            let id: Int
            let happened: Int64
            let registered: Int64
        }

        private let world: AdmitadWorld
        private let catalog: ProgramCatalog
        private let firstDay: Int32
        private let stride: Int
        private var extras: [Extra] = []
        private var changes: [Int: [Step]] = [:]
        private var memo: [Action] = []
        /// `memo` is right from and until these seconds.
        private var memoFrom: Int64 = 0
        private var memoUntil: Int64 = 0

        init(_ world: AdmitadWorld, _ catalog: ProgramCatalog) {
            self.world = world
            self.catalog = catalog
            firstDay = world.anchor.daysSince1970 - Int32(world.actions.days)
            stride = max(1000, world.actions.perDay * 4)
        }

        /// Conversions that the reports show at a moment, by the time at which they happened.
        mutating func shown(at seconds: Int64) -> [Action] {
            if memoFrom <= seconds, seconds < memoUntil { return memo }
            memo = []
            memoFrom = seconds
            memoUntil = .max
            let today = Int32(truncatingIfNeeded: (seconds + world.actions.utcOffset) / 86_400)
            let last = world.actions.isLive ? today : world.anchor.daysSince1970 - 1
            var day = firstDay
            while day <= last {
                for index in 0..<count(on: day) {
                    let chance = Mix.hash(Mix.hash(world.seed, Int(day)), index)
                    let happened = Int64(day) * 86_400 - world.actions.utcOffset + Int64(Mix.below(86_400, chance))
                    note(id: 70_000_000 + Int(day - firstDay) * stride + index, happened, nil, chance, seconds)
                }
                day += 1
            }
            for extra in extras {
                note(id: extra.id, extra.happened, extra.registered, Mix.hash(world.seed, extra.id), seconds)
            }
            memo.sort { ($0.happened, $0.id) < ($1.happened, $1.id) }
            return memo
        }

        private func count(on day: Int32) -> Int {
            guard !world.actions.isSteady else { return world.actions.perDay }
            return world.actions.perDay * (70 + Mix.below(61, Mix.hash(Mix.hash(world.seed, Int(day)), 0xDA))) / 100
        }

        private mutating func note(
            id: Int, _ happened: Int64, _ registered: Int64?, _ chance: UInt64, _ now: Int64
        ) {
            var action = catalog.action(id: id, happened: happened, chance: chance)
            if let changed = changes[id]?.last(where: { $0.at <= now }) {
                action.step = changed
                memo.append(action)
                return
            }
            var isShown = false
            for step in catalog.timeline(of: action, registered: registered) {
                guard step.shown <= now else {
                    memoUntil = min(memoUntil, step.shown)
                    break
                }
                action.step = step
                isShown = true
            }
            if isShown { memo.append(action) }
        }

        /// One more conversion, known at once; returns its id.
        @discardableResult
        mutating func insert(happened: Int64, at now: Int64) -> Int {
            let id = 900_000_000 + extras.count
            extras.append(Extra(id: id, happened: happened, registered: now))
            memoUntil = 0
            return id
        }

        /// Changes what a conversion is, known at once; nothing else happens to it afterwards.
        mutating func change(_ id: Int, at now: Int64, _ change: (inout Step) -> Void) -> Bool {
            guard let action = shown(at: now).first(where: { $0.id == id }) else { return false }
            var step = action.step
            change(&step)
            changes[id, default: []].append(
                Step(
                    at: now, shown: now, status: step.status, cart: step.cart, payment: step.payment,
                    isProcessed: step.isProcessed, isPaid: step.isPaid))
            memoUntil = 0
            return true
        }
    }
}
