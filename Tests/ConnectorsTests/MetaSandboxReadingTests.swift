import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("Meta sandbox: lists and nodes")
struct MetaSandboxReadingTests {
    private static let allStatuses = "ACTIVE,PAUSED,ARCHIVED,CAMPAIGN_PAUSED,ADSET_PAUSED,PENDING_REVIEW"

    @Test("An edge without fields gives ids only")
    func sparse() {
        var probe = MetaSandboxProbe.calm()

        let answer = probe.get("act_1000001/ads", ["limit": "2"])

        #expect(answer.status == 200)
        #expect(answer.data.allSatisfy { Array($0.keys) == ["id"] })
        #expect(answer.headers["facebook-api-version"] == "v26.0")
    }

    @Test("An unknown field is refused by name with code 100")
    func unknownField() {
        var probe = MetaSandboxProbe.calm()

        let answer = probe.get("act_1000001/campaigns", ["fields": "id,nonsense"])

        #expect(answer.status == 400)
        #expect(answer.code == 100)
        #expect((answer.error["message"] as? String)?.contains("(nonsense)") == true)
    }

    @Test("Pages put together give every campaign, ad set and ad once, at any page size", arguments: [1, 2, 3, 100])
    func paging(limit: Int) throws {
        var probe = MetaSandboxProbe.calm()
        let truth = try #require(probe.truth())

        for (edge, stream) in [("campaigns", "campaigns"), ("adsets", "ad_sets"), ("ads", "ads")] {
            let filter = "[{\"field\":\"effective_status\",\"operator\":\"NOT_IN\",\"value\":[\"NONE\"]}]"
            let rows = probe.all("act_1000001/\(edge)", ["limit": "\(limit)", "filtering": filter])
            let ids = rows.compactMap { $0["id"] as? String }

            #expect(ids.count == truth.rows[stream])
            #expect(Set(ids) == Set(probe.sandbox.ids(of: stream, at: probe.now, account: "1000001")))
        }
    }

    @Test("Short and empty pages come with next, and following it still gives everything")
    func shortAndEmptyPages() {
        var probe = MetaSandboxProbe.calm {
            $0.reading.shortPages = 400
            $0.reading.emptyPages = 300
        }
        var empty = 0
        var params = ["limit": "3"]
        var ids: [String] = []

        while true {
            let answer = probe.get("act_1000001/ads", params)
            ids += answer.data.compactMap { $0["id"] as? String }
            guard answer.next != nil, let after = answer.after else { break }
            if answer.data.isEmpty { empty += 1 }
            params["after"] = after
        }

        #expect(empty > 0)
        #expect(ids.count == probe.truth()?.unfiltered["ads"])
        #expect(Set(ids).count == ids.count)
    }

    @Test("Archived objects come only when asked for, deleted ones never, and an edge asked for them refuses")
    func visibility() {
        var probe = MetaSandboxProbe.calm(seed: 11) { $0.accounts[0].archived = 600 }

        let plain = probe.all("act_1000001/ads", ["fields": "effective_status", "limit": "100"])
        let full = probe.all(
            "act_1000001/ads", ["fields": "effective_status", "limit": "100", "effective_status": Self.allStatuses])
        let refused = probe.get("act_1000001/ads", ["effective_status": "[\"DELETED\"]"])

        let archived = full.count { $0["effective_status"] as? String == "ARCHIVED" }
        #expect(archived > 0)
        #expect(full.count == plain.count + archived)
        #expect(!full.contains { $0["effective_status"] as? String == "DELETED" })
        #expect(refused.code == 100)
    }

    @Test("A deleted ad is read by its own id")
    func deletedByID() throws {
        var probe = MetaSandboxProbe.calm()
        let ad = try #require(probe.get("act_1000001/ads").data.first?["id"] as? String)

        let deletion = probe.send(.delete, "/v26.0/\(ad)/")
        let read = probe.get(ad, ["fields": "effective_status,name"])

        #expect(deletion.json["success"] as? Bool == true)
        #expect(read.json["effective_status"] as? String == "DELETED")
        #expect(!probe.all("act_1000001/ads").contains { $0["id"] as? String == ad })
    }

    @Test("Filters on updated_time are strict, and updated_since works on ads")
    func updatedTime() throws {
        var probe = MetaSandboxProbe.calm()
        let rows = probe.all("act_1000001/ads", ["fields": "updated_time", "date_format": "U", "limit": "100"])
        let times = rows.compactMap { $0["updated_time"] as? Int }.sorted()
        let middle = times[times.count / 2]

        let filter = "[{\"field\":\"ad.updated_time\",\"operator\":\"GREATER_THAN\",\"value\":\(middle)}]"
        let newer = probe.all("act_1000001/ads", ["filtering": filter, "limit": "100"])
        let since = probe.all("act_1000001/ads", ["updated_since": "\(middle)", "limit": "100"])

        #expect(newer.count == times.count { $0 > middle })
        #expect(since.count == newer.count)
    }

    @Test(
        "Every operator filters",
        arguments: [
            ("EQUAL", "\"PAUSED\""), ("NOT_EQUAL", "\"PAUSED\""), ("IN", "[\"PAUSED\",\"ACTIVE\"]"),
            ("NOT_IN", "[\"PAUSED\"]"), ("CONTAIN", "\"ause\""), ("NOT_CONTAIN", "\"ause\""),
            ("STARTS_WITH", "\"ARC\""), ("ANY", "[\"PAUSED\"]"), ("NONE", "[\"PAUSED\"]"),
        ])
    func operators(name: String, value: String) {
        var probe = MetaSandboxProbe.calm(seed: 11) { $0.accounts[0].archived = 600 }
        func accepts(_ status: String) -> Bool {
            switch name {
            case "EQUAL", "ANY": status == "PAUSED"
            case "NOT_EQUAL", "NOT_IN", "NONE": status != "PAUSED"
            case "IN": ["PAUSED", "ACTIVE"].contains(status)
            case "CONTAIN": status.contains("AUSE")
            case "NOT_CONTAIN": !status.contains("AUSE")
            default: status.hasPrefix("ARC")
            }
        }
        let everything = "[{\"field\":\"ad.effective_status\",\"operator\":\"NOT_IN\",\"value\":[\"X\"]}]"
        let all = probe.all("act_1000001/ads", ["fields": "effective_status", "filtering": everything])

        let filter = "[{\"field\":\"ad.effective_status\",\"operator\":\"\(name)\",\"value\":\(value)}]"
        let rows = probe.all("act_1000001/ads", ["fields": "effective_status", "filtering": filter])

        let statuses = all.compactMap { $0["effective_status"] as? String }
        #expect(rows.compactMap { $0["effective_status"] as? String } == statuses.filter(accepts))
        #expect(Set(statuses).isSuperset(of: ["PAUSED", "ARCHIVED"]))
    }

    @Test("Fields nest: related objects, edges with arguments, reports of an object")
    func nesting() throws {
        var probe = MetaSandboxProbe.calm()

        let fields = "name,campaign{id,name},adset{id},insights.date_preset(maximum){spend,impressions}"
        let ads = probe.get("act_1000001/ads", ["fields": fields, "limit": "3"])
        let campaign = probe.get("act_1000001/campaigns", ["fields": "id,ads.limit(1){id,name}", "limit": "1"])

        #expect(ads.status == 200)
        #expect(ads.data.allSatisfy { ($0["campaign"] as? [String: Any])?["name"] is String })
        #expect(ads.data.contains { ($0["insights"] as? [String: Any])?["data"] is [Any] })
        let inner = (campaign.data.first?["ads"] as? [String: Any])?["data"] as? [[String: Any]]
        #expect(inner?.count == 1)
    }

    @Test("ids= reads many objects, and fails whole when one is missing")
    func multiGet() throws {
        var probe = MetaSandboxProbe.calm()
        let ids = probe.all("act_1000001/ads").prefix(3).compactMap { $0["id"] as? String }

        let found = probe.send(.get, "/v26.0//", ["ids": ids.joined(separator: ","), "fields": "name"])
        let missing = probe.get("", ["ids": ids.joined(separator: ",") + ",120200003999999999"])
        let tooMany = probe.get("", ["ids": (0..<51).map(String.init).joined(separator: ",")])

        #expect(Set(found.json.keys) == Set(ids))
        #expect([missing.code, missing.subcode] == [100, 33] as [Int])
        #expect(tooMany.code == 100)
    }

    @Test("Datetimes carry the account's offset without a colon")
    func datetimes() throws {
        var probe = MetaSandboxProbe.calm { $0.accounts[0].zone = "Asia/Ho_Chi_Minh" }

        let time = probe.get("act_1000001/campaigns", ["fields": "created_time"]).data.first?["created_time"] as? String

        #expect(time?.hasSuffix("+0700") == true)
        #expect(time?.count == 24)
    }

    @Test("next holds the token only when the call had it in its query")
    func tokenInNext() throws {
        var probe = MetaSandboxProbe.calm()
        let token = try #require(probe.token)

        let quiet = probe.get("act_1000001/ads", ["limit": "1"])
        probe.token = nil
        let loud = probe.get("act_1000001/ads", ["limit": "1", "access_token": token])

        #expect(quiet.next?.contains(token) == false)
        #expect(loud.next?.contains(token) == true)
    }

    @Test("An unchanged node answers 304 to its own entity tag")
    func entityTag() throws {
        var probe = MetaSandboxProbe.calm()
        let first = probe.get("act_1000001", ["fields": "name"])
        let tag = try #require(first.headers["etag"])

        let second = probe.send(.get, "/v26.0/act_1000001", ["fields": "name"], headers: [.ifNoneMatch: tag])

        #expect(second.status == 304)
        #expect(second.body.isEmpty)
    }

    @Test("A gated field is refused; without it the account is read")
    func gatedField() {
        var probe = MetaSandboxProbe.calm { $0.accounts[0].gatedFields = ["funding_source_details"] }

        let refused = probe.get("act_1000001", ["fields": "name,funding_source_details"])
        let read = probe.get("act_1000001", ["fields": "name"])

        #expect(refused.code == 200)
        #expect(refused.status == 403)
        #expect(read.status == 200)
    }

    @Test("A creative without its post fails the page that holds it, and only that page")
    func brokenCreative() {
        var probe = MetaSandboxProbe.calm { $0.accounts[0].brokenCreatives = 300 }
        var broken = 0
        var whole = 0
        for ad in probe.all("act_1000001/ads") {
            let answer = probe.get("\(ad["id"] as? String ?? "")/adcreatives", ["fields": "id,title"])
            if answer.subcode == 2_446_289 { broken += 1 } else if answer.status == 200 { whole += 1 }
        }

        let page = probe.get("act_1000001/adcreatives", ["fields": "id,title", "limit": "100"])

        #expect(broken > 0)
        #expect(whole > 0)
        #expect(page.subcode == 2_446_289)
    }

    @Test("Posts need the page's own token and at most 100 per page, and are newest first")
    func posts() throws {
        var probe = MetaSandboxProbe.calm()
        let page = try #require(probe.get("me/accounts").data.first)
        let id = try #require(page["id"] as? String)

        let refused = probe.get("\(id)/posts")
        probe.token = page["access_token"] as? String
        let rows = probe.all("\(id)/posts", ["fields": "created_time,message", "limit": "7"])
        let tooMany = probe.get("\(id)/posts", ["limit": "101"])

        let times = rows.compactMap { $0["created_time"] as? String }
        #expect(refused.code == 210)
        #expect(times.count == rows.count && times == times.sorted(by: >))
        #expect(rows.count == (probe.truth()?.rows["posts"] ?? 0) / probe.sandbox.world.pages.count)
        #expect(tooMany.code == 100)
    }

    @Test("A cursor that the platform did not give, or gave long ago, is invalid")
    func cursors() throws {
        var probe = MetaSandboxProbe.calm()
        let after = try #require(probe.get("act_1000001/ads", ["limit": "1"]).after)

        let nonsense = probe.get("act_1000001/ads", ["after": "xyz"])
        probe.wait(.seconds(90_000))
        let stale = probe.get("act_1000001/ads", ["after": after])

        #expect(nonsense.code == 2642)
        #expect(stale.code == 2642)
    }

    @Test("Versions: expired ones are served by a newer one, or refused by switch")
    func versions() {
        var probe = MetaSandboxProbe.calm()
        var strict = MetaSandboxProbe.calm { $0.versions.upgrades = false }

        let served = probe.send(.get, "/v19.0/me")
        let plain = probe.send(.get, "/me")
        let refused = strict.send(.get, "/v19.0/me")

        #expect(served.headers["facebook-api-version"] == "v22.0")
        #expect(plain.headers["facebook-api-version"] == "v26.0")
        #expect(refused.code == 2635)
    }
}
