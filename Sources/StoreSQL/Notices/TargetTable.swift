import SyncCore

/// `notice_targets`.
struct TargetTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    static let columns = """
        t.id, t.workspace_id, t.kind, t.name, t.address, t.topics, t.language, t.is_on, t.off_reason, t.sealed,
        t.version
        """

    static func target(_ row: ResultRow, from first: Int32 = 0) throws -> NoticeTarget {
        NoticeTarget(
            id: NoticeTargetID(row.int64(first)), workspace: WorkspaceID(row.int64(first + 1)),
            kind: try row.word(first + 2), name: row.text(first + 3), address: row.text(first + 4),
            topics: try TextColumn.value([NoticeTopic].self, from: row.text(first + 5)), language: row.text(first + 6),
            isOn: row.int(first + 7) != 0, offReason: row.optionalText(first + 8), sealed: row.bytes(first + 9),
            version: row.int(first + 10))
    }

    func all(of workspace: WorkspaceID) throws -> [NoticeTarget] {
        var found: [NoticeTarget] = []
        try sql.rows(
            built: "SELECT \(TargetTable.columns) FROM notice_targets AS t WHERE t.workspace_id = ? ORDER BY t.name",
            .integer(workspace.value)
        ) { found.append(try TargetTable.target($0)) }
        return found
    }

    func add(_ target: NoticeTarget) throws -> NoticeTargetID? {
        try sql.first(
            """
            INSERT INTO notice_targets (workspace_id, kind, name, address, topics, language, is_on, sealed, version,
                created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING RETURNING id
            """, .integer(target.workspace.value), .text(target.kind.rawValue), .text(target.name),
            .text(target.address), .text(try TextColumn.json(target.topics)), .text(target.language),
            .flag(target.isOn), .blob(target.sealed), .text(transaction.nowText)
        ) { NoticeTargetID($0.int64(0)) }
    }

    func replace(_ target: NoticeTarget) throws -> Bool {
        try sql.changes(
            """
            UPDATE notice_targets SET name = ?4, address = ?5, topics = ?6, language = ?7, sealed = ?8,
                version = version + 1
            WHERE id = ?1 AND workspace_id = ?2 AND version = ?3 AND NOT EXISTS (
                SELECT 1 FROM notice_targets AS o WHERE o.workspace_id = ?2 AND o.name = ?4 AND o.id <> ?1)
            """, .integer(target.id.value), .integer(target.workspace.value), .integer(target.version),
            .text(target.name), .text(target.address), .text(try TextColumn.json(target.topics)),
            .text(target.language), .blob(target.sealed)) > 0
    }

    func turn(_ id: NoticeTargetID, on isOn: Bool, in workspace: WorkspaceID) throws -> Bool {
        let isFound =
            try sql.changes(
                "UPDATE notice_targets SET is_on = ?, off_reason = NULL WHERE id = ? AND workspace_id = ?",
                .flag(isOn), .integer(id.value), .integer(workspace.value)) > 0
        if isFound, !isOn { try DeliveryTable(transaction: transaction).giveUp(on: id) }
        return isFound
    }

    func turnOff(_ id: NoticeTargetID, because reason: String) throws {
        try sql.run(
            "UPDATE notice_targets SET is_on = 0, off_reason = ? WHERE id = ?", .text(reason), .integer(id.value))
        try DeliveryTable(transaction: transaction).giveUp(on: id)
    }

    func remove(_ id: NoticeTargetID, in workspace: WorkspaceID) throws -> Bool {
        try sql.run(
            "DELETE FROM notice_deliveries WHERE target_id = ? AND workspace_id = ?", .integer(id.value),
            .integer(workspace.value))
        return try sql.changes(
            "DELETE FROM notice_targets WHERE id = ? AND workspace_id = ?", .integer(id.value),
            .integer(workspace.value)) > 0
    }
}
