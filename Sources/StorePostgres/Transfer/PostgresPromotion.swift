import StoreSQL
package import StoreTransfer
package import SyncCore

/// A database that a file is being promoted to.
///
/// It remembers by itself how far it came: each batch of rows is one transaction with the place behind it, so whoever
/// is killed at any moment goes on at exactly that place. While it is unfinished it has the table `promotion`, and no
/// process works on it; at the end that table goes and the setting `promoted_from` stays.
package final class PostgresPromotion {
    /// How far a table is.
    package struct Progress {
        /// What was copied so far.
        package var digest = TableDigest()
        /// Where the source goes on; nil for the begin.
        package var position: [UInt8]?
        package var isCopied = false
        /// Values that PostgreSQL cannot hold and that were replaced.
        package var replaced = 0

        package init() {}
    }

    package enum Found {
        case new, resumed
        /// The file has changed since, so what was copied is taken away again.
        case restarted
        /// This very file was promoted to its end before.
        case finished
    }

    package let found: Found
    private let connection: PostgresConnection
    private let sink: PostgresSink
    private let file: PromotedFile
    /// Differs from run to run: one that was taken for dead and is not stops at its next batch.
    private let run: String

    /// Makes the database ready, or throws and changes nothing: it must be empty, or have an unfinished promotion of
    /// the same file.
    package convenience init(
        to address: PostgresAddress, of file: PromotedFile, partitioning: Partitioning? = nil, run: String
    ) throws {
        try self.init(address, file, partitioning, run)
    }

    private init(
        _ address: PostgresAddress, _ file: PromotedFile, _ partitioning: Partitioning?, _ run: String
    ) throws {
        self.file = file
        self.run = run
        let (connection, found) = try PostgresTransfer.mapped {
            let connection = try PostgresTransfer.connect(address)
            try connection.checkServer()
            return (connection, try PromotionTarget(connection, address, file).begin(run))
        }
        self.connection = connection
        self.found = found
        sink = PostgresSink(connection: connection, partitioning: partitioning)
    }

    /// Makes the tables, and takes away what was copied of a file that has changed since.
    package func prepare(_ layouts: [TableLayout]) throws {
        try transaction {
            if found == .restarted {
                let tables = try PostgresCatalog(connection: connection).layouts().map { quoted($0.name) }
                try connection.script("TRUNCATE \(tables.joined(separator: ", ")), promotion_tables")
                try connection.execute("UPDATE promotion SET state = $1", [.text(file.state)])
            }
            // Also when it goes on: the rows of `workspaces` are the file's from its first batch on.
            if try progress().isEmpty { try sink.prepare(layouts) }
        }
    }

    package func progress(of table: TableLayout) throws -> Progress {
        try PostgresTransfer.mapped { try progress()[table.name] ?? Progress() }
    }

    private func progress() throws -> [String: Progress] {
        var found: [String: Progress] = [:]
        try connection.execute("SELECT name, rows, hash, position, is_copied, replaced FROM promotion_tables") { row in
            var progress = Progress()
            progress.digest = TableDigest(rows: row.int(1), bytes: row.bytes(2)) ?? TableDigest()
            progress.position = row.optionalBytes(3)
            progress.isCopied = row.bool(4)
            progress.replaced = row.int(5)
            found[row.text(0)] = progress
        }
        return found
    }

    /// Writes some rows, and how far the table is with them. Without rows only the latter.
    package func write(_ batch: RowBatch?, of table: TableLayout, _ progress: Progress) throws {
        try transaction {
            if let batch { try sink.write(batch, of: table) }
            try connection.execute(
                """
                INSERT INTO promotion_tables (name, rows, hash, position, is_copied, replaced)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, hash = excluded.hash,
                    position = excluded.position, is_copied = excluded.is_copied, replaced = excluded.replaced
                """,
                [
                    .text(table.name), .integer(Int64(progress.digest.rows)), .bytes(progress.digest.bytes),
                    progress.position.map { .bytes($0) } ?? .null, .integer(progress.isCopied ? 1 : 0),
                    .integer(Int64(progress.replaced)),
                ])
        }
    }

    /// What the tables hold now, read anew from the server.
    package func digests(
        of layouts: [TableLayout], _ told: (TableLayout, TableDigest) throws -> Void
    ) throws -> [String: TableDigest] {
        try PostgresTransfer.mapped {
            try connection.begin(.snapshot)
            defer { connection.rollback() }
            return try sink.written(layouts).digests(of: layouts, told)
        }
    }

    /// Sets the next ids, makes the views and opens the database for work.
    package func finish(views schemas: [StreamSchema], at now: Instant) throws {
        try transaction {
            try sink.complete(schemas)
            try connection.execute(
                "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, CAST($3 AS timestamptz))",
                [.text(PromotionNote.inTarget), .text(file.identity), .text(now.description)])
            try connection.script("DROP TABLE promotion, promotion_tables")
        }
        PostgresTransfer.analyze(connection)
    }

    /// One transaction of this run; another one that has taken over ends it.
    private func transaction(_ body: () throws -> Void) throws {
        try PostgresTransfer.mapped {
            try connection.begin()
            do {
                guard try connection.execute("UPDATE promotion SET run = $1 WHERE run = $1", [.text(run)]) == 1 else {
                    throw TransferError.overtaken
                }
                try body()
                try connection.commit(timeout: .seconds(600))
            } catch {
                connection.rollback()
                throw error
            }
        }
    }
}

/// The file of a promotion.
package struct PromotedFile: Sendable {
    /// What people call it.
    package var name: String
    /// The same for a file and its copies.
    package var identity: String
    /// Changes with every change of the file.
    package var state: String

    package init(name: String, identity: String, state: String) {
        self.name = name
        self.identity = identity
        self.state = state
    }
}

/// Looks at the database before a promotion, and claims it.
private struct PromotionTarget {
    let connection: PostgresConnection
    let address: PostgresAddress
    let file: PromotedFile
    let catalog: PostgresCatalog

    init(_ connection: PostgresConnection, _ address: PostgresAddress, _ file: PromotedFile) {
        self.connection = connection
        self.address = address
        self.file = file
        catalog = PostgresCatalog(connection: connection)
    }

    func begin(_ run: String) throws -> PostgresPromotion.Found {
        if let found = try look() {
            if found != .finished { try claim(run) }
            return found
        }
        try refuseOthers()
        try PostgresMigrations.released.apply(on: connection, at: address)
        try create(run)
        // Who came in between has not seen that table.
        do {
            try refuseOthers()
        } catch {
            try connection.script("DROP TABLE promotion, promotion_tables")
            throw error
        }
        return .new
    }

    /// Nil for an empty database.
    private func look() throws -> PostgresPromotion.Found? {
        guard try catalog.has(PromotionNote.table) else {
            if try isFinished() { return .finished }
            try PostgresTransfer.refuseData(connection, address)
            return nil
        }
        var state: String?
        var other = ""
        try connection.execute("SELECT identity, state, file FROM promotion") { row in
            if row.text(0) == file.identity { state = row.text(1) } else { other = row.text(2) }
        }
        guard let state else { throw TransferError.otherPromotion(address.description, source: other) }
        return state == file.state ? .resumed : .restarted
    }

    private func isFinished() throws -> Bool {
        guard try PostgresMigrations.released.version(connection) != nil else { return false }
        var isFinished = false
        try connection.execute(
            "SELECT FROM settings WHERE name = $1 AND value = $2",
            [.text(PromotionNote.inTarget), .text(file.identity)]
        ) { _ in isFinished = true }
        return isFinished
    }

    /// Other processes of ours, which work on the database or are about to. Behind a pooler nobody can tell. The server
    /// may take a moment to notice that one has ended.
    private func refuseOthers() throws {
        guard !connection.server.isPooled else { return }
        var count = 0
        for _ in 0..<15 {
            try connection.execute(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'sluice' AND pid <> pg_backend_pid()
                """
            ) { count = $0.int(0) }
            if count == 0 { return }
            try connection.execute("SELECT pg_sleep(0.2)")
        }
        throw TransferError.othersAtWork(address.description, count: count)
    }

    private func create(_ run: String) throws {
        try connection.begin()
        do {
            try connection.execute("SELECT pg_advisory_xact_lock($1)", [.integer(PostgresLock.migration)])
            try PostgresTransfer.refuseUnfinished(connection)
            try PostgresTransfer.refuseData(connection, address)
            try connection.script(
                """
                CREATE TABLE promotion (
                    identity text NOT NULL, state text NOT NULL, file text NOT NULL, run text NOT NULL);
                CREATE TABLE promotion_tables (
                    name text PRIMARY KEY, rows bigint NOT NULL, hash bytea NOT NULL, position bytea,
                    is_copied boolean NOT NULL, replaced bigint NOT NULL) WITH (fillfactor = 10)
                """)
            try connection.execute(
                "INSERT INTO promotion (identity, state, file, run) VALUES ($1, $2, $3, $4)",
                [.text(file.identity), .text(file.state), .text(file.name), .text(run)])
            try connection.commit()
        } catch {
            connection.rollback()
            throw error
        }
    }

    private func claim(_ run: String) throws {
        try connection.execute("UPDATE promotion SET run = $1", [.text(run)])
    }
}
