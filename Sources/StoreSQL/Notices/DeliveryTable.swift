import SyncCore

/// `notice_deliveries`: an outbox of messages, each tried until it arrives or is given up.
struct DeliveryTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    private static let columns = """
        d.id, d.workspace_id, d.target_id, d.notice_id, d.message_id, d.status, d.attempts, d.next_at, d.answer,
        d.took_microseconds, d.created_at, d.tried_at
        """

    private func delivery(_ row: ResultRow) throws -> NoticeDelivery {
        NoticeDelivery(
            id: DeliveryID(row.int64(0)), workspace: WorkspaceID(row.int64(1)), target: NoticeTargetID(row.int64(2)),
            notice: row.optionalInt64(3).map { NoticeID($0) }, message: row.text(4), state: try row.word(5),
            attempts: row.int(6), nextAt: row.optionalMoment(7), answer: row.text(8),
            took: row.optionalInt64(9).map { .microseconds($0) }, createdAt: try row.instant(10),
            triedAt: row.optionalMoment(11))
    }

    // MARK: Adding

    /// One to each target that wants to know.
    func add(of notice: NoticeID, _ cause: NoticeCause, message: String) throws {
        let targets = try TargetTable(transaction: transaction).all(of: cause.workspace)
        for target in targets where target.isOn && target.topics.contains(cause.kind.topic) {
            _ = try add(to: target.id, in: cause.workspace, notice: notice, message: message)
        }
    }

    func add(
        to target: NoticeTargetID, in workspace: WorkspaceID, notice: NoticeID?, message: String
    ) throws -> DeliveryID? {
        let isKnown = try sql.first(
            "SELECT 1 FROM notice_targets WHERE id = ? AND workspace_id = ?", .integer(target.value),
            .integer(workspace.value)
        ) { _ in true }
        guard isKnown != nil else { return nil }
        return try sql.first(
            """
            INSERT INTO notice_deliveries (workspace_id, target_id, notice_id, message_id, status, next_at, created_at)
            VALUES (?, ?, ?, ?, 'pending', ?, ?) RETURNING id
            """, .integer(workspace.value), .integer(target.value), .integer(notice?.value), .text(message),
            .integer(transaction.now.microseconds), .text(transaction.nowText)
        ) { DeliveryID($0.int64(0)) }
    }

    func resend(_ id: DeliveryID, in workspace: WorkspaceID) throws -> Bool {
        try sql.changes(
            """
            UPDATE notice_deliveries SET status = 'pending', attempts = 0, next_at = ?, fence = fence + 1
            WHERE id = ? AND workspace_id = ? AND status <> 'pending'
            """, .integer(transaction.now.microseconds), .integer(id.value), .integer(workspace.value)) > 0
    }

    // MARK: Working

    func isDue() throws -> Bool {
        try sql.first(
            "SELECT 1 FROM notice_deliveries WHERE status = 'pending' AND next_at <= ? LIMIT 1",
            .integer(transaction.now.microseconds)
        ) { _ in true } ?? false
    }

    func claim(limit: Int, lease: Duration) throws -> [ClaimedDelivery] {
        // Who had the last try in hand died with it.
        try sql.run(
            """
            UPDATE notice_deliveries SET status = 'failed', next_at = NULL,
                answer = CASE WHEN answer = '' THEN 'no answer' ELSE answer END
            WHERE status = 'pending' AND next_at <= ? AND attempts >= ?
            """, .integer(transaction.now.microseconds), .integer(DeliveryPlan.mostTries))
        let claimed = try sql.all(
            """
            UPDATE notice_deliveries SET next_at = ?2, fence = fence + 1, attempts = attempts + 1, tried_at = ?1
            WHERE id IN (
                SELECT id FROM notice_deliveries WHERE status = 'pending' AND next_at <= ?1
                ORDER BY next_at, id LIMIT ?3 FOR UPDATE SKIP LOCKED)
            RETURNING id, fence
            """, .integer(transaction.now.microseconds), .integer((transaction.now + lease).microseconds),
            .integer(limit)
        ) { (id: DeliveryID($0.int64(0)), fence: $0.int64(1)) }
        return try claimed.sorted { $0.id < $1.id }.compactMap { try whole($0.id, fence: $0.fence) }
    }

    private func whole(_ id: DeliveryID, fence: Int64) throws -> ClaimedDelivery? {
        var found: ClaimedDelivery?
        try sql.rows(
            built: """
                SELECT \(DeliveryTable.columns), \(TargetTable.columns), w.name, \(NoticeTable.columns)
                FROM notice_deliveries AS d JOIN notice_targets AS t ON t.id = d.target_id
                JOIN workspaces AS w ON w.id = d.workspace_id LEFT JOIN notices AS n ON n.id = d.notice_id
                WHERE d.id = ?
                """, .integer(id.value)
        ) { row in
            found = ClaimedDelivery(
                delivery: try delivery(row), fence: fence, target: try TargetTable.target(row, from: 12),
                notice: row.isNull(24) ? nil : try NoticeTable.notice(row, from: 24), workspaceName: row.text(23))
        }
        return found
    }

    func settle(_ id: DeliveryID, fence: Int64, _ result: DeliveryResult) throws -> Bool {
        let (state, next): (NoticeDelivery.State, Instant?) =
            switch result.outcome {
            case .delivered: (.completed, nil)
            case .again(let at): (.pending, at)
            case .failed, .gone: (.failed, nil)
            }
        let target = try sql.first(
            """
            UPDATE notice_deliveries SET status = ?, next_at = ?, answer = ?, took_microseconds = ?
            WHERE id = ? AND fence = ? AND status = 'pending' RETURNING target_id
            """, .text(state.rawValue), .integer(next?.microseconds), .text(result.answer),
            .integer(result.took.microseconds), .integer(id.value), .integer(fence)
        ) { NoticeTargetID($0.int64(0)) }
        guard let target else { return false }
        if result.outcome == .gone {
            try TargetTable(transaction: transaction).turnOff(target, because: result.answer)
        }
        return true
    }

    func giveUp(on target: NoticeTargetID) throws {
        try sql.run(
            """
            UPDATE notice_deliveries SET status = 'failed', next_at = NULL, fence = fence + 1,
                tried_at = coalesce(tried_at, ?2)
            WHERE target_id = ?1 AND status = 'pending'
            """, .integer(target.value), .integer(transaction.now.microseconds))
    }

    // MARK: Reading

    func all(of workspace: WorkspaceID, limit: Int) throws -> [NoticeDelivery] {
        var found: [NoticeDelivery] = []
        try sql.rows(
            built: """
                SELECT \(DeliveryTable.columns) FROM notice_deliveries AS d WHERE d.workspace_id = ?
                ORDER BY d.id DESC LIMIT ?
                """, .integer(workspace.value), .integer(limit)
        ) { found.append(try delivery($0)) }
        return found
    }

    func one(_ id: DeliveryID, in workspace: WorkspaceID) throws -> NoticeDelivery? {
        var found: NoticeDelivery?
        try sql.rows(
            built: "SELECT \(DeliveryTable.columns) FROM notice_deliveries AS d WHERE d.id = ? AND d.workspace_id = ?",
            .integer(id.value), .integer(workspace.value)
        ) { found = try delivery($0) }
        return found
    }

    /// One step in the index for each target.
    func last(of workspace: WorkspaceID) throws -> [NoticeTargetID: NoticeDelivery] {
        var found: [NoticeTargetID: NoticeDelivery] = [:]
        try sql.rows(
            built: """
                SELECT \(DeliveryTable.columns) FROM notice_deliveries AS d WHERE d.id IN (
                    SELECT (SELECT l.id FROM notice_deliveries AS l WHERE l.target_id = t.id AND l.answer <> ''
                        ORDER BY l.id DESC LIMIT 1)
                    FROM notice_targets AS t WHERE t.workspace_id = ?)
                """, .integer(workspace.value)
        ) { row in
            let delivery = try delivery(row)
            found[delivery.target] = delivery
        }
        return found
    }
}
