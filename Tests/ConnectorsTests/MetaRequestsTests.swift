import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Calls of Meta")
struct MetaRequestsTests {
    @Test("The proof is the HMAC of the token under the app secret, as in the fact sheet")
    func proof() {
        let proof = MetaRequests.proof(token: "TOK", secret: "secret")

        #expect(proof == "921e418a9249475492c5c76dde886efe36a783a107dba8a6d3be70bd6c4e8426")
    }

    @Test("A listing asks for inline fields, a limit and every status but DELETED, with the token in a header")
    func listing() throws {
        let run = try MetaRun(.ads)

        let call = run.call

        #expect(call.request.method == .get)
        #expect(run.path == "/v26.0/act_1000001/ads")
        #expect(run.parameter("limit") == "200")
        #expect(
            run.parameter("effective_status")
                == "[\"ACTIVE\",\"PAUSED\",\"ARCHIVED\",\"IN_PROCESS\",\"WITH_ISSUES\",\"CAMPAIGN_PAUSED\","
                + "\"ADSET_PAUSED\",\"PENDING_REVIEW\",\"DISAPPROVED\",\"PREAPPROVED\",\"PENDING_BILLING_INFO\"]")
        #expect(run.parameter("fields")?.contains("creative{id}") == true)
        #expect(run.parameter("filtering") == nil)
        #expect(call.request.headers[.authorization] == "Bearer TOK")
        #expect(!call.request.target.contains("TOK"))
        #expect(run.parameter("appsecret_proof") == nil)
    }

    @Test("With an app secret every call carries the proof and never the secret")
    func signed() throws {
        var run = try MetaRun(.campaigns)
        run.credential.values["app_secret"] = Secret("secret")

        #expect(
            run.parameter("appsecret_proof") == "921e418a9249475492c5c76dde886efe36a783a107dba8a6d3be70bd6c4e8426")
        #expect(!run.call.request.target.contains("secret="))
    }

    @Test("A call names every limit that it touches and costs a point for each id")
    func costs() throws {
        let listing = try MetaRun(.campaigns).call
        let insights = try MetaRun(.adInsights, mode: "sync", days: DayRange(MetaRun.anchor)).call
        let ids = EntitySet(column: "id", ids: ["7", "8", "9"])
        let recheck = try MetaRun(.ads, mode: "recheck", entities: ids).call

        #expect(
            Set(listing.costs.map(\.key.rawValue))
                == ["meta/account/1000001", "meta/app/default", "meta/management/1000001"])
        #expect(
            Set(insights.costs.map(\.key.rawValue)) == [
                "meta/account/1000001", "meta/app/default", "meta/insights/1000001", "meta/appinsights/default",
            ])
        #expect(recheck.costs.allSatisfy { $0.points == 3 })
        #expect(recheck.weight == 3)
    }

    @Test("Only changes after a moment are listed when the plan says so")
    func changes() throws {
        let run = try MetaRun(.adSets, mode: MetaMode.changed(after: Instant(seconds: 1_767_225_600)))

        #expect(
            run.parameter("filtering")
                == "[{\"field\":\"adset.updated_time\",\"operator\":\"GREATER_THAN\",\"value\":1767225600}]")
    }

    @Test("Fields of pages never include their tokens")
    func pages() throws {
        let run = try MetaRun(.pages)

        #expect(run.path == "/v26.0/me/accounts")
        #expect(!run.fields.contains("access_token"))
    }

    @Test("Insights at once ask for a level, a day each, no status and no action breakdowns")
    func insights() throws {
        let days = try #require(DayRange(MetaRun.anchor.adding(days: -4), MetaRun.anchor))
        let run = try MetaRun(.adSetInsights, mode: "sync", days: days)

        #expect(run.path == "/v26.0/act_1000001/insights")
        #expect(run.parameter("level") == "adset")
        #expect(run.parameter("time_increment") == "1")
        #expect(run.parameter("time_range") == "{\"since\":\"2026-09-17\",\"until\":\"2026-09-21\"}")
        #expect(run.parameter("limit") == "500")
        #expect(run.parameter("filtering") == nil)
        #expect(run.parameter("action_breakdowns") == nil)
        #expect(run.parameter("breakdowns") == nil)
        #expect(
            run.fields == [
                "adset_id", "campaign_id", "campaign_name", "adset_name", "impressions", "clicks", "reach",
                "frequency", "spend", "inline_link_clicks", "ctr", "cpc", "cpm", "actions", "action_values",
            ])
    }

    @Test("The same work gives the same call")
    func deterministic() throws {
        let run = try MetaRun(.adInsights, mode: "report+archived", days: DayRange(MetaRun.anchor))

        #expect(run.call.request.target == run.call.request.target)
        #expect(run.call.request.body == run.call.request.body)
    }
}
