/// How a platform's own totals are read and compared with what is stored.
package struct ProofPlan: Sendable, Hashable {
    /// Days whose totals one chunk reads.
    package var mostDays: Int
    /// The platform tells a total of each day; else one of all days that are asked for, which are then halved where it
    /// differs.
    package var isByDay: Bool
    /// The connector's word for chunks that read some entities again (`ChunkSpec.mode`), and how many at once.
    package var repairMode: String
    package var mostEntities: Int
    /// Digits behind the point of currencies that do not have two.
    package var minorDigits: [String: Int]

    package init(
        mostDays: Int, isByDay: Bool = true, repairMode: String = "", mostEntities: Int = 50,
        minorDigits: [String: Int] = [:]
    ) {
        self.mostDays = mostDays
        self.isByDay = isByDay
        self.repairMode = repairMode
        self.mostEntities = mostEntities
        self.minorDigits = minorDigits
    }

    /// How far sums of so many rows may be from a total when each was rounded on its own: half of the currency's
    /// smallest unit for each, and for the total.
    package func rounding(_ currency: String, rows: Int) -> Int64 {
        var unit: Int64 = 1_000_000
        for _ in 0..<min(6, max(0, minorDigits[currency] ?? 2)) { unit /= 10 }
        return Int64(rows + 1) * unit / 2
    }
}

/// What of a stream of days the platform's totals tell.
package struct ProofColumns: Sendable, Hashable {
    /// Which column is summed for a measure.
    package var columns: [Measure: String]
    /// Columns of ids by which a gap is searched, from coarse to fine; the last one says whose rows are read again.
    package var path: [String]
    /// The platform counts more in its totals than has rows here, and that is as it should be: GMV Max of Shopee.
    package var hasRest: Bool
    /// The column that names the currency of a row, where an account has several: totals come by day and currency
    /// (`Totals.Place.id`), and each currency is compared by itself. Days that differ are read again, without a path.
    package var currency: String?
    /// Of things that are counted on the day of a moment that moves on, and not by a column `date`: the column of the
    /// moment. Fewer at the platform than here have only moved since.
    package var moment: String?

    package init(
        _ columns: [Measure: String], path: [String] = [], hasRest: Bool = false, currency: String? = nil,
        moment: String? = nil
    ) {
        self.columns = columns
        self.path = path
        self.hasRest = hasRest
        self.currency = currency
        self.moment = moment
    }
}

extension StreamID {
    /// Chunks of this stream read a platform's own totals. It has no schema, no table and no days in `coverage`.
    package static let totals = StreamID("totals")
    /// The stage that they are counted under.
    package static let totalsStage = "totals"
}

/// Steps of a job that read totals: behind the others of each phase, and once more for what was repaired.
package enum ProofStep {
    package static func look(_ phase: Phase) -> String { "\(phase.rawValue)_totals" }
    package static func last(_ phase: Phase) -> String { "\(phase.rawValue)_repair" }
}

extension NewJob.Step {
    /// It only looks at what was read: nobody waits for it.
    package var isProof: Bool { [ProofStep.look(phase), ProofStep.last(phase)].contains(name) }
}

/// Which way a chunk of totals looks (`ChunkSpec.mode`).
package enum ProofLook: Sendable, Hashable {
    /// After the data.
    case first
    /// Once more at days that differ, before that is called a gap.
    case second
    /// At sums by the ids of a column, of days with a gap.
    case search(String)
    /// After the repair.
    case last

    /// By whose ids sums are read; nil for the account's own.
    package var column: String? { if case .search(let column) = self { column } else { nil } }

    package init?(mode: String) {
        switch mode {
        case "first": self = .first
        case "second": self = .second
        case "last": self = .last
        default:
            guard mode.hasPrefix("search:") else { return nil }
            self = .search(String(mode.dropFirst("search:".count)))
        }
    }

    package var mode: String {
        switch self {
        case .first: "first"
        case .second: "second"
        case .search(let column): "search:\(column)"
        case .last: "last"
        }
    }
}

/// What a chunk of totals has read.
package struct Totals: Sendable, Hashable {
    /// Of which day; and whose, where a gap is searched, or in which currency, where there are several.
    package struct Place: Sendable, Hashable, Codable {
        package var day: CivilDate
        package var id: String?
        package init(_ day: CivilDate, _ id: String? = nil) {
            self.day = day
            self.id = id
        }
    }

    /// The measures that it tells: a place without sums has zero of each.
    package var measures: Set<Measure>
    package var sums: [Place: Figures]
    /// What the platform says is in all its totals together and in no row of a stream with a rest; nil when it does
    /// not say.
    package var rest: Figures?
    /// Of all days together, where the platform tells no more.
    package var whole: Figures?

    package init(_ measures: Set<Measure>, _ sums: [Place: Figures] = [:], rest: Figures? = nil) {
        self.measures = measures
        self.sums = sums
        self.rest = rest
    }

    /// One sum of all these days.
    package init(whole: Figures, of days: DayRange) {
        self.init(Set(whole.values.keys), days.count == 1 ? [Place(days.first): whole] : [:])
        if days.count > 1 { self.whole = whole }
    }

    package subscript(_ place: Place) -> Figures { sums[place] ?? .zero(measures) }

    /// From figures by the text of a day, or of a day and an id apart by a space: the form that cursors keep them in.
    package static func of(_ texts: [String: Figures], _ measures: Set<Measure>, rest: Figures? = nil) -> Totals {
        var sums: [Place: Figures] = [:]
        for (text, figures) in texts {
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            guard let day = parts.first.flatMap({ CivilDate($0) }) else { continue }
            sums[Place(day, parts.count > 1 ? parts[1] : nil)] = figures
        }
        return Totals(measures, sums, rest: rest)
    }
}
