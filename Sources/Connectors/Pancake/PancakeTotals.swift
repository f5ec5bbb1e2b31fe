import ConnectorKit
import SyncCore

/// Reads how many conversations Pancake counts that had their last message on some days: the first version's list tells
/// it (platforms.md 2.3), the second one does not. One conversation is the least that it can be asked for.
struct PancakeTotals {
    let work: ChunkWork
    let connector: PancakeConnector

    /// A month at most.
    static let plan = ProofPlan(mostDays: 30, isByDay: false, repairMode: PancakeMode.days + PancakeMode.withMessages)
    static let proof = ProofColumns([.rows: "id"], moment: "updated_at")

    private var page: String { work.account.externalID }
    private var days: DayRange { work.spec.days ?? DayRange(work.anchor) }

    func call() -> Call {
        let zone = try? work.account.zone()
        let since = zone.map { days.first.start(in: $0).seconds } ?? 0
        let until = zone.map { days.last.adding(days: 1).start(in: $0).seconds - 1 } ?? 0
        return connector.requests.count(
            of: page, [("since", "\(since)"), ("until", "\(until)"), ("page_number", "1"), ("page_size", "1")],
            work.credential)
    }

    func read(_ answer: PancakeAnswer) -> Reading {
        if let error = PancakeError(answer) {
            if error.isUnknown { return .unread("Pancake", error.label) }
            return PancakeRefusal(work: work, quota: connector.requests.pageQuota(page)).reading(of: error)
        }
        guard let total = answer.tree?["total"]?.int else { return .unread("Pancake", "total") }
        return .totals(Totals(whole: Figures([.rows: Int64(total)]), of: days))
    }
}
