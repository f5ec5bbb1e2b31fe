import SyncCore

/// `outbox` and `outbox_sent`: what waits for a platform that receives, and in which state things went there last.
struct OutboxTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// How long things wait for the rest of their subject.
    private static let patience: Duration = .seconds(60)
    /// An item that was refused so often is given up.
    private static let mostTries = 3
    private static let pause: Duration = .seconds(60)

    func route(_ source: AccountID, to destination: AccountID?, keepsRows: Bool) throws {
        try sql.run(
            "UPDATE accounts SET destination_id = ?, keeps_rows = ? WHERE id = ?", .integer(destination?.value),
            .flag(keepsRows), .integer(source.value))
    }

    // MARK: Coming in

    /// Adds what is new or newer; what went there in the same state is not sent again, unless another state was to
    /// follow.
    func add(_ deliveries: [Delivery], from source: Int64, to destination: Int64) throws {
        guard !deliveries.isEmpty else { return }
        transaction.ending.announce(.work)
        try sql.runEach(
            """
            INSERT INTO outbox (account_id, source_id, kind, subject, item, version, hash, body, is_ready, created_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
            WHERE NOT EXISTS (SELECT 1 FROM outbox_sent AS s
                WHERE s.account_id = ?1 AND s.kind = ?3 AND s.subject = ?4 AND s.item = ?5
                    AND (s.version > ?6 OR s.hash = ?7 AND NOT EXISTS (SELECT 1 FROM outbox AS o
                        WHERE o.account_id = ?1 AND o.kind = ?3 AND o.subject = ?4 AND o.item = ?5)))
            ON CONFLICT (account_id, kind, subject, item) DO UPDATE SET
                version = excluded.version, hash = excluded.hash, body = excluded.body, is_ready = excluded.is_ready,
                tries = 0, run_after = NULL, failed_at = NULL, error_code = NULL, error_message = NULL
            WHERE excluded.version >= outbox.version
            """,
            deliveries.map { delivery in
                [
                    .integer(destination), .integer(source), .text(delivery.kind), .text(delivery.subject),
                    .text(delivery.item), .text(delivery.version), .integer(OutboxTable.hash(delivery.body)),
                    .text(delivery.body), .flag(delivery.isComplete), .text(transaction.nowText),
                ]
            })
        // What waited for the rest of its subject waits no longer.
        let complete = Set(deliveries.filter(\.isComplete).map { OutboxSubject(kind: $0.kind, subject: $0.subject) })
        try sql.runEach(
            """
            UPDATE outbox SET is_ready = 1 WHERE account_id = ? AND kind = ? AND subject = ? AND is_ready = 0
            """,
            complete.sorted { ($0.kind, $0.subject) < ($1.kind, $1.subject) }
                .map { [.integer(destination), .text($0.kind), .text($0.subject)] })
    }

    private struct OutboxSubject: Hashable {
        var kind: String
        var subject: String
    }

    private static func hash(_ body: String) -> Int64 {
        var hash = KeyHash()
        Array(body.utf8).withUnsafeBytes { hash.add($0) }
        return Int64(bitPattern: hash.value)
    }

    // MARK: Going out

    func waiting(_ account: AccountID, limit: Int) throws -> Outbox {
        let now = transaction.now.microseconds
        try sql.run(
            "UPDATE outbox SET is_ready = 1 WHERE account_id = ? AND is_ready = 0 AND created_at < ?",
            .integer(account.value), .text("\(transaction.now - OutboxTable.patience)"))
        let first = try sql.first(
            """
            SELECT kind, subject FROM outbox INDEXED BY outbox_waiting
            WHERE account_id = ? AND failed_at IS NULL AND is_ready = 1 AND (run_after IS NULL OR run_after <= ?)
            ORDER BY id LIMIT 1
            """, .integer(account.value), .integer(now)
        ) { (kind: $0.text(0), subject: $0.text(1)) }
        guard let first else {
            return Outbox(items: [], isOpen: try isOpen(account))
        }
        let items = try sql.all(
            """
            SELECT id, kind, subject, item, version, body, tries FROM outbox INDEXED BY outbox_waiting
            WHERE account_id = ?1 AND failed_at IS NULL AND is_ready = 1 AND (run_after IS NULL OR run_after <= ?2)
                AND kind = ?3
            ORDER BY CASE WHEN subject = ?4 THEN 0 ELSE 1 END, id LIMIT ?5
            """, .integer(account.value), .integer(now), .text(first.kind), .text(first.subject), .integer(limit)
        ) { row in
            OutboxItem(
                id: row.int64(0), kind: row.text(1), subject: row.text(2), item: row.text(3), version: row.text(4),
                body: row.text(5), tries: row.int(6))
        }
        return Outbox(items: items, isOpen: true)
    }

    /// Something waits, or is still to come from an account that sends there.
    private func isOpen(_ account: AccountID) throws -> Bool {
        try sql.first(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox WHERE account_id = ?1 AND failed_at IS NULL)
                OR EXISTS (SELECT 1 FROM accounts AS a JOIN sync_jobs AS j ON j.account_id = a.id
                    WHERE a.destination_id = ?1 AND j.status IN ('pending', 'in_progress')
                        OR a.destination_id = ?1 AND j.status = 'waiting' AND j.wait_reason <> 'credential')
            """, .integer(account.value)
        ) { _ in true } ?? false
    }

    func count(_ account: AccountID) throws -> OutboxCount {
        let waiting = try sql.first(
            """
            SELECT coalesce(sum(CASE WHEN failed_at IS NULL THEN 1 ELSE 0 END), 0),
                coalesce(sum(CASE WHEN failed_at IS NULL THEN 0 ELSE 1 END), 0)
            FROM outbox WHERE account_id = ?
            """, .integer(account.value)
        ) { (open: $0.int(0), refused: $0.int(1)) }
        let sent = try sql.first("SELECT count(*) FROM outbox_sent WHERE account_id = ?", .integer(account.value)) {
            $0.int(0)
        }
        return OutboxCount(waiting: waiting?.open ?? 0, sent: sent ?? 0, refused: waiting?.refused ?? 0)
    }

    func undelivered() throws -> [AccountID] {
        try sql.all(
            """
            SELECT a.id FROM accounts AS a
            WHERE EXISTS (SELECT 1 FROM outbox AS o WHERE o.account_id = a.id AND o.failed_at IS NULL)
                AND NOT EXISTS (SELECT 1 FROM sync_jobs AS j
                    WHERE j.account_id = a.id AND j.status IN ('pending', 'in_progress', 'waiting'))
            ORDER BY a.id
            """
        ) { AccountID($0.int64(0)) }
    }

    /// What was sent goes; of what was refused the others go on.
    func settle(_ handled: [Handled], of account: Int64) throws {
        try sent(handled.filter { $0.refusal == nil }.map(\.item), account)
        for entry in handled {
            guard let cause = entry.refusal else { continue }
            let isLast = entry.item.tries + 1 >= OutboxTable.mostTries
            let pause = OutboxTable.pause * (entry.item.tries + 1)
            try sql.run(
                """
                UPDATE outbox SET tries = tries + 1, run_after = ?, failed_at = ?, error_code = ?, error_message = ?
                WHERE id = ? AND hash = ?
                """,
                .integer((transaction.now + pause).microseconds), .text(isLast ? transaction.nowText : nil),
                .text(cause.code), .text(cause.message), .integer(entry.item.id),
                .integer(OutboxTable.hash(entry.item.body)))
            if isLast {
                EventTable(transaction: transaction)
                    .append("delivery_refused", cause.message, job: nil, account: account, worker: nil)
            }
        }
    }

    private func sent(_ items: [OutboxItem], _ account: Int64) throws {
        guard !items.isEmpty else { return }
        try sql.runEach(
            """
            INSERT INTO outbox_sent (account_id, kind, subject, item, version, hash, sent_at)
            SELECT account_id, kind, subject, item, ?2, ?3, ?4 FROM outbox WHERE id = ?1
            ON CONFLICT (account_id, kind, subject, item) DO UPDATE SET
                version = excluded.version, hash = excluded.hash, sent_at = excluded.sent_at
            """,
            items.map { item in
                [
                    .integer(item.id), .text(item.version), .integer(OutboxTable.hash(item.body)),
                    .text(transaction.nowText),
                ]
            })
        // A newer state that came meanwhile stays.
        try sql.runEach(
            "DELETE FROM outbox WHERE id = ? AND hash = ?",
            items.map { [.integer($0.id), .integer(OutboxTable.hash($0.body))] })
    }
}
