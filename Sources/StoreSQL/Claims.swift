import SyncCore

/// Hands out due chunks: fairly over accounts, within an account in order of age and class (design.md,
/// rule 9).
///
/// Weighted fair queueing: every account has a virtual time that each of its chunks moves on, and the account that is
/// furthest behind is served. One that comes back after a pause starts at the queue's own clock and not in the past,
/// so that idling saves up nothing. A chunk counts 1; history that a workspace wants first counts less, and that of its
/// other accounts so much more that nobody else notices.
struct Claims {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func claim(_ request: ClaimRequest) throws -> [ClaimedChunk] {
        guard request.limit > 0, request.perAccount > 0 else { return [] }
        try wakeDue()
        var lanes = try activeLanes(skipping: request.skipping)
        guard let start = lanes.first?.start else { return [] }
        try setShares(&lanes)
        try fetchAhead(&lanes, request)
        var clock = start
        var served: [Lane] = []
        var picked: [Int64] = []
        while picked.count < request.limit, let index = furthestBehind(lanes) {
            let open = request.limit - picked.count
            let most = min(open, request.perAccount - lanes[index].taken)
            guard let chunk = try nextChunk(of: &lanes[index], fetching: most) else {
                served.append(lanes.remove(at: index))
                continue
            }
            clock = max(clock, lanes[index].virtualTime)
            picked.append(chunk.id)
            lanes[index].take(chunk)
            if lanes[index].taken == request.perAccount { served.append(lanes.remove(at: index)) }
        }
        guard !picked.isEmpty else { return [] }
        try save(served + lanes, from: start, to: clock)
        let claimed = try take(picked, for: request)
        try begin(claimed)
        return claimed
    }

    // MARK: Accounts

    /// An account with work, while chunks are handed out.
    private struct Lane {
        var account: Int64
        var workspace: Int64
        var isFirst: Bool
        /// The queue's clock, when the claim began.
        var start: Double
        var virtualTime: Double
        /// What a chunk of its history moves it on.
        var historyCost = 1.0
        var taken = 0
        /// What those chunks moved it on.
        var cost = 0.0
        /// Chunks fetched ahead, the next one last.
        var ahead: [Chunk] = []
        /// Where the next ones begin, and whether there are none.
        var last = (id: Int64.min, order: Int64.min)
        var isDry = false

        struct Chunk {
            var id: Int64
            var order: Int64
            var isHistory: Bool

            init(_ row: ResultRow) {
                id = row.int64(0)
                order = row.int64(1)
                isHistory = row.int(3) != 0
            }
        }

        mutating func fetched(_ chunks: [Chunk], of count: Int) {
            ahead = chunks.reversed()
            last = chunks.last.map { ($0.id, $0.order) } ?? last
            isDry = chunks.count < count
        }

        mutating func take(_ chunk: Chunk) {
            let step = chunk.isHistory ? historyCost : 1
            virtualTime += step
            cost += step
            taken += 1
        }
    }

    /// Accounts that a claim looks at. Of more than these it sees a part, and the next claim the part behind it: each
    /// gets its turn, and a claim costs the same however many there are.
    static let window = 256

    /// Accounts that have a chunk ready: by one step in the index for each, however many chunks it has.
    private func activeLanes(skipping: Set<AccountID>) throws -> [Lane] {
        let start = transaction.memory.nextLane
        var lanes = try lanes(behind: start)
        let isFull = lanes.count == Claims.window
        transaction.memory.nextLane = isFull ? lanes.last?.account ?? .min : .min
        if !isFull, start != .min {
            lanes += try self.lanes(behind: .min).prefix { $0.account <= start }
        }
        return lanes.filter { !skipping.contains(AccountID($0.account)) }
    }

    private func lanes(behind account: Int64) throws -> [Lane] {
        try sql.all(
            """
            WITH RECURSIVE active (id, place) AS (
                SELECT (SELECT account_id FROM sync_chunks INDEXED BY sync_chunks_ready
                    WHERE status = 'pending' AND run_after IS NULL AND account_id > ?1 ORDER BY account_id LIMIT 1), 1
                UNION ALL
                SELECT (SELECT account_id FROM sync_chunks INDEXED BY sync_chunks_ready
                    WHERE status = 'pending' AND run_after IS NULL AND account_id > active.id
                    ORDER BY account_id LIMIT 1), active.place + 1
                FROM active WHERE active.id IS NOT NULL AND active.place < ?2
            )
            SELECT a.id, w.virtual_time, greatest(a.virtual_time, w.virtual_time), a.workspace_id, a.weight > 1
            FROM active JOIN accounts AS a ON a.id = active.id JOIN workspaces AS w ON w.id = 1 ORDER BY a.id
            """, .integer(account), .integer(Claims.window)
        ) { row in
            Lane(
                account: row.int64(0), workspace: row.int64(3), isFirst: row.int(4) != 0, start: row.real(1),
                virtualTime: row.real(2))
        }
    }

    /// Among n accounts of a workspace that fill in their history the first gets `firstWeight` turns for one of each
    /// other, and together they get n as before.
    private func setShares(_ lanes: inout [Lane]) throws {
        for workspace in Set(lanes.lazy.filter(\.isFirst).map(\.workspace)).sorted() {
            let filling = Set(
                try WorkOrderTable(transaction: transaction).open(WorkspaceID(workspace))
                    .filter { $0.phase == .history && !$0.isPaused }.map(\.account.value))
            let mine = lanes.indices.filter { filling.contains(lanes[$0].account) }
            let turns = mine.reduce(0.0) { $0 + (lanes[$1].isFirst ? WorkOrderTable.firstWeight : 1) }
            for index in mine {
                let weight = lanes[index].isFirst ? WorkOrderTable.firstWeight : 1
                lanes[index].historyCost = turns / (Double(mine.count) * weight)
            }
        }
    }

    private func furthestBehind(_ lanes: [Lane]) -> Int? {
        lanes.indices.min { isBehind(lanes[$0], lanes[$1]) }
    }

    private func isBehind(_ left: Lane, _ right: Lane) -> Bool {
        (left.virtualTime, left.account) < (right.virtualTime, right.account)
    }

    /// Adds what the accounts were served. Who claims at the same moment adds to the same accounts; what another has in
    /// hand is passed by, for the next chunks make up for it.
    private func save(_ lanes: [Lane], from start: Double, to clock: Double) throws {
        try sql.runAtOnce(
            """
            UPDATE accounts SET virtual_time = greatest(virtual_time, ?2) + ?3
            WHERE id = ?1 AND id IN (SELECT a.id FROM accounts AS a WHERE a.id = ?1 FOR UPDATE SKIP LOCKED)
            """,
            lanes.filter { $0.taken > 0 }.sorted { $0.account < $1.account }.map { lane in
                [.integer(lane.account), .real(start), .real(lane.cost)]
            })
        try sql.run(
            """
            UPDATE workspaces SET virtual_time = greatest(virtual_time, ?)
            WHERE id IN (SELECT w.id FROM workspaces AS w WHERE w.id = 1 FOR UPDATE SKIP LOCKED)
            """, .real(clock))
    }

    /// Fetches for those that are furthest behind as many chunks as they are about to get, all at once.
    private func fetchAhead(_ lanes: inout [Lane], _ request: ClaimRequest) throws {
        let next = lanes.indices.sorted { isBehind(lanes[$0], lanes[$1]) }.prefix(request.limit)
        let count = min(request.perAccount, (request.limit + next.count - 1) / next.count)
        var fetched: [Int64: [Lane.Chunk]] = [:]
        _ = try sql.allEach(Claims.fetch, next.map { Claims.values(lanes[$0], count) }) { row in
            fetched[row.int64(2), default: []].append(Lane.Chunk(row))
        }
        for index in next { lanes[index].fetched(fetched[lanes[index].account] ?? [], of: count) }
    }

    private func nextChunk(of lane: inout Lane, fetching count: Int) throws -> Lane.Chunk? {
        if lane.ahead.isEmpty, !lane.isDry {
            lane.fetched(try sql.allEach(Claims.fetch, [Claims.values(lane, count)]) { Lane.Chunk($0) }, of: count)
        }
        return lane.ahead.popLast()
    }

    /// An account's chunks in order of age and class, without those that another has in hand.
    private static let fetch: StaticString = """
        SELECT id, order_key, account_id, work_class = 'history' FROM sync_chunks INDEXED BY sync_chunks_ready
        WHERE account_id = ? AND status = 'pending' AND run_after IS NULL AND (order_key, id) > (?, ?)
        ORDER BY order_key, id LIMIT ? FOR UPDATE SKIP LOCKED
        """

    private static func values(_ lane: Lane, _ count: Int) -> [Bound] {
        [.integer(lane.account), .integer(lane.last.order), .integer(lane.last.id), .integer(count)]
    }

    // MARK: Chunks

    /// Makes chunks ready whose moment has come.
    private func wakeDue() throws {
        try sql.run(
            """
            UPDATE sync_chunks SET status = 'pending', wait_reason = NULL, run_after = NULL
            WHERE id IN (
                SELECT c.id FROM sync_chunks AS c INDEXED BY sync_chunks_timed
                WHERE c.run_after IS NOT NULL AND c.run_after <= ? FOR UPDATE SKIP LOCKED)
            """, .integer(transaction.now.microseconds))
    }

    private func take(_ ids: [Int64], for request: ClaimRequest) throws -> [ClaimedChunk] {
        let until = (transaction.now + request.lease).microseconds
        let claimed = try sql.allAtOnce(
            """
            UPDATE sync_chunks
            SET status = 'in_progress', wait_reason = NULL, fence = fence + 1, worker = ?, lease_until = ?,
                started_at = coalesce(started_at, ?)
            WHERE id = ?
            RETURNING job_id, account_id, work_class, fence, retry_count, max_retries, cursor,
                stream, phase, start_date, end_date, mode, entity_column, entities, fields, started_at, id, batches
            """,
            ids.map { [.text(request.worker), .integer(until), .text(transaction.nowText), .integer($0)] }
        ) { row in
            ClaimedChunk(
                id: ChunkID(row.int64(16)), job: JobID(row.int64(0)), account: AccountID(row.int64(1)),
                spec: try ChunkTable.spec(row, from: 7), cursor: row.optionalText(6), workClass: try row.word(2),
                anchor: CivilDate(daysSince1970: 0), startedAt: try row.instant(15), fence: row.int64(3),
                batches: row.int(17), retryCount: row.int(4), maxRetries: row.int(5))
        }
        let byID = Dictionary(uniqueKeysWithValues: claimed.map { ($0.id.value, $0) })
        return try ids.compactMap { byID[$0] }.map { chunk in
            var chunk = chunk
            chunk.anchor = try JobTable(transaction: transaction).facts(of: chunk.job.value).anchor
            return chunk
        }
    }

    /// Jobs and days of the claimed chunks are being worked on from now.
    private func begin(_ chunks: [ClaimedChunk]) throws {
        struct Days: Hashable {
            var account: AccountID
            var stream: StreamID
            var days: DayRange
        }
        var seen: Set<Days> = []
        let days = chunks.compactMap { chunk in
            chunk.spec.days.map { Days(account: chunk.account, stream: chunk.spec.stream, days: $0) }
        }
        try CoverageTable(transaction: transaction).running(
            days.filter { seen.insert($0).inserted }
                .map { (account: $0.account, stream: $0.stream, days: $0.days) })
        let begun = try sql.allAtOnce(
            """
            UPDATE sync_jobs SET status = 'in_progress', wait_reason = NULL, started_at = coalesce(started_at, ?1)
            WHERE id = ?2 AND id IN (
                SELECT j.id FROM sync_jobs AS j WHERE j.id = ?2 AND j.status IN ('pending', 'waiting')
                    AND j.wait_reason IS DISTINCT FROM 'paused'
                FOR UPDATE SKIP LOCKED)
            RETURNING started_at = ?1, kind, id, account_id
            """, Set(chunks.map(\.job.value)).sorted().map { [.text(transaction.nowText), .integer($0)] }
        ) { (isFirst: $0.int(0) == 1, kind: $0.text(1), job: $0.int64(2), account: $0.int64(3)) }
        for job in begun.sorted(by: { $0.job < $1.job }) where job.isFirst {
            EventTable(transaction: transaction)
                .append("job_started", "The \(job.kind) sync has started", job: job.job, account: job.account)
        }
    }
}
