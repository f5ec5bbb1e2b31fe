import ConnectorKit
import SyncCore

/// Reads numbers by day or by hour, of some campaigns or of the whole shop (platforms.md 1.10, 1.12). Days are one call
/// for a range, hours one for each day; campaigns a hundred for each call.
struct ShopeePerformance: Sendable {
    let task: ShopeeTask
    let kind: Kind

    /// The four of them.
    struct Kind: Sendable, Hashable {
        var endpoint: ShopeeEndpoint
        var isHourly: Bool
        var isOfCampaigns: Bool

        static func of(_ stream: StreamID) -> Kind? {
            switch stream {
            case ShopeeStream.campaignDaily: Kind(endpoint: .campaignDaily, isHourly: false, isOfCampaigns: true)
            case ShopeeStream.campaignHourly: Kind(endpoint: .campaignHourly, isHourly: true, isOfCampaigns: true)
            case ShopeeStream.shopDaily: Kind(endpoint: .shopDaily, isHourly: false, isOfCampaigns: false)
            case ShopeeStream.shopHourly: Kind(endpoint: .shopHourly, isHourly: true, isOfCampaigns: false)
            default: nil
            }
        }
    }

    struct Cursor: Codable, Sendable, Equatable {
        /// Days that are done, of hours.
        var day = 0
        /// Ids that are done of the present range or day.
        var done = 0
        var batch = ShopeeBatch()
        /// Campaigns that Shopee says are none of this shop: their stored rows stay.
        var foreign = 0
        /// A list was missing where it should have been.
        var isHollow: Bool?
        /// Of one day alone: the day after it comes with it, because the one before is too old.
        var isAhead: Bool?
    }

    private var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? Cursor() }
    private var days: DayRange { task.work.spec.days ?? DayRange(task.work.anchor) }
    private var ids: [String] { task.work.spec.entities?.ids ?? [] }
    private var asked: [String] { Array(ids.dropFirst(cursor.done).prefix(cursor.batch.count)) }

    // MARK: Calling

    func call() -> Call {
        var items: [(String, String)] = []
        if kind.isOfCampaigns { items.append(("campaign_id_list", asked.joined(separator: ","))) }
        if kind.isHourly {
            items.append(("performance_date", days.first.adding(days: cursor.day).dayFirst("-")))
        } else {
            items.append(("start_date", range.first.dayFirst("-")))
            items.append(("end_date", range.last.dayFirst("-")))
        }
        return task.requests.get(kind.endpoint, items)
    }

    /// Shopee may refuse a range of one day: then the day before comes with it, or behind the oldest one that it offers
    /// the day after.
    private var range: DayRange {
        ShopeePerformance.range(days, anchor: task.work.anchor, isAhead: cursor.isAhead == true)
    }

    static func range(_ days: DayRange, anchor: CivilDate, isAhead: Bool) -> DayRange {
        guard days.count == 1 else { return days }
        let oldest = anchor.adding(months: -ShopeePlatform.retention).adding(days: 1)
        let before = DayRange(days.first.adding(days: -1), days.last)
        let after = DayRange(days.first, days.last.adding(days: 1))
        return (days.first > oldest && !isAhead ? before : after) ?? days
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        let place: RowsAt =
            kind.isOfCampaigns ? .nested("response.campaign_list", rows: "metrics_list") : .list("response")
        switch task.page(response, at: place) {
        case .rows(let page, _): return goOn(page, isHollow: page == nil)
        case .error(let error): return refused(error, response)
        }
    }

    /// No answer in time, or one that is too large: fewer campaigns, then fewer days.
    func smaller() -> Reading? {
        if kind.isOfCampaigns, let smaller = cursor.batch.halved(asked.count, isTooMuch: true) { return again(smaller) }
        return split("The answer is too large.")
    }

    private func refused(_ error: ShopeeError, _ response: WireResponse) -> Reading {
        switch error.kind {
        case .tooBig: if let smaller = smaller() { return smaller }
        case .foreignCampaign:
            if let smaller = cursor.batch.halved(asked.count, isTooMuch: false) { return again(smaller) }
            if let id = asked.first { return skip(id) }
        case .request where asked.count > ShopeeBatch.few:
            if let smaller = cursor.batch.halved(asked.count, isTooMuch: true) { return again(smaller) }
        case .tooLong, .future:
            if let split = split("Shopee does not answer for so many days at once.") { return split }
            // Shopee's clock may be a little behind ours.
            let now = task.work.answeredAt
            if error.kind == .future, let zone = try? task.work.account.zone(), days.last == CivilDate(now, in: zone),
                now - days.last.start(in: zone) < .seconds(900)
            {
                return Reading(.failed(.retryAt(now + .seconds(60), task.cause(of: error, kind.endpoint, response))))
            }
        case .tooOld:
            if let split = split("Shopee does not offer all of the days any more.") { return split }
            if !kind.isHourly, range.first < days.first {
                var next = cursor
                next.isAhead = true
                return Reading(.more(cursor: CursorText.encode(next)))
            }
            return Reading(
                .finished(.init(isComplete: false, notOffered: true)),
                notes: [Note("clamped", "Shopee does not offer \(days.first) any more.")])
        default: break
        }
        return task.failed(error, kind.endpoint, response)
    }

    private func again(_ smaller: ShopeeBatch) -> Reading {
        var next = cursor
        next.batch = smaller
        return Reading(.more(cursor: CursorText.encode(next)))
    }

    private func split(_ reason: String) -> Reading? {
        guard let (first, second) = days.halves else { return nil }
        let specs = [second, first].map { days in
            var spec = task.work.spec
            spec.days = days
            return spec
        }
        return Reading(.split(specs, reason: reason))
    }

    private func skip(_ id: String) -> Reading {
        var reading = goOn(nil, foreign: 1)
        reading.notes.append(
            Note("row_missing", "Shopee says that the campaign \(id) is none of this shop; its numbers stay."))
        return reading
    }

    /// An answer that is `hollow`, with nothing where its list should be, is no word on what there was: rows stay.
    private func goOn(_ page: PageRead?, foreign: Int = 0, isHollow: Bool = false) -> Reading {
        var next = cursor
        next.done += asked.count
        next.batch = cursor.batch.grown
        next.foreign += foreign
        if isHollow { next.isHollow = true }
        if next.done >= ids.count {
            next.done = 0
            next.day += 1
        }
        let isDone = next.done == 0 && (!kind.isHourly || next.day >= days.count)
        guard isDone else { return task.reading(.more(cursor: CursorText.encode(next)), page) }
        let ids = kind.isOfCampaigns ? ShopeeSchemas.campaignID : "account_id"
        var finish = Reading.Finish(sparing: next.foreign > 0 || next.isHollow == true ? ids : nil)
        if kind.isOfCampaigns { finish.units = self.ids.count }
        return task.reading(.finished(finish), page)
    }
}
