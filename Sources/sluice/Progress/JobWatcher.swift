import ConnectorKit
import Connectors
import SyncCore
import SyncEngine

/// Looks at a job four times a second until it ends.
struct JobWatcher {
    let store: any SyncStore
    let job: JobID
    let view: ProgressView
    /// The engine of this process, nil when others work.
    let engine: Engine?

    func watch() async throws -> Exit {
        let clock = ContinuousClock()
        let begun = clock.now
        var away: ContinuousClock.Instant?
        while true {
            do {
                guard let snapshot = try await Snapshot.take(of: job, from: store) else {
                    return .usage(said("There is no job \(job)."))
                }
                if let since = away { told(.storeBack(after: since.duration(to: clock.now))) }
                away = nil
                view.show(snapshot, elapsed: begun.duration(to: clock.now))
                if let exit = try await end(snapshot) { return exit }
            } catch StoreError.unavailable(let why) where engine?.isStopping != true && !Task.isCancelled {
                if away == nil { told(.storeAway(.unavailable(why))) }
                away = away ?? clock.now
            }
            try await clock.sleep(for: .milliseconds(250))
        }
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

    static func take(of id: JobID, from store: any SyncStore) async throws -> Snapshot? {
        guard let job = try await store.job(id) else { return nil }
        let stages = try await store.stages(of: id)
        let blocked = try await blocks(of: job, in: store)
        var parked: Failure.Cause?
        if job.waitReason == .credential, let account = try await store.account(job.definition.account) {
            parked = try await store.connection(account.connection)?.parked
        }
        return Snapshot(job: job, stages: stages, blocked: blocked, parked: parked)
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
