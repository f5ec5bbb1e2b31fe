import StoreSQL
package import SyncCore

/// Which rows of a table or a view are read, and in which order: one meaning on all engines.
package struct RowQuery: Sendable, Hashable {
    /// The table or view, with the columns that are read, in the order of the values in a row.
    package var table: TableLayout
    /// All of them hold.
    package var conditions: [Condition]
    /// Empty: as they lie.
    package var order: [Order]
    /// What of rows that are alike in all other columns is told of a column; nil for rows as they are.
    package var totals: [String: Total]?
    /// At most so many rows behind so many others.
    package var limit: Int?
    package var offset = 0

    package init(_ table: TableLayout, where conditions: [Condition] = [], by order: [Order] = []) {
        self.table = table
        self.conditions = conditions
        self.order = order
    }

    /// What several values become.
    package enum Total: Sendable, Hashable {
        /// Of whole numbers.
        case sum
        /// The last one of texts or days.
        case last
    }

    package enum Condition: Sendable, Hashable {
        /// No value is none of any list; an empty list has no rows.
        case isOneOf(TableLayout.Column, [Value])
        /// Both values of one of these pairs at once.
        case areOneOf(TableLayout.Column, TableLayout.Column, [[Value]])
        /// Of a day or an instant, which is that of a day in UTC.
        case isOn(TableLayout.Column, from: CivilDate?, to: CivilDate?)
        /// Of instants: from one on, before another.
        case isBetween(TableLayout.Column, from: Instant?, before: Instant?)
        /// Of whole numbers, both ends included. Of a sum the sum is meant.
        case isWithin(TableLayout.Column, least: Int64?, most: Int64?)
        /// Of texts, upper and lower case being one. SQLite goes by Unicode, PostgreSQL by the database's locale.
        case contains(TableLayout.Column, String)
    }

    package enum Value: Sendable, Hashable {
        case text(String)
        case integer(Int64)
        case boolean(Bool)
        case day(CivilDate)
        case instant(Instant)
    }

    /// Texts byte by byte, whatever the database's language; what has no value comes last.
    package struct Order: Sendable, Hashable {
        package var column: TableLayout.Column
        package var isDescending: Bool

        package init(_ column: TableLayout.Column, isDescending: Bool = false) {
            self.column = column
            self.isDescending = isDescending
        }
    }
}

/// How an engine says the few things in which they differ.
package protocol RowQueryDialect {
    /// A value, as a mark for one that is bound or as a literal.
    mutating func value(_ value: RowQuery.Value) -> String
    /// A text or JSON as something that is compared byte by byte.
    func bytewise(_ column: String, _ kind: ValueKind) -> String
    /// Whether the text of a column has another in it, in any case.
    mutating func contains(_ column: String, _ kind: ValueKind, _ text: String) -> String
}

extension RowQuery {
    /// The statement, `t` being the table.
    package func text(in dialect: inout some RowQueryDialect) -> String {
        let columns = table.columns.map { value(of: $0) }.joined(separator: ", ")
        var text = "SELECT \(columns) FROM \(quoted(table.name)) AS t"
        // Not map, because a dialect may note the values in their order.
        var all: [String] = []
        for condition in conditions where !isOfTotal(condition) { all += self.text(of: condition, in: &dialect) }
        if !all.isEmpty { text += " WHERE \(all.joined(separator: " AND "))" }
        if let totals {
            let alike = table.columns.filter { totals[$0.name] == nil }.map { RowQuery.name($0) }
            if !alike.isEmpty { text += " GROUP BY \(alike.joined(separator: ", "))" }
            all = []
            for condition in conditions where isOfTotal(condition) { all += self.text(of: condition, in: &dialect) }
            if !all.isEmpty { text += " HAVING \(all.joined(separator: " AND "))" }
        }
        let terms = order.map { term(of: $0, in: dialect) }
        if !terms.isEmpty { text += " ORDER BY \(terms.joined(separator: ", "))" }
        if let limit { text += " LIMIT \(limit) OFFSET \(offset)" }
        return text
    }

    private func value(of column: TableLayout.Column) -> String {
        switch totals?[column.name] {
        case nil: RowQuery.name(column)
        // PostgreSQL adds whole numbers up to a type of its own.
        case .sum: "CAST(sum(\(RowQuery.name(column))) AS bigint)"
        case .last: "max(\(RowQuery.name(column)))"
        }
    }

    private func isOfTotal(_ condition: Condition) -> Bool {
        if case .isWithin(let column, _, _) = condition { totals?[column.name] == .sum } else { false }
    }

    private static let lastDay = CivilDate(year: 9999, month: 12, day: 31) ?? CivilDate(daysSince1970: 0)

    private static func name(_ column: TableLayout.Column) -> String { "t.\(quoted(column.name))" }

    private func text(of condition: Condition, in dialect: inout some RowQueryDialect) -> [String] {
        switch condition {
        case .isOneOf(let column, let values):
            guard !values.isEmpty else { return ["1 = 0"] }
            var marks: [String] = []
            for value in values { marks.append(dialect.value(value)) }
            return ["\(RowQuery.name(column)) IN (\(marks.joined(separator: ", ")))"]
        case .areOneOf(let first, let second, let pairs):
            guard !pairs.isEmpty else { return ["1 = 0"] }
            var rows: [String] = []
            for pair in pairs {
                var marks: [String] = []
                for value in pair { marks.append(dialect.value(value)) }
                rows.append("(\(marks.joined(separator: ", ")))")
            }
            return ["(\(RowQuery.name(first)), \(RowQuery.name(second))) IN (VALUES \(rows.joined(separator: ", ")))"]
        case .isOn(let column, let from, let to):
            var parts: [String] = []
            if let from { parts.append("\(RowQuery.name(column)) >= \(dialect.value(.day(from)))") }
            if let to, column.kind == .day { parts.append("\(RowQuery.name(column)) <= \(dialect.value(.day(to)))") }
            // A day is less than each of its moments, as texts too. Behind the last day with four digits there is none.
            if let to, column.kind != .day, to < RowQuery.lastDay {
                parts.append("\(RowQuery.name(column)) < \(dialect.value(.day(to.adding(days: 1))))")
            }
            return parts
        case .isBetween(let column, let from, let before):
            var parts: [String] = []
            if let from { parts.append("\(RowQuery.name(column)) >= \(dialect.value(.instant(from)))") }
            if let before { parts.append("\(RowQuery.name(column)) < \(dialect.value(.instant(before)))") }
            return parts
        case .isWithin(let column, let least, let most):
            var parts: [String] = []
            if let least { parts.append("\(value(of: column)) >= \(dialect.value(.integer(least)))") }
            if let most { parts.append("\(value(of: column)) <= \(dialect.value(.integer(most)))") }
            return parts
        case .contains(let column, let text): return [dialect.contains(RowQuery.name(column), column.kind, text)]
        }
    }

    private func term(of order: Order, in dialect: some RowQueryDialect) -> String {
        let column = dialect.bytewise(value(of: order.column), order.column.kind)
        let direction = order.isDescending ? " DESC" : ""
        // Of a key all values are there, and saying more could keep its index from being used.
        return column + direction + (table.key.contains(order.column.name) ? "" : " NULLS LAST")
    }
}

/// A database as it is at one moment, whose rows are taken a batch at a time: for those who take them slowly, or stop.
///
/// Nobody else waits for it. Everything blocks, and belongs to one thread at a time; only `stop` may be called from
/// any. Errors are `StoreError` or `TransferError`.
package protocol RowSnapshot: AnyObject {
    /// The tables of streams.
    var streams: [TableLayout] { get throws }
    /// Names of all views.
    var views: Set<String> { get throws }

    /// Begins to read, and ends what was read before. Of a table or a column that is not there it throws.
    func open(_ query: RowQuery) throws
    /// Adds rows until the batch has about `size` bytes, or there are no more; false when none was left.
    func read(into batch: inout RowBatch, size: Int) throws -> Bool

    /// Makes what runs now, and what is asked later, end with an error.
    var stop: @Sendable () -> Void { get }
}
