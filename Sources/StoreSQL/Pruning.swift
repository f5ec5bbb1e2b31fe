import SyncCore

/// Keeps the queue's table small: what is finished for long goes, a little at a time.
struct Pruning {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// The oldest jobs that ended before `moment` and still have finished chunks lose up to `limit` of them. A job that
    /// has none left is not looked at again.
    func chunks(before moment: Instant, limit: Int) throws -> Int {
        var count = 0
        while count < limit {
            let removed = try chunksOfOldest(before: moment, limit: limit - count)
            if removed == 0 { break }
            count += removed
        }
        return count
    }

    private func chunksOfOldest(before moment: Instant, limit: Int) throws -> Int {
        let job = try sql.first(
            """
            SELECT id FROM sync_jobs INDEXED BY sync_jobs_prunable
            WHERE finished_at < ? AND finished_at IS NOT NULL AND is_pruned = 0 ORDER BY finished_at LIMIT 1
            FOR UPDATE SKIP LOCKED
            """, .text(moment.description)
        ) { $0.int64(0) }
        guard let job else { return 0 }
        let removed = try sql.changes(
            """
            DELETE FROM sync_chunks WHERE id IN (
                SELECT c.id FROM sync_chunks AS c INDEXED BY sync_chunks_job
                WHERE c.job_id = ? AND c.status IN ('completed', 'cancelled') LIMIT ?)
            """, .integer(job), .integer(limit))
        if removed < limit {
            try sql.run("UPDATE sync_jobs SET is_pruned = 1 WHERE id = ?", .integer(job))
        }
        // A job without chunks counts too: otherwise the next would wait for an hour.
        return max(removed, 1)
    }
}
