import SyncCore

/// What goes into a data table comes out as it was.
package enum ValueExercises {
    package static let all = [
        StoreExercise("Values of every type come back as they were, the extreme ones too", values),
        StoreExercise("Texts come back byte by byte, and what an engine cannot hold is a known difference", texts),
        StoreExercise("Rows of one page with one key are one row, the later one", twice),
        StoreExercise("Rows of an account are read back as texts, those with the greatest values first", readBack),
    ]

    private static let kinds = StreamSchema(
        platform: StoreScene.platform, id: StreamID("kinds"), stage: "kinds", grain: .event,
        columns: [
            Column(context: "account_id", .text), Column("id", .text, "id"), Column("whole", .integer, "a"),
            Column("part", .real, "b"), Column("flag", .boolean, "c"), Column("day", .date, "d"),
            Column("moment", .instant, "e"), Column("spend_micros", .money, "f"), Column("list", .json, "g"),
        ], key: ["account_id", "id"], summary: "One of each kind.")

    @Sendable static func values(_ scene: StoreScene) async throws {
        let columns = ["whole", "part", "flag", "day", "moment", "spend_micros", "list"]
        let rows: [[StoreScene.Value]] = [
            [
                .integer(.max), .real(0.1), .integer(1), .text("2026-02-28"), .text("2026-11-21T10:11:12.345Z"),
                .integer(-1), .text(#"[{"a":"1","b":[1.0,1e3]}]"#),
            ],
            [
                .integer(.min), .real(-2.5), .integer(0), .text("0001-01-01"), .text("1969-12-31T23:59:59.999Z"),
                .integer(.max), .text(#"{"z":1,"a":2,"z":3}"#),
            ],
            [
                .integer(0), .real(0), .integer(1), .text("9999-12-31"), .text("2262-04-11T00:00:00.000Z"), .integer(0),
                .text(#""\u0000\ud800 ""#),
            ],
        ]

        try await store(rows, in: scene)

        for (index, column) in columns.enumerated() {
            let found = try await scene.store.tally(kinds, account: "1", column: column)
            var wanted: [String: Int] = [:]
            for row in rows { wanted[row[index].text, default: 0] += 1 }
            try expectEqual(found, wanted, column)
        }
        // As they are, they are not written again.
        let again = try await store(rows, in: scene, page: 2)
        try expectEqual(again.changed, 0, "rows changed by the same rows")
    }

    @Sendable static func texts(_ scene: StoreScene) async throws {
        let texts = [
            "", " ", "'\"\\\t\r\n", "Điện thoại 📱 năm 2026", "a\u{0}b", String(repeating: "đ", count: 100_000),
        ]

        try await store(texts.map { [.null, .null, .null, .null, .null, .null, .null, .text($0)] }, in: scene)

        let found = try await scene.store.tally(kinds, account: "1", column: "id")
        let wanted = texts.map { scene.differences.holdsNull ? $0 : $0.replacing("\u{0}", with: "\u{FFFD}") }
        try expectEqual(Set(found.keys), Set(wanted), "texts")
    }

    @Sendable static func readBack(_ scene: StoreScene) async throws {
        let moment = "2026-11-21T10:11:12.345Z"
        let first: [StoreScene.Value] = [
            .integer(.max), .real(0.5), .integer(1), .text("2026-02-28"), .text(moment), .integer(-1_500_000),
            .text(#"[{"a":"1"}]"#),
        ]
        try await store([first] + [1, 2].map { [.integer($0)] + Array(repeating: .null, count: 6) }, in: scene)

        let rows = try await scene.store.rows(kinds, account: "1", by: "id", limit: 2)
        let all = try await scene.store.rows(kinds, account: "1", by: "whole", limit: 10)

        try expectEqual(rows.map { $0["id"] }, ["2", "1"], "ids")
        try expectEqual(rows[0].values.keys.sorted(), ["account_id", "id", "whole"], "columns without NULL")
        let row = try require(all.first, "a row")
        try expectEqual(row.integer("whole"), .max, "integer")
        try expectEqual(row.integer("spend_micros"), -1_500_000, "money")
        try expectEqual(row.day("day"), CivilDate("2026-02-28"), "day")
        try expectEqual(row.instant("moment"), Instant(iso: moment), "moment")
        try expectEqual(row["list"], #"[{"a":"1"}]"#, "JSON")
        try expectEqual(try await scene.store.rows(kinds, account: "2", by: "id", limit: 1), [], "of another account")
    }

    @Sendable static func twice(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let page = StoreScene.things(
            [(id: "a", name: "old"), (id: "b", name: "b"), (id: "a", name: "new")], account: account)

        let written = try await scene.complete(try await scene.claimOne(), rows: [page])

        try expectEqual(written.received, 3, "rows received")
        let names = try await scene.store.tally(StoreScene.things, account: "1", column: "name")
        try expectEqual(names, ["new": 1, "b": 1], "names")
    }

    /// Stores rows of `kinds` in one page; the last value of a row is its id, else its number.
    @discardableResult
    private static func store(
        _ rows: [[StoreScene.Value]], in scene: StoreScene, page: Int = 1
    ) async throws -> UpdateResult.Written {
        let account = try await scene.account()
        try await scene.store.prepare([kinds])
        _ = try await scene.job(
            of: account, chunks: [ChunkSpec(stream: kinds.id, phase: .recent, mode: "\(page)")],
            requested: StoreScene.days("2026-01-01", "2026-01-0\(page)"))
        let table = StoreScene.table(
            kinds,
            rows.enumerated().map { index, row in
                let id: StoreScene.Value = row.count == 8 ? row[7] : .text("\(index)")
                return [.text("1"), id] + row.prefix(7)
            })
        return try await scene.complete(try await scene.claimOne(), rows: [table])
    }
}
