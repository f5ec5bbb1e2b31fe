import ConnectorKit
import SyncCore

/// One chunk: a list by numbered pages, or the numbers of a range of days.
struct BoostinyListing {
    let work: ChunkWork
    let readers: BoostinyReaders

    private struct Cursor: Codable {
        var list = CountedList(from: 1)
        /// Of the last page, where pages are not counted: one that comes again shows the end.
        var last: UInt64?
        /// Coupons are read out of the programmes, for there is no list of them.
        var isEmbedded = false
    }

    private var stream: StreamID { work.spec.stream }
    private var cursor: Cursor { CursorText.decode(Cursor.self, work.cursor) ?? Cursor() }
    private var isEmbedded: Bool { stream == .boostinyCoupons && cursor.isEmbedded }

    // MARK: Asking

    func call(_ requests: BoostinyRequests) -> Call {
        let days = work.spec.days.map { [("from", $0.first.description), ("to", $0.last.description)] } ?? []
        let paging = [("page", "\(cursor.list.at)"), ("limit", "\(BoostinyRequests.page)")]
        return requests.get(
            isEmbedded ? StreamID.boostinyCampaigns.rawValue : stream.rawValue, days + paging, work.credential)
    }

    // MARK: Reading

    func read(_ response: WireResponse, _ quota: QuotaKey) -> Reading {
        if stream == .boostinyCoupons, response.status == 404, !isEmbedded {
            return Reading(.more(cursor: CursorText.encode(Cursor(isEmbedded: true))))
        }
        guard (200..<300).contains(response.status), let page = readers.page(response, work, isEmbedded: isEmbedded)
        else { return Reading(.failed(BoostinyError(response).failure(quota: quota, at: work.answeredAt))) }
        if let days = work.spec.days, days.count > 1, page.hasUndatedRows {
            return Reading(
                .split(BoostinyPlanner.parts(of: work.spec, days), reason: "its rows do not tell their day"),
                learned: [.dropped([BoostinyPlanner.daysInRows], reason: "rows are sums of the days asked for")])
        }
        return Reading(next(after: page), tables: page.tables, notes: page.notes)
    }

    private func next(after page: BoostinyPage) -> Reading.Next {
        var next = cursor
        guard let paging = page.paging else { return uncounted(page, &next) }
        let current = paging.current ?? next.list.at
        let isLast = current * paging.size >= paging.total
        switch next.list.take(page.received, of: paging.total, next: current + 1, isLast: isLast) {
        case .goesOn: return .more(cursor: CursorText.encode(next))
        case .done: return .finished(Reading.Finish())
        case .restless:
            return .failed(
                .retryNow(Failure.Cause(code: "", "A list of Boostiny has changed again and again while it was read.")))
        case .stuck:
            return .failed(
                .retryNow(Failure.Cause(code: "", "Boostiny gave an empty page before the end of a list.")))
        }
    }

    /// Without a word on its pages a list ends with an empty one, or with one that comes again.
    private func uncounted(_ page: BoostinyPage, _ next: inout Cursor) -> Reading.Next {
        guard page.received > 0, page.digest != next.last else { return .finished(Reading.Finish()) }
        next.last = page.digest
        _ = next.list.take(page.received, of: .max, next: next.list.at + 1, isLast: false)
        return .more(cursor: CursorText.encode(next))
    }
}
