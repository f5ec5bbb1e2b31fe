package import GRDB
import StoreSQL
package import SyncCore

/// The tables that rows live in, made from the schemas of the streams (design.md, section 5).
///
/// Ordinary tables with a unique index over the key, not `WITHOUT ROWID` ones. A key-ordered table keeps whole
/// rows in every page of its tree, and an ad-insight row with its JSON is about 850 bytes: rows that do not
/// arrive in the order of the key (Meta groups by ad, the key by day) then rewrite many pages for one. Measured
/// in CPU-seconds per million such rows, parsing and writing together, 500 rows a transaction:
///
/// | page size | table | new, by day | new, 28 days by ad | new, any order | unchanged | changed |
/// |---|---|---|---|---|---|---|
/// | 4096 | rowid | 3.9 | 5.4 | 7.6 | 2.1 | 4.9 |
/// | 8192 | without rowid | 4.0 | 9.4 | 44 | 2.1 | 5.0 |
/// | 8192 | rowid | 3.6 | 4.8 | 5.8 | 2.1 | 4.3 |
/// | 16384 | without rowid | 3.6 | 10.7 | 37 | 1.9 | 4.3 |
/// | 16384 | rowid | 2.9 | 4.9 | 5.6 | 2.0 | 3.7 |
package enum DataTables {
    /// Pages of this size cost the fewest bytes of log and the fewest system calls per row; set it before the
    /// file's first table exists.
    package static let pageSize = 16_384

    /// Makes the stream's table, or adds the columns that a newer schema has. Does nothing when the table is
    /// as it should be. Throws `DataTableMismatch` when it cannot be brought there without losing data.
    package static func create(_ schema: StreamSchema, in db: Database) throws {
        let wanted = columns(of: schema)
        guard try db.tableExists(schema.table) else {
            try db.execute(sql: definition(of: schema))
            return
        }
        let present = try db.columns(in: schema.table)
        let types = Dictionary(present.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        let key = try db.primaryKey(schema.table).columns
        guard key == schema.key else {
            throw DataTableMismatch(
                table: schema.table,
                reason: "its key is (\(key.joined(separator: ", "))), not (\(schema.key.joined(separator: ", ")))")
        }
        for column in wanted {
            guard let type = types[column.name] else {
                try db.execute(
                    sql: "ALTER TABLE \(quoted(schema.table)) ADD COLUMN \(quoted(column.name)) \(column.type)")
                continue
            }
            guard type == column.type else {
                throw DataTableMismatch(
                    table: schema.table, reason: "its column \(column.name) is \(type), not \(column.type)")
            }
        }
    }

    /// The statement that makes the stream's table.
    package static func definition(of schema: StreamSchema) -> String {
        let lines = columns(of: schema).map { column in
            let isRequired = schema.key.contains(column.name) || column.name == "synced_at"
            return "    \(quoted(column.name)) \(column.type)\(isRequired ? " NOT NULL" : "")"
        }
        let key = schema.key.map(quoted).joined(separator: ", ")
        return """
            CREATE TABLE \(quoted(schema.table)) (
            \(lines.joined(separator: ",\n")),
                PRIMARY KEY (\(key))
            ) STRICT
            """
    }

    private static func columns(of schema: StreamSchema) -> [(name: String, type: String)] {
        schema.columns.map { ($0.name, $0.type.storedType) } + [("extra", "TEXT"), ("synced_at", "TEXT")]
    }
}

/// A stored table that the program's schema cannot use.
package struct DataTableMismatch: Error, Sendable, Hashable, CustomStringConvertible {
    package let table: String
    package let reason: String
    package var description: String { "The table \(table) does not fit this version: \(reason)" }
}

extension ColumnType {
    /// The type of a STRICT table's column.
    fileprivate var storedType: String {
        switch self {
        case .text, .date, .instant, .json: "TEXT"
        case .integer, .money, .minorMoney, .boolean: "INTEGER"
        case .real: "REAL"
        }
    }
}
