import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("FolkForm sandbox: collections and uploads")
struct FolkFormSandboxDataTests {
    private func numbered(_ count: Int) -> FolkFormProbe {
        var probe = FolkFormProbe.calm()
        let orders = (0..<count).map {
            ["n": $0, "kind": $0 % 2 == 0 ? "even" : "odd", "deep": ["x": $0]] as [String: Any]
        }
        _ = probe.call(.post, "pancake/order/insert-many", [], orders)
        return probe
    }

    @Test("Filters have operators and paths, and find nothing else")
    func operators() {
        var probe = numbered(10)
        func count(_ filter: String) -> Int? {
            probe.call(.get, "pancake/order/count", [("filter", filter)]).json["data"] as? Int
        }

        #expect(count("{}") == 10 && count("{\"kind\":\"even\"}") == 5)
        #expect(count("{\"n\":{\"$gt\":3,\"$lte\":5}}") == 2 && count("{\"n\":{\"$gte\":3,\"$lt\":5}}") == 2)
        #expect(count("{\"n\":{\"$in\":[1,2,99]}}") == 2 && count("{\"n\":{\"$nin\":[1,2]}}") == 8)
        #expect(count("{\"n\":{\"$eq\":4}}") == 1 && count("{\"deep.x\":4}") == 1)
        #expect(count("{\"deep.y\":{\"$exists\":true}}") == 0 && count("{\"deep.x\":{\"$exists\":true}}") == 10)
        #expect(count("{\"n\":\"4\"}") == 0)
    }

    @Test(
        "Filters are refused: other operators, names of secrets, more than ten fields, no object",
        arguments: [
            "{\"n\":{\"$where\":\"1\"}}", "{\"$or\":[]}", "{\"accessToken\":\"x\"}", "{\"passwordOld\":1}",
            "{\"apiKey\":1}", "{\"hash\":1}", "{\"clientSecret\":1}", "[]", "nonsense", "{\"n\":{\"$in\":3}}",
            "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1}",
        ])
    func refusedFilters(filter: String) {
        var probe = numbered(1)

        let answer = probe.call(.get, "pancake/order/find", [("filter", filter)])

        #expect(answer.status == 400 && answer.fault == "VAL_001")
    }

    @Test("Listing by pages counts from 1 and has ten items unless asked; options sort, cut and project")
    func pages() {
        var probe = numbered(25)

        let page = probe.call(.get, "pancake/order/find-with-pagination").data
        let last = probe.call(.get, "pancake/order/find-with-pagination", [("page", "3"), ("limit", "10")]).data
        let options = "{\"sort\":{\"n\":-1},\"limit\":2,\"skip\":1,\"projection\":{\"n\":1}}"
        let sorted = probe.call(.get, "pancake/order/find", [("options", options)]).list("data")
        let tooMany = probe.call(.get, "pancake/order/find", [("options", "{\"limit\":1001}")])

        let sizes = ["page", "limit", "itemCount", "total", "totalPage"].map { page[$0] as? Int }
        #expect(sizes == [1, 10, 10, 25, 3])
        #expect(last["itemCount"] as? Int == 5 && (last["items"] as? [Any])?.count == 5)
        #expect(sorted.map { $0["n"] as? Int } == [23, 22])
        #expect(sorted[0].keys.sorted() == ["id", "n"])
        #expect(tooMany.status == 400)
    }

    @Test("Documents are read, changed and deleted by filter and by id")
    func crud() throws {
        var probe = numbered(6)
        let one = probe.call(.get, "pancake/order/find-one", [("filter", "{\"n\":2}")]).data
        let id = try #require(one["id"] as? String)
        func all(_ method: String) -> Int? { probe.call(.get, "pancake/order/count").json["data"] as? Int }

        #expect(id.count == 24 && one["createdAt"] as? Int == 1_795_233_600_000)
        #expect(probe.call(.get, "pancake/order/find-by-id/\(id)").data["n"] as? Int == 2)
        #expect(probe.call(.post, "pancake/order/find-by-ids", [], ["ids": [id]]).list("data").count == 1)
        #expect(
            probe.call(.get, "pancake/order/distinct", [("field", "kind")]).json["data"] as? [String] == [
                "even", "odd",
            ])
        #expect(probe.call(.get, "pancake/order/exists", [("filter", "{\"n\":77}")]).json["data"] as? Bool == false)
        #expect(probe.call(.put, "pancake/order/update-by-id/\(id)", [], ["n": 40]).data["n"] as? Int == 40)
        let many = probe.call(.put, "pancake/order/update-many", [("filter", "{\"kind\":\"odd\"}")], ["seen": true])
        #expect(many.data["modifiedCount"] as? Int == 3)
        #expect(probe.call(.put, "pancake/order/update-one", [("filter", "{\"n\":77}")], ["n": 1]).status == 404)
        let found = probe.call(.put, "pancake/order/find-one-and-update", [("filter", "{\"n\":40}")], ["n": 41])
        #expect(found.data["n"] as? Int == 41)
        #expect(probe.call(.delete, "pancake/order/delete-by-id/\(id)").status == 200)
        #expect(probe.call(.delete, "pancake/order/delete-one", [("filter", "{\"n\":0}")]).status == 200)
        let last = probe.call(.delete, "pancake/order/find-one-and-delete", [("filter", "{\"n\":1}")])
        #expect(last.data["n"] as? Int == 1)
        #expect(probe.call(.delete, "pancake/order/delete-many").data["deletedCount"] as? Int == 3)
        #expect(all("count") == 0)
    }

    @Test("upsert-one finds by its filter; the server takes its own fields out of panCakeData")
    func upsertOne() {
        var probe = FolkFormProbe.calm()

        let first = probe.upsert(conversation: "1101_1").data
        probe.wait(.seconds(5))
        let second = probe.upsert(conversation: "1101_1", updatedAt: "2026-11-21T01:02:03.5Z").data
        let without = probe.call(.post, "facebook/conversation/upsert-one", [], ["pageId": "1"])

        #expect(first["conversationId"] as? String == "1101_1" && first["customerId"] as? String == "c-1")
        #expect(first["panCakeUpdatedAt"] as? Int == 1_795_136_523)
        // A time in another form is 0 without a word.
        #expect(second["panCakeUpdatedAt"] as? Int == 0)
        #expect(second["id"] as? String == first["id"] as? String)
        #expect((second["updatedAt"] as? Int ?? 0) - (first["updatedAt"] as? Int ?? 0) == 5000)
        #expect(without.status == 400)
        #expect(probe.counts()["facebook/conversation"] == 1)
    }

    @Test("upsert-many has one filter for all items, so that they overwrite each other")
    func upsertMany() {
        var probe = FolkFormProbe.calm()
        let items = ["a", "b", "c"].map { ["pageId": "1101", "pageName": $0] }

        let answer = probe.call(
            .post, "facebook/page/upsert-many", [("filter", "{\"pageId\":\"1101\"}")], items)

        #expect(answer.list("data").count == 3)
        #expect(probe.counts()["facebook/page"] == 1)
        #expect(probe.call(.get, "facebook/page/find-by-page-id/1101").data["pageName"] as? String == "c")
    }

    @Test("An organization sees and changes its own documents only")
    func organizations() {
        var probe = FolkFormProbe.calm()
        let auth = probe.sandbox.world.auth
        _ = probe.upsert(conversation: "1101_1")
        _ = probe.upload([("m_1", "2026-11-05T02:13:07.000000")])

        probe.bear(auth.users[0].token, role: auth.roles[1].id)
        let foreign = probe.call(.get, "facebook/message-item/find-by-message-id/m_1")
        _ = probe.upload([("m_1", "2026-11-06T02:13:07.000000")])
        let own = probe.call(.get, "facebook/conversation/count").json["data"] as? Int
        probe.bear(auth.users[0].token, role: auth.roles[0].id)

        #expect(foreign.status == 404 && own == 0)
        let kept = probe.call(.get, "facebook/message-item/find-by-message-id/m_1").data
        #expect(kept["insertedAt"] as? Int == 1_793_844_787)
        let rows = probe.ask("counts", [("account", auth.roles[1].organization)]).json["rows"] as? [String: Int]
        #expect(rows?["facebook/message-item"] == 1 && rows?["facebook/conversation"] == 0)
    }

    @Test("upsert-messages writes metadata and items, counts them, and answers with the metadata")
    func uploads() {
        var probe = FolkFormProbe.calm()

        let first = probe.upload(
            [("m_1", "2026-11-05T02:13:07.000000"), ("m_2", "2026-11-05T02:14:07.250000")],
            metadata: ["can_inbox": true], hasMore: true
        ).data
        let second = probe.upload([("m_2", "2026-11-05T02:14:07.250000"), ("m_3", "2026-11-05T02:15:07.000000")]).data
        let items = probe.call(.get, "facebook/message-item/find-by-conversation/1101_1").data
        let rows = items["data"] as? [[String: Any]] ?? []

        #expect(first["totalMessages"] as? Int == 2 && first["hasMore"] as? Bool == true)
        #expect(first["lastSyncedAt"] as? Int == 1_795_233_600_000)
        #expect((first["panCakeData"] as? [String: Any])?["messages"] == nil)
        #expect(second["totalMessages"] as? Int == 3 && second["hasMore"] as? Bool == false)
        #expect(rows.map { $0["messageId"] as? String } == ["m_3", "m_2", "m_1"])
        #expect(rows[1]["insertedAt"] as? Int == 1_793_844_847)
        #expect((rows[1]["messageData"] as? [String: Any])?["id"] as? String == "m_2")
        let pagination = items["pagination"] as? [String: Int]
        #expect(pagination == ["page": 1, "limit": 50, "total": 3])
    }

    @Test(
        "The four ids are required and must not be empty",
        arguments: ["pageId", "pageUsername", "conversationId", "customerId"])
    func required(name: String) {
        var probe = FolkFormProbe.calm()
        var body: [String: Any] = [
            "pageId": "1101", "pageUsername": "t", "conversationId": "1101_1", "customerId": "c",
            "panCakeData": ["messages": []],
        ]
        body[name] = ""
        let empty = probe.call(.post, "facebook/message/upsert-messages", [], body)
        body[name] = nil
        let absent = probe.call(.post, "facebook/message/upsert-messages", [], body)

        #expect(empty.status == 400 && empty.fault == "VAL_001")
        #expect(absent.status == 400 && absent.fault == "VAL_001")
    }

    @Test("Metadata is merged one level deep, and an older upload overwrites a newer one")
    func merging() throws {
        var probe = FolkFormProbe.calm()
        _ = probe.upload(
            [],
            metadata: [
                "updated_at": "2026-11-06T00:00:00.000000", "can_inbox": true,
                "extra_info": ["a": 1, "deep": ["x": 1]],
                "list": [1, 2],
            ])

        let answer = probe.upload(
            [],
            metadata: [
                "updated_at": "2026-11-01T00:00:00.000000", "extra_info": ["b": 2, "deep": ["y": 2]], "list": [3],
            ])

        let data = try #require(answer.data["panCakeData"] as? [String: Any])
        let extra = try #require(data["extra_info"] as? [String: Any])
        #expect(data["can_inbox"] as? Bool == true)
        #expect(data["updated_at"] as? String == "2026-11-01T00:00:00.000000")
        #expect(data["list"] as? [Int] == [3])
        #expect(extra["a"] as? Int == 1 && extra["b"] as? Int == 2)
        #expect(extra["deep"] as? [String: Int] == ["y": 2])
    }

    @Test(
        "Times that are not exactly six digits without a zone become 0",
        arguments: [
            "2026-11-05T02:13:07", "2026-11-05T02:13:07.123", "2026-11-05T02:13:07.000000Z",
            "2026-11-05 02:13:07.000000",
            "2026-11-05T02:13:07.0000000", "nonsense",
        ])
    func strictTimes(text: String) {
        var probe = FolkFormProbe.calm()

        _ = probe.upload([("m_1", text)])

        #expect(probe.call(.get, "facebook/message-item/find-by-message-id/m_1").data["insertedAt"] as? Int == 0)
    }

    @Test("Items without an id that is text are left out silently; the same upload twice changes nothing")
    func skippedItems() {
        var probe = FolkFormProbe.calm()
        let items: [[String: Any]] = [["id": 7], ["text": "x"], ["id": ""], ["id": "m_1"]]

        let first = probe.upload(items)
        let second = probe.upload(items)

        #expect(first.status == 200 && first.data["totalMessages"] as? Int == 1)
        #expect(second.data["totalMessages"] as? Int == 1)
        #expect(probe.counts()["facebook/message-item"] == 1)
    }

    @Test("It is not one transaction: metadata may be written while the items fail")
    func halfway() {
        var probe = FolkFormProbe.calm()
        probe.turn("faults", [("rule", "halfway")])
        let failed = probe.upload([("m_1", "2026-11-05T02:13:07.000000")])
        let between = probe.counts()
        probe.turn("faults")
        let again = probe.upload([("m_1", "2026-11-05T02:13:07.000000")])

        #expect(failed.status == 500 && failed.fault == "DB")
        #expect(between["facebook/message"] == 1 && between["facebook/message-item"] == 0)
        #expect(again.data["totalMessages"] as? Int == 1)
    }

    @Test("Pages share their token, which is stored with the page")
    func pageTokens() {
        var probe = FolkFormProbe.calm()
        let body = ["pageId": "1101", "pageAccessToken": "t-2"]

        let unknown = probe.call(.put, "facebook/page/update-token", [], body)
        _ = probe.call(.post, "facebook/page/insert-one", [], ["pageId": "1101"])
        let known = probe.call(.put, "facebook/page/update-token", [], body)
        let empty = probe.call(.put, "facebook/page/update-token", [], ["pageId": "1101"])

        #expect(unknown.status == 404 && empty.fault == "VAL_001")
        #expect(known.data["pageAccessToken"] as? String == "t-2")
    }

    @Test("sort-by-api-update has the newest first, by page")
    func watermark() {
        var probe = FolkFormProbe.calm()
        for (index, day) in ["05", "09", "07"].enumerated() {
            _ = probe.upsert(conversation: "1101_\(index)", updatedAt: "2026-11-\(day)T00:00:00.000000")
        }

        let path = "facebook/conversation/sort-by-api-update"
        let all = probe.call(.get, path, [("limit", "2"), ("pageId", "1101")]).data
        let other = probe.call(.get, path, [("pageId", "9")]).data

        #expect((all["items"] as? [[String: Any]])?.map { $0["conversationId"] as? String } == ["1101_1", "1101_2"])
        #expect(all["total"] as? Int == 3 && all["totalPage"] as? Int == 2)
        #expect(other["total"] as? Int == 0)
    }

    @Test("Items of a conversation come 100 at most")
    func itemPages() {
        var probe = FolkFormProbe.calm()
        _ = probe.upload((0..<130).map { ("m_\($0)", "2026-11-05T02:13:07.000000") })
        let path = "facebook/message-item/find-by-conversation/1101_1"

        let most = probe.call(.get, path, [("limit", "1000")]).data
        let last = probe.call(.get, path, [("limit", "100"), ("page", "2")]).data

        #expect((most["data"] as? [Any])?.count == 100)
        #expect((last["data"] as? [Any])?.count == 30)
    }

    @Test("batch-upsert is there only when it is switched on, and tells what became of each item")
    func batchUpsert() {
        var probe = FolkFormProbe.calm { $0.features.batchUpsert = true }
        func batch(_ items: [Any]) -> FolkFormProbe.Answer {
            probe.call(
                .post, "facebook/conversation/batch-upsert", [],
                ["pageId": "1101", "pageUsername": "t", "conversations": items])
        }
        let day = "2026-11-05T00:00:00.000000"

        let first = batch([probe.data(of: "1101_1", day), ["snippet": "no id"], probe.data(of: "1101_2", day)]).data
        let second = batch([
            probe.data(of: "1101_1", "2026-11-06T00:00:00.000000"),
            probe.data(of: "1101_2", "2026-11-04T00:00:00.000000"),
        ]).data

        #expect(["upserted", "modified", "skipped"].map { first[$0] as? Int } == [2, 0, 0])
        let failed = first["failed"] as? [[String: Any]] ?? []
        #expect(failed.count == 1 && failed[0]["index"] as? Int == 1 && failed[0]["code"] as? String == "VAL_001")
        #expect(["upserted", "modified", "skipped"].map { second[$0] as? Int } == [0, 1, 1])
        let stored = probe.call(.get, "facebook/conversation/find-one", [("filter", "{\"conversationId\":\"1101_1\"}")])
        #expect(stored.data["pageId"] as? String == "1101" && stored.data["customerId"] as? String == "c-1")
    }

    @Test("The newest backend takes cio/ingest, skips what is not newer, and has no upsert-messages")
    func ingest() {
        var probe = FolkFormProbe.calm { $0.features.cioIngest = true }
        func ingest(_ updatedAt: String) -> FolkFormProbe.Answer {
            probe.call(
                .post, "cio/ingest", [],
                [
                    "domain": "interaction_conversation", "filter": ["conversationId": "1101_1"],
                    "data": ["pageId": "1101", "panCakeData": probe.data(of: "1101_1", updatedAt)],
                ])
        }

        let first = ingest("2026-11-05T00:00:00.000000")
        let same = ingest("2026-11-05T00:00:00.000000")
        let newer = ingest("2026-11-06T00:00:00.000000")

        #expect(first.data["conversationId"] as? String == "1101_1")
        #expect(same.status == 200 && same.json["skipped"] as? Bool == true && same.json["data"] is NSNull)
        #expect(newer.json["skipped"] == nil && newer.status == 200)
        #expect(probe.upload([("m_1", "2026-11-05T02:13:07.000000")]).status == 404)
        let messages = probe.call(
            .post, "cio/ingest", [],
            [
                "domain": "interaction_message", "filter": ["conversationId": "1101_1"],
                "data": [
                    "pageId": "1101", "pageUsername": "t", "conversationId": "1101_1", "customerId": "c",
                    "panCakeData": ["messages": [["id": "m_1"]]],
                ],
            ])
        #expect(messages.status == 200 && probe.counts()["facebook/message-item"] == 1)
        var old = FolkFormProbe.calm()
        #expect(old.call(.post, "cio/ingest", [], ["domain": "fb_customer"]).status == 404)
    }

    @Test("Oracles: uploads in order with their times, duplicates by message, documents, counts")
    func oracles() throws {
        var probe = FolkFormProbe.calm()
        _ = probe.upsert(conversation: "1101_1")
        probe.wait(.seconds(1))
        _ = probe.upload([("m_1", "x"), ("m_2", "x")], metadata: ["updated_at": "2026-11-20T01:02:03.000000"])
        _ = probe.upload([("m_2", "x")])

        let uploads = try #require(probe.ask("uploads").any as? [[String: Any]])

        #expect(uploads.map { $0["kind"] as? String } == ["conversation", "messages", "messages"])
        #expect(uploads.map { $0["conversationId"] as? String } == ["1101_1", "1101_1", "1101_1"])
        #expect(uploads[1]["messageIds"] as? [String] == ["m_1", "m_2"])
        #expect(uploads[1]["at"] as? Int64 == 1_795_233_601_000_000)
        #expect(uploads[0]["updatedAt"] as? String == "2026-11-20T01:02:03.000000")
        #expect(probe.ask("duplicates").json as? [String: Int] == ["m_2": 2])
        #expect((probe.ask("documents", [("collection", "facebook/message-item")]).any as? [Any])?.count == 2)
        #expect(probe.ask("documents", [("collection", "x")]).status == 400)
        probe.turn("reset")
        #expect(probe.counts().values.allSatisfy { $0 == 0 })
    }

    @Test("Worlds are empty, survive their own JSON, and are refused when they make no sense")
    func worlds() throws {
        let bench = try #require(
            FolkFormWorld.named("bench", seed: 7, sizes: ["rate": 250, "latency": 20], today: .probeDay))
        let demo = try #require(FolkFormWorld.named("demo", seed: 7, sizes: [:], today: .probeDay))

        #expect(bench.limits.requests == 250 && bench.latency.base == 20_000)
        #expect(demo.limits.requests == 100 && !demo.features.batchUpsert)
        #expect(demo.credential.map(\.field) == ["token", "role"] && demo.account == "me")
        #expect(try demo.changed(by: Array("{}".utf8)) == demo)
        #expect(throws: WorldError.self) { try demo.changed(by: Array("{\"auth\":{\"roles\":[]}}".utf8)) }
    }

    @Test("Agents check in and out")
    func agents() {
        var probe = FolkFormProbe.calm()

        #expect(probe.call(.post, "agent/check-in/a1", [], [:]).data["status"] as? String == "online")
        #expect(probe.call(.post, "agent/check-out/a1", [], [:]).data["status"] as? String == "offline")
        #expect(probe.counts()["agent"] == 1)
    }
}
