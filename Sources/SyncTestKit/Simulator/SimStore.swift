package import SyncCore
import Synchronization

/// Faults of a database as one process sees it, drawn from a seed.
package struct StoreFaults: Sendable {
    /// Chance that a call is refused as busy.
    package var busy: Double
    /// Chance that a write happens and its success is not heard of.
    package var unknownOutcome: Double
    /// Chance that the process stands still before a write, long enough for its leases to run out.
    package var stall: Double
    /// Chance that leases cannot be renewed.
    package var noRenewal: Double
    /// Chance that a write is told that what it takes for known was changed by somebody else.
    package var outdated: Double
    package init(
        busy: Double = 0, unknownOutcome: Double = 0, stall: Double = 0, noRenewal: Double = 0, outdated: Double = 0
    ) {
        self.busy = busy
        self.unknownOutcome = unknownOutcome
        self.stall = stall
        self.noRenewal = noRenewal
        self.outdated = outdated
    }
}

/// A store through the eyes of one process of a simulation.
package struct SimStore: Sendable {
    let base: any SyncStore
    let process: SimProcess
    let clock: SimClock
    let faults: StoreFaults
    let random: SimDice
    let tally: RareStates
    let ledger: Ledger

    package init(
        _ base: any SyncStore, process: SimProcess, clock: SimClock, faults: StoreFaults, random: SimDice,
        tally: RareStates, ledger: Ledger
    ) {
        self.base = base
        self.process = process
        self.clock = clock
        self.faults = faults
        self.random = random
        self.tally = tally
        self.ledger = ledger
    }

    func through<Result: Sendable>(_ body: (any SyncStore) async throws -> Result) async throws -> Result {
        while process.frozenUntil > clock.now.offset {
            try await clock.sleep(for: process.frozenUntil - clock.now.offset)
        }
        try process.check()
        if let trouble = process.storeTrouble { throw trouble }
        if random.happens(faults.busy) {
            tally.count("store_busy")
            throw StoreError.unavailable("busy")
        }
        let result = try await body(base)
        try process.check()
        return result
    }
}

extension SimStore: JobStore {
    package func enqueue(_ job: NewJob) async throws -> (id: JobID, isNew: Bool) {
        try await through { try await $0.enqueue(job) }
    }
    package func addStep(
        _ step: Int, of job: JobID, chunks: [PlannedChunk], notOffered: [StreamID: DayRange], notes: [Note]
    ) async throws -> Bool {
        try await through { try await $0.addStep(step, of: job, chunks: chunks, notOffered: notOffered, notes: notes) }
    }
    package func cannotGoOn(_ job: JobID, because why: String) async throws {
        try await through { try await $0.cannotGoOn(job, because: why) }
    }
    package func finish(_ job: JobID) async throws -> Bool { try await through { try await $0.finish(job) } }
    package func claim(_ request: ClaimRequest) async throws -> [ClaimedChunk] {
        let asked = ledger.now
        let chunks = try await through { try await $0.claim(request) }
        if !chunks.isEmpty, random.happens(faults.unknownOutcome) {
            tally.count("claim_unknown")
            throw StoreError.unavailable("the connection was lost after the commit")
        }
        ledger.claimed(chunks, lease: request.lease, asked: asked)
        count(chunks)
        return chunks
    }
    package func disown(_ worker: String, except held: Set<ChunkID>) async throws -> Int {
        let count = try await through { try await $0.disown(worker, except: held) }
        if count > 0 { tally.count("claims_disowned") }
        return count
    }
    package func renew(_ claims: [ChunkID: Int64], lease: Duration) async throws -> Set<ChunkID> {
        if random.happens(faults.noRenewal) {
            tally.count("renewal_failed")
            throw StoreError.unavailable("busy")
        }
        let asked = ledger.now
        let held = try await through { try await $0.renew(claims, lease: lease) }
        ledger.renewed(claims, kept: held, lease: lease, asked: asked)
        if held.count < claims.count { tally.count("lease_found_lost") }
        return held
    }
    package func known(of chunk: ClaimedChunk) async throws -> KnownRows? {
        let known = try await through { try await $0.known(of: chunk) }
        if known != nil { tally.count("rows_known") }
        return known
    }
    package func update(_ update: ChunkUpdate) async throws -> UpdateResult {
        if random.happens(faults.stall) {
            tally.count("write_stalled")
            process.freeze(until: clock.now.offset + .seconds(random.integer(40...80)))
        }
        if update.tables.contains(where: { !$0.known.keys.isEmpty }) {
            tally.count("known_rows_came")
            if random.happens(faults.outdated) {
                tally.count("known_rows_outdated")
                return .outdated
            }
        }
        let intent = ledger.intent(update)
        let result = try await through { try await $0.update(update) }
        ledger.wrote(intent, update, result)
        count(update, result)
        if random.happens(faults.unknownOutcome) {
            tally.count("outcome_unknown")
            throw StoreError.unavailable("the connection was lost after the commit")
        }
        return result
    }
    package func rescue() async throws -> RescueReport {
        let fences = ledger.fences
        let report = try await through { try await $0.rescue() }
        ledger.rescued(report.rescued + report.quarantined, fences: fences)
        tally.count("rescued", by: report.rescued.count)
        tally.count("quarantined", by: report.quarantined.count)
        return report
    }
    package func idleJobs() async throws -> [JobID] { try await through { try await $0.idleJobs() } }
    package func nextDue() async throws -> Instant? { try await through { try await $0.nextDue() } }
    package func job(_ id: JobID) async throws -> Job? { try await through { try await $0.job(id) } }
    package func jobs(limit: Int) async throws -> [Job] { try await through { try await $0.jobs(limit: limit) } }
    package func stages(of job: JobID) async throws -> [StageProgress] {
        try await through { try await $0.stages(of: job) }
    }
    package func chunks(of job: JobID, in states: Set<WorkState>, limit: Int) async throws -> [ChunkSummary] {
        try await through { try await $0.chunks(of: job, in: states, limit: limit) }
    }
    package func cancel(_ job: JobID, by: String) async throws -> Bool {
        try await through { try await $0.cancel(job, by: by) }
    }
    package func pause(_ job: JobID, by: String) async throws -> Bool {
        try await through { try await $0.pause(job, by: by) }
    }
    package func resume(_ job: JobID, by: String) async throws -> Bool {
        try await through { try await $0.resume(job, by: by) }
    }
    package func retry(_ job: JobID, cause: FailedCause?) async throws -> Int {
        try await through { try await $0.retry(job, cause: cause) }
    }

    package func prune(before moment: Instant, limit: Int) async throws -> Int {
        try await through { try await $0.prune(before: moment, limit: limit) }
    }
}

extension SimStore: FactStore {
    package func prepare(_ schemas: [StreamSchema]) async throws { try await through { try await $0.prepare(schemas) } }
    package func count(_ schema: StreamSchema, account: String?) async throws -> Int {
        try await through { try await $0.count(schema, account: account) }
    }
    package func rows(
        _ schema: StreamSchema, account: String, by column: String, limit: Int
    ) async throws -> [StoredRow] {
        try await through { try await $0.rows(schema, account: account, by: column, limit: limit) }
    }

    package func tally(_ schema: StreamSchema, account: String, column: String) async throws -> [String: Int] {
        try await through { try await $0.tally(schema, account: account, column: column) }
    }
    package func coverage(account: AccountID, stream: StreamID) async throws -> [CoverageCell] {
        try await through { try await $0.coverage(account: account, stream: stream) }
    }
    package func learned(account: AccountID) async throws -> [StreamID: Learned] {
        try await through { try await $0.learned(account: account) }
    }
    package func listed(account: AccountID) async throws -> [StreamID: ListingState] {
        try await through { try await $0.listed(account: account) }
    }
}

extension SimStore: ProofStore {
    package func sums(
        _ schema: StreamSchema, account: String, days: DayRange, by column: String?, of entities: EntitySet?
    ) async throws -> [Totals.Place: StoredSum] {
        try await through {
            try await $0.sums(schema, account: account, days: days, by: column, of: entities)
        }
    }
    package func counts(
        _ schema: StreamSchema, account: String, by moment: String, in spans: [(from: Instant, before: Instant)]
    ) async throws -> [Int] {
        try await through { try await $0.counts(schema, account: account, by: moment, in: spans) }
    }
    package func certificates(account: AccountID, days: DayRange?, limit: Int) async throws -> [Certificate] {
        try await through { try await $0.certificates(account: account, days: days, limit: limit) }
    }
    package func proofCount(account: AccountID) async throws -> ProofCount {
        try await through { try await $0.proofCount(account: account) }
    }
}

extension SimStore: LimiterStore {
    package func withQuota<Result: Sendable>(
        _ key: QuotaKey, limit: QuotaLimit, _ change: @Sendable (inout Quota, Instant) -> Result
    ) async throws -> Result {
        try await through { base in
            let tally = self.tally
            return try await base.withQuota(key, limit: limit) { quota, now in
                let before = quota.blockedUntil.flatMap { $0 > now ? $0 : nil }
                let result = change(&quota, now)
                if let before, let after = quota.blockedUntil, after > before { tally.count("block_extended") }
                return result
            }
        }
    }
    package func quotas(_ selection: QuotaSelection) async throws -> [(key: QuotaKey, quota: Quota)] {
        try await through { try await $0.quotas(selection) }
    }
}

extension SimStore: OutboxStore {
    package func route(_ source: AccountID, to destination: AccountID?, keepsRows: Bool) async throws {
        try await through { try await $0.route(source, to: destination, keepsRows: keepsRows) }
    }
    package func outbox(of account: AccountID, limit: Int, since start: Instant) async throws -> Outbox {
        try await through { try await $0.outbox(of: account, limit: limit, since: start) }
    }
    package func waiting(for account: AccountID) async throws -> Int {
        try await through { try await $0.waiting(for: account) }
    }
    package func delivered(to account: AccountID) async throws -> [String: Int] {
        try await through { try await $0.delivered(to: account) }
    }
    package func outboxCount(of account: AccountID) async throws -> OutboxCount {
        try await through { try await $0.outboxCount(of: account) }
    }
    package func undelivered() async throws -> [AccountID] { try await through { try await $0.undelivered() } }
}

extension SimStore: ConnectionStore {
    package func save(
        _ workspace: WorkspaceID, platform: PlatformID, name: String, baseURL: String, sealed: [UInt8],
        configuration: [String: String], isGuarded: Bool
    ) async throws -> ConnectionID {
        try await base.save(
            workspace, platform: platform, name: name, baseURL: baseURL, sealed: sealed, configuration: configuration,
            isGuarded: isGuarded)
    }
    package func configure(
        _ id: ConnectionID, from old: [String: String], to new: [String: String]
    ) async throws -> Bool {
        try await through { try await $0.configure(id, from: old, to: new) }
    }

    package func resume(_ id: ConnectionID) async throws {
        try await base.resume(id)
    }
    package func renew(_ id: ConnectionID, version: Int, sealed: [UInt8]) async throws -> Bool {
        let isRenewed = try await through { try await $0.renew(id, version: version, sealed: sealed) }
        if random.happens(faults.unknownOutcome) {
            tally.count("renewal_unknown")
            throw StoreError.unavailable("the connection was lost after the commit")
        }
        return isRenewed
    }
    package func connection(_ id: ConnectionID) async throws -> Connection? {
        try await through { try await $0.connection(id) }
    }
    package func connections() async throws -> [Connection] { try await through { try await $0.connections() } }
    package func park(_ id: ConnectionID, version: Int, cause: Failure.Cause) async throws -> Bool {
        let isFirst = try await through { try await $0.park(id, version: version, cause: cause) }
        process.parked(version)
        tally.count(isFirst ? "parked" : "parked_already")
        return isFirst
    }
    package func forget(_ id: ConnectionID, sealed: [UInt8], by actor: String) async throws -> Int {
        try await base.forget(id, sealed: sealed, by: actor)
    }
    package func save(_ account: Account) async throws -> AccountID { try await base.save(account) }
    package func saveAlone(_ account: Account) async throws -> AccountID? { try await base.saveAlone(account) }
    package func account(_ id: AccountID) async throws -> Account? { try await through { try await $0.account(id) } }
    package func accounts() async throws -> [Account] { try await through { try await $0.accounts() } }
}

extension SimStore: EventStore {
    package func append(_ events: [Event]) async throws { try await through { try await $0.append(events) } }
    package func events(after id: Int64, limit: Int) async throws -> [Event] {
        try await through { try await $0.events(after: id, limit: limit) }
    }
    package func lastEvent() async throws -> Int64 { try await through { try await $0.lastEvent() } }
    package func notes(of job: JobID) async throws -> [Note] { try await through { try await $0.notes(of: job) } }
    package func setting(_ name: String) async throws -> String? { try await through { try await $0.setting(name) } }
    package func set(_ name: String, to value: String?) async throws {
        try await through { try await $0.set(name, to: value) }
    }

    package func lead(_ name: String, as holder: String, for lease: Duration) async throws -> Int64? {
        try await through { try await $0.lead(name, as: holder, for: lease) }
    }
}
