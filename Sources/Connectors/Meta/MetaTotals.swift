import ConnectorKit
import SyncCore

/// Reads what Meta itself says an account has had by day, and the same by campaign, ad set or ad where a gap is
/// searched. Sums of an account hold what its archived and deleted ads had, and no listing does (meta.md 2.3): a search
/// looks at archived and deleted entities in a second pass.
struct MetaTotals: Sendable {
    let task: MetaTask
    let level: MetaLevel

    /// Days of one call. A quarter with today has 92 at most.
    static let plan = ProofPlan(
        mostDays: MetaPlanner.longest, repairMode: MetaMode.sync + MetaMode.archived, mostEntities: 50,
        minorDigits: MetaTask.minorDigits)

    /// Numbers that add up: people reached do not, and actions contain each other (meta.md 3).
    static let columns: [Measure: String] = [.impressions: "impressions", .clicks: "clicks", .cost: "spend_micros"]

    struct Cursor: Codable, Sendable, Equatable {
        /// Figures by day and id: `2026-11-21 23850000000001`.
        var sums: [String: Figures] = [:]
        var position: MetaPosition?
        var isArchived = false
        /// How often the pages were begun anew.
        var restarts = 0
        /// Failures of this very call that may have been a matter of size.
        var tries = 0
    }

    private var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? Cursor() }
    private var days: DayRange { task.work.spec.days ?? DayRange(task.work.anchor) }

    static func schema(_ level: MetaLevel) -> StreamSchema {
        let id = level.column.map { [Column($0, .text, $0)] } ?? []
        return StreamSchema(
            platform: MetaConnector.id, id: .totals, stage: StreamID.totalsStage, grain: .daily,
            columns: [Column(context: "account_id", .text), Column("date", .date, "date_start")] + id + [
                Column("impressions", .integer, "impressions"), Column("clicks", .integer, "clicks"),
                MetaReport.money("spend", ""),
            ],
            key: ["account_id", "date"] + id.map(\.name), summary: "", isStored: false)
    }

    func call() -> Call {
        let cursor = cursor
        let id = level.column.map { [$0] } ?? []
        let query =
            [
                ("level", level.rawValue),
                ("fields", (id + ["impressions", "clicks", "spend"]).joined(separator: ",")),
                ("time_range", "{\"since\":\"\(days.first)\",\"until\":\"\(days.last)\"}"), ("time_increment", "1"),
            ] + filtering(cursor) + [("limit", String(MetaInsights.pageSize))]
        return task.requests.get(
            "\(MetaID.node(task.work.account.externalID))/insights", cursor.position?.applied(to: query) ?? query,
            MetaInsights.families)
    }

    private func filtering(_ cursor: Cursor) -> [(String, String)] {
        var filters: [String] = []
        if let entities = task.work.spec.entities, let level = MetaLevel.of(column: entities.column) {
            filters.append(filter("\(level.rawValue).id", entities.ids))
        }
        if cursor.isArchived {
            filters.append(filter("\(level.rawValue).effective_status", ["ARCHIVED", "DELETED"]))
        }
        return filters.isEmpty ? [] : [("filtering", "[" + filters.joined(separator: ",") + "]")]
    }

    private func filter(_ field: String, _ values: [String]) -> String {
        "{\"field\":\(JSONText.quoted(field)),\"operator\":\"IN\",\"value\":\(JSONText.list(values))}"
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        var next = cursor
        switch task.page(response) {
        case .error(let error): return refused(error, response, next)
        case .rows(let page, let following):
            take(page.table, &next)
            next.tries = 0
            switch following {
            case .page(let position) where position != next.position:
                next.position = position
                return more(next, response)
            case .page, .lost:
                let cause = Failure.Cause(code: "", "Meta's totals break off: a next page leads nowhere.")
                return task.reading(.failed(.retryNow(cause)), response)
            case .last: break
            }
            guard level == .account || next.isArchived else { return more(archived(next), response) }
            return finished(next, response)
        }
    }

    private func archived(_ cursor: Cursor) -> Cursor {
        var second = cursor
        second.isArchived = true
        second.position = nil
        return second
    }

    private func more(_ cursor: Cursor, _ response: WireResponse) -> Reading {
        task.reading(.more(cursor: CursorText.encode(cursor)), response)
    }

    private func take(_ table: RowTable, _ cursor: inout Cursor) {
        for row in 0..<table.rowCount {
            guard let day = table.text(row, "date") else { continue }
            let id = level.column.flatMap { table.text(row, $0) }
            cursor.sums[id.map { "\(day) \($0)" } ?? day] = table.figures(row, MetaTotals.columns)
        }
    }

    private func finished(_ cursor: Cursor, _ response: WireResponse) -> Reading {
        var reading = task.reading(.finished(.init()), response)
        reading.totals = Totals.of(cursor.sums, Set(MetaTotals.columns.keys))
        return reading
    }

    private func refused(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        switch error.kind {
        case .perhapsTooBig where cursor.tries < 3:
            var again = cursor
            again.tries += 1
            return task.reading(.later(.seconds(2 << cursor.tries), cursor: CursorText.encode(again)), response)
        case .tooBig, .perhapsTooBig:
            if let specs = task.work.spec.halvedByDays {
                return task.reading(.split(specs, reason: "\(days.count) days were too much at once"), response)
            }
        case .badCursor where cursor.position != nil && cursor.restarts < 3:
            var anew = cursor
            anew.position = nil
            anew.restarts += 1
            return more(anew, response)
        case .request, .configuration:
            // Not everybody is told of archived and deleted entities: what is stored of them is not read again then.
            if cursor.isArchived { return finished(cursor, response) }
            return unread(error, response)
        default: break
        }
        if error.kind == .tooBig { return unread(error, response) }
        return task.failed(error, MetaInsights.families, response)
    }

    private func unread(_ error: MetaError, _ response: WireResponse) -> Reading {
        task.reading(.finished(.init(isComplete: false)), response, notes: [.totalsUnread("Meta", error.label)])
    }
}
