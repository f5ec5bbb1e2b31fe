import ConnectorKit
import GRDB
import StoreSQL
import SyncCore
import Testing

@testable import StoreSQLite

@Suite("Upserts of rows")
struct RowUpsertTests {
    @Test("New rows are inserted with all their values")
    func inserts() throws {
        let bench = try RowBench()

        let result = try bench.write(
            rowTable(
                insights,
                [
                    ["1", "2026-09-01", "a", "c", 41, 12_370_000, 2.67, #"[{"x":1}]"#, #"{"new":true}"#],
                    ["1", "2026-09-01", "b", nil, nil, nil, nil, nil, nil],
                    ["1", "2026-09-02", "\u{1F600}", "", -1, 0, -0.5, "", nil],
                ]))

        #expect(result.received == 3 && result.inserted == 3 && result.changed == 0 && result.unchanged == 0)
        let rows = try bench.rows("SELECT * FROM test_ad_insights ORDER BY date, ad_id")
        #expect(
            rows == [
                [
                    "account_id": "1", "date": "2026-09-01", "ad_id": "a", "campaign_id": "c", "clicks": 41,
                    "spend_micros": 12_370_000, "ctr": 2.67, "actions": #"[{"x":1}]"#, "extra": #"{"new":true}"#,
                    "synced_at": RowBench.first.description,
                ],
                [
                    "account_id": "1", "date": "2026-09-01", "ad_id": "b", "campaign_id": nil, "clicks": nil,
                    "spend_micros": nil, "ctr": nil, "actions": nil, "extra": nil,
                    "synced_at": RowBench.first.description,
                ],
                [
                    "account_id": "1", "date": "2026-09-02", "ad_id": "\u{1F600}", "campaign_id": "",
                    "clicks": -1, "spend_micros": 0, "ctr": -0.5, "actions": "", "extra": nil,
                    "synced_at": RowBench.first.description,
                ],
            ])
    }

    @Test("A page without any text but empty ones is stored as it is")
    func emptyTexts() throws {
        let bench = try RowBench()

        try bench.write(rowTable(ads, [["", "", 1, nil]]))

        #expect(try bench.strings("SELECT quote(account_id) || quote(id) FROM test_ads") == ["''''"])
    }

    @Test("A text keeps a NUL within it")
    func embeddedNul() throws {
        let bench = try RowBench()

        try bench.write(rowTable(ads, [["1", "a\u{0}b", 1, nil], ["1", "a\u{0}c", 1, nil]]))

        #expect(try bench.strings("SELECT hex(id) FROM test_ads ORDER BY id") == ["610062", "610063"])
    }

    @Test("Unchanged rows are not touched; changed ones are, and say when")
    func changes() throws {
        let bench = try RowBench()
        let days = ["2026-09-01", "2026-09-02"]
        try bench.write(rowTable(insights, RowBench.grid(days: days, ads: ["a", "b", "c"])))

        var rows = RowBench.grid(days: days, ads: ["a", "b", "c", "d"])
        rows[1][4] = 99
        rows[2][7] = nil
        rows[4][8] = #"{"z":1}"#
        let result = try bench.write(rowTable(insights, rows), at: RowBench.later)

        #expect(result.received == 8)
        #expect(result.inserted == 2)
        #expect(result.changed == 3)
        #expect(result.unchanged == 3)
        #expect(
            try bench.strings(
                "SELECT date || ad_id FROM test_ad_insights WHERE synced_at = '\(RowBench.later)' ORDER BY 1")
                == ["2026-09-01b", "2026-09-01c", "2026-09-01d", "2026-09-02a", "2026-09-02d"])
        #expect(try bench.strings("SELECT clicks FROM test_ad_insights WHERE date || ad_id = '2026-09-01b'") == ["99"])
    }

    @Test("NULL and a value differ, an empty text and NULL differ, and equal numbers do not")
    func distinctness() throws {
        let bench = try RowBench()
        func row(_ campaign: Value, _ clicks: Value, _ ctr: Value) -> RowTable {
            rowTable(insights, [["1", "2026-09-01", "a", campaign, clicks, nil, ctr, nil, nil]])
        }
        try bench.write(row(nil, nil, 2.0))

        #expect(try bench.write(row(nil, nil, 2.0)).unchanged == 1)
        #expect(try bench.write(row("", nil, 2.0)).changed == 1)
        #expect(try bench.write(row("", 0, 2.0)).changed == 1)
        #expect(try bench.write(row("", nil, 2.0)).changed == 1)
        #expect(try bench.write(row("", nil, 2.0)).unchanged == 1)
    }

    @Test("A table that fills some columns leaves the others and extra alone")
    func partial() throws {
        let bench = try RowBench()
        try bench.write(rowTable(insights, [["1", "2026-09-01", "a", "c", 1, 2, 3.0, "[1]", #"{"k":1}"#]]))
        let part = ["account_id", "date", "ad_id", "clicks"]

        let result = try bench.write(
            rowTable(
                insights, filled: part,
                [["1", "2026-09-01", "a", 50, #"{"other":1}"#], ["1", "2026-09-01", "b", 60, #"{"first":1}"#]]),
            at: RowBench.later)
        let again = try bench.write(rowTable(insights, filled: part, [["1", "2026-09-01", "a", 50, nil]]))

        #expect(result.inserted == 1 && result.changed == 1)
        #expect(again.unchanged == 1)
        #expect(
            try bench.rows("SELECT campaign_id, clicks, actions, extra FROM test_ad_insights ORDER BY ad_id") == [
                ["campaign_id": "c", "clicks": 50, "actions": "[1]", "extra": #"{"k":1}"#],
                ["campaign_id": nil, "clicks": 60, "actions": nil, "extra": #"{"first":1}"#],
            ])
    }

    @Test("A table of keys alone inserts what is missing and changes nothing")
    func keysOnly() throws {
        let bench = try RowBench()
        try bench.write(rowTable(ads, [["1", "a", 5, nil]]))

        let result = try bench.write(
            rowTable(ads, filled: ["account_id", "id"], [["1", "a", nil], ["1", "b", nil]]))

        #expect(result.inserted == 1 && result.changed == 0 && result.unchanged == 1)
    }

    @Test("Of two rows with one key in a page the later one stays")
    func duplicates() throws {
        let bench = try RowBench()

        let result = try bench.write(
            rowTable(ads, [["1", "a", 1, nil], ["1", "b", 1, nil], ["1", "a", 2, nil], ["1", "b", 1, nil]]))

        #expect(result.received == 4 && result.inserted == 2 && result.changed == 1 && result.unchanged == 1)
        #expect(result.keyHashes[0] == result.keyHashes[2] && result.keyHashes[0] != result.keyHashes[1])
        #expect(try bench.strings("SELECT id || rank FROM test_ads ORDER BY id") == ["a2", "b1"])
    }

    @Test("An empty page writes nothing")
    func emptyPage() throws {
        let bench = try RowBench()

        #expect(
            try bench.write(rowTable(ads, []))
                == UpsertResult(received: 0, inserted: 0, changed: 0, unchanged: 0, keyHashes: []))
    }

    @Test("A page that fails writes none of its rows, and the next page works")
    func failure() throws {
        let bench = try RowBench()

        #expect(throws: DatabaseError.self) {
            try bench.write(rowTable(ads, [["1", "a", 1, nil], ["1", "b", "no number", nil]]))
        }
        #expect(try bench.strings("SELECT id FROM test_ads") == [])
        #expect(try bench.write(rowTable(ads, [["1", "a", 1, nil]])).inserted == 1)
    }

    @Test("A transaction that rolls back takes its rows with it")
    func rollback() throws {
        struct Stop: Error {}
        let bench = try RowBench()

        #expect(throws: Stop.self) {
            try bench.queue.write { db in
                _ = try bench.upsert.upsert(rowTable(ads, [["1", "a", 1, nil]]), syncedAt: RowBench.first, in: db)
                throw Stop()
            }
        }

        #expect(try bench.strings("SELECT id FROM test_ads") == [])
        #expect(try bench.write(rowTable(ads, [["1", "a", 1, nil]])).inserted == 1)
    }

    @Test("Two upserts may share a connection, and one may go before it")
    func twoOnOneConnection() throws {
        let bench = try RowBench()
        try bench.write(rowTable(ads, [["1", "a", 1, nil]]))

        let second = RowUpsert()
        let result = try bench.queue.write { db in
            let result = try second.upsert(rowTable(ads, [["1", "a", 2, nil]]), syncedAt: RowBench.later, in: db)
            second.finish()
            return result
        }

        #expect(result.changed == 1)
        #expect(try bench.write(rowTable(ads, [["1", "a", 2, nil]])).unchanged == 1)
    }

    @Test("A column that was added meanwhile does not disturb prepared statements")
    func addedColumn() throws {
        let bench = try RowBench()
        try bench.write(rowTable(ads, [["1", "a", 1, nil]]))
        let newer = StreamSchema(
            platform: ads.platform, id: ads.id, stage: ads.stage, grain: ads.grain,
            columns: ads.columns + [Column("size", .integer, "size")], key: ads.key, summary: "")

        try bench.queue.write { db in try DataTables.create(newer, in: db) }
        let old = try bench.write(rowTable(ads, [["1", "b", 1, nil]]))
        let new = try bench.write(rowTable(newer, [["1", "a", 1, 7, nil]]))

        #expect(old.inserted == 1)
        #expect(new.changed == 1)
        #expect(try bench.strings("SELECT id || ifnull(size, '-') FROM test_ads ORDER BY id") == ["a7", "b-"])
    }

    @Test("What the reader reads is what the table holds")
    func readerToTable() throws {
        let bench = try RowBench()
        let page = try RowReader(schema: insights).read(
            Array(#"[{"date":"2026-09-01","ad_id":90071992547409931234,"spend":"12.37","ctr":"1.5","new":1}]"#.utf8),
            at: .list(""), context: ["account_id": "1"], currency: "USD")

        try bench.write(page.table)

        #expect(
            try bench.rows("SELECT ad_id, spend_micros, ctr, extra FROM test_ad_insights") == [
                ["ad_id": "90071992547409931234", "spend_micros": 12_370_000, "ctr": 1.5, "extra": #"{"new":1}"#]
            ])
    }
}
