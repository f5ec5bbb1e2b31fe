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
