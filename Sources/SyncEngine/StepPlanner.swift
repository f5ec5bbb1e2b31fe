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
        guard step == ProofSteps.last(step.phase) else {
            return try await planning(context).specs(
                job.definition, step, context.with { $0.learned }, createdAt: job.createdAt)
        }
        let window = step.phase == .recent ? job.definition.recent : job.definition.history
        guard let window, let plan = type(of: context.connector).platform.proof else { return [] }
        let open = try await environment.store.certificates(account: context.account.id, days: window, limit: .max)
        let mine = open.filter { $0.job == job.id && [.checking, .repairing].contains($0.state) }
        return ProofSteps.lastLooks(Set(mine.map(\.day)), step.phase, plan)
    }

    private func planning(_ context: AccountContexts.Context) -> Planning {
        Planning(environment: environment, connector: context.connector, account: context.account, zone: context.zone)
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
            guard let oldest = Planning.oldest(schema.retentionMonths, definition),
                let first = windows.map(\.first).min(),
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
        if let requested = job.definition.requested,
            let oldest = Planning.oldest(platform.retentionMonths, job.definition),
            requested.first < oldest, !streams.isEmpty
        {
            notes.append(Note("clamped", "\(platform.name) has no days before \(oldest) any more: they are left out."))
        }
        return notes
            + streams.compactMap { schema in
                guard let oldest = Planning.oldest(schema.retentionMonths, job.definition),
                    windows.contains(where: { $0.first < oldest })
                else { return nil }
                return Note("clamped", "\(platform.name) has no days of \(schema.id) before \(oldest).")
            }
    }
}
