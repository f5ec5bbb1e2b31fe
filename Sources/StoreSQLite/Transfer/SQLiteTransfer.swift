import FoundationEssentials
import GRDB
import StoreTransfer
package import SyncCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Files as one end of a promotion, a backup or a restore. All calls block; errors are `StoreError` or `TransferError`.
package enum SQLiteTransfer {
    /// Reads a file as it is at this moment, beside whoever works on it. The log cannot be emptied meanwhile, so it
    /// grows by what is written during that time.
    package static func reading<Value>(
        _ path: String, knowing schemas: [StreamSchema], _ body: (SQLiteSource) throws -> Value
    ) throws -> Value {
        try mapped(path) {
            let database = try reader(of: path)
            defer { try? database.close() }
            return try database.writeWithoutTransaction { db in
                var value: Value?
                try db.inTransaction(.deferred) {
                    value = try body(SQLiteSource(db: db, known: KnownKinds(schemas: schemas)))
                    return .commit
                }
                guard let value else { throw StoreError.inconsistent("a read without a result") }
                return value
            }
        }
    }

    /// Who may tidy up takes SQLite's own files away again, which a connection that may only read leaves there. With
    /// `isKept` a transaction may stay open from one access to the next.
    static func reader(of path: String, isKept: Bool = false) throws -> DatabaseQueue {
        guard DatabaseFile.canTidy(path) else { return try DatabaseFile.reading(path, isKept: isKept) }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.allowsUnsafeTransactions = isKept
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.writeWithoutTransaction { try DatabaseFile.configure($0, mode: .look) }
        return database
    }

    /// Throws when the file's data was moved to a server: whoever means to write is told before anything else.
    package static func refusePromoted(_ path: String) throws {
        let place = try reading(path, knowing: []) { source in
            try String.fetchOne(
                source.db, sql: "SELECT value FROM settings WHERE name = ?", arguments: [PromotionNote.inSource])
        }
        if let place { throw TransferError.promoted(path, to: place) }
    }

    /// What is known of a file that is moved.
    package struct Moving {
        package let source: SQLiteSource
        /// The same for a file and its copies.
        package let identity: String
        /// Changes with every change of the file.
        package let state: String
        fileprivate let db: Database

        /// Where the file's data is already, if it was moved before.
        package var promotedTo: String? {
            get throws {
                try String.fetchOne(
                    db, sql: "SELECT value FROM settings WHERE name = ?", arguments: [PromotionNote.inSource])
            }
        }

        /// Writes into the file where its data is now, so that nobody goes on with it by mistake.
        package func note(_ place: String, at now: Instant) throws {
            try db.execute(
                sql: "INSERT OR REPLACE INTO settings (name, value, updated_at) VALUES (?, ?, ?)",
                arguments: [PromotionNote.inSource, place, now.description])
        }
    }

    /// Keeps everybody else from working on a file and from changing it while `body` runs. What `body` notes is kept
    /// when it returns; else the file stays as it was.
    package static func moving<Value>(
        _ path: String, knowing schemas: [StreamSchema], _ body: (Moving) throws -> Value
    ) throws -> Value {
        try mapped(path) {
            guard case .sluice = try DatabaseFile.inspect(path) else { throw StoreError.notADatabase(path) }
            guard DatabaseFile.isWritable(path) else { throw StoreError.notWritable(path) }
            let lock = try FileLock.acquire(for: path)
            return try withExtendedLifetime(lock) {
                var configuration = Configuration()
                configuration.busyMode = .timeout(5)
                let database = try DatabaseQueue(path: path, configuration: configuration)
                defer { try? database.close() }
                return try database.writeWithoutTransaction { db in
                    try Migrations.checkLibrary(db)
                    try DatabaseFile.configure(db, mode: .work)
                    try Migrations.apply(to: db)
                    // With an empty log the file's own size and time tell whether it has changed since.
                    _ = try db.checkpoint(.truncate)
                    var value: Value?
                    try db.inTransaction(.immediate) {
                        value = try body(try Moving(db, path, KnownKinds(schemas: schemas)))
                        return .commit
                    }
                    guard let value else { throw StoreError.inconsistent("a move without a result") }
                    return value
                }
            }
        }
    }

    /// Makes a new file and calls `body` to fill it; all or nothing. `schemas` say which views there are to be.
    ///
    /// An empty database of ours may stand at the path; one with rows is refused. The file is written under another
    /// name and put in place when it is whole, so a restore that is interrupted changes nothing.
    package static func filling<Value>(
        _ path: String, views schemas: [StreamSchema], _ body: (SQLiteSink) throws -> Value
    ) throws -> Value {
        try mapped(path) {
            let lock = try FileLock.acquire(for: path)
            return try withExtendedLifetime(lock) {
                try refuseData(path)
                let partial = path + ".restoring"
                defer { unlink(partial) }
                unlink(partial)
                let value = try fill(partial, schemas, body)
                for ending in ["-wal", "-shm"] { unlink(path + ending) }
                guard rename(partial, path) == 0 else { throw StoreError.notWritable(path) }
                sync(path)
                return value
            }
        }
    }

    private static func fill<Value>(
        _ path: String, _ schemas: [StreamSchema], _ body: (SQLiteSink) throws -> Value
    ) throws -> Value {
        var configuration = Configuration()
        // Rows come in an order in which they can refer to each other; it is checked at the end.
        configuration.foreignKeysEnabled = false
        let database = try DatabaseQueue(path: path, configuration: configuration)
        do {
            let value = try database.writeWithoutTransaction { db in
                try Migrations.checkLibrary(db)
                try db.execute(
                    sql: """
                        PRAGMA page_size = \(DataTables.pageSize);
                        PRAGMA journal_mode = OFF;
                        PRAGMA synchronous = OFF;
                        """)
                try Migrations.apply(to: db)
                var value: Value?
                try db.inTransaction(.immediate) {
                    let sink = SQLiteSink(db: db)
                    value = try body(sink)
                    try sink.complete()
                    try db.checkForeignKeys()
                    let present = schemas.filter { (try? db.tableExists($0.table)) ?? false }
                    try DataViews.create(for: present, in: db)
                    return .commit
                }
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                guard let value else { throw StoreError.inconsistent("a restore without a result") }
                return value
            }
            try database.close()
            sync(path)
            return value
        } catch {
            try? database.close()
            throw error
        }
    }

    /// Throws unless there is no file, or one of ours without rows.
    private static func refuseData(_ path: String) throws {
        guard case .sluice = try DatabaseFile.inspect(path) else { return }
        let database = try reader(of: path)
        defer { try? database.close() }
        try database.read { db in
            let source = SQLiteSource(db: db, known: KnownKinds(schemas: []))
            // A new database has one workspace.
            for layout in try source.layouts where layout.name != "workspaces" {
                guard try source.count(of: layout) > 0 else { continue }
                throw TransferError.holdsData(path, table: layout.name)
            }
        }
    }

    /// Makes a file and its name lie on the disk.
    private static func sync(_ path: String) {
        for name in [path, URL(fileURLWithPath: path).deletingLastPathComponent().path] {
            let descriptor = open(name, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fsync(descriptor)
            close(descriptor)
        }
    }

    static func mapped<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        } catch let error as DataTableMismatch {
            throw StoreError(error, path: path)
        }
    }
}

extension SQLiteTransfer.Moving {
    fileprivate init(_ db: Database, _ path: String, _ known: KnownKinds) throws {
        self.db = db
        source = SQLiteSource(db: db, known: known)
        // The moment in which a file was made, to the millisecond.
        identity = try String.fetchOne(db, sql: "SELECT group_concat(id || ' ' || created_at) FROM workspaces") ?? ""
        var found = stat()
        guard stat(path, &found) == 0 else { throw StoreError.notADatabase(path) }
        state = "\(found.st_size) \(found.st_mtim.tv_sec).\(found.st_mtim.tv_nsec)"
    }
}
