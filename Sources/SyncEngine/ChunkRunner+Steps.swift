import ConnectorKit
import SyncCore

/// Steps of a call, with what is counted of them.
extension ChunkRunner {
    /// The context of a chunk's account. One that knows nothing of the chunk's stream may be older than the stream.
    func context(of chunk: ClaimedChunk) async throws -> AccountContexts.Context {
        let context = try await contexts.context(for: chunk.account)
        guard context.schemas[chunk.spec.stream] == nil else { return context }
        return try await contexts.context(for: chunk.account, asStored: true)
    }

    func permit(for call: Call, _ attempt: Attempt) async throws -> Limiter.Permit {
        if let key = sharedKey(of: call, attempt), environment.answers.knows(key) { return .go }
        let begun = environment.tally.elapsed
        defer { environment.tally.stoodInLine(since: begun) }
        return try await limiter.permit(for: call.costs, workClass: attempt.chunk.workClass)
    }

    /// Nil for a call whose answer serves nobody else.
    func sharedKey(of call: Call, _ attempt: Attempt) -> [UInt8]? {
        call.reusable.map { _ in SharedAnswers.key(of: call.request, to: attempt.context.connection.baseURL) }
    }

    func send(_ call: Call, _ attempt: inout Attempt) async throws -> WireResponse {
        guard let age = call.reusable, let key = sharedKey(of: call, attempt) else {
            return try await sendAnew(call, &attempt)
        }
        return try await environment.answers.answer(to: key, for: age) { try await sendAnew(call, &attempt) }
    }

    private func sendAnew(_ call: Call, _ attempt: inout Attempt) async throws -> WireResponse {
        guard let key = call.alone else { return try await sendNow(call, &attempt) }
        return try await SharedLease(environment, "call/\(key)").hold(for: call.request.timeout + .seconds(5)) {
            try await sendNow(call, &attempt)
        }
    }

    private func sendNow(_ call: Call, _ attempt: inout Attempt) async throws -> WireResponse {
        try await environment.departures.wait(for: call.costs)
        attempt.called()
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
