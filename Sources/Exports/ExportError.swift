import StoreTransfer

/// Why there is no export: one sentence for the user.
package enum ExportError: Error, Sendable, Hashable {
    case unknownTable(String, known: [String])
    /// The program knows it, the database has none yet.
    case emptyTable(String, known: [String])
    case unknownColumn(String, table: String, known: [String])
    case repeatedColumn(String)
    case noDays(String)
    case daysReversed
    case otherPlatform(String, of: String)
    case notComparable(column: String, text: String, wants: String)
    case notSearchable(column: String)
    /// So many rows that a page of them would be long in coming.
    case tooSlow
    /// The temporary file that a workbook needs.
    case noTemporaryFile(folder: String, why: String)
    case workbook(String)
}

extension ExportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownTable(let name, let known): "There is no table \(name) to export. \(Self.known(known))"
        case .emptyTable(let name, let known):
            "The database has no \(name) yet: nothing of it was synced. \(Self.known(known))"
        case .unknownColumn(let name, let table, let known):
            "\(table) has no column \(name). Known: \(known.joined(separator: ", "))."
        case .repeatedColumn(let name): "The column \(name) is named twice."
        case .noDays(let table): "The rows of \(table) are not of days: leave out --from and --to."
        case .daysReversed: "The first day comes after the last."
        case .otherPlatform(let table, let platform): "\(table) has rows of \(platform) only."
        case .notComparable(let column, let text, let wants):
            "\(column) cannot be compared with \"\(text)\": it holds \(wants)."
        case .notSearchable(let column): "\(column) holds no text to search; compare it with =."
        case .tooSlow: "These are too many rows to sort at once: choose fewer days, or export them."
        case .noTemporaryFile(let folder, let why):
            "A workbook needs a temporary file, and \(folder) takes none: \(why). Name another folder with TMPDIR."
        case .workbook(let why): "The workbook could not be written: \(why)."
        }
    }

    /// What columns hold that a text cannot be compared with.
    package static let wants = [
        "whole numbers", "true or false", "days like 2026-11-21", "moments; name a day like 2026-11-21",
        "nothing that can be equal; search texts with ~",
    ]

    private static func known(_ names: [String]) -> String {
        names.isEmpty ? "The database has no rows yet." : "Known: \(names.joined(separator: ", "))."
    }
}
