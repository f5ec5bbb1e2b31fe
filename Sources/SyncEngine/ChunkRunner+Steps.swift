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

    func permit(for call: Call, _ chunk: ClaimedChunk) async throws -> Limiter.Permit {
        let begun = environment.tally.elapsed
        defer { environment.tally.stoodInLine(since: begun) }
        return try await limiter.permit(for: call.costs, workClass: chunk.workClass)
    }

    func send(_ call: Call, _ attempt: inout Attempt) async throws -> WireResponse {
        guard let key = call.alone else { return try await send(call.request, &attempt) }
        return try await LoneCall(environment, key).while(call.request.timeout) {
            try await send(call.request, &attempt)
        }
    }

    private func send(_ request: WireRequest, _ attempt: inout Attempt) async throws -> WireResponse {
        attempt.called()
        do {
            return try await attempt.send(request)
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
