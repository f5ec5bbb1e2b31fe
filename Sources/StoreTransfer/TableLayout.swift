package import SyncCore

/// What a value is, whichever database holds it. SQLite has fewer types: there days, moments and JSON are TEXT and
/// a boolean is 0 or 1.
package enum ValueKind: String, Sendable, Hashable, Codable, CaseIterable {
    case integer, real, boolean, text, json, day, instant, bytes
}

/// A table as it travels from one database to another, or into an archive.
package struct TableLayout: Sendable, Hashable, Codable {
    package struct Column: Sendable, Hashable, Codable {
        package var name: String
        package var kind: ValueKind

        package init(_ name: String, _ kind: ValueKind) {
            self.name = name
            self.kind = kind
        }
    }

    package var name: String
    /// In the order of the values in a row. Columns that the database computes are not among them.
    package var columns: [Column]
    /// The primary key.
    package var key: [String]
    /// One of Sluice's own tables, which every database of this version has; else rows of a stream.
    package var isControl: Bool

    package init(_ name: String, columns: [Column], key: [String], isControl: Bool) {
        self.name = name
        self.columns = columns
        self.key = key
        self.isControl = isControl
    }
}

extension TableLayout {
    /// Columns that the table of every stream has, and no other table.
    private static let marks = ["account_id", "extra", "synced_at"]

    /// Whether a table that is none of ours by its name holds the rows of a stream. Others in the same database are
    /// somebody else's and stay where they are.
    package static func isStream(columns: [String], key: [String]) -> Bool {
        columns.first == "account_id" && key.first == "account_id" && marks.allSatisfy(columns.contains)
    }

    /// The stream that the table is of, from which the other database makes its own. Without columns of bytes, which
    /// no stream has.
    package var schema: StreamSchema {
        let columns = columns.filter { !["extra", "synced_at"].contains($0.name) }
        let platform = name.prefix { $0 != "_" }
        return StreamSchema(
            platform: PlatformID(String(platform)), id: StreamID(String(name.dropFirst(platform.count + 1))),
            stage: "", grain: .entity,
            columns: columns.compactMap { column in
                column.kind.columnType.map { SyncCore.Column(context: column.name, $0) }
            },
            key: key, summary: "")
    }

    /// Columns that `schema` leaves out.
    package var columnsOfBytes: [String] { columns.filter { $0.kind == .bytes }.map(\.name) }
}

extension ValueKind {
    package init(_ type: ColumnType) {
        switch type {
        case .text: self = .text
        case .integer, .money, .minorMoney: self = .integer
        case .real: self = .real
        case .boolean: self = .boolean
        case .date: self = .day
        case .instant: self = .instant
        case .json: self = .json
        }
    }

    fileprivate var columnType: ColumnType? {
        switch self {
        case .integer: .integer
        case .real: .real
        case .boolean: .boolean
        case .text: .text
        case .json: .json
        case .day: .date
        case .instant: .instant
        case .bytes: nil
        }
    }
}
