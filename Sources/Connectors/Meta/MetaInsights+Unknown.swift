import ConnectorKit
import SyncCore

/// Numbers that Meta does not keep and yet gives.
extension MetaInsights {
    /// Counts of people reach back 13 months; older ones come as zeros, without an error (meta.md 3). A zero where
    /// an ad was shown would be a lie: nothing is known there.
    func withoutFalseZeros(_ table: RowTable) -> RowTable {
        let oldest = task.work.anchor.adding(months: -MetaReport.uniqueMemory)
        guard let first = task.work.spec.days?.first, first < oldest else { return table }
        let names = table.filled.map { table.schema.columns[$0].name }
        let counts = names.indices.filter { report.uniques.contains(names[$0]) }
        guard !counts.isEmpty else { return table }
        let impressions = names.firstIndex(of: "impressions")
        var cells = table.cells
        for row in stride(from: 0, to: cells.count, by: table.width) {
            if let impressions, cells[row + impressions].integer ?? 0 == 0 { continue }
            for count in counts where cells[row + count].isZero { cells[row + count] = .null }
        }
        return table.with(cells: cells)
    }
}

extension Cell {
    fileprivate var isZero: Bool { integer == 0 || real == 0 }
}
