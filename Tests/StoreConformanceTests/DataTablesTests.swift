import GRDB
import SyncCore
import Testing

@testable import StoreSQLite

@Suite("Tables of streams")
struct DataTablesTests {
    private func stream(_ columns: [Column], key: [String] = ["account_id", "id"]) -> StreamSchema {
        StreamSchema(
            platform: PlatformID("test"), id: StreamID("things"), stage: "things", grain: .entity,
            columns: [Column(context: "account_id", .text), Column("id", .text, "id")] + columns, key: key,
            summary: "")
    }

    @Test("A table is strict, has every type, and its key may not be null")
    func definition() throws {
        let schema = stream([
            Column("d", .date, "d"), Column("t", .instant, "t"), Column("i", .integer, "i"), Column("m", .money, "m"),
            Column("mm", .minorMoney, "mm"), Column("b", .boolean, "b"), Column("r", .real, "r"),
            Column("j", .json, "j"), Column("a \"quoted\" name", .text, "q"),
        ])

        #expect(
            DataTables.definition(of: schema) == """
                CREATE TABLE "test_things" (
                    "account_id" TEXT NOT NULL,
                    "id" TEXT NOT NULL,
                    "d" TEXT,
                    "t" TEXT,
                    "i" INTEGER,
                    "m" INTEGER,
                    "mm" INTEGER,
                    "b" INTEGER,
                    "r" REAL,
                    "j" TEXT,
                    "a ""quoted"" name" TEXT,
                    "extra" TEXT,
                    "synced_at" TEXT NOT NULL,
                    PRIMARY KEY ("account_id", "id")
                ) STRICT
                """)
        try DatabaseQueue().write { db in try DataTables.create(schema, in: db) }
    }

    @Test("A newer schema adds its columns and keeps the rows")
    func newColumns() throws {
        let queue = try DatabaseQueue()
        try queue.write { db in
            try DataTables.create(stream([]), in: db)
            try db.execute(sql: "INSERT INTO test_things (account_id, id, synced_at) VALUES ('1', 'a', 'now')")

            try DataTables.create(stream([Column("size", .integer, "size")]), in: db)
            try DataTables.create(stream([Column("size", .integer, "size")]), in: db)
        }

        let columns = try queue.read { db in try db.columns(in: "test_things").map(\.name) }
        let ids = try queue.read { db in try String.fetchAll(db, sql: "SELECT id FROM test_things WHERE size IS NULL") }
        #expect(columns == ["account_id", "id", "extra", "synced_at", "size"])
        #expect(ids == ["a"])
    }

    @Test("A table with another key or another type is refused by name")
    func mismatches() throws {
        let queue = try DatabaseQueue()
        try queue.write { db in try DataTables.create(stream([Column("size", .integer, "size")]), in: db) }

        #expect(throws: DataTableMismatch(table: "test_things", reason: "its column size is INTEGER, not TEXT")) {
            try queue.write { db in try DataTables.create(stream([Column("size", .text, "size")]), in: db) }
        }
        let otherKey = DataTableMismatch(
            table: "test_things", reason: "its key is (account_id, id), not (account_id)")
        #expect(throws: otherKey) {
            try queue.write { db in try DataTables.create(stream([], key: ["account_id"]), in: db) }
        }
    }
}
