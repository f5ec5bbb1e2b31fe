package import ConnectorKit
package import SyncCore

/// What becomes of the accounts of a connection: the first sync, the schedule behind it, another credential.
extension ConnectionBook {
    package struct Begun: Sendable {
        package var account: AccountID
        package var job: JobID
        /// False when a job of it went on already.
        package var isNew: Bool
    }

    /// Stores an account and starts its first sync: the last 90 days, then all before. Where each account has tokens of
    /// its own, it gets a connection for them.
    /// `prepare` is told of the account before its job begins.
    package func begin(
        _ facts: AccountFacts, of connection: Connection, prepare: (Account) async throws -> Void = { _ in }
    ) async throws -> Begun {
        let own = try await self.connection(of: facts, connection)
        let id = try await control.save(facts, connection: own)
        guard let account = try await environment.store.account(id) else {
            throw StoreError.inconsistent("account \(id) is gone")
        }
        try await prepare(account)
        let started = try await control.start(Control.Order(), of: facts, connection: own)
        return Begun(account: id, job: started.job, isNew: started.isNew)
    }

    /// The accounts that a stored connection reaches, asked for now.
    package func reachable(by connection: Connection) async throws -> [AccountFacts] {
        let access = try access(of: connection)
        let calls = QuestionCalls(environment.wallClock)
        let standing: Questioner.Standing = connection.parked == nil ? .stored : .refused
        return try await asking(access, standing, calls) { try await $0.reachable(with: access) }
    }

    private func connection(of facts: AccountFacts, _ connection: Connection) async throws -> ConnectionID {
        let type = try environment.connectors.type(of: connection.platform)
        let access = try access(of: connection)
        let name = type.name(of: access.credential, account: facts.externalID)
        guard name != type.name(of: access.credential, account: nil), name != connection.name else {
            return connection.id
        }
        let known = try await connections(of: connection.workspace)
        var own = Access.given(
            access.credential.given(by: type.platform), of: type, for: facts.externalID, at: connection.baseURL,
            in: connection.workspace, known: known)
        own.isGuarded = connection.isGuarded
        return try await control.store(own)
    }

    /// A platform that receives has one account; it gets no job before something waits for it.
    package func receiver(_ facts: AccountFacts, of connection: ConnectionID) async throws -> AccountID {
        try await control.save(facts, connection: connection)
    }

    /// Sends what is read of an account on to another, or nowhere any more.
    package func pass(_ account: Account, on destination: Account?) async throws {
        let type = try environment.connectors.type(of: account.platform)
        guard type.platform.passesOn || destination == nil else {
            throw EngineError.configuration("\(type.platform.name) has nothing that could go on to another platform.")
        }
        if let destination {
            guard destination.workspace == account.workspace,
                try environment.connectors.type(of: destination.platform).platform.receives != nil
            else { throw EngineError.configuration("\(destination.platform) does not receive anything.") }
        }
        try await environment.store.route(account.id, to: destination?.id, keepsRows: true)
    }

    // MARK: Keeping current

    /// Has accounts synced again and again: by a schedule that is there where one does it so often already, else by one
    /// of this platform and rhythm. Those that a schedule keeps current already are left to it. Nil when there is
    /// nothing to do.
    package func keepCurrent(
        _ accounts: [Account], every interval: Recurrence.Interval, by actor: String
    ) async throws -> Schedule? {
        let book = ScheduleBook(environment)
        guard let first = accounts.first else { return nil }
        let entries = try await book.list(in: first.workspace)
        let open = accounts.filter { account in
            !entries.contains { $0.schedule.definition.keepsCurrent && $0.schedule.definition.covers(account) }
        }
        guard !open.isEmpty else { return nil }
        let targets = open.map { ScheduleTarget.account($0.id) }
        let name = try environment.connectors.type(of: first.platform).platform.name + ": every \(interval.text)"
        let fitting = entries.first { entry in
            entry.schedule.definition.keepsCurrent && entry.schedule.definition.recurrence == .every(interval)
                && entry.schedule.definition.name == name
        }
        if let fitting {
            return try await book.edit(fitting.schedule.id, by: actor) { $0.targets += targets }.schedule
        }
        var definition = ScheduleDefinition(
            workspace: first.workspace, name: name, targets: targets, recurrence: .every(interval),
            zoneName: first.zoneName)
        var number = 2
        while entries.contains(where: { $0.schedule.definition.name == definition.name }) {
            definition.name = "\(name) (\(number))"
            number += 1
        }
        return try await book.create(definition, by: actor).schedule
    }

    // MARK: Another credential

    /// Connections that were given the same credential: what replaces one replaces all.
    package func siblings(of connection: Connection) async throws -> [Connection] {
        guard !connection.isRemoved, let mine = try? access(of: connection).credential.given else {
            return [connection]
        }
        return try await connections(of: connection.workspace).filter { other in
            guard other.platform == connection.platform, other.baseURL == connection.baseURL else { return false }
            return other.id == connection.id || (try? access(of: other).credential.given) == mine
        }
    }

    /// The accounts of these connections that a credential does not reach.
    package func lost(_ checked: Checked, _ connections: [Connection]) async throws -> [Account] {
        let ids = Set(connections.map(\.id))
        let reached = Set(checked.accounts.map(\.externalID))
        return try await environment.store.accounts()
            .filter { ids.contains($0.connection) && !reached.contains($0.externalID) }
    }

    /// Puts a checked credential in the place of that of some connections; what is parked of them goes on.
    package func replace(_ connections: [Connection], with checked: Checked) async throws {
        let type = try environment.connectors.type(of: checked.access.platform)
        for connection in connections {
            var access = checked.access
            if connection.name != access.name {
                // Tokens that were got for one account are not another's.
                access.credential = access.credential.given(by: type.platform)
                access = Access(
                    workspace: connection.workspace, platform: connection.platform, name: connection.name,
                    baseURL: connection.baseURL, credential: access.credential, configuration: access.configuration)
            }
            access.isGuarded = connection.isGuarded
            access.configuration = configuration(of: access, over: connection)
            try await keep(access, endingAt: checked.facts?.expiresAt)
        }
    }
}

extension ScheduleDefinition {
    /// It brings accounts up to date, all of them and whole.
    package var keepsCurrent: Bool { task == .sync && days == .due && streams.isEmpty && isActive }
}
