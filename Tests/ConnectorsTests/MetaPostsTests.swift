import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Posts of Meta")
struct MetaPostsTests {
    private static let days = DayRange(MetaRun.anchor.adding(days: -89), MetaRun.anchor)

    private func item(_ body: String, code: Int = 200) -> String {
        "{\"code\":\(code),\"headers\":[],\"body\":\(JSONText.quoted(body))}"
    }

    private func run(pages: [String]? = nil, mode: String = "") throws -> MetaRun {
        try MetaRun(
            .posts, mode: mode, days: Self.days, entities: pages.map { EntitySet(column: "page_id", ids: $0) })
    }

    @Test("Pages and their tokens come in one call, their posts in one batch, the tokens never in a cursor")
    func whole() throws {
        var run = try run()
        #expect(run.path == "/v26.0/me/accounts")
        #expect(run.fields == ["id", "access_token"])

        run.answer(metaPage("{\"id\":\"5\",\"access_token\":\"PT5\"},{\"id\":\"6\",\"access_token\":\"PT6\"}"))
        #expect(run.keepsakes.count == 2)
        #expect(run.cursor?.contains("PT") == false)
        let batch = try #require(run.parameter("batch"))
        #expect(batch.contains("5/published_posts?"))
        #expect(batch.contains("access_token=PT6"))
        #expect(batch.contains("limit=100"))
        #expect(!run.call.request.target.contains("PT"))
        #expect(run.call.costs.allSatisfy { $0.points == 2 })

        let post =
            "{\"id\":\"5_1\",\"message\":\"Hi\",\"created_time\":\"2026-09-01T10:00:00+0000\",\"shares\":{\"count\":3}}"
        let first = run.answer("[\(item(metaPage(post, after: "N5", next: true))),\(item(metaPage()))]")
        #expect(first.text("page_id") == "5")
        #expect(first.text("id") == "5_1")
        #expect(first.integer("shares_count") == 3)
        #expect(first.isMore)

        let again = try #require(run.parameter("batch"))
        #expect(again.contains("after=N5") && !again.contains("6/published_posts"))
        #expect(run.answer("[\(item(metaPage("{\"id\":\"5_2\"}")))]").finish?.isComplete == true)
    }

    @Test("The window is given in seconds of the account's own days")
    func window() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("PT5")]

        let batch = try #require(run.parameter("batch"))

        // 2026-06-24 and 2026-09-22, midnight in Vietnam.
        #expect(batch.contains("since=1782233999"))
        #expect(batch.contains("until=1790010000"))
    }

    @Test("A worker without the tokens asks for them first, and goes on with the user's where there are none")
    func tokens() throws {
        var run = try run(pages: ["5", "6"])
        #expect(run.parameter("ids") == "5,6")
        #expect(run.fields == ["access_token"])

        run.answer("{\"5\":{\"access_token\":\"PT5\",\"id\":\"5\"},\"6\":{\"id\":\"6\"}}")

        let batch = try #require(run.parameter("batch"))
        #expect(batch.contains("PT5"))
        #expect(batch.contains("6/published_posts"))
        #expect(batch.components(of: "access_token=") == 1)
    }

    @Test("Refused tokens mean that the user's own is used")
    func refusedTokens() throws {
        var run = try run(pages: ["5"])

        #expect(run.error(200, nil, "no", status: 403).isMore)

        #expect(run.parameter("batch")?.contains("5/published_posts") == true)
    }

    @Test("Pages that are new, or that may be read since, get chunks for their past; those that are refused do not")
    func past() throws {
        var run = try run(mode: "catch-up")
        run.learned.begun = ["5"]
        run.answer(metaPage((5...8).map { "{\"id\":\"\($0)\",\"access_token\":\"T\"}" }.joined(separator: ",")))
        let good = item(metaPage())
        let refused = item("{\"error\":{\"code\":10,\"message\":\"no\"}}", code: 403)
        run.answer("[\(good),\(item(metaPage("{\"id\":\"6_1\"}", after: "N", next: true))),\(refused),\(good)]")

        let finish = try #require(run.answer("[\(good)]").finish)

        #expect(finish.follow.allSatisfy { $0.entities == EntitySet(column: "page_id", ids: ["6", "8"]) })
        #expect(finish.follow.allSatisfy { $0.mode.isEmpty && $0.phase == .recent })
        let past = finish.follow.compactMap(\.days)
        #expect(past.first?.last == Self.days?.first.adding(days: -1))
        #expect(past.last?.first == MetaRun.anchor.adding(months: -37).adding(days: 1))
        #expect(zip(past, past.dropFirst()).allSatisfy { $0.first == $1.last.adding(days: 1) })
        #expect(run.learned.begun == ["5", "6", "8"])
    }

    @Test("Where the past is planned beside them pages are only remembered")
    func pastPlanned() throws {
        var run = try run(pages: ["5"], mode: "whole")
        run.keepsakes = ["page:5": Secret("T")]

        #expect(run.answer("[\(item(metaPage()))]").finish?.follow.isEmpty == true)
        #expect(run.learned.begun == ["5"])
    }

    @Test("Pages beyond fifty become chunks of their own")
    func manyPages() throws {
        var run = try run()
        let rows = (0..<120).map { "{\"id\":\"\($0)\",\"access_token\":\"T\($0)\"}" }.joined(separator: ",")
        run.answer(metaPage(rows))
        #expect(run.keepsakes.count == 50)

        let reading = run.answer("[" + Array(repeating: item(metaPage()), count: 50).joined(separator: ",") + "]")

        #expect(reading.finish?.follow.map { $0.entities?.ids.count } == [50, 20])
        #expect(reading.finish?.follow.allSatisfy { $0.days == Self.days && $0.stream == .posts } == true)
    }

    @Test("Missing items are sent again, refused pages are told of, and the others go on")
    func mixed() throws {
        var run = try run(pages: ["5", "6", "7"])
        run.keepsakes = ["page:5": Secret("a"), "page:6": Secret("b"), "page:7": Secret("c")]

        let reading = run.answer(
            "[null,\(item("{\"error\":{\"code\":10,\"message\":\"no\"}}", code: 403)),"
                + "\(item("{\"error\":{\"code\":1,\"message\":\"reduce the amount of data\"}}", code: 500))]")

        #expect(reading.kinds == ["not_permitted"])
        #expect(reading.spent == Spent(retries: 2), "what is given up is asked for no more")
        let batch = try #require(run.parameter("batch"))
        #expect(batch.contains("5/published_posts") && batch.contains("7/published_posts"))
        #expect(batch.contains("limit=50"))
        #expect(!batch.contains("6/published_posts"))
        let last = run.answer("[\(item(metaPage())),\(item(metaPage()))]")
        #expect(last.finish?.isComplete == false)
    }

    @Test(
        "A page that may not be read is told of with the permission that it needs",
        arguments: [(10, ": the token lacks pages_read_engagement (10)."), (100, " (100).")])
    func whyUnreadable(code: Int, end: String) throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("PT5")]

        let reading = run.answer("[\(item("{\"error\":{\"code\":\(code),\"message\":\"no\"}}", code: 403))]")

        #expect(reading.notes.map(\.text) == ["The posts of the page 5 cannot be read\(end)"])
    }

    @Test("What was not finished is sent again at once where other items were answered, then after a wait")
    func unfinished() throws {
        var run = try run(pages: ["5", "6"])
        run.keepsakes = ["page:5": Secret("a"), "page:6": Secret("b")]
        let outage = item("{\"error\":{\"code\":2,\"message\":\"x\"}}", code: 500)

        #expect(run.answer("[null,\(outage)]").isMore)
        #expect(run.call.weight == 2)
        #expect(run.answer("[null,\(outage)]").wait != nil)
        #expect(run.answer("[\(item(metaPage())),\(item(metaPage()))]").isFinished)

        var silent = try self.run(pages: ["5", "6"])
        silent.keepsakes = ["page:5": Secret("a"), "page:6": Secret("b")]
        #expect(silent.answer("[null,null]").wait != nil)
    }

    @Test("A place that was lost is looked for from the start at once")
    func lostPlaceOnce() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("PT5")]
        run.answer("[\(item(metaPage("{\"id\":\"5_1\"}", after: "A", next: true)))]")

        #expect(run.answer("[\(item("{\"error\":{\"code\":2642,\"message\":\"x\"}}", code: 400))]").isMore)

        #expect(run.parameter("batch")?.contains("after=A") == false)
    }

    private var dead: String {
        item("{\"error\":{\"code\":190,\"error_subcode\":463,\"message\":\"x\"}}", code: 400)
    }

    @Test("A dead page token is asked for anew, then gives way to the user's; then the page's own chunk fails alone")
    func deadTokens() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("PT5")]

        #expect(run.answer("[\(dead)]").isMore)
        #expect(run.keepsakes.isEmpty)
        #expect(run.parameter("ids") == "5")

        run.answer("{\"5\":{\"access_token\":\"PT5b\",\"id\":\"5\"}}")
        #expect(run.parameter("batch")?.contains("PT5b") == true)
        #expect(run.answer("[\(dead)]").isMore)
        #expect(run.parameter("batch")?.contains("access_token=") == false)

        let failure = run.answer("[\(dead)]").failure
        #expect(failure?.name == "permanent_configuration")
        #expect(failure?.cause.message == "Meta refuses the token of the page 5.")
        #expect(failure?.cause.advice.contains("role on the page") == true)
        #expect(failure?.cause.code == "190/463")
    }

    @Test(
        "A page whose tokens are all refused stands back, whatever the refusal; its siblings go on",
        arguments: [
            "\"code\":190,\"error_subcode\":492,\"message\":\"x\"",
            "\"code\":190,\"message\":\"(#190) This method must be called with a Page Access Token\"",
            "\"code\":104,\"message\":\"Invalid appsecret_proof\"",
        ])
    func deadSibling(error: String) throws {
        let dead = item("{\"error\":{\(error)}}", code: 400)
        var run = try run(pages: ["5", "6"])
        run.keepsakes = ["page:5": Secret("PT5"), "page:6": Secret("PT6")]

        let first = run.answer("[\(dead),\(item(metaPage("{\"id\":\"6_1\"}", after: "N6", next: true)))]")
        run.answer("{\"5\":{\"access_token\":\"PT5b\",\"id\":\"5\"}}")
        let sibling = item(metaPage("{\"id\":\"6_2\"}", after: "N7", next: true))
        let second = run.answer("[\(dead),\(sibling)]")
        let third = run.answer("[\(dead),\(item(metaPage("{\"id\":\"6_3\"}")))]")

        #expect([first, second, third].map(\.rows) == [1, 1, 1])
        #expect(third.finish?.follow.map(\.entities?.ids) == [["5"]])
        #expect(third.notes.isEmpty)
    }

    @Test("A page without a token of its own that is refused is asked for one, then stands back")
    func deadWithoutToken() throws {
        var run = try run(pages: ["5", "6"])
        run.answer("{\"5\":{\"id\":\"5\"},\"6\":{\"id\":\"6\"}}")

        #expect(run.answer("[\(dead),\(item(metaPage()))]").isMore)
        #expect(run.parameter("ids") == "5")
        run.answer("{\"5\":{\"id\":\"5\"}}")

        #expect(run.answer("[\(dead)]").finish?.follow.map(\.entities?.ids) == [["5"]])
    }

    @Test("A dead page token tells of a dead user token at the next call, and a new one goes on with the page's own")
    func renewedToken() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("PT5")]

        run.answer("[\(dead)]")
        #expect(run.error(190, 463, status: 401).failure?.name == "owner_must_act")
        run.answer("{\"5\":{\"access_token\":\"PT5b\",\"id\":\"5\"}}")

        #expect(run.parameter("batch")?.contains("PT5b") == true)
    }

    @Test("A page that was lost with its token fails as a chunk of its own instead of being taken for unreadable")
    func lostPage() throws {
        var run = try run(pages: ["5", "6"])
        run.keepsakes = ["page:5": Secret("PT5"), "page:6": Secret("PT6")]
        let refusal = item("{\"error\":{\"code\":210,\"message\":\"(#210) A page token is required\"}}", code: 403)

        run.answer("[\(dead),\(item(metaPage()))]")
        run.answer("{\"5\":{\"access_token\":\"PT5b\",\"id\":\"5\"}}")
        run.answer("[\(dead)]")
        let alone = run.answer("[\(refusal)]")

        #expect(alone.notes.isEmpty)
        #expect(alone.finish?.follow.map(\.entities?.ids) == [["5"]])
    }

    @Test(
        "A refusal of the user's token by one item is asked about, whatever its subcode; a dead one stops all",
        arguments: [(190, 463), (190, 492), (190, nil), (102, nil)] as [(Int, Int?)])
    func refusedItem(code: Int, subcode: Int?) throws {
        var run = try run(pages: ["5", "6"])
        run.cursor = nil
        run.answer("{\"5\":{\"id\":\"5\"},\"6\":{\"id\":\"6\"}}")
        let sub = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        let error = item("{\"error\":{\"code\":\(code)\(sub),\"message\":\"x\"}}", code: 400)

        let reading = run.answer("[\(item(metaPage())),\(error)]")

        #expect(reading.isMore && reading.notes.isEmpty)
        #expect(run.parameter("ids") == "6")
        #expect(run.error(code, subcode, "x", status: 401).failure?.name == "owner_must_act")
    }

    @Test("A block of the app that one item tells of stops everything")
    func blockedItem() throws {
        var run = try run(pages: ["5", "6"])
        run.answer("{\"5\":{\"id\":\"5\"},\"6\":{\"id\":\"6\"}}")
        let error = item("{\"error\":{\"code\":368,\"message\":\"x\"}}", code: 400)

        let reading = run.answer("[\(item(metaPage())),\(error)]")

        #expect(reading.failure?.name == "throttled")
        #expect(reading.notes.isEmpty)
    }

    @Test("A page that fails again and again becomes a chunk of its own, and that one may fail")
    func apart() throws {
        let outage = item("{\"error\":{\"code\":2,\"message\":\"x\"}}", code: 500)
        var both = try run(pages: ["5", "6"])
        both.keepsakes = ["page:5": Secret("a"), "page:6": Secret("b")]

        var reading = both.answer("[\(item(metaPage())),\(outage)]")
        for _ in 0..<20 where !reading.isFinished { reading = both.answer("[\(outage)]") }

        #expect(reading.finish?.isComplete == false)
        #expect(reading.finish?.follow.map { $0.entities?.ids } == [["6"]])
        var alone = try run(pages: ["6"])
        alone.keepsakes = ["page:6": Secret("b")]
        for _ in 0..<6 { #expect(alone.answer("[\(outage)]").wait != nil) }
        #expect(alone.answer("[\(outage)]").failure?.name == "retry_now")
    }

    @Test("Posts of today try refused fields anew")
    func healing() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("a")]
        run.learned.dropped = ["reactions": "10"]
        #expect(run.parameter("batch")?.contains("reactions") == true)

        run.answer("[\(item(metaPage("{\"id\":\"5_1\"}")))]")

        #expect(run.learned.dropped.isEmpty)
    }

    @Test("A listing that loses its place again and again is given up")
    func lostPlace() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("PT5")]
        let lost = item("{\"error\":{\"code\":2642,\"message\":\"x\"}}", code: 400)

        var rounds = 0
        var reading = run.answer("[\(item(metaPage("{\"id\":\"5_1\"}", after: "A", next: true)))]")
        while !reading.isFinished, rounds < 50 {
            rounds += 1
            let page = item(metaPage("{\"id\":\"5_1\"}", after: "A", next: true))
            reading = run.answer("[\(run.parameter("batch")?.contains("after=A") == true ? lost : page)]")
        }

        #expect(reading.finish?.isComplete == false)
        #expect(rounds < 10)
    }

    @Test("A refused field is dropped once for all pages")
    func fields() throws {
        var run = try run(pages: ["5", "6"])
        run.keepsakes = ["page:5": Secret("a"), "page:6": Secret("b")]
        let error = item("{\"error\":{\"code\":100,\"message\":\"(#100) nonexisting field (reactions)\"}}", code: 400)

        let reading = run.answer("[\(error),\(error)]")

        #expect(reading.kinds == ["field_dropped"])
        #expect(run.parameter("batch")?.contains("reactions") == false)
        #expect(run.learned.dropped["reactions"] != nil)
    }

    @Test("Where batches are refused, one plain call at a time does the same, with the page's token as bearer")
    func plainCalls() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("PT5")]

        #expect(run.error(100, nil, "batches are not supported").isMore)

        #expect(run.path == "/v26.0/5/published_posts")
        #expect(run.call.request.headers[.authorization] == "Bearer PT5")
        #expect(run.answer(metaPage("{\"id\":\"5_1\"}")).rows == 1)
    }

    @Test("A batch that Meta aborts is sent again with half the items")
    func aborted() throws {
        var run = try run(pages: (0..<4).map(String.init))
        for page in 0..<4 { run.keepsakes["page:\(page)"] = Secret("t") }

        #expect(run.error(960).isMore)

        #expect(run.call.weight == 2)
    }

    @Test("A throttled item blocks its limit and is asked for again")
    func throttledItem() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("t")]

        let reading = run.answer("[\(item("{\"error\":{\"code\":32,\"message\":\"x\"}}", code: 400))]")

        #expect(reading.signals == [.blocked(QuotaKey(rawValue: "meta/pages/default"), until: nil)])
        #expect(reading.spent == Spent(throttled: 1))
        #expect(reading.wait != nil)
    }

    @Test("A limit of another use is waited for")
    func foreignLimit() throws {
        var run = try run(pages: ["5"])
        run.keepsakes = ["page:5": Secret("t")]

        let reading = run.answer("[\(item("{\"error\":{\"code\":80004,\"message\":\"x\"}}", code: 400))]")

        #expect(reading.wait == .seconds(300))
        #expect(reading.spent == Spent(throttled: 1))
    }

    @Test("An empty page of pages that leads to itself is asked again, a few times")
    func circularPages() throws {
        var run = try run()

        for _ in 0..<3 { #expect(run.answer(metaPage("", after: "A", next: true)).isMore) }
        run.answer(metaPage("{\"id\":\"5\",\"access_token\":\"T\"}"))
        #expect(run.parameter("batch")?.contains("5/published_posts") == true)

        var lost = try self.run()
        for _ in 0..<10 { lost.answer(metaPage("", after: "A", next: true)) }
        #expect(lost.answer(metaPage("", after: "A", next: true)).failure?.name == "retry_now")
    }

    @Test("Pages that cannot be listed end with a note")
    func noPages() throws {
        var run = try run()

        #expect(run.error(10, nil, "no", status: 403).isMore)
        #expect(run.fields == ["id"])
        let reading = run.error(10, nil, "no", status: 403)

        #expect(reading.finish?.isComplete == false)
        #expect(reading.kinds == ["not_permitted"])
    }
}

extension String {
    /// How often a piece occurs.
    fileprivate func components(of piece: String) -> Int { ranges(of: piece).count }
}
