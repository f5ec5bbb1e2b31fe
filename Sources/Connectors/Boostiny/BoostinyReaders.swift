import ConnectorKit
import SyncCore

/// A page as it was read.
struct BoostinyPage {
    struct Paging {
        var total: Int
        var size: Int
        /// Nil where the answer does not tell.
        var current: Int?
    }

    var tables: [RowTable]
    var notes: [Note]
    /// Nil where the answer does not tell.
    var paging: Paging?
    /// Rows on the page, those that are no data too.
    var received: Int
    /// A sum over the days that were asked for.
    var hasUndatedRows = false
    /// Of the whole answer.
    var digest: UInt64 = 0
}

/// Reads pages. Clients of Boostiny have met several shapes (platforms.md 5.3): the first that fits counts.
struct BoostinyReaders: Sendable {
    private let readers: [StreamID: RowReader]
    private let ofDay: RowReader
    private static let places = ["payload.data", "payload.rows", "payload.report", "payload.reports", "data"]

    init() {
        readers = Dictionary(uniqueKeysWithValues: BoostinySchemas.all.map { ($0.id, RowReader(schema: $0)) })
        ofDay = RowReader(schema: BoostinySchemas.performanceOfDay)
    }

    /// Nil for an answer without rows in any place.
    func page(_ response: WireResponse, _ work: ChunkWork, isEmbedded: Bool) -> BoostinyPage? {
        guard let place = BoostinyReaders.places.first(where: { hasRows(response.body, at: $0) }) else { return nil }
        var page =
            isEmbedded
            ? embedded(response.body, at: place, work)
            : work.spec.stream == .performance
                ? numbers(response.body, at: place, work) : list(response.body, at: place, work)
        var hash = KeyHash()
        response.body.withUnsafeBytes { hash.add($0) }
        page?.digest = hash.value
        return page
    }

    private func hasRows(_ body: [UInt8], at place: String) -> Bool {
        let context = ["account_id": "", "date": "2000-01-01"]
        return (try? ofDay.read(body, at: .list(place), context: context, currency: "USD")) != nil
    }

    private func read(_ reader: RowReader, _ body: [UInt8], at place: String, _ work: ChunkWork) -> PageRead? {
        var context = ["account_id": work.account.externalID]
        context["date"] = work.spec.days?.first.description
        return try? reader.read(body, at: .list(place), context: context, currency: work.account.currency)
    }

    private func list(_ body: [UInt8], at place: String, _ work: ChunkWork) -> BoostinyPage? {
        guard let reader = readers[work.spec.stream], let page = read(reader, body, at: place, work) else { return nil }
        return BoostinyPage(
            tables: [page.table],
            notes: page.notes(on: work.spec.stream, of: "Boostiny", isFirst: work.cursor == nil),
            paging: paging(page), received: page.table.received + page.table.rejected.count)
    }

    // MARK: Numbers

    /// Members of the key that rows may lack: an absent code is a code of its own, and no reason to lose a row.
    private static let optionalKeys = ["code", "code_id", "country", "customer_type", "order_id", "network_order_id"]

    private func numbers(_ body: [UInt8], at place: String, _ work: ChunkWork) -> BoostinyPage? {
        guard let dated = readers[.performance], let first = read(dated, body, at: place, work) else { return nil }
        let rows = first.table.rejected.filter { !isSummary($0) }
        let isOneDay = work.spec.days?.count == 1
        let undated = rows.filter { JSONTree.parse($0)?["date"]?.string == nil }
        let filled = rows.map(BoostinyReaders.filled)
        let wrapped = Array("{\"payload\":{\"data\":[\(filled.joined(separator: ","))]}}".utf8)
        let reader = isOneDay && !undated.isEmpty ? ofDay : dated
        guard let second = read(reader, wrapped, at: "payload.data", work) else { return nil }
        var notes = second.notes(on: .performance, of: "Boostiny", isFirst: work.cursor == nil)
        notes += first.table.rowCount > 0 ? first.notes(on: .performance, of: "Boostiny", isFirst: false) : []
        notes.removeAll { $0.kind == "row_rejected" && second.table.rejected.isEmpty }
        return BoostinyPage(
            tables: [first.table, second.table].filter { $0.rowCount > 0 }, notes: notes, paging: paging(first),
            received: first.table.received + first.table.rejected.count, hasUndatedRows: !undated.isEmpty)
    }

    /// Sums stand among the rows of some answers (platforms.md 5.4).
    private func isSummary(_ row: String) -> Bool {
        guard let row = JSONTree.parse(row) else { return false }
        if row["report_type"]?.string == "summary" { return true }
        return row["campaign_id"]?.string == nil && (row["period_from"] ?? row["period_to"]) != nil
    }

    /// A row with all members of the key: of two members with one name the first counts.
    private static func filled(_ row: String) -> String {
        let tree = JSONTree.parse(row)
        let missing = optionalKeys.filter { tree?[$0]?.string == nil }.map { "\"\($0)\":\"\"" }
        guard !missing.isEmpty, let brace = row.firstIndex(of: "{") else { return row }
        return "{\(missing.joined(separator: ",")),\(row[row.index(after: brace)...])"
    }

    // MARK: Coupons in programmes

    private func embedded(_ body: [UInt8], at place: String, _ work: ChunkWork) -> BoostinyPage? {
        var tree = JSONTree.parse(body)
        for step in place.split(separator: ".") { tree = tree?[String(step)] }
        guard let campaigns = tree?.items, let reader = readers[.boostinyCoupons] else { return nil }
        let rows = campaigns.flatMap { campaign in
            (campaign["coupons"]?.items ?? []).compactMap { coupon($0, of: campaign) }
        }
        let wrapped = Array("{\"payload\":{\"data\":[\(rows.joined(separator: ","))]}}".utf8)
        guard let page = read(reader, wrapped, at: "payload.data", work), let list = list(body, at: place, work)
        else { return nil }
        return BoostinyPage(tables: [page.table], notes: [], paging: list.paging, received: campaigns.count)
    }

    private func coupon(_ coupon: JSONTree, of campaign: JSONTree) -> String? {
        guard let id = campaign["id"]?.string, let code = (coupon["coupon"] ?? coupon["code"])?.string else {
            return nil
        }
        let texts = [
            ("id", "\(id)/\(code)"), ("campaign_id", id), ("campaign_name", campaign["name"]?.string),
            ("coupon", code), ("start_date", coupon["start_date"]?.string), ("end_date", coupon["end_date"]?.string),
            ("ad_set", coupon["ad_set"]?.string), ("account_manager", coupon["account_manager"]?.string),
        ]
        let countries = (coupon["countries"]?.items ?? []).compactMap(\.string)
        let members = texts.compactMap { name, value in value.map { "\(JSONText.quoted(name)):\(JSONText.quoted($0))" }
        }
        return "{\(members.joined(separator: ",")),\"countries\":\(JSONText.list(countries))}"
    }

    // MARK: Paging

    private func paging(_ page: PageRead) -> BoostinyPage.Paging? {
        let rest = JSONTree.parse(page.rest)
        guard let told = rest?["payload"]?["pagination"] ?? rest?["pagination"], let total = told["total"]?.int,
            let size = told["perPage"]?.int, size > 0
        else { return nil }
        return BoostinyPage.Paging(total: total, size: size, current: told["currentPage"]?.int)
    }
}
