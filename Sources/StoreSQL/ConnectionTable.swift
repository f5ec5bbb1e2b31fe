import SyncCore

/// `connections`: sealed credentials and whether they are parked.
struct ConnectionTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func find(_ workspace: WorkspaceID, platform: PlatformID, name: String, baseURL: String) throws -> ConnectionID? {
        try sql.first(
            """
            SELECT id FROM connections WHERE workspace_id = ? AND platform = ? AND name = ? AND base_url = ?
            """, .integer(workspace.value), .text(platform.rawValue), .text(name), .text(baseURL)
        ) { ConnectionID($0.int64(0)) }
    }

    /// Nil when there is one already.
    func insert(
        _ workspace: WorkspaceID, platform: PlatformID, name: String, baseURL: String, sealed: [UInt8],
        configuration: [String: String], isGuarded: Bool
    ) throws -> ConnectionID? {
        try sql.first(
            """
            INSERT INTO connections (workspace_id, platform, name, base_url, sealed, version, configuration,
                created_at, updated_at, is_guarded)
            VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
            """,
            .integer(workspace.value), .text(platform.rawValue), .text(name), .text(baseURL), .blob(sealed),
            .text(try TextColumn.json(configuration)), .text(transaction.nowText), .text(transaction.nowText),
            .integer(isGuarded ? 1 : 0)
        ) { ConnectionID($0.int64(0)) }
    }

    /// A parked one comes back to work with its chunks.
    func replace(
        _ id: ConnectionID, sealed: [UInt8], configuration: [String: String], isGuarded: Bool
    ) throws -> ConnectionID {
        try sql.run(
            """
            UPDATE connections SET sealed = ?, version = version + 1, configuration = ?,
                is_guarded = CASE WHEN ? = 0 THEN 0 ELSE is_guarded END
            WHERE id = ?
            """, .blob(sealed),
            .text(try TextColumn.json(configuration)), .integer(isGuarded ? 1 : 0), .integer(id.value))
        try resume(id)
        return id
    }

    func resume(_ id: ConnectionID) throws {
        let before = try sql.first(
            "SELECT name, parked_at FROM connections WHERE id = ? FOR UPDATE", .integer(id.value)
        ) { (name: $0.text(0), isParked: !$0.isNull(1)) }
        guard let before else { throw StoreError.inconsistent("connection \(id) is gone") }
        try sql.run(
            """
            UPDATE connections
            SET updated_at = ?, parked_at = NULL, parked_code = NULL, parked_message = NULL,
                parked_advice = NULL, parked_trace = NULL
            WHERE id = ?
            """, .text(transaction.nowText), .integer(id.value))
        if before.isParked { try resume(id.value, name: before.name) }
    }

    func configure(_ id: ConnectionID, from old: [String: String], to new: [String: String]) throws -> Bool {
        try sql.changes(
            "UPDATE connections SET configuration = ?, updated_at = ? WHERE id = ? AND CAST(configuration AS TEXT) = ?",
            .text(try TextColumn.json(new)), .text(transaction.nowText), .integer(id.value),
            .text(try TextColumn.json(old))) == 1
    }

    func renew(_ id: ConnectionID, version: Int, sealed: [UInt8]) throws -> Bool {
        let renewed = try sql.changes(
            "UPDATE connections SET sealed = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?",
            .blob(sealed), .text(transaction.nowText), .integer(id.value), .integer(version))
        if renewed == 1 { return true }
        // It may come again after its answer was lost.
        return try connection(id).map { $0.version == version + 1 && $0.sealed == sealed } ?? false
    }

    func park(_ id: ConnectionID, version: Int, cause: Failure.Cause) throws -> Bool {
        let parked = try sql.changes(
            """
            UPDATE connections
            SET parked_at = ?, parked_code = ?, parked_message = ?, parked_advice = ?, parked_trace = ?
            WHERE id = ? AND version = ? AND parked_at IS NULL
            """,
            .text(transaction.nowText), .text(cause.code), .text(cause.message), .text(cause.advice),
            .text(cause.trace), .integer(id.value), .integer(version))
        guard parked == 1 else { return false }
        for account in try accounts(of: id.value) {
            try sql.run(
                """
                UPDATE sync_chunks INDEXED BY sync_chunks_ready SET status = 'waiting', wait_reason = 'credential'
                WHERE account_id = ? AND status = 'pending' AND run_after IS NULL
                """, .integer(account))
            try sql.run(
                """
                UPDATE sync_chunks INDEXED BY sync_chunks_timed
                SET status = 'waiting', wait_reason = 'credential', run_after = NULL
                WHERE run_after IS NOT NULL AND account_id = ?
                """, .integer(account))
            try sql.run(
                """
                UPDATE sync_jobs INDEXED BY sync_jobs_open SET status = 'waiting', wait_reason = 'credential'
                WHERE account_id = ? AND status IN ('pending', 'in_progress', 'waiting')
                """, .integer(account))
        }
        let advice = cause.advice.isEmpty ? "" : " \(cause.advice)"
        EventTable(transaction: transaction).append("connection_parked", cause.message + advice)
        return true
    }

    func forget(_ id: ConnectionID, sealed: [UInt8], by actor: String) throws -> Int {
        let cause = Connection.removed
        let name = try sql.first("SELECT name FROM connections WHERE id = ? FOR UPDATE", .integer(id.value)) {
            $0.text(0)
        }
        guard let name else { return 0 }
        var cancelled = 0
        for account in try accounts(of: id.value) {
            let open = try sql.all(
                """
                SELECT id FROM sync_jobs INDEXED BY sync_jobs_open
                WHERE account_id = ? AND status IN ('pending', 'in_progress', 'waiting') ORDER BY id
                """, .integer(account)
            ) { JobID($0.int64(0)) }
            for job in open where try JobControl(transaction: transaction).cancel(job, by: actor) { cancelled += 1 }
        }
        try sql.run(
            """
            UPDATE connections
            SET sealed = ?, version = version + 1, updated_at = ?, parked_at = ?, parked_code = ?, parked_message = ?,
                parked_advice = ?, parked_trace = NULL
            WHERE id = ?
            """,
            .blob(sealed), .text(transaction.nowText), .text(transaction.nowText), .text(cause.code),
            .text(cause.message), .text(cause.advice), .integer(id.value))
        EventTable(transaction: transaction).append("connection_removed", "The connection \(name) was removed")
        return cancelled
    }

    private func resume(_ id: Int64, name: String) throws {
        transaction.ending.announce(.work)
        for account in try accounts(of: id) {
            try sql.run(
                """
                UPDATE sync_chunks INDEXED BY sync_chunks_parked
                SET status = 'pending', wait_reason = NULL, run_after = NULL
                WHERE account_id = ? AND wait_reason = 'credential'
                """, .integer(account))
            try sql.run(
                """
                UPDATE sync_jobs INDEXED BY sync_jobs_open
                SET status = CASE WHEN started_at IS NULL THEN 'pending' ELSE 'in_progress' END, wait_reason = NULL
                WHERE account_id = ? AND status IN ('pending', 'in_progress', 'waiting')
                    AND wait_reason = 'credential'
                """, .integer(account))
        }
        EventTable(transaction: transaction).append("connection_resumed", "The connection \(name) works again")
    }

    private func accounts(of connection: Int64) throws -> [Int64] {
        try sql.all("SELECT id FROM accounts WHERE connection_id = ? ORDER BY id", .integer(connection)) {
            $0.int64(0)
        }
    }

    /// Whether the connection of an account is parked: then its chunks wait instead of being pending.
    func isParked(account: Int64) throws -> Bool {
        try sql.first(
            """
            SELECT c.parked_at IS NOT NULL FROM accounts AS a JOIN connections AS c ON c.id = a.connection_id
            WHERE a.id = ?
            """, .integer(account)
        ) { $0.int(0) == 1 } ?? false
    }

    func connection(_ id: ConnectionID) throws -> Connection? {
        try sql.first(
            """
            SELECT id, platform, name, base_url, sealed, version, configuration, parked_at, parked_code,
                parked_message, parked_advice, parked_trace, workspace_id, is_guarded
            FROM connections WHERE id = ?
            """, .integer(id.value), body: connection)
    }

    func all() throws -> [Connection] {
        try sql.all(
            """
            SELECT id, platform, name, base_url, sealed, version, configuration, parked_at, parked_code,
                parked_message, parked_advice, parked_trace, workspace_id, is_guarded
            FROM connections ORDER BY id
            """, body: connection)
    }

    private func connection(_ row: ResultRow) throws -> Connection {
        var connection = Connection(
            id: ConnectionID(row.int64(0)), workspace: WorkspaceID(row.int64(12)), platform: PlatformID(row.text(1)),
            name: row.text(2), baseURL: row.text(3), sealed: row.bytes(4), version: row.int(5),
            configuration: try TextColumn.value([String: String].self, from: row.text(6)), isGuarded: row.int(13) != 0)
        if !row.isNull(7) {
            connection.parkedAt = try row.optionalInstant(7)
            connection.parked = Failure.Cause(
                code: row.text(8), row.text(9), advice: row.text(10), trace: row.optionalText(11))
        }
        return connection
    }
}
