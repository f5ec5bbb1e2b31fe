import ConnectorKit
import SyncCore

/// The chunks of one step: lists whole, actions by days of their making, and what changed since by itself.
struct AdmitadPlanner {
    let request: PlanRequest

    /// Rows that a chunk of days is to have, those of the history counted too; thirty calls.
    private static let rows = 30_000.0
    private static let unexplored = 31
    private static let longest = 366
    /// The zone of Admitad's times is unknown, and its reports are up to half an hour late (platforms.md 4.2, 4.3).
    static let overlap: Duration = .seconds(26 * 3600)

    func specs() -> [ChunkSpec] {
        switch request.step {
        case AdmitadPlatform.structure: [.programs, .coupons].filter(has).map(list)
        case AdmitadPlatform.recent: changes() + days()
        case AdmitadPlatform.history: days()
        default: []
        }
    }

    private func has(_ stream: StreamID) -> Bool { request.streams.contains(stream) }

    private func list(_ stream: StreamID) -> ChunkSpec {
        ChunkSpec(stream: stream, phase: .recent, mode: AdmitadMode.list)
    }

    private func days() -> [ChunkSpec] {
        guard has(.actions), let window = request.window else { return [] }
        let due = (request.due[.actions] ?? []).filter(window.contains)
        return due.runs.flatMap { $0.pieces(of: size) }.map { days in
            ChunkSpec(stream: .actions, phase: request.step.phase, days: days)
        }
    }

    private var size: Int {
        let learned = request.learned[.actions] ?? Learned()
        let affordable = learned.density.map { Int(AdmitadPlanner.rows / max($0, 1)) }
        let size = learned.units(startingAt: affordable ?? AdmitadPlanner.unexplored)
        return max(1, min(AdmitadPlanner.longest, affordable.map { min($0, size) } ?? size))
    }

    /// What changed its state since the last time, however old it is. The first time there is nothing to catch up
    /// with, and the mark is set.
    private func changes() -> [ChunkSpec] {
        guard has(.actions), request.kind != .manual, request.kind != .backfill else { return [] }
        let since = (request.listed[.actions]?.changedUpTo ?? request.now) - AdmitadPlanner.overlap
        return [ChunkSpec(stream: .actions, phase: .recent, mode: "\(AdmitadMode.changed):\(since.seconds)")]
    }
}

/// The words in `ChunkSpec.mode`; days have none.
enum AdmitadMode {
    static let list = "list"
    /// Only what changed after a moment: `changed:1767225600`, in unix seconds.
    static let changed = "changed"

    static func moment(in mode: String) -> Instant? {
        guard mode.hasPrefix("\(changed):") else { return nil }
        return Int64(mode.dropFirst(changed.count + 1)).map { Instant(seconds: $0) }
    }
}
