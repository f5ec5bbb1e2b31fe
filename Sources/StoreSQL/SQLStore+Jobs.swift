package import SyncCore

extension SQLStore {
    package func enqueue(_ job: NewJob) async throws -> (id: JobID, isNew: Bool) {
        try await write(.account(job.account)) { try JobTable(transaction: $0).enqueue(job) }
    }

    package func addStep(
        _ step: Int, of job: JobID, chunks: [PlannedChunk], notOffered: [StreamID: DayRange], notes: [Note]
    ) async throws -> Bool {
        try await write(.job(job), weight: chunks.count) {
            try JobSteps(transaction: $0).add(step, of: job, chunks: chunks, notOffered: notOffered, notes: notes)
        }
    }

    package func cannotGoOn(_ job: JobID, because why: String) async throws {
        try await write(.job(job)) { try JobSteps(transaction: $0).cannotGoOn(job, because: why) }
    }

    package func finish(_ job: JobID) async throws -> Bool {
        try await write(.job(job)) { try JobSteps(transaction: $0).finish(job) }
    }

    package func claim(_ request: ClaimRequest) async throws -> [ClaimedChunk] {
        try await write(.nothing) { try Claims(transaction: $0).claim(request) }
    }

    package func disown(_ worker: String, except held: Set<ChunkID>) async throws -> Int {
        try await write(.nothing) { try Leases(transaction: $0).disown(worker, except: held) }
    }

    package func renew(_ claims: [ChunkID: Int64], lease: Duration) async throws -> Set<ChunkID> {
        try await write(.nothing) { try Leases(transaction: $0).renew(claims, lease: lease) }
    }

    package func known(of chunk: ClaimedChunk) async throws -> KnownRows? {
        try await write(.chunk(chunk.id, of: chunk.account)) {
            try KnownDays(transaction: $0, chunk: chunk.id, fence: chunk.fence).open()
        }
    }

    package func update(_ update: ChunkUpdate) async throws -> UpdateResult {
        let weight = update.tables.reduce(1) { $0 + $1.received }
        return try await write(.chunk(update.chunk, of: update.account), weight: weight) {
            try ChunkWrite(transaction: $0, update: update).run()
        }
    }

    package func rescue() async throws -> RescueReport {
        try await write(.nothing) { try Leases(transaction: $0).rescue() }
    }

    package func idleJobs() async throws -> [JobID] {
        try await read { try JobTable(transaction: $0).idle() }
    }

    package func nextDue() async throws -> Instant? {
        try await read { try Leases(transaction: $0).nextDue() }
    }

    package func job(_ id: JobID) async throws -> Job? {
        try await read { try JobTable(transaction: $0).job(id) }
    }

    package func jobs(limit: Int) async throws -> [Job] {
        try await read { try JobTable(transaction: $0).newest(limit) }
    }

    package func stages(of job: JobID) async throws -> [StageProgress] {
        try await read { try ChunkTable(transaction: $0).stages(of: job) }
    }

    package func chunks(of job: JobID, in states: Set<WorkState>, limit: Int) async throws -> [ChunkSummary] {
        try await read { try ChunkTable(transaction: $0).summaries(of: job, in: states, limit: limit) }
    }

    package func cancel(_ job: JobID, by: String) async throws -> Bool {
        try await write(.job(job)) { try JobControl(transaction: $0).cancel(job, by: by) }
    }

    package func pause(_ job: JobID, by: String) async throws -> Bool {
        try await write(.job(job)) { try JobControl(transaction: $0).pause(job, by: by) }
    }

    package func resume(_ job: JobID, by: String) async throws -> Bool {
        try await write(.job(job)) { try JobControl(transaction: $0).resume(job, by: by) }
    }

    package func prune(before moment: Instant, limit: Int) async throws -> Int {
        try await write(.nothing) {
            try MinuteTable(transaction: $0).prune()
            return try Pruning(transaction: $0).chunks(before: moment, limit: limit)
        }
    }

    package func retry(_ job: JobID, cause: FailedCause?) async throws -> Int {
        try await write(.job(job)) { try JobControl(transaction: $0).retry(job, cause) }
    }
}
