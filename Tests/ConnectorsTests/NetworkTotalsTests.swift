import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Totals of the networks and of Pancake")
struct NetworkTotalsTests {
    private static let now = Instant(seconds: 1_795_230_000)

    private func work(
        _ platform: PlatformID, _ first: String, _ last: String, cursor: String? = nil, zone: String = "UTC",
        currency: String = "USD"
    ) throws -> ChunkWork {
        let (begin, end) = (try #require(CivilDate(first)), try #require(CivilDate(last)))
        let days = try #require(DayRange(begin, end))
        return ChunkWork(
            account: Account(
                id: AccountID(1), connection: ConnectionID(1), platform: platform, externalID: "me", name: "",
                currency: currency, zoneName: zone),
            spec: ChunkSpec(stream: .totals, phase: .recent, days: days, mode: "first"), cursor: cursor,
            anchor: CivilDate(Self.now, in: .gmt),
            credential: Credential([
                "access_token": Secret("t"), "key": Secret("k"), "page_access_token": Secret("p"),
            ]), now: Self.now)
    }

    private func read(_ connector: any Connector, _ body: String, _ work: ChunkWork, status: Int = 200) -> Reading {
        connector.read(
            WireResponse(status: status, body: Array(body.utf8)), to: connector.call(for: work), of: work)
    }

    private func day(_ text: String, _ currency: String? = nil) throws -> Totals.Place {
        Totals.Place(try #require(CivilDate(text)), currency)
    }

    @Test("Admitad's report by day is read over pages, and each currency of a day stays by itself")
    func admitad() throws {
        let connector = try AdmitadConnector()
        let first = try work(AdmitadConnector.id, "2026-11-01", "2026-11-02")
        func row(_ day: String, _ currency: String, _ open: String) -> String {
            #"{"date":"\#(day)","currency":"\#(currency)","leads_sum":1,"sales_sum":2,"payment_sum_open":\#(open),"#
                + #""payment_sum_approved":"0.50","payment_sum_declined":1}"#
        }

        let one = read(
            connector, #"{"results":[\#(row("2026-11-01", "USD", "2"))],"_meta":{"count":2,"limit":1,"offset":0}}"#,
            first)
        guard case .more(let cursor) = one.next else { return #expect(Bool(false), "\(one.next)") }
        let second = try work(AdmitadConnector.id, "2026-11-01", "2026-11-02", cursor: cursor)
        let two = read(
            connector, #"{"results":[\#(row("2026-11-01", "EUR", "4"))],"_meta":{"count":2,"limit":1,"offset":1}}"#,
            second)

        #expect(connector.call(for: first).request.path == "/statistics/dates/")
        #expect(connector.call(for: second).request.query.contains { $0.name == "offset" && $0.value == "1" })
        let totals = try #require(two.totals)
        #expect(
            totals.sums == [
                try day("2026-11-01", "USD"): Figures([.rows: 3, .revenue: 3_500_000]),
                try day("2026-11-01", "EUR"): Figures([.rows: 3, .revenue: 5_500_000]),
            ])
        #expect(totals[try day("2026-11-02")] == Figures([.rows: 0, .revenue: 0]))
    }

    @Test("Boostiny's summary is one sum of all days, and that of one day where it is one")
    func boostiny() throws {
        let connector = try BoostinyConnector()
        let body = #"{"payload":{"summary":{"orders":"14","revenue":"88.10","net_orders":"1"},"data":[]}}"#
        let range = try work(BoostinyConnector.id, "2026-11-01", "2026-11-03")

        let many = try #require(read(connector, body, range).totals)
        let one = try #require(
            read(connector, body, try work(BoostinyConnector.id, "2026-11-01", "2026-11-01")).totals)
        let none = read(connector, #"{"payload":{"data":[]}}"#, range)

        let query = connector.call(for: range).request.query
        #expect(query.contains { $0.name == "from" && $0.value == "2026-11-01" })
        #expect(query.contains { $0.name == "limit" && $0.value == "1" })
        let figures = Figures([.orders: 14, .revenue: 88_100_000])
        #expect(many.whole == figures && many.sums.isEmpty)
        #expect(one.whole == nil)
        #expect(one[try day("2026-11-01")] == figures)
        #expect(none.totals == nil)
        #expect(none.notes.map(\.kind) == ["totals_unread"])
    }

    @Test("Pancake counts conversations between the first and the last second of days in the page's zone")
    func pancake() throws {
        let connector = try PancakeConnector()
        let work = try work(
            PancakeConnector.id, "2026-11-01", "2026-11-02", zone: "Asia/Ho_Chi_Minh",
            currency: AccountFacts.severalCurrencies)

        let call = connector.call(for: work)
        let reading = read(connector, #"{"success":true,"total":7,"conversations":[]}"#, work)
        let refused = read(connector, #"{"success":false,"error_code":404,"message":"Not found"}"#, work)

        #expect(call.request.path == "/api/public_api/v1/pages/me/conversations")
        let query = Dictionary(uniqueKeysWithValues: call.request.query.map { ($0.name, $0.value) })
        #expect(query["since"] == "1793466000")
        #expect(query["until"] == "1793638799")
        #expect(query["page_size"] == "1")
        #expect(reading.totals?.whole == Figures([.rows: 7]))
        guard case .finished = refused.next else { return #expect(Bool(false), "\(refused.next)") }
        #expect(refused.notes.map(\.kind) == ["totals_unread"])
    }

    @Test("Days of Pancake that are read again are listed from their first moment on, with their messages")
    func pancakeRepair() throws {
        var run = try PancakeRun(.conversations, mode: PancakeTotals.plan.repairMode)
        run.spec.days = DayRange(try #require(CivilDate("2025-11-05")))

        let reading = run.answer(PancakeRun.conversations(0..<3))

        #expect(!reading.follow.isEmpty)
        #expect(reading.follow.allSatisfy { $0.stream == .messages && $0.mode.hasPrefix("since:1762275600") })
    }
}
