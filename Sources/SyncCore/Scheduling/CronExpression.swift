/// A cron expression: minute, hour, day of month, month, day of week.
///
/// Each field is `*`, a value, a range `a-b` (one that goes past the end goes on at the begin: `fri-mon`, `22-2`), any
/// of these with a step (`*/5`, `10-40/10`; `5/15` is from 5 on), or several with commas. Months and days of the week
/// have names (`jan`, `mon`); 0 and 7 are both Sunday; `L` is the last day of the month. `@hourly`, `@daily`,
/// `@midnight`, `@weekly`, `@monthly`, `@yearly` and `@annually` stand for what they say.
///
/// When day of month and day of week are both given, so that neither is `*`, either is enough, as in cron ever since.
/// A day that a month does not have is left out: `0 6 31 * *` runs in seven months, `0 6 L * *` in all of them.
package struct CronExpression: Sendable, Hashable {
    /// As it was written, without superfluous spaces.
    package let text: String
    let pattern: CalendarPattern

    package enum Field: String, Sendable, Hashable, CaseIterable {
        case minute, hour
        case dayOfMonth = "day of month"
        case month
        case dayOfWeek = "day of week"

        var range: ClosedRange<Int> {
            switch self {
            case .minute: 0...59
            case .hour: 0...23
            case .dayOfMonth: 1...31
            case .month: 1...12
            case .dayOfWeek: 0...7
            }
        }

        /// In the order of their numbers, from the lowest one on.
        fileprivate var names: [String] {
            switch self {
            case .minute, .hour, .dayOfMonth: []
            case .month:
                ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            }
        }

        /// What may stand there, for people.
        package var takes: String {
            switch self {
            case .minute, .hour: "\(range.lowerBound)-\(range.upperBound)"
            case .dayOfMonth: "1-31, L"
            case .month: "1-12, jan-dec"
            case .dayOfWeek: "0-7, sun-sat"
            }
        }
    }

    private static let shorthands = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    package init(_ text: String) throws(RecurrenceError) {
        let words = text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        self.text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let long = words.count == 1 ? CronExpression.shorthands[words[0]] : nil
        let fields = long?.split(separator: " ").map(String.init) ?? words
        guard fields.count == 5 else { throw .fields(fields.count) }
        let minutes = try CronExpression.values(.minute, fields[0])
        let hours = try CronExpression.values(.hour, fields[1])
        let days = try CronExpression.values(.dayOfMonth, fields[2])
        pattern = CalendarPattern(
            months: try CronExpression.values(.month, fields[3]), days: days,
            weekdays: Set(try CronExpression.values(.dayOfWeek, fields[4]).map { $0 % 7 }),
            isEitherDay: fields[2] != "*" && fields[4] != "*",
            minutes: hours.sorted().flatMap { hour in minutes.sorted().map { hour * 60 + $0 } },
            isOfEveryHour: fields[1].hasPrefix("*"))
        if pattern.isNever { throw .never(self.text) }
    }

    /// The last day of the month among the days of one.
    static let lastDay = 0

    private static func values(_ field: Field, _ text: String) throws(RecurrenceError) -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            if field == .dayOfMonth, part == "l" {
                values.insert(lastDay)
            } else {
                guard let some = some(field, part) else { throw .field(field, String(part)) }
                values.formUnion(some)
            }
        }
        return values
    }

    /// One part of a list; nil for what is none.
    private static func some(_ field: Field, _ text: Substring) -> [Int]? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        var step = 1
        if parts.count == 2 {
            guard let given = Int(digits: parts[1].utf8.prefix(4)), given > 0, parts[1].utf8.count <= 4 else {
                return nil
            }
            step = given
        }
        // 7 is another name for 0, so a whole week ends with 6.
        let last = field == .dayOfWeek ? 6 : field.range.upperBound
        if parts[0] == "*" { return Array(stride(from: field.range.lowerBound, through: last, by: step)) }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard let low = ends.first.flatMap({ value(field, $0) }), ends.count <= 2 else { return nil }
        guard ends.count == 2 else {
            return parts.count == 1 ? [low] : Array(stride(from: low, through: max(low, last), by: step))
        }
        guard let high = value(field, ends[1]) else { return nil }
        if low <= high { return Array(stride(from: low, through: high, by: step)) }
        let length = last - field.range.lowerBound + 1
        return stride(from: low, through: high + length, by: step).map { $0 > last ? $0 - length : $0 }
    }

    private static func value(_ field: Field, _ text: Substring) -> Int? {
        if let index = field.names.firstIndex(of: String(text)) { return field.range.lowerBound + index }
        guard text.utf8.count <= 2, let value = Int(digits: text.utf8), field.range.contains(value) else { return nil }
        return value
    }
}
