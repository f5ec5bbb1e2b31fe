import SyncCore

/// `events`: the append-only journal.
struct EventTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func append(
        _ kind: String, _ text: String, job: Int64? = nil, account: Int64? = nil, worker: String? = nil
    ) {
        transaction.ending.append(
            Event(
                id: 0, at: transaction.now, job: job.map { JobID($0) }, account: account.map { AccountID($0) },
                kind: kind,
                text: text, worker: worker))
    }

    /// Says something once per job, however often it is told.
    func appendOnce(_ kind: String, _ text: String, job: Int64, account: Int64) {
        transaction.ending.append(
            Event(id: 0, at: transaction.now, job: JobID(job), account: AccountID(account), kind: kind, text: text),
            isOnce: true)
    }

    func append(_ event: Event) {
        transaction.ending.append(event)
    }

    /// At the end of the transaction, so that it is in the journal for as short as can be.
    func insert(_ events: [(event: Event, isOnce: Bool)]) throws {
        guard !events.isEmpty else { return }
        try sql.session.enterJournal()
        try sql.runAtOnce(
            """
            INSERT INTO events (at, job_id, account_id, kind, text, once, worker) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            events.map { event, isOnce in
                [
                    .text(event.at.description), .integer(event.job?.value), .integer(event.account?.value),
                    .text(event.kind), .text(event.text), .flag(isOnce), .text(event.worker),
                ]
            })
    }

    func events(after id: Int64, through end: Int64, limit: Int) throws -> [Event] {
        try sql.all(
            """
            SELECT id, at, job_id, account_id, kind, text, worker FROM events WHERE id > ? AND id <= ?
            ORDER BY id LIMIT ?
            """, .integer(id), .integer(end), .integer(limit)
        ) { row in
            Event(
                id: row.int64(0), at: try row.instant(1), job: row.optionalInt64(2).map { JobID($0) },
                account: row.optionalInt64(3).map { AccountID($0) }, kind: row.text(4), text: row.text(5),
                worker: row.optionalText(6))
        }
    }

    func last() throws -> Int64 {
        try sql.first("SELECT max(id) FROM events") { $0.optionalInt64(0) ?? 0 } ?? 0
    }

    /// What was said once of a job.
    func notes(of job: Int64) throws -> [Note] {
        try sql.all(
            "SELECT kind, text FROM events INDEXED BY events_once WHERE job_id = ? AND once = 1 ORDER BY id",
            .integer(job)
        ) { Note($0.text(0), $0.text(1)) }
    }
}

/// `settings`: values by name.
struct SettingTable {
    let transaction: Transaction

    func value(_ name: String) throws -> String? {
        try transaction.sql.first("SELECT value FROM settings WHERE name = ?", .text(name)) { $0.text(0) }
    }

    func set(_ name: String, to value: String?) throws {
        guard let value else {
            try transaction.sql.run("DELETE FROM settings WHERE name = ?", .text(name))
            return
        }
        try transaction.sql.run(
            """
            INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
            """, .text(name), .text(value), .text(transaction.nowText))
    }
}
