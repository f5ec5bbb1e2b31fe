import SyncCore

/// `quotas`: one row per limit of a platform.
struct QuotaTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func change<Result>(
        _ key: QuotaKey, limit: QuotaLimit, by edit: (inout Quota, Instant) -> Result
    ) throws -> Result {
        var stored = try locked(key)
        if stored == nil {
            // Whoever comes at the same moment waits for this row.
            try insert(key, Quota(limit: limit, at: transaction.now))
            stored = try locked(key)
        }
        guard let stored else { throw StoreError.inconsistent("a quota was not stored") }
        var quota = stored.read(at: transaction.now)
        let result = edit(&quota, transaction.now)
        if quota != stored.quota { try save(key, quota) }
        return result
    }

    private struct Stored {
        var quota: Quota
        var updatedAt: Instant

        func read(at now: Instant) -> Quota { quota.read(writtenAt: updatedAt, at: now) }
    }

    private func locked(_ key: QuotaKey) throws -> Stored? {
        try sql.first(
            """
            SELECT limit_points, limit_period, limit_burst, arrival, blocked_until, pace, paced_at, strikes,
                reported_use, updated_at, set_points, set_period, set_burst
            FROM quotas WHERE key = ? FOR UPDATE
            """, .text(key.rawValue), body: { try stored($0, from: 0) })
    }

    func read(_ selection: QuotaSelection) throws -> [(key: QuotaKey, quota: Quota)] {
        switch selection {
        case .blocked:
            try sql.all(
                """
                SELECT key, limit_points, limit_period, limit_burst, arrival, blocked_until, pace, paced_at, strikes,
                    reported_use, updated_at, set_points, set_period, set_burst
                FROM quotas WHERE blocked_until > ? ORDER BY key
                """, .integer(transaction.now.microseconds), body: entry)
        case .of(let keys):
            try sql.allAtOnce(
                """
                SELECT key, limit_points, limit_period, limit_burst, arrival, blocked_until, pace, paced_at, strikes,
                    reported_use, updated_at, set_points, set_period, set_burst
                FROM quotas WHERE key = ?1
                """, keys.sorted().map { [.text($0.rawValue)] }, body: entry)
        }
    }

    private func entry(_ row: ResultRow) throws -> (key: QuotaKey, quota: Quota) {
        (key: QuotaKey(rawValue: row.text(0)), quota: try stored(row, from: 1).read(at: transaction.now))
    }

    private func stored(_ row: ResultRow, from first: Int32) throws -> Stored {
        let points = row.real(first)
        let burst = row.real(first + 2)
        guard points > 0, row.int64(first + 1) > 0, burst >= 1 else {
            throw StoreError.inconsistent("a quota that allows nothing")
        }
        let limit = QuotaLimit(points: points, per: .microseconds(row.int64(first + 1)), burst: burst)
        let chosen = row.optionalReal(first + 10).map { points in
            QuotaLimit(points: points, per: .microseconds(row.int64(first + 11)), burst: row.real(first + 12))
        }
        var quota = Quota(limit: limit, chosen: chosen, at: Instant(microseconds: row.int64(first + 3)))
        quota.blockedUntil = row.optionalMoment(first + 4)
        quota.pace = row.real(first + 5)
        quota.pacedAt = Instant(microseconds: row.int64(first + 6))
        quota.strikes = row.int(first + 7)
        quota.reportedUse = row.optionalReal(first + 8)
        return Stored(quota: quota, updatedAt: try row.instant(first + 9))
    }

    private func insert(_ key: QuotaKey, _ quota: Quota) throws {
        try sql.run(
            """
            INSERT INTO quotas (key, limit_points, limit_period, limit_burst, arrival, blocked_until, pace,
                paced_at, strikes, reported_use, updated_at, set_points, set_period, set_burst)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
            """,
            .text(key.rawValue), .real(quota.told.points), .integer(quota.told.period.microseconds),
            .real(quota.told.burst), .integer(quota.arrival.microseconds),
            .integer(quota.blockedUntil?.microseconds), .real(quota.pace), .integer(quota.pacedAt.microseconds),
            .integer(quota.strikes), .real(quota.reportedUse), .text(transaction.nowText),
            .real(quota.chosen?.points), .integer(quota.chosen?.period.microseconds), .real(quota.chosen?.burst))
    }

    private func save(_ key: QuotaKey, _ quota: Quota) throws {
        try sql.run(
            """
            UPDATE quotas SET limit_points = ?2, limit_period = ?3, limit_burst = ?4, arrival = ?5,
                blocked_until = ?6, pace = ?7, paced_at = ?8, strikes = ?9, reported_use = ?10, updated_at = ?11,
                set_points = ?12, set_period = ?13, set_burst = ?14
            WHERE key = ?1
            """,
            .text(key.rawValue), .real(quota.told.points), .integer(quota.told.period.microseconds),
            .real(quota.told.burst), .integer(quota.arrival.microseconds),
            .integer(quota.blockedUntil?.microseconds), .real(quota.pace), .integer(quota.pacedAt.microseconds),
            .integer(quota.strikes), .real(quota.reportedUse), .text(transaction.nowText),
            .real(quota.chosen?.points), .integer(quota.chosen?.period.microseconds), .real(quota.chosen?.burst))
    }
}
