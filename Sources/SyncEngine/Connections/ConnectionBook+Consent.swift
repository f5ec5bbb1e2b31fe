package import ConnectorKit
package import SyncCore

/// Credentials that a person brings by way of the browser.
extension ConnectionBook {
    /// Whether the platform opens its accounts only with a consent, and the credential has none yet.
    package func needsConsent(_ access: Access) throws -> Bool {
        let type = try environment.connectors.type(of: access.platform)
        guard type.missing(from: access.credential) != nil else { return false }
        return try consent(access, redirect: "") != nil
    }

    /// The page on which a person opens accounts to the app.
    package func consent(_ access: Access, redirect: String) throws -> (address: String, validFor: Duration)? {
        let connector = try environment.connectors.type(of: access.platform).init(configuration: access.configuration)
        guard let consent = connector.consent(access.credential, redirect: redirect, at: environment.wallClock.now)
        else { return nil }
        let base = access.baseURL.hasSuffix("/") ? String(access.baseURL.dropLast()) : access.baseURL
        return (base + consent.target, consent.validFor)
    }

    /// Spends what the browser came back with, and stores what it brings before anything else is done with that: the
    /// connections of the accounts that were opened.
    package func open(
        _ returned: [(name: String, value: String)], with access: Access
    ) async throws -> [(account: String, connection: ConnectionID)] {
        let calls = QuestionCalls(environment.wallClock)
        return try await asking(access, .new, calls) { questioner in
            let granted = try await questioner.granted(returned, with: access)
            var opened: [(account: String, connection: ConnectionID)] = []
            for (account, found) in granted {
                var found = found
                found.workspace = access.workspace
                found.isGuarded = access.isGuarded
                opened.append((account, try await control.store(found)))
            }
            return opened
        }
    }

    // MARK: Signing in with the operator's app

    /// Makes a credential of a code, in two calls that are made once. Throws `EngineError.rejected` when the platform
    /// refuses.
    package func signIn(
        _ login: any BrowserLogin, _ returned: [(name: String, value: String)], redirect: String, as empty: Access
    ) async throws -> Access {
        let transport = try environment.transport(empty.connection)
        let calls = QuestionCalls(environment.wallClock)
        let code = try told(login.code(in: returned), empty.platform)
        do {
            let first = try await send(login.exchange(code: code, redirect: redirect), transport, calls)
            let second = try told(login.lengthening(first, at: environment.wallClock.now), empty.platform)
            let answer = try await send(second, transport, calls)
            let credential = try told(login.credential(answer, at: environment.wallClock.now), empty.platform)
            try await control.charge(calls)
            return Access(
                workspace: empty.workspace, platform: empty.platform, name: empty.name, baseURL: empty.baseURL,
                credential: credential, configuration: empty.configuration.merging(login.configuration) { $1 })
        } catch {
            try await control.charge(calls)
            throw error
        }
    }

    private func send(
        _ call: Call, _ transport: any Transport, _ calls: QuestionCalls
    ) async throws -> WireResponse {
        calls.add()
        for cost in call.costs {
            let limits = try environment.connectors.type(of: PlatformID(cost.key.platform)).platform.quotas
            _ = limits[cost.key.family].map { calls.take(cost, under: $0, inTurn: false) }
        }
        do {
            return try await transport.send(call.request)
        } catch let error as TransportError {
            throw EngineError.unanswered(error.cause)
        }
    }

    private func told<Value>(_ result: Result<Value, Failure>, _ platform: PlatformID) throws -> Value {
        switch result {
        case .success(let value): return value
        case .failure(.ownerMustAct(let cause)), .failure(.refreshCredential(let cause)):
            throw EngineError.rejected(cause)
        case .failure(.throttled(let key, let until, let cause)):
            let least = try environment.connectors.type(of: platform).platform.leastBlock[key.family]
            throw EngineError.throttled(
                cause, key, until: until ?? environment.wallClock.now + (least ?? .seconds(60)))
        case .failure(let failure): throw EngineError.unanswered(failure.cause)
        }
    }
}
