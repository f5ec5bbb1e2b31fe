import SyncCore

/// `stream_states`: what was learned of a stream of an account, and how far its listing has come.
struct StreamStateTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func save(_ learned: [(of: AccountStream, learned: Learned)]) throws {
        try sql.runAtOnce(
            """
            INSERT INTO stream_states (account_id, stream, size, ceiling, density, page_size, good_pages, dropped,
                seconds, worst_seconds, fixed_size, begun, learned_at, refused_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, stream) DO UPDATE SET
                size = excluded.size, ceiling = excluded.ceiling, density = excluded.density,
                page_size = excluded.page_size, good_pages = excluded.good_pages, dropped = excluded.dropped,
                seconds = excluded.seconds, worst_seconds = excluded.worst_seconds,
                fixed_size = excluded.fixed_size, begun = excluded.begun, learned_at = excluded.learned_at,
                refused_at = excluded.refused_at
            """,
            try learned.map { stream, learned in
                [
                    .integer(stream.account), .text(stream.stream), .real(learned.size), .real(learned.ceiling),
                    .real(learned.density), .integer(learned.pageSize.map { Int64($0) }), .integer(learned.goodPages),
                    .text(learned.dropped.isEmpty ? "{}" : try TextColumn.json(learned.dropped)),
                    .real(learned.seconds), .real(learned.worstSeconds), .real(learned.fixedSize),
                    .text(learned.begun.isEmpty ? "[]" : try TextColumn.json(learned.begun.sorted())),
                    .text(transaction.nowText), .integer(learned.refusedAt?.microseconds),
                ]
            })
    }

    /// Moves the marks on, never back: a listing that began earlier may end later.
    func save(_ listed: ListingState, account: Int64, stream: String) throws {
        try sql.run(
            """
            INSERT INTO stream_states (account_id, stream, swept_at, changed_up_to) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id, stream) DO UPDATE SET
                swept_at = coalesce(
                    greatest(stream_states.swept_at, excluded.swept_at), excluded.swept_at, stream_states.swept_at),
                changed_up_to = coalesce(
                    greatest(stream_states.changed_up_to, excluded.changed_up_to), excluded.changed_up_to,
                    stream_states.changed_up_to)
            """,
            .integer(account), .text(stream), .integer(listed.sweptAt?.microseconds),
            .integer(listed.changedUpTo?.microseconds))
    }

    func learned(account: AccountID) throws -> [StreamID: Learned] {
        var found: [StreamID: Learned] = [:]
        try sql.rows(
            """
            SELECT stream, size, ceiling, density, page_size, good_pages, dropped, seconds, worst_seconds, fixed_size,
                begun, refused_at
            FROM stream_states WHERE account_id = ? AND learned_at IS NOT NULL
            """, .integer(account.value)
        ) { row in
            found[StreamID(row.text(0))] = Learned(
                size: row.optionalReal(1), ceiling: row.optionalReal(2), density: row.optionalReal(3),
                pageSize: row.optionalInt(4), goodPages: row.int(5),
                dropped: try TextColumn.value([String: String].self, from: row.text(6)),
                begun: Set(try TextColumn.value([String].self, from: row.text(10))),
                seconds: row.optionalReal(7), worstSeconds: row.optionalReal(8), fixedSize: row.optionalReal(9),
                refusedAt: row.optionalMoment(11))
        }
        return found
    }

    func listed(account: AccountID) throws -> [StreamID: ListingState] {
        var found: [StreamID: ListingState] = [:]
        try sql.rows(
            """
            SELECT stream, swept_at, changed_up_to FROM stream_states
            WHERE account_id = ? AND (swept_at IS NOT NULL OR changed_up_to IS NOT NULL)
            """, .integer(account.value)
        ) { row in
            found[StreamID(row.text(0))] = ListingState(
                sweptAt: row.optionalMoment(1), changedUpTo: row.optionalMoment(2))
        }
        return found
    }
}
