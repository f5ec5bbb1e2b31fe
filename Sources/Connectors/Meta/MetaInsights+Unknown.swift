import ConnectorKit
import SyncCore

/// Numbers that Meta does not keep and yet gives.
extension MetaInsights {
    /// Counts of people reach back 13 months; older ones come as zeros or not at all, without an error (meta.md 3). A
    /// zero where an ad was shown would be a lie: such rows come in a table of their own that does not fill these
    /// columns, and what was stored of them when Meta still knew stays.
    func withoutFalseZeros(_ table: RowTable) -> [RowTable] {
        let oldest = task.work.anchor.adding(months: -MetaReport.uniqueMemory)
        guard let first = task.work.spec.days?.first, first < oldest else { return [table] }
        let names = table.filled.map { table.schema.columns[$0].name }
        let counts = names.indices.filter { report.uniques.contains(names[$0]) }
        let impressions = names.firstIndex(of: "impressions")
        guard !counts.isEmpty else { return [table] }
        let others = (0..<table.width).filter { !counts.contains($0) }
        var (cells, bare): ([Cell], [Cell]) = ([], [])
        var (contents, bareContents): ([UInt64], [UInt64]) = ([], [])
        for row in 0..<table.rowCount {
            let start = row * table.width
            let isShown = impressions.map { table.cells[start + $0].integer ?? 0 != 0 } ?? true
            let isForgotten = isShown && counts.allSatisfy { table.cells[start + $0].isNothing }
            if isForgotten {
                for column in others { bare.append(table.cells[start + column]) }
            } else {
                cells.append(contentsOf: table.cells[start..<start + table.width])
            }
            guard !table.contents.isEmpty else { continue }
            if isForgotten { bareContents.append(table.contents[row]) } else { contents.append(table.contents[row]) }
        }
        guard !bare.isEmpty else { return [table] }
        return [
            RowTable(
                schema: table.schema, filled: table.filled, cells: cells, text: table.text, contents: contents,
                known: table.known, rejected: table.rejected, misfits: table.misfits, unknown: table.unknown),
            RowTable(
                schema: table.schema, filled: names.indices.filter { !counts.contains($0) }.map { table.filled[$0] },
                cells: bare, text: table.text, contents: bareContents),
        ]
    }
}

extension Cell {
    fileprivate var isNothing: Bool { kind == .null || integer == 0 || real == 0 }
}
