package import ConnectorKit
package import SyncCore

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

/// Asks a platform about accounts and credentials, outside of any job and without a database.
package struct Questioner: Sendable {
    private let connectors: [any Connector.Type]
    private let transport: @Sendable (String) throws -> any Transport
    private let clock: any Clock<Duration>
    private let wallClock: any WallClock
    private let random: RandomSource

    /// `transport` opens the way to a base URL.
    package init(
        connectors: [any Connector.Type], clock: any Clock<Duration>, wallClock: any WallClock,
        random: RandomSource, transport: @escaping @Sendable (String) throws -> any Transport
    ) {
        self.connectors = connectors
        self.transport = transport
        self.clock = clock
        self.wallClock = wallClock
        self.random = random
    }

    /// The account's facts. Throws `EngineError.rejected` for a bad credential after one call, and
    /// `.unknownAccount` with the reachable ones for an id that it does not reach.
    package func facts(of account: String, with access: Access) async throws -> AccountFacts {
        switch try await ask(.account(account), cursor: nil, access) {
        case .account(let facts): return facts
        case .failed(let failure): throw try await explain(failure, account: account, access)
        case .accounts, .credential: throw EngineError.unanswered(Questioner.surprise)
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
                // A platform that gives the same page again and again has no more to tell.
                cursor = next == cursor ? nil : next
            case .failed(.ownerMustAct(let cause)), .failed(.refreshCredential(let cause)):
                throw EngineError.rejected(cause)
            case .failed(let failure): throw EngineError.unanswered(failure.cause)
            case .account, .credential: throw EngineError.unanswered(Questioner.surprise)
            }
        } while cursor != nil
        return found
    }

    /// The credential's scopes and expiry; nil when the platform does not say.
    package func credentialFacts(with access: Access) async throws -> CredentialFacts? {
        switch try await ask(.credential, cursor: nil, access) {
        case .credential(let facts): return facts
        case .failed(.ownerMustAct(let cause)), .failed(.refreshCredential(let cause)):
            throw EngineError.rejected(cause)
        case .failed, .account, .accounts: return nil
        }
    }

    private static let surprise = Failure.Cause(code: "", "The platform's answer does not fit the question.")

    /// Asks, and asks again a few times when the platform or the way to it fails for a moment.
    private func ask(_ question: Question, cursor: String?, _ access: Access) async throws -> Answer {
        let connector = try connectors.type(of: access.platform).init(configuration: access.configuration)
        let transport = try transport(access.baseURL)
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(8))
        var attempt = 0
        while true {
            let answer: Answer
            do {
                let call = connector.call(for: question, cursor: cursor, credential: access.credential)
                let response = try await transport.send(call.request)
                answer = connector.answer(
                    response, to: question, credential: access.credential, at: wallClock.now)
            } catch let error as TransportError {
                answer = .failed(.retryNow(error.cause))
            }
            guard case .failed(.retryNow) = answer, attempt < 4 else { return answer }
            try await clock.sleep(for: backoff.delay(attempt: attempt, jitter: random.unit()))
            attempt += 1
        }
    }
}
