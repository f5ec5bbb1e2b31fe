import SyncCore

/// `leaders`: who does some upkeep for all, until when, and how often it has changed hands. A row with a lease and no
/// lock of a session: a pooler may stand before the database.
struct LeaderTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// How often it has changed hands; nil when nobody ever had it.
    func epoch(of name: String) throws -> Int64? {
        try sql.first("SELECT epoch FROM leaders WHERE name = ?", .text(name)) { $0.int64(0) }
    }

    func lead(_ name: String, as holder: String, for lease: Duration) throws -> Int64? {
        try sql.run(
            "INSERT INTO leaders (name, holder, epoch, lease_until) VALUES (?, '', 0, 0) ON CONFLICT (name) DO NOTHING",
            .text(name))
        return try sql.first(
            """
            UPDATE leaders SET epoch = CASE WHEN holder = ?2 THEN epoch ELSE epoch + 1 END, holder = ?2,
                lease_until = ?3
            WHERE name = ?1 AND (holder = ?2 OR lease_until <= ?4) RETURNING epoch
            """,
            .text(name), .text(holder), .integer((transaction.now + lease).microseconds),
            .integer(transaction.now.microseconds)
        ) { $0.int64(0) }
    }
}
