import Exports
import SyncCore
import Wording

extension DataQuery {
    struct Read: Sendable {
        var filter: ExportRequest.Filter
        var shown: Shown
        /// As an address keeps it, whatever the language of who typed it.
        var value: String
    }

    /// `is.status=ACTIVE` and `has.name=shirt`; `least.clicks=100` and `most.spend_micros=5000000` are exact, `over.`
    /// and `under.` are what people type: amounts in units of the currency, with their language's points and commas.
    static func filters(
        _ form: Form, _ schema: StreamSchema, _ measures: Measures, _ account: Account, _ words: Words
    ) throws -> [Read] {
        var found: [Read] = []
        for (field, values) in form.values.sorted(by: { $0.key < $1.key }) {
            guard let dot = field.firstIndex(of: "."), let value = values.last?.trimmed, !value.isEmpty else {
                continue
            }
            let word = String(field[..<dot])
            guard isRelation(word) else { continue }
            let name = String(field[field.index(after: dot)...])
            guard let column = schema.column(name) else { throw WebError.invalid([field: "There is no such column."]) }
            found.append(try read(word, column, value, measures, account, words))
        }
        return found
    }

    private static func isRelation(_ word: String) -> Bool {
        ["is", "has", "least", "most", "over", "under"].contains(word)
    }

    private static func read(
        _ word: String, _ column: Column, _ value: String, _ measures: Measures, _ account: Account, _ words: Words
    ) throws -> Read {
        let label = measures.label(column.name, words)
        let isMoney = column.type == .money || column.type == .minorMoney
        switch word {
        case "is", "has":
            return Read(
                filter: ExportRequest.Filter(column.name, word == "is" ? .equals : .contains, value),
                shown: Shown(
                    name: label, value: word == "is" ? value : "“\(value)”", field: "\(word).\(column.name)"),
                value: value)
        default:
            guard column.type == .integer || isMoney else {
                throw WebError.invalid(["\(word).\(column.name)": "Only numbers are more or less."])
            }
            let isExact = word == "least" || word == "most"
            guard let number = isExact ? Int64(value) : typed(value, isMoney: isMoney, words) else {
                throw WebError.invalid(["\(word).\(column.name)": "A number."])
            }
            let isLeast = word == "least" || word == "over"
            let told = isMoney ? words.money(number, account.currency) : words.number(Int(number))
            return Read(
                filter: ExportRequest.Filter(column.name, isLeast ? .atLeast : .atMost, "\(number)"),
                shown: Shown(
                    name: label,
                    value: isLeast
                        ? words.pick("from \(told)", "từ \(told)") : words.pick("up to \(told)", "đến \(told)"),
                    field: "\(isLeast ? "least" : "most").\(column.name)"), value: "\(number)")
        }
    }

    /// `1,000,000.5` in English, `1.000.000,5` in Vietnamese; nil for what is no number.
    static func typed(_ text: String, isMoney: Bool, _ words: Words) -> Int64? {
        let (group, point): (Character, Character) = words.language == .english ? (",", ".") : (".", ",")
        let plain = String(text.filter { $0 != group && $0 != " " && $0 != "₫" && $0 != "$" && $0 != "\u{A0}" })
            .replacing(String(point), with: ".")
        return isMoney ? Money(plain)?.micros : Int64(plain)
    }
}
