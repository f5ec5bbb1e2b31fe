import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Listings of Meta")
struct MetaListingTests {
    private static let tooMuch = "Please reduce the amount of data you're asking for, then retry your request"

    @Test("A campaign is read into its columns, budgets as minor units and unknown members into extra")
    func row() throws {
        var run = try MetaRun(.campaigns)

        let reading = run.answer(
            metaPage(
                """
                {"id":"120210000000000001","name":"Spring","daily_budget":"5000","lifetime_budget":700,
                "created_time":"2024-01-01T10:00:00+0700","updated_time":"2026-09-01T00:00:00Z",
                "special_ad_categories":["NONE"],"effective_status":"ACTIVE","is_new":true}
                """))

        #expect(reading.rows == 1)
        #expect(reading.text("account_id") == "1000001")
        #expect(reading.text("id") == "120210000000000001")
        #expect(reading.integer("daily_budget_micros") == 50_000_000)
        #expect(reading.integer("lifetime_budget_micros") == 7_000_000)
        #expect(reading.text("created_time") == "2024-01-01T03:00:00.000Z")
        #expect(reading.text("special_ad_categories") == "[\"NONE\"]")
        #expect(reading.tables[0].unknown == ["is_new"])
        #expect(reading.kinds == ["field_unknown"])
        #expect(reading.finish?.isComplete == true)
    }

    @Test("Currencies without minor units are taken whole")
    func wholeCurrency() throws {
        var run = try MetaRun(.campaigns)
        run.account.currency = "VND"

        let reading = run.answer(metaPage("{\"id\":\"1\",\"daily_budget\":\"200000\"}"))

        #expect(reading.integer("daily_budget_micros") == 200_000_000_000)
    }

    @Test("Ad accounts use the currency of their own row")
    func accountCurrency() throws {
        var run = try MetaRun(.adAccounts)

        let reading = run.answer(
            metaPage(
                "{\"id\":\"act_7\",\"account_id\":\"7\",\"currency\":\"JPY\",\"amount_spent\":\"500\"},"
                    + "{\"id\":\"act_8\",\"account_id\":\"8\",\"currency\":\"EUR\",\"amount_spent\":\"500\"}"))

        #expect(reading.text("account_id") == "7")
        #expect(reading.integer("amount_spent_micros") == 500_000_000)
        #expect(reading.integer("amount_spent_micros", row: 1) == 5_000_000)
    }

    // MARK: Paging

    @Test("A listing goes on while there is a next page, and ends where there is none")
    func paging() throws {
        var run = try MetaRun(.campaigns)

        let first = run.answer(metaPage("{\"id\":\"1\"}", after: "A1", next: true))
        #expect(first.isMore)
        #expect(run.parameter("after") == "A1")
        #expect(run.cursor?.contains("SECRET") == false)
        #expect(!run.call.request.target.contains("SECRET"))

        let last = run.answer(metaPage("{\"id\":\"2\"}", after: "A2"))
        #expect(last.finish?.isComplete == true)
    }

    @Test("An empty page with a next one is no end")
    func emptyPage() throws {
        var run = try MetaRun(.campaigns)

        let reading = run.answer(metaPage(after: "A1", next: true, cursors: false))

        #expect(reading.isMore)
        #expect(run.parameter("after") == "A1")
    }

    @Test("Without cursors the position is taken from the next address, without its token")
    func otherPositions() throws {
        var run = try MetaRun(.campaigns)

        run.answer(
            "{\"data\":[{\"id\":\"1\"}],\"paging\":{\"next\":\"https://x/y?access_token=SECRET&offset=25&limit=25\"}}")

        #expect(run.parameter("offset") == "25")
        #expect(run.parameter("limit") == "200")
        #expect(run.cursor?.contains("SECRET") == false)
    }

    @Test("A next page that leads to itself for ever is an error, not an endless loop")
    func circle() throws {
        var run = try MetaRun(.campaigns)

        var reading = run.answer(metaPage(after: "A1", next: true))
        var turns = 1
        while reading.isMore, turns < 50 {
            reading = run.answer(metaPage(after: "A1", next: true))
            turns += 1
        }

        #expect(reading.failure?.name == "retry_now")
        #expect(turns == 11)
    }

    @Test("A next page without any place is an error")
    func lostPlace() throws {
        var run = try MetaRun(.campaigns)

        let reading = run.answer("{\"data\":[],\"paging\":{\"next\":\"https://x/y?access_token=SECRET\"}}")

        #expect(reading.failure?.name == "retry_now")
    }

    @Test("Only a listing of everything says what is gone")
    func changesAreNotComplete() throws {
        var run = try MetaRun(.campaigns, mode: MetaMode.changed(after: Instant(seconds: 5)))

        let reading = run.answer(metaPage("{\"id\":\"1\"}"))

        #expect(reading.finish?.isComplete == false)
    }

    // MARK: Sizes

    @Test("Too much data halves the page, which is remembered and grows back after ten good pages")
    func halving() throws {
        var run = try MetaRun(.ads)

        run.error(1, nil, Self.tooMuch, status: 500)
        run.error(1, 99, Self.tooMuch, status: 500)
        #expect(run.parameter("limit") == "50")
        #expect(run.learned.pageSize == 50)

        for page in 0..<9 {
            run.answer(metaPage("{\"id\":\"\(page)\"}", after: "A\(page)", next: true))
            #expect(run.parameter("limit") == "50")
        }
        run.answer(metaPage("{\"id\":\"9\"}", after: "A9", next: true))
        #expect(run.parameter("limit") == "200")
        #expect(run.learned.pageSize == nil)
        #expect(run.parameter("after") == "A9")
    }

    @Test("A page size that was learned is used from the first call on")
    func learnedSize() throws {
        var run = try MetaRun(.ads)

        run.learned.pageSize = 25

        #expect(run.parameter("limit") == "25")
    }

    @Test("An unknown error is tried again twice before the page is halved")
    func unknownError() throws {
        var run = try MetaRun(.ads)

        #expect(run.error(1, nil, "An unknown error occurred", status: 500).wait != nil)
        #expect(run.error(1, nil, "An unknown error occurred", status: 500).wait != nil)
        #expect(run.parameter("limit") == "200")
        #expect(run.error(1, nil, "An unknown error occurred", status: 500).isMore)
        #expect(run.parameter("limit") == "100")
    }

    @Test("A row that cannot be shown whole is found by halving and stored with its basics")
    func spoiledRow() throws {
        var run = try MetaRun(.ads)
        while run.fields.contains("creative{id}") { run.error(100, 2_446_289, "Ad Creative Is Incomplete") }

        #expect(run.fields.contains("name") && run.fields.contains("effective_status"))
        #expect(run.parameter("limit") == "1")
        let reading = run.answer(
            metaPage("{\"id\":\"2\",\"name\":\"x\",\"campaign_id\":\"7\"}", after: "A2", next: true))
        #expect(reading.text("name") == "x" && reading.text("campaign_id") == "7")
        #expect(
            reading.notes.map(\.text) == [
                "Meta cannot show the whole row 2 of ads; its name, state and dates are stored."
            ])
        let filled = reading.tables[0].filled.map { reading.tables[0].schema.columns[$0].name }
        #expect(!filled.contains("creative_id") && !filled.contains("bid_amount_micros"))
        #expect(run.fields.contains("creative{id}"))
    }

    @Test("A row that cannot be shown at all is found by halving, stored by its id, told of, and stepped over")
    func poisonRow() throws {
        var run = try MetaRun(.ads)
        run.answer(metaPage("{\"id\":\"1\"}", after: "A1", next: true))

        var calls = 0
        while run.fields != ["id"] {
            run.error(100, 2_446_289, "Ad Creative Is Incomplete")
            calls += 1
            try #require(calls < 20)
        }
        #expect(run.parameter("limit") == "1")
        #expect(run.parameter("after") == "A1")
        #expect(calls == 9)

        let isolated = run.answer(metaPage("{\"id\":\"2\"}", after: "A2", next: true))
        #expect(isolated.kinds == ["row_isolated"])
        #expect(isolated.text("id") == "2")
        #expect(isolated.tables[0].cell(row: 0, column: "name") == nil)
        #expect(run.parameter("after") == "A2")
        #expect(run.learned.pageSize == nil)

        let behind = run.answer(metaPage("{\"id\":\"3\",\"name\":\"x\"}", after: "A3", next: true))
        #expect(behind.text("name") == "x")
        #expect(run.parameter("limit") == "2")
        #expect(run.answer(metaPage("{\"id\":\"4\"}", after: "A4")).finish?.isComplete == true)
    }

    @Test("After a long wait the row is asked for whole again: another may have taken its place")
    func poisonRowLater() throws {
        var run = try MetaRun(.ads)
        while run.fields != ["id"] { run.error(100, 2_446_289, "Ad Creative Is Incomplete") }
        run.now = run.now + .seconds(3600)

        #expect(run.fields.contains("name") && run.parameter("limit") == "1")
        let other = run.answer(metaPage("{\"id\":\"2\",\"name\":\"x\"}", after: "A2", next: true))
        #expect(other.text("name") == "x" && other.kinds.isEmpty)

        run.error(100, 2_446_289, "Ad Creative Is Incomplete")
        while run.fields != ["id"] { run.error(100, 2_446_289, "Ad Creative Is Incomplete") }
        run.now = run.now + .seconds(3600)
        run.error(100, 2_446_289, "Ad Creative Is Incomplete")
        #expect(run.fields.contains("name") && !run.fields.contains("creative{id}"))
    }

    @Test("When not even the id alone can be shown it was no bad row: the page is started over later")
    func notThePoison() throws {
        var run = try MetaRun(.ads)
        while run.fields != ["id"] { run.error(1, nil, Self.tooMuch, status: 500) }

        let reading = run.error(1, nil, Self.tooMuch, status: 500)

        #expect(reading.wait != nil)
        #expect(run.fields.count > 1)
    }

    // MARK: Fields

    @Test("A field that Meta does not know is dropped and told of, and the same page is asked for again")
    func unknownField() throws {
        var run = try MetaRun(.campaigns)
        run.answer(metaPage("{\"id\":\"1\"}", after: "A1", next: true))

        let reading = run.error(
            100, nil, "(#100) Tried accessing nonexisting field (topline_id) on node type (Campaign)")

        #expect(reading.isMore)
        #expect(reading.kinds == ["field_dropped"])
        #expect(!run.fields.contains("topline_id"))
        #expect(run.fields.contains("objective"))
        #expect(run.parameter("after") == "A1")
        #expect(run.learned.dropped == ["topline_id": "100"])
    }

    @Test("When no field is named the known sensitive ones are left out, and told of once that has helped")
    func sensitiveFields() throws {
        var run = try MetaRun(.adAccounts)

        let reading = run.error(200, nil, "(#200) Requires business_management permission to manage the object")

        #expect(reading.isMore && reading.notes.isEmpty && run.learned.dropped.isEmpty)
        #expect(Set(run.fields).isDisjoint(with: MetaFields.sensitive))
        #expect(Set(run.fields).isSuperset(of: ["currency", "user_tasks", "funding_source", "capabilities"]))

        #expect(run.answer(metaPage("{\"id\":\"act_1\",\"account_id\":\"1\"}")).kinds == ["field_dropped"])
        #expect(Set(run.learned.dropped.keys) == MetaFields.sensitive)
    }

    @Test("A refusal in words that nobody knows is taken for one of such a field, too, once that has helped")
    func localised() throws {
        var run = try MetaRun(.adAccounts)

        let reading = run.error(100, nil, "(#100) Thiếu quyền truy cập")

        #expect(reading.isMore && reading.notes.isEmpty && run.learned.dropped.isEmpty)
        #expect(Set(run.fields).isDisjoint(with: MetaFields.sensitive))
        let rows = run.answer(metaPage("{\"id\":\"act_1\",\"account_id\":\"1\"}"))
        #expect(rows.rows == 1 && rows.kinds == ["field_dropped"])
        #expect(run.learned.dropped["owner"] == "100")
    }

    @Test("A list that is refused in such words whatever is asked for ends, and nothing of its fields is remembered")
    func localisedRefusal() throws {
        var run = try MetaRun(.businesses)

        run.error(100, nil, "(#100) Thiếu quyền truy cập")
        let reading = run.error(100, nil, "(#100) Thiếu quyền truy cập")

        #expect(reading.kinds == ["not_permitted"])
        #expect(run.learned.dropped.isEmpty)
    }

    @Test("Pages are read by their names where one of their details is refused without its name")
    func pageDetails() throws {
        var run = try MetaRun(.pages)

        for _ in 0..<3 { #expect(run.error(10, nil, "(#10) needs pages_read_user_content").isMore) }
        #expect(run.fields == ["id", "name", "category", "category_list"])
        let reading = run.answer(metaPage("{\"id\":\"5\",\"name\":\"Shop\"}"))

        #expect(reading.rows == 1 && reading.kinds == ["field_dropped"])
        #expect(run.learned.dropped["overall_star_rating"] == "10")
    }

    @Test("Pages that may not be listed at all end with a note, and nothing of their fields is remembered")
    func pagesRefused() throws {
        var run = try MetaRun(.pages)

        for _ in 0..<3 { run.error(10) }
        let reading = run.error(10)

        #expect(reading.notes.map(\.text) == ["No pages are read: the token lacks pages_show_list (10)."])
        #expect(run.learned.dropped.isEmpty)
    }

    @Test("A list without fields that may be refused fails at once")
    func localisedCampaigns() throws {
        var run = try MetaRun(.campaigns)

        #expect(run.error(100, nil, "(#100) Thiếu quyền truy cập").failure?.name == "permanent_request")
    }

    @Test("When that does not help, all that may need more than reading is left out; then the list is refused")
    func gatedFields() throws {
        var run = try MetaRun(.adAccounts)

        run.error(200, nil, "no")
        #expect(run.error(200, nil, "no").notes.isEmpty)
        #expect(Set(run.fields).isDisjoint(with: MetaFields.gated))
        let reading = run.error(200, nil, "no")

        #expect(reading.kinds == ["not_permitted"])
        #expect(run.learned.dropped.isEmpty)
        #expect(run.path == "/v26.0/me/businesses")
    }

    @Test("A complete listing asks for refused fields anew and forgets them when they come")
    func healing() throws {
        var run = try MetaRun(.campaigns)
        run.learned.dropped = ["topline_id": "100"]
        #expect(run.fields.contains("topline_id"))

        run.answer(metaPage("{\"id\":\"1\"}"))

        #expect(run.learned.dropped.isEmpty)
    }

    @Test("A listing of changes leaves refused fields out")
    func changesRemember() throws {
        var run = try MetaRun(.campaigns, mode: "changed:5")
        run.learned.dropped = ["topline_id": "100"]

        #expect(!run.fields.contains("topline_id"))
    }

    // MARK: Refusals

    @Test(
        "Businesses that may not be read end with a note",
        arguments: [(200, nil), (10, nil), (803, nil), (100, 33)]
            as [(Int, Int?)])
    func optional(code: Int, subcode: Int?) throws {
        var run = try MetaRun(.businesses)

        var reading = run.error(code, subcode, "no", status: code == 803 ? 404 : 403)
        if reading.isMore { reading = run.error(code, subcode, "no") }

        #expect(reading.finish?.isComplete == false)
        #expect(reading.kinds == ["not_permitted"])
    }

    @Test("A missing path of pages ends with a note too, even without an envelope")
    func missingPath() throws {
        var run = try MetaRun(.pages)

        let reading = run.answer("<html>Not Found</html>", status: 404)

        #expect(reading.finish?.isComplete == false)
        #expect(reading.kinds == ["not_permitted"])
    }

    @Test("Campaigns that may not be read fail, naming the scope")
    func required() throws {
        var run = try MetaRun(.campaigns)

        let failure = run.error(200, nil, "(#200) no", status: 403).failure

        #expect(failure?.name == "permanent_configuration")
        #expect(failure?.cause.advice.contains("ads_read") == true)
        #expect(failure?.cause.trace == "A1b2")
    }

    @Test("An invalid cursor starts the listing over, three times at most")
    func invalidCursor() throws {
        var run = try MetaRun(.campaigns)

        for _ in 0..<3 {
            run.answer(metaPage("{\"id\":\"1\"}", after: "A1", next: true))
            #expect(run.error(2642).isMore)
            #expect(run.parameter("after") == nil)
        }
        run.answer(metaPage("{\"id\":\"1\"}", after: "A1", next: true))

        #expect(run.error(100, nil, "(#100) The After Cursor specified exceeds the max limit").failure != nil)
    }

    // MARK: Oddities

    @Test("An error counts although the status is 200 and rows are there")
    func errorWithRows() throws {
        var run = try MetaRun(.campaigns)

        let reading = run.answer("{\"data\":[{\"id\":\"1\"}],\"error\":{\"code\":2,\"message\":\"x\"}}")

        #expect(reading.failure?.name == "retry_now")
        #expect(reading.tables.isEmpty)
    }

    @Test(
        "Answers that are no pages are tried again",
        arguments: ["", "{", "{\"data\":[{\"id\":\"1\"}", "null", "{}", "[]", "<html>", "Service Unavailable"])
    func noPages(body: String) throws {
        var run = try MetaRun(.campaigns)

        #expect(run.answer(body).failure?.name == "retry_now")
    }

    @Test("Rows without an id are left out and told of, unreadable values too")
    func badRows() throws {
        var run = try MetaRun(.campaigns)

        let reading = run.answer(metaPage("{\"name\":\"no id\"},{\"id\":7,\"daily_budget\":\"much\"}"))

        #expect(reading.rows == 1)
        #expect(reading.text("id") == "7")
        #expect(reading.kinds == ["row_rejected", "value_unreadable"])
    }

    @Test("Another version than the one asked for is told once")
    func version() throws {
        var run = try MetaRun(.campaigns)
        let headers = ["facebook-api-version": "v27.0"]

        let first = run.answer(metaPage("{\"id\":\"1\"}", after: "A", next: true), headers: headers)
        let second = run.answer(metaPage("{\"id\":\"1\"}"), headers: headers)

        #expect(first.kinds == ["version"])
        #expect(second.kinds == [])
    }

    @Test("A cursor of another program version starts the chunk over")
    func foreignCursor() throws {
        var run = try MetaRun(.campaigns)

        run.cursor = "{\"page\":3}"

        #expect(run.parameter("after") == nil)
        #expect(run.answer(metaPage("{\"id\":\"1\"}")).isFinished)
    }
}
