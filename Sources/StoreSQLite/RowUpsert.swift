package import GRDB
import GRDBSQLite
package import StoreSQL
package import SyncCore

/// Writes flat tables into the streams' tables (design.md, section 6). A row whose values did not change is
/// not rewritten, and keeps its `synced_at`.
///
/// A page is one statement: SQLite reads the cells through a virtual table (`RowSource`) and does the rest in
/// its own loop. Compared with binding and stepping row by row this takes 0.4 CPU-seconds less per million
/// rows. Measured and left: a stored hash of each row instead of comparing its columns (0.4 less for unchanged
/// rows, 0.3 more for changed ones, and a column in every table), sorting a page by key (0.2 more for unchanged
/// rows, no gain for new ones), larger caches and longer logs (no gain).
///
/// What does gain is several pages of one chunk in one transaction, when rows arrive in another order than the
/// key's: 28 days grouped by ad cost 4.1 with 500 rows a transaction and 3.3 with 2,000, for the pages of the
/// index go to the log once per transaction.
///
/// One instance belongs to one open database, and works only within its writer: every method takes the
/// `Database` that proves it, which is why sharing it between tasks is safe. Change observers of GRDB are not
/// told of these writes.
package final class RowUpsert: @unchecked Sendable {
    private let source = RowSource()
    private var connection: OpaquePointer?
    private var statements: [Shape: OpaquePointer] = [:]

    package init() {}

    deinit { finish() }

    /// Gives back the prepared statements. Call it within the writer before the database is closed.
    package func finish() {
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
    }

    /// Inserts the rows that are new and updates those that changed: the columns that the table fills and
    /// `synced_at`; `extra` too when the table fills all columns. Of two rows with one key the later one
    /// stays. On an error nothing of the page is written. `keys` are the hashes of the keys where they are known.
    package func upsert(
        _ table: RowTable, keys: [UInt64]? = nil, syncedAt: Instant, in db: Database
    ) throws -> UpsertResult {
        let hashes = keys ?? KeyHash.hashes(of: table)
        guard table.rowCount > 0 else {
            return UpsertResult(received: 0, inserted: 0, changed: 0, unchanged: 0, keyHashes: [])
        }
        let statement = try prepared(for: table, in: db)
        let (written, changed) = try source.withRows(of: table, syncedAt: Array(syncedAt.description.utf8)) {
            let code = sqlite3_step(statement)
            defer { sqlite3_reset(statement) }
            guard code == SQLITE_DONE else { throw failure(code, in: db) }
            return Int(sqlite3_changes(db.sqliteConnection))
        }
        return UpsertResult(
            received: table.rowCount, inserted: written - changed, changed: changed,
            unchanged: table.rowCount - written, keyHashes: hashes)
    }

    /// Tables with the same columns share a statement.
    private struct Shape: Hashable {
        let table: String
        let columns: [String]
    }

    private func prepared(for table: RowTable, in db: Database) throws -> OpaquePointer {
        let shape = Shape(table: table.schema.table, columns: table.filled.map { table.schema.columns[$0].name })
        if connection != db.sqliteConnection {
            precondition(connection == nil, "one upsert belongs to one database")
            try check(source.register(on: db.sqliteConnection), in: db)
            connection = db.sqliteConnection
        }
        if let statement = statements[shape] { return statement }
        let sql = Self.sql(table: shape.table, columns: shape.columns, of: table.schema, source: source)
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(
            db.sqliteConnection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code, in: db) }
        statements[shape] = statement
        return statement
    }

    private static func sql(
        table: String, columns: [String], of schema: StreamSchema, source: RowSource
    ) -> String {
        let name = quoted(table)
        let isWhole = columns.count == schema.columns.count
        let targets = (columns + ["extra", "synced_at"]).map(quoted)
        let values = targets.indices.map { "c\($0)" }
        let compared = columns.filter { !schema.key.contains($0) } + (isWhole ? ["extra"] : [])
        let assignments = compared.map { "\(quoted($0)) = excluded.\(quoted($0))" }
        let differences = compared.map {
            "\(name).\(quoted($0)) IS DISTINCT FROM excluded.\(quoted($0))"
        }
        let update =
            compared.isEmpty
            ? "NOTHING"
            : """
            UPDATE SET \(assignments.joined(separator: ", ")),
            "synced_at" = \(source.changeFunction)(excluded."synced_at")
            WHERE \(differences.joined(separator: " OR "))
            """
        // `WHERE true` keeps the parser from taking ON CONFLICT for the condition of a join.
        return """
            INSERT INTO \(name) (\(targets.joined(separator: ", ")))
            SELECT \(values.joined(separator: ", ")) FROM \(source.module) WHERE true
            ON CONFLICT (\(schema.key.map(quoted).joined(separator: ", "))) DO \(update)
            """
    }

    private func check(_ code: CInt, in db: Database) throws {
        guard code == SQLITE_OK else { throw failure(code, in: db) }
    }

    private func failure(_ code: CInt, in db: Database) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)))
    }
}
