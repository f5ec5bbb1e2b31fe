import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("FolkForm sandbox: rights, limits and failures")
struct FolkFormSandboxGateTests {
    @Test("A success has a number for a code, an error has text, and details that are null")
    func envelope() {
        var probe = FolkFormProbe.calm()

        let good = probe.call(.get, "facebook/page/count")
        let bad = probe.call(.get, "facebook/page/find-one")

        #expect(good.status == 200 && good.int("code") == 200 && good.text("status") == "success")
        #expect(good.json["data"] as? Int == 0 && good.text("message") != nil)
        #expect(bad.status == 404 && bad.fault == "DB_002" && bad.text("status") == "error")
        #expect(bad.json["details"] is NSNull)
    }

    @Test("Token and role are checked, each failure with its status and code")
    func rights() {
        var probe = FolkFormProbe.calm {
            $0.auth.users[0].roles = [0]
            $0.auth.roles[0].permissions = ["FbPage.Read"]
        }
        let world = probe.sandbox.world
        let token = world.auth.users[0].token
        func answer(_ token: String?, _ role: String?, _ path: String = "facebook/page/count") -> [String] {
            probe.bear(token, role: role)
            let answer = probe.call(.get, path)
            return ["\(answer.status)", answer.fault ?? ""]
        }

        #expect(answer(nil, world.auth.roles[0].id) == ["401", "AUTH_001"])
        #expect(answer("x", world.auth.roles[0].id) == ["401", "AUTH_001"])
        #expect(answer(token, nil) == ["400", "AUTH_003"])
        #expect(answer(token, "65a0") == ["400", "VAL_002"])
        #expect(answer(token, "zza000000000000000000001") == ["400", "VAL_002"])
        #expect(answer(token, world.auth.roles[1].id) == ["403", "AUTH_003"])
        #expect(answer(token, world.auth.roles[0].id) == ["200", ""])
        #expect(answer(token, world.auth.roles[0].id, "facebook/post/count") == ["403", "AUTH_003"])
        #expect(probe.upsert(conversation: "1101_1").fault == "AUTH_003")
    }

    @Test("A token expires, and a user may be blocked")
    func users() {
        var probe = FolkFormProbe.calm { $0.auth.users[0].expiresAt = Instant(seconds: 1_795_233_700) }
        var blocked = FolkFormProbe.calm { $0.auth.users[0].isBlocked = true }
        let before = probe.call(.get, "facebook/page/count").status

        probe.wait(.seconds(100))

        #expect(before == 200)
        #expect(probe.call(.get, "facebook/page/count").fault == "AUTH_001")
        let refused = blocked.call(.get, "facebook/page/count")
        #expect(refused.status == 403 && refused.fault == "AUTH_002")
    }

    @Test("A login gives one token per device; roles are listed without a role")
    func login() {
        var probe = FolkFormProbe.calm()
        probe.bear(nil, role: nil)
        func login(_ idToken: String, _ device: String) -> Answer {
            probe.call(.post, "auth/login/firebase", [], ["idToken": idToken, "hwid": device])
        }
        typealias Answer = FolkFormProbe.Answer

        let wrong = login("nonsense", "a")
        let first = login("sandbox-id-token", "a").data["token"] as? String
        let other = login("sandbox-id-token", "b").data["token"] as? String
        let second = login("sandbox-id-token", "a").data["token"] as? String
        func roles(_ token: String?) -> Answer {
            probe.bear(token, role: nil)
            return probe.call(.get, "auth/roles")
        }

        #expect(wrong.status == 401 && wrong.fault == "AUTH_002")
        #expect(roles(first).fault == "AUTH_001")
        #expect(roles(other).list("data").count == 2)
        #expect(roles(second).list("data").first?["id"] as? String == "65a000000000000000000001")
        _ = probe.call(.post, "auth/logout")
        #expect(roles(second).fault == "AUTH_001")
    }

    @Test("100 requests fit into 60 seconds that begin with the first; then 429 BIZ_002 without details")
    func window() {
        var probe = FolkFormProbe.calm { $0.limits.requests = 100 }
        for _ in 0..<50 { _ = probe.call(.get, "facebook/page/count") }
        probe.wait(.seconds(59))
        for _ in 0..<50 { _ = probe.call(.get, "facebook/page/count") }

        let refused = probe.call(.get, "facebook/page/count")
        let health = probe.get("/api/v1/health")
        probe.wait(.seconds(1))
        // A fixed window, not a sliding one: all hundred are free again.
        let next = (0..<101).map { _ in probe.call(.get, "facebook/page/count").status }

        #expect(refused.status == 429 && refused.fault == "BIZ_002")
        #expect(refused.json.keys.sorted() == ["code", "message", "status"])
        #expect(refused.headers[.retryAfter] == nil)
        #expect(health.status == 200)
        #expect(next.count { $0 == 200 } == 100)
        let windows = probe.ask("counters").list("windows")
        #expect(windows.map { $0["calls"] as? Int } == [100, 100])
        #expect(windows.map { $0["refused"] as? Int } == [1, 1])
        #expect(probe.ask("counters").int("mostCallsInWindow") == 100)
    }

    @Test("Each client has a window of its own, and the limit is a setting that may change")
    func settings() throws {
        var probe = FolkFormProbe.calm { $0.limits.requests = 1 }
        let first = probe.call(.get, "facebook/page/count").status
        let second = probe.call(.get, "facebook/page/count").status
        probe.headers[try #require(HTTPField.Name("X-Forwarded-For"))] = "10.0.0.2"
        let other = probe.call(.get, "facebook/page/count").status
        _ = probe.upsert(conversation: "1101_1")
        probe.turn("settings", body: "{\"limits\":{\"requests\":10}}")
        let kept = probe.upsert(conversation: "1101_1").status

        #expect([first, second, other, kept] == [200, 429, 200, 200] as [Int])
        #expect(probe.counts()["facebook/conversation"] == 1)
    }

    @Test("A body over 10 MB is refused with 413")
    func bodyLimit() {
        var probe = FolkFormProbe.calm()

        let answer = probe.send(
            .post, "/api/v1/facebook/page/insert-one", body: [UInt8](repeating: 0x20, count: (10 << 20) + 1))

        #expect(answer.status == 413 && answer.any == nil)
    }

    @Test(
        "Failures on purpose: each kind with its status, code, and nothing written",
        arguments: [
            ("outage", 502, nil), ("databaseDown", 503, "DB_001"), ("databaseError", 500, "DB_002"),
            ("throttled", 429, "BIZ_002"), ("unauthorized", 401, "AUTH_001"), ("duplicateKey", 500, "DB"),
            ("readTimeout", 408, nil),
        ] as [(String, Int, String?)])
    func faults(kind: String, status: Int, code: String?) {
        var probe = FolkFormProbe.calm()
        probe.turn("faults", [("rule", kind)])

        let answer = probe.upsert(conversation: "1101_1")
        let reply = probe.lastReply

        #expect(answer.status == status && answer.fault == code)
        #expect(probe.counts()["facebook/conversation"] == 0)
        if kind == "readTimeout" { #expect(reply.delay == .seconds(15) && reply.delivery == .reset) }
    }

    @Test("A panic has a form of its own")
    func panic() {
        var probe = FolkFormProbe.calm()
        probe.turn("faults", [("rule", "panic")])

        let answer = probe.upsert(conversation: "1101_1")

        #expect(answer.status == 500)
        #expect(answer.json["success"] as? Bool == false && answer.int("code") == 500)
    }

    @Test("A call may be carried out and its answer come too late", arguments: ["late", "reset", "truncated"])
    func appliedAndLost(kind: String) {
        var probe = FolkFormProbe.calm()
        probe.turn("faults", [("rule", kind)])

        _ = probe.upload([("m_1", "2026-11-05T02:13:07.000000")])

        let reply = probe.lastReply
        #expect(reply.delay == .seconds(900) || reply.delivery != .whole)
        #expect(probe.counts()["facebook/message-item"] == 1)
    }

    @Test("Two upserts of the same new key at once: the second is 500 DB; later it is one document")
    func race() {
        var probe = FolkFormProbe.calm { $0.latency = SandboxLatency(base: 100_000) }

        let first = probe.upsert(conversation: "1101_1")
        probe.wait(.milliseconds(50))
        let second = probe.upsert(conversation: "1101_1")
        let other = probe.upsert(conversation: "1101_2")
        probe.wait(.milliseconds(60))
        let third = probe.upsert(conversation: "1101_1")
        let fourth = probe.upsert(conversation: "1101_1")

        #expect([first, other, third, fourth].allSatisfy { $0.status == 200 })
        #expect(second.status == 500 && second.fault == "DB")
        #expect(probe.counts()["facebook/conversation"] == 2)
    }

    @Test("A plain insert of a key that is there is 409")
    func conflict() {
        var probe = FolkFormProbe.calm()
        let body = ["pageId": "1101", "pageName": "Tiệm"]

        let first = probe.call(.post, "facebook/page/insert-one", [], body)
        let second = probe.call(.post, "facebook/page/insert-one", [], body)

        #expect(first.status == 200 && first.data["pageId"] as? String == "1101")
        #expect(second.status == 409 && second.fault == "DB_002")
    }

    @Test("Bad JSON is 400, an unknown address 404 without an envelope")
    func badCalls() {
        var probe = FolkFormProbe.calm()

        let bad = probe.send(.post, "/api/v1/facebook/page/insert-one", body: Array("{".utf8))
        let unknown = probe.call(.post, "facebook/conversation/batch-upsert", [], ["pageId": "1"])

        #expect(bad.status == 400 && bad.fault == "VAL_002")
        #expect(unknown.status == 404 && unknown.any == nil)
        #expect(probe.get("/facebook/page/count").status == 404)
    }
}
