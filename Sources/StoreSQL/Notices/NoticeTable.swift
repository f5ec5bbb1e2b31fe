import SyncCore

/// `notices`, `notice_reads` and `credential_ends`.
struct NoticeTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    // MARK: Changing

    func apply(_ changes: NoticeChanges, word: String) throws -> Int {
        for id in changes.closed {
            try sql.run(
                "UPDATE notices SET closed_at = ? WHERE id = ? AND closed_at IS NULL",
                .integer(transaction.now.microseconds), .integer(id.value))
        }
        for notice in changes.updated + changes.reopened {
            try sql.run(
                """
                UPDATE notices SET kind = ?2, facts = ?3, closed_at = NULL WHERE id = ?1 AND NOT EXISTS (
                    SELECT 1 FROM notices AS o WHERE o.workspace_id = ?4 AND o.cause = ?5 AND o.closed_at IS NULL
                        AND o.id <> ?1)
                """, .integer(notice.id.value), .text(notice.kind.rawValue), .text(try TextColumn.json(notice.facts)),
                .integer(notice.cause.workspace.value), .text(notice.cause.key))
        }
        return try changes.opened.count { try open($0, word: word) }
    }

    private func open(_ cause: NoticeCause, word: String) throws -> Bool {
        let id = try sql.first(
            """
            INSERT INTO notices (workspace_id, cause, kind, subject_id, facts, opened_at, closed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
            """, .integer(cause.workspace.value), .text(cause.key), .text(cause.kind.rawValue),
            .integer(cause.subject), .text(try TextColumn.json(cause.facts)), .integer(transaction.now.microseconds),
            cause.kind.isMoment ? .integer(transaction.now.microseconds) : .null
        ) { NoticeID($0.int64(0)) }
        guard let id else { return false }
        try DeliveryTable(transaction: transaction).add(of: id, cause, message: "msg_\(word)_\(id)")
        return true
    }

    func note(end: Instant?, of connection: ConnectionID) throws {
        try sql.run(
            """
            INSERT INTO credential_ends (connection_id, ends_at, asked_at) VALUES (?, ?, ?)
            ON CONFLICT (connection_id) DO UPDATE SET ends_at = excluded.ends_at, asked_at = excluded.asked_at
            """, .integer(connection.value), .integer(end?.microseconds), .integer(transaction.now.microseconds))
    }

    func putOffAsking(of connection: ConnectionID) throws {
        try sql.run(
            """
            INSERT INTO credential_ends (connection_id, asked_at) VALUES (?, ?)
            ON CONFLICT (connection_id) DO UPDATE SET asked_at = excluded.asked_at
            """, .integer(connection.value), .integer(transaction.now.microseconds))
    }

    func credentialsToAsk(after age: Duration, limit: Int) throws -> [ConnectionID] {
        let before = transaction.now - age
        return try sql.all(
            """
            SELECT c.id FROM connections AS c LEFT JOIN credential_ends AS e ON e.connection_id = c.id
            WHERE c.parked_at IS NULL
                AND (e.asked_at < ?1 OR (e.connection_id IS NULL AND c.updated_at < ?2))
            ORDER BY c.id LIMIT ?3
            """, .integer(before.microseconds), .text(before.description), .integer(limit)
        ) { ConnectionID($0.int64(0)) }
    }

    func prune(before moment: Instant, limit: Int) throws -> Int {
        let deliveries = try sql.changes(
            """
            DELETE FROM notice_deliveries WHERE id IN (
                SELECT id FROM notice_deliveries WHERE status <> 'pending' AND tried_at < ? ORDER BY tried_at LIMIT ?)
            """, .integer(moment.microseconds), .integer(limit))
        let notices = try sql.changes(
            """
            DELETE FROM notices WHERE id IN (
                SELECT id FROM notices AS n WHERE closed_at IS NOT NULL AND closed_at < ?
                    AND NOT EXISTS (SELECT 1 FROM notice_deliveries AS d WHERE d.notice_id = n.id)
                ORDER BY closed_at LIMIT ?)
            """, .integer(moment.microseconds), .integer(limit))
        return deliveries + notices
    }

    // MARK: Reading

    static let columns = "n.id, n.workspace_id, n.cause, n.kind, n.subject_id, n.facts, n.opened_at, n.closed_at"

    static func notice(_ row: ResultRow, from first: Int32 = 0) throws -> Notice {
        Notice(
            id: NoticeID(row.int64(first)),
            cause: NoticeCause(
                workspace: WorkspaceID(row.int64(first + 1)), key: row.text(first + 2), kind: try row.word(first + 3),
                subject: row.int64(first + 4),
                facts: try TextColumn.value(NoticeFacts.self, from: row.text(first + 5))),
            openedAt: Instant(microseconds: row.int64(first + 6)), closedAt: row.optionalMoment(first + 7))
    }

    /// Those that causes of now may be about.
    func known() throws -> [Notice] {
        var found: [Notice] = []
        // A moment is told of for a day; the notice of it must not be forgotten before.
        try sql.rows(
            built: """
                SELECT \(NoticeTable.columns) FROM notices AS n WHERE n.closed_at IS NULL OR n.closed_at >= ?1
                    OR (n.kind = 'history' AND n.closed_at >= ?2)
                """, .integer((transaction.now - NoticeChanges.memory).microseconds),
            .integer((transaction.now - NoticeCauses.news * 2).microseconds)
        ) { found.append(try NoticeTable.notice($0)) }
        return found
    }

    func notices(of workspace: WorkspaceID, before: NoticeID?, limit: Int) throws -> [Notice] {
        var found: [Notice] = []
        try sql.rows(
            built: """
                SELECT \(NoticeTable.columns) FROM notices AS n WHERE n.workspace_id = ? AND n.id < ?
                ORDER BY n.id DESC LIMIT ?
                """, .integer(workspace.value), .integer(before?.value ?? .max), .integer(limit)
        ) { found.append(try NoticeTable.notice($0)) }
        return found
    }

    func unread(by user: UserID, in workspace: WorkspaceID) throws -> (count: Int, seen: NoticeID?) {
        let seen = try sql.first(
            "SELECT notice_id FROM notice_reads WHERE workspace_id = ? AND user_id = ?", .integer(workspace.value),
            .integer(user.value)
        ) { NoticeID($0.int64(0)) }
        let count = try sql.first(
            "SELECT count(*) FROM notices WHERE workspace_id = ? AND id > ?", .integer(workspace.value),
            .integer(seen?.value ?? 0)
        ) { $0.int(0) }
        return (count ?? 0, seen)
    }

    func markRead(upTo notice: NoticeID, by user: UserID, in workspace: WorkspaceID) throws {
        try sql.run(
            """
            INSERT INTO notice_reads (workspace_id, user_id, notice_id) VALUES (?, ?, ?)
            ON CONFLICT (workspace_id, user_id) DO UPDATE
            SET notice_id = greatest(notice_reads.notice_id, excluded.notice_id)
            """, .integer(workspace.value), .integer(user.value), .integer(notice.value))
    }
}
