import ConnectorKit
import SyncCore

/// Reads insights of one account: answers that come at once, reports that Meta prepares, and what to do when
/// either is too big (meta.md 3 and 4). The parts are in `MetaInsights+...` files.
struct MetaInsights: Sendable {
    let task: MetaTask
    let report: MetaReport

    /// Rows per page.
    static let pageSize = 500
    static let families: [MetaFamily] = [.account, .app, .insights, .insightsOfApp]

    /// Where a chunk stands. Small, so that it is stored with every batch.
    struct Cursor: Codable, Sendable, Equatable {
        var part = Part.live
        var way: Way
        var position: MetaPosition?
        var size = MetaPageSize()
        /// Failures in a row of this very call.
        var tries = 0
        var circles = 0
        /// How often the pages were begun anew.
        var restarts = 0
        /// How often all was read again because rows seemed to have moved meanwhile.
        var moves = 0
        /// Sums over the rows of both passes, and what that of the first was the time before.
        var rowSum: UInt64 = 0
        var archivedSum: UInt64 = 0
        var rowSumBefore: UInt64?
        /// The time before both passes had the same rows.
        var wasSame = false
        /// Rows of the first pass come in the second, too, and nothing has moved because of that.
        var overlaps = false
        var run: Run?
        /// Runs that were given up since the work last changed its shape.
        var resubmits = 0
        /// Ids are being looked for, to split by them.
        var search: Search?
        /// They were looked for, and there is nothing to split by.
        var hasNoIDs = false
        /// Fields left out: of this one cell because they cannot be computed, or refused altogether.
        var dropped: [String] = []
        /// A single field has failed that often.
        var poisoned = 0
        /// How often the filter of the second pass was refused.
        var filterRefusals = 0

        enum Part: String, Codable, Sendable { case live, archived }
        enum Way: String, Codable, Sendable { case sync, report }
    }

    /// A report run at Meta.
    struct Run: Codable, Sendable, Equatable {
        var id: String
        /// Unix seconds.
        var submittedAt: Int64
        var percent = 0
        /// When the percentage last moved.
        var movedAt: Int64
        var isDone = false
        /// Fields that it was not asked for; what is learned meanwhile changes nothing of its rows.
        var absent: [String]?
    }

    /// A search for the ids of the next level that had rows.
    struct Search: Codable, Sendable, Equatable {
        var level: MetaLevel
        var found: [String] = []
        var position: MetaPosition?
        var limit = MetaInsights.pageSize
        var part = Cursor.Part.live
        /// How often its pages were begun anew.
        var restarts = 0
    }

    var start: Cursor {
        let isReport = task.work.spec.mode.hasPrefix(MetaMode.report)
        // A chunk of today asks at once nevertheless: that is how it is found out that answers come again.
        let isRefused = !heals && task.work.learned.dropped[MetaInsights.answersAtOnce] != nil
        return Cursor(way: isReport || isRefused ? .report : .sync)
    }
    var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? start }

    /// How it is remembered there that not even one day came at once, so that other chunks do not ask.
    static let answersAtOnce = "answers at once"

    // MARK: What is asked for

    /// A chunk that looks at today asks for refused fields anew: a permission may have been granted since.
    var heals: Bool { task.work.spec.days?.contains(task.work.anchor) ?? false }

    /// Metrics of this chunk, in table order.
    var wanted: [String] {
        guard let columns = task.work.spec.fields.map({ Set($0) }) else { return report.metrics }
        return report.metrics.filter { metric in report.columns(of: [metric]).contains(where: columns.contains) }
    }

    func metrics(_ cursor: Cursor) -> [String] {
        var refused = Set(cursor.dropped)
        if !heals { refused.formUnion(task.work.learned.dropped.keys) }
        return wanted.filter { !refused.contains($0) }
    }

    /// Metrics of this chunk that are not asked for: refused, or not to be computed.
    func absent(_ cursor: Cursor) -> [String] {
        let asked = Set(metrics(cursor))
        return wanted.filter { !asked.contains($0) }
    }

    /// The parameters that say which rows and which of their fields.
    func selection(_ cursor: Cursor, asText: ([String]) -> String) -> [(String, String)] {
        let key: [String] = report.level.column.map { [$0] } ?? []
        var items = [("level", report.level.rawValue), ("fields", asText(key + metrics(cursor)))]
        items += range + [("time_increment", "1")]
        if !report.breakdowns.isEmpty { items.append(("breakdowns", asText(report.breakdowns))) }
        if !report.windows.isEmpty { items.append(("action_attribution_windows", JSONText.list(report.windows))) }
        return items + filtering(cursor)
    }

    var range: [(String, String)] {
        guard let days = task.work.spec.days else { return [] }
        return [("time_range", "{\"since\":\"\(days.first)\",\"until\":\"\(days.last)\"}")]
    }

    /// No filter unless the chunk is about some entities, or it is the second pass: a status filter by default
    /// makes totals disagree with Ads Manager (meta.md 0.9).
    func filtering(_ cursor: Cursor) -> [(String, String)] {
        var filters: [String] = []
        if let entities = task.work.spec.entities, let level = MetaLevel.of(column: entities.column) {
            filters.append(filter("\(level.rawValue).id", entities.ids))
        }
        // A search asks for the status of the level that it lists, not of the rows.
        if cursor.search?.part ?? cursor.part == .archived {
            let level = cursor.search?.level ?? report.level
            filters.append(filter("\(level.rawValue).effective_status", statuses(cursor)))
        }
        return filters.isEmpty ? [] : [("filtering", "[" + filters.joined(separator: ",") + "]")]
    }

    private func filter(_ field: String, _ values: [String]) -> String {
        "{\"field\":\(JSONText.quoted(field)),\"operator\":\"IN\",\"value\":\(JSONText.list(values))}"
    }

    // MARK: Calls

    var edge: String { "\(MetaID.node(task.work.account.externalID))/insights" }

    func call() -> Call {
        let cursor = cursor
        if let search = cursor.search { return searchCall(search, cursor) }
        guard cursor.way == .report else {
            let query = selection(cursor) { $0.joined(separator: ",") } + [("limit", limit(cursor))]
            return get(edge, cursor.position?.applied(to: query) ?? query)
        }
        guard let run = cursor.run else {
            return task.requests.post(
                edge, selection(cursor, asText: JSONText.list), MetaInsights.families + [.reports], isWrite: true)
        }
        guard run.isDone else { return get(FormCoding.escape(run.id), []) }
        let query = [("limit", limit(cursor))]
        return get("\(FormCoding.escape(run.id))/insights", cursor.position?.applied(to: query) ?? query)
    }

    func get(_ path: String, _ query: [(String, String)]) -> Call {
        task.requests.get(path, query, MetaInsights.families)
    }

    private func limit(_ cursor: Cursor) -> String {
        String(cursor.size.limit(default: MetaInsights.pageSize, learned: task.work.learned))
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        let cursor = cursor
        var reading = reading(of: response, cursor)
        guard cursor.part == .archived, cursor.way == .sync else { return reading }
        var isSame = false
        if case .finished = reading.next {
            let sum = reading.tables.reduce(cursor.archivedSum) { $0 &+ $1.contentSum }
            isSame = sum != 0 && sum == cursor.rowSum
            // Only a chunk of today comes so far where it is known already.
            if isUseless {
                if isSame { return reading }
                if sum != 0 { reading.learned.append(acceptedPass) }
            }
        }
        if cursor.overlaps { return reading }
        // The places of rows are counted (meta.md 1): one that is archived while its days are paged leaves the first
        // listing, and those behind it move up unseen. It comes again in the second.
        reading.isSecondListing = true
        if cursor.moves < 2, case .finished(var finish) = reading.next {
            var anew = start
            anew.moves = cursor.moves + 1
            anew.rowSumBefore = cursor.rowSum
            anew.wasSame = isSame
            anew.dropped = cursor.dropped
            anew.poisoned = cursor.poisoned
            anew.filterRefusals = cursor.filterRefusals
            finish.startOver = CursorText.encode(anew)
            reading.next = .finished(finish)
        }
        return reading
    }

    private func reading(of response: WireResponse, _ cursor: Cursor) -> Reading {
        if let search = cursor.search { return readSearch(response, cursor, search) }
        guard cursor.way == .report else { return readPage(response, cursor) }
        guard let run = cursor.run else { return readSubmission(response, cursor) }
        return run.isDone ? readPage(response, cursor) : readStatus(response, cursor, run)
    }

    func more(
        _ cursor: Cursor, _ response: WireResponse, tables: [RowTable] = [], notes: [Note] = [],
        learned: [Learned.Change] = []
    ) -> Reading {
        task.reading(
            .more(cursor: CursorText.encode(cursor)), response, tables: tables, notes: notes, learned: learned)
    }

    func later(_ wait: Duration, _ cursor: Cursor, _ response: WireResponse, told: [QuotaSignal] = []) -> Reading {
        task.reading(.later(wait, cursor: CursorText.encode(cursor)), response, told: told)
    }

    func failed(_ error: MetaError, _ response: WireResponse) -> Reading {
        task.failed(error, MetaInsights.families, response)
    }
}
