import Foundation
import GRDB
import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Synchronization
import Testing

/// What opening a database file does to the file, and what it refuses.
@Suite("SQLite file")
struct DatabaseFileTests {
    private let clock = ManualWallClock()

    private func open(_ file: URL, _ mode: SQLiteStore.Mode = .work) throws -> SQLiteStore {
        try SQLiteStore.open(path: file.path, mode: mode, clock: clock)
    }

    /// The names in the folder, without SQLite's own side files.
    private func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { !$0.hasSuffix("-shm") && !$0.hasSuffix("-wal") }.sorted()
    }

    @Test("A new file gets every control table and the mark of its program")
    func newFile() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "new.sqlite")
            try Data().write(to: file)

            try await open(file).close()

            let database = try DatabaseQueue(path: file.path)
            let (tables, version, application) = try await database.read { db in
                (
                    try String.fetchSet(db, sql: "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"),
                    try Int.fetchOne(db, sql: "PRAGMA user_version"),
                    try Int.fetchOne(db, sql: "PRAGMA application_id")
                )
            }
            try database.close()
            let wanted: Set = [
                "workspaces", "connections", "accounts", "sync_jobs", "sync_chunks", "sync_logs", "quotas",
                "coverage", "stream_states", "sync_seen", "sync_digests", "events", "settings", "audit_log",
                "schedules", "schedule_runs", "schedule_run_jobs", "users", "members", "sessions", "links",
                "api_tokens", "sync_requests", "sync_request_jobs", "certificates",
            ]
            #expect(wanted.subtracting(tables) == [])
            #expect(version == 12)
            #expect(application == 0x534C_5543)
            #expect(try names(in: folder) == ["new.sqlite"])
        }
    }

    @Test("Closing empties the log into the file and gives the lock back; later calls are refused")
    func closing() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "a.sqlite")
            let store = try open(file)
            try await store.set("language", to: "vi")
            #expect(try names(in: folder) == ["a.sqlite", "a.sqlite-lock"])

            try await store.close()

            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.sqlite"])
            let closed = StoreError.unavailable("The database is closed")
            await #expect(throws: closed) { try await store.setting("language") }
            await #expect(throws: closed) { try await store.set("a", to: "b") }
            let again = try open(file)
            #expect(try await again.setting("language") == "vi")
            try await again.close()
        }
    }

    @Test("A second process that wants to work is told who does, and where that one answers")
    func inUse() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "a.sqlite")
            let store = try open(file)

            #expect(throws: StoreError.inUse(pid: Int(ProcessInfo.processInfo.processIdentifier))) {
                try open(file)
            }

            try await store.close()
            let server = try SQLiteStore.open(path: file.path, mode: .work, answeringAt: "http://a:1", clock: clock)
            #expect(
                throws: StoreError.inUse(pid: Int(ProcessInfo.processInfo.processIdentifier), address: "http://a:1")
            ) {
                try open(file)
            }
            try await server.close()
            try await open(file).close()
        }
    }

    @Test("A visitor enqueues and cancels beside the process that works")
    func visit() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "a.sqlite")
            let worker = try open(file)
            let connection = try await worker.save(
                .first, platform: PlatformID("acme"), name: "a", baseURL: "u", sealed: [1], configuration: [:])
            let account = try await worker.save(
                Account(
                    id: AccountID(0), connection: connection, platform: PlatformID("acme"), externalID: "1",
                    name: "n", currency: "VND", zoneName: "Etc/UTC"))
            let visitor = try open(file, .visit)
            let today = try #require(CivilDate("2026-11-21"))

            let job = try await visitor.enqueue(
                NewJob(
                    account: account, kind: .manual, workClass: .interactive, streams: [StreamID("things")],
                    requested: nil, anchor: today, recent: nil, history: nil, steps: [])
            ).id

            #expect(try await worker.idleJobs() == [job])
            #expect(try await visitor.cancel(job, by: "a visitor"))
            #expect(try await worker.job(job)?.state == .cancelled)
            try await visitor.close()
            try await worker.close()
        }
    }

    @Test("A visit creates nothing")
    func visitOfNothing() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "none.sqlite")

            #expect(throws: StoreError.notADatabase(file.path)) { try open(file, .visit) }

            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == [])
        }
    }

    @Test(
        "Files that are no Sluice database are refused and left as they are",
        arguments: ["text", "sqlite", "log", "folder"])
    func foreignFiles(kind: String) async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "foreign")
            switch kind {
            case "text": try Data(String(repeating: "hello ", count: 400).utf8).write(to: file)
            case "sqlite", "log":
                let other = try DatabaseQueue(path: file.path)
                if kind == "log" {
                    try await other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
                }
                try await other.write { try $0.execute(sql: "CREATE TABLE cats (name TEXT)") }
                try other.close()
            default: try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
            }
            let before = try? Data(contentsOf: file)

            for mode in [SQLiteStore.Mode.work, .visit] {
                #expect(throws: StoreError.notADatabase(file.path)) { try open(file, mode) }
            }

            #expect((try? Data(contentsOf: file)) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["foreign"])
        }
    }

    @Test("A database of a newer program is refused and left as it is")
    func newerSchema() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "a.sqlite")
            try await open(file).close()
            let newer = try DatabaseQueue(path: file.path)
            try await newer.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA user_version = 13")
                try db.checkpoint(.truncate)
            }
            try newer.close()
            let before = try Data(contentsOf: file)

            for mode in [SQLiteStore.Mode.work, .visit] {
                #expect(throws: StoreError.newerSchema(found: 13, known: 12)) { try open(file, mode) }
            }

            #expect(try Data(contentsOf: file) == before)
            #expect(try names(in: folder) == ["a.sqlite"])
        }
    }

    @Test("A place that cannot be written is told, and nothing is left there")
    func notWritable() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "no/such/folder/a.sqlite")

            let error = #expect(throws: StoreError.self) { try open(file) }

            #expect(error == .notWritable("\(file.path) (its directory does not exist)"))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == [])
        }
    }

    @Test("A damaged file is called damaged")
    func damaged() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "a.sqlite")
            try await open(file).close()
            var bytes = try Data(contentsOf: file)
            bytes.replaceSubrange(100..<bytes.count, with: Data(repeating: 0xA5, count: bytes.count - 100))
            try bytes.write(to: file)

            let error = #expect(throws: StoreError.self) { try open(file) }

            guard case .corrupt = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try Data(contentsOf: file) == bytes)
        }
    }

    @Test("Chunks of a process that is gone are up for rescue as soon as the file is opened again")
    func orphans() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "a.sqlite")
            let scene = try await Self.sceneWithClaimedChunk(open(file), clock)

            let next = try open(file)

            let report = try await next.rescue()
            #expect(report.rescued == [scene.chunk])
            try await next.close()
        }
    }

    /// A store with one job of one chunk in the hands of a worker; the store is closed.
    private static func sceneWithClaimedChunk(
        _ store: SQLiteStore, _ clock: ManualWallClock
    ) async throws -> (job: JobID, chunk: ChunkID) {
        let connection = try await store.save(
            .first, platform: PlatformID("acme"), name: "a", baseURL: "u", sealed: [1], configuration: [:])
        let account = try await store.save(
            Account(
                id: AccountID(0), connection: connection, platform: PlatformID("acme"), externalID: "1", name: "n",
                currency: "VND", zoneName: "Etc/UTC"))
        let today = try #require(CivilDate("2026-11-21"))
        let job = try await store.enqueue(
            NewJob(
                account: account, kind: .manual, workClass: .interactive, streams: [StreamID("things")],
                requested: nil, anchor: today, recent: nil, history: nil,
                steps: [NewJob.Step(name: "one", phase: .recent)])
        ).id
        let spec = ChunkSpec(stream: StreamID("things"), phase: .recent)
        _ = try await store.addStep(
            0, of: job, chunks: [PlannedChunk(spec: spec, stage: "things", workClass: .interactive)],
            notOffered: [:], notes: [])
        let chunk = try #require(
            try await store.claim(ClaimRequest(worker: "w", limit: 1, perAccount: 1)).first)
        try await store.close()
        return (job, chunk.id)
    }

    @Test("The log of runs shows one row per account and run, for people")
    func logs() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "a.sqlite")
            _ = try await Self.sceneWithClaimedChunk(open(file), clock)

            let database = try DatabaseQueue(path: file.path)
            let row = try await database.read { db in
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT concat FROM (
                            SELECT platform || ' ' || external_id || ' ' || sync_type || ' ' || status || ' '
                                || total_chunks || ' ' || progress_percentage || ' ' || created_at AS concat
                            FROM sync_logs)
                        """)
            }

            #expect(row == ["acme 1 manual in_progress 1 0 \(clock.now)"])
            try database.close()
        }
    }

    @Test("A long look at the database keeps no write waiting, and the next look sees what was written")
    func looking() async throws {
        try await withFolder { folder in
            let store = try open(folder.appending(path: "a.sqlite"))
            let written = Atomic(false)
            let (begun, begin) = AsyncStream<Void>.makeStream()
            async let waited = store.read { _ in
                begin.finish()
                let end = ContinuousClock.now + .seconds(30)
                while !written.load(ordering: .acquiring), ContinuousClock.now < end {}
                return written.load(ordering: .acquiring)
            }
            for await _ in begun {}
            try await store.set("a", to: "b")
            written.store(true, ordering: .releasing)
            #expect(try await waited)
            #expect(try await store.setting("a") == "b")
            try await store.close()
        }
    }

    @Test("A short look goes past a long one")
    func shortLooks() async throws {
        try await withFolder { folder in
            let store = try open(folder.appending(path: "a.sqlite"))
            let looked = Atomic(false)
            let (begun, begin) = AsyncStream<Void>.makeStream()
            async let waited = store.read { _ in
                begin.finish()
                let end = ContinuousClock.now + .seconds(30)
                while !looked.load(ordering: .acquiring), ContinuousClock.now < end {}
                return looked.load(ordering: .acquiring)
            }
            for await _ in begun {}
            for _ in 0..<4 { #expect(try await store.setting("a") == nil) }
            looked.store(true, ordering: .releasing)
            #expect(try await waited)
            try await store.close()
        }
    }
}
