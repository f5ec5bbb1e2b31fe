import Foundation
import StoreTransfer
import SyncCore
import Synchronization
import Testing

@testable import Exports

@Suite("An export")
struct StreamTests {
    private static let layout = TableLayout(
        "acme_things",
        columns: [
            .init("account_id", .text), .init("id", .text), .init("n", .integer), .init("extra", .json),
            .init("synced_at", .instant),
        ], key: ["account_id", "id"], isControl: false)

    private static func row(_ number: Int) -> [Value] {
        [
            .text("7"), .text("thing \(number)"), .integer(Int64(number)), .text("{\"n\":\(number)}"),
            .instant("2026-11-21T00:00:00.000Z"),
        ]
    }

    private func open(
        _ format: ExportFormat, rows: Int, folder: String = ExportStream.temporaryFolder, sign: StopSign = StopSign(),
        _ row: @escaping @Sendable (Int) -> [Value] = StreamTests.row
    ) async throws -> ExportStream {
        try await ExportStream.open(
            ExportRequest("acme_things", as: format), of: ExportCatalog([]), temporary: folder
        ) { MadeUpRows(Self.layout, count: rows, sign: sign, row) }
    }

    private func collect(_ stream: ExportStream) async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await piece in stream { all += piece }
        return all
    }

    @Test("comes in pieces of at most 64 kB that are the whole file", arguments: [0, 1, 3, 5000])
    func pieces(rows: Int) async throws {
        let stream = try await open(.jsonLines, rows: rows)

        var sizes: [Int] = []
        var all: [UInt8] = []
        for try await piece in stream {
            sizes.append(piece.count)
            all += piece
        }

        #expect(sizes.allSatisfy { $0 > 0 && $0 <= 65_536 })
        #expect(sizes.dropLast().allSatisfy { $0 == 65_536 })
        let lines = String(decoding: all, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == rows && stream.rows == rows)
        #expect(lines.last.map { $0.contains("\"thing \(rows - 1)\"") } ?? (rows == 0))
        #expect(stream.fileName == "acme_things.jsonl")
    }

    @Test("cuts a row that is larger than a piece")
    func large() async throws {
        let text = String(repeating: "x", count: 300_000)

        let all = try await collect(
            open(.csv(mark: false), rows: 2) { _ in [.text("7"), .text(text), .null, .null, .null] })

        let head = "\"account_id\",\"id\",\"n\",\"extra\",\"synced_at\"\r\n"
        let line = "\"7\",\"\(text)\",,,\r\n"
        #expect(String(decoding: all, as: UTF8.self) == head + line + line)
    }

    @Test("reads no further than what was asked for")
    func backPressure() async throws {
        let read = Mutex(0)
        let stream = try await ExportStream.open(
            ExportRequest("acme_things", as: .jsonLines), of: ExportCatalog([])
        ) {
            MadeUpRows(Self.layout, count: 1_000_000) { number in
                read.withLock { $0 = max($0, number) }
                return Self.row(number)
            }
        }
        var iterator = stream.makeAsyncIterator()

        for _ in 0..<3 { _ = try await iterator.next() }

        #expect(read.withLock { $0 } < 20_000)
    }

    @Test("ends when its reader is cancelled, and the database is told", arguments: [ExportFormat.jsonLines, .excel])
    func cancelled(_ format: ExportFormat) async throws {
        let sign = StopSign()
        let stream = try await open(format, rows: .max, sign: sign)

        let error = await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                do {
                    for try await _ in stream {}
                    return nil
                } catch {
                    return error
                }
            }
            while stream.rows < 10_000 { await Task.yield() }
            group.cancelAll()
            return await group.next() ?? nil
        }

        #expect(error is CancellationError)
        #expect(sign.isRaised)
        var iterator = stream.makeAsyncIterator()
        await #expect(throws: CancellationError.self) { try await iterator.next() }
    }

    @Test("that nobody holds any more ends, and the database is told")
    func dropped() async throws {
        let sign = StopSign()
        do {
            let stream = try await open(.jsonLines, rows: .max, sign: sign)
            var iterator = stream.makeAsyncIterator()
            _ = try await iterator.next()
        }

        #expect(sign.isRaised)
    }

    @Test("of a workbook leaves no file behind and no file open, whether it comes to its end or not")
    func nothingLeft() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "export-\(ProcessInfo.processInfo.processIdentifier)"
        ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func openFiles() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }.filter { $0.hasPrefix(folder) }
        }

        do {
            let stream = try await open(.excel, rows: 2000, folder: folder)
            let all = try await collect(stream)
            #expect(all.starts(with: [0x50, 0x4B]))
            let stopped = try await open(.excel, rows: .max, folder: folder)
            #expect(try !openFiles().isEmpty, "this looks for files in another place than they are")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await collect(stopped) }
                while stopped.rows < 10_000 { await Task.yield() }
                group.cancelAll()
            }
        }

        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        // They are closed on the export's own thread.
        for _ in 0..<1000 where try !openFiles().isEmpty { await Task.yield() }
        #expect(try openFiles() == [])
    }

    @Test("is refused before its first piece, with the database closed")
    func refused() async throws {
        await #expect(throws: ExportError.self) {
            _ = try await ExportStream.open(ExportRequest("acme_no", as: .excel), of: ExportCatalog([])) {
                MadeUpRows(Self.layout, count: 1, Self.row)
            }
        }
        await #expect(throws: ExportError.noTemporaryFile(folder: "/nowhere", why: "No such file or directory")) {
            _ = try await open(.excel, rows: 1, folder: "/nowhere")
        }
    }
}
