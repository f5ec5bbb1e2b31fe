package import SyncCore

/// `sync_logs`: one row per account and run, over `sync_jobs` (design.md, section 4).
package enum SyncLogs {
    package static let name = "sync_logs"

    package static let columns = [
        number("id"), number("workspace_id"), text("platform"), number("account_id"), text("external_id"),
        text("account_name"), text("sync_type"), text("status"), text("wait_reason"), text("phase"),
        Column(context: "streams", .json), day("requested_from"), day("requested_to"), day("start_date"),
        day("end_date"), number("total_chunks"), number("completed_chunks"), number("failed_chunks"),
        number("cancelled_chunks"), number("progress_percentage"), number("rows_received"), number("rows_written"),
        number("requests"), number("throttled"), number("retries"), number("retry_count"), number("max_retries"),
        text("error_class"), text("error_message"), moment("created_at"), moment("started_at"), moment("finished_at"),
        Column(context: "actual_duration_seconds", .real), number("schedule_id"), text("schedule_name"),
    ]

    private static func text(_ name: String) -> Column { Column(context: name, .text) }
    private static func number(_ name: String) -> Column { Column(context: name, .integer) }
    private static func day(_ name: String) -> Column { Column(context: name, .date) }
    private static func moment(_ name: String) -> Column { Column(context: name, .instant) }

    /// Which schedule started a run, as far as its runs are still known; for the step that adds the columns.
    package static let origins = """
        UPDATE sync_jobs SET schedule_id =
            (SELECT min(r.schedule_id) FROM schedule_run_jobs AS x JOIN schedule_runs AS r ON r.id = x.run_id
                WHERE x.job_id = sync_jobs.id)
        WHERE id IN (SELECT job_id FROM schedule_run_jobs);
        UPDATE sync_jobs SET schedule_name = (SELECT s.name FROM schedules AS s WHERE s.id = sync_jobs.schedule_id)
        WHERE schedule_id IS NOT NULL;
        CREATE INDEX sync_jobs_schedule ON sync_jobs (schedule_id, workspace_id, schedule_name)
        WHERE schedule_id IS NOT NULL;
        """

    /// What was added to it since, behind all else.
    package static let scheduleColumns = ",\n    j.schedule_id, j.schedule_name"

    /// The statement that makes the view, the same on all engines.
    package static func view(_ verb: String = "CREATE VIEW", more: String = "") -> String {
        """
        \(verb) \(name) AS
        SELECT
            j.id, j.workspace_id, a.platform, j.account_id, a.external_id, a.name AS account_name,
            j.kind AS sync_type, j.status, j.wait_reason, j.phase, j.streams,
            j.requested_from, j.requested_to,
            coalesce(j.requested_from, j.history_from, j.recent_from) AS start_date,
            coalesce(j.requested_to, j.recent_to, j.history_to) AS end_date,
            j.total_chunks, j.completed_chunks, j.failed_chunks, j.cancelled_chunks, j.progress_percentage,
            j.rows_received, j.rows_written, j.requests, j.throttled, j.retries, j.retry_count, j.max_retries,
            j.error_class, j.error_message, j.created_at, j.started_at, j.finished_at,
            j.actual_duration_seconds\(more)
        FROM sync_jobs AS j
        JOIN accounts AS a ON a.id = j.account_id;
        """
    }
}
