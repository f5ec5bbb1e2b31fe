package import ConnectorKit
package import SyncCore
import Synchronization

/// Asks a platform about accounts and credentials, outside of any job and without a database.
package struct Questioner: Sendable {
    private let connectors: [any Connector.Type]
    private let transport: @Sendable (String) throws -> any Transport
    private let clock: any Clock<Duration>
    private let wallClock: any WallClock
    private let random: RandomSource
    private let blocked: [QuotaKey: Instant]
    private let calls: QuestionCalls
    private let answers: SharedAnswers
    private let makingInTurn: MakingInTurn?
    private let renewing: Renewing?
    private let standing: Standing
    private let newest = NewestCredential()

    /// Gets and stores a credential in place of one that lacks something or was refused. Throws `Failure` when the
    /// platform refuses that.
    package typealias Renewing = @Sendable (Access, _ account: String, RenewalReason) async throws -> Credential

    /// What is known of a credential before anything is asked with it.
    package enum Standing: Sendable {
        case new
        /// Stored by an earlier run: when the platform does not let it do something, its owner may have mended that
        /// since, and what can be got anew is.
        case stored
        /// Refused before: what can be got anew is, before anything is asked.
        case refused
    }

    /// Makes a call in its turn among those of all workers; nil where there is no database that they share.
    package typealias MakingInTurn =
        @Sendable (Call, @escaping @Sendable () async throws -> WireResponse) async throws -> WireResponse?

    /// `transport` opens the way to a base URL. A question that counts against a quota in `blocked` is not asked
    /// before its end: a call during a block makes it longer. Without `renewing` a credential is used as it is; with
    /// `answers` an answer that serves others is shared with them.
    package init(
        connectors: [any Connector.Type], clock: any Clock<Duration>, wallClock: any WallClock,
        random: RandomSource, blocked: [QuotaKey: Instant] = [:], calls: QuestionCalls? = nil,
        makingInTurn: MakingInTurn? = nil, renewing: Renewing? = nil, standing: Standing = .new,
        answers: SharedAnswers? = nil,
        transport: @escaping @Sendable (String) throws -> any Transport
    ) {
        self.connectors = connectors
        self.transport = transport
        self.clock = clock
        self.wallClock = wallClock
        self.random = random
        self.blocked = blocked
        self.calls = calls ?? QuestionCalls(wallClock)
        self.answers = answers ?? SharedAnswers(clock: clock)
        self.makingInTurn = makingInTurn
        self.renewing = renewing
        self.standing = standing
    }

    /// `access` with the credential that its questions ended with.
    package func current(_ access: Access) -> Access {
        var current = access
        if let credential = newest.credential { current.credential = credential }
        return current
    }

    /// Of the one access that a questioner is used for.
    private final class NewestCredential: Sendable {
        private let value = Mutex<(credential: Credential?, isReplaced: Bool)>((nil, false))
        var credential: Credential? { value.withLock { $0.credential } }
        /// It came in place of a refused one.
        var isReplaced: Bool { value.withLock { $0.isReplaced } }
        func take(_ credential: Credential, isReplaced: Bool) {
            value.withLock { $0 = (credential, $0.isReplaced || isReplaced) }
        }
    }

    /// The account's facts. Throws `EngineError.rejected` for a bad credential after one call,
    /// `.unknownAccount` with the reachable ones for an id that it does not reach, and `.throttled` while a limit
    /// of the platform is reached.
    package func facts(of account: String, with access: Access) async throws -> AccountFacts {
        switch try await ask(.account(account), cursor: nil, access) {
        case .account(let facts):
            // Some platforms have one account and answer for it whatever the id.
            guard facts.isMeant(by: account) else {
                let cause = Failure.Cause(code: "", "The credential does not reach this account.")
                throw EngineError.unknownAccount(account, reachable: [facts], .gone(cause))
            }
            return facts
        case .failed(let failure): throw try await explain(failure, account: account, access)
        case .accounts, .credential: throw EngineError.unanswered(Questioner.surprise)
        }
    }

    private func explain(_ failure: Failure, account: String, _ access: Access) async throws -> EngineError {
        switch failure {
        case .ownerMustAct(let cause), .refreshCredential(let cause): return .rejected(cause)
        case .gone(let cause), .permanentRequest(let cause), .permanentConfiguration(let cause):
            do {
                return .unknownAccount(account, reachable: try await reachable(with: access), failure)
            } catch EngineError.rejected(let cause) {
                return .rejected(cause)
            } catch EngineError.throttled {
                return .unknownAccount(account, reachable: nil, failure)
            } catch EngineError.unanswered {
                // A request that is refused for any account says nothing of this one.
                if case .permanentRequest = failure { return .unanswered(cause) }
                return .unknownAccount(account, reachable: nil, failure)
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
        let response: WireResponse
        do {
            response = try await make(call, with: access)
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
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(8))
        let account = connector.account(for: question)
        var attempt = 0
        var isRefused = standing == .refused && !newest.isReplaced
        var isReplaced = newest.isReplaced
        while true {
            var answer: Answer
            do {
                if isRefused, !isReplaced {
                    isReplaced = try await renew(access, account, connector, .refused)
                }
                if !isReplaced { _ = try await renew(access, account, connector, .due) }
                let credential = current(access).credential
                let call = connector.call(
                    for: question, cursor: cursor, credential: credential, at: wallClock.now)
                if let block = block(on: call) { return .failed(block) }
                let response = try await response(to: call, with: access)
                answer = connector.answer(
                    response, to: question, cursor: cursor, credential: credential, at: wallClock.now)
                if case .failed(.throttled) = answer { calls.wasThrottled() }
                if !answer.serves { answers.forget(SharedAnswers.key(of: call.request, to: access.baseURL)) }
                // The one that came in place of a refused one is the last.
                if answer.isRefusal(of: standing), !isRefused, !isReplaced, renewing != nil,
                    renewal(access, account, connector, .refused) != nil
                {
                    isRefused = true
                    continue
                }
            } catch let error as TransportError {
                answer = .failed(error.failure)
            } catch let failure as Failure {
                answer = .failed(failure)
            }
            guard case .failed(.retryNow) = answer, attempt < 4 else { return answer }
            calls.isRetried()
            try await clock.sleep(for: backoff.delay(attempt: attempt, jitter: random.unit()))
            attempt += 1
        }
    }

    /// Makes a call unless the answer to the same one serves.
    private func response(to call: Call, with access: Access) async throws -> WireResponse {
        guard let age = call.reusable else { return try await make(call, with: access) }
        return try await answers.answer(to: SharedAnswers.key(of: call.request, to: access.baseURL), for: age) {
            try await make(call, with: access)
        }
    }

    /// Makes a call, and counts it. Where calls go one by one it waits for its turn; under other limits nobody waits
    /// for a question, and those who come after it do.
    private func make(_ call: Call, with access: Access) async throws -> WireResponse {
        let limits = try connectors.type(of: access.platform).platform.quotas
        let transport = try transport(access.baseURL)
        let inTurn = call.goesInTurn(under: limits)
        let send: @Sendable () async throws -> WireResponse = { [calls] in
            calls.add()
            return try await transport.send(call.request)
        }
        if inTurn, let makingInTurn, let response = try await makingInTurn(call, send) { return response }
        for cost in call.costs {
            guard let limit = limits[cost.key.family] else { continue }
            while let wait = calls.take(cost, under: limit, inTurn: inTurn) { try await clock.sleep(for: wait) }
        }
        return try await send()
    }

    /// True when something was got.
    private func renew(
        _ access: Access, _ account: String, _ connector: any Connector, _ reason: RenewalReason
    ) async throws -> Bool {
        guard let renewing, let call = renewal(access, account, connector, reason) else { return false }
        calls.add()
        let limits = type(of: connector).platform.quotas
        for cost in call.costs {
            _ = limits[cost.key.family].map { calls.take(cost, under: $0, inTurn: false) }
        }
        newest.take(try await renewing(current(access), account, reason), isReplaced: reason == .refused)
        return true
    }

    private func renewal(
        _ access: Access, _ account: String, _ connector: any Connector, _ reason: RenewalReason
    ) -> Call? {
        connector.renewal(of: current(access).credential, account: account, because: reason, at: wallClock.now)
    }

    /// Gets another credential in place of one that works: what the owner has granted since may come with it. False
    /// where none can be got.
    package func renew(_ access: Access) async throws -> Bool {
        let connector = try connectors.type(of: access.platform).init(configuration: access.configuration)
        do {
            return try await renew(access, "", connector, .refused)
        } catch Failure.ownerMustAct(let cause) {
            throw EngineError.rejected(cause)
        } catch let failure as Failure {
            throw try unanswered(failure, access)
        }
    }
}

extension Answer {
    /// Whether what it was read from tells the same of the credential to other questions.
    fileprivate var serves: Bool {
        switch self {
        case .account, .accounts, .credential, .failed(.gone): true
        case .failed: false
        }
    }

    /// Whether another credential may be answered otherwise.
    fileprivate func isRefusal(of standing: Questioner.Standing) -> Bool {
        switch self {
        case .failed(.refreshCredential): true
        case .failed(.ownerMustAct): standing == .stored
        default: false
        }
    }
}
