import Foundation
import Logging
import StorePostgres
import StoreSQL
import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

/// A database engine that runs the exercises.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case sqliteFile = "SQLite file"
    case sqliteMemory = "SQLite in memory"
    case postgres = "PostgreSQL"
    case pooled = "PostgreSQL behind PgBouncer"
    case partitioned = "PostgreSQL with tables of days partitioned by month"

    /// PostgreSQL where the tests are given a server, and a pooler before it.
    static var available: [Backend] {
        allCases.filter { backend in
            switch backend {
            case .sqliteFile, .sqliteMemory: true
            case .postgres, .partitioned: PostgresDatabase.server != nil
            case .pooled: PostgresDatabase.pooler != nil
            }
        }
    }
    /// Those that let several processes share a database. A file is worked by one; in memory, stores share a
    /// connection.
    static var shared: [Backend] { available.filter { $0 != .sqliteFile } }
    var testDescription: String { rawValue }

    /// Runs `body` on a fresh database, which is gone afterwards.
    func withScene(_ body: (StoreScene) async throws -> Void) async throws {
        let clock = ManualWallClock()
        switch self {
        case .sqliteFile:
            try await withFolder { folder in
                let file = DatabaseFileUnderTest(path: folder.appending(path: "test.sqlite").path, clock: clock)
                let scene = StoreScene(store: try await file.reopen(), clock: clock) { try await file.reopen() }
                try await body(scene)
                try await file.close()
            }
        case .sqliteMemory:
            let database = try MemoryDatabase()
            let store = try SQLiteStore.inMemory(database, clock: clock)
            try await body(
                StoreScene(store: store, clock: clock) { try SQLiteStore.inMemory(database, clock: clock) })
        case .postgres, .pooled, .partitioned:
            let way = self == .pooled ? PostgresDatabase.pooler : nil
            try await PostgresDatabase.withDatabase(through: way) { database in
                let stores = PostgresStores(database: database, clock: clock)
                let store = try await stores.open()
                if self == .partitioned { try await store.partition(by: .month) }
                let scene = StoreScene(
                    store: store, clock: clock,
                    differences: StoreDifferences(longestStepBack: StoreClock.patience, holdsNull: false)
                ) { try await stores.open() }
                let result = await Result { try await body(scene) }
                await stores.close()
                try result.get()
            }
        }
    }
}

/// The file of one exercise and the store that has it open.
private actor DatabaseFileUnderTest {
    private let path: String
    private let clock: ManualWallClock
    private var store: SQLiteStore?

    init(path: String, clock: ManualWallClock) {
        self.path = path
        self.clock = clock
    }

    func reopen() async throws -> SQLiteStore {
        try await store?.close()
        let new = try SQLiteStore.open(path: path, mode: .work, clock: clock)
        store = new
        return new
    }

    func close() async throws { try await store?.close() }
}

/// The stores that an exercise has opened on one database.
private actor PostgresStores {
    private let database: PostgresAddress
    private let clock: ManualWallClock
    private var open: [PostgresStore] = []

    init(database: PostgresAddress, clock: ManualWallClock) {
        self.database = database
        self.clock = clock
    }

    func open() async throws -> PostgresStore {
        let store = try await PostgresStore.open(
            database, connections: 2, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        open.append(store)
        return store
    }

    func close() async {
        for store in open { await store.close() }
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// Runs `body` with a new folder that is removed afterwards.
func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
