import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Ad accounts of Meta")
struct MetaAccountsTests {
    private func item(_ body: String, code: Int = 200, headers: String = "[]") -> String {
        "{\"code\":\(code),\"headers\":\(headers),\"body\":\(JSONText.quoted(body))}"
    }

    private func row(_ id: Int) -> String { "{\"id\":\"act_\(id)\",\"account_id\":\"\(id)\",\"currency\":\"USD\"}" }

    @Test("The user's accounts come first, then those of the businesses in one batch")
    func union() throws {
        var run = try MetaRun(.adAccounts)
        #expect(run.path == "/v26.0/me/adaccounts")
        #expect(run.answer(metaPage(row(1))).isMore)

        #expect(run.path == "/v26.0/me/businesses")
        #expect(run.fields == ["id"])
        #expect(run.answer(metaPage("{\"id\":\"77\"},{\"id\":\"88\"}")).isMore)

        #expect(run.call.request.method == .post)
        #expect(run.path == "/v26.0/")
        #expect(run.call.weight == 4)
        let batch = try #require(run.parameter("batch"))
        #expect(batch.contains("77/owned_ad_accounts?fields="))
        #expect(batch.contains("88/client_ad_accounts?fields="))

        // One item ran out of time, one has another page.
        let items = [
            item(metaPage(row(2))), "null", item(metaPage(row(3), after: "N", next: true)),
            item("{\"error\":{\"code\":200,\"message\":\"no\"}}", code: 403),
        ]
        let third = run.answer("[\(items.joined(separator: ","))]")
        #expect(third.rows == 2)
        #expect(third.isMore)
        let again = try #require(run.parameter("batch"))
        #expect(again.contains("77/client_ad_accounts"))
        #expect(again.contains("88/owned_ad_accounts") && again.contains("after=N"))
        #expect(!again.contains("77/owned_ad_accounts"))
    }

    @Test("Without businesses the user's accounts are the end")
    func noBusinesses() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))

        #expect(run.answer(metaPage()).finish?.isComplete == true)
    }

    @Test(
        "Businesses that may not be listed leave the user's accounts alone",
        arguments: [(404, "<html>"), (400, "{\"error\":{\"code\":200,\"message\":\"no\"}}"), (404, "{}")])
    func degraded(status: Int, body: String) throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))

        let reading = run.answer(body, status: status)

        #expect(reading.finish?.isComplete == false)
        #expect(reading.failure == nil)
    }

    @Test("A batch that is never finished is given up after a few rounds")
    func endlessBatch() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"}"))

        var rounds = 0
        var reading = run.answer("[null,null]")
        while !reading.isFinished, rounds < 20 {
            rounds += 1
            reading = run.answer("[null,null]")
        }

        #expect(reading.finish?.isComplete == false)
        #expect(rounds < 10)
    }

    @Test(
        "What was not finished is sent again at once where another item was answered, though refused or too big",
        arguments: [
            ("{\"code\":803,\"message\":\"no\"}", 1),
            ("{\"code\":1,\"message\":\"Please reduce the amount of data you're asking for\"}", 2),
        ])
    func unfinished(error: String, items: Int) throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"}"))

        #expect(run.answer("[null,\(item("{\"error\":\(error)}", code: 400))]").isMore)

        #expect(run.call.weight == items)
        #expect(run.answer("[" + Array(repeating: "null", count: items).joined(separator: ",") + "]").wait != nil)
    }

    @Test(
        "A refusal of the token by one item of a batch stops everything, whatever its subcode",
        arguments: [
            (190, 463, "owner_must_act"), (190, 492, "owner_must_act"), (102, nil, "owner_must_act"),
            (368, nil, "throttled"),
        ] as [(Int, Int?, String)])
    func refusedToken(code: Int, subcode: Int?, expected: String) throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"}"))
        let sub = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        let error = item("{\"error\":{\"code\":\(code)\(sub),\"message\":\"x\"}}", code: 400)

        #expect(run.answer("[\(item(metaPage(row(2)))),\(error)]").failure?.name == expected)
    }

    @Test("An empty page that leads to itself is asked again, a few times")
    func circles() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        let circle = metaPage("", after: "A", next: true)

        for _ in 0..<3 { #expect(run.answer(circle).isMore) }
        #expect(run.answer(metaPage("{\"id\":\"77\"}")).isMore)
        #expect(run.answer("[\(item(circle)),\(item(metaPage()))]").isMore)
        for _ in 0..<3 { #expect(run.answer("[\(item(circle))]").isMore) }
        let reading = run.answer("[\(item(metaPage(row(2))))]")
        #expect(reading.rows == 1)
        #expect(reading.finish?.isComplete == true)

        var lost = try MetaRun(.adAccounts)
        lost.answer(metaPage(row(1)))
        for _ in 0..<10 { #expect(lost.answer(circle).isMore) }
        let end = lost.answer(circle)
        #expect(end.finish?.isComplete == false)
        #expect(end.kinds == ["incomplete"])

        var lostItem = try MetaRun(.adAccounts)
        lostItem.answer(metaPage(row(1)))
        lostItem.answer(metaPage("{\"id\":\"77\"}"))
        lostItem.answer("[\(item(circle)),\(item(metaPage()))]")
        for _ in 0..<9 { #expect(lostItem.answer("[\(item(circle))]").isMore) }
        #expect(lostItem.answer("[\(item(circle))]").kinds == ["incomplete"])
    }

    @Test("A limit of another business is waited for, however often it comes, and nothing is left out")
    func foreignLimit() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"}"))
        let error = "{\"error\":{\"code\":80004,\"error_subcode\":2446079,\"message\":\"x\"}}"
        let usage =
            "{\"9\":[{\"type\":\"ads_management\",\"call_count\":100,\"estimated_time_to_regain_access\":5}]}"
        let header = "[{\"name\":\"X-Business-Use-Case-Usage\",\"value\":\(JSONText.quoted(usage))}]"

        let limited = item(error, code: 400, headers: header)
        #expect(run.answer("[\(item(metaPage(row(2)))),\(limited)]").wait == .seconds(300))
        for _ in 0..<20 { #expect(run.answer("[\(item(error, code: 400))]").wait == .seconds(300)) }
        let reading = run.answer("[\(item(metaPage(row(3))))]")

        #expect(reading.finish?.isComplete == true)
        #expect(reading.kinds.isEmpty)
    }

    @Test("A business that refuses is asked for less, then left out and told of; the others keep their fields")
    func refusedBusiness() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"},{\"id\":\"88\"}"))
        let no = item("{\"error\":{\"code\":200,\"message\":\"no\"}}", code: 403)

        #expect(run.answer("[\(no),null,null,null]").spent == Spent(retries: 4))
        let batch = try #require(run.parameter("batch"))
        #expect(batch.ranges(of: "funding_source").count == 6)
        let reading = run.answer("[\(no),\([String](repeating: item(metaPage()), count: 3).joined(separator: ","))]")

        #expect(reading.kinds == ["not_permitted"])
        #expect(reading.spent == Spent())
        #expect(reading.finish?.isComplete == false)
    }

    @Test("A business that refuses in words that nobody knows is asked for less, too, and only once")
    func localisedBusiness() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"}"))
        let no = item("{\"error\":{\"code\":100,\"message\":\"(#100) Thiếu quyền truy cập\"}}", code: 400)

        let first = run.answer("[\(no),\(no)]")
        #expect(first.isMore && first.notes.isEmpty)
        #expect(run.parameter("batch")?.contains("funding_source") == false)
        let second = run.answer("[\(item(metaPage(row(2)))),\(no)]")

        #expect(second.rows == 1 && second.kinds == ["not_permitted"])
        #expect(second.isFinished && run.learned.dropped.isEmpty)
    }

    @Test("A list that is asked for less leaves the other columns as they are")
    func bareColumns() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"}"))
        let no = item("{\"error\":{\"code\":200,\"message\":\"no\"}}", code: 403)

        run.answer("[\(no),\(item(metaPage()))]")
        let table = try #require(run.answer("[\(item(metaPage(row(1))))]").tables.first)

        let names = Set(table.filled.map { table.schema.columns[$0].name })
        #expect(names.isSuperset(of: ["account_id", "id", "currency"]))
        #expect(names.isDisjoint(with: ["owner", "business_id", "business_name", "user_tasks"]))
    }

    @Test("Usage headers inside the batch count")
    func batchHeaders() throws {
        var run = try MetaRun(.adAccounts)
        run.answer(metaPage(row(1)))
        run.answer(metaPage("{\"id\":\"77\"}"))

        let headers = "[{\"name\":\"x-app-usage\",\"value\":\"{\\\"call_count\\\":55}\"}]"
        let reading = run.answer("[\(item(metaPage(row(2)), headers: headers)),\(item(metaPage()))]")

        #expect(reading.signals == [.use(QuotaKey(rawValue: "meta/app/default"), 0.55)])
        #expect(reading.isFinished)
    }
}
