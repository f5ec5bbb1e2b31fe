package import ConnectorKit
package import SyncCore

/// What people do with connections on the web page: give a credential and have it checked, choose accounts, give
/// another credential, take it away. Of what does not work nothing is stored.
package struct ConnectionBook: Sendable {
    let environment: EngineEnvironment
    var control: Control { Control(environment) }

    package init(_ environment: EngineEnvironment) {
        self.environment = environment
    }

    /// What a platform says of a credential.
    package struct Checked: Sendable {
        /// With what was got to ask with.
        package var access: Access
        /// Nil where the platform tells nothing.
        package var facts: CredentialFacts?
        package var accounts: [AccountFacts]
        package var calls: Int

        package init(access: Access, facts: CredentialFacts?, accounts: [AccountFacts], calls: Int) {
            self.access = access
            self.facts = facts
            self.accounts = accounts
            self.calls = calls
        }
    }

    // MARK: Asking

    /// Asks what a credential may do and which accounts it reaches. What is got of a stored one meanwhile is stored;
    /// of a new one nothing is. Throws `EngineError` as `Questioner` does.
    package func check(_ access: Access) async throws -> Checked {
        let known = try await connections(of: access.workspace)
        let calls = QuestionCalls(environment.wallClock)
        let standing = environment.vault.standing(of: access, among: known)
        return try await asking(access, standing, calls) { questioner in
            let accounts = try await questioner.reachable(with: access)
            var facts = try await questioner.credentialFacts(with: access)
            // What was lacking when it was got may have been granted since.
            if standing == .stored, facts?.warnings.isEmpty == false, try await questioner.renew(access) {
                facts = try await questioner.credentialFacts(with: access)
            }
            return Checked(
                access: questioner.current(access), facts: facts, accounts: accounts, calls: calls.count)
        }
    }

    /// What was asked counts also where it came to nothing, and a limit that was met is met by nobody else.
    func asking<Value: Sendable>(
        _ access: Access, _ standing: Questioner.Standing, _ calls: QuestionCalls,
        _ ask: (Questioner) async throws -> Value
    ) async throws -> Value {
        let value: Value
        do {
            value = try await ask(try await questioner(access, standing, calls))
        } catch {
            try await control.charge(calls)
            if case EngineError.throttled(_, let key, let until) = error {
                try await control.note(block: key, of: access.platform, until: until)
            }
            throw error
        }
        try await control.charge(calls)
        return value
    }

    private func questioner(
        _ access: Access, _ standing: Questioner.Standing, _ calls: QuestionCalls
    ) async throws -> Questioner {
        let transport = try environment.transport(access.connection)
        let blocked = try await environment.store.quotas(.blocked).blocks(at: environment.wallClock.now)
        return Questioner(
            connectors: environment.connectors, clock: environment.clock, wallClock: environment.wallClock,
            random: environment.random, blocked: blocked, calls: calls,
            makingInTurn: { [control] call, send in
                try await control.charge(calls)
                return try await control.makeInTurn(call, send)
            },
            renewing: { [control, environment] access, account, reason in
                // One that works already is renewed where all workers find it; of a new one nothing is stored yet.
                if standing != .new {
                    return try await control.renew(access, for: account, because: reason, over: transport)
                }
                let connector = try environment.connectors.type(of: access.platform)
                    .init(configuration: access.configuration)
                return try await Control.renewal(
                    of: access, for: account, because: reason, by: connector, over: transport, environment.wallClock)
            },
            standing: standing, answers: environment.answers, transport: { _ in transport })
    }

    // MARK: What is stored

    package func connections(of workspace: WorkspaceID) async throws -> [Connection] {
        try await environment.store.connections().filter { $0.workspace == workspace }
    }

    package func accounts(of connection: ConnectionID) async throws -> [Account] {
        try await environment.store.accounts().filter { $0.connection == connection }
    }

    /// What a stored connection holds. Throws `EngineError.sealed` and `.otherKey`.
    package func access(of connection: Connection) throws -> Access {
        var access = Access(
            workspace: connection.workspace, platform: connection.platform, name: connection.name,
            baseURL: connection.baseURL,
            credential: Credential(try environment.vault.open(connection.sealed, for: connection.sealSubject)),
            configuration: connection.configuration)
        access.isGuarded = connection.isGuarded
        return access
    }

    /// Stores what was checked, and brings a parked connection back to work.
    package func keep(_ checked: Checked) async throws -> ConnectionID {
        try await keep(try await named(checked), endingAt: checked.facts?.expiresAt)
    }

    /// The end of what was there before is not its own.
    @discardableResult
    func keep(_ access: Access, endingAt end: Instant?) async throws -> ConnectionID {
        let id = try await control.store(access)
        if let store = environment.store as? any NoticeStore { try await store.note(end: end, of: id) }
        return id
    }

    /// What the platform says of a stored credential now; nil where it tells nothing. Throws `EngineError`.
    package func facts(of connection: Connection) async throws -> CredentialFacts? {
        let access = try access(of: connection)
        return try await asking(access, .stored, QuestionCalls(environment.wallClock)) {
            try await $0.credentialFacts(with: access)
        }
    }

    /// Credentials of most platforms have one name, `default`: a second one must not take the place of the first, for
    /// that one's accounts may be none of its own. It does where it is the same one or of the same app or user, and
    /// where the first was removed and it reaches all its accounts.
    private func named(_ checked: Checked) async throws -> Access {
        var access = checked.access
        let all = try await connections(of: access.workspace)
        let known = all.filter { $0.platform == access.platform && $0.baseURL == access.baseURL }
        guard known.contains(where: { $0.name == access.name && !isSame($0, access) }) else { return access }
        if let same = known.first(where: { isSame($0, access) }) {
            access.name = same.name
            access.configuration = configuration(of: access, over: same)
            return access
        }
        let reached = Set(checked.accounts.map(\.externalID))
        for removed in known where removed.isRemoved {
            let accounts = try await accounts(of: removed.id)
            guard Set(accounts.map(\.externalID)).isSubset(of: reached) else { continue }
            access.name = removed.name
            access.configuration = configuration(of: access, over: removed)
            return access
        }
        let names = Set(known.map(\.name))
        var number = 2
        while names.contains("\(access.name)-\(number)") { number += 1 }
        access.name += "-\(number)"
        return access
    }

    private func isSame(_ stored: Connection, _ access: Access) -> Bool {
        if let identity = access.configuration["identity"], stored.configuration["identity"] == identity { return true }
        guard let values = try? environment.vault.open(stored.sealed, for: stored.sealSubject) else { return false }
        return access.isOrigin(of: Credential(values))
    }

    /// Settings that people made of it stay.
    func configuration(of access: Access, over stored: Connection) -> [String: String] {
        stored.configuration.merging(access.configuration) { $1 }
    }

    // MARK: Removing

    /// Wipes the credential and cancels the open jobs of the accounts; how many. Rows, coverage and the connection's
    /// place stay, so that another credential can go on from there.
    package func remove(_ connection: Connection, by actor: String) async throws -> Int {
        let sealed = try environment.vault.seal([:], for: connection.sealSubject)
        return try await environment.store.forget(connection.id, sealed: sealed, by: actor)
    }
}

extension Access {
    /// As what it would be stored: for opening the way to its platform.
    var connection: Connection {
        Connection(
            id: ConnectionID(0), workspace: workspace, platform: platform, name: name, baseURL: baseURL, sealed: [],
            version: 0, configuration: configuration, isGuarded: isGuarded)
    }
}
