import ConnectorKit
import Logging
import SyncCore

/// Moves a job whose chunks are all done to its next step, or ends it. Safe to call at any time and from
/// anywhere: the store lets one caller win.
struct StepPlanner {
    let environment: EngineEnvironment
    let contexts: AccountContexts

    /// Plans steps until one has chunks or the job is over.
    func advance(_ id: JobID) async throws {
        while let job = try await environment.store.job(id), !job.state.isTerminal, job.openChunks == 0 {
            let steps = job.definition.steps
            guard job.plannedSteps < steps.count else {
                let isOver = try await environment.writing { try await $0.finish(id) }
                if isOver, let job = try await environment.store.job(id) { environment.news(.jobFinished(job)) }
                return
            }
            let context = try await contexts.context(for: job.definition.account, asStored: true)
            let step = JobStep(steps[job.plannedSteps].name, phase: steps[job.plannedSteps].phase)
            let chunks = try await specs(job, step, context).compactMap { planned($0, of: job, context) }
            environment.logger.info(
                "step planned",
                metadata: ["job": "\(id)", "step": "\(step.name)", "chunks": "\(chunks.count)"])
            let notOffered = job.plannedSteps == 0 ? notOffered(job, context) : [:]
            let notes = job.plannedSteps == 0 ? notes(on: job, context) : []
            let number = job.plannedSteps
            let isAdded = try await environment.writing {
                try await $0.addStep(number, of: id, chunks: chunks, notOffered: notOffered, notes: notes)
            }
            if isAdded, number == 0 { environment.news(.jobStarted(job)) }
        }
    }

    private func planned(_ spec: ChunkSpec, of job: Job, _ context: AccountContexts.Context) -> PlannedChunk? {
        let stage = spec.stream == .totals ? StreamID.totalsStage : context.schemas[spec.stream]?.stage
        let workClass = spec.phase == .history ? WorkClass.history : job.definition.workClass
        return stage.map { PlannedChunk(spec: spec, stage: $0, workClass: workClass) }
    }

    private func specs(_ job: Job, _ step: JobStep, _ context: AccountContexts.Context) async throws -> [ChunkSpec] {
        let isLook = step == ProofSteps.look(step.phase)
        guard isLook || step == ProofSteps.last(step.phase) else {
            return context.connector.plan(try await planRequest(job, step, context))
        }
        let window = step.phase == .recent ? job.definition.recent : job.definition.history
        guard let window, let plan = type(of: context.connector).platform.proof else { return [] }
        guard isLook else {
            let open = try await environment.store.certificates(account: context.account.id, days: window, limit: .max)
            let mine = open.filter { $0.job == job.id && [.checking, .repairing].contains($0.state) }
            return ProofSteps.lastLooks(Set(mine.map(\.day)), step.phase, plan)
        }
        var days: Set<CivilDate> = []
        for schema in context.connector.streams
        where schema.proof != nil && job.definition.streams.contains(schema.id) {
            if schema.proof?.moment != nil {
                days.formUnion(try await counted(schema, window, job, context))
                continue
            }
            let cells = try await environment.store.coverage(account: context.account.id, stream: schema.id)
            days.formUnion(ProofSteps.due(ProofSteps.readAt(cells, within: window), schema, job, plan))
        }
        return ProofSteps.looks(days, step.phase, plan)
    }

    /// Of things that move on from day to day all days of the window, once a day, where all of them were listed.
    private func counted(
        _ schema: StreamSchema, _ window: DayRange, _ job: Job, _ context: AccountContexts.Context
    ) async throws -> [CivilDate] {
        let store = environment.store
        guard try await store.listed(account: context.account.id)[schema.id]?.changedUpTo != nil else { return [] }
        let newest = try await store.certificates(account: context.account.id, days: window, limit: 1).first
        if let checkedAt = newest?.checkedAt, job.definition.requested == nil,
            environment.wallClock.now - checkedAt < .seconds(86_400)
        {
            return []
        }
        return window.days.filter { $0 < job.definition.anchor }
    }

    private func planRequest(
        _ job: Job, _ step: JobStep, _ context: AccountContexts.Context
    ) async throws -> PlanRequest {
        let definition = job.definition
        let store = environment.store
        let now = environment.wallClock.now
        let window = step.phase == .recent ? definition.recent : definition.history
        var due: [StreamID: [CivilDate]] = [:]
        var tallies: [StreamID: [String: Int]] = [:]
        let platform = type(of: context.connector).platform
        for schema in context.connector.streams {
            if schema.grain == .daily, let window, definition.streams.contains(schema.id) {
                due[schema.id] = try await dueDays(schema, window, job, context, now)
            }
            if let column = platform.tallies[schema.id] {
                tallies[schema.id] = try await store.tally(
                    schema, account: context.account.externalID, column: column)
            }
        }
        return PlanRequest(
            step: step, kind: definition.kind, account: context.account, anchor: definition.anchor, window: window,
            streams: definition.streams, due: due, listed: try await store.listed(account: definition.account),
            tallies: tallies, learned: context.with { $0.learned }, now: now)
    }

    private func dueDays(
        _ schema: StreamSchema, _ window: DayRange, _ job: Job, _ context: AccountContexts.Context, _ now: Instant
    ) async throws -> [CivilDate] {
        // Older days would come back empty, without an error, and take the place of rows that are stored.
        let window = oldest(of: schema, job).map { DayRange(max(window.first, $0), window.last) } ?? window
        guard let window else { return [] }
        if job.definition.requested != nil { return window.days }
        let cells = try await environment.store.coverage(account: context.account.id, stream: schema.id)
        let zone = context.zone
        return schema.reread.due(cells, window: window, anchor: job.definition.anchor, now: now) { instant in
            CivilDate(instant, in: zone)
        }
    }

    /// The first day that the platform has of a stream with a shorter memory than the others; nil for all others.
    private func oldest(of schema: StreamSchema, _ job: Job) -> CivilDate? { oldest(schema.retentionMonths, job) }

    private func oldest(_ months: Int?, _ job: Job) -> CivilDate? {
        months.map { job.definition.anchor.adding(months: -$0).adding(days: 1) }
    }

    private func days(of job: Job, _ context: AccountContexts.Context) -> [StreamSchema] {
        context.connector.streams.filter { $0.grain == .daily && job.definition.streams.contains($0.id) }
    }

    /// Days that the job should have and the platform does not offer.
    private func notOffered(_ job: Job, _ context: AccountContexts.Context) -> [StreamID: DayRange] {
        let definition = job.definition
        let windows = [definition.notOffered, definition.history, definition.recent].compactMap { $0 }
        var streams: [StreamID: DayRange] = [:]
        for schema in days(of: job, context) {
            streams[schema.id] = definition.notOffered
            guard let oldest = oldest(of: schema, job), let first = windows.map(\.first).min(),
                let last = windows.map(\.last).max()
            else { continue }
            streams[schema.id] = DayRange(first, min(last, oldest.adding(days: -1))) ?? definition.notOffered
        }
        return streams
    }

    private func notes(on job: Job, _ context: AccountContexts.Context) -> [Note] {
        let windows = [job.definition.history, job.definition.recent].compactMap { $0 }
        let platform = type(of: context.connector).platform
        let streams = days(of: job, context)
        var notes: [Note] = []
        if let requested = job.definition.requested, let oldest = oldest(platform.retentionMonths, job),
            requested.first < oldest, !streams.isEmpty
        {
            notes.append(Note("clamped", "\(platform.name) has no days before \(oldest) any more: they are left out."))
        }
        return notes
            + streams.compactMap { schema in
                guard let oldest = oldest(of: schema, job), windows.contains(where: { $0.first < oldest }) else {
                    return nil
                }
                return Note("clamped", "\(platform.name) has no days of \(schema.id) before \(oldest).")
            }
    }
}
