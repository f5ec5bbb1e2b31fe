import ConnectorKit
import SyncCore
import Synchronization

/// The credential of one connection as this process knows it, and how it is renewed: by one process of all at a time,
/// under a lease, stored before it is used, and only in place of the version that it came from (design.md, rule 10).
/// Whoever waits for the lease takes over what the other got.
final class Keyring: Sendable {
    /// A credential and the version under which it is stored.
    struct Held: Sendable {
        var credential: Credential
        var version: Int
        /// Which renewal of this process it came from, the first being 1; 0 for what was read from the database.
        var renewal = 0
    }

    private struct State {
        var held: Held
        /// The version that was refused and could not be renewed yet: no call is made with it.
        var refused: Int?
        var isBusy = false
        var renewals = 0
        /// Got in place of a version while the database was away: the old tokens are worn out, these are the only ones.
        var unstored: Held?
        /// What the platform said when it refused to renew a version, and until when nobody asks again: by then the
        /// connection is parked, and after that its owner may have mended it.
        var denied: (version: Int, account: String, cause: Failure.Cause, until: Instant)?
    }

    private let environment: EngineEnvironment
    private let connector: any Connector
    private let connection: Connection
    private let transport: any Transport
    /// Its owner acts now, and may have mended what it is parked for.
    private let isOwners: Bool
    private let state: Mutex<State>

    /// The longest call for a renewal; the lease outlasts it with the write behind it.
    private static let timeout: Duration = .seconds(30)
    private static let lease: Duration = .seconds(120)
    private static let pause: Duration = .milliseconds(250)
    private static let denialHolds: Duration = .seconds(5)

    init(
        _ environment: EngineEnvironment, connector: any Connector, connection: Connection, transport: any Transport,
        isOwners: Bool = false
    ) throws {
        self.environment = environment
        self.connector = connector
        self.connection = connection
        self.transport = transport
        self.isOwners = isOwners
        self.state = Mutex(State(held: try Keyring.open(connection, environment.vault)))
    }

    private static func open(_ connection: Connection, _ vault: Vault) throws -> Held {
        Held(
            credential: Credential(try vault.open(connection.sealed, for: connection.sealSubject)),
            version: connection.version)
    }

    var held: Held { state.withLock { $0.held } }
    var renewals: Int { state.withLock { $0.renewals } }

    /// Whether no call is to be made with `version` any more: one was refused, or there is a newer one.
    func isOutdated(_ version: Int) -> Bool {
        state.withLock { $0.refused == version || $0.held.version != version }
    }

    private func refuse(_ version: Int) {
        state.withLock { if $0.held.version == version { $0.refused = version } }
    }

    /// Takes over a newer version that was stored by anybody.
    func adopt(_ stored: Connection) throws {
        guard stored.version > held.version else { return }
        take(try Keyring.open(stored, environment.vault))
    }

    /// A version that was read before another was stored does not come back.
    private func take(_ newer: Held) {
        state.withLock { if newer.version > $0.held.version { $0.held = newer } }
    }

    /// What calls of an account are made with; renewed first where that is due. Throws `Failure` when it cannot be,
    /// and what the store throws.
    func credential(for account: String, _ limiter: Limiter?) async throws -> Held {
        let held = self.held
        if isOutdated(held.version) {
            return try await renew(.refused, after: held.version, for: account, limiter)
        }
        let now = environment.wallClock.now
        guard connector.renewal(of: held.credential, account: account, because: .due, at: now) != nil else {
            return held
        }
        return try await renew(.due, after: held.version, for: account, limiter)
    }

    /// A newer credential than `version`. Throws `Failure`, `.ownerMustAct` when there is nothing to renew.
    func renew(
        _ reason: RenewalReason, after version: Int, for account: String, _ limiter: Limiter?
    ) async throws -> Held {
        if reason == .refused { refuse(version) }
        while true {
            let isMine = state.withLock { state in
                if state.isBusy { return false }
                state.isBusy = true
                return true
            }
            guard isMine else {
                try await environment.clock.sleep(for: Keyring.pause)
                continue
            }
            defer { state.withLock { $0.isBusy = false } }
            if let cause = denial(of: version, account) { throw Failure.ownerMustAct(cause) }
            if reason == .refused, held.version != version { return held }
            return try await underLease(reason, after: version, for: account, limiter)
        }
    }

    private func underLease(
        _ reason: RenewalReason, after version: Int, for account: String, _ limiter: Limiter?
    ) async throws -> Held {
        try await SharedLease(environment, "renewal/\(connection.id)").hold(for: Keyring.lease) {
            // Others may have renewed it meanwhile, or its owner has.
            guard let stored = try await environment.store.connection(connection.id) else {
                throw StoreError.inconsistent("connection \(connection.id) is gone")
            }
            try adopt(stored)
            if let parked = stored.parked, !isOwners { throw Failure.ownerMustAct(parked) }
            let isEnough = reason == .refused ? stored.version != version : renewal(.due, account) == nil
            if isEnough { return held }
            if let got = unstored(since: stored.version) { return try await keep(got, after: held) }
            do {
                return try await fetch(reason, account, limiter)
            } catch Failure.ownerMustAct(let cause) {
                deny(stored.version, account, cause)
                throw Failure.ownerMustAct(cause)
            }
        }
    }

    /// What was got in place of a version and could not be stored yet.
    private func unstored(since version: Int) -> Credential? {
        state.withLock { state in
            guard let unstored = state.unstored, unstored.version == version else { return nil }
            return unstored.credential
        }
    }

    private func denial(of version: Int, _ account: String) -> Failure.Cause? {
        let now = environment.wallClock.now
        return state.withLock { state in
            guard let denied = state.denied, denied.version == version, denied.account == account, denied.until > now
            else { return nil }
            return denied.cause
        }
    }

    /// Another one in place of `version` is no help: nobody asks for it for a while.
    func deny(_ version: Int, _ account: String, _ cause: Failure.Cause) {
        let until = environment.wallClock.now + Keyring.denialHolds
        state.withLock { $0.denied = (version, account, cause, until) }
    }

    private func renewal(_ reason: RenewalReason, _ account: String) -> Call? {
        connector.renewal(of: held.credential, account: account, because: reason, at: environment.wallClock.now)
    }

    /// Calls of the connection wait for it, so it goes before those of others.
    private func fetch(_ reason: RenewalReason, _ account: String, _ limiter: Limiter?) async throws -> Held {
        let old = held
        guard let costs = renewal(reason, account)?.costs else {
            throw Failure.ownerMustAct(Keyring.notRenewable)
        }
        if case .later(let wait)? = try await limiter?.permit(for: costs, workClass: .interactive) {
            throw Failure.retryAt(
                environment.wallClock.now + wait, Failure.Cause(code: "", "The platform's limit of calls is reached."))
        }
        // Made anew behind the wait: it may be signed with its moment.
        guard let call = renewal(reason, account) else { return old }
        try await environment.departures.wait(for: call.costs)
        // An answer that holds the only valid tokens is waited for and stored, whatever happens here meanwhile.
        return try await withoutCancellation {
            let got = try await Renewal(self.connector, self.transport, self.environment.wallClock)
                .send(call, of: old.credential, account: account, atMost: Keyring.timeout)
            return try await self.keep(got, after: old)
        }
    }

    private func keep(_ credential: Credential, after old: Held) async throws -> Held {
        state.withLock { $0.unstored = Held(credential: credential, version: old.version) }
        let sealed = try environment.vault.seal(credential.values, for: connection.sealSubject)
        let isCurrent = try await environment.writing { [connection] in
            try await $0.renew(connection.id, version: old.version, sealed: sealed)
        }
        state.withLock { $0.unstored = nil }
        guard isCurrent else {
            // Its owner stored another one while this one was on its way.
            guard let stored = try await environment.store.connection(connection.id) else { return old }
            try adopt(stored)
            return held
        }
        let new = state.withLock { state in
            state.renewals += 1
            return Held(credential: credential, version: old.version + 1, renewal: state.renewals)
        }
        take(new)
        try await goOn(with: new)
        return new
    }

    /// The connection was not parked when the renewal began. A chunk that parked it meanwhile did so for the old one.
    private func goOn(with new: Held) async throws {
        let stored = try await environment.writing { [connection] in try await $0.connection(connection.id) }
        guard !isOwners, let stored, stored.version == new.version, stored.parked != nil else { return }
        try await environment.writing { [connection] in try await $0.resume(connection.id) }
    }

    static let notRenewable = Failure.Cause(
        code: "", "The platform refused the credential, and it cannot be renewed.", advice: "Connect again.")
}

/// One call for a renewal, and what its answer means.
struct Renewal {
    private let connector: any Connector
    private let transport: any Transport
    private let wallClock: any WallClock

    init(_ connector: any Connector, _ transport: any Transport, _ wallClock: any WallClock) {
        self.connector = connector
        self.transport = transport
        self.wallClock = wallClock
    }

    /// Throws `Failure`.
    func send(
        _ call: Call, of credential: Credential, account: String, atMost timeout: Duration
    ) async throws -> Credential {
        var request = call.request
        request.timeout = min(request.timeout, timeout)
        let response: WireResponse
        do {
            response = try await transport.send(request)
        } catch let error as TransportError {
            throw error.failure
        }
        switch connector.renewed(response, of: credential, account: account, at: wallClock.now) {
        case .credential(let renewed): return renewed
        // What was refused again cannot be renewed by us.
        case .failed(.refreshCredential(let cause)): throw Failure.ownerMustAct(cause)
        case .failed(let failure): throw failure
        }
    }
}
