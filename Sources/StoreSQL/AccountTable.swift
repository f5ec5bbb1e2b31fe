import SyncCore

/// `accounts`: what connections reach.
struct AccountTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// Stores what the platform says; what Sluice knows of it (phases, last sync) stays. Lists of accounts may know no
    /// names and give the id instead: that takes no name away.
    func save(_ account: Account) throws -> AccountID {
        let id = try sql.first(
            """
            INSERT INTO accounts (connection_id, workspace_id, platform, external_id, name, currency, time_zone,
                created_on, created_at, updated_at, handle)
            VALUES (?1, (SELECT workspace_id FROM connections WHERE id = ?1), ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (connection_id, external_id) DO UPDATE SET
                name = CASE WHEN excluded.name = excluded.external_id THEN accounts.name ELSE excluded.name END,
                currency = excluded.currency, time_zone = excluded.time_zone,
                created_on = coalesce(excluded.created_on, accounts.created_on), updated_at = excluded.updated_at,
                handle = coalesce(excluded.handle, accounts.handle)
            RETURNING id
            """,
            .integer(account.connection.value), .text(account.platform.rawValue), .text(account.externalID),
            .text(account.name), .text(account.currency), .text(account.zoneName),
            .text(account.createdOn?.description), .text(transaction.nowText), .text(transaction.nowText),
            .text(account.handle)
        ) { AccountID($0.int64(0)) }
        guard let id else { throw StoreError.inconsistent("an account was not stored") }
        return id
    }

    /// Nil when another workspace has it.
    func saveAlone(_ account: Account) throws -> AccountID? {
        // All who claim an account meet at one row, which is always there.
        _ = try sql.first("SELECT id FROM workspaces WHERE id = 1 FOR UPDATE") { _ in true }
        let isTaken = try sql.first(
            """
            SELECT 1 FROM accounts WHERE platform = ?1 AND external_id = ?2
                AND NOT EXISTS (
                    SELECT 1 FROM accounts AS mine JOIN connections AS c ON c.id = ?3
                    WHERE mine.platform = ?1 AND mine.external_id = ?2 AND mine.workspace_id = c.workspace_id)
            LIMIT 1
            """, .text(account.platform.rawValue), .text(account.externalID),
            .integer(account.connection.value)
        ) { _ in true }
        return isTaken == nil ? try save(account) : nil
    }

    func account(_ id: AccountID) throws -> Account? {
        try sql.first(
            """
            SELECT id, connection_id, platform, external_id, name, currency, time_zone, created_on,
                phase_1_completed_at, phase_2_completed_at, last_synced_at, destination_id, keeps_rows, handle,
                routed_at, workspace_id
            FROM accounts WHERE id = ?
            """, .integer(id.value), body: account)
    }

    func all() throws -> [Account] {
        try sql.all(
            """
            SELECT id, connection_id, platform, external_id, name, currency, time_zone, created_on,
                phase_1_completed_at, phase_2_completed_at, last_synced_at, destination_id, keeps_rows, handle,
                routed_at, workspace_id
            FROM accounts ORDER BY id
            """, body: account)
    }

    private func account(_ row: ResultRow) throws -> Account {
        Account(
            id: AccountID(row.int64(0)), workspace: WorkspaceID(row.int64(15)), connection: ConnectionID(row.int64(1)),
            platform: PlatformID(row.text(2)), externalID: row.text(3), name: row.text(4), currency: row.text(5),
            zoneName: row.text(6),
            createdOn: try row.optionalDay(7), recentCompletedAt: try row.optionalInstant(8),
            historyCompletedAt: try row.optionalInstant(9), lastSyncedAt: try row.optionalInstant(10),
            destination: row.optionalInt64(11).map { AccountID($0) }, keepsRows: row.int(12) != 0,
            handle: row.optionalText(13), routedAt: try row.optionalInstant(14))
    }

    /// The recent phase of a whole sync ended without a failure; the first time stays.
    func recentCompleted(_ account: Int64) throws {
        try sql.run(
            "UPDATE accounts SET phase_1_completed_at = coalesce(phase_1_completed_at, ?) WHERE id = ?",
            .text(transaction.nowText), .integer(account))
    }

    func historyCompleted(_ account: Int64) throws {
        try sql.run(
            "UPDATE accounts SET phase_2_completed_at = coalesce(phase_2_completed_at, ?) WHERE id = ?",
            .text(transaction.nowText), .integer(account))
    }

    func synced(_ account: Int64) throws {
        try sql.run(
            "UPDATE accounts SET last_synced_at = ? WHERE id = ?", .text(transaction.nowText), .integer(account))
    }
}
