import ConnectorKit
import SyncCore

/// One chunk: a list by numbered pages, or the numbers of a range of days.
struct BoostinyListing {
    let work: ChunkWork
    let readers: BoostinyReaders

    private struct Cursor: Codable {
        var page = 1
        /// Coupons are read out of the programmes, for there is no list of them.
        var isEmbedded = false
    }

    private var stream: StreamID { work.spec.stream }
    private var cursor: Cursor { CursorText.decode(Cursor.self, work.cursor) ?? Cursor() }
    private var isEmbedded: Bool { stream == .boostinyCoupons && cursor.isEmbedded }

    // MARK: Asking

    func call(_ requests: BoostinyRequests) -> Call {
        let days = work.spec.days.map { [("from", $0.first.description), ("to", $0.last.description)] } ?? []
        let paging = [("page", "\(cursor.page)"), ("limit", "\(BoostinyRequests.page)")]
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
        guard let paging = page.paging else { return .finished(Reading.Finish()) }
        guard paging.current * paging.size < paging.total else { return .finished(Reading.Finish()) }
        guard page.received > 0 else {
            return .failed(
                .retryNow(Failure.Cause(code: "", "Boostiny gave an empty page before the end of a list.")))
        }
        return .more(cursor: CursorText.encode(Cursor(page: paging.current + 1, isEmbedded: isEmbedded)))
    }
}
