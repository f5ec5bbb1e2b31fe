import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Errors of Meta")
struct MetaErrorTests {
    private static let quotas = MetaQuotas(app: "default", account: "1000001")
    private static let now = Instant(seconds: 1_790_000_000)

    private func failure(_ body: String, status: Int = 400) -> Failure {
        MetaError(status: status, body: Array(body.utf8))
            .failure(Self.quotas, MetaInsights.families, usage: MetaUsage { _ in nil }, at: Self.now)
    }

    private func body(_ code: Int, _ subcode: Int?, _ message: String = "Lỗi") -> String {
        let sub = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        return "{\"error\":{\"message\":\"\(message)\",\"code\":\(code)\(sub)}}"
    }

    @Test(
        "Each code and subcode has its class",
        arguments: [
            (1, nil, "retry_now"), (1, 99, "retry_now"), (2, nil, "retry_now"), (3, nil, "permanent_configuration"),
            (4, nil, "throttled"), (4, 1_504_022, "throttled"), (4, 1_504_039, "throttled"),
            (10, nil, "permanent_configuration"), (17, 2_446_079, "throttled"), (17, nil, "throttled"),
            (32, nil, "throttled"), (100, nil, "permanent_request"), (100, 33, "gone"),
            (100, 1_487_534, "too_big"), (100, 1_504_018, "too_big"), (2, 1_504_038, "too_big"),
            (-3, 1_504_045, "too_big"), (-2, 2_490_547, "retry_now"), (2, 1_504_043, "retry_now"),
            (2, 1_504_044, "retry_now"), (2, 1_504_041, "permanent_configuration"),
            (2, 1_504_042, "permanent_configuration"), (100, 3_191_001, "permanent_configuration"),
            (100, 2_446_289, "retry_now"), (102, nil, "owner_must_act"), (104, nil, "owner_must_act"),
            (190, 463, "owner_must_act"), (200, 1_870_034, "permanent_configuration"),
            (294, nil, "permanent_configuration"), (341, nil, "throttled"), (368, nil, "throttled"),
            (613, nil, "throttled"), (613, 1996, "throttled"), (613, 1_487_742, "throttled"),
            (803, nil, "permanent_request"), (960, nil, "retry_now"), (2500, nil, "permanent_request"),
            (2601, 1_815_107, "retry_now"), (2635, nil, "permanent_configuration"), (2642, nil, "retry_now"),
            (3018, nil, "permanent_request"), (5000, nil, "retry_now"), (3_910_001, nil, "retry_now"),
            (1_404_078, nil, "throttled"), (1_487_534, nil, "too_big"), (80_000, 2_446_079, "throttled"),
            (80_001, nil, "throttled"), (80_004, 2_446_079, "throttled"), (80_014, nil, "throttled"),
        ] as [(Int, Int?, String)])
    func classes(code: Int, subcode: Int?, expected: String) {
        #expect(failure(body(code, subcode)).name == expected)
    }

    @Test("A code that no error has harms nobody", arguments: [(Int.min, "retry_now"), (Int.max, "permanent_request")])
    func absurdCode(code: Int, expected: String) throws {
        #expect(failure(body(code, nil)).name == expected)
        #expect(MetaError(status: 400, code: code, subcode: code).label.hasPrefix("\(code)"))
        #expect(MetaError.subcode(in: code) == Int.max)
    }

    @Test(
        "A throttle stops what it is about",
        arguments: [
            (17, 2_446_079, "meta/account/1000001"), (17, nil, "meta/account/1000001"),
            (613, 1_487_742, "meta/account/1000001"), (4, 1_504_022, "meta/appinsights/default"),
            (4, 1_504_039, "meta/appinsights/default"), (4, nil, "meta/app/default"), (341, nil, "meta/app/default"),
            (32, nil, "meta/pages/default"), (80_000, 2_446_079, "meta/insights/1000001"),
            (80_001, 2_446_079, "meta/pages/default"), (80_004, 2_446_079, "meta/management/1000001"),
            (2_446_079, nil, "meta/account/1000001"), (368, nil, "meta/app/default"),
            (2_859_015, nil, "meta/app/default"),
        ] as [(Int, Int?, String)])
    func scopes(code: Int, subcode: Int?, key: String) {
        guard case .throttled(let found, _, _) = failure(body(code, subcode)) else {
            Issue.record("not throttled")
            return
        }
        #expect(found.rawValue == key)
    }

    @Test("The phrase about too much data decides whatever the code")
    func phrase() {
        let text = "Please REDUCE the amount of data you're asking for, then retry your request"

        #expect(failure(body(1, nil, text), status: 500).name == "too_big")
        #expect(failure(body(100, nil, text)).name == "too_big")
        #expect(failure(body(2, 99, text), status: 200).name == "too_big")
    }

    @Test(
        "Answers without an envelope pass by themselves",
        arguments: [
            (503, "Service Unavailable"), (500, "<html><body>Sorry</body></html>"), (502, ""),
            (200, "Service Unavailable"), (200, "{\"data\":[{\"id\":\"1\""), (200, ""),
        ])
    func unreadable(status: Int, text: String) {
        #expect(failure(text, status: status).name == "retry_now")
    }

    @Test("A cut answer is told from an outage")
    func cut() {
        #expect(failure("{\"data\":[", status: 200).cause.code == "cut")
        #expect(failure("<html>", status: 502).cause.code == "HTTP 502")
    }

    @Test("A block and a request that is not accepted say what to do")
    func advice() {
        #expect(failure(body(368, nil)).cause.advice == "Wait; sluice goes on by itself.")
        #expect(
            failure(body(100, nil)).cause.advice == "Look for a newer sluice; if there is none, report it.")
    }

    @Test("A status is said once, by the code")
    func statusOnce() {
        let cause = failure("<html>", status: 401).cause

        #expect(cause.code == "HTTP 401")
        #expect(cause.message == "Meta answered with something that is not data.")
    }

    @Test("Numbers may be strings, and error_data an object, a JSON text or any text")
    func looseEnvelope() {
        let object = "{\"blame_field_specs\":[[\"daily_budget\"]]}"
        func error(_ data: String) -> MetaError {
            let text =
                "{\"error\":{\"message\":\"(#100) x\",\"code\":\"100\",\"error_subcode\":\"33\","
                + "\"error_data\":\(data),\"fbtrace_id\":\"T\"}}"
            return MetaError(status: 400, body: Array(text.utf8))
        }

        #expect(error(object).blamed == ["daily_budget"])
        #expect(error("\"{\\\"blame_field_specs\\\":[[\\\"daily_budget\\\"]]}\"").blamed == ["daily_budget"])
        #expect(error("\"not json at all\"").blamed == [])
        #expect(error("7").label == "100/33")
        #expect(error("null").trace == "T")
    }

    @Test("An error may be a bare text, and false is no error")
    func bareEnvelope() {
        #expect(MetaError(status: 200, body: Array("{\"error\":\"oops\"}".utf8)).message == "oops")
        #expect(MetaError(status: 200, envelope: .bool(false)) == nil)
    }

    @Test(
        "Every way for a token to be rejected says what happened and what to do",
        arguments: [nil, 458, 459, 460, 463, 464, 467, 492] as [Int?])
    func token(subcode: Int?) {
        let failure = failure(body(190, subcode), status: 401)

        #expect(failure.name == "owner_must_act")
        #expect(failure.cause.code == (subcode.map { "190/\($0)" } ?? "190"))
        #expect(failure.cause.message.hasSuffix("."))
        #expect(failure.cause.advice.contains(subcode == 459 || subcode == 464 ? "facebook.com" : "SLUICE_META_TOKEN"))
    }

    @Test("A refused signature asks for the app secret")
    func signature() {
        let failure = failure(body(100, nil, "Invalid appsecret_proof provided in the API argument"))

        #expect(failure.name == "owner_must_act")
        #expect(failure.cause.advice.contains("SLUICE_META_APP_SECRET"))
    }

    @Test("What Meta says is never shown: it may hold a token")
    func silence() {
        let failure = failure(body(190, nil, "Malformed access token EAABsecret"))

        #expect(!"\(failure)".contains("EAAB"))
    }

    @Test("Fields are found in a message by mark, by blame or by name")
    func namedFields() {
        let requested = ["id", "name", "owner", "daily_budget", "status"]
        func fields(_ code: Int, _ message: String) -> [String] {
            MetaError(status: 400, code: code, message: message).fields(among: requested)
        }

        #expect(fields(100, "(#100) Tried accessing nonexisting field (owner) on node type (AdAccount)") == ["owner"])
        #expect(fields(100, "(#100) daily_budget is not valid") == ["daily_budget"])
        #expect(fields(10, "(#10) Kein Zugriff auf 'owner'") == ["owner"])
        #expect(fields(100, "(#100) The field status is gone") == ["status"])
        #expect(fields(100, "(#100) Invalid status filter") == [])
        #expect(fields(2, "(owner) is slow") == [])
        #expect(
            MetaError(status: 400, code: 100, message: "?", blamed: ["name"]).fields(among: requested) == ["name"])
    }
}
