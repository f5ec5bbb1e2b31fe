import SyncCore

/// Rows of days: those that are known to be stored as they came are only remembered.
extension ChunkWrite {
    /// False when rows were taken for known and somebody else has changed rows of these days since.
    func isCurrent(_ chunk: Held) throws -> Bool {
        for table in update.tables {
            guard let span = table.known.span() else { continue }
            guard table.schema.id.rawValue == chunk.stream,
                try digests(chunk).isReadAlone(by: chunk.id, span.first, span.last)
            else { return false }
        }
        return true
    }

    func storeDays(_ table: RowTable, of chunk: Held, _ effect: inout Effect) throws {
        let seen = SeenRows(of: table)
        effect.seen.append(seen)
        guard table.rowCount > 0 else { return }
        let result = try sql.session.upsert(
            table, keys: Array(seen.keys.prefix(table.rowCount)), syncedAt: transaction.now)
        effect.written.changed += result.inserted + result.changed
        let span = seen.isWhole ? seen.span(ofFirst: table.rowCount) : table.span
        let (first, last) = span ?? (DigestTable.firstDay, DigestTable.lastDay)
        try digests(chunk).changed(by: chunk.id, first, last)
    }

    func digests(_ chunk: Held) -> DigestTable {
        DigestTable(transaction: transaction, facts: chunk.facts, stream: chunk.stream)
    }
}

/// The question before a chunk's first rows.
struct KnownDays {
    let transaction: Transaction
    let chunk: ChunkID
    let fence: Int64

    /// What is known of the rows of a chunk that reads days whole, nil when nothing is. From its begin on, the days
    /// are this chunk's: a change by another takes them away.
    func open() throws -> KnownRows? {
        let held = try transaction.sql.first(
            """
            SELECT job_id, stream, start_date, end_date FROM sync_chunks
            WHERE id = ? AND status = 'in_progress' AND fence = ? AND start_date IS NOT NULL AND entities IS NULL
                AND fields IS NULL
            """, .integer(chunk.value), .integer(fence)
        ) { row in
            (
                digests: DigestTable(
                    transaction: transaction, facts: try JobTable(transaction: transaction).facts(of: row.int64(0)),
                    stream: row.text(1)), first: row.text(2), last: row.text(3)
            )
        }
        guard let (digests, first, last) = held else { return nil }
        if try SeenTable(transaction: transaction).isEmpty(chunk.value) {
            try digests.begin(chunk.value, first, last)
        } else if try !digests.isReadAlone(by: chunk.value, first, last) {
            return nil
        }
        return try digests.known(first, last).map(KnownRows.init)
    }
}
