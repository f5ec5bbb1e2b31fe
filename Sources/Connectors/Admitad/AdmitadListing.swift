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
            ("date_start", days.first.adding(days: -1).dayFirst(".")),
            ("date_end", days.last.adding(days: 1).dayFirst(".")), ("order_by", "datetime"),
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
            let told = JSONTree.parse(page.rest)?["_meta"], let count = told["count"]?.int
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
        let size = min(AdmitadRequests.page, told["limit"]?.int ?? AdmitadRequests.page)
        let (next, note) = next(after: page.table, of: count, fullWith: size)
        return Reading(next, tables: tables, notes: notes(on: page) + [note].compactMap(\.self))
    }

    private func page(_ response: WireResponse, _ reader: RowReader) -> RowTable? {
        try? reader.read(
            response.body, at: .list("results"), context: ["account_id": work.account.externalID],
            currency: work.account.currency
        ).table
    }

    private func next(after table: RowTable, of count: Int, fullWith size: Int) -> (Reading.Next, Note?) {
        let received = table.received + table.rejected.count
        var next = cursor
        next.begun = next.begun ?? work.now.microseconds
        switch next.list.take(received, of: count, fullWith: size, next: next.list.at + received) {
        case .goesOn: return (.more(cursor: CursorText.encode(next)), nil)
        case .looksAgain(let pause): return (.later(pause, cursor: CursorText.encode(next)), nil)
        case .done:
            // Actions do not vanish, they are declined: days without any take away nothing that is stored.
            let isBelieved = work.spec.days == nil || next.list.came > 0
            return (.finished(finish(next, isComplete: isBelieved)), nil)
        case .endsEarly:
            return (
                .finished(finish(next, isComplete: false)),
                .listEndedEarly(stream, of: "Admitad", after: next.list.came)
            )
        case .restless: return (.failed(AdmitadListing.restless), nil)
        }
    }

    private func finish(_ cursor: Cursor, isComplete: Bool) -> Reading.Finish {
        let isChange = isComplete && AdmitadMode.moment(in: work.spec.mode) != nil
        let mark = cursor.begun.map { Instant(microseconds: $0) }
        return Reading.Finish(isComplete: isComplete, changedUpTo: isChange ? mark : nil)
    }

    private static let restless = Failure.retryNow(
        Failure.Cause(code: "", "A list of Admitad has changed again and again while it was read."))

    private func notes(on page: PageRead) -> [Note] {
        page.notes(on: stream, of: "Admitad", isFirst: work.cursor == nil)
    }
}
