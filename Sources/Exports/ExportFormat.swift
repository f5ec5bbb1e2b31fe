/// The form of an exported file.
package enum ExportFormat: Sendable, Hashable {
    /// RFC 4180 in UTF-8. With a mark at its begin (BOM) Excel takes it for UTF-8.
    case csv(mark: Bool)
    /// One JSON object a line.
    case jsonLines
    /// A workbook of Excel 2007 and later.
    case excel

    /// As the command line and addresses name it.
    package init?(_ name: String, mark: Bool = false) {
        switch name.lowercased() {
        case "csv": self = .csv(mark: mark)
        case "jsonl", "ndjson": self = .jsonLines
        case "xlsx": self = .excel
        default: return nil
        }
    }

    package static let names = ["csv", "jsonl", "xlsx"]

    package var fileExtension: String {
        switch self {
        case .csv: "csv"
        case .jsonLines: "jsonl"
        case .excel: "xlsx"
        }
    }

    package var contentType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8"
        case .jsonLines: "application/jsonl"
        case .excel: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    }

    /// A spreadsheet or a text for one: for people, who read amounts in the currency's own unit.
    var isForPeople: Bool { self != .jsonLines }
}
