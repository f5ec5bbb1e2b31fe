import Exports
import FoundationEssentials
import SyncCore
import Wording

/// Makes the page from what was read.
struct DataView: Sendable {
    let query: DataQuery
    let streams: [StreamSchema]
    let standing: Standing
    let found: DataDesk.Found
    let words: Words
    let now: Instant

    private var measures: Measures { query.measures }
    private var currency: String { standing.account.currency }
    private var path: String { "/accounts/\(standing.account.id)" }

    func table() -> DataPage.Table {
        let stored = DataQuery.stored(streams)
        let lists = stored.filter { $0.grain != .daily }
        return DataPage.Table(
            levels: levels(stored), lists: menu(lists),
            filters: query.shown.map {
                DataPage.Filter(name: $0.name, value: $0.value, clearHref: query.href($0.field, nil))
            }, filterMenu: filterMenu, keep: kept(query.keeping("text")), text: query.text ?? "",
            isTimeless: measures.day == nil, range: range,
            ranges: ranges, columnMenu: columnMenu, export: export, columns: query.columns.map(head) + ratioHeads,
            rows: rows, sum: sum, isEmpty: found.rows.isEmpty, empty: empty, clearHref: clearHref,
            hasPages: found.hasMore || query.page > 1, pages: pages, note: note, basis: basis)
    }

    /// A part of the table for another page: what it links to is the table's own.
    func excerpt() -> DataPage.Table {
        var table = table()
        let home = "\(path)/data"
        func rebased(_ choices: [DataPage.Choice]) -> [DataPage.Choice] {
            choices.map { DataPage.Choice(href: home + $0.href, label: $0.label, isCurrent: $0.isCurrent) }
        }
        table.levels = rebased(table.levels)
        table.ranges = rebased(table.ranges)
        table.columnMenu = nil
        for index in table.columns.indices { table.columns[index].href = table.columns[index].href.map { home + $0 } }
        for index in table.rows.indices { table.rows[index].href = table.rows[index].href.map { home + $0 } }
        if let rest = rest(home) { table.rows.append(rest) }
        return table
    }

    /// What the rows that are not shown add up to.
    private func rest(_ home: String) -> DataPage.Row? {
        guard found.hasMore, let sums = found.sums, let count = found.count, count <= DataDesk.mostCounted else {
            return nil
        }
        let places = query.columns.filter { measures.sums.contains($0) }
        var left: [String: Int64] = [:]
        for (place, column) in places.enumerated() {
            guard case .integer(let all)? = sums[safe: place] else { continue }
            left[column] = all - found.rows.compactMap { integer($0, column) }.reduce(0, +)
        }
        let (one, vietnamese) = noun
        let more = words.count(count - found.rows.count, "more \(one)", "\(vietnamese) khác")
        return DataPage.Row(
            kind: "rest", href: home + DataQuery.href(query.keeping()),
            name: more,
            cells: query.columns.dropFirst().map { column in
                DataPage.Cell(
                    text: left[column].map { text(.integer($0), column, []) } ?? "—",
                    whole: whole(left[column], column),
                    isSorted: column == query.sort.name)
            } + ratios { left[$0] })
    }

    // MARK: What follows from two columns

    private var performance: StreamSchema.Performance? {
        guard query.view != .rows, measures.currency == nil else { return nil }
        return measures.performance.first { $0.condition == nil && hasAll($0.cost) }
    }

    private func hasAll(_ names: String?...) -> Bool {
        names.allSatisfy { name in name.map { query.columns.contains($0) } ?? false }
    }

    /// What an order costs, and what comes in for what is spent.
    private var ratioHeads: [DataPage.Head] {
        guard let performance else { return [] }
        var heads: [DataPage.Head] = []
        if hasAll(performance.cost, performance.orders) {
            heads.append(
                DataPage.Head(
                    label: words.pick("Cost per order", "Chi phí mỗi đơn") + ", \(words.mark(currency))", isNumber: true
                ))
        }
        if hasAll(performance.cost, performance.revenue) { heads.append(DataPage.Head(label: "ROAS", isNumber: true)) }
        return heads
    }

    private func ratios(_ value: (String) -> Int64?) -> [DataPage.Cell] {
        guard let performance else { return [] }
        let cost = performance.cost.flatMap(value)
        var cells: [DataPage.Cell] = []
        if hasAll(performance.cost, performance.orders) {
            let orders = performance.orders.flatMap(value) ?? 0
            let each = cost.flatMap { $0 >= 0 && orders > 0 ? ($0 + orders / 2) / orders : nil }
            cells.append(DataPage.Cell(text: each.map { words.amount($0, currency) } ?? "—"))
        }
        if hasAll(performance.cost, performance.revenue) {
            let revenue = value(performance.revenue)
            let share = cost.flatMap { cost in revenue.flatMap { words.times($0, of: cost) } }
            cells.append(DataPage.Cell(text: share ?? "—", isStrong: true))
        }
        return cells
    }

    private func kept(_ pairs: [(name: String, value: String)]) -> [DataPage.Kept] {
        pairs.map { DataPage.Kept(key: $0.name, value: $0.value) }
    }

    // MARK: What can be chosen

    private func levels(_ stored: [StreamSchema]) -> [DataPage.Choice] {
        func href(_ stream: StreamID, _ view: DataQuery.View?) -> String {
            var pairs: [(name: String, value: String)] = [("stream", stream.rawValue)]
            if let view { pairs.append(("view", view.rawValue)) }
            // The days stay.
            pairs += query.given.filter { ["from", "to", "days"].contains($0.name) }
            return DataQuery.href(pairs)
        }
        let daily = stored.filter { $0.grain == .daily }
        var levels = daily.map { schema in
            DataPage.Choice(
                href: href(schema.id, nil), label: label(schema),
                isCurrent: schema.id == query.schema.id && query.view == .entities)
        }
        guard let of = daily.first(where: { $0.id == query.schema.id }) ?? daily.first else { return levels }
        if !measures.sums.isEmpty || of.id != query.schema.id {
            levels.append(
                DataPage.Choice(
                    href: href(of.id, .days), label: words.pick("By day", "Theo ngày"),
                    isCurrent: query.view == .days))
        }
        levels.append(
            DataPage.Choice(
                href: href(of.id, .rows), label: words.pick("Row by row", "Từng dòng"),
                isCurrent: of.id == query.schema.id && query.view == .rows))
        return levels
    }

    private func label(_ schema: StreamSchema) -> String {
        switch schema.id.rawValue {
        case "campaign_insights", "campaign_daily": words.pick("By campaign", "Theo chiến dịch")
        case "ad_set_insights": words.pick("By ad set", "Theo nhóm QC")
        case "ad_insights": words.pick("By ad", "Theo quảng cáo")
        default: words.stage(schema.id.rawValue)
        }
    }

    private func menu(_ lists: [StreamSchema]) -> DataPage.Menu? {
        guard !lists.isEmpty else { return nil }
        let chosen = lists.first { $0.id == query.schema.id }
        return DataPage.Menu(
            label: chosen.map { words.stage($0.id.rawValue) } ?? words.pick("Lists", "Danh mục"),
            options: lists.map {
                DataPage.Choice(
                    href: DataQuery.href([("stream", $0.id.rawValue)]), label: words.stage($0.id.rawValue),
                    isCurrent: $0.id == chosen?.id)
            })
    }

    private var filterMenu: [DataPage.Field] {
        func field(_ name: String, _ label: String, _ mode: String) -> DataPage.Field {
            DataPage.Field(label: label, name: name, mode: mode, keep: kept(query.keeping(name)))
        }
        if query.view != .rows {
            return query.columns.filter { measures.sums.contains($0) }.prefix(3).flatMap { column in
                let label = measures.label(column, words)
                return [
                    field("over.\(column)", words.pick("\(label), at least", "\(label), từ"), "decimal"),
                    field("under.\(column)", words.pick("\(label), at most", "\(label), đến"), "decimal"),
                ]
            }
        }
        return query.columns.prefix(6).compactMap { column in
            let label = measures.label(column, words)
            if measures.schema.column(column)?.type == .text { return field("has.\(column)", label, "text") }
            guard measures.isNumber(column), measures.schema.column(column)?.type != .real else { return nil }
            return field("over.\(column)", words.pick("\(label), at least", "\(label), từ"), "decimal")
        }
    }

    private var range: String {
        guard measures.day != nil else { return words.pick("All", "Tất cả") }
        guard let days = query.days else { return words.pick("All days", "Mọi ngày") }
        return words.pick(
            "\(words.day(days.first, today: standing.today)) to \(words.day(days.last, today: standing.today))",
            "\(words.day(days.first, today: standing.today)) đến \(words.day(days.last, today: standing.today))")
    }

    private var ranges: [DataPage.Choice] {
        guard measures.day != nil else { return [] }
        let kept = query.given.filter { !["from", "to", "days"].contains($0.name) }
        func choice(_ word: String, _ label: String) -> DataPage.Choice {
            DataPage.Choice(
                href: DataQuery.href(kept + [("days", word)]), label: label, isCurrent: word == query.rangeWord)
        }
        return NamedRange.allCases.map { choice($0.rawValue, words.days(.named($0)).capitalised) }
            + [choice("all", words.pick("All days", "Mọi ngày"))]
    }

    private var columnMenu: DataPage.Columns? {
        let offered = measures.offered(query.view)
        guard offered.count > 1 else { return nil }
        let on = query.columns.filter { offered.contains($0) }.count
        return DataPage.Columns(
            label: words.pick(
                "Columns, \(words.number(on)) of \(words.number(offered.count))",
                "Cột, \(words.number(on)) trên \(words.number(offered.count))"),
            options: offered.map {
                DataPage.Columns.Option(
                    value: $0, label: measures.label($0, words), isOn: query.columns.contains($0))
            }, keep: kept(query.keeping("column", "sort")))
    }

    private var export: DataPage.Export? {
        // A file has rows, whatever they are about.
        let rows = counted(("row", "dòng"))
        return DataPage.Export(
            action: "\(path)/export", count: words.pick("\(rows) by the filter", "\(rows) theo bộ lọc"),
            formats: [("xlsx", "Excel"), ("csv", "CSV"), ("jsonl", "JSON Lines")].map {
                DataPage.Export.Format(value: $0.0, label: $0.1, extension: ".\($0.0)")
            }, keep: kept(query.keeping()))
    }

    // MARK: The table

    private func head(_ column: String) -> DataPage.Head {
        let isSorted = query.sort.name == column
        let isNumber = measures.isNumber(column)
        // Numbers begin with the largest.
        let isDescending = isSorted ? !query.sort.isDescending : isNumber
        var label = measures.label(column, words)
        if measures.isMoney(column), measures.currency == nil { label += ", \(words.mark(currency))" }
        return DataPage.Head(
            label: label,
            href: DataQuery.href(query.keeping("sort") + [("sort", (isDescending ? "-" : "") + column)]),
            isNumber: isNumber, sorted: isSorted ? (query.sort.isDescending ? "descending" : "ascending") : nil,
            arrow: isSorted ? (query.sort.isDescending ? "slow" : "up") : nil)
    }

    private var rows: [DataPage.Row] {
        let top = found.rows.compactMap { row in integer(row, query.sort.name) }.max() ?? 0
        return found.rows.map { row in
            let cells = query.columns.dropFirst().map { cell($0, row, top: top) } + ratios { integer(row, $0) }
            let name = text(query.columns[0], row)
            return DataPage.Row(
                href: href(row), name: name.isEmpty ? "—" : name, brief: brief(row), cells: cells)
        }
    }

    /// The days of what a row is about.
    private func href(_ row: [RowPage.Value]) -> String? {
        guard query.view == .entities, let entity = measures.entity, let place = found.place(entity),
            case .text(let id) = row[place]
        else { return nil }
        let days = query.given.filter { ["from", "to", "days"].contains($0.name) }
        return DataQuery.href(
            [("stream", query.schema.id.rawValue), ("view", DataQuery.View.days.rawValue)] + days
                + [("is.\(entity)", id)])
    }

    /// What a phone shows under the name, beside the sorted column.
    private func brief(_ row: [RowPage.Value]) -> String? {
        let usual = query.columns.dropFirst().filter { $0 != query.sort.name && measures.isNumber($0) }
        // What was sold says more than what was shown.
        let first = [measures.performance.first?.orders, measures.performance.first?.clicks].compactMap(\.self)
        let told = (first.filter(usual.contains) + usual).unique.prefix(2).map {
            "\(text($0, row)) \(measures.label($0, words).lowercased())"
        }
        return told.isEmpty ? nil : told.joined(separator: ", ")
    }

    private func integer(_ row: [RowPage.Value], _ column: String) -> Int64? {
        guard let place = found.place(column), case .integer(let number) = row[place] else { return nil }
        return number
    }

    private func cell(_ column: String, _ row: [RowPage.Value], top: Int64) -> DataPage.Cell {
        let isSorted = column == query.sort.name
        var cell = DataPage.Cell(text: text(column, row), isText: !measures.isNumber(column), isSorted: isSorted)
        if isSorted { cell.whole = whole(integer(row, column), column) }
        if isSorted, top > 0, let number = integer(row, column), number > 0 {
            let share = Double(number) / Double(top) * 100
            cell.share = DataPage.Cell.Share(from: "\(Shapes.n(100 - share))%", width: "\(Shapes.n(share))%")
        }
        return cell
    }

    /// Money with the currency that stands in the heading.
    private func whole(_ amount: Int64?, _ column: String) -> String? {
        measures.isMoney(column) && measures.currency == nil ? amount.map { words.money($0, currency) } : nil
    }

    private func text(_ column: String, _ row: [RowPage.Value]) -> String {
        guard let place = found.place(column), place < row.count else { return "" }
        return text(row[place], column, row)
    }

    private func text(_ value: RowPage.Value, _ column: String, _ row: [RowPage.Value]) -> String {
        switch value {
        case .none: return "—"
        case .integer(let micros) where measures.isMoney(column):
            if let own = measures.currency.flatMap(found.place), case .text(let currency)? = row[safe: own] {
                return words.money(micros, currency)
            }
            return words.amount(micros, currency)
        case .integer(let number): return words.number(Int(number))
        case .real(let number): return words.decimal(number, places: 2)
        case .boolean(let flag): return flag ? words.pick("yes", "có") : words.pick("no", "không")
        case .day(let day): return words.day(day, today: standing.today)
        case .instant(let moment): return words.near(moment, in: standing.zone, now: now)
        case .text(let text): return text.count > 120 ? text.prefix(119) + "…" : text
        }
    }

    private var sum: DataPage.Row? {
        guard let sums = found.sums, found.rows.count > 1 else { return nil }
        let places = query.columns.filter { measures.sums.contains($0) }
        return DataPage.Row(
            name: words.pick("Total, \(counted)", "Tổng, \(counted)"),
            cells: query.columns.dropFirst().map { column in
                let value = places.firstIndex(of: column).flatMap { sums[safe: $0] } ?? .none
                let amount: Int64? = if case .integer(let number) = value { number } else { nil }
                return DataPage.Cell(
                    text: text(value, column, sums), whole: whole(amount, column),
                    isSorted: column == query.sort.name)
            }
                + ratios { name in
                    let place = places.firstIndex(of: name).flatMap { sums[safe: $0] }
                    return if case .integer(let number)? = place { number } else { nil }
                })
    }

    // MARK: Around the table

    /// What a row is.
    private var noun: (String, String) {
        switch query.view {
        case .rows: ("row", "dòng")
        case .days: ("day", "ngày")
        case .entities: words.thing(measures.entity ?? "") ?? ("row", "dòng")
        }
    }

    private var counted: String { counted(noun) }

    private func counted(_ noun: (String, String)) -> String {
        guard let count = found.count else { return words.pick("many rows", "rất nhiều dòng") }
        let (one, vietnamese) = noun
        let rows = words.count(min(count, DataDesk.mostCounted), one, vietnamese)
        return count > DataDesk.mostCounted ? words.pick("more than \(rows)", "hơn \(rows)") : rows
    }

    private var pages: LogsPage.Pages? {
        let first = (query.page - 1) * query.limit
        func href(_ page: Int) -> String {
            DataQuery.href(query.keeping() + (page > 1 ? [("page", "\(page)")] : []))
        }
        let from = words.number(first + 1)
        let to = words.number(first + found.rows.count)
        return LogsPage.Pages(
            hasNewer: query.page > 1, newerHref: href(query.page - 1),
            hasOlder: found.hasMore && query.page < DataQuery.mostPages, olderHref: href(query.page + 1),
            place: words.pick("\(from)–\(to) of \(counted)", "\(from)–\(to) trên \(counted)"))
    }

    private var isFiltered: Bool { query.text != nil || !query.shown.isEmpty }

    private var clearHref: String {
        if found.problem != nil {
            return DataQuery.href([("stream", query.schema.id.rawValue), ("days", "last_7_days")])
        }
        return DataQuery.href(query.given.filter { ["stream", "view", "days", "from", "to"].contains($0.name) })
    }

    private var empty: String {
        if let problem = found.problem { return words.said("\(problem)") }
        if isFiltered { return words.pick("No row matches these filters.", "Không có dòng nào khớp bộ lọc.") }
        return words.pick("No rows of these days yet.", "Chưa có dòng nào của những ngày này.")
    }

    private var note: String {
        guard found.count != 0 else { return "" }
        let states = standing.days
        guard query.schema.grain == .daily, let last = states.lastIndex(of: .settled) else { return counted }
        let fresh = standing.today.adding(days: last + 2 - states.count)
        guard fresh <= standing.today else { return counted }
        let day = words.day(fresh, today: standing.today)
        return words.pick("\(counted). Days from \(day) may still change.", "\(counted). Số từ \(day) còn thay đổi.")
    }

    private var basis: String { AccountPage.basis(standing, words) }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension Words {
    /// An amount without the currency, which stands in the heading.
    func amount(_ micros: Int64, _ currency: String) -> String {
        money(micros, currency).filter { $0.isNumber || $0 == "." || $0 == "," || $0 == "−" }
    }

    /// `4.33`: how many times `whole` an amount is; nil for nothing to compare with.
    func times(_ amount: Int64, of whole: Int64) -> String? {
        guard whole > 0, amount >= 0, amount / whole < 1_000_000 else { return nil }
        let (hundredths, _) = whole.dividingFullWidth(amount.multipliedFullWidth(by: 100))
        return "\(number(Int(hundredths / 100)))\(pick(".", ","))\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    func mark(_ currency: String) -> String {
        switch currency {
        case "VND": "₫"
        case "USD": pick("$", "US$")
        case "EUR": "€"
        default: currency
        }
    }
}
