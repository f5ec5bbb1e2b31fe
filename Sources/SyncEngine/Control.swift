package import ConnectorKit
package import SyncCore

/// What people ask for: connect, look at accounts, start, stop and repeat syncs. Used by the command line
/// and by the server.
package struct Control: Sendable {
    package let environment: EngineEnvironment
    private let limiter: Limiter?

    /// With a limiter, questions stand in line with everybody else, as interactive work.
    package init(_ environment: EngineEnvironment, limiter: Limiter? = nil) {
        self.environment = environment
        self.limiter = limiter
    }

    // MARK: Connections

    /// A credential and an address that are not stored yet.
    package struct Access: Sendable {
        package var platform: PlatformID
        package var name: String
        package var baseURL: String
        package var credential: Credential
        package var configuration: [String: String]

        package init(
            platform: PlatformID, name: String = "default", baseURL: String, credential: Credential,
            configuration: [String: String] = [:]
        ) {
            self.platform = platform
            self.name = name
            self.baseURL = baseURL
            self.credential = credential
            self.configuration = configuration
        }
    }

    /// Seals and stores a connection; a parked one of the same name comes back to work.
    package func store(_ access: Access) async throws -> ConnectionID {
        let subject = Connection.sealSubject(platform: access.platform, name: access.name)
        let sealed = try environment.vault.seal(access.credential.values, for: subject)
        return try await environment.store.save(
            platform: access.platform, name: access.name, baseURL: access.baseURL, sealed: sealed,
            configuration: access.configuration)
    }

    // MARK: Questions

    /// The account's facts. Throws `EngineError.rejected` for a bad credential after one call, and
    /// `.unknownAccount` with the reachable ones for an id that it does not reach.
    package func facts(of account: String, with access: Access) async throws -> AccountFacts {
        switch try await ask(.account(account), cursor: nil, access) {
        case .account(let facts): return facts
        case .failed(let failure): throw try await explain(failure, account: account, access)
        case .accounts, .credential: throw EngineError.unanswered(Control.surprise)
        }
    }

    private func explain(_ failure: Failure, account: String, _ access: Access) async throws -> EngineError {
        switch failure {
        case .ownerMustAct(let cause), .refreshCredential(let cause): return .rejected(cause)
        case .gone(let cause), .permanentRequest(let cause), .permanentConfiguration(let cause):
            do {
                return .unknownAccount(account, reachable: try await reachable(with: access), cause: cause)
            } catch EngineError.rejected(let cause) {
                return .rejected(cause)
            } catch EngineError.unanswered {
                return .unknownAccount(account, reachable: [], cause: cause)
            }
        default: return .unanswered(failure.cause)
        }
    }

    /// Every account that the credential reaches.
    package func reachable(with access: Access) async throws -> [AccountFacts] {
        var found: [AccountFacts] = []
        var cursor: String?
        repeat {
            switch try await ask(.accounts, cursor: cursor, access) {
            case .accounts(let page, let next):
                found += page
                cursor = next
            case .failed(.ownerMustAct(let cause)): throw EngineError.rejected(cause)
            case .failed(let failure): throw EngineError.unanswered(failure.cause)
            case .account, .credential: throw EngineError.unanswered(Control.surprise)
            }
        } while cursor != nil
        return found
    }

    /// The credential's scopes and expiry; nil when the platform does not say.
    package func credentialFacts(with access: Access) async throws -> CredentialFacts? {
        switch try await ask(.credential, cursor: nil, access) {
        case .credential(let facts): return facts
        case .failed(.ownerMustAct(let cause)): throw EngineError.rejected(cause)
        case .failed, .account, .accounts: return nil
        }
    }

    private static let surprise = Failure.Cause(code: "", "The platform's answer does not fit the question.")

    /// Asks, and asks again a few times when the platform or the way to it fails for a moment.
    private func ask(_ question: Question, cursor: String?, _ access: Access) async throws -> Answer {
        let connector = try environment.connectorType(access.platform).init(configuration: access.configuration)
        let transport = try environment.transport(
            Connection(
                id: ConnectionID(0), platform: access.platform, name: access.name, baseURL: access.baseURL,
                sealed: [], version: 0, configuration: access.configuration))
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(8))
        var attempt = 0
        while true {
            let answer: Answer
            do {
                let call = connector.call(for: question, cursor: cursor, credential: access.credential)
                if let limiter { _ = try await limiter.permit(for: call.costs, workClass: .interactive) }
                let response = try await transport.send(call.request)
                answer = connector.answer(
                    response, to: question, credential: access.credential, at: environment.wallClock.now)
            } catch let error as TransportError {
                answer = .failed(.retryNow(error.cause))
            }
            guard case .failed(.retryNow) = answer, attempt < 4 else { return answer }
            try await environment.clock.sleep(for: backoff.delay(attempt: attempt, jitter: environment.random.unit()))
            attempt += 1
        }
    }

    // MARK: Jobs

    /// What to sync.
    package struct Order: Sendable {
        /// Stream names or aliases; empty for all.
        package var streams: [String]
        /// Days that a person named; nil for everything that is due.
        package var days: DayRange?

        package init(streams: [String] = [], days: DayRange? = nil) {
            self.streams = streams
            self.days = days
        }
    }

    package struct Started: Sendable {
        package var job: JobID
        /// False when an open job of the same kind goes on instead.
        package var isNew: Bool
        package var windows: SyncWindows
        package var anchor: CivilDate
    }

    /// The ids of the streams that `names` mean; throws `EngineError.unknownStream`.
    package func streams(_ names: [String], of connector: any Connector) throws -> [StreamID] {
        let known = connector.streams.map(\.id)
        guard !names.isEmpty else { return known }
        let aliases = type(of: connector).platform.aliases
        var chosen: Set<StreamID> = []
        for name in names {
            let id = StreamID(name)
            if known.contains(id) {
                chosen.insert(id)
            } else if let meant = aliases[id] {
                chosen.formUnion(meant)
            } else {
                throw EngineError.unknownStream(
                    name, known: known.map(\.rawValue) + aliases.keys.map(\.rawValue).sorted())
            }
        }
        return known.filter(chosen.contains)
    }

    /// Stores the account and enqueues a job for it. The first sync of an account runs both phases; later ones
    /// read what is due. The same order again while a job is open answers that job.
    package func start(_ order: Order, of facts: AccountFacts, connection: ConnectionID) async throws -> Started {
        let store = environment.store
        guard let stored = try await store.connection(connection) else {
            throw StoreError.inconsistent("connection \(connection) is gone")
        }
        let type = try environment.connectorType(stored.platform)
        let connector = try type.init(configuration: stored.configuration)
        let streams = try streams(order.streams, of: connector)
        try await store.prepare(connector.streams)
        let id = try await store.save(
            Account(
                id: AccountID(0), connection: connection, platform: stored.platform, externalID: facts.externalID,
                name: facts.name, currency: facts.currency, zoneName: facts.zoneName, createdOn: facts.createdOn))
        guard let account = try await store.account(id) else {
            throw StoreError.inconsistent("account \(id) is gone")
        }
        let anchor = CivilDate(environment.wallClock.now, in: try account.zone())
        let windows = windows(order.days, account: account, anchor: anchor, platform: type.platform)
        let job = definition(order, account, streams, anchor, windows, type.platform)
        let enqueued = try await store.enqueue(job)
        return Started(job: enqueued.id, isNew: enqueued.isNew, windows: windows, anchor: anchor)
    }

    private func windows(_ days: DayRange?, account: Account, anchor: CivilDate, platform: Platform) -> SyncWindows {
        // One day less than the whole months: the platform counts from the first second of the day.
        let offeredFrom = platform.retentionMonths.map { anchor.adding(months: -$0).adding(days: 1) }
        if let days { return .named(days, offeredFrom: offeredFrom) }
        return .all(anchor: anchor, createdOn: account.createdOn, offeredFrom: offeredFrom)
    }

    private func definition(
        _ order: Order, _ account: Account, _ streams: [StreamID], _ anchor: CivilDate, _ windows: SyncWindows,
        _ platform: Platform
    ) -> NewJob {
        let kind: JobKind =
            order.days != nil ? .manual : account.historyCompletedAt == nil ? .initial : .incremental
        let steps = platform.steps.filter { $0.phase == .recent || order.days == nil }
        return NewJob(
            account: account.id, kind: kind, workClass: kind == .incremental ? .incremental : .recent,
            streams: streams, requested: order.days, anchor: anchor, recent: windows.recent,
            history: windows.history, notOffered: windows.notOffered,
            steps: steps.map { NewJob.Step(name: $0.name, phase: $0.phase) })
    }
}
