import ConnectorKit
import SyncCore

/// What readings of platforms' own totals have in common.
extension Reading {
    /// All of a chunk of totals has come.
    static func totals(_ totals: Totals) -> Reading {
        var reading = Reading(.finished(.init()))
        reading.totals = totals
        return reading
    }

    /// What is stored is complete without them: that it cannot be proven is no failure of the sync.
    static func unread(_ platform: String, _ label: String) -> Reading {
        Reading(.finished(.init(isComplete: false)), notes: [.totalsUnread(platform, label)])
    }
}

extension Note {
    static func totalsUnread(_ platform: String, _ label: String) -> Note {
        Note("totals_unread", "\(platform) does not give its own totals (\(label)): days cannot be proven.")
    }
}

extension ChunkSpec {
    /// The same for the later and the earlier half of its days; nil for one day.
    var halvedByDays: [ChunkSpec]? {
        days?.halves.map { early, late in
            [late, early].map { days in
                var spec = self
                spec.days = days
                return spec
            }
        }
    }
}

extension RowTable {
    func text(_ row: Int, _ column: String) -> String? { cell(row: row, column: column).flatMap(string) }

    /// What a row has of some measures.
    func figures(_ row: Int, _ columns: [Measure: String]) -> Figures {
        var figures = Figures()
        for (measure, column) in columns { figures[measure] = cell(row: row, column: column)?.integer }
        return figures
    }
}
