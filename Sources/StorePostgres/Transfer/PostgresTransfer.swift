import StoreTransfer
package import SyncCore

/// Databases of a server as one end of a promotion, a backup or a restore. All calls block; errors are `StoreError` or
/// `TransferError`.
package enum PostgresTransfer {
    /// Reads a database as it is at this moment, beside all who work on it.
    package static func reading<Value>(
        _ address: PostgresAddress, _ body: (PostgresSource) throws -> Value
    ) throws -> Value {
        try mapped {
            let connection = try snapshot(of: address)
            defer { connection.rollback() }
            return try body(PostgresSource(connection: connection))
        }
    }

    /// A connection that sees a database of ours as it is at this moment.
    static func snapshot(of address: PostgresAddress) throws -> PostgresConnection {
        let connection = try connect(address)
        guard let found = try PostgresMigrations.released.version(connection) else {
            throw StoreError.notADatabase(address.description)
        }
        let known = PostgresMigrations.released.newest
        if found.compatibleFrom > known { throw StoreError.newerSchema(found: found.newest, known: known) }
        try refuseUnfinished(connection)
        try connection.begin(.snapshot)
        return connection
    }

    /// Fills an empty database in one transaction, so whoever works on it sees nothing or all; `schemas` say which
    /// views there are to be. A restore that is interrupted leaves no row.
    package static func filling<Value>(
        _ address: PostgresAddress, views schemas: [StreamSchema], partitioning: Partitioning? = nil,
        _ body: (PostgresSink) throws -> Value
    ) throws -> Value {
        try mapped {
            let connection = try connect(address)
            try connection.checkServer()
            try refuseUnfinished(connection)
            try refuseData(connection, address)
            try PostgresMigrations.released.apply(on: connection, at: address)
            try connection.begin()
            do {
                // Against somebody who begins to work, or to restore, at the same time.
                try connection.script("LOCK TABLE workspaces, sync_jobs IN SHARE ROW EXCLUSIVE MODE")
                try refuseData(connection, address)
                let sink = PostgresSink(connection: connection, partitioning: partitioning)
                let value = try body(sink)
                try sink.complete(schemas)
                try connection.commit(timeout: .seconds(3600))
                analyze(connection)
                return value
            } catch {
                connection.rollback()
                throw error
            }
        }
    }

    /// A session that the server's list of them tells from those of workers.
    static func connect(_ address: PostgresAddress) throws -> PostgresConnection {
        let connection = try PostgresConnection(address)
        // A pooler would hand the name on to others.
        if !connection.server.isPooled { try connection.script("SET application_name = 'sluice transfer'") }
        return connection
    }

    /// Throws when a promotion into the database has begun and is not at its end: nobody is to work on a part of the
    /// data.
    static func refuseUnfinished(_ connection: PostgresConnection) throws {
        guard try PostgresCatalog(connection: connection).has(PromotionNote.table) else { return }
        var source = "?"
        try connection.execute("SELECT file FROM promotion") { source = $0.text(0) }
        throw TransferError.unfinishedPromotion(source: source)
    }

    /// Throws when the database has rows of ours, or tables of others under our names.
    static func refuseData(_ connection: PostgresConnection, _ address: PostgresAddress) throws {
        let catalog = PostgresCatalog(connection: connection)
        guard try PostgresMigrations.released.version(connection) != nil else {
            return try PostgresMigrations.refuseOthers(connection, address)
        }
        if let table = try catalog.tableWithRows() {
            throw TransferError.holdsData(address.description, table: table)
        }
    }

    /// The server finds its ways by what it knows of the tables, and would learn of the new rows only in a minute.
    static func analyze(_ connection: PostgresConnection) {
        // Without it everything is right, and slower for a while.
        try? connection.script("ANALYZE", timeout: .seconds(600))
    }

    static func mapped<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as PostgresError {
            throw StoreError(error)
        }
    }
}
