import ConnectorKit
import FoundationEssentials
import SyncCore

/// The chunks of a step of a job of one account, by what the store knows of the account at that moment: for a job that
/// runs, and for one whose price is asked.
struct Planning {
    let environment: EngineEnvironment
    let connector: any Connector
    let account: Account
    let zone: TimeZone

    private var store: any SyncStore { environment.store }
    private var now: Instant { environment.wallClock.now }

    /// `reading` are days of streams that will have been read when the step comes.
    func specs(
        _ job: NewJob, _ step: JobStep, _ learned: [StreamID: Learned], createdAt: Instant,
        reading: [StreamID: Set<CivilDate>] = [:]
    ) async throws -> [ChunkSpec] {
        if step == ProofSteps.look(step.phase) { return try await looks(job, step.phase, createdAt, reading) }
        return connector.plan(try await request(job, step, learned))
    }

    // MARK: Data

    private func request(
        _ job: NewJob, _ step: JobStep, _ learned: [StreamID: Learned]
    ) async throws -> PlanRequest {
        let window = step.phase == .recent ? job.recent : job.history
        var due: [StreamID: [CivilDate]] = [:]
        var tallies: [StreamID: [String: Int]] = [:]
        let platform = type(of: connector).platform
        for schema in connector.streams {
            if schema.grain == .daily, let window, job.streams.contains(schema.id) {
                due[schema.id] = try await dueDays(schema, window, job)
            }
            if let column = platform.tallies[schema.id] {
                tallies[schema.id] = try await store.tally(schema, account: account.externalID, column: column)
            }
        }
        return PlanRequest(
            step: step, kind: job.kind, account: account, anchor: job.anchor, window: window, streams: job.streams,
            due: due, listed: try await store.listed(account: account.id), tallies: tallies, learned: learned, now: now)
    }

    private func dueDays(_ schema: StreamSchema, _ window: DayRange, _ job: NewJob) async throws -> [CivilDate] {
        // Older days would come back empty, without an error, and take the place of rows that are stored.
        let window =
            Planning.oldest(schema.retentionMonths, job).map { DayRange(max(window.first, $0), window.last) } ?? window
        guard let window else { return [] }
        if job.requested != nil { return window.days }
        let cells = try await store.coverage(account: account.id, stream: schema.id)
        return schema.reread.due(cells, window: window, anchor: job.anchor, now: now) { instant in
            CivilDate(instant, in: zone)
        }
    }

    /// The first day that the platform has of a stream with a shorter memory than the others; nil for all others.
    static func oldest(_ months: Int?, _ job: NewJob) -> CivilDate? {
        months.map { job.anchor.adding(months: -$0).adding(days: 1) }
    }

    // MARK: Totals

    private func looks(
        _ job: NewJob, _ phase: Phase, _ createdAt: Instant, _ reading: [StreamID: Set<CivilDate>]
    ) async throws -> [ChunkSpec] {
        let window = phase == .recent ? job.recent : job.history
        guard let window, let plan = type(of: connector).platform.proof else { return [] }
        var days: Set<CivilDate> = []
        for schema in connector.streams where schema.proof != nil && job.streams.contains(schema.id) {
            if schema.proof?.moment != nil {
                days.formUnion(try await counted(schema, window, job))
                continue
            }
            let cells = try await store.coverage(account: account.id, stream: schema.id)
            var readAt = ProofSteps.readAt(cells, within: window)
            for day in reading[schema.id] ?? [] where window.contains(day) { readAt[day] = createdAt }
            days.formUnion(ProofSteps.due(readAt, schema, job.anchor, createdAt, plan))
        }
        return ProofSteps.looks(days, phase, plan)
    }

    /// Of things that move on from day to day all days of the window, once a day, where all of them were listed.
    private func counted(_ schema: StreamSchema, _ window: DayRange, _ job: NewJob) async throws -> [CivilDate] {
        guard try await store.listed(account: account.id)[schema.id]?.changedUpTo != nil else { return [] }
        let newest = try await store.certificates(account: account.id, days: window, limit: 1).first
        if let checkedAt = newest?.checkedAt, job.requested == nil, now - checkedAt < .seconds(86_400) { return [] }
        return window.days.filter { $0 < job.anchor }
    }
}
