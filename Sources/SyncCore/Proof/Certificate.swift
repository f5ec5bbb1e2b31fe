/// What is known of one stream and day beside the platform's own totals. A row of `certificates`.
package struct Certificate: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case equal
        /// Different, and no gap: the platform's figures have moved since the rows were read, which happens again.
        case changing
        /// Different at a first look.
        case checking
        /// A gap: what makes it up is being searched and read again.
        case repairing
        /// Equal after it was read again.
        case repaired
        /// Different also after it was read again.
        case gap
        /// The platform's totals tell nothing that is stored.
        case notComparable = "not_comparable"

        package var isEqual: Bool { self == .equal || self == .repaired }
    }

    package var stream: StreamID
    package var day: CivilDate
    /// Which one, where the account has several: each is compared by itself.
    package var currency: String?
    package var state: State
    /// Rows stored for the day.
    package var rows: Int
    package var stored: Figures
    package var source: Figures
    /// What the platform counts and has no row for, as it should be (`ProofColumns.hasRest`).
    package var rest: Figures
    package var job: JobID?
    package var checkedAt: Instant?

    package init(
        stream: StreamID, day: CivilDate, currency: String? = nil, state: State, rows: Int, stored: Figures,
        source: Figures, rest: Figures = Figures(), job: JobID? = nil, checkedAt: Instant? = nil
    ) {
        self.stream = stream
        self.day = day
        self.currency = currency
        self.state = state
        self.rows = rows
        self.stored = stored
        self.source = source
        self.rest = rest
        self.job = job
        self.checkedAt = checkedAt
    }

    /// What is shown as stored: the rows, with what the platform has only in its total, which is kept as such.
    package func kept(_ measure: Measure) -> Int64? { stored[measure].map { $0 + (rest[measure] ?? 0) } }

    /// Stored less what the platform says, of measures that both know; what is in no row is none of it.
    package var difference: Figures {
        let difference = stored - source
        return difference + Figures(rest.values.filter { difference[$0.key] != nil })
    }
}

/// The sum of some stored rows.
package struct StoredSum: Sendable, Hashable {
    package var rows: Int
    package var figures: Figures
    package init(rows: Int, figures: Figures) {
        self.rows = rows
        self.figures = figures
    }
}

/// How far an account is proven, by days.
package struct ProofCount: Sendable, Hashable {
    package var days: Int
    /// Days of which all streams that were compared are equal.
    package var equal: Int
    /// Days with a gap, searched for or left.
    package var gaps: Int
    /// Those of them that are searched for.
    package var repairing: Int
    package var checkedAt: Instant?

    package init(days: Int = 0, equal: Int = 0, gaps: Int = 0, repairing: Int = 0, checkedAt: Instant? = nil) {
        self.days = days
        self.equal = equal
        self.gaps = gaps
        self.repairing = repairing
        self.checkedAt = checkedAt
    }
}
