import ConnectorKit
import SyncCore

/// Reads the summary that Boostiny puts beside rows (platforms.md 5.3): one sum of all days that are asked for, in one
/// call however many there are.
struct BoostinyTotals {
    let work: ChunkWork

    static let plan = ProofPlan(mostDays: BoostinyPlanner.longest, isByDay: false)
    static let columns: [Measure: String] = [.orders: "orders", .revenue: "revenue_micros"]

    private var days: DayRange { work.spec.days ?? DayRange(work.anchor) }

    func call(_ requests: BoostinyRequests) -> Call {
        requests.get(
            StreamID.performance.rawValue,
            [
                ("from", days.first.description), ("to", days.last.description), ("page", "1"), ("limit", "1"),
            ], work.credential)
    }

    func read(_ response: WireResponse, _ quota: QuotaKey) -> Reading {
        guard (200..<300).contains(response.status), JSONTree.parse(response.body) != nil else {
            let failure = BoostinyError(response).failure(quota: quota, at: work.answeredAt)
            if case .permanentRequest(let cause) = failure { return .unread("Boostiny", cause.code) }
            return Reading(.failed(failure))
        }
        let page = try? BoostinyTotals.reader.read(
            response.body, at: .single("payload.summary"), context: ["account_id": work.account.externalID],
            currency: work.account.currency)
        guard let table = page?.table, table.rowCount == 1 else { return .unread("Boostiny", "summary") }
        let whole = table.figures(0, BoostinyTotals.columns)
        return whole.isEmpty ? .unread("Boostiny", "summary") : .totals(Totals(whole: whole, of: days))
    }

    private static let reader = RowReader(
        schema: StreamSchema(
            platform: BoostinyConnector.id, id: .totals, stage: StreamID.totalsStage, grain: .entity,
            columns: [
                Column(context: "account_id", .text), Column("orders", .integer, "orders"),
                Column("revenue_micros", .money, "revenue"),
            ], key: ["account_id"], summary: "", isStored: false))
}
