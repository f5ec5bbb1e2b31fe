import SyncCore
import Wording

/// Runs as programs read them, in the words of the systems that Sluice replaces (replaced.md, R4 and R5).
struct RunBody: Encodable, Sendable {
    var id: Int64
    var platform: String
    var account_id: Int64
    var account: String
    var time_zone: String
    var sync_type: String
    var status: String
    var wait_reason: String?
    var phase: String
    var start_date: String?
    var end_date: String?
    var schedule_id: Int64?
    var schedule_name: String?
    var total_chunks: Int
    var completed_chunks: Int
    var failed_chunks: Int
    var percent: Int
    var counts: Counts
    var error_class: String?
    var error_message: String?
    var created_at: String
    var started_at: String?
    var finished_at: String?
    var actual_duration_seconds: Double?

    struct Counts: Encodable, Sendable {
        var rows_received: Int
        var rows_written: Int
        var requests: Int
        var throttled: Int
        var retries: Int
        var splits: Int
    }

    init(_ entry: LogEntry) {
        id = entry.job.value
        platform = entry.platform.rawValue
        account_id = entry.account.value
        account = entry.accountName
        time_zone = entry.zoneName
        sync_type = entry.kind.rawValue
        status = entry.state.rawValue
        wait_reason = entry.waitReason?.rawValue
        phase = entry.phase.rawValue
        start_date = entry.days?.first.description
        end_date = entry.days?.last.description
        schedule_id = entry.schedule?.value
        schedule_name = entry.scheduleName
        total_chunks = entry.totalChunks
        completed_chunks = entry.completedChunks
        failed_chunks = entry.failedChunks
        percent = entry.percent
        counts = Counts(
            rows_received: entry.rowsReceived, rows_written: entry.rowsWritten, requests: entry.requests,
            throttled: entry.throttled, retries: entry.retries, splits: entry.splits)
        error_class = entry.errorClass
        error_message = entry.errorMessage
        created_at = entry.createdAt.description
        started_at = entry.startedAt?.description
        finished_at = entry.finishedAt?.description
        actual_duration_seconds = entry.startedAt.flatMap { start in entry.finishedAt.map { ($0 - start).inSeconds } }
    }
}

struct ChunkBody: Encodable, Sendable {
    var id: Int64
    var stream: String
    var phase: String
    var status: String
    var wait_reason: String?
    var start_date: String?
    var end_date: String?
    var entities: Int?
    var rows: Int
    var requests: Int
    var retry_count: Int
    var splits: Int
    var error_class: String?
    var error_code: String?
    var error_message: String?
    var advice: String?
    /// The platform's own number of the call that failed.
    var request_id: String?
    var started_at: String?
    var finished_at: String?
    var actual_duration_seconds: Double

    init(_ chunk: ChunkSummary) {
        id = chunk.id.value
        stream = chunk.spec.stream.rawValue
        phase = chunk.spec.phase.rawValue
        status = chunk.state.rawValue
        wait_reason = chunk.waitReason?.rawValue
        start_date = chunk.spec.days?.first.description
        end_date = chunk.spec.days?.last.description
        entities = chunk.spec.entities?.ids.count
        rows = chunk.rows
        requests = chunk.requests
        retry_count = chunk.retryCount
        splits = chunk.splits
        error_class = chunk.errorClass
        error_code = chunk.errorCode
        error_message = chunk.errorMessage
        advice = chunk.advice
        request_id = chunk.errorTrace
        started_at = chunk.startedAt?.description
        finished_at = chunk.finishedAt?.description
        actual_duration_seconds = chunk.busy.inSeconds
    }
}

/// Failed chunks that have their cause in common.
struct CauseBody: Encodable, Sendable {
    /// What a retry names it by.
    var cause: String
    var error_class: String
    var error_code: String
    var error_message: String
    var advice: String
    var streams: [String]
    var failed_chunks: Int

    init(_ group: FailureGroup) {
        cause = group.key
        error_class = group.cause.errorClass
        error_code = group.cause.code
        error_message = group.cause.message
        advice = group.advice
        streams = group.streams.map(\.rawValue)
        failed_chunks = group.count
    }
}

struct StageBody: Encodable, Sendable {
    var stage: String
    var phase: String
    var total: Int
    var completed: Int
    var failed: Int
    var running: Int
    var waiting: Int
    var rows: Int
    var requests: Int

    init(_ stage: StageProgress) {
        self.stage = stage.stage
        phase = stage.phase.rawValue
        total = stage.total
        completed = stage.completed
        failed = stage.failed
        running = stage.running
        waiting = stage.waiting
        rows = stage.rows
        requests = stage.requests
    }
}

struct RunListBody: Encodable, Sendable {
    var success = true
    var logs: [RunBody]
    /// For `before`; nil at the end.
    var next: Int64?
    /// Of the hours of seven days, the first of them at `from`.
    var histogram: Histogram?

    struct Histogram: Encodable, Sendable {
        var from: String
        var runs: [Int]
        var failed: [Int]
        var throttled: [Int]
    }
}

struct RunDetailBody: Encodable, Sendable {
    var success = true
    var log: RunBody
    var stages: [StageBody]
    /// Those that failed, those in hand, and of the others so many.
    var chunks: [ChunkBody]
    /// Of all that failed, the one with the most first.
    var causes: [CauseBody]
    var notes: [String]
    var requested_by: String?
    var request_id: String?
}
