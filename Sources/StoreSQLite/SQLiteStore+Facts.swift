package import SyncCore

extension SQLiteStore: FactStore {
    package nonisolated func prepare(_ schemas: [StreamSchema]) async throws {
        try await write { transaction in
            for schema in schemas {
                try DataTables.create(schema, in: transaction.sql.db)
                transaction.memory.register(schema)
            }
            try PerformanceViews.create(for: schemas, in: transaction.sql.db)
        }
    }

    package func count(_ schema: StreamSchema, account: String?) async throws -> Int {
        try read { try DataCounts(transaction: $0).count(schema, account: account) }
    }

    package func tally(_ schema: StreamSchema, account: String, column: String) async throws -> [String: Int] {
        try read { try DataCounts(transaction: $0).tally(schema, account: account, column: column) }
    }

    package func coverage(account: AccountID, stream: StreamID) async throws -> [CoverageCell] {
        try read { try CoverageTable(transaction: $0).cells(account: account, stream: stream) }
    }

    package func learned(account: AccountID) async throws -> [StreamID: Learned] {
        try read { try StreamStateTable(transaction: $0).learned(account: account) }
    }

    package func listed(account: AccountID) async throws -> [StreamID: ListingState] {
        try read { try StreamStateTable(transaction: $0).listed(account: account) }
    }
}

extension SQLiteStore: LimiterStore {
    package nonisolated func withQuota<Result: Sendable>(
        _ key: QuotaKey, limit: QuotaLimit, _ change: @Sendable (inout Quota, Instant) -> Result
    ) async throws -> Result {
        try await withoutActuallyEscaping(change) { change in
            try await write { try QuotaTable(transaction: $0).change(key, limit: limit, by: change) }
        }
    }

    package func quotas() async throws -> [(key: QuotaKey, quota: Quota)] {
        try read { try QuotaTable(transaction: $0).all() }
    }
}

extension SQLiteStore: ConnectionStore {
    package nonisolated func save(
        platform: PlatformID, name: String, baseURL: String, sealed: [UInt8], configuration: [String: String]
    ) async throws -> ConnectionID {
        try await write {
            try ConnectionTable(transaction: $0).save(
                platform: platform, name: name, baseURL: baseURL, sealed: sealed, configuration: configuration)
        }
    }

    package func connection(_ id: ConnectionID) async throws -> Connection? {
        try read { try ConnectionTable(transaction: $0).connection(id) }
    }

    package func connections() async throws -> [Connection] {
        try read { try ConnectionTable(transaction: $0).all() }
    }

    package nonisolated func park(_ id: ConnectionID, version: Int, cause: Failure.Cause) async throws -> Bool {
        try await write { try ConnectionTable(transaction: $0).park(id, version: version, cause: cause) }
    }

    package nonisolated func save(_ account: Account) async throws -> AccountID {
        try await write { try AccountTable(transaction: $0).save(account) }
    }

    package func account(_ id: AccountID) async throws -> Account? {
        try read { try AccountTable(transaction: $0).account(id) }
    }

    package func accounts() async throws -> [Account] {
        try read { try AccountTable(transaction: $0).all() }
    }
}

extension SQLiteStore: EventStore {
    package nonisolated func append(_ events: [Event]) async throws {
        try await write { transaction in
            for event in events { try EventTable(transaction: transaction).append(event) }
        }
    }

    package func notes(of job: JobID) async throws -> [Note] {
        try read { try EventTable(transaction: $0).notes(of: job.value) }
    }

    package func events(after id: Int64, limit: Int) async throws -> [Event] {
        try read { try EventTable(transaction: $0).events(after: id, limit: limit) }
    }

    package func setting(_ name: String) async throws -> String? {
        try read { try SettingTable(transaction: $0).value(name) }
    }

    package nonisolated func set(_ name: String, to value: String?) async throws {
        try await write { try SettingTable(transaction: $0).set(name, to: value) }
    }
}
