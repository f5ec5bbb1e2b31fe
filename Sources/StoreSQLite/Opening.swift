import FoundationEssentials
import GRDB
import GRDBSQLite
import StoreSQL
import StoreTransfer
package import SyncCore

extension SQLiteStore {
    /// What a process wants with a database file.
    package enum Mode: Sendable, Hashable {
        /// To run workers: one process at a time; creates the file when there is none.
        case work
        /// To enqueue, cancel or retry beside the process that works.
        case visit
        /// Only to look; also where this process may not write, and no file is left there then.
        case look
    }

    /// One is for what many ask for all the time, while another looks through years.
    private static let readers = 2

    /// Opens a database file. Nothing is changed or created when this throws: a file that is no Sluice
    /// database (`notADatabase`, also when it is missing and `mode` is not `work`), that a newer program wrote
    /// (`newerSchema`), that cannot be written (`notWritable`), that another process works on (`inUse`) or whose data
    /// was moved to a server (`refused`, unless `mode` is `look`).
    ///
    /// Chunks that were in the hands of a process that is gone are up for rescue at once: who holds the
    /// file's lock knows that nobody else works on it. Who comes meanwhile is told the `address`.
    package static func open(
        path: String, mode: Mode, answeringAt address: String? = nil, clock: any WallClock,
        executor: (any SerialExecutor)? = nil
    ) throws -> SQLiteStore {
        do {
            let found = try DatabaseFile.inspect(path)
            if mode != .work, found == .nothing { throw StoreError.notADatabase(path) }
            let isCurrent = found == .sluice(version: Migrations.newest)
            let isGuest = mode == .look && isCurrent && !DatabaseFile.canTidy(path)
            guard isGuest || found == .nothing || DatabaseFile.isWritable(path) else {
                throw StoreError.notWritable(path)
            }
            // An older file is brought up to date by whoever opens it, but only when nobody works on it.
            let needsLock = mode == .work || !isCurrent
            let lock = needsLock ? try FileLock.acquire(for: path, answeringAt: address) : nil
            // Kept to the end of the migration also by a visitor, who then gives it back.
            let connection = try withExtendedLifetime(lock) {
                try isGuest
                    ? StoreConnection(path: path, database: DatabaseFile.reading(path)) : connect(path, mode: mode)
            }
            let memory = StoreMemory()
            // In the hands of a simulator all goes one after the other.
            let readers =
                mode != .work || executor != nil
                ? []
                : try (1...SQLiteStore.readers).map { number in
                    SQLiteStore(
                        connection: try connect(path, mode: .look), mode: .look, lock: nil, clock: clock,
                        executor: SerialQueueExecutor(label: "sluice.store.reader.\(number)"), memory: memory)
                }
            return SQLiteStore(
                connection: connection, readers: readers, mode: mode, lock: mode == .work ? lock : nil, clock: clock,
                executor: executor ?? SerialQueueExecutor(label: "sluice.store"), memory: memory)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Whether there is no database yet: no file, or an empty one. Throws as `open` does.
    package static func isMissing(at path: String) throws -> Bool {
        do {
            return try DatabaseFile.inspect(path) == .nothing
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
            if mode != .look { try refusePromoted(db, path) }
            if mode == .work {
                try db.execute(sql: "UPDATE sync_chunks SET lease_until = 0 WHERE status = 'in_progress'")
            }
        }
        return connection
    }
}

extension SQLiteStore {
    /// Nobody is to go on with a file by mistake whose data is elsewhere now.
    private static func refusePromoted(_ db: Database, _ path: String) throws {
        let place = try String.fetchOne(
            db, sql: "SELECT value FROM settings WHERE name = ?", arguments: [PromotionNote.inSource])
        if let place { throw TransferError.promoted(path, to: place) }
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

    /// Whether this process may write the file itself.
    static func isWritable(_ path: String) -> Bool { FileManager.default.isWritableFile(atPath: path) }

    /// SQLite lays a log and its index beside a database even to read it. Who may write the file and its folder
    /// takes them away again.
    static func canTidy(_ path: String) -> Bool {
        isWritable(path) && isWritable(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// A connection that only reads. Who cannot tidy up reads a file that nobody has open as one that does not change:
    /// that needs no other files. Where a log stands beside it already, it changes nothing.
    static func reading(_ path: String, isKept: Bool = false) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = isKept
        configuration.busyMode = .timeout(5)
        let isOpen = ["-wal", "-journal"].contains { FileManager.default.fileExists(atPath: path + $0) }
        guard !canTidy(path), !isOpen, sqlite3_compileoption_used("USE_URI") != 0 else {
            return try DatabaseQueue(path: path, configuration: configuration)
        }
        let address = URL(fileURLWithPath: path).absoluteString + "?immutable=1"
        return try DatabaseQueue(path: address, configuration: configuration)
    }

    /// Looks at a file through a read-only connection, which leaves it as it is.
    static func inspect(_ path: String) throws -> Found {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return .nothing }
        if isDirectory { throw StoreError.notADatabase(path) }
        try refuse(byHeaderOf: path)
        let database = try reading(path)
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
        // In the mode with a log, and with more pages than an empty database has.
        if application == 0, header[18] == 2, number(at: 28) > 1 { throw StoreError.notADatabase(path) }
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
