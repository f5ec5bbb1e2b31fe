import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// Answers of shapes that clients of Boostiny have met (platforms.md 5.3, 5.4).
@Suite("Reading Boostiny")
struct BoostinyListingTests {
    private let now = Instant(seconds: 1_795_230_000)

    private func work(_ stream: StreamID, days: DayRange? = nil, cursor: String? = nil) -> ChunkWork {
        ChunkWork(
            account: Account(
                id: AccountID(1), connection: ConnectionID(1), platform: BoostinyConnector.id, externalID: "me",
                name: "", currency: "USD", zoneName: "UTC"),
            spec: ChunkSpec(stream: stream, phase: .recent, days: days), cursor: cursor,
            anchor: CivilDate(now, in: .gmt), credential: Credential(["key": Secret("k")]), now: now)
    }

    private func read(_ body: String, _ work: ChunkWork) throws -> Reading {
        let connector = try BoostinyConnector()
        return connector.read(
            WireResponse(status: 200, body: Array(body.utf8)), to: connector.call(for: work), of: work)
    }

    @Test("Without a word on its pages a list goes on until a page is empty or comes again")
    func uncounted() throws {
        func page(_ ids: [Int]) -> String {
            let rows = ids.map { "{\"id\":\($0),\"name\":\"n\"}" }.joined(separator: ",")
            return "{\"payload\":{\"data\":[\(rows)]}}"
        }
        let connector = try BoostinyConnector()
        let first = try read(page([1, 2]), work(StreamID("campaigns")))
        guard case .more(let cursor) = first.next else {
            Issue.record("a page that may not be the last ended the list")
            return
        }
        let second = work(StreamID("campaigns"), cursor: cursor)
        #expect(connector.call(for: second).request.query.contains { $0.name == "page" && $0.value == "2" })
        guard case .finished(let end) = try read(page([]), second).next,
            case .finished = try read(page([1, 2]), second).next, case .more = try read(page([3]), second).next
        else {
            Issue.record("an empty page, or the same again, is the end, and another is not")
            return
        }
        #expect(end.isComplete)
    }

    @Test(
        "Days without a row take no stored rows away, and a page that comes again ends a list",
        arguments: [#"{"payload":{"data":[]}}"#, #"{"payload":{"data":[],"pagination":{"total":0,"perPage":50}}}"#])
    func emptyDays(body: String) throws {
        let day = try #require(CivilDate("2026-11-05"))
        guard case .finished(let days) = try read(body, work(StreamID("performance"), days: DayRange(day))).next,
            case .finished(let list) = try read(body, work(StreamID("campaigns"))).next
        else { return #expect(Bool(false), "not finished") }
        #expect(!days.isComplete && list.isComplete)

        // A server that gives the same full page whatever is asked for.
        let rows = (1...2).map { "{\"id\":\($0),\"name\":\"n\"}" }.joined(separator: ",")
        let page = "{\"payload\":{\"data\":[\(rows)],\"pagination\":{\"total\":9,\"perPage\":2,\"currentPage\":1}}}"
        var cursor: String?
        var calls = 0
        var isOver = false
        while !isOver, calls < 20 {
            calls += 1
            switch try read(page, work(StreamID("campaigns"), cursor: cursor)).next {
            case .more(let next), .later(_, let next): cursor = next
            case .finished(let finish):
                isOver = true
                #expect(!finish.isComplete)
            default: Issue.record("the list failed")
            }
        }
        #expect(isOver && calls < 6)
    }

    @Test("Pages that do not tell their number are counted")
    func unnumbered() throws {
        func body(_ row: String) -> String { #"{"payload":{"data":[\#(row)],"pagination":{"total":3,"perPage":1}}}"# }
        var cursor: String?
        var pages: [String?] = []
        let connector = try BoostinyConnector()
        for _ in 0..<5 {
            let work = work(StreamID("campaigns"), cursor: cursor)
            pages.append(connector.call(for: work).request.query.first { $0.name == "page" }?.value)
            let row = pages.count > 3 ? "" : #"{"id":\#(pages.count)}"#
            guard case .more(let next) = try read(body(row), work).next else { break }
            cursor = next
        }
        #expect(pages == ["1", "2", "3", "4"])
    }

    @Test("Rows without a code are kept, sums are left out, and a row without its programme is told of")
    func rows() throws {
        let day = try #require(CivilDate("2026-11-05"))
        let body = """
            {"payload":{"data":[{"campaign_id":"61","orders":"9","net_orders":"7","revenue":"60.10",
            "net_revenue":"48.05"},
            {"report_type":"summary","orders":"9"},{"period_from":"2026-11-05","orders":"9"},{"orders":"1"}],
            "pagination":{"total":1,"perPage":50,"currentPage":1}}}
            """
        let reading = try read(body, work(StreamID("performance"), days: DayRange(day)))

        let table = try #require(reading.tables.first)
        #expect(table.rowCount == 1)
        #expect(table.cell(row: 0, column: "code").flatMap(table.string) == "")
        #expect(table.cell(row: 0, column: "date").flatMap(table.string) == "2026-11-05")
        #expect(table.cell(row: 0, column: "orders")?.integer == 9)
        #expect(table.cell(row: 0, column: "net_orders")?.integer == 7)
        #expect(table.cell(row: 0, column: "revenue_micros")?.integer == 60_100_000)
        #expect(table.cell(row: 0, column: "net_revenue_micros")?.integer == 48_050_000)
        #expect(reading.notes.map(\.kind).contains("row_rejected"))
    }

    @Test("Sums over several days are asked for again by day, and that is remembered")
    func undated() throws {
        let first = try #require(CivilDate("2026-11-01"))
        let days = try #require(DayRange(first, first.adding(days: 2)))
        let row = #"{"campaign_id":"61","code":"A","orders":"9"}"#
        let body = #"{"payload":{"data":[\#(row)],"pagination":{"total":1,"perPage":50}}}"#
        let reading = try read(body, work(StreamID("performance"), days: days))

        guard case .split(let parts, _) = reading.next else {
            Issue.record("sums of three days were taken for days")
            return
        }
        #expect(parts.compactMap(\.days?.count) == [1, 1, 1])
        #expect(!reading.learned.isEmpty)
        #expect(reading.tables.isEmpty)
    }

    @Test("A total that is too small ends no list whose pages are full, nor one whose pages are smaller than it says")
    func totalTooSmall() throws {
        func page(_ ids: ClosedRange<Int>, total: Int, size: Int, page: Int) -> String {
            let rows = ids.map { "{\"id\":\($0)}" }.joined(separator: ",")
            let paging = "{\"total\":\(total),\"perPage\":\(size),\"currentPage\":\(page)}"
            return "{\"payload\":{\"data\":[\(rows)],\"pagination\":\(paging)}}"
        }
        let campaigns = StreamID("campaigns")
        guard case .more(let cursor) = try read(page(1...50, total: 10, size: 50, page: 1), work(campaigns)).next,
            case .more = try read(page(1...50, total: 120, size: 1000, page: 1), work(campaigns)).next
        else {
            Issue.record("rows were left behind")
            return
        }
        let last = try read(page(51...60, total: 10, size: 50, page: 2), work(campaigns, cursor: cursor))
        guard case .finished(let end) = last.next else {
            Issue.record("\(last.next)")
            return
        }
        #expect(end.isComplete)
    }

    @Test("A code that was given out twice has two rows, and what each row says of the answer is no field of it")
    func twoCodes() throws {
        let day = try #require(CivilDate("2026-11-05"))
        let rows = ["9901", "9902"].map { #"{"full_count":"2","campaign_id":"61","code":"A","code_id":"\#($0)"}"# }
        let paging = #"{"total":2,"perPage":50}"#
        let body = #"{"payload":{"data":[\#(rows.joined(separator: ","))],"pagination":\#(paging)}}"#
        let reading = try read(body, work(StreamID("performance"), days: DayRange(day)))

        let table = try #require(reading.tables.first)
        #expect(Set(KeyHash.hashes(of: table)).count == 2)
        #expect(reading.notes.isEmpty)
    }

    @Test(
        "A lock-out ends when the answer says so",
        arguments: [("Retry after 10 minutes", nil, 600), ("", "90", 90), ("Retry after 10 minutes", "30", 30)]
            as [(String, String?, Int64)])
    func lockOut(message: String, header: String?, seconds: Int64) throws {
        let connector = try BoostinyConnector()
        let work = work(StreamID("campaigns"))
        var response = WireResponse(
            status: 429, body: Array(#"{"payload":{"errors":{"message":"\#(message)"}}}"#.utf8))
        if let header { response.headers[.retryAfter] = header }
        let reading = connector.read(response, to: connector.call(for: work), of: work)

        guard case .failed(.throttled(_, let until, _)) = reading.next else {
            Issue.record("a lock-out is a limit")
            return
        }
        #expect(until == now + .seconds(seconds))
    }
}
