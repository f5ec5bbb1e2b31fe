import SyncCore

/// `sync_chunks`: putting chunks in and reading them for people. Claims, leases and writes of workers have
/// their own files.
struct ChunkTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// What a new chunk has beside its spec.
    struct Placement {
        var job: Int64
        var account: Int64
        var stage: String
        var workClass: WorkClass
        var orderKey: Int64
        var maxRetries: Int
        /// The connection is parked: the chunk waits for its credential.
        var isParked: Bool
    }

    func insert(_ chunks: [(spec: ChunkSpec, place: Placement)]) throws {
        if chunks.contains(where: { !$0.place.isParked }) { transaction.ending.announce(.work) }
        try sql.runAtOnce(
            """
            INSERT INTO sync_chunks (job_id, account_id, stream, stage, phase, work_class, status, wait_reason,
                order_key, max_retries, start_date, end_date, mode, entity_column, entities, fields, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, try chunks.map { try values(of: $0.spec, at: $0.place) })
    }

    private func values(of spec: ChunkSpec, at place: Placement) throws -> [Bound] {
        [
            .integer(place.job), .integer(place.account), .text(spec.stream.rawValue), .text(place.stage),
            .text(spec.phase.rawValue), .text(place.workClass.rawValue),
            .text(place.isParked ? "waiting" : "pending"), .text(place.isParked ? "credential" : nil),
            .integer(place.orderKey), .integer(place.maxRetries), .text(spec.days?.first.description),
            .text(spec.days?.last.description), .text(spec.mode), .text(spec.entities?.column),
            .text(try spec.entities.map { try TextColumn.json($0.ids) }),
            .text(try spec.fields.map { try TextColumn.json($0) }), .text(transaction.nowText),
        ]
    }

    /// Replaces the spec of a chunk that was split.
    func narrow(_ id: Int64, to spec: ChunkSpec) throws {
        try sql.run(
            """
            UPDATE sync_chunks SET stream = ?, start_date = ?, end_date = ?, mode = ?, entity_column = ?,
                entities = ?, fields = ?
            WHERE id = ?
            """,
            .text(spec.stream.rawValue), .text(spec.days?.first.description), .text(spec.days?.last.description),
            .text(spec.mode), .text(spec.entities?.column),
            .text(try spec.entities.map { try TextColumn.json($0.ids) }),
            .text(try spec.fields.map { try TextColumn.json($0) }), .integer(id))
    }

    /// A spec from seven columns: stream, phase, start_date, end_date, mode, entity_column, entities, fields.
    static func spec(_ row: ResultRow, from first: Int32) throws -> ChunkSpec {
        var entities: EntitySet?
        if let column = row.optionalText(first + 5), let ids = row.optionalText(first + 6) {
            entities = EntitySet(column: column, ids: try TextColumn.value([String].self, from: ids))
        }
        return ChunkSpec(
            stream: StreamID(row.text(first)), phase: try row.word(first + 1),
            days: try row.optionalDays(first + 2, first + 3), entities: entities,
            fields: try row.optionalText(first + 7).map { try TextColumn.value([String].self, from: $0) },
            mode: row.text(first + 4))
    }

    func summaries(of job: JobID, in states: Set<WorkState>, limit: Int) throws -> [ChunkSummary] {
        let words = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        var found: [ChunkSummary] = []
        try sql.rows(
            built: """
                SELECT id, status, wait_reason, run_after, retry_count, error_class, error_code, error_message, advice,
                    stream, phase, start_date, end_date, mode, entity_column, entities, fields, started_at
                FROM sync_chunks WHERE job_id = ? AND status IN (\(words)) ORDER BY id LIMIT ?
                """, .integer(job.value), .integer(limit)
        ) { row in
            found.append(
                ChunkSummary(
                    id: ChunkID(row.int64(0)), spec: try ChunkTable.spec(row, from: 9), state: try row.word(1),
                    waitReason: try row.optionalWord(2), runAfter: row.optionalMoment(3),
                    startedAt: try row.optionalInstant(17), retryCount: row.int(4), errorClass: row.optionalText(5),
                    errorCode: row.optionalText(6), errorMessage: row.optionalText(7), advice: row.optionalText(8)))
        }
        return found
    }

    func stages(of job: JobID) throws -> [StageProgress] {
        try sql.all(
            """
            SELECT stage, phase, count(*), count(*) FILTER (WHERE status = 'completed'),
                count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'in_progress'),
                count(*) FILTER (WHERE status = 'waiting'), CAST(sum(rows) AS BIGINT), CAST(sum(requests) AS BIGINT)
            FROM sync_chunks INDEXED BY sync_chunks_job WHERE job_id = ?
            GROUP BY stage, phase ORDER BY min(id)
            """, .integer(job.value)
        ) { try ChunkTable.progress($0) }
    }

    func streams(of job: JobID) throws -> [StageProgress] {
        try sql.all(
            """
            SELECT stream, phase, count(*), count(*) FILTER (WHERE status = 'completed'),
                count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'in_progress'),
                count(*) FILTER (WHERE status = 'waiting'), CAST(sum(rows) AS BIGINT), CAST(sum(requests) AS BIGINT)
            FROM sync_chunks INDEXED BY sync_chunks_job WHERE job_id = ?
            GROUP BY stream, phase ORDER BY min(id)
            """, .integer(job.value)
        ) { try ChunkTable.progress($0) }
    }

    private static func progress(_ row: ResultRow) throws -> StageProgress {
        StageProgress(
            stage: row.text(0), phase: try row.word(1), total: row.int(2), completed: row.int(3), failed: row.int(4),
            running: row.int(5), waiting: row.int(6), rows: row.int(7), requests: row.int(8))
    }
}
