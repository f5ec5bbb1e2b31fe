import ConnectorKit
import SyncCore

/// Steps of a call, with what is counted of them.
extension ChunkRunner {
    /// The context of a chunk's account. One that knows nothing of the chunk's stream may be older than the stream;
    /// what changes something does so by the newest settings.
    func context(of chunk: ClaimedChunk) async throws -> AccountContexts.Context {
        let context = try await contexts.context(for: chunk.account)
        guard chunk.spec.stream != .totals, context.schemas[chunk.spec.stream].map(\.isActing) ?? true else {
            return context
        }
        return try await contexts.context(for: chunk.account, asStored: true)
    }

    /// Nil for a call whose answer serves nobody else.
    func sharedKey(of call: Call, _ attempt: Attempt) -> [UInt8]? {
        call.reusable.map { _ in SharedAnswers.key(of: call.request, to: attempt.context.connection.baseURL) }
    }

    /// What came of a call.
    enum Exchanged: Sendable {
        case answer(WireResponse)
        /// A limit is reached for so long.
        case later(Duration)
        /// The credential was refused for good meanwhile.
        case refused
        /// The credential was refused to another chunk meanwhile, or renewed: the call is made with the next one.
        case outdated
    }

    /// Makes the call that `attempt` stands at, unless somebody else's answer serves. Its turn, its permit and its
    /// credential are asked for in that order: what was right before a wait may not be so behind it.
    func exchange(_ call: Call, _ attempt: inout Attempt) async throws -> Exchanged {
        guard let age = call.reusable, let key = sharedKey(of: call, attempt) else {
            return try await exchangeAnew(call, &attempt)
        }
        do {
            let response = try await environment.answers.answer(to: key, for: age) {
                let exchanged = try await exchangeAnew(call, &attempt)
                guard case .answer(let response) = exchanged else { throw NotMade(why: exchanged) }
                return response
            }
            return .answer(response)
        } catch let call as NotMade {
            return call.why
        }
    }

    /// A call that was to serve others as well and was not made.
    private struct NotMade: Error {
        var why: Exchanged
    }

    private func exchangeAnew(_ call: Call, _ attempt: inout Attempt) async throws -> Exchanged {
        guard let key = call.alone else { return try await exchangeNow(call, &attempt) }
        return try await SharedLease(environment, "call/\(key)").hold(for: call.request.timeout + .seconds(10)) {
            try await exchangeNow(call, &attempt)
        }
    }

    private func exchangeNow(_ call: Call, _ attempt: inout Attempt) async throws -> Exchanged {
        let asked = environment.wallClock.now
        let permit = try await permit(for: call, attempt)
        if attempt.context.isRefused { return .refused }
        switch permit {
        case .later(let wait): return .later(wait)
        case .unwanted: return .outdated
        case .go: break
        }
        var call = call
        if environment.wallClock.now - asked > .seconds(1) {
            // It may be signed with its moment.
            let timeout = call.request.timeout
            call = attempt.context.connector.call(for: attempt.work(at: environment.wallClock.now))
            call.request.timeout = timeout
        }
        try await environment.departures.wait(for: call.costs)
        return attempt.isOutdated ? .outdated : .answer(try await sendNow(call, &attempt))
    }

    private func permit(for call: Call, _ attempt: Attempt) async throws -> Limiter.Permit {
        let begun = environment.tally.elapsed
        defer { environment.tally.stoodInLine(since: begun) }
        let (context, version) = (attempt.context, attempt.credential.version)
        return try await limiter.permit(for: call.costs, workClass: attempt.chunk.workClass) {
            !context.isRefused && !context.keys.isOutdated(version)
        }
    }

    private func sendNow(_ call: Call, _ attempt: inout Attempt) async throws -> WireResponse {
        attempt.called()
        attempt.sent = call
        do {
            return try await attempt.send(call.request)
        } catch let error as CancellationError {
            environment.tally.called(attempt.context.connection.platform, .cancelled)
            throw error
        }
    }
}

extension Reading {
    /// How the call ended that this was read from. What is asked again, smaller, was refused as well.
    func outcome(isRefusal: Bool) -> Tally.CallOutcome {
        switch next {
        case .failed(.throttled): .throttled
        case .failed: .error
        case .more, .later, .finished, .split: isRefusal ? .error : .ok
        }
    }
}
