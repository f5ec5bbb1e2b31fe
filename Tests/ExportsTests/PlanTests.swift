import StoreTransfer
import SyncCore
import Testing

@testable import Exports

@Suite("A request for an export")
struct PlanTests {
    static let daily = StreamSchema(
        platform: PlatformID("acme"), id: StreamID("daily"), stage: "days", grain: .daily,
        columns: [
            Column(context: "account_id", .text), Column("id", .text, "id"), Column("date", .date, "d"),
            Column("spend_micros", .money, "m"), Column("clicks", .integer, "c"), Column("list", .json, "l"),
            Column("is_on", .boolean, "b"), Column("ratio", .real, "r"),
        ], key: ["account_id", "id", "date"], summary: "")
    static let posts = StreamSchema(
        platform: PlatformID("acme"), id: StreamID("posts"), stage: "posts", grain: .event,
        columns: [
            Column(context: "account_id", .text), Column("id", .text, "id"), Column("sent_at", .instant, "s"),
            Column("read_at", .instant, "r"),
        ], key: ["account_id", "id"], summary: "")
    static let things = StreamSchema(
        platform: PlatformID("acme"), id: StreamID("things"), stage: "things", grain: .entity,
        columns: [Column(context: "account_id", .text), Column("id", .text, "id"), Column("born_at", .instant, "b")],
        key: ["account_id", "id"], summary: "")
    static let catalog = ExportCatalog([daily, posts, things])

    static func layout(_ schema: StreamSchema) -> TableLayout {
        let columns = schema.columns.map { TableLayout.Column($0.name, ValueKind($0.type)) }
        let last = [TableLayout.Column("extra", .json), TableLayout.Column("synced_at", .instant)]
        return TableLayout(schema.table, columns: columns + last, key: schema.key, isControl: false)
    }

    private func plan(_ request: ExportRequest) throws(ExportError) -> ExportPlan {
        let streams = [Self.daily, Self.posts].map { Self.layout($0) }
        let views: Set = ["sync_logs", "ad_performance_daily", "somebodys_own"]
        return try ExportPlan(request, of: Self.catalog.table(request.table, streams: streams, views: views))
    }

    private func refusal(_ request: ExportRequest) -> ExportError? {
        do {
            _ = try plan(request)
            return nil
        } catch {
            return error
        }
    }

    private func column(_ name: String, _ kind: ValueKind) -> TableLayout.Column { TableLayout.Column(name, kind) }

    @Test("reads all columns of the table as it is, in the order of its key")
    func whole() throws {
        let plan = try plan(ExportRequest("acme_daily", as: .csv(mark: false)))

        #expect(plan.query.table.columns == Self.layout(Self.daily).columns)
        #expect(plan.query.conditions.isEmpty)
        #expect(plan.query.order.map(\.column.name) == ["account_id", "id", "date"])
        #expect(plan.fileName == "acme_daily.csv")
    }

    @Test("has money in units of the currency for people and in millionths for programs, and the name says which")
    func money() throws {
        func money(_ format: ExportFormat, _ table: String, _ place: Int) throws -> ExportPlan.Column {
            try plan(ExportRequest(table, as: format)).columns[place]
        }

        #expect(try money(.csv(mark: true), "acme_daily", 3) == .of("spend", .integer, isDecimal: true))
        #expect(try money(.excel, "acme_daily", 3) == .of("spend", .integer, isDecimal: true))
        #expect(try money(.jsonLines, "acme_daily", 3) == .of("spend_micros", .integer))
        #expect(try money(.csv(mark: true), "ad_performance_daily", 6) == .of("cost", .integer, isDecimal: true))
        #expect(try money(.jsonLines, "ad_performance_daily", 6) == .of("cost_micros", .integer))
    }

    @Test("takes no name from another column: money then stays in millionths")
    func taken() throws {
        let columns = [("account_id", ValueKind.text), ("spend", .real), ("spend_micros", .integer)]
        let layout = TableLayout(
            "acme_own", columns: columns.map { column($0.0, $0.1) }, key: ["account_id"], isControl: false)
        let table = try ExportCatalog([]).table("acme_own", streams: [layout], views: [])

        let plan = try ExportPlan(ExportRequest("acme_own", as: .excel), of: table)

        #expect(plan.columns[2] == .of("spend_micros", .integer))
    }

    @Test("reads for a workbook the currency, or whose it is, without showing it")
    func currency() throws {
        let own = try plan(ExportRequest("acme_daily", as: .excel, columns: ["spend"]))
        let common = try plan(ExportRequest("ad_performance_daily", as: .excel, columns: ["day", "cost"]))
        let none = try plan(ExportRequest("acme_daily", as: .excel, columns: ["clicks"]))

        #expect(own.currency == .account(1, of: PlatformID("acme")) && own.columns.count == 1)
        #expect(own.query.table.columns.map(\.name) == ["spend_micros", "account_id"])
        #expect(common.currency == .column(2))
        #expect(none.currency == .none && none.query.table.columns.count == 1)
    }

    private let own = ExportRequest.Account(PlatformID("acme"), "7/8")

    @Test("adds rows up by columns, with the last of texts, and filters by what they come to")
    func groups() throws {
        var request = ExportRequest(
            "acme_daily", as: .jsonLines, columns: ["id", "clicks"], filters: [.init("clicks", .atLeast, "5")],
            sort: .by([.init("clicks", isDescending: true)]))
        request.groups = ["id"]
        request.limit = 11

        let query = try plan(request).query

        #expect(query.totals == ["clicks": .sum])
        #expect(query.conditions == [.isWithin(column("clicks", .integer), least: 5, most: nil)])
        // The key's day is not there to sort by.
        #expect(query.order.map(\.column.name) == ["clicks", "id"])
        #expect(query.limit == 11 && query.offset == 0)
        #expect(refusal(ExportRequest("acme_daily", as: .excel, filters: [.init("id", .atMost, "5")])) != nil)
    }

    @Test("takes one of several words, and moments to the second")
    func moments() throws {
        var request = ExportRequest(
            "sync_logs", as: .jsonLines,
            filters: [.init("status", .oneOf, "failed,waiting"), .init("id", .oneOf, "1,2")])
        request.since = Instant(microseconds: 5_000_000)

        let conditions = try plan(request).query.conditions

        #expect(
            conditions == [
                .isBetween(column("created_at", .instant), from: Instant(microseconds: 5_000_000), before: nil),
                .isOneOf(column("status", .text), [.text("failed"), .text("waiting")]),
                .isOneOf(column("id", .integer), [.integer(1), .integer(2)]),
            ])
        #expect(refusal(ExportRequest("sync_logs", as: .excel, filters: [.init("id", .oneOf, "x")])) != nil)
    }

    @Test("narrows rows by account, platform, days and what stands in columns")
    func conditions() throws {
        let request = ExportRequest(
            "acme_daily", as: .csv(mark: false), platform: PlatformID("acme"), accounts: [own],
            from: CivilDate("2026-11-01"), to: CivilDate("2026-11-21"),
            filters: [
                .init("id", .equals, "a=b"), .init("list", .contains, "x"), .init("clicks", .equals, "-5"),
                .init("is_on", .equals, "true"),
            ], sort: .by([.init("spend", isDescending: true), .init("date")]))

        let plan = try plan(request)

        #expect(
            plan.query.conditions == [
                .isOneOf(column("account_id", .text), [.text("7/8")]),
                .isOn(column("date", .day), from: CivilDate("2026-11-01"), to: CivilDate("2026-11-21")),
                .isOneOf(column("id", .text), [.text("a=b")]), .contains(column("list", .json), "x"),
                .isOneOf(column("clicks", .integer), [.integer(-5)]),
                .isOneOf(column("is_on", .boolean), [.boolean(true)]),
            ])
        #expect(plan.query.order.map(\.column.name) == ["spend_micros", "date", "account_id", "id"])
        #expect(plan.query.order.map(\.isDescending) == [true, false, false, false])
        #expect(plan.fileName == "acme_daily_7-8_2026-11-01_2026-11-21.csv")
    }

    @Test("finds the day of each table: its date, the moment of an event, when a log began")
    func days() throws {
        func day(_ table: String) throws -> RowQuery.Condition? {
            let request = ExportRequest(table, as: .csv(mark: false), from: CivilDate("2026-11-01"))
            return try plan(request).query.conditions.first
        }

        let from = CivilDate("2026-11-01")
        #expect(try day("acme_daily") == .isOn(column("date", .day), from: from, to: nil))
        #expect(try day("acme_posts") == .isOn(column("sent_at", .instant), from: from, to: nil))
        #expect(try day("ad_performance_daily") == .isOn(column("day", .day), from: from, to: nil))
        #expect(try day("sync_logs") == .isOn(column("created_at", .instant), from: from, to: nil))
    }

    @Test("of no account has no rows, and is not one of all accounts")
    func nobody() throws {
        let plan = try plan(ExportRequest("sync_logs", as: .jsonLines, accounts: []))

        #expect(
            plan.query.conditions == [.areOneOf(column("platform", .text), column("external_id", .text), [])])
    }

    @Test("of accounts has none of another platform that has the same id")
    func sameID() throws {
        let accounts = [own, ExportRequest.Account(PlatformID("beta"), "9")]

        let table = try plan(ExportRequest("acme_daily", as: .jsonLines, accounts: accounts))
        let logs = try plan(ExportRequest("sync_logs", as: .jsonLines, accounts: accounts))

        #expect(table.query.conditions == [.isOneOf(column("account_id", .text), [.text("7/8")])])
        let pairs: [[RowQuery.Value]] = [[.text("acme"), .text("7/8")], [.text("beta"), .text("9")]]
        #expect(
            logs.query.conditions == [.areOneOf(column("platform", .text), column("external_id", .text), pairs)])
    }

    @Test("that names what is not there is refused with what is there")
    func unknown() {
        let known = ["acme_daily", "acme_posts", "ad_performance_daily", "sync_logs"]
        let csv = ExportFormat.csv(mark: false)

        #expect(refusal(ExportRequest("connections", as: csv)) == .unknownTable("connections", known: known))
        #expect(refusal(ExportRequest("somebodys_own", as: csv)) == .unknownTable("somebodys_own", known: known))
        #expect(refusal(ExportRequest("acme_things", as: csv)) == .emptyTable("acme_things", known: known))
        #expect(
            refusal(ExportRequest("acme_posts", as: csv, columns: ["id", "x"]))
                == .unknownColumn(
                    "x", table: "acme_posts",
                    known: ["account_id", "id", "sent_at", "read_at", "extra", "synced_at"]))
        #expect(refusal(ExportRequest("acme_posts", as: csv, columns: ["id", "id"])) == .repeatedColumn("id"))
        #expect(
            refusal(ExportRequest("acme_daily", as: csv, platform: PlatformID("beta")))
                == .otherPlatform("acme_daily", of: "acme"))
    }

    @Test(
        "that cannot be meant is refused",
        arguments: [("clicks", "x"), ("date", "x"), ("is_on", "1"), ("ratio", "1")])
    func unfit(_ column: String, _ text: String) throws {
        let request = ExportRequest("acme_daily", as: .jsonLines, filters: [.init(column, .equals, text)])

        let error = try #require(refusal(request))
        guard case .notComparable(column, text, _) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("of days that go backwards, or of things that have none, is refused")
    func noDays() throws {
        let table = try Self.catalog.table("acme_things", streams: [Self.layout(Self.things)], views: [])
        var request = ExportRequest("acme_things", as: .jsonLines, to: CivilDate("2026-11-21"))

        #expect(throws: ExportError.noDays("acme_things")) { try ExportPlan(request, of: table) }
        request.table = "acme_daily"
        request.from = CivilDate("2026-11-22")
        #expect(refusal(request) == .daysReversed)
    }

    @Test("is read from short texts")
    func texts() {
        #expect(ExportRequest.Filter("name~a=b") == .init("name", .contains, "a=b"))
        #expect(ExportRequest.Filter("status=") == .init("status", .equals, ""))
        #expect(ExportRequest.Filter("=x") == nil && ExportRequest.Filter("x") == nil)
        #expect(ExportRequest.Sort("date,-spend") == .by([.init("date"), .init("spend", isDescending: true)]))
        #expect(ExportRequest.Sort("none") == .asStored && ExportRequest.Sort(",") == nil)
        #expect(ExportFormat("XLSX") == .excel && ExportFormat("xls") == nil)
    }
}
