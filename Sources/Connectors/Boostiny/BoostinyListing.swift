import ConnectorKit
import SyncCore

/// One chunk: a list by numbered pages, or the numbers of a range of days.
struct BoostinyListing {
    let work: ChunkWork
    let readers: BoostinyReaders

    private struct Cursor: Codable {
        var list = CountedList(from: 1)
        /// Of the last page: one that comes again has nothing new.
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
        let (next, note) = next(after: page)
        return Reading(next, tables: page.tables, notes: page.notes + [note].compactMap(\.self))
    }

    private func next(after page: BoostinyPage) -> (Reading.Next, Note?) {
        var next = cursor
        let received = page.digest == next.last ? 0 : page.received
        next.last = page.digest
        guard let paging = page.paging else { return (uncounted(received, &next), nil) }
        let following = (paging.current ?? next.list.at) + 1
        switch next.list.take(received, of: paging.total, fullWith: paging.size, next: following) {
        case .goesOn: return (.more(cursor: CursorText.encode(next)), nil)
        case .looksAgain(let pause): return (.later(pause, cursor: CursorText.encode(next)), nil)
        case .done: return (.finished(finish(next)), nil)
        case .endsEarly:
            return (
                .finished(Reading.Finish(isComplete: false)),
                .listEndedEarly(stream, of: "Boostiny", after: next.list.came)
            )
        case .restless:
            let cause = Failure.Cause(
                code: "", "A list of Boostiny has changed again and again while it was read.")
            return (.failed(.retryNow(cause)), nil)
        }
    }

    /// Orders do not vanish, they are declined: days without any take away nothing that is stored.
    private func finish(_ cursor: Cursor) -> Reading.Finish {
        Reading.Finish(isComplete: work.spec.days == nil || cursor.list.came > 0)
    }

    /// Without a word on its pages a list ends with an empty one, or with one that comes again.
    private func uncounted(_ received: Int, _ next: inout Cursor) -> Reading.Next {
        guard received > 0 else { return .finished(finish(next)) }
        next.list.goOn(next.list.at + 1, behind: received)
        return .more(cursor: CursorText.encode(next))
    }
}
