import SyncCore

/// Rows of days: those that are stored already as they came are left out before the database sees them.
extension ChunkWrite {
    func storeDays(_ table: RowTable, of chunk: Held, _ effect: inout Effect) throws {
        guard let first = chunk.first, let last = chunk.last, !chunk.hasFields, table.isWhole else {
            let result = try sql.upsert.upsert(table, syncedAt: transaction.now, in: sql.db)
            effect.written.changed += result.inserted + result.changed
            effect.seen.append(SeenRows(keys: result.keyHashes))
            try digests(chunk).changed(by: chunk.id, DigestTable.firstDay, DigestTable.lastDay)
            return
        }
        let seen = SeenRows(wholeRowsOf: table)
        if !chunk.hasEntities, effect.seen.keys.isEmpty, try SeenTable(transaction: transaction).isEmpty(chunk.id) {
            try digests(chunk).begin(chunk.id, first, last)
        }
        effect.seen.append(seen)
        guard let news = try news(of: seen, chunk, first, last) else {
            try store(table, seen.keys, seen.span(of: seen.keys.indices), chunk, &effect)
            return
        }
        try store(table.only(news), news.map { seen.keys[$0] }, seen.span(of: news), chunk, &effect)
    }

    /// `span` is nil when there are no rows.
    private func store(
        _ table: RowTable, _ keys: [UInt64], _ span: (first: String, last: String)?, _ chunk: Held,
        _ effect: inout Effect
    ) throws {
        guard let span else { return }
        let result = try sql.upsert.upsert(table, keys: keys, syncedAt: transaction.now, in: sql.db)
        effect.written.changed += result.inserted + result.changed
        try digests(chunk).changed(by: chunk.id, span.first, span.last)
    }

    func digests(_ chunk: Held) -> DigestTable {
        DigestTable(transaction: transaction, facts: chunk.facts, stream: chunk.stream)
    }

    /// Positions of the rows that are not stored as they came, nil for all; from now on they are known.
    private func news(of seen: SeenRows, _ chunk: Held, _ first: String, _ last: String) throws -> [Int]? {
        try transaction.memory.withKnown(chunk.id, account: chunk.facts.account, stream: chunk.stream) {
            try digests(chunk).known(first, last)
        } use: { known in
            guard known != nil else { return nil }
            var news: [Int] = []
            for (index, key) in seen.keys.enumerated() where known?[key] != seen.contents[index] {
                news.append(index)
                known?[key] = seen.contents[index]
            }
            return news
        }
    }
}

extension RowTable {
    /// Every column is filled.
    fileprivate var isWhole: Bool { filled.count == schema.columns.count }

    /// The rows at these positions, ascending.
    fileprivate func only(_ rows: [Int]) -> RowTable {
        guard rows.count < rowCount else { return self }
        var kept: [Cell] = []
        kept.reserveCapacity(rows.count * width)
        for row in rows { kept += cells[row * width..<(row + 1) * width] }
        return RowTable(schema: schema, filled: filled, cells: kept, text: text)
    }
}
