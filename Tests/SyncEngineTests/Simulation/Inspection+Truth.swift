import ConnectorKit
import GRDB
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit

@testable import Connectors
@testable import StoreSQLite

/// Stored rows against the sandbox's truth.
extension Machine {
    private var account: MetaWorld.Account { world.accounts[0] }

    // MARK: Entities

    /// Entities are those that existed all along; those that came or went meanwhile may be there or not.
    func entities(_ db: Database) throws -> [String] {
        var problems: [String] = []
        let end = platformClock.now
        for stream in ["campaigns", "ad_sets", "ads"] {
            let rows = try Row.fetchAll(
                db, sql: "SELECT id, name FROM meta_\(stream) WHERE account_id = ?", arguments: [account.id])
            let stored = Set(rows.map { $0["id"] as String })
            let (early, late, kept) = network.with { sandbox in
                (
                    Set(sandbox.ids(of: stream, at: Machine.beginning, account: account.id)),
                    Set(sandbox.ids(of: stream, at: end, account: account.id, firstSeen: Machine.beginning)),
                    Set(sandbox.ids(of: stream, at: end, account: account.id))
                )
            }
            let missing = early.intersection(kept).subtracting(stored)
            // What an editor deleted takes its children with it.
            let surplus = stored.subtracting(early.union(late))
            if let first = missing.min() {
                problems.append("\(stream): \(missing.count) of \(early.count) are missing, first \(first)")
            }
            if !surplus.isEmpty, diary.deleted.isEmpty {
                problems.append("\(stream): \(surplus.count) are not there in truth")
            }
            problems += names(rows.filter { kept.contains($0["id"]) }, stream)
        }
        return problems
    }

    /// A second sync brings what was edited during the first, but for ads of which nothing but the id can be shown.
    private func names(_ rows: [Row], _ stream: String) -> [String] {
        guard diary.jobs.count > 1 else { return [] }
        let hidden = plan.has(.poisonCreative) && !plan.showsBasics ? plan.poisonedAds.map(String.init) : []
        let renamed = Set(diary.renamed.keys).subtracting(hidden)
        let old = rows.filter { renamed.contains($0["id"]) && !isName($0["name"], of: $0["id"]) }
        return old.isEmpty ? [] : ["\(stream): \(old.count) edited names are not stored"]
    }

    /// What the platform says now: others may have renamed it again. Some of its answers are broken.
    private func isName(_ name: String?, of id: String) -> Bool {
        let now = platformClock.now
        return network.with { sandbox in
            var copy = sandbox
            let request = WireRequest(.get, "/v26.0/\(id)?fields=name&access_token=\(FaultPlan.tokens[0])")
            return (0..<20).contains { _ in
                JSONTree.parse(copy.respond(to: request, at: now).response.body)?["name"]?.string == name
            }
        }
    }

    // MARK: Insights

    /// Rows of days that have settled are those of the platform, one by one; on later days nothing is missing that
    /// was there when the sync began, and nothing is there that was not when it ended.
    func insights(_ db: Database) throws -> [String] {
        guard let job = diary.jobs.first, let last = diary.jobs.last else { return [] }
        let anchors = try [job, last].map { id in
            try String.fetchOne(db, sql: "SELECT anchor_date FROM sync_jobs WHERE id = ?", arguments: [id.value])
        }
        guard let anchor = anchors[1].flatMap({ CivilDate($0) }) else { return ["no job"] }
        let now = platformClock.now
        let settled = anchor.adding(days: -29)
        let (before, after) = network.with { ($0.cells(at: Machine.beginning), $0.cells(at: now)) }
        var problems: [String] = []
        for _ in try String.fetchAll(db, sql: "SELECT text FROM events WHERE kind = 'chunk_started_over'") {
            tally.count("rows_moved_meanwhile")
        }
        for (level, table) in [("campaign", "campaign"), ("adset", "ad_set"), ("ad", "ad")] {
            let found = try compare(
                db, level, table, early: before[level] ?? [:], late: after[level] ?? [:], settled: settled, upTo: anchor
            )
            problems += found.prefix(2)
        }
        return problems
    }

    private func compare(
        _ db: Database, _ level: String, _ table: String, early: [CellKey: MetaSums], late: [CellKey: MetaSums],
        settled: CivilDate, upTo anchor: CivilDate
    ) throws -> [String] {
        var problems: [String] = []
        var stored: Set<CellKey> = []
        let cut = try cutDays(db, of: "\(table)_insights")
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT \(level)_id AS id, date, spend_micros, impressions, clicks, inline_link_clicks, purchases,
                    purchase_value_micros, reach FROM meta_\(table)_insights WHERE account_id = ?
                """, arguments: [account.id])
        while let row = try rows.next() {
            guard let day = CivilDate(row["date"] as String) else { continue }
            let key = CellKey(id: row["id"], day: day)
            stored.insert(key)
            guard let truth = late[key] else {
                if key.id != "vanished" || !cut.contains(where: { $0.contains(day) }) {
                    problems.append("\(level): a row that is not there in truth, \(key)")
                }
                continue
            }
            let wrong = day <= settled ? differences(row, truth, day) : excess(row, early[key] ?? MetaSums(), truth)
            if !wrong.isEmpty { problems.append("\(level): \(key) has a wrong \(wrong.joined(separator: ", "))") }
        }
        let expected = Set(early.keys.filter { $0.day <= anchor }).union(late.keys.filter { $0.day <= settled })
        let missing = expected.subtracting(stored)
        if let first = missing.min() { problems.append("\(level): \(missing.count) rows are missing, first \(first)") }
        return problems
    }

    /// Days that were read in parts by entity or field: no part knows of rows that are in none of them.
    private func cutDays(_ db: Database, of stream: String) throws -> [DayRange] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT DISTINCT start_date, end_date FROM sync_chunks
                WHERE stream = ? AND (entities IS NOT NULL OR fields IS NOT NULL)
                """, arguments: [stream]
        ).compactMap { row in
            guard let first = CivilDate(row[0] as String), let last = CivilDate(row[1] as String) else { return nil }
            return DayRange(first, last)
        }
    }

    private func differences(_ row: Row, _ truth: MetaSums, _ day: CivilDate) -> [String] {
        var expected: [(column: String, field: String, value: Int64)] = [
            ("spend_micros", "spend", truth.spendMicros), ("impressions", "impressions", truth.impressions),
            ("clicks", "clicks", truth.clicks), ("inline_link_clicks", "inline_link_clicks", truth.linkClicks),
            ("purchases", "actions", truth.purchases), ("purchase_value_micros", "action_values", truth.purchaseMicros),
        ]
        let left = leftOut(on: day)
        expected.removeAll { left.contains($0.field) && row[$0.column] as Int64? == nil }
        var wrong = expected.filter { row[$0.column] as Int64? ?? 0 != $0.value }.map(\.column)
        if truth.impressions > 0, row["reach"] as Int64? == nil, !left.contains("reach") { wrong.append("reach") }
        return wrong
    }

    /// Fields that the platform did not give for a day, or not to this token: their cells may be empty.
    private func leftOut(on day: CivilDate) -> Set<String> {
        var fields = Set(world.size.poisons.filter { $0.day == day }.map(\.field))
        if plan.has(.fieldPermission) { fields.formUnion(["reach", "inline_link_clicks"]) }
        return fields
    }

    private func excess(_ row: Row, _ early: MetaSums, _ late: MetaSums) -> [String] {
        let bounds = [
            ("impressions", early.impressions, late.impressions), ("clicks", early.clicks, late.clicks),
        ]
        return bounds.filter { column, low, high in
            let value = row[column] as Int64? ?? 0
            return value < low || value > high
        }.map(\.0)
    }
}

/// An entity on a day.
struct CellKey: Hashable, Comparable, CustomStringConvertible {
    var id: String
    var day: CivilDate

    static func < (left: CellKey, right: CellKey) -> Bool { (left.day, left.id) < (right.day, right.id) }
    var description: String { "\(id) on \(day)" }
}

extension MetaSandbox {
    /// What the first account's reports hold at a moment, by level, entity and day.
    fileprivate func cells(at now: Instant) -> [String: [CellKey: MetaSums]] {
        let account = model.accounts[0]
        let clock = LocalClock(account.zone, at: now)
        var cells: [String: [CellKey: Cell]] = [:]
        for (index, ad) in account.ads.enumerated() {
            let last = min(clock.today, ad.last &+ (account.trails ? Account.longestLag : 0))
            guard ad.first <= last else { continue }
            let ids = [
                ("campaign", Model.id(.campaign, 0, ad.campaign)), ("adset", Model.id(.adSet, 0, ad.adSet)),
                ("ad", Model.id(.ad, 0, index)),
            ]
            for day in ad.first...last {
                let cell = account.cell(ad, day, clock)
                if cell.isEmpty { continue }
                for (level, id) in ids {
                    let key = CellKey(id: String(id), day: CivilDate(daysSince1970: day))
                    cells[level, default: [:]][key, default: Cell()].add(cell)
                }
            }
        }
        return cells.mapValues { $0.mapValues(MetaSums.init) }
    }
}

extension MetaSums {
    fileprivate init(_ cell: MetaSandbox.Cell) {
        self.init()
        spendMicros = cell.spend
        impressions = cell.impressions
        clicks = cell.clicks
        linkClicks = cell.linkClicks
        purchases = cell.pixel + cell.onsite
        purchaseMicros = cell.worthPixel + cell.worthOnsite
    }
}
