package import SyncCore

extension SQLStore {
    package func prepare(_ schemas: [StreamSchema]) async throws {
        try await write(.schemas) { transaction in
            try transaction.sql.session.prepare(schemas.filter(\.isStored))
            for schema in schemas { transaction.memory.register(schema) }
        }
    }

    package func count(_ schema: StreamSchema, account: String?) async throws -> Int {
        try await read { try DataCounts(transaction: $0).count(schema, account: account) }
    }

    package func tally(_ schema: StreamSchema, account: String, column: String) async throws -> [String: Int] {
        try await read { try DataCounts(transaction: $0).tally(schema, account: account, column: column) }
    }

    package func rows(
        _ schema: StreamSchema, account: String, by column: String, limit: Int
    ) async throws -> [StoredRow] {
        try await read { try DataCounts(transaction: $0).rows(schema, account: account, by: column, limit: limit) }
    }

    package func coverage(account: AccountID, stream: StreamID) async throws -> [CoverageCell] {
        try await read { try CoverageTable(transaction: $0).cells(account: account, stream: stream) }
    }

    package func learned(account: AccountID) async throws -> [StreamID: Learned] {
        try await read { try StreamStateTable(transaction: $0).learned(account: account) }
    }

    package func listed(account: AccountID) async throws -> [StreamID: ListingState] {
        try await read { try StreamStateTable(transaction: $0).listed(account: account) }
    }
}

extension SQLStore {
    package func withQuota<Result: Sendable>(
        _ key: QuotaKey, limit: QuotaLimit, _ change: @Sendable (inout Quota, Instant) -> Result
    ) async throws -> Result {
        try await withoutActuallyEscaping(change) { change in
            try await write(.nothing) { try QuotaTable(transaction: $0).change(key, limit: limit, by: change) }
        }
    }

    package func quotas(_ selection: QuotaSelection) async throws -> [(key: QuotaKey, quota: Quota)] {
        try await read { try QuotaTable(transaction: $0).read(selection) }
    }
}

extension SQLStore {
    package func route(_ source: AccountID, to destination: AccountID?, keepsRows: Bool) async throws {
        try await write(.account(source)) {
            try OutboxTable(transaction: $0).route(source, to: destination, keepsRows: keepsRows)
        }
    }

    package func outbox(of account: AccountID, limit: Int, since start: Instant) async throws -> Outbox {
        try await write(.account(account)) {
            try OutboxTable(transaction: $0).waiting(account, limit: limit, since: start)
        }
    }

    package func waiting(for account: AccountID) async throws -> Int {
        try await read { try OutboxTable(transaction: $0).waiting(for: account) }
    }

    package func delivered(to account: AccountID) async throws -> [String: Int] {
        try await read { try OutboxTable(transaction: $0).delivered(to: account) }
    }

    package func outboxCount(of account: AccountID) async throws -> OutboxCount {
        try await read { try OutboxTable(transaction: $0).count(account) }
    }

    package func undelivered() async throws -> [AccountID] {
        try await read { try OutboxTable(transaction: $0).undelivered() }
    }
}

extension SQLStore {
    package func save(
        _ workspace: WorkspaceID, platform: PlatformID, name: String, baseURL: String, sealed: [UInt8],
        configuration: [String: String], isGuarded: Bool
    ) async throws -> ConnectionID {
        while true {
            let known = try await read {
                try ConnectionTable(transaction: $0).find(workspace, platform: platform, name: name, baseURL: baseURL)
            }
            if let known {
                return try await write(.connection(known)) {
                    try ConnectionTable(transaction: $0).replace(known, sealed: sealed, isGuarded: isGuarded)
                }
            }
            let made = try await write(.nothing) {
                try ConnectionTable(transaction: $0).insert(
                    workspace, platform: platform, name: name, baseURL: baseURL, sealed: sealed,
                    configuration: configuration, isGuarded: isGuarded)
            }
            // Nil when somebody else was faster.
            if let made { return made }
        }
    }

    package func configure(
        _ id: ConnectionID, from old: [String: String], to new: [String: String]
    ) async throws -> Bool {
        try await write(.nothing) { try ConnectionTable(transaction: $0).configure(id, from: old, to: new) }
    }

    package func resume(_ id: ConnectionID) async throws {
        try await write(.connection(id)) {
            try ConnectionTable(transaction: $0).resume(id)
        }
    }

    package func renew(_ id: ConnectionID, version: Int, sealed: [UInt8]) async throws -> Bool {
        try await write(.connection(id)) {
            try ConnectionTable(transaction: $0).renew(id, version: version, sealed: sealed)
        }
    }

    package func connection(_ id: ConnectionID) async throws -> Connection? {
        try await read { try ConnectionTable(transaction: $0).connection(id) }
    }

    package func connections() async throws -> [Connection] {
        try await read { try ConnectionTable(transaction: $0).all() }
    }

    package func park(_ id: ConnectionID, version: Int, cause: Failure.Cause) async throws -> Bool {
        try await write(.connection(id)) {
            try ConnectionTable(transaction: $0).park(id, version: version, cause: cause)
        }
    }

    package func forget(_ id: ConnectionID, sealed: [UInt8], by actor: String) async throws -> Int {
        try await write(.connection(id)) {
            try ConnectionTable(transaction: $0).forget(id, sealed: sealed, by: actor)
        }
    }

    package func save(_ account: Account) async throws -> AccountID {
        try await write(.nothing) { try AccountTable(transaction: $0).save(account) }
    }

    package func account(_ id: AccountID) async throws -> Account? {
        try await read { try AccountTable(transaction: $0).account(id) }
    }

    package func accounts() async throws -> [Account] {
        try await read { try AccountTable(transaction: $0).all() }
    }

    package func saveAlone(_ account: Account) async throws -> AccountID? {
        try await write(.nothing) { try AccountTable(transaction: $0).saveAlone(account) }
    }
}

extension SQLStore {
    package func append(_ events: [Event]) async throws {
        try await write(.nothing) { transaction in
            for event in events { EventTable(transaction: transaction).append(event) }
        }
    }

    package func notes(of job: JobID) async throws -> [Note] {
        try await read { try EventTable(transaction: $0).notes(of: job.value) }
    }

    package func lastEvent() async throws -> Int64 {
        try await journalEnd()
    }

    package func events(after id: Int64, limit: Int) async throws -> [Event] {
        let end = try await journalEnd()
        guard end > id else { return [] }
        return try await read { try EventTable(transaction: $0).events(after: id, through: end, limit: limit) }
    }

    package func setting(_ name: String) async throws -> String? {
        try await read { try SettingTable(transaction: $0).value(name) }
    }

    package func lead(_ name: String, as holder: String, for lease: Duration) async throws -> Int64? {
        try await write(.nothing) { try LeaderTable(transaction: $0).lead(name, as: holder, for: lease) }
    }

    package func set(_ name: String, to value: String?) async throws {
        try await write(.nothing) { try SettingTable(transaction: $0).set(name, to: value) }
    }
}
