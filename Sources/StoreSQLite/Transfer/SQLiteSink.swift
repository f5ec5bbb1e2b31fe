import GRDB
import GRDBSQLite
import StoreSQL
package import StoreTransfer
import SyncCore

/// Fills a new file.
package final class SQLiteSink: DatabaseSink {
    private let db: Database
    private var inserting: (table: String, statement: Statement)?
    private var areBeforeCurrencies = false

    init(db: Database) { self.db = db }

    package func prepare(_ layouts: [TableLayout]) throws {
        areBeforeCurrencies = TransferCatalog.areBeforeCurrencies(layouts)
        try db.execute(sql: "DELETE FROM workspaces")
        for layout in layouts where !layout.isControl {
            try DataTables.create(layout.schema, in: db)
            for column in layout.columnsOfBytes {
                try db.execute(
                    sql: "ALTER TABLE \(quoted(layout.name)) ADD COLUMN \(quoted(column)) BLOB")
            }
        }
        for layout in layouts {
            let present = try db.tableExists(layout.name) ? Set(try db.columns(in: layout.name).map(\.name)) : []
            // A schema only ever adds, so what is not here came later.
            if let column = layout.columns.first(where: { !present.contains($0.name) }) {
                throw TransferError.newerRows(table: layout.name, column: column.name)
            }
        }
    }

    package func write(_ batch: RowBatch, of table: TableLayout) throws {
        let statement = try statement(of: table)
        let handle = statement.sqliteStatement
        let binder = SQLiteBinder(db: db, statement: handle)
        try batch.forEach { row in
            try row.forEach { index, value in
                try check(value, table.columns[index], table)
                try binder.bind(value, at: Int32(index + 1))
            }
            let code = sqlite3_step(handle)
            sqlite3_reset(handle)
            guard code == SQLITE_DONE else { throw db.failure(code) }
        }
    }

    /// SQLite's text has four digits for a year.
    private func check(_ value: PackedValue, _ column: TableLayout.Column, _ table: TableLayout) throws {
        let day: CivilDate
        switch value {
        case .day(let days): day = CivilDate(daysSince1970: days)
        case .instant(let moment):
            day = CivilDate(daysSince1970: Int32(clamping: moment / 86_400_000_000))
        default: return
        }
        if (1...9999).contains(day.parts.year) { return }
        throw TransferError.misfit(table: table.name, column: column.name, value: "the year \(day.parts.year)")
    }

    /// Brings rows of an older program to where the steps would have brought them.
    func complete() throws {
        if areBeforeCurrencies { try db.execute(sql: ControlTables.currenciesApart) }
    }

    package func written(_ layouts: [TableLayout]) -> SQLiteSource {
        SQLiteSource(db: db, known: KnownKinds(layouts: layouts))
    }

    private func statement(of table: TableLayout) throws -> Statement {
        if let inserting, inserting.table == table.name { return inserting.statement }
        let names = table.columns.map { quoted($0.name) }.joined(separator: ", ")
        let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
        let made = try db.makeStatement(
            sql: "INSERT INTO \(quoted(table.name)) (\(names)) VALUES (\(marks))")
        inserting = (table.name, made)
        return made
    }
}
