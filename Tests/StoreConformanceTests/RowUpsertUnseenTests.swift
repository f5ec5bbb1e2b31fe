import GRDB
import StoreSQL
import SyncCore
import Testing

@testable import StoreSQLite

@Suite("Rows that a platform no longer returns")
struct RowUpsertUnseenTests {
    private let days = ["2026-09-01", "2026-09-02", "2026-09-03"]

    private func filledBench() throws -> RowBench {
        let bench = try RowBench()
        try bench.write(rowTable(insights, RowBench.grid(days: days, ads: ["a", "b"])))
        try bench.write(rowTable(insights, [["2", "2026-09-01", "a", nil, 1, nil, nil, nil, nil]]))
        return bench
    }

    private func stored(_ bench: RowBench) throws -> [String] {
        try bench.strings("SELECT account_id || substr(date, 9) || ad_id FROM test_ad_insights ORDER BY 1")
    }

    private func range(_ first: String, _ last: String) throws -> DayRange {
        let days = (try #require(CivilDate(first)), try #require(CivilDate(last)))
        return try #require(DayRange(days.0, days.1))
    }

    @Test("Rows of the scope that were not seen go; rows outside of it stay")
    func deletes() throws {
        let bench = try filledBench()
        let scope = try range("2026-09-01", "2026-09-02")

        let deleted = try bench.queue.write { db in
            let seen = try bench.upsert.upsert(
                rowTable(insights, RowBench.grid(days: ["2026-09-01"], ads: ["a"])), syncedAt: RowBench.later, in: db)
            return try bench.upsert.delete(
                unseen: seen.keyHashes, from: insights, account: "1", days: scope, in: db)
        }

        #expect(deleted == 3)
        #expect(try stored(bench) == ["101a", "103a", "103b", "201a"])
    }

    @Test("Nothing goes when everything was seen, however often")
    func nothingUnseen() throws {
        let bench = try filledBench()

        let deleted = try bench.queue.write { db in
            let table = rowTable(insights, RowBench.grid(days: days, ads: ["a", "b"], clicks: 2))
            let seen = try bench.upsert.upsert(table, syncedAt: RowBench.later, in: db).keyHashes
            return try bench.upsert.delete(unseen: seen + seen, from: insights, account: "1", in: db)
        }

        #expect(deleted == 0)
        #expect(try stored(bench).count == 7)
    }

    @Test("A scope of entities leaves the others alone, and odd ids are no trouble")
    func entities() throws {
        let bench = try filledBench()
        let odd = #"o"d\'; é"#
        try bench.write(rowTable(insights, RowBench.grid(days: ["2026-09-01"], ads: [odd])))

        let deleted = try bench.queue.write { db in
            try bench.upsert.delete(
                unseen: [], from: insights, account: "1", days: try range("2026-09-01", "2026-09-01"),
                entities: EntitySet(column: "campaign_id", ids: ["cb", "c" + odd, "none"]), in: db)
        }

        #expect(deleted == 2)
        #expect(try stored(bench) == ["101a", "102a", "102b", "103a", "103b", "201a"])
    }

    @Test("Days mean nothing to a stream without a date, so nothing goes")
    func daysWithoutDate() throws {
        let bench = try RowBench()
        try bench.write(rowTable(ads, [["1", "a", 1, nil]]))

        let deleted = try bench.queue.write { db in
            try bench.upsert.delete(
                unseen: [], from: ads, account: "1", days: try range("2026-09-01", "2026-09-02"), in: db)
        }

        #expect(deleted == 0)
        #expect(try bench.strings("SELECT id FROM test_ads") == ["a"])
    }

    @Test("Ids that a listing did not return are told, and nothing is deleted")
    func unseenIDs() throws {
        let bench = try RowBench()
        try bench.write(
            rowTable(ads, [["1", "c", 1, nil], ["1", "a", 1, nil], ["1", "b", 1, nil], ["2", "x", 1, nil]]))

        let ids = try bench.queue.write { db in
            let seen = KeyHash.hashes(of: rowTable(ads, [["1", "b", 9, nil]]))
            return try bench.upsert.unseenIDs(seen, of: ads, account: "1", in: db)
        }
        let some = try bench.queue.write { db in
            try bench.upsert.unseenIDs(
                [], of: ads, account: "1", entities: EntitySet(column: "id", ids: ["a", "zz"]), in: db)
        }

        #expect(ids == ["a", "c"])
        #expect(some == ["a"])
        #expect(try bench.strings("SELECT id FROM test_ads").count == 4)
    }

    @Test("The hash of a key is fixed, and parts of it do not run into each other")
    func hashes() {
        let hashes = KeyHash.hashes(
            of: rowTable(
                ads,
                [
                    ["1", "120210000000000001", 1, nil], ["ab", "c", 1, nil], ["a", "bc", 1, nil],
                    ["a", "bc\u{0}", 1, nil],
                ]))

        #expect(hashes[0] == 13_189_590_368_742_957_430)
        #expect(Set(hashes).count == 4)
    }
}
