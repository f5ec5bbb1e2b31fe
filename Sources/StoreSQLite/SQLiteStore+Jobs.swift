package import SyncCore

extension SQLiteStore: JobStore {
    package nonisolated func enqueue(_ job: NewJob) async throws -> (id: JobID, isNew: Bool) {
        try await write { try JobTable(transaction: $0).enqueue(job) }
    }

    package nonisolated func addStep(
        _ step: Int, of job: JobID, chunks: [PlannedChunk], notOffered: [StreamID: DayRange], notes: [Note]
    ) async throws -> Bool {
        try await write(weight: chunks.count) {
            try JobSteps(transaction: $0).add(step, of: job, chunks: chunks, notOffered: notOffered, notes: notes)
        }
    }

    package nonisolated func finish(_ job: JobID) async throws -> Bool {
        try await write { try JobSteps(transaction: $0).finish(job) }
    }

    package nonisolated func claim(_ request: ClaimRequest) async throws -> [ClaimedChunk] {
        try await write { try Claims(transaction: $0).claim(request) }
    }

    package nonisolated func renew(_ claims: [ChunkID: Int64], lease: Duration) async throws -> Set<ChunkID> {
        try await write { try Leases(transaction: $0).renew(claims, lease: lease) }
    }

    package nonisolated func known(of chunk: ChunkID, fence: Int64) async throws -> KnownRows? {
        try await write { try KnownDays(transaction: $0, chunk: chunk, fence: fence).open() }
    }

    package nonisolated func update(_ update: ChunkUpdate) async throws -> UpdateResult {
        let weight = update.tables.reduce(1) { $0 + $1.received }
        return try await write(weight: weight) { try ChunkWrite(transaction: $0, update: update).run() }
    }

    package nonisolated func rescue() async throws -> RescueReport {
        try await write { try Leases(transaction: $0).rescue() }
    }

    package func idleJobs() async throws -> [JobID] {
        try read { try JobTable(transaction: $0).idle() }
    }

    package func nextDue() async throws -> Instant? {
        try read { try Leases(transaction: $0).nextDue() }
    }

    package func job(_ id: JobID) async throws -> Job? {
        try read { try JobTable(transaction: $0).job(id) }
    }

    package func jobs(limit: Int) async throws -> [Job] {
        try read { try JobTable(transaction: $0).newest(limit) }
    }

    package func stages(of job: JobID) async throws -> [StageProgress] {
        try read { try ChunkTable(transaction: $0).stages(of: job) }
    }

    package func chunks(of job: JobID, in states: Set<WorkState>, limit: Int) async throws -> [ChunkSummary] {
        try read { try ChunkTable(transaction: $0).summaries(of: job, in: states, limit: limit) }
    }

    package nonisolated func cancel(_ job: JobID, by: String) async throws -> Bool {
        try await write { try JobControl(transaction: $0).cancel(job, by: by) }
    }

    package nonisolated func retry(_ job: JobID) async throws -> Int {
        try await write { try JobControl(transaction: $0).retry(job) }
    }
}
