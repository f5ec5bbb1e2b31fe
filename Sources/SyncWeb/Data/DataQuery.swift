import Exports
import FoundationEssentials
import SyncCore
import Wording

/// Which rows of an account a visitor wants to see, as the address says it. The page and the export are made from the
/// same request, so a file holds what the page shows.
struct DataQuery: Sendable {
    enum View: String, Sendable, CaseIterable {
        /// Added up by what the rows are about, or by day.
        case entities, days
        case rows
    }

    struct Shown: Sendable, Hashable {
        var name: String
        var value: String
        /// The field of the address that says so.
        var field: String
    }

    let schema: StreamSchema
    let measures: Measures
    let view: View
    /// Nil for all.
    let days: DayRange?
    let rangeWord: String
    /// In their order, the first one names the row.
    let columns: [String]
    let sort: ExportRequest.Sort.Column
    let filters: [ExportRequest.Filter]
    let shown: [Shown]
    let text: String?
    let page: Int
    /// Rows of a page.
    let limit: Int
    /// In the address, without page and order: what other addresses keep.
    private(set) var given: [(name: String, value: String)]

    private static let usualLimit = 50
    /// Behind these nobody looks with their eyes: they are found by a filter, or exported.
    static let mostPages = 100

    /// Throws `WebError.invalid` for what means nothing. `few` rows are an excerpt, of which addresses do not tell.
    init(
        _ form: Form, _ streams: [StreamSchema], _ account: Account, today: CivilDate, _ words: Words, few: Int? = nil
    ) throws {
        let stored = DataQuery.stored(streams)
        guard let first = stored.first else { throw WebError.notFound }
        let wanted = form["stream"]
        guard let schema = wanted.map({ name in stored.first { $0.id.rawValue == name } }) ?? first else {
            throw WebError.notFound
        }
        self.schema = schema
        measures = Measures(schema, streams)
        let usual: View = measures.sums.isEmpty ? .rows : measures.entity == nil ? .days : .entities
        guard let view = form["view"].map({ View(rawValue: $0) }) ?? usual else {
            throw WebError.invalid(["view": "`entities`, `days` or `rows`."])
        }
        self.view = view == .rows || !measures.sums.isEmpty ? view : .rows
        (days, rangeWord) = try DataQuery.range(form, schema, measures, today)
        var given: [(name: String, value: String)] = [("stream", schema.id.rawValue)]
        if view != usual { given.append(("view", view.rawValue)) }
        if form["from"] != nil || form["to"] != nil {
            for name in ["from", "to"] { form[name].map { given.append((name, $0)) } }
        } else if form["days"] != nil {
            given.append(("days", rangeWord))
        }
        columns = try measures.columns(self.view, form.list("column"))
        for name in form.list("column") where columns.contains(name) { given.append(("column", name)) }
        text = form["text"]
        text.map { given.append(("text", $0)) }
        let read = try DataQuery.filters(form, schema, measures, account, words)
        filters = try read.map(\.filter) + DataQuery.search(text, measures, view)
        shown = read.map(\.shown)
        for each in read { given.append((each.shown.field, each.value)) }
        self.given = given
        sort = try DataQuery.sort(form["sort"], self.view, columns, measures)
        page = try form.number("page", 1...DataQuery.mostPages) ?? 1
        limit = try few ?? form.number("limit", 1...200) ?? DataQuery.usualLimit
        if few == nil, limit != DataQuery.usualLimit { self.given.append(("limit", "\(limit)")) }
    }

    /// Streams with a table, those of days first: what they say changes most.
    static func stored(_ streams: [StreamSchema]) -> [StreamSchema] {
        let stored = streams.filter { $0.isStored && !$0.isActing }
        return stored.filter { $0.grain == .daily } + stored.filter { $0.grain != .daily }
    }

    private static func range(
        _ form: Form, _ schema: StreamSchema, _ measures: Measures, _ today: CivilDate
    ) throws -> (DayRange?, String) {
        guard measures.day != nil else { return (nil, "all") }
        if form["from"] != nil || form["to"] != nil {
            let to = try form.day("to") ?? today
            // Of what is stored, as many days as there are.
            return (try AskedDays.ordered(try form.day("from") ?? to, to), "")
        }
        let usual = schema.grain == .daily ? NamedRange.last30Days.rawValue : "all"
        let word = form["days"] ?? usual
        if word == "all" { return (nil, word) }
        guard let range = NamedRange(word: word) else {
            throw WebError.invalid(["days": "A named range, like last_30_days, or all."])
        }
        return (range.days(today: today), range.rawValue)
    }

    private static func sort(
        _ text: String?, _ view: View, _ columns: [String], _ measures: Measures
    ) throws -> ExportRequest.Sort.Column {
        if let text {
            let name = text.hasPrefix("-") ? String(text.dropFirst()) : text
            guard columns.contains(name) else { throw WebError.invalid(["sort": "A column that is shown."]) }
            return ExportRequest.Sort.Column(name, isDescending: text.hasPrefix("-"))
        }
        switch view {
        case .entities:
            let first = columns.first { measures.sums.contains($0) } ?? columns[0]
            return ExportRequest.Sort.Column(first, isDescending: true)
        case .days: return ExportRequest.Sort.Column(columns[0], isDescending: true)
        case .rows:
            // By day the key's index has them in order.
            if let day = measures.day { return ExportRequest.Sort.Column(day, isDescending: true) }
            return ExportRequest.Sort.Column(measures.schema.key.last ?? "account_id")
        }
    }

    /// A number is an id, all else a part of a name.
    private static func search(
        _ text: String?, _ measures: Measures, _ view: View
    ) throws -> [ExportRequest.Filter] {
        guard let text else { return [] }
        if let id = measures.entity, text.utf8.count >= 5, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
            return [ExportRequest.Filter(id, .equals, text)]
        }
        guard let name = measures.name ?? measures.entity else { return [] }
        return [ExportRequest.Filter(name, .contains, text)]
    }

    // MARK: What is asked of the database

    /// Without an account's name nobody else's rows: it is always there.
    func request(_ account: Account, as format: ExportFormat = .jsonLines) -> ExportRequest {
        var request = ExportRequest(
            schema.table, as: format, columns: read,
            accounts: [ExportRequest.Account(account.platform, account.externalID)], from: days?.first,
            to: days?.last, filters: filters, sort: .by([sort]))
        request.groups = groups
        return request
    }

    /// Everything of the account's stream, as it is stored.
    func wholeTable(_ account: Account, as format: ExportFormat) -> ExportRequest {
        ExportRequest(
            schema.table, as: format, accounts: [ExportRequest.Account(account.platform, account.externalID)])
    }

    /// Nil for rows as they are.
    var groups: [String]? {
        let currency = measures.currency.map { [$0] } ?? []
        switch view {
        case .rows: return nil
        case .entities: return (measures.entity.map { [$0] } ?? []) + currency
        case .days: return (measures.day.map { [$0] } ?? []) + currency
        }
    }

    /// The columns that are shown, and those that are needed to show them.
    var read: [String] {
        var read = columns
        let more =
            switch view {
            case .rows: [measures.currency, measures.name ?? measures.entity]
            case .entities: [measures.entity, measures.name, measures.currency]
            case .days: [measures.day, measures.currency]
            }
        for name in more.compactMap(\.self) where !read.contains(name) { read.append(name) }
        return read
    }

    // MARK: Addresses

    /// The same rows with `value` for `name`; without it when that is nil.
    func href(_ name: String, _ value: String?) -> String {
        var pairs = keeping(name)
        if let value { pairs.append((name, value)) }
        return DataQuery.href(pairs)
    }

    /// All that the address says but `name`; the order goes along, the page does not.
    func keeping(_ names: String...) -> [(name: String, value: String)] {
        (given + [("sort", (sort.isDescending ? "-" : "") + sort.name)]).filter { !names.contains($0.name) }
    }

    static func href(_ pairs: [(name: String, value: String)]) -> String {
        "?" + pairs.map { "\($0.name)=\(Renderer.escaped($0.value))" }.joined(separator: "&")
    }
}
