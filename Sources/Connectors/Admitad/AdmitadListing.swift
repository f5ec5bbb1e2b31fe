import ConnectorKit
import SyncCore

/// One chunk: a list by pages, from the first row to the last (platforms.md 4.3).
struct AdmitadListing {
    let work: ChunkWork
    let readers: [StreamID: RowReader]

    private struct Cursor: Codable {
        var list = CountedList(from: 0)
        /// When the first page was asked for, in microseconds.
        var begun: Int64?
    }

    private var stream: StreamID { work.spec.stream }
    private var cursor: Cursor { CursorText.decode(Cursor.self, work.cursor) ?? Cursor() }

    // MARK: Asking

    func call(_ requests: AdmitadRequests) -> Call {
        let paging = [("limit", "\(AdmitadRequests.page)"), ("offset", "\(cursor.list.at)")]
        return requests.get(path, filters + paging, work.credential)
    }

    private var path: String {
        switch stream {
        case .programs: "/advcampaigns/"
        case .coupons: "/coupons/"
        default: "/statistics/actions/"
        }
    }

    private var filters: [(String, String)] {
        if let moment = AdmitadMode.moment(in: work.spec.mode) {
            return [("status_updated_start", AdmitadRequests.moment(moment)), ("order_by", "datetime")]
        }
        guard let days = work.spec.days else { return [] }
        // In which zone it filters is unknown, and whether that is the one in which it writes: the days around are
        // asked for as well, and their rows are left to their own chunks (platforms.md 4.3).
        return [
            ("date_start", AdmitadRequests.day(days.first.adding(days: -1))),
            ("date_end", AdmitadRequests.day(days.last.adding(days: 1))), ("order_by", "datetime"),
        ]
    }

    private var scope: (what: String, name: String) {
        switch stream {
        case .programs: ("programmes", "advcampaigns")
        case .coupons: ("coupons", "coupons")
        default: ("actions", "statistics")
        }
    }

    // MARK: Reading

    func read(_ response: WireResponse, _ quota: QuotaKey) -> Reading {
        guard (200..<300).contains(response.status), let reader = readers[stream],
            let page = try? reader.read(
                response.body, at: .list("results"), context: ["account_id": work.account.externalID],
                currency: work.account.currency, known: work.known),
            let count = JSONTree.parse(page.rest)?["_meta"]?["count"]?.int
        else {
            let isYoung = AdmitadToken.isYoung(work.credential, at: work.answeredAt)
            let failure = AdmitadError(response).failure(
                of: scope.what, scope: scope.name, quota: quota, isYoung: isYoung, at: work.answeredAt)
            return Reading(.failed(failure))
        }
        var tables = [work.spec.days.map(page.table.keeping) ?? page.table]
        if stream == .actions, let history = readers[.actionHistory].flatMap({ self.page(response, $0) }) {
            tables.append(history)
        }
        return Reading(next(after: page.table, of: count), tables: tables, notes: notes(on: page))
    }

    private func page(_ response: WireResponse, _ reader: RowReader) -> RowTable? {
        try? reader.read(
            response.body, at: .list("results"), context: ["account_id": work.account.externalID],
            currency: work.account.currency
        ).table
    }

    private func next(after table: RowTable, of count: Int) -> Reading.Next {
        let received = table.received + table.rejected.count
        var next = cursor
        next.begun = next.begun ?? work.now.microseconds
        let end = next.list.at + received
        switch next.list.take(received, of: count, next: end, isLast: end >= count) {
        case .goesOn: return .more(cursor: CursorText.encode(next))
        case .done: return .finished(finish(next))
        case .restless: return .failed(AdmitadListing.restless)
        case .stuck: return .failed(AdmitadListing.empty)
        }
    }

    private func finish(_ cursor: Cursor) -> Reading.Finish {
        let isChange = AdmitadMode.moment(in: work.spec.mode) != nil
        let mark = cursor.begun.map { Instant(microseconds: $0) }
        return Reading.Finish(changedUpTo: isChange ? mark : nil)
    }

    private static let empty = Failure.retryNow(
        Failure.Cause(code: "", "Admitad gave an empty page before the end of a list."))
    private static let restless = Failure.retryNow(
        Failure.Cause(code: "", "A list of Admitad has changed again and again while it was read."))

    private func notes(on page: PageRead) -> [Note] {
        page.notes(on: stream, of: "Admitad", isFirst: work.cursor == nil)
    }
}
