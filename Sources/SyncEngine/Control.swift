package import ConnectorKit
package import SyncCore

/// What people ask for: store a connection, start a sync. Used by the command line and by the server.
package struct Control: Sendable {
    let environment: EngineEnvironment

    package init(_ environment: EngineEnvironment) {
        self.environment = environment
    }

    // MARK: Connections

    /// Seals and stores a connection; a parked one of the same name comes back to work. Its tables come first, so that
    /// settings that do not fit the stored ones change nothing. A plan of budgets is none of them: it stays as it is.
    package func store(_ access: Access) async throws -> ConnectionID {
        let type = try environment.connectors.type(of: access.platform)
        while true {
            let stored = try await connection(of: access)
            var settings = access.configuration
            settings[BudgetPlan.setting] = stored?.configuration[BudgetPlan.setting]
            try await environment.store.prepare(type.init(configuration: settings).streams)
            if let stored, stored.configuration != settings {
                let old = stored.configuration
                guard try await environment.store.configure(stored.id, from: old, to: settings) else { continue }
            }
            if let stored, holds(stored, access) {
                try await environment.store.resume(stored.id)
                return stored.id
            }
            let subject = Connection.sealSubject(
                access.workspace, platform: access.platform, name: access.name, baseURL: access.baseURL)
            let credential = withOwnSecrets(access.credential, type.ownSecrets, of: stored)
            let connection = try await environment.store.save(
                access.workspace, platform: access.platform, name: access.name, baseURL: access.baseURL,
                sealed: try environment.vault.seal(credential.values, for: subject), configuration: settings,
                isGuarded: access.isGuarded)
            try await ScheduleBook(environment).make(type.platform.schedules, of: connection)
            return connection
        }
    }

    /// What the connection has made for itself outlives the credential that is replaced.
    private func withOwnSecrets(_ credential: Credential, _ names: [String], of stored: Connection?) -> Credential {
        let missing = names.filter { credential[$0] == nil }
        guard !missing.isEmpty else { return credential }
        let kept = stored.flatMap { try? environment.vault.open($0.sealed, for: $0.sealSubject) } ?? [:]
        var whole = credential
        for name in missing {
            whole.values[name] = kept[name] ?? Secret(HexText.of(environment.random.bytes(32)))
        }
        return whole
    }

    private func connection(of access: Access) async throws -> Connection? {
        try await environment.store.connections().first { connection in
            connection.workspace == access.workspace && connection.platform == access.platform
                && connection.name == access.name && connection.baseURL == access.baseURL
        }
    }

    /// Its tokens may have been renewed since, and what was given then is worn out.
    private func holds(_ stored: Connection, _ access: Access) -> Bool {
        guard let values = try? environment.vault.open(stored.sealed, for: stored.sealSubject) else { return false }
        return access.isOrigin(of: Credential(values))
    }

    /// Gets what a credential lacks for calls of an account, or another in place of one that was refused, and stores
    /// it; the connection too where it is not stored yet. For a person: a parked connection is no hindrance, and stays
    /// parked until `store`. Throws `Failure`.
    package func renew(
        _ access: Access, for account: String, because reason: RenewalReason, over transport: any Transport
    ) async throws -> Credential {
        let connector = try environment.connectors.type(of: access.platform).init(configuration: access.configuration)
        guard let stored = try await connection(of: access), holds(stored, access) else {
            var renewed = access
            renewed.credential = try await Control.renewal(
                of: access, for: account, because: reason, by: connector, over: transport, environment.wallClock)
            _ = try await store(renewed)
            return renewed.credential
        }
        let keys = try Keyring(
            environment, connector: connector, connection: stored, transport: transport, isOwners: true)
        return try await reason == .due
            ? keys.credential(for: account, nil).credential
            : keys.renew(reason, after: stored.version, for: account, nil).credential
    }

    /// Gets what a credential lacks, or another one, and stores nothing. Throws `Failure`.
    package static func renewal(
        of access: Access, for account: String, because reason: RenewalReason, by connector: any Connector,
        over transport: any Transport, _ wallClock: any WallClock
    ) async throws -> Credential {
        let renewal = connector.renewal(
            of: access.credential, account: account, because: reason, at: wallClock.now)
        guard let call = renewal else { return access.credential }
        return try await Renewal(connector, transport, wallClock)
            .send(call, of: access.credential, account: account, atMost: .seconds(30))
    }

    /// Keeps a limit that was met outside of any job, so that no worker calls into it.
    package func note(block key: QuotaKey, of platform: PlatformID, until: Instant) async throws {
        guard let limit = try environment.connectors.type(of: platform).platform.quotas[key.family] else { return }
        try await environment.store.withQuota(key, limit: limit) { quota, now in
            quota.throttled(until: until, least: .zero, jitter: 0, at: now)
        }
    }

    /// Sets limits of an account (its external id) by family, for every worker that shares the database: they hold
    /// until they are set again, whatever the platform tells; nil gives one back. Families that the platform does not
    /// know change nothing. Returns all limits of the account that are set now.
    package func set(
        _ limits: [String: QuotaLimit?], of account: String, with access: Access
    ) async throws -> [(key: QuotaKey, limit: QuotaLimit)] {
        let type = try environment.connectors.type(of: access.platform)
        let keys = try type.init(configuration: access.configuration).quotaKeys(of: account)
        for key in keys {
            guard let limit = limits[key.family], let assumed = type.platform.quotas[key.family] else { continue }
            try await environment.store.withQuota(key, limit: assumed) { quota, now in
                quota.choose(limit, at: now)
            }
        }
        return try await environment.store.quotas(.of(keys)).compactMap { key, quota in
            quota.chosen.map { (key: key, limit: $0) }
        }
    }

    // MARK: Jobs

    /// What to sync.
    package struct Order: Sendable {
        /// Stream names or aliases; empty for all.
        package var streams: [String]
        /// Days that a person named; nil for everything that is due.
        package var days: DayRange?
        /// Who asks, where that is no person at a command line.
        package var kind: JobKind?

        package init(streams: [String] = [], days: DayRange? = nil, kind: JobKind? = nil) {
            self.streams = streams
            self.days = days
            self.kind = kind
        }
    }

    package struct Started: Sendable {
        package var job: JobID
        /// False when an open job of the same kind goes on instead.
        package var isNew: Bool
        package var windows: SyncWindows
        package var anchor: CivilDate
    }

    /// The ids of the streams that `names` mean, of those that only read where it is empty; throws
    /// `EngineError.unknownStream`.
    package static func streams(_ names: [String], of connector: any Connector) throws -> [StreamID] {
        let known = connector.streams.map(\.id)
        guard !names.isEmpty, names != ["all"] else { return connector.streams.filter { !$0.isActing }.map(\.id) }
        let aliases = type(of: connector).platform.aliases
        var chosen: Set<StreamID> = []
        for name in names {
            let id = StreamID(name)
            // A stream that comes with another is read with that: its own name is an alias then.
            if let meant = aliases[id] {
                chosen.formUnion(meant)
            } else if known.contains(id) {
                chosen.insert(id)
            } else {
                let others = aliases.keys.filter { !known.contains($0) }
                throw EngineError.unknownStream(
                    name, known: known.map(\.rawValue) + others.map(\.rawValue).sorted())
            }
        }
        return known.filter(chosen.contains)
    }

    /// Budgets are changed by a plan alone.
    static func checkPlan(_ streams: [StreamID], of connection: Connection, _ platform: Platform) throws {
        guard let budgets = platform.budgets, streams.contains(budgets.states),
            connection.configuration[BudgetPlan.setting] == nil
        else { return }
        throw EngineError.configuration("There is no plan of budgets yet. `sluice budgets set` makes one.")
    }

    /// Stores the account and enqueues a job for it. The first sync of an account runs both phases; later ones
    /// read what is due. The same order again while a job is open answers that job.
    package func start(_ order: Order, of facts: AccountFacts, connection: ConnectionID) async throws -> Started {
        let store = environment.store
        guard let stored = try await store.connection(connection) else {
            throw StoreError.inconsistent("connection \(connection) is gone")
        }
        let type = try environment.connectors.type(of: stored.platform)
        let connector = try type.init(configuration: stored.configuration)
        let streams = try Control.streams(order.streams, of: connector)
        try Control.checkPlan(streams, of: stored, type.platform)
        try await store.prepare(connector.streams)
        let id = try await save(facts, connection: connection)
        guard let account = try await store.account(id) else {
            throw StoreError.inconsistent("account \(id) is gone")
        }
        let (job, windows) = try newJob(order, account, streams, of: connector)
        let enqueued = try await store.enqueue(job)
        return Started(job: enqueued.id, isNew: enqueued.isNew, windows: windows, anchor: job.anchor)
    }

    /// Stores what is said of an account, without a job.
    package func save(_ facts: AccountFacts, connection: ConnectionID) async throws -> AccountID {
        guard let stored = try await environment.store.connection(connection) else {
            throw StoreError.inconsistent("connection \(connection) is gone")
        }
        let account = Account(
            id: AccountID(0), connection: connection, platform: stored.platform, externalID: facts.externalID,
            name: facts.name, currency: facts.currency, zoneName: facts.zoneName, createdOn: facts.createdOn,
            handle: facts.handle)
        let platform = try environment.connectors.type(of: stored.platform).platform
        // What only receives has no rows.
        guard platform.receives == nil else { return try await environment.store.save(account) }
        // Rows are kept by platform and account: two workspaces would share them.
        guard let id = try await environment.store.saveAlone(account) else {
            throw EngineError.elsewhere(platform: platform.name, account: facts.externalID)
        }
        return id
    }

    /// Starts to send what waits for an account that receives, until all of it is there and nothing feeds it any more.
    package func deliver(to id: AccountID) async throws -> JobID {
        guard let account = try await environment.store.account(id),
            let connection = try await environment.store.connection(account.connection)
        else { throw StoreError.inconsistent("account \(id) is gone") }
        let connector = try environment.connectors.type(of: connection.platform)
            .init(configuration: connection.configuration)
        try await environment.store.prepare(connector.streams)
        let (job, _) = try newJob(Order(), account, connector.streams.map(\.id), of: connector)
        return try await environment.store.enqueue(job).id
    }

    /// What is to be done for a stored account; enqueues nothing.
    func newJob(
        _ order: Order, _ account: Account, _ streams: [StreamID], of connector: any Connector
    ) throws -> (NewJob, SyncWindows) {
        let platform = type(of: connector).platform
        // What waits is sent as it waits: of two jobs at once each would send the same.
        var order = platform.receives == nil ? order : Order(kind: order.kind)
        let streams = platform.receives == nil ? streams : connector.streams.map(\.id)
        let anchor = CivilDate(environment.wallClock.now, in: try account.zone())
        let windows = windows(order.days, account: account, anchor: anchor, platform: platform)
        let isPartial = connector.streams.contains { !$0.isActing && !streams.contains($0.id) }
        let isReading = connector.streams.contains { !$0.isActing && streams.contains($0.id) }
        // What acts is no first sync, whenever it comes.
        if !isReading, order.kind == nil, platform.receives == nil { order.kind = .manual }
        let steps = platform.steps.filter { $0.phase == .recent || order.days == nil }
        let definition = definition(
            order, account, streams, isPartial: isPartial, anchor, windows,
            ProofSteps.steps(steps, of: account.keepsRows ? streams : [], connector))
        return (definition, windows)
    }

    private func windows(_ days: DayRange?, account: Account, anchor: CivilDate, platform: Platform) -> SyncWindows {
        // One day less than the whole months: the platform counts from the first second of the day.
        let offeredFrom = platform.retentionMonths.map { anchor.adding(months: -$0).adding(days: 1) }
        if let days { return .named(days, createdOn: account.createdOn, offeredFrom: offeredFrom) }
        return .all(anchor: anchor, createdOn: account.createdOn, offeredFrom: offeredFrom)
    }

    private func definition(
        _ order: Order, _ account: Account, _ streams: [StreamID], isPartial: Bool, _ anchor: CivilDate,
        _ windows: SyncWindows, _ steps: [JobStep]
    ) -> NewJob {
        let isFirst = order.days == nil && account.historyCompletedAt == nil
        // The first sync of all streams is what it is, whoever asks for it.
        let kind: JobKind =
            isFirst && !(isPartial && order.kind != nil)
            ? .initial : order.kind ?? (order.days != nil ? .manual : .incremental)
        return NewJob(
            account: account.id, kind: kind, workClass: Control.workClass(kind),
            streams: streams, isPartial: isPartial, requested: order.days, anchor: anchor, recent: windows.recent,
            history: windows.history, notOffered: windows.notOffered,
            steps: steps.map { NewJob.Step(name: $0.name, phase: $0.phase) })
    }

    private static func workClass(_ kind: JobKind) -> WorkClass {
        switch kind {
        case .quick: .interactive
        case .initial, .manual: .recent
        case .incremental, .scheduled, .backfill: .incremental
        }
    }
}
