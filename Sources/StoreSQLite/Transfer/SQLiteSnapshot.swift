import GRDB
import GRDBSQLite
import StoreSQL
package import StoreTransfer
package import SyncCore

/// Rows of a file as they were when this was made, beside whoever works on it. The log cannot be emptied before this is
/// gone, so it grows by what is written during that time.
package final class SQLiteSnapshot: RowSnapshot {
    private let path: String
    private let database: DatabaseQueue
    private let known: KnownKinds
    private let sign = StopSign()
    private var running: (statement: Statement, reader: SQLiteRowReader)?

    /// Throws `StoreError` where there is no database, or none of ours.
    package init(_ path: String, knowing schemas: [StreamSchema]) throws {
        self.path = path
        known = KnownKinds(schemas: schemas)
        database = try SQLiteTransfer.mapped(path) {
            guard case .sluice = try DatabaseFile.inspect(path) else { throw StoreError.notADatabase(path) }
            let database = try SQLiteTransfer.reader(of: path, isKept: true)
            try database.writeWithoutTransaction { db in
                db.add(function: SQLiteDialect.folding)
                // Rows that are sorted may be more than fit into memory.
                try db.execute(sql: "PRAGMA temp_store = FILE; BEGIN DEFERRED; SELECT count(*) FROM sqlite_master")
            }
            return database
        }
    }

    deinit {
        database.writeWithoutTransaction { db in
            running = nil
            try? db.execute(sql: "ROLLBACK")
        }
        try? database.close()
    }

    package var streams: [TableLayout] {
        get throws {
            try access { db in try SQLiteCatalog(db: db, known: known).layouts().filter { !$0.isControl } }
        }
    }

    package var views: Set<String> {
        get throws {
            try access { db in Set(try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'view'")) }
        }
    }

    package func open(_ query: RowQuery) throws {
        try access { db in
            running = nil
            var dialect = SQLiteQueryDialect()
            let statement = try db.makeStatement(sql: query.text(in: &dialect))
            let binder = SQLiteBinder(db: db, statement: statement.sqliteStatement)
            for (index, value) in dialect.values.enumerated() { try binder.bind(value, at: Int32(index + 1)) }
            let reader = SQLiteRowReader(table: query.table, statement: statement.sqliteStatement, orderCount: 0)
            running = (statement, reader)
        }
    }

    package func read(into batch: inout RowBatch, size: Int) throws -> Bool {
        try access { db in
            guard case (let statement, var reader)? = running else { return false }
            let before = batch.count
            while batch.bytes.count < size {
                guard try db.step(statement.sqliteStatement) else {
                    running = nil
                    return batch.count > before
                }
                try reader.read(into: &batch)
            }
            running = (statement, reader)
            return true
        }
    }

    package var stop: @Sendable () -> Void {
        { [sign, database] in
            sign.raise()
            database.interrupt()
        }
    }

    private func access<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
        try sign.guarding {
            try SQLiteTransfer.mapped(path) { try database.writeWithoutTransaction(body) }
        }
    }
}

/// SQLite's words for what is asked.
struct SQLiteQueryDialect: RowQueryDialect {
    /// In the order of their marks.
    private(set) var values: [RowQuery.Value] = []

    mutating func value(_ value: RowQuery.Value) -> String {
        values.append(value)
        return "?"
    }

    func bytewise(_ column: String, _ kind: ValueKind) -> String { column }

    mutating func contains(_ column: String, _ kind: ValueKind, _ text: String) -> String {
        "instr(sluice_folded(\(column)), \(value(.text(text.lowercased())))) > 0"
    }
}
