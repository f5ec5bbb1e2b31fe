/// What was learned of one stream of one account: stored, shown, and never asked of the user
/// (design.md, rule 7).
package struct Learned: Sendable, Hashable, Codable {
    /// Units (days or ids) that a chunk takes; nil until the first one is done.
    package var size: Double?
    /// A size that was too big; growth stops below it for a while.
    package var ceiling: Double?
    /// When a size was refused last. A limit of the platform's does not change from day to day, and all chunks of a
    /// plan would meet it: until that is a while ago, nothing larger is tried than what went well.
    package var refusedAt: Instant?
    /// Rows per unit, a moving average.
    package var density: Double?
    /// Rows asked for per page; nil for the connector's own default.
    package var pageSize: Int?
    /// Good pages since the page size was last lowered.
    package var goodPages: Int
    /// Row members that the platform refuses to this credential, with the reason it gave. A way of asking that it
    /// refuses is remembered among them under a name that is no member: "effective_status filter", "answers at once".
    package var dropped: [String: String]
    /// Entities whose past was read or is planned, where coverage does not tell: pages, for their posts.
    package var begun: Set<String>
    /// Seconds that a chunk takes, a moving average, and the largest seen of late.
    package var seconds: Double?
    package var worstSeconds: Double?
    /// A size that somebody insists on; learning leaves it alone.
    package var fixedSize: Double?

    package init(
        size: Double? = nil, ceiling: Double? = nil, density: Double? = nil, pageSize: Int? = nil,
        goodPages: Int = 0, dropped: [String: String] = [:], begun: Set<String> = [], seconds: Double? = nil,
        worstSeconds: Double? = nil, fixedSize: Double? = nil, refusedAt: Instant? = nil
    ) {
        self.size = size
        self.ceiling = ceiling
        self.refusedAt = refusedAt
        self.density = density
        self.pageSize = pageSize
        self.goodPages = goodPages
        self.dropped = dropped
        self.begun = begun
        self.seconds = seconds
        self.worstSeconds = worstSeconds
        self.fixedSize = fixedSize
    }

    /// A chunk of `units` was read whole: `rows` rows in `seconds`. Aims at chunks of 2-10 s. What is learned
    /// depends on the chunk's own size, so that a hundred equal chunks of one plan teach it once.
    package mutating func finished(units: Int, rows: Int, seconds measured: Double, at now: Instant) {
        let weight = 0.3
        let units = max(units, 1)
        // A clock that was set back must not make time run backwards.
        let taken = max(0, measured)
        let perUnit = Double(rows) / Double(units)
        density = density.map { $0 * (1 - weight) + perUnit * weight } ?? perUnit
        seconds = seconds.map { $0 * (1 - weight) + taken * weight } ?? taken
        worstSeconds = max(taken, (worstSeconds ?? 0) * 0.9)
        let isHeld = isHeld(at: now)
        if taken > 10 {
            size = min(size ?? .infinity, max(1, Double(units) * 10 / taken))
        } else if taken < 2, !isHeld {
            grow(from: Double(units))
        } else {
            size = max(size ?? 0, Double(units))
        }
        if let ceiling, isHeld { size = size.map { min($0, max(1, ceiling * Learned.nearly)) } }
    }

    /// Whether the ceiling is that of a refusal not long ago.
    private func isHeld(at now: Instant) -> Bool { refusedAt.map { now - $0 < Learned.holds } ?? false }

    private static let holds: Duration = .seconds(7 * 86_400)
    private static let nearly = 0.9

    /// A chunk of the size in use was read fast. One that was smaller says nothing of larger ones.
    private mutating func grow(from units: Double) {
        guard units >= (size ?? 0).rounded(.down) else { return }
        let grown = min(max(units * 1.5, units + 1), Learned.largest)
        guard let ceiling else {
            size = grown
            return
        }
        size = min(grown, max(ceiling * 0.8, 1))
        if units >= (ceiling * 0.8).rounded(.down) { self.ceiling = ceiling * 1.05 }
    }

    private static let largest: Double = 1_000_000

    /// A chunk of `units` was too big.
    package mutating func tooBig(units: Int, at now: Instant) {
        refusedAt = now
        ceiling = min(ceiling ?? .infinity, Double(units))
        size = min(size ?? .infinity, max(1, Double(units) / 2))
    }

    /// What to plan with.
    package func units(startingAt initial: Int) -> Int {
        // Small chunks that went well (one day, asked for by a person) are no reason to stay small.
        let wentWell = ceiling == nil && (worstSeconds ?? 0) <= 10
        let known = size.map { wentWell ? max($0, Double(initial)) : $0 }
        return Int(min(max(1, fixedSize ?? known ?? Double(initial)), Learned.largest))
    }
}

extension Learned {
    /// What one answer teaches. A change and not a whole value: chunks of one stream learn side by side, and
    /// none of them may undo what another has just learned.
    package enum Change: Sendable, Hashable {
        /// So many units were too big for one chunk.
        case tooBig(units: Int)
        /// Rows to ask for per page from now on; nil for the connector's own default.
        case pageSize(Int?)
        /// Good pages since then.
        case goodPages(Int)
        /// Row members, or ways of asking, that are refused.
        case dropped([String], reason: String)
        /// Those that came again.
        case healed([String])
        case begun([String])
    }

    package mutating func take(_ change: Change, at now: Instant) {
        switch change {
        case .tooBig(let units): tooBig(units: units, at: now)
        case .pageSize(let size):
            pageSize = size
            goodPages = 0
        case .goodPages(let count): goodPages = count
        case .dropped(let names, let reason):
            for name in names { dropped[name] = reason }
        case .healed(let names):
            for name in names { dropped[name] = nil }
        case .begun(let ids): begun.formUnion(ids)
        }
    }
}

/// How far the listing of an entity stream has come.
package struct ListingState: Sendable, Hashable, Codable {
    /// Begin of the last complete listing.
    package var sweptAt: Instant?
    /// The newest change that is surely stored; the next incremental listing starts a little before it.
    package var changedUpTo: Instant?

    package init(sweptAt: Instant? = nil, changedUpTo: Instant? = nil) {
        self.sweptAt = sweptAt
        self.changedUpTo = changedUpTo
    }
}

/// Something that people should know and that is no failure.
package struct Note: Sendable, Hashable, Codable {
    /// A stable word for filters: `field_dropped`, `row_rejected`, `row_isolated`, `clamped`, `version`.
    package var kind: String
    /// One sentence.
    package var text: String

    package init(_ kind: String, _ text: String) {
        self.kind = kind
        self.text = text
    }
}
