import ConnectorKit
import Connectors
import SyncCore
import SyncEngine
import Wording

/// Looks at jobs four times a second until all of them end.
struct JobWatcher {
    let store: any SyncStore
    let jobs: [JobID]
    /// What stands before what is said of a job, where there are several.
    var names: [JobID: String] = [:]
    let view: ProgressView
    /// The engine of this process, nil when others work.
    let engine: Engine?

    func watch() async throws -> Exit {
        let clock = ContinuousClock()
        let begun = clock.now
        var away: ContinuousClock.Instant?
        var ended: [JobID: (exit: Exit, snapshot: Snapshot)] = [:]
        while true {
            do {
                var open: [Snapshot] = []
                for job in jobs where ended[job] == nil {
                    guard let snapshot = try await Snapshot.take(of: job, from: store) else {
                        return .usage(said("There is no job \(job)."))
                    }
                    if let exit = try await end(snapshot) {
                        ended[job] = (exit, snapshot)
                    } else {
                        open.append(snapshot)
                    }
                }
                if let since = away { told(.storeBack(after: since.duration(to: clock.now))) }
                away = nil
                if let all = Snapshot.together(open + jobs.compactMap { ended[$0]?.snapshot }) {
                    view.show(all, elapsed: begun.duration(to: clock.now))
                }
                if open.isEmpty { return worst(jobs.compactMap { job in ended[job].map { (job, $0.exit) } }) }
            } catch StoreError.unavailable(let why) where engine?.isStopping != true && !Task.isCancelled {
                if away == nil { told(.storeAway(.unavailable(why))) }
                away = away ?? clock.now
            }
            try await clock.sleep(for: .milliseconds(250))
        }
    }

    /// The end that is farthest from a complete one, with what there is to say of all of them.
    private func worst(_ ends: [(job: JobID, exit: Exit)]) -> Exit {
        guard let worst = ends.map(\.exit).max(by: { $0.code < $1.code }), worst.code != 0 else { return .done }
        let texts = ends.filter { !$0.exit.text.isEmpty }
            .map { end in (names[end.job].map { "\($0): " } ?? "") + end.exit.text }
        return worst.saying(texts.joined(separator: "\n"))
    }

    /// Whoever has no engine has nobody else to say it.
    private func told(_ news: EngineNews) {
        if engine == nil { view.tell(news) }
    }

    private func end(_ snapshot: Snapshot) async throws -> Exit? {
        let words = Words.current
        let job = snapshot.job
        switch job.state {
        case .completed: return .done
        case .cancelled: return .failedChunks(words.cancelled)
        case .failed:
            let failed = try await store.chunks(of: job.id, in: [.failed], limit: 200)
            return .failedChunks(words.failed(failed, job: job))
        case .waiting where job.waitReason == .credential:
            return .rejected(words.parked(snapshot.parked))
        case .pending, .inProgress, .waiting:
            // The engine gave up on the database; its own error says why.
            return engine?.isStopping == true ? .done : nil
        }
    }
}

/// What there is to show of a job at one moment.
struct Snapshot {
    var job: Job
    var stages: [StageProgress]
    /// Limits that are reached now and hold this job up, the latest end first.
    var blocked: [(key: QuotaKey, until: Instant)]
    var parked: Failure.Cause?
    /// Of a job that sends to a platform that receives: how much still waits for it.
    var toSend: Int?

    /// Of several jobs as of one: nil of none.
    static func together(_ snapshots: [Snapshot]) -> Snapshot? {
        guard var all = snapshots.first else { return nil }
        for other in snapshots.dropFirst() {
            all.job.rowsReceived += other.job.rowsReceived
            all.job.rowsWritten += other.job.rowsWritten
            all.job.spent += other.job.spent
            all.job.completedChunks += other.job.completedChunks
            all.job.failedChunks += other.job.failedChunks
            all.blocked += other.blocked.filter { block in !all.blocked.contains { $0.key == block.key } }
            for stage in other.stages { all.add(stage) }
        }
        all.blocked.sort { ($1.until, $0.key) < ($0.until, $1.key) }
        return all
    }

    private mutating func add(_ stage: StageProgress) {
        guard let index = stages.firstIndex(where: { $0.stage == stage.stage && $0.phase == stage.phase }) else {
            return stages.append(stage)
        }
        stages[index].total += stage.total
        stages[index].completed += stage.completed
        stages[index].failed += stage.failed
        stages[index].running += stage.running
        stages[index].waiting += stage.waiting
        stages[index].rows += stage.rows
        stages[index].requests += stage.requests
    }

    static func take(of id: JobID, from store: any SyncStore) async throws -> Snapshot? {
        guard let job = try await store.job(id) else { return nil }
        var stages = try await store.stages(of: id)
        let blocked = try await blocks(of: job, in: store)
        var parked: Failure.Cause?
        if job.waitReason == .credential, let account = try await store.account(job.definition.account) {
            parked = try await store.connection(account.connection)?.parked
        }
        let toSend = try await toSend(of: job, in: store)
        if let toSend {
            // Its one chunk says nothing of how far it is.
            for index in stages.indices {
                stages[index].total = stages[index].rows + toSend
                stages[index].completed = stages[index].rows
                stages[index].failed = 0
            }
        }
        return Snapshot(job: job, stages: stages, blocked: blocked, parked: parked, toSend: toSend)
    }

    private static func toSend(of job: Job, in store: any SyncStore) async throws -> Int? {
        guard let account = try await store.account(job.definition.account),
            try Catalog.connectors.type(of: account.platform).platform.receives != nil
        else { return nil }
        return try await store.waiting(for: account.id)
    }

    /// Limits that its calls touch.
    static func blocks(
        of job: Job, in store: any SyncStore
    ) async throws -> [(key: QuotaKey, until: Instant)] {
        guard !job.state.isTerminal, let account = try await store.account(job.definition.account),
            let connection = try await store.connection(account.connection),
            let connector = try? Catalog.connectors.type(of: account.platform)
                .init(configuration: connection.configuration)
        else { return [] }
        let keys = connector.quotaKeys(of: account.externalID)
        return try await store.quotas(.of(keys)).blocks(at: SystemWallClock().now)
            .map { (key: $0.key, until: $0.value) }.sorted { ($1.until, $0.key) < ($0.until, $1.key) }
    }
}
