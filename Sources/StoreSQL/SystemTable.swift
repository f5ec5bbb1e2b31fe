package import SyncCore

/// The database itself, and who works on it.
struct SystemTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func facts(_ portrait: DatabasePortrait) throws -> DatabaseFacts {
        var facts = DatabaseFacts(engine: portrait.engine, version: "", bytes: 0, schema: 0)
        try sql.rows(built: portrait.version) { facts.version = $0.text(0) }
        try sql.rows(built: portrait.bytes) { facts.bytes = $0.int(0) }
        try sql.rows(built: portrait.schema) { facts.schema = $0.int(0) }
        return facts
    }

    func machines() throws -> [Machine] {
        var machines: [String: Machine] = [:]
        try sql.rows(
            """
            SELECT worker, count(*), max(lease_until) FROM sync_chunks INDEXED BY sync_chunks_leased
            WHERE status = 'in_progress' GROUP BY worker
            """
        ) { row in
            let name = row.text(0)
            let heardAt = Instant(microseconds: row.int64(2)) - SystemTable.lease
            machines[name] = Machine(name: name, inFlight: row.int(1), heardAt: heardAt)
        }
        try sql.rows(
            "SELECT holder, name FROM leaders WHERE lease_until > ? ORDER BY name",
            .integer(transaction.now.microseconds)
        ) { row in
            machines[row.text(0), default: Machine(name: row.text(0))].leads.append(row.text(1))
        }
        return machines.values.sorted { $0.name < $1.name }
    }

    /// That of a claim (`ClaimRequest`): renewed to so long from the moment of the renewal.
    private static let lease: Duration = .seconds(45)

    /// Of the journal, which is in the order of time: where the time begins is found by halving.
    func chunkMinutes(_ minutes: Int) throws -> [Int] {
        let start = transaction.now - .seconds(60 * minutes)
        var counts = Array(repeating: 0, count: minutes)
        let newest = try EventTable(transaction: transaction).last()
        var first = max(0, newest - SystemTable.mostEvents)
        var end = newest + 1
        while first + 1 < end {
            let middle = (first + end) / 2
            let isBefore =
                try sql.first(
                    "SELECT at < ? FROM events WHERE id >= ? ORDER BY id LIMIT 1", .text(start.description),
                    .integer(middle)
                ) { $0.int(0) == 1 } ?? false
            if isBefore { first = middle } else { end = middle }
        }
        try sql.rows(
            "SELECT at FROM events WHERE id >= ? AND kind = 'chunk_completed'", .integer(first)
        ) { row in
            // What came at this very moment is of the last minute.
            let minute = min(minutes - 1, Int((try row.instant(0) - start).inSeconds / 60))
            if minute >= 0 { counts[minute] += 1 }
        }
        return counts
    }

    /// A minute with so much going on is busy enough whatever the number.
    private static let mostEvents: Int64 = 200_000

    func waitingForQuota() throws -> [AccountID: Int] {
        var counts: [AccountID: Int] = [:]
        try sql.rows(
            """
            SELECT account_id, count(*) FROM sync_chunks INDEXED BY sync_chunks_timed
            WHERE run_after IS NOT NULL AND wait_reason = 'quota' GROUP BY account_id
            """
        ) { counts[AccountID($0.int64(0))] = $0.int(1) }
        return counts
    }
}

extension SQLStore {
    package func databaseFacts() async throws -> DatabaseFacts {
        let portrait = portrait
        return try await read { try SystemTable(transaction: $0).facts(portrait) }
    }

    package func machines() async throws -> [Machine] {
        try await read { try SystemTable(transaction: $0).machines() }
    }

    package func chunkMinutes(_ minutes: Int) async throws -> [Int] {
        try await read { try SystemTable(transaction: $0).chunkMinutes(minutes) }
    }

    package func work(of workspace: WorkspaceID, minutes: Int) async throws -> WorkDone {
        try await read { try MinuteTable(transaction: $0).work(of: workspace, minutes) }
    }

    package func waitingForQuota() async throws -> [AccountID: Int] {
        try await read { try SystemTable(transaction: $0).waitingForQuota() }
    }
}
