import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("Meta sandbox: failures, tokens and batches")
struct MetaSandboxFaultsTests {
    private typealias Rule = MetaWorld.Faults.Rule

    private func probe(_ rules: MetaWorld.Faults.Rule...) -> MetaSandboxProbe {
        MetaSandboxProbe.calm { $0.faults.rules = rules }
    }

    @Test(
        "Answers that are no JSON come with their status",
        arguments: [
            (MetaWorld.Faults.Kind.html500, 500, "<!DOCTYPE"), (.text503, 503, "Service Unavailable"),
        ])
    func foreign(kind: MetaWorld.Faults.Kind, status: Int, start: String) {
        var probe = probe(Rule(kind))

        let answer = probe.get("act_1000001/ads")

        #expect(answer.status == status)
        #expect(answer.text.hasPrefix(start))
    }

    @Test("An error may hide behind a status of 200")
    func okWithError() {
        var probe = probe(Rule(.okWithError))

        let answer = probe.get("act_1000001/ads")

        #expect([answer.status, answer.code] == [200, 2] as [Int])
    }

    @Test("Broken deliveries: reset, cut, slow")
    func deliveries() {
        var reset = probe(Rule(.reset))
        var cut = probe(Rule(.truncated))
        var slow = probe(Rule(.slow))

        _ = reset.get("act_1000001/ads")
        let whole = cut.get("act_1000001/ads")
        _ = slow.get("act_1000001/ads")

        #expect(reset.lastReply.delivery == .reset)
        if case .cut(let after) = cut.lastReply.delivery {
            #expect(after < whole.body.count)
        } else {
            Issue.record("the answer was not cut")
        }
        #expect(slow.lastReply.delivery == .slow(pieces: 5, pause: .milliseconds(200)))
    }

    @Test("Rules strike by target, by number of the call, within a window, and so many times")
    func rules() {
        var window = Rule(.unavailable, target: "me/adaccounts")
        window.from = Instant(seconds: 1_795_233_700)
        window.until = Instant(seconds: 1_795_233_800)
        var probe = probe(
            Rule(.unknown, target: "/ads", calls: [2]), Rule(.tooMuch, target: "/adsets", times: 1), window)

        let ads = (1...3).map { _ in probe.get("act_1000001/ads").code }
        let adSets = (1...2).map { _ in probe.get("act_1000001/adsets").code }
        let before = probe.get("me/adaccounts").code
        probe.wait(.seconds(150))
        let within = probe.get("me/adaccounts").code
        probe.wait(.seconds(150))
        let after = probe.get("me/adaccounts").code

        #expect(ads == [0, 1, 0])
        #expect(adSets == [1, 0])
        #expect([before, within, after] == [0, 2, 0] as [Int])
    }

    @Test("A row may come on two pages, and nothing is lost by it")
    func duplicates() {
        var probe = probe(Rule(.duplicateRow))

        let ids = probe.all("act_1000001/ads", ["limit": "3"]).compactMap { $0["id"] as? String }

        #expect(ids.count > Set(ids).count)
        #expect(Set(ids).count == probe.truth()?.unfiltered["ads"])
    }

    @Test("Numbers and strings may change places, and names may hold broken bytes")
    func wrongContent() {
        var loose = probe(Rule(.looseTypes))
        var broken = probe(Rule(.invalidUTF8))

        let row = loose.get("act_1000001/insights", ["date_preset": "maximum", "fields": "impressions,spend"]).data
            .first
        let answer = broken.get("act_1000001/campaigns", ["fields": "name"])

        #expect(row?["impressions"] is NSNumber)
        #expect(String(validating: answer.body, as: UTF8.self) == nil)
    }

    @Test("Usage headers may be missing, unreadable or silent about the end of a block")
    func headers() {
        var absent = probe(Rule(.noHeaders))
        var bad = probe(Rule(.badHeaders))
        var silent = probe(Rule(.noRegainTime))
        silent.sandbox.reset(
            to: MetaSandboxProbe.world {
                $0.limits.management = -400
                $0.faults.rules = [Rule(.noRegainTime)]
            })

        let first = absent.get("act_1000001/ads")
        let second = bad.get("act_1000001/ads")
        let third = silent.get("act_1000001/ads")

        #expect(first.headers["x-app-usage"] == nil)
        let text = second.headers["x-ad-account-usage"] ?? ""
        #expect(!text.isEmpty && (try? JSONSerialization.jsonObject(with: Data(text.utf8))) == nil)
        #expect(third.headers["x-business-use-case-usage"]?.contains("regain_access\":0") == true)
    }

    @Test("Errors in style: other languages, wrong transience, no subcode, data as text")
    func style() {
        var probe = MetaSandboxProbe.calm {
            $0.limits.score = 0
            $0.faults.localised = 1000
            $0.faults.wrongTransient = 1000
            $0.faults.noSubcode = 1000
        }

        let error = probe.get("act_1000001/ads").error

        #expect((error["message"] as? String)?.contains("Đã") == true)
        #expect(error["is_transient"] as? Bool == true)
        #expect(error["error_subcode"] == nil)
    }

    @Test(
        "A token breaks at its moment with each subcode, and heals if it may",
        arguments: [458, 459, 460, 463, 464, 467, 492])
    func tokens(subcode: Int) {
        var probe = MetaSandboxProbe.calm {
            $0.auth.tokens[0].brokenFrom = Instant(seconds: 1_795_233_700)
            $0.auth.tokens[0].brokenUntil = Instant(seconds: 1_795_233_800)
            $0.auth.tokens[0].subcode = subcode
        }

        let before = probe.get("me")
        probe.wait(.seconds(120))
        let broken = probe.get("me")
        probe.wait(.seconds(120))
        let after = probe.get("me")

        #expect([before.status, broken.status, after.status] == [200, 401, 200] as [Int])
        #expect([broken.code, broken.subcode] == [190, subcode] as [Int])
    }

    @Test("The proof is checked, and demanded when the app says so")
    func proofs() {
        let proof = "921e418a9249475492c5c76dde886efe36a783a107dba8a6d3be70bd6c4e8426"
        var probe = MetaSandboxProbe.calm {
            $0.auth.appSecret = "secret"
            $0.auth.tokens[0].value = "TOK"
            $0.auth.needsProof = true
        }

        #expect(probe.get("me").code == 100)
        #expect(probe.get("me", ["appsecret_proof": "0" + proof.dropFirst()]).code == 100)
        #expect(probe.get("me", ["appsecret_proof": proof]).status == 200)
        probe.token = "NOT"
        #expect(probe.get("me", ["appsecret_proof": proof]).code == 190)
        probe.token = nil
        #expect(probe.get("me").code == 2500)
    }

    @Test("Missing scopes and foreign accounts are refused with 200")
    func permissions() {
        var scoped = MetaSandboxProbe.calm { $0.auth.tokens[0].scopes = ["ads_read"] }
        var closed = MetaSandboxProbe.calm { $0.accounts[1].isForbidden = true }

        #expect(scoped.get("me/businesses").code == 200)
        #expect(scoped.get("act_1000001/ads").status == 200)
        #expect(closed.get("act_1000002/ads").code == 200)
        #expect(closed.get("act_77/ads").subcode == 33)
    }

    @Test("debug_token tells what a token is worth")
    func debugToken() {
        var probe = MetaSandboxProbe.calm()
        let token = probe.token ?? ""

        let good = probe.get("debug_token", ["input_token": token]).json["data"] as? [String: Any]
        let bad = probe.get("debug_token", ["input_token": "nonsense"]).json["data"] as? [String: Any]

        #expect(good?["is_valid"] as? Bool == true)
        #expect((good?["scopes"] as? [String])?.contains("ads_read") == true)
        #expect(bad?["is_valid"] as? Bool == false)
    }

    @Test("A batch answers item by item, in order, each with its own status and headers")
    func batch() throws {
        var probe = MetaSandboxProbe.calm()
        let items = """
            [{"method":"GET","relative_url":"me?fields=name"},{"method":"GET","relative_url":"v26.0/nobody"},\
            {"method":"GET","relative_url":"act_1000001/ads?limit=1"}]
            """

        let answer = probe.post("", [("batch", items)])
        let results = try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]])

        #expect(answer.status == 200)
        #expect(results.map { $0["code"] as? Int } == [200, 404, 200])
        let names = (results[2]["headers"] as? [[String: String]] ?? []).compactMap { $0["name"] }
        #expect(names.contains("X-Business-Use-Case-Usage"))
        #expect((results[0]["body"] as? String)?.contains("Sandbox User") == true)
    }

    @Test("Items may be null, may be refused for their number, and may refer to earlier ones")
    func batchOddities() throws {
        var probe = probe(Rule(.nullItem, calls: [2]), Rule(.aborted, target: "v25.0"))
        func send(_ items: String) throws -> [Any] {
            let answer = probe.post("", [("batch", items)])
            return try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [Any])
        }

        let nulls = try send(
            "[{\"method\":\"GET\",\"relative_url\":\"me\"},{\"method\":\"GET\",\"relative_url\":\"me\"}]")
        let chained = try send(
            """
            [{"method":"GET","name":"a","relative_url":"act_1000001/ads?limit=2"},\
            {"method":"GET","relative_url":"?ids={result=a:$.data.*.id}"}]
            """)
        let many =
            "[" + [String](repeating: "{\"method\":\"GET\",\"relative_url\":\"me\"}", count: 51).joined(separator: ",")
            + "]"
        let refused = probe.post("", [("batch", many)])
        let aborted = probe.send(.post, "/v25.0/", body: [("batch", "[]")])

        #expect(nulls[1] is NSNull && !(nulls[0] is NSNull))
        #expect(chained[0] is NSNull)
        #expect((chained[1] as? [String: Any])?["code"] as? Int == 200)
        #expect(refused.code == 100)
        #expect(aborted.code == 960)
    }

    @Test("Plans drawn from seeds reach every kind of failure, and lose nothing for good unless asked")
    func drawnPlans() {
        let plans = (0..<80).map { MetaWorld.Faults.drawn(seed: UInt64($0)) }
        let permanent = (0..<80).map { MetaWorld.Faults.drawn(seed: UInt64($0), permanent: true) }

        let kinds = Set(plans.flatMap { $0.rules.map(\.kind) })
        let lasting: Set<MetaWorld.Faults.Kind> = [.token, .permission]
        #expect(kinds == Set(MetaWorld.Faults.Kind.allCases).subtracting(lasting))
        #expect(Set(permanent.flatMap { $0.rules.map(\.kind) }).isSuperset(of: lasting))
        #expect(MetaWorld.Faults.drawn(seed: 4) == plans[4])
    }
}
