import StorePostgres
import SyncCore
import Testing

@Suite(.enabled(if: TestServer.isThere), .serialized)
struct TypeTests {
    @Test("Values come back as they went")
    func roundTrip() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (i bigint, r float8, s text, b bytea)")
                let numbers: [Int64] = [0, -1, .max, .min, 42]
                let reals: [Double] = [0, -0.0, 0.1, 1e308, .leastNonzeroMagnitude]
                let texts = ["", "Đặng Thị \"quoted\" \\ ' {,}", "a\nb", String(repeating: "ä", count: 100_000), "🧵"]
                let blobs: [[UInt8]] = [[], [0], [0, 1, 255], Array("text".utf8), Array(repeating: 7, count: 100_000)]
                for index in 0..<5 {
                    let values: [PostgresValue] = [
                        .integer(numbers[index]), .real(reals[index]), .text(texts[index]), .bytes(blobs[index]),
                    ]
                    #expect(try db.execute("INSERT INTO t VALUES ($1, $2, $3, $4)", values) == 1)
                }
                var index = 0
                let count = try db.execute("SELECT i, r, s, b FROM t") { row in
                    #expect(row.int64(0) == numbers[index])
                    #expect(row.real(1).bitPattern == reals[index].bitPattern)
                    #expect(row.text(2) == texts[index])
                    #expect(row.bytes(3) == blobs[index])
                    index += 1
                }
                #expect(count == 5)
            }
        }
    }

    @Test("NULL, NaN, infinities and U+0000 fit")
    func oddities() async throws {
        try await TestServer.on(TestServer.address()) { db in
            try db.execute(
                "SELECT $1::text, $2::float8, $3::float8, $4::text, $5::bytea, $6::float8",
                [.null, .real(.nan), .real(-.infinity), .text("a\0b\0"), .null, .real(.infinity)]
            ) { row in
                #expect(row.isNull(0) && row.isNull(4))
                #expect(row.optionalText(0) == nil)
                #expect(row.real(1).isNaN)
                #expect(row.real(2) == -.infinity)
                #expect(row.text(3) == "a\u{FFFD}b\u{FFFD}")
                #expect(row.real(5) == .infinity)
            }
        }
    }

    @Test("Lists are one parameter")
    func lists() async throws {
        try await TestServer.on(TestServer.address()) { db in
            let words = ["a", "", "b,c", "{}", "\"", "\\", "NULL", "x\0y", "Đ\n"]
            let numbers = try db.texts("SELECT unnest($1::bigint[])", [.integers([3, -1, .max, .min])])
            let texts = try db.texts("SELECT unnest($1::text[])", [.texts(words)])
            let none = try db.texts("SELECT unnest($1::text[])", [.texts([])])

            #expect(numbers == ["3", "-1", "9223372036854775807", "-9223372036854775808"])
            #expect(texts == words.map { $0.replacing("\0", with: "\u{FFFD}") })
            #expect(none == [])
        }
    }

    @Test(
        "Every type reads as the same text as elsewhere",
        arguments: [
            ("true", "1"), ("false", "0"), ("7::smallint", "7"), ("-7::int", "-7"), ("4294967295::oid", "4294967295"),
            ("0.1::float4", "0.1"), ("0.1::float8", "0.1"), ("DATE '2026-11-21'", "2026-11-21"),
            ("DATE '1969-12-31'", "1969-12-31"), ("DATE 'infinity'", "infinity"),
            ("TIMESTAMPTZ '2026-11-21 10:04:05.678901+07'", "2026-11-21T03:04:05.678Z"),
            ("TIMESTAMPTZ '1969-12-31 23:59:59.999+00'", "1969-12-31T23:59:59.999Z"),
            ("TIMESTAMPTZ '-infinity'", "-infinity"), ("TIMESTAMP '2026-11-21 03:04:05'", "2026-11-21T03:04:05.000Z"),
            (#"'{"a": 1}'::json"#, #"{"a": 1}"#), (#"'{"a":1}'::jsonb"#, #"{"a": 1}"#), ("'x'::varchar(3)", "x"),
            ("'x'::name", "x"), ("'untyped'", "untyped"),
            ("'0f8fad5b-d9cb-469f-a165-70867728950e'::uuid", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ])
    func texts(_ sql: String, _ text: String) async throws {
        try await TestServer.on(TestServer.address()) { db in
            let found = try db.texts(.once("SELECT \(sql)"))
            #expect(found == [text])
        }
    }

    @Test(
        "A numeric reads as the server writes it",
        arguments: [
            "0", "0.00", "1", "-1", "10000", "99990000", "123456789012345678901234567890", "0.1", "0.0001", "0.00001",
            "-0.05", "1234.5678", "10000.0001", "1000000.10", "1e-20", "NaN", "Infinity", "-Infinity",
        ])
    func numerics(_ text: String) async throws {
        try await TestServer.on(TestServer.address()) { db in
            var found = ""
            var expected = ""
            try db.execute("SELECT $1::text::numeric, $1::text::numeric::text", [.text(text)]) { row in
                found = row.text(0)
                expected = row.text(1)
            }
            #expect(found == expected)
        }
    }

    @Test("A sum reads as a number, and the clock as a moment and a day")
    func derived() async throws {
        try await TestServer.on(TestServer.address()) { db in
            try db.execute(
                """
                SELECT sum(v), avg(v), TIMESTAMPTZ '2026-11-21 03:04:05.000006+00', DATE '2026-11-21'
                FROM (VALUES (9000000000::bigint), (1)) AS t(v)
                """
            ) { row in
                #expect(row.int64(0) == 9_000_000_001)
                #expect(row.real(1) == 4_500_000_000.5)
                #expect(row.instant(2) == Instant(iso: "2026-11-21T03:04:05.000006Z"))
                #expect(row.day(3) == CivilDate("2026-11-21"))
            }
        }
    }
}
