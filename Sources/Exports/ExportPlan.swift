import StoreTransfer
import SyncCore

/// What is read for a request, and how it stands in the file.
struct ExportPlan: Sendable, Hashable {
    struct Column: Sendable, Hashable {
        let heading: String
        let kind: ValueKind
        /// A whole number of millionths that is written in units of the currency.
        let isDecimal: Bool
    }

    /// In the order of the file. Rows may have more values behind them.
    let columns: [Column]
    let query: RowQuery
    /// Where in a row the currency of its money stands.
    let currency: CurrencySource
    let fileName: String

    enum CurrencySource: Sendable, Hashable {
        /// There is no money in it, or nobody asks.
        case none
        /// In the row.
        case column(Int)
        /// It is the account's, whose id stands there.
        case account(Int, of: PlatformID)
    }

    init(_ request: ExportRequest, of table: ExportTable) throws(ExportError) {
        let chosen = try ExportPlan.chosen(request, table)
        columns = chosen.map { column in
            let heading = table.heading(of: column, in: request.format)
            let isPlain = request.format.isForPeople && !heading.hasSuffix(ExportTable.suffix)
            return Column(heading: heading, kind: column.kind, isDecimal: column.isMoney && isPlain)
        }
        var read = chosen
        // Of all forms only a workbook shows amounts by their currency.
        if request.format == .excel, columns.contains(where: \.isDecimal) {
            if let currency = table.column("currency"), currency.kind == .text {
                self.currency = .column(read.count)
                read.append(currency)
            } else if let platform = table.platform, let account = table.column(table.accountColumn) {
                self.currency = .account(read.count, of: platform)
                read.append(account)
            } else {
                currency = .none
            }
        } else {
            currency = .none
        }
        let layout = TableLayout(table.name, columns: read.map(\.layout), key: table.key, isControl: false)
        var query = RowQuery(
            layout, where: try ExportPlan.conditions(request, table), by: try ExportPlan.order(request, table))
        if let groups = request.groups {
            // Of an account that stands behind the others for its currency each has one.
            let alike = Set(groups + read.dropFirst(chosen.count).map(\.name))
            var totals: [String: RowQuery.Total] = [:]
            for column in read where !alike.contains(column.name) {
                totals[column.name] = column.kind == .integer ? .sum : .last
            }
            query.totals = totals
            // What is added up has no order of its own.
            query.order.removeAll { order in !read.contains { $0.name == order.column.name } }
        }
        query.limit = request.limit
        query.offset = request.offset
        self.query = query
        fileName = ExportPlan.fileName(request)
    }

    private static func column(
        _ name: String, _ request: ExportRequest, _ table: ExportTable
    ) throws(ExportError) -> ExportTable.Column {
        let found = table.column(name) ?? table.columns.first { table.heading(of: $0, in: request.format) == name }
        guard let found else {
            throw .unknownColumn(name, table: table.name, known: table.columns.map(\.name))
        }
        return found
    }

    private static func chosen(
        _ request: ExportRequest, _ table: ExportTable
    ) throws(ExportError) -> [ExportTable.Column] {
        guard !request.columns.isEmpty else { return table.columns }
        var chosen: [ExportTable.Column] = []
        for name in request.columns {
            let column = try column(name, request, table)
            if chosen.contains(column) { throw .repeatedColumn(name) }
            chosen.append(column)
        }
        return chosen
    }

    private static func conditions(
        _ request: ExportRequest, _ table: ExportTable
    ) throws(ExportError) -> [RowQuery.Condition] {
        var conditions: [RowQuery.Condition] = []
        if let platform = request.platform {
            if let column = table.platformColumn.flatMap(table.column) {
                conditions.append(.isOneOf(column.layout, [.text("\(platform)")]))
            } else if let own = table.platform, own != platform {
                throw .otherPlatform(table.name, of: "\(own)")
            }
        }
        if let accounts = request.accounts, let column = table.column(table.accountColumn) {
            if let platform = table.platformColumn.flatMap(table.column) {
                let pairs = accounts.map { [RowQuery.Value.text("\($0.platform)"), .text($0.id)] }
                conditions.append(.areOneOf(platform.layout, column.layout, pairs))
            } else {
                let own = accounts.filter { $0.platform == table.platform }
                conditions.append(.isOneOf(column.layout, own.map { .text($0.id) }))
            }
        }
        if request.from != nil || request.to != nil {
            guard let day = table.dayColumn.flatMap(table.column) else { throw .noDays(table.name) }
            if let from = request.from, let to = request.to, to < from { throw .daysReversed }
            conditions.append(.isOn(day.layout, from: request.from, to: request.to))
        }
        if request.since != nil || request.before != nil {
            guard let moment = table.dayColumn.flatMap(table.column), moment.kind == .instant else {
                throw .noDays(table.name)
            }
            conditions.append(.isBetween(moment.layout, from: request.since, before: request.before))
        }
        for filter in request.filters {
            conditions.append(try condition(filter, try column(filter.column, request, table)))
        }
        return conditions
    }

    private static func condition(
        _ filter: ExportRequest.Filter, _ column: ExportTable.Column
    ) throws(ExportError) -> RowQuery.Condition {
        if filter.relation == .contains {
            guard column.kind == .text || column.kind == .json else { throw .notSearchable(column: column.name) }
            return .contains(column.layout, filter.text)
        }
        func wants(_ what: Int) -> ExportError {
            .notComparable(column: column.name, text: filter.text, wants: ExportError.wants[what])
        }
        if filter.relation == .oneOf {
            let texts = filter.text.split(separator: ",").map(String.init)
            guard column.kind == .text || column.kind == .integer else { throw wants(4) }
            let values = texts.compactMap { text -> RowQuery.Value? in
                column.kind == .text ? .text(text) : Int64(text).map { .integer($0) }
            }
            guard values.count == texts.count else { throw wants(0) }
            return .isOneOf(column.layout, values)
        }
        if filter.relation == .atLeast || filter.relation == .atMost {
            guard column.kind == .integer, let number = Int64(filter.text) else { throw wants(0) }
            return filter.relation == .atLeast
                ? .isWithin(column.layout, least: number, most: nil)
                : .isWithin(column.layout, least: nil, most: number)
        }
        switch column.kind {
        case .text: return .isOneOf(column.layout, [.text(filter.text)])
        case .integer:
            guard let number = Int64(filter.text) else { throw wants(0) }
            return .isOneOf(column.layout, [.integer(number)])
        case .boolean:
            guard let flag = Bool(filter.text) else { throw wants(1) }
            return .isOneOf(column.layout, [.boolean(flag)])
        case .day:
            guard let day = CivilDate(filter.text) else { throw wants(2) }
            return .isOneOf(column.layout, [.day(day)])
        case .instant:
            guard let day = CivilDate(filter.text) else { throw wants(3) }
            return .isOn(column.layout, from: day, to: day)
        case .real, .json, .bytes: throw wants(4)
        }
    }

    private static func order(_ request: ExportRequest, _ table: ExportTable) throws(ExportError) -> [RowQuery.Order] {
        let byKey = table.key.compactMap { table.column($0) }.map { RowQuery.Order($0.layout) }
        switch request.sort {
        case .byKey: return byKey
        case .asStored: return []
        case .by(let columns):
            var order: [RowQuery.Order] = []
            for wanted in columns {
                let column = try column(wanted.name, request, table).layout
                if order.contains(where: { $0.column == column }) { throw .repeatedColumn(wanted.name) }
                order.append(RowQuery.Order(column, isDescending: wanted.isDescending))
            }
            return order + byKey.filter { key in !order.contains { $0.column == key.column } }
        }
    }

    /// `meta_ad_insights_1000001_2026-11-01_2026-11-21.csv`; letters, digits and `._-` only.
    private static func fileName(_ request: ExportRequest) -> String {
        var parts = [request.name ?? request.table]
        if let accounts = request.accounts, accounts.count == 1 { parts += accounts.map(\.id) }
        parts += [request.from, request.to].compactMap { $0.map { "\($0)" } }
        let name = parts.joined(separator: "_").map { character in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                ? character : "-"
        }
        return String(name.prefix(120)) + ".\(request.format.fileExtension)"
    }
}
