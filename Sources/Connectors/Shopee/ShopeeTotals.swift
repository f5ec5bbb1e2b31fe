import ConnectorKit
import SyncCore

/// Reads what Shopee itself says of a shop by day. In it is what GMV Max has had, which is in no product campaign
/// (platforms.md 1.14): a second look asks for that too, one sum for all days. Where a gap is searched, the numbers of
/// all campaigns are read.
struct ShopeeTotals: Sendable {
    /// Of the shop, or of its campaigns where a gap is searched.
    let task: ShopeeTask
    let look: ProofLook

    /// Shopee's amounts are floats; currencies without a smaller unit are rounded to whole ones.
    static let plan = ProofPlan(
        mostDays: ShopeePlanner.mostDays, mostEntities: ShopeeBatch.most,
        minorDigits: ["VND": 0, "IDR": 0, "TWD": 0, "KRW": 0, "JPY": 0, "CLP": 0, "COP": 0])

    /// What does not change any more soon after the day; orders and sales count for a week.
    static let columns: [Measure: String] = [.impressions: "impression", .clicks: "clicks", .cost: "expense_micros"]

    struct Cursor: Codable, Sendable, Equatable {
        /// Figures by day, and campaign where one is searched: `2026-11-21 9001`.
        var sums: [String: Figures] = [:]
        /// The shop's days are read.
        var isRestNext = false
        /// The campaigns; nil before they are listed to their end.
        var ids: [String]?
        var listed: [String] = []
        var offset = 0
        /// Campaigns that are done.
        var done = 0
        var batch = ShopeeBatch()
        /// Of one day alone: the day after it comes with it, because the one before is too old.
        var isAhead = false
    }

    private var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? Cursor() }
    private var days: DayRange { task.work.spec.days ?? DayRange(task.work.anchor) }
    private var isSearch: Bool { look.column != nil }
    private var asked: [String] {
        Array((cursor.ids ?? []).dropFirst(cursor.done).prefix(cursor.batch.count))
    }

    // MARK: Calling

    func call() -> Call {
        let cursor = cursor
        guard isSearch else {
            if cursor.isRestNext {
                let body = #"{"end_date":"\#(days.last.dayFirst("-"))","start_date":"\#(days.first.dayFirst("-"))"}"#
                return task.requests.post(.unseen, body: body)
            }
            return task.requests.get(.shopDaily, range)
        }
        guard cursor.ids != nil else {
            return task.requests.get(
                .ids, [("ad_type", "all"), ("offset", String(cursor.offset)), ("limit", String(ShopeeListing.most))])
        }
        return task.requests.get(.campaignDaily, [("campaign_id_list", asked.joined(separator: ","))] + range)
    }

    private var range: [(String, String)] {
        let days = ShopeePerformance.range(days, anchor: task.work.anchor, isAhead: cursor.isAhead)
        return [("start_date", days.first.dayFirst("-")), ("end_date", days.last.dayFirst("-"))]
    }

    private var endpoint: ShopeeEndpoint {
        guard isSearch else { return cursor.isRestNext ? .unseen : .shopDaily }
        return cursor.ids == nil ? .ids : .campaignDaily
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        switch endpoint {
        case .unseen: readRest(response)
        case .ids: readIDs(response)
        default: readDays(response)
        }
    }

    private func readDays(_ response: WireResponse) -> Reading {
        let place: RowsAt =
            isSearch ? .nested("response.campaign_list", rows: "metrics_list") : .list("response")
        switch task.page(response, at: place) {
        case .error(let error): return refused(error, response)
        // An answer with nothing where its list should be is no word on what there was.
        case .rows(nil, _) where !isSearch:
            return Reading(.failed(.retryNow(.init(code: "", "Shopee's totals came without their list."))))
        case .rows(let page, _):
            var next = cursor
            if let page { take(page.table.keeping(days), &next) }
            guard isSearch else {
                if look == .first { return finished(next) }
                next.isRestNext = true
                return more(next)
            }
            next.done += asked.count
            next.batch = next.batch.grown
            return next.done < next.ids?.count ?? 0 ? more(next) : finished(next)
        }
    }

    private func take(_ table: RowTable, _ cursor: inout Cursor) {
        for row in 0..<table.rowCount {
            guard let day = table.text(row, "date") else { continue }
            let id = isSearch ? table.text(row, ShopeeSchemas.campaignID) : nil
            cursor.sums[id.map { "\(day) \($0)" } ?? day] = table.figures(row, ShopeeTotals.columns)
        }
    }

    private func readIDs(_ response: WireResponse) -> Reading {
        switch ShopeeError.answer(in: response) {
        case .failure(let error): return refused(error, response)
        case .success(let tree):
            let answer = tree["response"]
            let page = answer?.items?.first ?? answer
            let found = (page?["campaign_list"]?.items ?? []).compactMap { $0["campaign_id"]?.string }
            var next = cursor
            next.offset += found.count
            var known = Set(next.listed)
            next.listed += found.filter { known.insert($0).inserted }
            if page?["has_next_page"]?.isTrue ?? false, !found.isEmpty { return more(next) }
            next.ids = next.listed.sorted(by: ShopeePlanner.isOlder)
            next.listed = []
            return next.ids?.isEmpty ?? true ? finished(next) : more(next)
        }
    }

    /// A shop without such a campaign has no rest; of one that has ended Shopee does not say.
    private func readRest(_ response: WireResponse) -> Reading {
        let place = RowsAt.single("response.report")
        switch task.page(response, at: place, reader: ShopeeTotals.restReader) {
        case .error(let error):
            switch error.kind {
            case .throttled, .token, .signature, .transient: return task.failed(error, .unseen, response)
            default: return finished(cursor)
            }
        case .rows(let page, _):
            guard let table = page?.table, table.rowCount == 1 else { return finished(cursor) }
            return finished(cursor, rest: table.figures(0, ShopeeTotals.columns))
        }
    }

    private static let restReader = RowReader(
        schema: StreamSchema(
            platform: ShopeeConnector.id, id: .totals, stage: StreamID.totalsStage, grain: .entity,
            columns: [
                Column(context: "account_id", .text), ShopeeSchemas.count("impression"), ShopeeSchemas.count("clicks"),
                ShopeeSchemas.money("expense", ""),
            ], key: ["account_id"], summary: "", isStored: false))

    private func more(_ cursor: Cursor) -> Reading { Reading(.more(cursor: CursorText.encode(cursor))) }

    private func finished(_ cursor: Cursor, rest: Figures? = nil) -> Reading {
        .totals(Totals.of(cursor.sums, Set(ShopeeTotals.columns.keys), rest: rest))
    }

    private func refused(_ error: ShopeeError, _ response: WireResponse) -> Reading {
        var next = cursor
        switch error.kind {
        case .tooBig, .foreignCampaign, .request:
            if isSearch, next.ids != nil, let smaller = next.batch.halved(asked.count, isTooMuch: error.kind == .tooBig)
            {
                next.batch = smaller
                return more(next)
            }
            // A campaign that Shopee says is none of the shop any more.
            if error.kind == .foreignCampaign, isSearch {
                next.done += 1
                return next.done < next.ids?.count ?? 0 ? more(next) : finished(next)
            }
            return .unread("Shopee", error.label)
        case .tooLong, .tooOld, .future:
            if let specs = task.work.spec.halvedByDays {
                return Reading(.split(specs, reason: "Shopee does not answer for all of these days."))
            }
            if error.kind == .tooOld, days.count == 1, !next.isAhead {
                next.isAhead = true
                return more(next)
            }
            return .unread("Shopee", error.label)
        default: return task.failed(error, endpoint, response)
        }
    }
}
