import Foundation
import StorePostgres
import StoreSQLite
import SyncCore
import Wording

/// What `--database` means: a file of this machine, or a server that many share. Shown without its password.
enum DatabaseLocation: Sendable, CustomStringConvertible {
    case file(String)
    case server(PostgresAddress)

    init(_ text: String) throws {
        // The other form of libpq, `host=… dbname=…`, would name a strange file.
        let isConnectionString = text.contains(/(^|\s)(host|hostaddr|dbname|service)\s*=/)
        guard text.contains("://") || isConnectionString else {
            self = .file(DatabasePlace.resolved(text))
            return
        }
        guard PostgresAddress.isAddress(text) else {
            throw Exit.usage(
                said(
                    "--database takes a file or postgres://user:password@host/database. "
                        + "This is neither: \(masked(text))."
                ))
        }
        self = .server(try PostgresAddress(text, environment: ProcessInfo.processInfo.environment))
    }

    var description: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }

    var path: String? {
        if case .file(let path) = self { path } else { nil }
    }

    /// As an archive names it.
    var engine: String { path == nil ? "postgres" : "sqlite" }
}

/// The first word only: what follows may hold a password.
private func masked(_ address: String) -> String {
    address.contains("://") ? address.prefix { $0 != ":" } + "://…" : address.prefix { $0 != "=" } + "=…"
}

/// An opened database, of whichever engine.
struct Database: Sendable {
    let store: any WebStore
    /// For people.
    let engineName: String
    /// The time by which its leases and quotas go, for what is compared with them.
    let clock: any WallClock
    private let closing: @Sendable () async throws -> Void
    private let partitioning: @Sendable (Partitioning) async throws -> Void

    /// Throws what `SQLiteStore.open` and `PostgresStore.open` throw; of a server that does not answer one sentence,
    /// unless it `isAwaited`. Only work makes a database where there is none.
    static func open(
        _ location: DatabaseLocation, _ mode: SQLiteStore.Mode, answeringAt address: String? = nil,
        isAwaited: Bool = false
    ) async throws -> Database {
        switch location {
        case .file(let path):
            let store = try SQLiteStore.open(
                path: path, mode: mode, answeringAt: address, clock: SystemWallClock())
            return Database(
                store: store, engineName: "SQLite", clock: SystemWallClock(), closing: { try await store.close() }
            ) { _ in }
        case .server(let address):
            let store = try await reaching(isAwaited: isAwaited) {
                try await PostgresStore.open(
                    address, creates: mode == .work, connections: mode == .work ? 8 : 2, logger: Workplace.log)
            }
            return Database(
                store: store, engineName: "PostgreSQL", clock: store.clock, closing: { await store.close() }
            ) {
                try await store.partition(by: $0)
            }
        }
    }

    /// Whether there is no database yet: no file or an empty one, or a server's database without our tables.
    static func isMissing(at location: DatabaseLocation) async throws -> Bool {
        switch location {
        case .file(let path): return try SQLiteStore.isMissing(at: path)
        case .server(let address):
            return try await reaching { try await PostgresStore.isMissing(at: address, logger: Workplace.log) }
        }
    }

    /// Nothing was begun that may go on later: whoever reads of a server that is not there looks for a wrong address.
    private static func reaching<Value>(isAwaited: Bool = false, _ body: () async throws -> Value) async throws -> Value
    {
        do {
            return try await body()
        } catch StoreError.unavailable(let why) where !isAwaited {
            throw Exit.usage(Words.current.whole(why))
        }
    }

    private init(
        store: any WebStore, engineName: String, clock: any WallClock,
        closing: @escaping @Sendable () async throws -> Void,
        partitioning: @escaping @Sendable (Partitioning) async throws -> Void
    ) {
        self.store = store
        self.engineName = engineName
        self.clock = clock
        self.closing = closing
        self.partitioning = partitioning
    }

    func close() async throws { try await closing() }

    /// Cuts the tables of a server that are made from now on. A file has nothing to cut.
    func partition(by partitioning: Partitioning) async throws { try await self.partitioning(partitioning) }
}
