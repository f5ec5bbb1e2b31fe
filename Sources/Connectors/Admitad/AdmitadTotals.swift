import ConnectorKit
import SyncCore

/// Reads Admitad's own report by day (platforms.md 4.5): how many actions, and what they earn in whatever state. It has
/// a row for each currency of a day.
struct AdmitadTotals {
    let work: ChunkWork

    static let plan = ProofPlan(mostDays: 366)
    static let proof = ProofColumns([.rows: "action_id", .revenue: "payment_micros"], currency: "currency")

    private struct Cursor: Codable {
        /// Figures by day and currency.
        var sums: [String: Figures] = [:]
        var offset = 0
    }

    private var cursor: Cursor { CursorText.decode(Cursor.self, work.cursor) ?? Cursor() }
    private var days: DayRange { work.spec.days ?? DayRange(work.anchor) }

    func call(_ requests: AdmitadRequests) -> Call {
        // In which zone it filters is unknown: the days around are asked for as well (platforms.md 4.3).
        let items = [
            ("date_start", days.first.adding(days: -1).dayFirst(".")),
            ("date_end", days.last.adding(days: 1).dayFirst(".")),
            ("limit", "\(AdmitadRequests.page)"), ("offset", "\(cursor.offset)"),
        ]
        return requests.get("/statistics/dates/", items, work.credential)
    }

    func read(_ response: WireResponse, _ quota: QuotaKey) -> Reading {
        guard (200..<300).contains(response.status),
            let page = try? AdmitadTotals.reader.read(
                response.body, at: .list("results"), context: ["account_id": work.account.externalID],
                currency: work.account.currency),
            let count = JSONTree.parse(page.rest)?["_meta"]?["count"]?.int
        else { return refused(AdmitadError(response), quota) }
        var next = cursor
        for row in 0..<page.table.rowCount {
            guard let day = page.table.text(row, "date") else { continue }
            func value(_ column: String) -> Int64 { page.table.cell(row: row, column: column)?.integer ?? 0 }
            let revenue = ["open", "approved", "declined"].reduce(0) { $0 &+ value("payment_sum_\($1)_micros") }
            let figures = Figures([.rows: value("leads_sum") + value("sales_sum"), .revenue: revenue])
            let place = page.table.text(row, "currency").map { "\(day) \($0)" } ?? day
            next.sums[place] = (next.sums[place] ?? Figures()) + figures
        }
        let received = page.table.received + page.table.rejected.count
        next.offset += received
        guard received == 0 || next.offset >= count else { return Reading(.more(cursor: CursorText.encode(next))) }
        return .totals(Totals.of(next.sums, Set(AdmitadTotals.proof.columns.keys)))
    }

    private func refused(_ error: AdmitadError, _ quota: QuotaKey) -> Reading {
        let isYoung = AdmitadToken.isYoung(work.credential, at: work.answeredAt)
        let failure = error.failure(
            of: "actions", scope: "statistics", quota: quota, isYoung: isYoung, at: work.answeredAt)
        if case .permanentRequest(let cause) = failure { return .unread("Admitad", cause.code) }
        return Reading(.failed(failure))
    }

    private static let reader = RowReader(
        schema: StreamSchema(
            platform: AdmitadConnector.id, id: .totals, stage: StreamID.totalsStage, grain: .daily,
            columns: [
                Column(context: "account_id", .text), Column("date", .date, "date"),
                Column("currency", .text, "currency"), Column("leads_sum", .integer, "leads_sum"),
                Column("sales_sum", .integer, "sales_sum"),
            ]
                + ["open", "approved", "declined"].map {
                    Column("payment_sum_\($0)_micros", .money, "payment_sum_\($0)")
                },
            key: ["account_id", "date", "currency"], summary: "", isStored: false))
}
