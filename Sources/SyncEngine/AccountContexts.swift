import ConnectorKit
import FoundationEssentials
package import SyncCore
import Synchronization

/// What workers need to know of an account, kept in memory while it has work.
package final class AccountContexts: Sendable {
    /// An account with everything opened: connector, credential, transport, what was learned.
    final class Context: Sendable {
        let account: Account
        let zone: TimeZone
        let connection: Connection
        let connector: any Connector
        let keys: Keyring
        let transport: any Transport
        let schemas: [StreamID: StreamSchema]
        private let shared: Shared

        /// What all contexts over the same credential count together.
        private final class Shared: Sendable {
            let state: Mutex<State>
            init(_ state: consuming State) { self.state = Mutex(state) }
        }

        struct State {
            var learned: [StreamID: Learned]
            var budget = RetryBudget()
            var concurrency: Concurrency
            /// Chunks in the hands of workers.
            var inFlight = 0
            /// Calls under way.
            var onWire = 0
            /// The version of the credential that was refused for good: no call is made with it any more.
            var refused: Int?
        }

        init(
            account: Account, connection: Connection, connector: any Connector, keys: Keyring,
            transport: any Transport, learned: [StreamID: Learned], cap: Int, after other: Context? = nil
        ) throws {
            self.account = account
            self.zone = try account.zone()
            self.connection = connection
            self.connector = connector
            self.keys = keys
            self.transport = transport
            var schemas: [StreamID: StreamSchema] = [:]
            for schema in connector.streams { schemas[schema.id] = schema }
            self.schemas = schemas
            // What a platform bears does not change with what it says of the account.
            self.shared = other?.shared ?? Shared(State(learned: learned, concurrency: Concurrency(cap: cap)))
        }

        var isRefused: Bool { with { $0.refused } == keys.held.version }

        func with<Result>(_ body: (inout sending State) -> sending Result) -> sending Result {
            shared.state.withLock { body(&$0) }
        }
    }

    private let environment: EngineEnvironment
    private let cap: Int
    private let contexts = Mutex<[AccountID: Context]>([:])
    private let transports = Mutex<[ConnectionID: any Transport]>([:])
    private let keyrings = Mutex<[ConnectionID: Keyring]>([:])
    /// Accounts whose credential was sealed with another key, and until when they are left to others: another process
    /// may have that key, and another credential may come.
    private let sealed = Mutex<[AccountID: Instant]>([:])
    private static let leftFor: Duration = .seconds(30)

    package init(environment: EngineEnvironment, concurrencyCap: Int) {
        self.environment = environment
        self.cap = concurrencyCap
    }

    /// Whether what is read of an account goes on to another, as far as is known.
    func hasDestination(_ id: AccountID) -> Bool { contexts.withLock { $0[id]?.account.destination != nil } }

    /// The context of an account, opened at first use and again after its credential was refused. `asStored` opens it
    /// anew also when account or connection have changed since: a process that runs for months must notice.
    func context(for id: AccountID, asStored: Bool = false) async throws -> Context {
        let known = contexts.withLock { $0[id] }
        if let known, !asStored { return known }
        let store = environment.store
        guard let account = try await store.account(id),
            let connection = try await store.connection(account.connection)
        else { throw StoreError.inconsistent("account \(id) has no connection") }
        if let known, known.account == account, known.connection.configuration == connection.configuration {
            try known.keys.adopt(connection)
            return known
        }
        let type = try environment.connectors.type(of: connection.platform)
        let connector = try type.init(configuration: connection.configuration)
        try await store.prepare(connector.streams)
        let transport = try transport(for: connection)
        let context = try Context(
            account: account, connection: connection, connector: connector,
            keys: keyring(for: connection, connector, transport), transport: transport,
            learned: try await store.learned(account: id), cap: cap, after: known)
        return contexts.withLock { contexts in
            // Another worker may have been faster: keep one, because it counts what is in flight.
            if known == nil, let other = contexts[id] { return other }
            contexts[id] = context
            return context
        }
    }

    /// Accounts at their own limit of calls in flight, and those that are left to others.
    func full() -> Set<AccountID> {
        let known = contexts.withLock { $0 }
        let full = known.filter { entry in entry.value.with { $0.inFlight >= $0.concurrency.slots } }.map(\.key)
        let now = environment.wallClock.now
        let left = sealed.withLock { sealed in sealed.filter { $0.value > now }.map(\.key) }
        return Set(full + left)
    }

    /// Leaves an account to others for a while; true the first time.
    func leave(_ id: AccountID) -> Bool {
        let until = environment.wallClock.now + AccountContexts.leftFor
        return sealed.withLock { $0.updateValue(until, forKey: id) == nil }
    }

    /// The credential changed or was parked: the next use opens it anew.
    func forget(_ id: AccountID) {
        contexts.withLock { $0[id] = nil }
    }

    /// One for all accounts of a connection.
    private func keyring(
        for connection: Connection, _ connector: any Connector, _ transport: any Transport
    ) throws -> Keyring {
        if let known = keyrings.withLock({ $0[connection.id] }) {
            try known.adopt(connection)
            return known
        }
        let opened = try Keyring(environment, connector: connector, connection: connection, transport: transport)
        return keyrings.withLock { keyrings in
            if let other = keyrings[connection.id] { return other }
            keyrings[connection.id] = opened
            return opened
        }
    }

    private func transport(for connection: Connection) throws -> any Transport {
        if let known = transports.withLock({ $0[connection.id] }) { return known }
        let opened = try environment.transport(connection)
        return transports.withLock { transports in
            if let other = transports[connection.id] { return other }
            transports[connection.id] = opened
            return opened
        }
    }
}

extension Connection {
    /// What a sealed credential is bound to; with the address, so that a changed row cannot send it elsewhere.
    package var sealSubject: String {
        Connection.sealSubject(workspace, platform: platform, name: name, baseURL: baseURL)
    }

    package static func sealSubject(
        _ workspace: WorkspaceID, platform: PlatformID, name: String, baseURL: String
    ) -> String {
        // What was stored before there were others belongs to the first.
        (workspace == .first ? "" : "\(workspace):") + "\(platform)/\(name)/\(baseURL)"
    }
}
