import StorePostgres
import SyncCore
import Testing

@Suite(.enabled(if: TestServer.isThere), .serialized)
struct BatchTests {
    private let rows = (0..<10_000).map { [PostgresValue.integer($0), .text("row \($0)")] }

    @Test("Ten thousand runs of one statement answer in order")
    func pipeline() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a bigint PRIMARY KEY, b text)")
                var seen: [Int] = []
                let count = try db.executeEach("INSERT INTO t VALUES ($1, $2) RETURNING a", rows: rows) { index, row in
                    #expect(row.int(0) == index)
                    seen.append(index)
                }

                #expect(count == 10_000)
                #expect(seen == Array(0..<10_000))
                #expect(try db.number("SELECT count(*) FROM t") == 10_000)
            }
        }
    }

    @Test("An error in the middle ends a pipeline, undoes it all, and leaves a good connection")
    func pipelineError() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a bigint PRIMARY KEY, b text); INSERT INTO t VALUES (5000, 'there')")
                let alone = db.failure { try db.executeEach("INSERT INTO t VALUES ($1, $2)", rows: rows) }
                try db.begin()
                let inside = db.failure { try db.executeEach("INSERT INTO t VALUES ($1, $2)", rows: rows) }
                db.rollback()

                #expect(alone?.kind == .uniqueViolation)
                #expect(inside?.kind == .uniqueViolation)
                #expect(db.isUsable)
                #expect(try db.number("SELECT count(*) FROM t") == 1)
            }
        }
    }

    @Test("Answers and questions that are both large do not block each other")
    func largePipeline() async throws {
        try await TestServer.on(TestServer.address()) { db in
            let text = String(repeating: "x", count: 50_000)
            var bytes = 0
            try db.executeEach("SELECT $1::text", rows: Array(repeating: [.text(text)], count: 1000)) { _, row in
                bytes += row.withBytes(0) { $0.count }
            }
            #expect(bytes == 50_000_000)
        }
    }

    @Test("What the caller throws in a pipeline comes out, and the connection is good")
    func callerThrows() async throws {
        try await TestServer.on(TestServer.address()) { db in
            #expect(throws: CancellationError.self) {
                try db.executeEach("SELECT $1::bigint", rows: (0..<2000).map { [.integer($0)] }) { index, _ in
                    if index == 700 { throw CancellationError() }
                }
            }
            let answer = try db.number("SELECT 7")
            #expect(answer == 7)
        }
    }

    @Test("A pipeline that stands still is cancelled")
    func pipelineTimeout() async throws {
        try await TestServer.on(TestServer.address()) { db in
            let error = db.failure {
                try db.executeEach(
                    "SELECT pg_sleep($1)", rows: [[.real(0)], [.real(20)], [.real(20)]], timeout: .milliseconds(200))
            }
            #expect(error?.kind == .timeout)
            let answer = try db.number("SELECT 7")
            #expect(answer == 7)
        }
    }

    @Test("What is said for later is done before the next answer, and what goes wrong with it comes there")
    func later() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (a bigint PRIMARY KEY)")
                let insert: PostgresStatement = "INSERT INTO t VALUES ($1)"
                try db.begin()
                try db.later(PostgresRun(insert, (0..<3000).map { [.integer($0)] }))
                try db.later(PostgresRun("DELETE FROM t WHERE a = $1", .integer(7)))
                var inside: Int64 = 0
                try db.execute("SELECT count(*) FROM t") { inside = $0.int64(0) }
                try db.later(PostgresRun(insert, .integer(7)))
                try db.commit()
                #expect(inside == 2999)
                #expect(try db.number("SELECT count(*) FROM t") == 3000)

                try db.begin()
                try db.later(PostgresRun(insert, .integer(7)))
                let next = db.failure { try db.execute("SELECT 1") }
                db.rollback()
                try db.begin()
                try db.later(PostgresRun(insert, .integer(5000)))
                try db.later(PostgresRun(insert, .integer(7)))
                let last = db.failure { try db.commit() }
                db.rollback()
                try db.begin()
                try db.later(PostgresRun(insert, .integer(9000)))
                db.rollback()

                #expect(next?.kind == .uniqueViolation)
                #expect(last?.kind == .uniqueViolation)
                #expect(db.isUsable && !db.isInTransaction)
                #expect(try db.number("SELECT count(*) FROM t") == 3000)
            }
        }
    }

    @Test("Lists of values arrive as they are")
    func lists() async throws {
        try await TestServer.on(TestServer.address()) { db in
            let texts = ["", "NULL", "a,b", "{x}", "say \"hi\"", "back\\slash", "Đà Nẵng\n", " "]
            let bytes: [[UInt8]] = [[], [0], [92, 34], [255, 1], [10], [123], [44], [0x78]]
            let numbers: [Double] = [0, -0.0, .infinity, -.infinity, .pi, .leastNonzeroMagnitude, 1e308, .nan]
            var seen: [(String, [UInt8], Double, Int64)] = []
            var nulls = 0
            try db.execute(
                "SELECT * FROM unnest($1::text[], $2::bytea[], $3::float8[], $4::bigint[])",
                [
                    .list(texts.map { .text($0) } + [.null]), .list(bytes.map { .bytes($0) } + [.null]),
                    .list(numbers.map { .real($0) } + [.null]),
                    .list((0..<8).map { .integer(Int64.min + $0) } + [.null]),
                ]
            ) { row in
                if row.isNull(0), row.isNull(1), row.isNull(2), row.isNull(3) { return nulls += 1 }
                seen.append((row.text(0), row.bytes(1), row.real(2), row.int64(3)))
            }
            #expect(seen.map(\.0) == texts)
            #expect(seen.map(\.1) == bytes)
            #expect(seen.map(\.2.bitPattern).dropLast() == numbers.map(\.bitPattern).dropLast())
            #expect(seen.last?.2.isNaN == true)
            #expect(seen.map(\.3) == (0..<8).map { Int64.min + $0 })
            #expect(nulls == 1)
        }
    }

    @Test("COPY brings in a hundred thousand rows of all types")
    func copy() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script(
                    """
                    CREATE TABLE t (i bigint, r float8, s text, d date, m timestamptz, n text, j jsonb, f bool, b bytea)
                    """)
                let count = try db.copyIn("COPY t FROM STDIN (FORMAT binary)") { buffer in
                    for index in 0..<100_000 {
                        try buffer.beginRow(fields: 9)
                        buffer.appendInt64(Int64(index))
                        buffer.appendDouble(Double(index) / 4)
                        buffer.appendText("Zeile \(index)\0")
                        buffer.appendDate(days: Int32(index % 20_000))
                        buffer.appendTimestamp(microseconds: Int64(index) * 1_000_000)
                        buffer.appendNull()
                        Array("[1]".utf8).withUnsafeBufferPointer { buffer.appendJSONB($0) }
                        buffer.appendBool(index % 2 == 0)
                        [UInt8(0), 255].withUnsafeBytes { buffer.appendBytes($0) }
                    }
                }
                #expect(count == 100_000)
                try db.execute("SELECT * FROM t WHERE i = 19999") { row in
                    #expect(row.real(1) == 4999.75)
                    #expect(row.text(2) == "Zeile 19999\u{FFFD}")
                    #expect(row.day(3) == CivilDate(daysSince1970: 19_999))
                    #expect(row.instant(4) == Instant(seconds: 19_999))
                    #expect(row.isNull(5))
                    #expect(row.text(6) == "[1]")
                    #expect(!row.bool(7))
                    #expect(row.bytes(8) == [0, 255])
                }
                #expect(try db.number("SELECT sum(i) FROM t") == 4_999_950_000)
            }
        }
    }

    @Test("A value larger than a piece fits into a COPY")
    func largeValue() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (s text)")
                try db.copyIn("COPY t FROM STDIN (FORMAT binary)") { buffer in
                    for length in [0, 300_000, 3_000_000, 10] {
                        try buffer.beginRow(fields: 1)
                        buffer.appendText(String(repeating: "x", count: length))
                    }
                }
                #expect(try db.number("SELECT sum(length(s)) FROM t") == 3_300_010)
            }
        }
    }

    @Test("A COPY that fails, on either side, leaves nothing and a good connection")
    func copyFails() async throws {
        try await TestServer.withDatabase { address in
            try await TestServer.on(address) { db in
                try db.script("CREATE TABLE t (i int PRIMARY KEY)")
                let twice = db.failure {
                    try db.copyIn("COPY t FROM STDIN (FORMAT binary)") { buffer in
                        for index in 0..<200_000 {
                            try buffer.beginRow(fields: 1)
                            buffer.appendInt32(Int32(index % 1000))
                        }
                    }
                }
                #expect(throws: CancellationError.self) {
                    try db.copyIn("COPY t FROM STDIN (FORMAT binary)") { buffer in
                        try buffer.beginRow(fields: 1)
                        buffer.appendInt32(1)
                        throw CancellationError()
                    }
                }
                let absent = db.failure { try db.copyIn("COPY absent FROM STDIN (FORMAT binary)") { _ in } }

                #expect(twice?.kind == .uniqueViolation)
                #expect(absent?.sqlState == "42P01")
                #expect(try db.number("SELECT count(*) FROM t") == 0)
            }
        }
    }
}
