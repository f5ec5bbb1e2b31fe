import ConnectorKit
import SyncCore

/// The chunks of one step. Whether rows tell their day is only known from an answer (platforms.md 5.4): where they do
/// not, each day with rows costs a call of its own.
struct BoostinyPlanner {
    let request: PlanRequest

    /// Days to ask for together while rows tell their day or nothing is known.
    private static let together = 31
    /// Of years past most have no row at all, which one call tells.
    static let longest = 366
    /// Remembered among what the platform refuses.
    static let daysInRows = "day of a row"

    func specs() -> [ChunkSpec] {
        switch request.step {
        case BoostinyPlatform.structure: [.boostinyCampaigns, .boostinyCoupons].filter(has).map(list)
        case BoostinyPlatform.recent: days(by: isUndated ? 1 : BoostinyPlanner.together)
        case BoostinyPlatform.history: days(by: BoostinyPlanner.longest)
        default: []
        }
    }

    private func has(_ stream: StreamID) -> Bool { request.streams.contains(stream) }

    private func list(_ stream: StreamID) -> ChunkSpec { ChunkSpec(stream: stream, phase: .recent) }

    private var isUndated: Bool { request.learned[.performance]?.dropped[BoostinyPlanner.daysInRows] != nil }

    private func days(by size: Int) -> [ChunkSpec] {
        guard has(.performance), let window = request.window else { return [] }
        let due = (request.due[.performance] ?? []).filter(window.contains)
        return due.runs.flatMap { $0.pieces(of: size) }.map { days in
            ChunkSpec(stream: .performance, phase: request.step.phase, days: days)
        }
    }

    /// A range with rows whose days are not told: months of a longer one, days of a month.
    static func parts(of spec: ChunkSpec, _ days: DayRange) -> [ChunkSpec] {
        days.pieces(of: days.count > together ? together : 1).map { part in
            var narrowed = spec
            narrowed.days = part
            return narrowed
        }
    }
}
