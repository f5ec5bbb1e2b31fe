import ConnectorKit
import Connectors
import HTTPTypes
import SyncCore
import Testing

@Suite("Admitad sandbox: tokens, scopes and limits")
struct AdmitadSandboxTokenTests {
    @Test("A token comes for the right Basic credentials, with its scopes and a life of seven days")
    func token() {
        var probe = AdmitadProbe.calm()

        let good = probe.token(scope: "statistics advcampaigns nonsense")
        let badSecret = probe.token(scope: "statistics", secret: "wrong")
        let badClient = probe.token(scope: "statistics", client: "somebody")

        #expect(good.status == 200)
        #expect(good.int("expires_in") == 604_800)
        #expect(good.text("scope") == "advcampaigns statistics")
        #expect(good.text("token_type") == "bearer")
        #expect(good.text("refresh_token") != nil)
        #expect(badSecret.status == 401 && badSecret.text("error") == "invalid_client")
        #expect(badClient.status == 401)
    }

    @Test("Scopes that the application does not have are left out, or refused where the world says so")
    func foreignScopes() {
        var strict = AdmitadProbe.calm { $0.auth.refusesScopes = true }

        let refused = strict.token(scope: "statistics payments")

        #expect(refused.status == 400 && refused.code == 3)
        #expect(refused.text("error") == "invalid_scope")
    }

    @Test("An unknown token is 1, an expired one 0, both with a challenge; a missing scope is 403 and 2")
    func bearer() {
        var probe = AdmitadProbe.calm { $0.auth.tokenLife = 100 }
        let good = probe.headers
        probe.bear("nonsense")
        let unknown = probe.actions()
        probe.headers = [:]
        let none = probe.actions()
        probe.signIn("websites")
        let missing = probe.actions()
        let allowed = probe.get("/websites/")
        probe.headers = good
        let before = probe.actions()
        probe.wait(.seconds(100))
        let expired = probe.actions()

        #expect(unknown.status == 401 && unknown.code == 1)
        #expect(unknown.headers[.wwwAuthenticate]?.hasPrefix("Bearer ") == true)
        #expect(none.status == 401 && none.code == 1)
        #expect(missing.status == 403 && missing.code == 2)
        #expect(missing.text.contains("insufficient_scope"))
        #expect(missing.headers[.wwwAuthenticate]?.hasPrefix("Bearer ") == true)
        #expect([allowed.status, before.status] == [200, 200] as [Int])
        #expect(expired.status == 401 && expired.code == 0)
        #expect(expired.text("error") == "invalid_token")
    }

    @Test("A cached token keeps its scopes, whatever is asked for later")
    func oldScopes() {
        var probe = AdmitadProbe.calm()
        probe.signIn("websites")

        _ = probe.token(scope: "statistics")

        #expect(probe.actions().code == 2)
    }

    @Test("A refresh gives the same scopes, once; afterwards the refresh token is unavailable (5)")
    func refresh() {
        var probe = AdmitadProbe.calm()
        let first = probe.token(scope: "statistics")
        let old = first.text("refresh_token") ?? ""

        let wrong = probe.refresh(old, secret: "wrong")
        let second = probe.refresh(old)
        let again = probe.refresh(old)
        probe.bear(second.text("access_token") ?? "")

        #expect(wrong.status == 401)
        #expect(second.text("scope") == "statistics")
        #expect(again.status == 400 && again.code == 5)
        #expect(probe.actions().status == 200)
        probe.bear(first.text("access_token") ?? "")
        #expect(probe.actions().code == 1)
    }

    @Test("Too many living tokens end with 6, until one has expired")
    func tooManyTokens() {
        var probe = AdmitadProbe.calm {
            $0.auth.mostTokens = 3
            $0.auth.tokenLife = 1000
        }
        _ = probe.token(scope: "statistics")
        _ = probe.token(scope: "statistics")

        let refused = probe.token(scope: "statistics")
        probe.wait(.seconds(1000))
        let later = probe.token(scope: "statistics")

        #expect(refused.status == 400 && refused.code == 6)
        #expect(later.status == 200)
        #expect(probe.ask("counters").int("tokens") == 4)
    }

    @Test("600 calls fit into any minute of an application, the next is 503 with 4 and no end given")
    func window() {
        var probe = AdmitadProbe.calm()
        probe.wait(.seconds(60))
        for _ in 0..<300 { _ = probe.get("/websites/") }
        probe.wait(.seconds(30))
        for _ in 0..<300 { _ = probe.get("/websites/") }

        let refused = probe.get("/websites/")
        probe.wait(.seconds(29))
        let stillRefused = probe.get("/websites/")
        probe.wait(.seconds(1))
        let half = (0..<301).map { _ in probe.get("/websites/").status }

        #expect(refused.status == 503 && refused.code == 4)
        #expect(refused.headers[.retryAfter] == nil)
        #expect(stillRefused.status == 503)
        #expect(half.count { $0 == 200 } == 300)
        #expect(probe.ask("counters").int("throttled") == 3)
        #expect(probe.ask("counters").int("mostCallsInMinute") == 600)
    }

    @Test("An outage is a 503 without JSON, unlike a throttle")
    func outage() {
        var probe = AdmitadProbe.calm()
        probe.turn("faults", [("rule", "outage:1000:/websites/")])

        let away = probe.get("/websites/")
        probe.turn("faults")

        #expect(away.status == 503)
        #expect(away.any == nil && away.text.contains("<html>"))
        #expect(probe.get("/websites/").status == 200)
    }

    @Test(
        "Failures on purpose: each kind with its status and code",
        arguments: [
            ("serverError", 500, nil), ("throttled", 503, 4), ("tokenExpired", 401, 0), ("tokenInvalid", 401, 1),
            ("forbidden", 403, 2),
        ] as [(String, Int, Int?)])
    func faults(kind: String, status: Int, code: Int?) {
        var probe = AdmitadProbe.calm()
        probe.turn("faults", [("rule", kind)])

        let answer = probe.actions()

        #expect(answer.status == status)
        #expect(answer.code == code)
    }

    @Test("Wrong addresses are 404: unknown ones, and those without a slash at the end")
    func addresses() {
        var probe = AdmitadProbe.calm()

        #expect(probe.get("/nothing/").status == 404)
        #expect(probe.get("/statistics/actions").status == 404)
        #expect(probe.get("/advcampaigns/999999/").status == 404)
    }

    @Test("Tokens that were revoked are unknown")
    func revoked() {
        var probe = AdmitadProbe.calm()

        probe.turn("revoke")

        #expect(probe.actions().code == 1)
    }
}
