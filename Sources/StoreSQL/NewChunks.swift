import SyncCore

/// Puts chunks of a job into `sync_chunks` and their days into `coverage`.
struct NewChunks {
    let transaction: Transaction

    struct Placed {
        var spec: ChunkSpec
        var stage: String
        var workClass: WorkClass
        var orderKey: Int64
    }

    /// How many were inserted. The caller counts them in the job.
    func insert(_ chunks: [Placed], job: Int64, maxRetries: Int) throws -> Int {
        guard !chunks.isEmpty else { return 0 }
        let facts = try JobTable(transaction: transaction).facts(of: job)
        let standstill = try JobTable(transaction: transaction).standstill(of: job)
        let table = ChunkTable(transaction: transaction)
        try table.insert(
            chunks.map { chunk in
                let place = ChunkTable.Placement(
                    job: job, account: facts.account, stage: chunk.stage, workClass: chunk.workClass,
                    orderKey: chunk.orderKey, maxRetries: maxRetries, standstill: standstill)
                return (spec: chunk.spec, place: place)
            })
        var days = DaysOfStreams()
        for chunk in chunks { days.add(1, chunk.spec) }
        try open(days, job: job, facts: facts)
        return chunks.count
    }

    /// Counts chunks on the days of streams that have cells.
    func open(_ days: DaysOfStreams, job: Int64, facts: JobFacts) throws {
        let coverage = CoverageTable(transaction: transaction)
        for stream in days.counts.keys.sorted() {
            guard let schema = transaction.memory.schema(stream, of: facts.platform) else {
                throw StoreError.inconsistent("the stream \(facts.platform)/\(stream) was not prepared")
            }
            guard schema.grain == .daily, let counts = days.counts[stream] else { continue }
            try coverage.opened(counts, stream: stream, account: facts.account, job: job)
        }
    }
}

/// Chunks per day, by stream.
struct DaysOfStreams {
    private(set) var counts: [StreamID: DayCounts] = [:]

    mutating func add(_ count: Int, _ spec: ChunkSpec) {
        guard let days = spec.days else { return }
        counts[spec.stream, default: DayCounts()].add(count, on: days)
    }
}
