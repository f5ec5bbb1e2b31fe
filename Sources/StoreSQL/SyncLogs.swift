/// `sync_logs`: one row per account and run, over `sync_jobs` (design.md, section 4).
package enum SyncLogs {
    package static let name = "sync_logs"

    /// The statement that makes the view, the same on all engines.
    package static let view = """
        CREATE VIEW \(name) AS
        SELECT
            j.id, j.workspace_id, a.platform, j.account_id, a.external_id, a.name AS account_name,
            j.kind AS sync_type, j.status, j.wait_reason, j.phase, j.streams,
            j.requested_from, j.requested_to,
            coalesce(j.requested_from, j.history_from, j.recent_from) AS start_date,
            coalesce(j.requested_to, j.recent_to, j.history_to) AS end_date,
            j.total_chunks, j.completed_chunks, j.failed_chunks, j.cancelled_chunks, j.progress_percentage,
            j.rows_received, j.rows_written, j.requests, j.throttled, j.retries, j.retry_count, j.max_retries,
            j.error_class, j.error_message, j.created_at, j.started_at, j.finished_at,
            j.actual_duration_seconds
        FROM sync_jobs AS j
        JOIN accounts AS a ON a.id = j.account_id;
        """
}
