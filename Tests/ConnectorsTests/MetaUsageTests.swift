import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Usage headers of Meta")
struct MetaUsageTests {
    private static let now = Instant(seconds: 1_790_000_000)
    private static let quotas = MetaQuotas(app: "default", account: "1000001")

    private func usage(_ headers: [String: String]) -> MetaUsage {
        MetaUsage(WireResponse(status: 200, headers: MetaRun.fields(headers), body: []))
    }

    private func signals(_ headers: [String: String]) -> [QuotaSignal] {
        Self.quotas.signals([usage(headers)], at: Self.now)
    }

    private func key(_ text: String) -> QuotaKey { QuotaKey(rawValue: text) }

    @Test("The account's use comes as a share, in whatever case the name is")
    func account() {
        let told = signals([
            "x-AD-account-usage": "{\"acc_id_util_pct\":63.4,\"reset_time_duration\":180}"
        ])

        #expect(told == [.use(key("meta/account/1000001"), 0.634)])
    }

    @Test("The use of pages counts for the pages")
    func pages() {
        let told = signals(["X-Page-Usage": "{\"call_count\":12,\"total_time\":40,\"total_cputime\":3}"])

        #expect(told == [.use(key("meta/pages/default"), 0.4)])
    }

    @Test("A full account is closed until its count begins anew")
    func fullAccount() {
        let told = signals(["X-Ad-Account-Usage": "{\"acc_id_util_pct\":\"118\",\"reset_time_duration\":\"180\"}"])

        #expect(
            told == [
                .use(key("meta/account/1000001"), 1.18),
                .blocked(key("meta/account/1000001"), until: Self.now + .seconds(180)),
            ])
    }

    @Test(
        "A full account of which no end is told is closed as long as its tier blocks, a small tier's a while before",
        arguments: [
            ("standard_access", 99, nil), ("standard_access", 100, 60), ("development_access", 90, nil),
            ("development_access", 96, 30), ("development_access", 100, 300),
        ] as [(String, Int, Int?)])
    func fullWithoutEnd(tier: String, use: Int, seconds: Int?) {
        let told = signals([
            "X-Ad-Account-Usage": "{\"acc_id_util_pct\":\(use),\"ads_api_access_tier\":\"\(tier)\"}"
        ])

        let blocks = told.compactMap { signal in
            if case .blocked(let key, let until) = signal { (key.family, until) } else { nil }
        }
        #expect(blocks.map(\.0) == (seconds == nil ? [] : ["account"]))
        #expect(blocks.compactMap(\.1) == [seconds].compactMap { $0.map { Self.now + .seconds($0) } })
    }

    @Test("Of several business use cases the highest of each limit counts")
    func businessCases() {
        let told = signals([
            "X-Business-Use-Case-Usage": """
            {"1000001":[{"type":"custom_audience","call_count":99,"total_cputime":1,"total_time":1},
            {"type":"ads_insights","call_count":10,"total_cputime":88,"total_time":3},
            {"type":"ads_insights","call_count":20,"total_cputime":8,"total_time":3,
            "estimated_time_to_regain_access":4},
            {"type":"ads_management","call_count":7,"total_cputime":1,"total_time":1}],
            "1000002":[{"type":"ads_insights","call_count":5,"total_cputime":1,"total_time":1}]}
            """
        ])

        #expect(
            Set(told) == [
                .use(key("meta/insights/1000001"), 0.88), .use(key("meta/insights/1000002"), 0.05),
                .use(key("meta/management/1000001"), 0.07),
                .blocked(key("meta/insights/1000001"), until: Self.now + .seconds(240)),
            ])
    }

    @Test("App and insights limits have headers of their own")
    func app() {
        let told = signals([
            "X-App-Usage": "{\"call_count\":41,\"total_time\":18,\"total_cputime\":12}",
            "X-FB-Ads-Insights-Throttle": "{\"app_id_util_pct\":12.5,\"acc_id_util_pct\":140}",
        ])

        #expect(
            Set(told) == [
                .use(key("meta/app/default"), 0.41), .use(key("meta/appinsights/default"), 0.125),
                .use(key("meta/insights/1000001"), 0.94),
            ])
    }

    @Test("On the brink of a limit of unknown size calls stop for a while; that of the account is reckoned with")
    func brink() {
        let use = "{\"call_count\":95,\"total_time\":18,\"total_cputime\":12}"
        let end = Self.now + .seconds(30)

        #expect(
            Set(signals(["X-App-Usage": use])) == [
                .use(key("meta/app/default"), 0.95), .blocked(key("meta/app/default"), until: end),
            ])
        #expect(
            signals(["X-App-Usage": use.replacing("95", with: "94")]) == [.use(key("meta/app/default"), 0.94)])
        #expect(
            signals(["X-Ad-Account-Usage": "{\"acc_id_util_pct\":99}"])
                == [.use(key("meta/account/1000001"), 0.99)])
    }

    @Test("The end that a refusal names counts from its answer")
    func slowAnswer() throws {
        let run = try MetaRun(.campaigns)
        var work = run.work
        work.answeredAt = work.now + .seconds(12)
        let refusal = WireResponse(
            status: 400, headers: MetaRun.fields(["X-Ad-Account-Usage": "{\"reset_time_duration\":10}"]),
            body: Array("{\"error\":{\"code\":17,\"error_subcode\":2446079}}".utf8))

        guard case .failed(.throttled(_, let until, _)) = run.connector.read(refusal, to: run.call, of: work).next
        else {
            Issue.record("no throttle")
            return
        }
        #expect(until == work.now + .seconds(22))
    }

    @Test("The tier makes the account's limit known")
    func tier() {
        let told = signals([
            "X-Ad-Account-Usage": "{\"acc_id_util_pct\":1,\"ads_api_access_tier\":\"development_access\"}"
        ])

        #expect(
            told.first
                == .limit(key("meta/account/1000001"), QuotaLimit(points: 60, per: .seconds(300), burst: 54)))
    }

    @Test(
        "Malformed headers say nothing",
        arguments: [
            "", "null", "[]", "{", "{\"1\":7}", "{\"acc_id_util_pct\":{}}", "call_count=5", "{\"1\":[{\"type\":3}]}",
        ])
    func malformed(text: String) {
        let names = ["X-App-Usage", "X-Ad-Account-Usage", "X-Business-Use-Case-Usage", "X-FB-Ads-Insights-Throttle"]

        #expect(signals(Dictionary(uniqueKeysWithValues: names.map { ($0, text) })) == [])
    }

    @Test("A throttle ends when the headers of the refusal say so")
    func ends() {
        let told = usage([
            "X-Ad-Account-Usage": "{\"acc_id_util_pct\":100,\"reset_time_duration\":90}",
            "X-Business-Use-Case-Usage":
                "{\"1000001\":[{\"type\":\"ads_insights\",\"call_count\":100,\"estimated_time_to_regain_access\":7}]}",
        ])

        #expect(Self.quotas.end(of: .account, told: told, at: Self.now) == Self.now + .seconds(90))
        #expect(Self.quotas.end(of: .insights, told: told, at: Self.now) == Self.now + .seconds(420))
        #expect(Self.quotas.end(of: .management, told: told, at: Self.now) == nil)
        #expect(Self.quotas.end(of: .app, told: told, at: Self.now) == nil)
        #expect(Self.quotas.end(of: .abuse, told: told, at: Self.now) == Self.now + .seconds(3600))
    }

    /// Numbers that no header should have, as JSON.
    private static let absurd = [
        "1e300", "1e308", "99999999999999999999999", "9223372036854775807", "\"1e308\"", "\"inf\"", "\"nan\"", "1e999",
        "-1", "-1e308", "-9223372036854775808", "\"-inf\"", "null", "{}", "[]", "true",
    ]

    @Test("Whatever a header says, no quota is closed for longer than a day", arguments: absurd)
    func absurdWaits(number: String) {
        let told = usage([
            "X-Ad-Account-Usage": "{\"acc_id_util_pct\":100,\"reset_time_duration\":\(number)}",
            "X-Business-Use-Case-Usage":
                "{\"1000001\":[{\"type\":\"ads_insights\",\"call_count\":90,"
                + "\"estimated_time_to_regain_access\":\(number)}]}",
        ])

        let blocks = Self.quotas.signals([told], at: Self.now).compactMap { signal in
            if case .blocked(_, let until) = signal { until } else { nil }
        }
        let ends = [MetaThrottle.account, .insights].compactMap { Self.quotas.end(of: $0, told: told, at: Self.now) }

        let isLong = ["1e300", "1e308", "99999999999999999999999", "9223372036854775807", "\"1e308\""].contains(number)
        let longest = Array(repeating: Self.now + .seconds(86_400), count: isLong ? 2 : 0)
        // A full account is closed for a minute where nothing usable is said; a number that is none spoils its header.
        let least = number == "1e999" ? [] : [Self.now + .seconds(60)]
        #expect(blocks == (isLong ? longest : least))
        #expect(ends == longest)
    }

    @Test("Whatever a header says of use, it is a share that a quota can take, or nothing", arguments: absurd)
    func absurdUse(number: String) {
        let headers = [
            "X-Ad-Account-Usage": "{\"acc_id_util_pct\":\(number),\"reset_time_duration\":5}",
            "X-App-Usage": "{\"call_count\":\(number),\"total_time\":1}",
        ]

        let shares = signals(headers).compactMap { signal in
            if case .use(_, let share) = signal { share } else { nil }
        }

        #expect(shares.filter { !(0...1000).contains($0) } == [])
        #expect(!shares.contains { $0 > 0.011 })
    }

    @Test("An estimate of zero while still blocked names no end; a development account waits five minutes")
    func silentEnds() {
        let zero = usage([
            "X-Business-Use-Case-Usage":
                "{\"1000001\":[{\"type\":\"ads_insights\",\"call_count\":100,\"estimated_time_to_regain_access\":0,"
                + "\"ads_api_access_tier\":\"development_access\"}]}"
        ])

        #expect(Self.quotas.end(of: .insights, told: zero, at: Self.now) == nil)
        #expect(Self.quotas.end(of: .account, told: zero, at: Self.now) == Self.now + .seconds(300))
    }

    @Test("Errors carry usage too, and the refused quota is blocked once, by the failure")
    func onErrors() throws {
        var run = try MetaRun(.campaigns)

        let reading = run.error(
            17, 2_446_079, headers: ["X-Ad-Account-Usage": "{\"acc_id_util_pct\":100,\"reset_time_duration\":60}"])

        #expect(reading.signals == [.use(key("meta/account/1000001"), 1)])
        guard case .throttled(let blocked, let until, _)? = reading.failure else {
            Issue.record("not throttled")
            return
        }
        #expect(blocked == key("meta/account/1000001"))
        #expect(until == run.now + .seconds(60))
    }
}
