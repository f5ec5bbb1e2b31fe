import FoundationEssentials
import GRDB
package import SyncCore

extension SQLiteStore {
    /// What a process wants with a database file.
    package enum Mode: Sendable, Hashable {
        /// To run workers: one process at a time; creates the file when there is none.
        case work
        /// To look, enqueue, cancel or retry beside the process that works.
        case visit
    }

    /// Opens a database file. Nothing is changed or created when this throws: a file that is no Sluice
    /// database (`notADatabase`, also when it is missing and `mode` is `visit`), that a newer program wrote
    /// (`newerSchema`), that cannot be written (`notWritable`) or that another process works on (`inUse`).
    ///
    /// Chunks that were in the hands of a process that is gone are up for rescue at once: who holds the
    /// file's lock knows that nobody else works on it.
    package static func open(
        path: String, mode: Mode, clock: any WallClock, executor: (any SerialExecutor)? = nil
    ) throws -> SQLiteStore {
        do {
            let found = try DatabaseFile.inspect(path)
            if mode == .visit, found == .nothing { throw StoreError.notADatabase(path) }
            // An older file is brought up to date by whoever opens it, but only when nobody works on it.
            let needsLock = mode == .work || found != .sluice(version: Migrations.newest)
            let lock = needsLock ? try FileLock.acquire(for: path) : nil
            // Kept to the end of the migration also by a visitor, who then gives it back.
            let connection = try withExtendedLifetime(lock) { try connect(path, mode: mode) }
            return SQLiteStore(
                connection: connection, mode: mode, lock: mode == .work ? lock : nil, clock: clock,
                executor: executor ?? SerialQueueExecutor(label: "sluice.store"))
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private static func connect(_ path: String, mode: Mode) throws -> StoreConnection {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.label = "sluice.database"
        let database = try DatabaseQueue(path: path, configuration: configuration)
        let connection = StoreConnection(path: path, database: database)
        try connection.bare { db in
            try Migrations.checkLibrary(db)
            try DatabaseFile.configure(db, mode: mode)
            try Migrations.apply(to: db)
            if mode == .work {
                try db.execute(sql: "UPDATE sync_chunks SET lease_until = 0 WHERE status = 'in_progress'")
            }
        }
        return connection
    }
}

/// A database file before it is opened for use.
enum DatabaseFile {
    /// `SLUC`, in the file's header, so that no other program's database is taken for ours.
    static let applicationID = 0x534C_5543

    enum Found: Equatable {
        /// No file, or an empty one.
        case nothing
        case sluice(version: Int)
    }

    /// Looks at a file through a read-only connection, which leaves it as it is.
    static func inspect(_ path: String) throws -> Found {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return .nothing }
        if isDirectory { throw StoreError.notADatabase(path) }
        try refuse(byHeaderOf: path)
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? database.close() }
        let (tables, application, version) = try database.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            )
        }
        if tables == 0, application == 0 { return .nothing }
        guard application == applicationID else { throw StoreError.notADatabase(path) }
        if version > Migrations.newest {
            throw StoreError.newerSchema(found: version, known: Migrations.newest)
        }
        return .sluice(version: version)
    }

    /// Refuses a newer schema or another program's database by the file's first bytes: even a read-only connection
    /// would leave its log files beside the database. With a log beside it already, the bytes may be old.
    private static func refuse(byHeaderOf path: String) throws {
        guard !FileManager.default.fileExists(atPath: path + "-wal"),
            let header = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped).prefix(100),
            header.count == 100
        else { return }
        func number(at offset: Int) -> Int { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        let application = number(at: 68)
        guard application != 0 else { return }
        guard application == applicationID else { throw StoreError.notADatabase(path) }
        let version = number(at: 60)
        if version > Migrations.newest { throw StoreError.newerSchema(found: version, known: Migrations.newest) }
    }

    /// Settings of a connection. Only the process that works the file moves the log into the database, so
    /// that a visitor never waits for that.
    static func configure(_ db: Database, mode: SQLiteStore.Mode) throws {
        try db.execute(
            sql: """
                PRAGMA page_size = \(DataTables.pageSize);
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = NORMAL;
                PRAGMA foreign_keys = ON;
                PRAGMA secure_delete = OFF;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -8000;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA wal_autocheckpoint = \(mode == .work ? 2000 : 0);
                """)
    }
}
