import ConnectorKit
import SyncCore

/// When a platform's totals are read: after the days of each phase, and after the repair of what differs.
struct ProofSteps {
    /// The steps of a job of these streams, with those of the totals behind each phase.
    static func steps(_ steps: [JobStep], of streams: [StreamID], _ connector: any Connector) -> [JobStep] {
        let platform = type(of: connector).platform
        guard platform.proof != nil,
            connector.streams.contains(where: { $0.proof != nil && streams.contains($0.id) })
        else { return steps }
        return Phase.allCases.flatMap { phase -> [JobStep] in
            let mine = steps.filter { $0.phase == phase }
            guard !mine.isEmpty else { return [] }
            return mine + [look(phase), last(phase)]
        }
    }

    static func look(_ phase: Phase) -> JobStep { JobStep(ProofStep.look(phase), phase: phase) }
    static func last(_ phase: Phase) -> JobStep { JobStep(ProofStep.last(phase), phase: phase) }

    /// Days that were read whole, and when.
    static func readAt(_ cells: [CoverageCell], within days: DayRange) -> [CivilDate: Instant] {
        var read: [CivilDate: Instant] = [:]
        for cell in cells where days.contains(cell.day) && [.fresh, .settled].contains(cell.state) {
            read[cell.day] = cell.readAt
        }
        return read
    }

    /// The days of a phase to look at: those that the job has read, and those that may still change where looking at
    /// them costs nothing more. One sum with today in it would say nothing of the others.
    static func due(
        _ readAt: [CivilDate: Instant], _ schema: StreamSchema, _ anchor: CivilDate, _ createdAt: Instant,
        _ plan: ProofPlan
    ) -> [CivilDate] {
        readAt.filter { day, moment in
            let isNew = moment >= createdAt
            guard plan.isByDay else { return isNew && day < anchor }
            return isNew || anchor.days(since: day) <= schema.reread.settledAfter
        }.map(\.key)
    }

    /// Chunks of totals for some days, as few as there can be: days between them come along at no cost.
    static func looks(_ days: Set<CivilDate>, _ phase: Phase, _ plan: ProofPlan) -> [ChunkSpec] {
        guard plan.isByDay else { return chunks(days, phase, plan, .first) }
        return Array(days).ranges(atMost: plan.mostDays).map { days in
            ChunkSpec(stream: .totals, phase: phase, days: days, mode: ProofLook.first.mode)
        }
    }

    /// Chunks for days of which something was read again, and for no others.
    static func lastLooks(_ days: Set<CivilDate>, _ phase: Phase, _ plan: ProofPlan) -> [ChunkSpec] {
        chunks(days, phase, plan, .last)
    }

    private static func chunks(
        _ days: Set<CivilDate>, _ phase: Phase, _ plan: ProofPlan, _ look: ProofLook
    ) -> [ChunkSpec] {
        Array(days).runs.flatMap { $0.pieces(of: plan.mostDays) }.map { days in
            ChunkSpec(stream: .totals, phase: phase, days: days, mode: look.mode)
        }
    }
}
