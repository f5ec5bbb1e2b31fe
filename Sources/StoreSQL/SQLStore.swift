package import SyncCore

/// A store over an SQL database: all ports in statements that every engine understands. An engine brings its
/// transactions (`write`, `read`) and its session.
package protocol SQLStore: SyncStore, HealthStore, PeopleStore, AuditStore, LogStore, OverviewStore, SystemStore,
    PriceStore, DraftStore, NoticeStore, WorkOrderStore
{
    /// Runs `body` in a write transaction, alone or together with other writes that wait. `body` may run again and
    /// must have no effect but its writes. Not stopped by cancellation: what a worker has to say about its chunk is
    /// said. `weight` tells how much of a transaction it takes, about in rows.
    func write<Value: Sendable>(
        _ subject: WriteSubject, weight: Int, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value

    /// Runs `body` on a consistent state.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value

    /// The id up to which the journal is whole: no transaction under way can add one that is not higher. Who has read
    /// up to it never finds a lower one later.
    func journalEnd() async throws -> Int64

    /// How the database tells of itself.
    nonisolated var portrait: DatabasePortrait { get }
}

/// The name of an engine and the statements that answer with its version, the bytes that it takes, and the schema's
/// version.
package struct DatabasePortrait: Sendable {
    package var engine: String
    package var version: String
    package var bytes: String
    package var schema: String
    package init(engine: String, version: String, bytes: String, schema: String) {
        self.engine = engine
        self.version = version
        self.bytes = bytes
        self.schema = schema
    }
}

extension SQLStore {
    /// Where there is one writer at a time, all that can be seen is whole.
    package func journalEnd() async throws -> Int64 {
        try await read { try EventTable(transaction: $0).last() }
    }

    func write<Value: Sendable>(
        _ subject: WriteSubject, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await write(subject, weight: 1, body)
    }
}

/// What a write is about. Everything that an account has (its jobs, chunks, days and rows) changes in the hands of one
/// transaction at a time: an engine with several writers locks the accounts of the subject first, in order. With an
/// account it holds the account's connection as it is: parking or renewing one waits for those who write under it.
/// Claims and rescues do without: they pass by rows that are locked.
package enum WriteSubject: Sendable, Hashable {
    case chunk(ChunkID, of: AccountID)
    case job(JobID)
    case account(AccountID)
    case accounts([AccountID])
    /// A connection, with all that waits for it or may go on with it.
    case connection(ConnectionID)
    /// The data tables themselves.
    case schemas
    /// No account.
    case nothing

    package var chunk: ChunkID? {
        if case .chunk(let chunk, of: _) = self { chunk } else { nil }
    }
}
