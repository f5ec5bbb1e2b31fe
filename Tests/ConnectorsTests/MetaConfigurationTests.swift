import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Settings of Meta")
struct MetaConfigurationTests {
    private static let report = """
        [{"name":"ads_by_age","level":"ad","fields":["spend","impressions","ctr","actions","objective","date_start"],
        "breakdowns":["age","gender"],"action_attribution_windows":["1d_click","7d_click"],"time_increment":1}]
        """

    private func run(_ reports: String = report) throws -> MetaRun {
        var run = try MetaRun(StreamID("ads_by_age"), mode: "sync", days: MetaInsightsTests.day)
        run.connector = try MetaConnector(configuration: ["reports": reports])
        return run
    }

    @Test("A custom report is a stream with the right grain and types")
    func schema() throws {
        let connector = try MetaConnector(configuration: ["reports": Self.report])

        let schema = try #require(connector.streams.last)

        #expect(schema.table == "meta_ads_by_age")
        #expect(schema.key == ["account_id", "date", "ad_id", "age", "gender"])
        #expect(
            schema.columns.map { "\($0.name) \($0.type.rawValue)" } == [
                "account_id text", "date date", "campaign_id text", "campaign_name text", "adset_id text",
                "adset_name text", "ad_id text", "ad_name text", "age text", "gender text", "spend_micros money",
                "impressions integer", "ctr real", "actions json", "objective text",
            ])
        #expect(schema.stage == "insights")
        #expect(connector.streams.count == 11)
    }

    @Test("It asks for its breakdowns and windows, and not for breakdowns as fields")
    func call() throws {
        let run = try run()

        #expect(run.parameter("breakdowns") == "age,gender")
        #expect(run.parameter("action_attribution_windows") == "[\"1d_click\",\"7d_click\"]")
        #expect(
            run.fields == [
                "ad_id", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_name", "spend", "impressions",
                "ctr", "actions", "objective",
            ])
    }

    @Test("A breakdown without a value is stored as an empty text, so that the row has a key")
    func missingBreakdown() throws {
        var run = try run()

        let reading = run.answer(
            metaPage(
                """
                {"ad_id":"1","date_start":"2026-08-12","age":"25-34","gender":"female","spend":"1"},
                {"ad_id":"1","date_start":"2026-08-12","age":null,"spend":"2"},
                {"date_start":"2026-08-12","spend":"3"}
                """))

        #expect(reading.tables.map(\.rowCount) == [1, 1])
        #expect(reading.text("age", table: 1) == "")
        #expect(reading.text("gender", table: 1) == "")
        #expect(reading.integer("spend_micros", table: 1) == 2_000_000)
        #expect(reading.kinds == ["row_rejected"])
    }

    @Test("Assets are keyed by their id")
    func assets() throws {
        var run = try run(
            "[{\"name\":\"ads_by_age\",\"level\":\"ad\",\"fields\":[\"clicks\"],\"breakdowns\":[\"image_asset\"]}]")

        let reading = run.answer(
            metaPage(
                "{\"ad_id\":\"1\",\"date_start\":\"2026-08-12\",\"clicks\":\"2\",\"image_asset\":{\"id\":\"77\"}},"
                    + "{\"ad_id\":\"1\",\"date_start\":\"2026-08-12\",\"clicks\":\"3\"}"))

        #expect(reading.text("image_asset") == "77")
        #expect(reading.text("image_asset", table: 1) == "")
    }

    @Test("A report of the account has the day as its grain and is never split by entities")
    func accountLevel() throws {
        var run = try run("[{\"name\":\"ads_by_age\",\"level\":\"account\",\"fields\":[\"spend\",\"reach\"]}]")
        #expect(run.connector.streams.last?.key == ["account_id", "date"])
        #expect(run.fields == ["spend", "reach"])

        run.error(100, 1_487_534)
        run.answer("{\"report_run_id\":\"9\"}")
        let reading = run.answer(
            "{\"async_status\":\"Job Failed\",\"async_percent_completion\":0,\"error_code\":100,"
                + "\"error_subcode\":1487534}")

        #expect(reading.split?.map(\.fields) == [["spend_micros"], ["reach"]])
    }

    @Test("Breakdowns make chunks shorter")
    func plan() throws {
        let connector = try MetaConnector(configuration: ["reports": Self.report])
        let window = try #require(DayRange(MetaRun.anchor.adding(days: -20), MetaRun.anchor))
        let request = PlanRequest(
            step: MetaPlatform.recent, kind: .initial, account: MetaRun.account, anchor: MetaRun.anchor,
            window: window, streams: [StreamID("ads_by_age")], due: [StreamID("ads_by_age"): window.days],
            listed: [:], tallies: [.ads: ["ACTIVE": 100]], learned: [:], now: Instant(seconds: 0))

        #expect(connector.plan(request).allSatisfy { $0.days?.count ?? 9 <= 2 })
    }

    @Test(
        "A setting that makes no sense is refused with a sentence",
        arguments: [
            ("not json", "JSON"), ("{}", "JSON list"), ("[{}]", "name"), ("[{\"name\":\"Über\"}]", "name"),
            ("[{\"name\":\"ads\",\"level\":\"ad\",\"fields\":[\"spend\"]}]", "already"),
            ("[{\"name\":\"xx\",\"fields\":[\"spend\"]}]", "level"),
            ("[{\"name\":\"xx\",\"level\":\"ad\"}]", "no fields"),
            ("[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"spent\"]}]", "spent"),
            ("[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"age\"]}]", "breakdown"),
            ("[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":\"spend\"}]", "list"),
            ("[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"spend\"],\"filter\":1}]", "filter"),
            ("[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"spend\"],\"breakdowns\":[\"dma\"]}]", "comscore_market"),
            ("[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"spend\"],\"breakdowns\":[\"moon\"]}]", "moon"),
            (
                "[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"spend\"],\"breakdowns\":[\"impression_device\"]}]",
                "publisher_platform"
            ),
            (
                "[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"spend\"],"
                    + "\"action_attribution_windows\":[\"28d_view\"]}]",
                "28d_view"
            ),
            ("[{\"name\":\"xx\",\"level\":\"ad\",\"fields\":[\"spend\"],\"time_increment\":7}]", "by day"),
        ])
    func refused(reports: String, word: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try MetaConnector(configuration: ["reports": reports])
        }

        #expect(error?.description.contains(word) == true)
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test("Settings that nobody knows are refused, and an app id is a number")
    func settings() throws {
        #expect(throws: ConfigurationError.self) { try MetaConnector(configuration: ["colour": "red"]) }
        #expect(throws: ConfigurationError.self) { try MetaConnector(configuration: ["app_id": "x"]) }
        #expect(try MetaConnector(configuration: ["app_id": "42"]).configuration.appID == "42")
    }
}
