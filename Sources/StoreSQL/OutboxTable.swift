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
    private static let longestPause: Duration = .seconds(3600)

    func route(_ source: AccountID, to destination: AccountID?, keepsRows: Bool) throws {
        try sql.run(
            """
            UPDATE accounts SET destination_id = ?1, keeps_rows = ?2,
                routed_at = CASE WHEN destination_id IS DISTINCT FROM ?1 THEN ?3 ELSE routed_at END
            WHERE id = ?4
            """, .integer(destination?.value), .flag(keepsRows), .text(transaction.nowText), .integer(source.value))
    }

    // MARK: Coming in

    /// Adds what is new or newer; what went there in the same state is not sent again, unless another state was to
    /// follow. What was refused stays refused while it is the same.
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
                tries = CASE WHEN outbox.hash = excluded.hash THEN outbox.tries ELSE 0 END,
                failures = CASE WHEN outbox.hash = excluded.hash THEN outbox.failures ELSE 0 END,
                is_doubted = CASE WHEN outbox.hash = excluded.hash THEN outbox.is_doubted ELSE 0 END,
                run_after = CASE WHEN outbox.hash = excluded.hash THEN outbox.run_after END,
                failed_at = NULL,
                error_code = CASE WHEN outbox.hash = excluded.hash THEN outbox.error_code END,
                error_message = CASE WHEN outbox.hash = excluded.hash THEN outbox.error_message END
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

    func waiting(_ account: AccountID, limit: Int, since start: Instant) throws -> Outbox {
        try sql.run(
            "UPDATE outbox SET is_ready = 1 WHERE account_id = ? AND is_ready = 0 AND created_at < ?",
            .integer(account.value), .text("\(transaction.now - OutboxTable.patience)"))
        if let first = try due(account) { return Outbox(items: try items(account, first, limit), isOpen: true) }
        let isFed = try isFed(account)
        // Nothing else is left to be sent meanwhile: what got no answer is tried as often as the chunk may be.
        if !isFed, let first = try unanswered(account) {
            return Outbox(items: try items(account, first, limit), isOpen: true)
        }
        if try isFed || hasMore(account) { return Outbox(items: [], isOpen: true) }
        return Outbox(items: [], isOpen: false, setAside: try setAside(account, since: start))
    }

    private func due(_ account: AccountID) throws -> OutboxSubject? {
        try sql.first(
            """
            SELECT kind, subject FROM outbox INDEXED BY outbox_waiting
            WHERE account_id = ? AND failed_at IS NULL AND is_ready = 1 AND (run_after IS NULL OR run_after <= ?)
            ORDER BY id LIMIT 1
            """, .integer(account.value), .integer(transaction.now.microseconds)
        ) { OutboxSubject(kind: $0.text(0), subject: $0.text(1)) }
    }

    private func unanswered(_ account: AccountID) throws -> OutboxSubject? {
        try sql.first(
            """
            SELECT kind, subject FROM outbox INDEXED BY outbox_failing
            WHERE account_id = ? AND failures > 0 AND failed_at IS NULL AND is_ready = 1
            ORDER BY run_after, id LIMIT 1
            """, .integer(account.value)
        ) { OutboxSubject(kind: $0.text(0), subject: $0.text(1)) }
    }

    /// All of the subject that may go, and others of its kind behind it.
    private func items(_ account: AccountID, _ first: OutboxSubject, _ limit: Int) throws -> [OutboxItem] {
        try sql.all(
            """
            SELECT id, kind, subject, item, version, body, tries, failures FROM outbox INDEXED BY outbox_waiting
            WHERE account_id = ?1 AND failed_at IS NULL AND is_ready = 1 AND kind = ?3
                AND (run_after IS NULL OR run_after <= ?2 OR failures > 0 AND subject = ?4)
            ORDER BY CASE WHEN subject = ?4 THEN 0 ELSE 1 END, id LIMIT ?5
            """, .integer(account.value), .integer(transaction.now.microseconds), .text(first.kind),
            .text(first.subject), .integer(limit)
        ) { row in
            OutboxItem(
                id: row.int64(0), kind: row.text(1), subject: row.text(2), item: row.text(3), version: row.text(4),
                body: row.text(5), tries: row.int(6), failures: row.int(7))
        }
    }

    private func hasMore(_ account: AccountID) throws -> Bool {
        try sql.first(
            "SELECT 1 FROM outbox INDEXED BY outbox_waiting WHERE account_id = ? AND failed_at IS NULL LIMIT 1",
            .integer(account.value)
        ) { _ in true } ?? false
    }

    /// More is to come from an account that sends there.
    private func isFed(_ account: AccountID) throws -> Bool {
        try sql.first(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM accounts AS a JOIN sync_jobs AS j ON j.account_id = a.id
                WHERE a.destination_id = ?1 AND j.status IN ('pending', 'in_progress')
                    OR a.destination_id = ?1 AND j.status = 'waiting' AND j.wait_reason <> 'credential')
            """, .integer(account.value)
        ) { _ in true } ?? false
    }

    private func setAside(_ account: AccountID, since start: Instant) throws -> Outbox.SetAside? {
        let last = try sql.first(
            """
            SELECT error_code, error_message FROM outbox WHERE account_id = ? AND failed_at >= ?
            ORDER BY failed_at DESC, id DESC LIMIT 1
            """, .integer(account.value), .text("\(start)")
        ) { (code: $0.optionalText(0) ?? "", message: $0.optionalText(1) ?? "") }
        guard let last else { return nil }
        let count = try sql.first(
            "SELECT count(*) FROM outbox WHERE account_id = ? AND failed_at >= ?", .integer(account.value),
            .text("\(start)")
        ) { $0.int(0) }
        return Outbox.SetAside(count: count ?? 0, code: last.code, message: last.message)
    }

    /// What was set aside may go once more, and what got no answer at once.
    func retry(_ account: Int64) throws {
        try sql.run(
            """
            UPDATE outbox SET tries = 0, failures = 0, is_doubted = 0, run_after = NULL, failed_at = NULL,
                error_code = NULL, error_message = NULL
            WHERE account_id = ? AND (failed_at IS NOT NULL OR tries > 0 OR failures > 0)
            """, .integer(account))
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

    func waiting(for account: AccountID) throws -> Int {
        try sql.first(
            """
            SELECT count(*) FROM outbox INDEXED BY outbox_waiting
            WHERE account_id = ? AND failed_at IS NULL AND item <> ''
            """, .integer(account.value)
        ) { $0.int(0) } ?? 0
    }

    /// What a source says of a subject as a whole is no thing of its own.
    func delivered(to account: AccountID) throws -> [String: Int] {
        var found: [String: Int] = [:]
        try sql.rows(
            "SELECT kind, count(*) FROM outbox_sent WHERE account_id = ? AND item <> '' GROUP BY kind",
            .integer(account.value)
        ) { found[$0.text(0)] = $0.int(1) }
        return found
    }

    func undelivered() throws -> [AccountID] {
        try sql.all(
            """
            SELECT a.id FROM accounts AS a
            WHERE EXISTS (SELECT 1 FROM outbox AS o WHERE o.account_id = a.id AND o.failed_at IS NULL
                    AND (o.run_after IS NULL OR o.run_after <= ?))
                AND NOT EXISTS (SELECT 1 FROM sync_jobs AS j
                    WHERE j.account_id = a.id AND (j.status IN ('pending', 'in_progress', 'waiting')
                        OR j.status = 'nothing' AND j.finished_at > ?))
            ORDER BY a.id
            """, .integer(transaction.now.microseconds), .text("\(transaction.now - OutboxTable.pause)")
        ) { AccountID($0.int64(0)) }
    }

    /// What was sent goes; of what was refused or got no answer the others go on.
    func settle(_ handled: [Handled], of account: Int64) throws {
        let taken = handled.filter(\.isTaken).map(\.item)
        try sent(taken, account)
        for entry in handled {
            guard let cause = entry.refusal else { continue }
            let isLast = entry.item.tries + 1 >= OutboxTable.mostTries
            let pause = OutboxTable.pause * (entry.item.tries + 1)
            try sql.run(
                """
                UPDATE outbox SET tries = tries + 1, failures = 0, is_doubted = 0, run_after = ?, failed_at = ?,
                    error_code = ?, error_message = ?
                WHERE id = ? AND hash = ?
                """,
                .integer((transaction.now + pause).microseconds), .text(isLast ? transaction.nowText : nil),
                .text(cause.code), .text(cause.message), .integer(entry.item.id),
                .integer(OutboxTable.hash(entry.item.body)))
            if isLast { tellRefused(cause.message, account) }
        }
        try leave(handled, account)
        for (kind, items) in Dictionary(grouping: taken, by: \.kind) { try count(kind, without: items, account) }
    }

    private func tellRefused(_ message: String, _ account: Int64) {
        EventTable(transaction: transaction)
            .append("delivery_refused", message, job: nil, account: account, worker: nil)
    }

    /// The subjects of a call that got no answer stand back for a while. Whether that is for their sake only the next
    /// call tells that is answered.
    private func leave(_ handled: [Handled], _ account: Int64) throws {
        var causes: [OutboxSubject: Failure.Cause] = [:]
        for entry in handled {
            if let cause = entry.silence {
                causes[OutboxSubject(kind: entry.item.kind, subject: entry.item.subject)] = cause
            }
        }
        let now = transaction.now.microseconds
        try sql.runEach(
            """
            UPDATE outbox SET failures = failures + 1, is_doubted = 1, error_code = ?1, error_message = ?2,
                run_after = CASE WHEN failures < 7 THEN ?3 + ?4 * (failures + 1) * (failures + 1) ELSE ?5 END
            WHERE account_id = ?6 AND kind = ?7 AND subject = ?8 AND failed_at IS NULL
            """,
            causes.sorted { ($0.key.kind, $0.key.subject) < ($1.key.kind, $1.key.subject) }.map { subject, cause in
                [
                    .text(cause.code), .text(cause.message), .integer(now),
                    .integer(OutboxTable.pause.microseconds),
                    .integer(now + OutboxTable.longestPause.microseconds), .integer(account),
                    .text(subject.kind), .text(subject.subject),
                ]
            })
    }

    /// The receiver takes things of the kind: what else of it got no answer before did so for its own sake, and that
    /// counts as a try. While the receiver takes nothing, nothing is counted.
    private func count(_ kind: String, without taken: [OutboxItem], _ account: Int64) throws {
        try sql.runEach(
            """
            UPDATE outbox SET failures = 0, is_doubted = 0, run_after = NULL
            WHERE account_id = ? AND kind = ? AND subject = ? AND failures > 0 AND failed_at IS NULL
            """,
            Set(taken.map(\.subject)).sorted().map { [.integer(account), .text(kind), .text($0)] })
        var given: [String: String] = [:]
        try sql.rows(
            """
            UPDATE outbox SET tries = tries + 1, is_doubted = 0,
                failed_at = CASE WHEN tries + 1 >= ?1 THEN ?2 ELSE failed_at END
            WHERE account_id = ?3 AND kind = ?4 AND failures > 0 AND is_doubted = 1 AND failed_at IS NULL
            RETURNING subject, error_message, failed_at IS NOT NULL
            """, .integer(Int64(OutboxTable.mostTries)), .text(transaction.nowText), .integer(account), .text(kind)
        ) { row in
            if row.int(2) == 1 { given[row.text(0)] = row.optionalText(1) ?? "" }
        }
        for (_, message) in given.sorted(by: { $0.key < $1.key }) { tellRefused(message, account) }
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
