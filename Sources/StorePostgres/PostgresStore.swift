import Logging
package import StoreSQL
package import SyncCore
import Synchronization

/// All of Sluice's state in a PostgreSQL database that any number of processes share.
///
/// Transactions are `READ COMMITTED`; what an account has is changed by one transaction at a time, under an advisory
/// lock of the account that ends with it, so what a write reads of its account holds to its end. Claims take no such
/// lock: they pass by rows that somebody has in hand (`SKIP LOCKED`). Locks are always taken in the same order:
/// accounts by id, then rows, the journal last.
///
/// Writes about chunks that come while one is being committed share the next transaction; each still succeeds or fails
/// alone.
package final class PostgresStore: SQLStore {
    let pool: PostgresPool
    let address: PostgresAddress
    private let memory = StoreMemory()
    /// The time by which this store goes.
    package let clock: StoreClock
    private let lanes = WriteLanes()
    private let told = StoreHints()
    private let listener: PostgresListener
    /// When it was last seen that this program can work on the schema.
    private let schemaSeenAt = Mutex<ContinuousClock.Instant?>(nil)

    /// How often a transaction runs again that met another's rows in the wrong order.
    private static let mostConflicts = 8
    /// A newer program may change the schema while this one works: as often as leases are renewed, the next
    /// transaction looks first. It sees an upgrade behind a lost connection, too.
    private static let looksAtSchemaEvery: Duration = .seconds(4)

    init(address: PostgresAddress, pool: PostgresPool, clock: StoreClock, logger: Logger) {
        self.address = address
        self.pool = pool
        self.clock = clock
        self.listener = PostgresListener(address, logger: logger)
    }

    /// Ends all connections, each when its call is done. Calls after this throw.
    package func close() async {
        listener.stop()
        await pool.shutdown()
    }

    package func write<Value: Sendable>(
        _ subject: WriteSubject, weight: Int, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        guard case .chunk(_, let account) = subject else { return try await alone(subject, body) }
        let ticket = WriteTicket(weight: weight, body)
        await lanes.run(WriteLanes.Member(write: ticket, subject: subject, account: account)) { await commit($0) }
        return try ticket.result()
    }

    /// From now on tables of days are made in partitions; those that are there stay as they are.
    package func partition(by partitioning: Partitioning) async throws {
        try await mapped {
            try await self.pool.withConnection { try PostgresPartitions(connection: $0).choose(partitioning) }
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await mapped {
            try await self.pool.withConnection { connection in
                let now = self.clock.present(try connection.begin(.snapshot))
                defer { connection.rollback() }
                try self.checkSchema(on: connection)
                return try body(self.transaction(on: connection, now))
            }
        }
    }

    /// Writers hold the journal's lock together; alone it can be had only between them. It is given back before the
    /// answer leaves the server, so nobody waits for us.
    package func journalEnd() async throws -> Int64 {
        try await mapped {
            try await self.pool.withConnection { connection in
                try self.checkSchema(on: connection)
                let lock = "SELECT pg_advisory_xact_lock(\(PostgresLock.journal))"
                return try connection.number("\(lock); SELECT coalesce(max(id), 0) FROM events")
            }
        }
    }

    package var portrait: DatabasePortrait {
        DatabasePortrait(
            engine: "PostgreSQL", version: "SELECT split_part(current_setting('server_version'), ' ', 1)",
            bytes: "SELECT pg_database_size(current_database())", schema: "SELECT max(version) FROM schema_versions")
    }

    // MARK: Transactions

    private func alone<Value: Sendable>(
        _ subject: WriteSubject, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await mapped { try await self.transact([subject], body) }
    }

    /// One transaction for the whole group. When one write of it fails, everything is undone and each is done again in
    /// a transaction of its own, so that the failure meets its own caller only.
    private func commit(_ group: [WriteLanes.Member]) async {
        do {
            try await mapped {
                try await self.transact(group.map(\.subject)) { transaction in
                    for member in group { try member.write.run(in: transaction) }
                }
            }
            for member in group { member.write.settle() }
        } catch {
            if group.count > 1, !error.isOfAll {
                for member in group { await commit([member]) }
            } else {
                for member in group { member.write.fail(error) }
            }
        }
    }

    /// Runs `body` between BEGIN and COMMIT, again when it met a conflict with another transaction.
    private func transact<Value: Sendable>(
        _ subjects: [WriteSubject], _ body: @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        var conflicts = 0
        while true {
            do {
                return try await pool.withConnection { connection in
                    do {
                        let now = self.clock.present(try connection.begin(first: WriteLocks(subjects).runs))
                        try self.checkSchema(on: connection)
                        let transaction = self.transaction(on: connection, now)
                        try transaction.hold(subjects.compactMap(\.chunk))
                        let value = try body(transaction)
                        try self.told.send(try transaction.end(), on: connection)
                        try connection.commit()
                        transaction.settle()
                        return value
                    } catch {
                        connection.rollback()
                        throw error
                    }
                }
            } catch let error as PostgresError where error.kind == .conflict && conflicts < PostgresStore.mostConflicts
            {
                conflicts += 1
                memory.forget()
            } catch let missing as PostgresPartitions.Missing {
                let isMade = try await pool.withConnection {
                    try PostgresPartitions(connection: $0).make(missing)
                }
                // Unless somebody else was faster it is something else that the server does not like.
                if !isMade { conflicts += 1 }
                guard conflicts < PostgresStore.mostConflicts else { throw missing.cause }
                memory.forget()
            }
        }
    }

    /// Throws `newerSchema`, and from then on for every transaction.
    private func checkSchema(on connection: PostgresConnection) throws {
        let seenAt = schemaSeenAt.withLock { $0 }
        if let seenAt, .now - seenAt < PostgresStore.looksAtSchemaEvery { return }
        try PostgresMigrations.released.checkCompatible(connection)
        schemaSeenAt.withLock { $0 = .now }
    }

    private func transaction(on connection: PostgresConnection, _ now: Instant) -> Transaction {
        Transaction(session: PostgresSession(connection: connection), now: now, memory: memory)
    }

    private func mapped<Value>(_ body: () async throws -> Value) async throws(StoreError) -> Value {
        do {
            return try await body()
        } catch {
            memory.forget()
            throw StoreError(error)
        }
    }
}

extension PostgresStore: HintStore {
    package func hints() -> AsyncStream<StoreHint> { listener.hints() }

    package var absence: (error: StoreError, length: Duration)? {
        pool.absence.map { (StoreError($0.error), $0.length) }
    }
}
