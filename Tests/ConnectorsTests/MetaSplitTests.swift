import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// A platform that finds every report too big unless a test says otherwise, and knows which ids had rows.
private struct Ladder {
    /// Ads by ad set by campaign.
    var tree: [String: [String: [String]]]
    /// Whether a spec can be answered.
    var fits: (ChunkSpec, _ fields: [String]) -> Bool
    /// Whether ids can be searched at a level.
    var searchable: (String) -> Bool = { _ in true }

    /// What was read in the end, by spec.
    var read: [(spec: ChunkSpec, fields: [String])] = []
    /// Reports that were submitted, and questions for ids.
    var submitted: [[String]] = []
    var searches: [String] = []
    var calls = 0
    var notes: [Note] = []
    var failures: [Failure] = []

    /// Follows a chunk and all that it is split into, to the end.
    mutating func follow(_ first: MetaRun) throws {
        var open = [first.spec]
        var turns = 0
        while let spec = open.popLast() {
            var run = first
            run.spec = spec
            run.cursor = nil
            follow: while true {
                turns += 1
                try #require(turns < 3000)
                let reading = answer(&run)
                notes += reading.notes
                if let specs = reading.split {
                    open += specs
                    break follow
                }
                if let failure = reading.failure { failures.append(failure) }
                if reading.isFinished || reading.failure != nil { break follow }
            }
        }
    }

    private mutating func answer(_ run: inout MetaRun) -> Reading {
        calls += 1
        if run.call.request.method == .post {
            submitted.append(run.fields)
            return run.answer("{\"report_run_id\":\"9\"}")
        }
        if run.path.hasSuffix("/9") {
            let fits = fits(run.spec, lastFields(run))
            return run.answer(
                fits
                    ? "{\"async_status\":\"Job Completed\",\"async_percent_completion\":100}"
                    : "{\"async_status\":\"Job Failed\",\"async_percent_completion\":0,\"error_code\":-3,"
                        + "\"error_subcode\":1504045}")
        }
        if run.path.hasSuffix("/9/insights") {
            read.append((run.spec, lastFields(run)))
            return run.answer(metaPage("{\"ad_id\":\"1\",\"date_start\":\"2026-08-12\"}"))
        }
        guard let level = run.parameter("level"), run.fields.count == 1 else { return run.error(100, 1_487_534) }
        guard run.parameter("time_increment") == nil else {
            // The keys alone, at once.
            guard fits(run.spec, run.fields) else { return run.error(100, 1_487_534) }
            read.append((run.spec, run.fields))
            return run.answer(metaPage("{\"ad_id\":\"1\",\"date_start\":\"2026-08-12\"}"))
        }
        searches.append(run.parameter("limit") ?? "")
        guard searchable(level) else { return run.error(100, 1_487_534) }
        let rows = ids(level, within: run.parameter("filtering")).map { "{\"\(level)_id\":\"\($0)\"}" }
        return run.answer(metaPage(rows.joined(separator: ",")))
    }

    /// The fields of the run that is being read: those of the submission.
    private func lastFields(_ run: MetaRun) -> [String] {
        var submission = run
        let cursor = CursorText.decode(MetaInsights.Cursor.self, run.cursor)
        submission.cursor = cursor.map {
            var without = $0
            without.run = nil
            return CursorText.encode(without)
        }
        return submission.fields
    }

    private func ids(_ level: String, within filter: String?) -> [String] {
        func passes(_ column: String, _ id: String) -> Bool {
            guard let filter, filter.contains("\"\(column).id\"") else { return true }
            return filter.contains("\"\(id)\"")
        }
        var found: [String] = []
        for (campaign, sets) in tree.sorted(by: { $0.key < $1.key }) where passes("campaign", campaign) {
            if level == "campaign" { found.append(campaign) }
            for (set, ads) in sets.sorted(by: { $0.key < $1.key }) where passes("adset", set) {
                if level == "adset" { found.append(set) }
                if level == "ad" { found += ads }
            }
        }
        return found
    }
}

@Suite("Splitting insights of Meta")
struct MetaSplitTests {
    private static let tree = [
        "c1": ["s1": ["a1", "a2", "a3"], "s2": ["a4"]], "c2": ["s3": ["a5"]], "c3": ["s4": ["a6"]],
    ]

    private func run(_ stream: StreamID = .adInsights, days: DayRange = MetaInsightsTests.day) throws -> MetaRun {
        try MetaRun(stream, mode: "report", days: days)
    }

    @Test("Days are cut down to single ones first")
    func days() throws {
        var ladder = Ladder(tree: Self.tree) { spec, _ in spec.days?.count == 1 }

        try ladder.follow(run(days: MetaInsightsTests.week))

        #expect(Set(ladder.read.map { "\($0.spec.days!)" }) == Set(MetaInsightsTests.week.days.map { "\($0)" }))
        #expect(ladder.read.allSatisfy { $0.spec.entities == nil && $0.spec.fields == nil })
    }

    @Test("Then campaigns are halved until each part fits")
    func campaigns() throws {
        var ladder = Ladder(tree: Self.tree) { spec, _ in spec.entities?.ids.count ?? 9 <= 1 }

        try ladder.follow(run())

        #expect(Set(ladder.read.flatMap { $0.spec.entities?.ids ?? [] }) == ["c1", "c2", "c3"])
        #expect(ladder.read.allSatisfy { $0.spec.entities?.column == "campaign_id" })
        #expect(ladder.read.allSatisfy { $0.spec.mode == "report" })
    }

    @Test("Then ad sets, then ads, each within what is left")
    func deeper() throws {
        var ladder = Ladder(tree: Self.tree) { spec, _ in
            guard let entities = spec.entities, entities.ids.count == 1 else { return false }
            return entities.ids != ["c1"] && entities.ids != ["s1"]
        }

        try ladder.follow(run())

        let read = ladder.read.map { "\($0.spec.entities!.column)=\($0.spec.entities!.ids[0])" }
        #expect(
            Set(read) == [
                "campaign_id=c2", "campaign_id=c3", "adset_id=s2", "ad_id=a1", "ad_id=a2", "ad_id=a3",
            ])
        #expect(read.count == 6)
        #expect(ladder.failures.isEmpty)
    }

    @Test("One campaign alone is not halved but looked into")
    func onlyCampaign() throws {
        var ladder = Ladder(tree: ["c1": ["s1": ["a1"], "s2": ["a2"]]]) { spec, _ in spec.entities?.column == "adset_id"
        }

        try ladder.follow(run())

        #expect(Set(ladder.read.flatMap { $0.spec.entities?.ids ?? [] }) == ["s1", "s2"])
    }

    @Test("Rows of campaigns are never split below campaigns: their numbers would be parts")
    func notBelowTheRows() throws {
        var ladder = Ladder(tree: Self.tree) { spec, _ in spec.fields != nil && spec.entities?.ids.count == 1 }

        try ladder.follow(run(.campaignInsights))

        #expect(ladder.read.allSatisfy { $0.spec.entities?.column == "campaign_id" })
        #expect(!ladder.read.isEmpty)
    }

    @Test("Then fields are halved; every part carries the keys and all columns are read")
    func fields() throws {
        var ladder = Ladder(tree: [:]) { _, fields in fields.count <= 5 }

        try ladder.follow(run())

        let columns = ladder.read.flatMap { $0.spec.fields ?? [] }
        let report = MetaReport.builtIn[2]
        #expect(columns.sorted() == report.columns(of: report.metrics).sorted())
        #expect(ladder.read.allSatisfy { $0.fields.contains("ad_id") })
        let actions = try #require(ladder.read.first { $0.fields.contains("actions") })
        #expect(actions.spec.fields?.contains("purchases") == true)
    }

    @Test("A single field that never comes is left out after two tries, and everything else is read")
    func poison() throws {
        var ladder = Ladder(tree: [:]) { _, fields in !fields.contains("reach") }

        try ladder.follow(run())

        let alone = try #require(ladder.read.first { $0.spec.fields == ["reach"] })
        #expect(alone.fields == ["ad_id"])
        #expect(ladder.notes.map(\.kind) == ["field_dropped"])
        #expect(ladder.notes.first?.text.contains("reach") == true)
        #expect(ladder.failures.isEmpty)
        let columns = Set(ladder.read.flatMap { $0.spec.fields ?? [] })
        #expect(columns.contains("spend_micros") && columns.contains("purchases"))
    }

    @Test("The cell of a field that was left out is not written: what is stored there stays")
    func poisonCell() throws {
        var run = try run()
        run.spec.fields = ["reach"]
        run.answer("{\"report_run_id\":\"9\"}")
        run.cursor = CursorText.encode(
            MetaInsights.Cursor(
                way: .report, run: .init(id: "9", submittedAt: 0, movedAt: 0, isDone: true),
                dropped: ["reach"], poisoned: 2))

        let reading = run.answer(metaPage("{\"ad_id\":\"1\",\"date_start\":\"2026-08-12\"}"))

        #expect(reading.tables[0].cell(row: 0, column: "reach") == nil)
        #expect(reading.rows == 1)
        #expect(reading.tables[0].cell(row: 0, column: "impressions") == nil)
        #expect(reading.finish?.isComplete == true)
    }

    @Test("When ids cannot be searched, fields are all that is left")
    func unsearchable() throws {
        var ladder = Ladder(tree: Self.tree, fits: { _, fields in fields.count <= 5 }, searchable: { _ in false })

        try ladder.follow(run())

        #expect(ladder.read.allSatisfy { $0.spec.entities == nil && $0.spec.fields != nil })
        #expect(ladder.failures.isEmpty)
        // The parts by fields do not look for them again, and smaller pages were tried twice.
        #expect(ladder.searches == ["500", "250", "125"])
    }

    @Test("When not even the keys come, the chunk fails as too big, and says so")
    func hopeless() throws {
        var ladder = Ladder(tree: [:]) { _, _ in false }

        try ladder.follow(run())

        #expect(ladder.failures.allSatisfy { $0.name == "too_big" })
        #expect(!ladder.failures.isEmpty)
        #expect(ladder.read.isEmpty)
    }

    @Test("Of a hundred days one that is always too much costs two hundred calls")
    func badDay() throws {
        let days = MetaRun.days(-140, -41)
        let bad = MetaRun.anchor.adding(days: -90)
        var ladder = Ladder(tree: Self.tree, fits: { spec, _ in spec.days?.contains(bad) == false })
        ladder.searchable = { _ in false }

        try ladder.follow(run(days: days))

        #expect(Set(ladder.read.flatMap { $0.spec.days?.days ?? [] }) == Set(days.days).subtracting([bad]))
        // Of n fields: n - 1 parts that are halved are submitted once and looked at once. A field alone is submitted
        // twice, and its keys are asked for twice. The days around cost the rest.
        let fields = MetaReport.builtIn[2].metrics.count
        #expect(ladder.searches.count == 3)
        #expect(ladder.calls <= 2 * (fields - 1) + 6 * fields + 3 + 60)
        #expect(ladder.calls < 200)
        #expect(!ladder.submitted.contains(["ad_id"]))
        #expect(ladder.failures.count == fields)
    }

    @Test("The search for ids has no breakdowns, no days each, and follows its pages")
    func search() throws {
        var run = try run()
        run.answer("{\"report_run_id\":\"9\"}")
        run.answer(
            "{\"async_status\":\"Job Failed\",\"async_percent_completion\":0,\"error_code\":100,"
                + "\"error_subcode\":1487534}")
        #expect(run.call.request.method == .get)
        #expect(run.parameter("limit") == "500")
        #expect(run.parameter("time_increment") == nil)
        #expect(run.parameter("time_range") == "{\"since\":\"2026-08-12\",\"until\":\"2026-08-12\"}")

        #expect(run.answer(metaPage("{\"campaign_id\":1}", after: "A", next: true)).isMore)
        #expect(run.parameter("after") == "A")
        let specs = run.answer(metaPage("{\"campaign_id\":\"2\"},{\"campaign_id\":\"1\"},{\"campaign_id\":\"3\"}"))
            .split

        #expect(specs?.map { $0.entities?.ids ?? [] } == [["1"], ["2", "3"]])
    }

    @Test("Archived entities are searched too, and their parts keep the second pass")
    func archived() throws {
        var run = try MetaRun(.adInsights, mode: "report+archived", days: MetaInsightsTests.day)
        run.answer("{\"report_run_id\":\"9\"}")
        run.answer(
            "{\"async_status\":\"Job Failed\",\"async_percent_completion\":0,\"error_code\":100,"
                + "\"error_subcode\":1487534}")
        run.answer(metaPage("{\"campaign_id\":\"1\"}"))
        #expect(run.parameter("filtering")?.contains("campaign.effective_status") == true)

        let specs = run.answer(metaPage("{\"campaign_id\":\"2\"}")).split

        #expect(specs?.map { $0.entities?.ids ?? [] } == [["1"], ["2"]])
        #expect(specs?.allSatisfy { $0.mode == "report+archived" } == true)
    }

    @Test("A part by entities is filtered by their ids")
    func filter() throws {
        var run = try run()
        run.spec.entities = EntitySet(column: "adset_id", ids: ["5", "6"])

        #expect(
            run.parameter("filtering") == "[{\"field\":\"adset.id\",\"operator\":\"IN\",\"value\":[\"5\",\"6\"]}]")
    }

    @Test("A failed search waits a little and is tried again")
    func flakySearch() throws {
        var run = try run()
        run.answer("{\"report_run_id\":\"9\"}")
        run.answer(
            "{\"async_status\":\"Job Failed\",\"async_percent_completion\":0,\"error_code\":100,"
                + "\"error_subcode\":1487534}")

        #expect(run.error(2, 1_504_044).wait != nil)
        #expect(run.error(17, 2_446_079).failure?.name == "throttled")
        #expect(run.fields == ["campaign_id"])
    }

    @Test("A search whose pages lead nowhere is begun anew, a few times: it says nothing of what there is")
    func circularSearch() throws {
        var run = try run()
        run.answer("{\"report_run_id\":\"9\"}")
        run.answer(
            "{\"async_status\":\"Job Failed\",\"async_percent_completion\":0,\"error_code\":100,"
                + "\"error_subcode\":1487534}")

        for _ in 1...3 {
            run.answer(metaPage("{\"campaign_id\":\"1\"}", after: "A", next: true))
            #expect(run.answer(metaPage("", after: "A", next: true)).wait != nil)
            #expect(run.parameter("after") == nil)
        }
        run.answer(metaPage("{\"campaign_id\":\"2\"}", after: "A", next: true))

        #expect(run.answer(metaPage("", after: "A", next: true)).split?.count == 2)
    }
}
