package import ConnectorKit
package import SyncCore
import Synchronization

/// How many calls were made.
package final class CallCount: Sendable {
    private let made = Mutex(0)
    package init() {}
    package var value: Int { made.withLock { $0 } }
    func add() { made.withLock { $0 += 1 } }
}

/// Asks a platform about accounts and credentials, outside of any job and without a database.
package struct Questioner: Sendable {
    private let connectors: [any Connector.Type]
    private let transport: @Sendable (String) throws -> any Transport
    private let clock: any Clock<Duration>
    private let wallClock: any WallClock
    private let random: RandomSource
    private let blocked: [QuotaKey: Instant]
    private let counted: CallCount
    private let renewing: Renewing?
    private let answers: SharedAnswers?
    private let newest = NewestCredential()

    /// Gets and stores a credential in place of one that lacks something or was refused. Throws `Failure` when the
    /// platform refuses that.
    package typealias Renewing = @Sendable (Access, _ account: String, RenewalReason) async throws -> Credential

    /// `transport` opens the way to a base URL. A question that counts against a quota in `blocked` is not asked
    /// before its end: a call during a block makes it longer. Without `renewing` a credential is used as it is; with
    /// `answers` an answer that serves others is shared with them.
    package init(
        connectors: [any Connector.Type], clock: any Clock<Duration>, wallClock: any WallClock,
        random: RandomSource, blocked: [QuotaKey: Instant] = [:], counted: CallCount = CallCount(),
        renewing: Renewing? = nil, answers: SharedAnswers? = nil,
        transport: @escaping @Sendable (String) throws -> any Transport
    ) {
        self.connectors = connectors
        self.transport = transport
        self.clock = clock
        self.wallClock = wallClock
        self.random = random
        self.blocked = blocked
        self.counted = counted
        self.renewing = renewing
        self.answers = answers
    }

    /// `access` with the credential that its questions ended with.
    package func current(_ access: Access) -> Access {
        var current = access
        if let credential = newest.credential { current.credential = credential }
        return current
    }

    /// Of the one access that a questioner is used for.
    private final class NewestCredential: Sendable {
        private let value = Mutex<Credential?>(nil)
        var credential: Credential? { value.withLock { $0 } }
        func take(_ credential: Credential) { value.withLock { $0 = credential } }
    }

    /// The account's facts. Throws `EngineError.rejected` for a bad credential after one call,
    /// `.unknownAccount` with the reachable ones for an id that it does not reach, and `.throttled` while a limit
    /// of the platform is reached.
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
            } catch EngineError.throttled {
                return .unknownAccount(account, reachable: nil, cause: cause)
            } catch EngineError.unanswered {
                // A request that is refused for any account says nothing of this one.
                if case .permanentRequest = failure { return .unanswered(cause) }
                return .unknownAccount(account, reachable: nil, cause: cause)
            }
        default: return try unanswered(failure, access)
        }
    }

    private func unanswered(_ failure: Failure, _ access: Access) throws -> EngineError {
        guard case .throttled(let key, let until, let cause) = failure else { return .unanswered(failure.cause) }
        let least = try connectors.type(of: access.platform).platform.leastBlock[key.family] ?? .seconds(60)
        return .throttled(cause, key, until: until ?? wallClock.now + least)
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
            case .failed(let failure): throw try unanswered(failure, access)
            case .account, .credential: throw EngineError.unanswered(Questioner.surprise)
            }
        } while cursor != nil
        return found
    }

    /// The credential's scopes and expiry; nil when the platform does not say. Throws `EngineError.throttled` while a
    /// limit is reached.
    package func credentialFacts(with access: Access) async throws -> CredentialFacts? {
        switch try await ask(.credential, cursor: nil, access) {
        case .credential(let facts): return facts
        case .failed(.ownerMustAct(let cause)), .failed(.refreshCredential(let cause)):
            throw EngineError.rejected(cause)
        case .failed(let failure):
            if case .throttled = failure { throw try unanswered(failure, access) }
            return nil
        case .account, .accounts: return nil
        }
    }

    // MARK: Consent

    /// What the browser came back with becomes the accesses that it opened, in one call that is made once: a code is
    /// spent with it. Throws `EngineError.rejected` when the platform refuses it.
    package func granted(
        _ returned: [(name: String, value: String)], with access: Access
    ) async throws -> [(account: String, access: Access)] {
        let type = try connectors.type(of: access.platform)
        let connector = try type.init(configuration: access.configuration)
        let app = access.typed
        guard let call = connector.exchange(returned, of: app, at: wallClock.now) else {
            throw EngineError.configuration(
                "The address lacks what a consent brings. Copy all of it, from the first sign to the last.")
        }
        counted.add()
        let response: WireResponse
        do {
            response = try await transport(access.baseURL).send(call.request)
        } catch let error as TransportError {
            throw EngineError.unanswered(error.cause)
        }
        switch connector.granted(response, to: returned, of: app, at: wallClock.now) {
        case .accounts(let accounts):
            return accounts.map { id, credential in
                let name = type.name(of: credential, account: id)
                let opened = Access(
                    platform: access.platform, name: name, baseURL: access.baseURL, credential: credential,
                    configuration: access.configuration)
                return (id, opened)
            }
        case .failed(.ownerMustAct(let cause)), .failed(.refreshCredential(let cause)):
            throw EngineError.rejected(cause)
        case .failed(let failure): throw try unanswered(failure, access)
        }
    }

    private func block(on call: Call) -> Failure? {
        let known = call.costs.compactMap { cost in blocked[cost.key].map { (key: cost.key, until: $0) } }
        guard let last = known.max(by: { $0.until < $1.until }), last.until > wallClock.now else { return nil }
        return .throttled(
            last.key, until: last.until, Failure.Cause(code: "", "The platform's limit of calls is reached."))
    }

    private static let surprise = Failure.Cause(code: "", "The platform's answer does not fit the question.")

    /// Asks, and asks again a few times when the platform or the way to it fails for a moment.
    private func ask(_ question: Question, cursor: String?, _ access: Access) async throws -> Answer {
        let connector = try connectors.type(of: access.platform).init(configuration: access.configuration)
        let transport = try transport(access.baseURL)
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(8))
        var attempt = 0
        var reason = RenewalReason.due
        while true {
            var answer: Answer
            do {
                let renewed = try await renew(access, connector.account(for: question), connector, reason)
                let credential = current(access).credential
                let call = connector.call(
                    for: question, cursor: cursor, credential: credential, at: wallClock.now)
                if let block = block(on: call) { return .failed(block) }
                let response = try await exchange(call, transport, access.baseURL)
                answer = connector.answer(
                    response, to: question, cursor: cursor, credential: credential, at: wallClock.now)
                forget(call, access.baseURL, after: answer)
                if case .failed(.refreshCredential) = answer, !renewed, reason == .due,
                    canRenew(access, connector.account(for: question), connector, .refused)
                {
                    reason = .refused
                    continue
                }
            } catch let error as TransportError {
                answer = .failed(.retryNow(error.cause))
            } catch let failure as Failure {
                answer = .failed(failure)
            }
            guard case .failed(.retryNow) = answer, attempt < 4 else { return answer }
            try await clock.sleep(for: backoff.delay(attempt: attempt, jitter: random.unit()))
            attempt += 1
        }
    }

    private func exchange(_ call: Call, _ transport: any Transport, _ baseURL: String) async throws -> WireResponse {
        guard let answers, let age = call.reusable else {
            counted.add()
            return try await transport.send(call.request)
        }
        return try await answers.answer(to: SharedAnswers.key(of: call.request, to: baseURL), for: age) {
            counted.add()
            return try await transport.send(call.request)
        }
    }

    /// What was no answer serves nobody; that there is no such account is one.
    private func forget(_ call: Call, _ baseURL: String, after answer: Answer) {
        guard let answers, call.reusable != nil, case .failed(let failure) = answer else { return }
        if case .gone = failure { return }
        answers.forget(SharedAnswers.key(of: call.request, to: baseURL))
    }

    /// True when something was got.
    private func renew(
        _ access: Access, _ account: String, _ connector: any Connector, _ reason: RenewalReason
    ) async throws -> Bool {
        guard let renewing, canRenew(access, account, connector, reason) else { return false }
        counted.add()
        newest.take(try await renewing(current(access), account, reason))
        return true
    }

    private func canRenew(
        _ access: Access, _ account: String, _ connector: any Connector, _ reason: RenewalReason
    ) -> Bool {
        let credential = current(access).credential
        let call = connector.renewal(of: credential, account: account, because: reason, at: wallClock.now)
        return renewing != nil && call != nil
    }
}
