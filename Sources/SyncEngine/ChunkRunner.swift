import ConnectorKit
import Logging
import SyncCore

/// Works on one claimed chunk until it is finished, given back or lost:
/// permit -> fetch -> rows -> commit -> next (design.md, section 2).
struct ChunkRunner {
    let environment: EngineEnvironment
    let contexts: AccountContexts
    let limiter: Limiter
    /// To be called when chunks were added that others may claim.
    let added: @Sendable () -> Void
    let backoff = Backoff()
    /// Tries at once, in the same hands, before the chunk goes back into the queue with an attempt used.
    let quickTries = 3

    /// What became of it.
    enum End: Sendable {
        case released
        case stepClosed(JobID)
    }

    func run(_ chunk: ClaimedChunk) async throws -> End {
        let context: AccountContexts.Context
        do {
            context = try await self.context(of: chunk)
        } catch EngineError.otherKey {
            // No failure of the chunk: whoever has the right key goes on.
            if contexts.leave(chunk.account) { environment.news(.jobStuck(chunk.job, .otherKey)) }
            return try await settle(chunk, .init(chunk, .handBack))
        } catch let error as EngineError {
            let cause = Failure.Cause(code: "", error.description)
            return try await settle(chunk, .init(chunk, .fail(.permanentConfiguration(cause))))
        } catch StoreError.unavailable {
            return try await settle(chunk, .init(chunk, .handBack))
        }
        guard chunk.spec.stream == .totals || context.schemas[chunk.spec.stream] != nil else {
            let cause = Failure.Cause(code: "", "The stream \(chunk.spec.stream) is not configured any more.")
            return try await settle(chunk, .init(chunk, .fail(.permanentConfiguration(cause))))
        }
        context.with { $0.inFlight += 1 }
        defer { context.with { $0.inFlight -= 1 } }
        var attempt = Attempt(chunk: chunk, context: context, startedAt: environment.wallClock.now)
        while true {
            do {
                if case .end(let end) = try await turn(&attempt) { return end }
            } catch StoreError.unavailable {
                // No failure of the chunk, and no crash: somebody goes on when the store answers again.
                return try await handBack(attempt)
            } catch let error as StoreError where error.isOfStatement {
                return try await notWritten(attempt, error)
            }
        }
    }

    private enum Turn {
        case again
        case end(End)
    }

    /// One call and all that follows from it.
    private func turn(_ attempt: inout Attempt) async throws -> Turn {
        guard !Task.isCancelled else { return .end(try await handBack(attempt)) }
        if let end = try await takeOutbox(&attempt) { return .end(end) }
        try await takeStored(&attempt)
        let asked = environment.wallClock.now
        do {
            try await attempt.takeCredential(limiter)
        } catch is CancellationError {
            return .end(try await handBack(attempt))
        } catch let failure as Failure {
            return try await failed(&attempt, failure, Reading(.failed(failure)))
        }
        var call = attempt.context.connector.call(for: attempt.work(at: asked))
        call.request.timeout = attempt.deadline(for: call.request.timeout)
        attempt.sent = nil
        let response: WireResponse
        do {
            switch try await exchange(call, &attempt) {
            case .answer(let answer): response = answer
            case .refused: return .end(try await awaitCredential(attempt))
            case .outdated: return .again
            case .later(let wait):
                let outcome = ChunkUpdate.Outcome.wait(cursor: nil, after: wait, reason: .quota)
                return .end(try await settle(attempt, attempt.update(outcome)))
            }
        } catch is CancellationError {
            return .end(try await handBack(attempt))
        } catch let error as TransportError {
            environment.tally.called(attempt.context.connection.platform, .error)
            let work = attempt.work(at: asked)
            let reading = attempt.context.connector.read(error, to: attempt.sent ?? call, of: work)
            return try await take(reading ?? Reading(.failed(error.failure)), &attempt)
        }
        var work = attempt.work(at: asked)
        work.answeredAt = environment.wallClock.now
        if attempt.sent != nil { attempt.spent.bytes += response.body.count }
        return try await read(consume response, to: attempt.sent ?? call, of: work, &attempt)
    }

    /// For a platform that receives: what may be sent next. Nothing is, when nothing waits.
    private func takeOutbox(_ attempt: inout Attempt) async throws -> End? {
        let context = attempt.context
        guard let most = type(of: context.connector).platform.receives else { return nil }
        let start = attempt.chunk.startedAt
        let outbox = try await environment.writing {
            try await $0.outbox(of: context.account.id, limit: most, since: start)
        }
        attempt.outbox = outbox.items
        guard outbox.items.isEmpty else { return nil }
        guard outbox.isOpen else {
            guard let left = outbox.setAside else {
                return try await settle(attempt, attempt.update(.finish(.init(isComplete: true))))
            }
            let failure = left.failure(of: type(of: context.connector).platform.name)
            return try await settle(attempt, attempt.update(.fail(failure)))
        }
        let outcome = ChunkUpdate.Outcome.wait(cursor: nil, after: ChunkRunner.outboxPause, reason: .report)
        return try await settle(attempt, attempt.update(outcome))
    }

    /// For a stream that acts: what it did last counts for what it does next.
    private func takeStored(_ attempt: inout Attempt) async throws {
        let context = attempt.context
        guard let schema = context.schemas[attempt.chunk.spec.stream], schema.isActing, let key = schema.key.last else {
            return
        }
        attempt.stored = try await environment.writing { store in
            try await store.rows(
                schema, account: context.account.externalID, by: key, limit: ChunkRunner.mostStored)
        }
    }

    /// More than an account has campaigns.
    private static let mostStored = 1_000_000
    private static let outboxPause: Duration = .seconds(1)

    private func read(
        _ response: consuming WireResponse, to call: Call, of work: ChunkWork, _ attempt: inout Attempt
    ) async throws -> Turn {
        var work = work
        let connector = attempt.context.connector
        if attempt.mayHaveKnownRows(response) {
            work.known = await known(of: attempt.chunk)
            attempt.takeKnown(work.known)
        }
        let isRefusal = !(200..<300).contains(response.status)
        let reading = connector.read(response, to: call, of: work)
        if case .failed = reading.next, let key = sharedKey(of: call, attempt) { environment.answers.forget(key) }
        // An answer that was got for another is no call.
        if attempt.sent != nil {
            environment.tally.called(attempt.context.connection.platform, reading.outcome(isRefusal: isRefusal))
        }
        // What the connector asks for anew, smaller or with less, is a retry as well.
        let isAskedAgain = isRefusal && reading.next.goesOn && reading.spent == Spent()
        attempt.spent += isAskedAgain ? Spent(retries: 1) : reading.spent
        guard work.known != nil else {
            // The answer goes before its rows wait for their write.
            _ = consume response
            return try await take(reading, &attempt)
        }
        do {
            return try await take(reading, &attempt)
        } catch is OutdatedRows {
            attempt.takeKnown(nil)
            work.known = nil
            return try await follow(connector.read(response, to: call, of: work), &attempt)
        }
    }

    /// The answer is there and paid for: where the store does not say what is known, all of it is read.
    private func known(of chunk: ClaimedChunk) async -> KnownRows? {
        let environment = self.environment
        return try? await withoutCancellation {
            try await environment.writing { try await $0.known(of: chunk) }
        }
    }

    private func take(_ reading: Reading, _ attempt: inout Attempt) async throws -> Turn {
        attempt.absorb(reading, at: environment.wallClock.now)
        try await limiter.absorb(reading.signals)
        return try await follow(reading, &attempt)
    }

    private func follow(_ reading: Reading, _ attempt: inout Attempt) async throws -> Turn {
        switch reading.next {
        case .more(let cursor):
            attempt.succeeded()
            let result = try await write(attempt.update(.proceed(cursor: cursor), reading))
            guard case .written(let written) = result, !written.isPaused else { return .end(.released) }
            attempt.wrote(cursor: cursor)
            if !reading.follow.isEmpty { added() }
            return .again
        case .later(let wait, let cursor):
            attempt.succeeded()
            let outcome = ChunkUpdate.Outcome.wait(cursor: cursor, after: wait, reason: .report)
            return .end(try await settle(attempt, attempt.update(outcome, reading)))
        case .finished(let finish):
            attempt.succeeded()
            var update = attempt.finish(finish, reading, now: environment.wallClock.now)
            if let totals = reading.totals { try await prove(totals, &update, attempt) }
            return .end(try await settle(attempt, update))
        case .split(let specs, let reason):
            guard !specs.isEmpty else {
                let cause = Failure.Cause(code: "", "The chunk is too big and cannot be cut any further.")
                return try await failed(&attempt, .tooBig(cause), reading)
            }
            return .end(try await settle(attempt, attempt.update(.split(specs, reason: reason), reading)))
        case .failed(let failure):
            return try await failed(&attempt, failure, reading)
        }
    }

    /// Each class of failure has one outcome (design.md, rule 11).
    private func failed(_ attempt: inout Attempt, _ failure: Failure, _ reading: Reading) async throws -> Turn {
        environment.logger.debug(
            "call failed",
            metadata: ["chunk": "\(attempt.chunk.id)", "class": "\(failure.name)", "code": "\(failure.cause.code)"])
        switch failure {
        case .retryNow:
            return try await retry(&attempt, failure, reading)
        case .retryAt(let moment, _):
            let wait = max(.zero, moment - environment.wallClock.now)
            let outcome = ChunkUpdate.Outcome.wait(cursor: nil, after: wait, reason: .quota)
            return .end(try await settle(attempt, attempt.update(outcome, reading)))
        case .throttled(let key, let until, _):
            attempt.throttled(at: environment.wallClock.now)
            let wait = try await limiter.block(key, until: until)
            let outcome = ChunkUpdate.Outcome.wait(cursor: nil, after: wait, reason: .quota)
            return .end(try await settle(attempt, attempt.update(outcome, reading)))
        case .refreshCredential(let cause):
            return try await renew(&attempt, cause, reading)
        case .ownerMustAct(let cause):
            return .end(try await park(attempt, cause, reading))
        case .tooBig, .gone, .permanentRequest, .permanentConfiguration, .bug:
            let reading = leavingBehind(failure.cause, attempt, reading)
            return .end(try await settle(attempt, attempt.update(.fail(failure), reading)))
        }
    }

    private func retry(_ attempt: inout Attempt, _ failure: Failure, _ reading: Reading) async throws -> Turn {
        attempt.spent.retries += 1
        attempt.failuresInRow += 1
        let jitter = environment.random.unit()
        let affordable = attempt.context.with { $0.budget.spend() }
        if affordable, attempt.failuresInRow < quickTries {
            let pause = Backoff(base: .milliseconds(250), cap: .seconds(2))
                .delay(attempt: attempt.failuresInRow - 1, jitter: jitter)
            try? await environment.clock.sleep(for: pause)
            return .again
        }
        // What goes on to a platform that receives may be the reason: others have their turn before it.
        let reading = leavingBehind(failure.cause, attempt, reading)
        guard attempt.chunk.retryCount < attempt.chunk.maxRetries else {
            return .end(try await settle(attempt, attempt.update(.fail(failure), reading)))
        }
        let pause = backoff.delay(attempt: attempt.chunk.retryCount, jitter: jitter)
        return .end(try await settle(attempt, attempt.update(.retry(after: pause, failure), reading)))
    }

    private func leavingBehind(_ cause: Failure.Cause, _ attempt: Attempt, _ reading: Reading) -> Reading {
        guard !attempt.outbox.isEmpty else { return reading }
        var reading = reading
        reading.handled = attempt.context.connector.sent(with: attempt.work(at: environment.wallClock.now))
            .map { Handled($0, silence: cause) }
        return reading
    }

    /// The token lapsed: the same call is made again with the next one. When one that was renewed for it is refused as
    /// well, and is still the newest, nothing is mended by another.
    private func renew(_ attempt: inout Attempt, _ cause: Failure.Cause, _ reading: Reading) async throws -> Turn {
        if attempt.isRefusedForGood() {
            attempt.context.keys.deny(attempt.credential.version, attempt.context.account.externalID, cause)
            return .end(try await park(attempt, cause, reading))
        }
        do {
            try await attempt.renewCredential(limiter)
            return .again
        } catch is CancellationError {
            return .end(try await handBack(attempt))
        } catch Failure.ownerMustAct(let why) {
            return .end(try await park(attempt, why == Keyring.notRenewable ? cause : why, reading))
        } catch let failure as Failure {
            return try await failed(&attempt, failure, reading)
        }
    }

    /// The credential was refused: nobody calls with it any more until its owner acts (design.md, rule 10).
    private func park(_ attempt: Attempt, _ cause: Failure.Cause, _ reading: Reading) async throws -> End {
        let connection = attempt.context.connection
        let version = attempt.credential.version
        attempt.context.with { $0.refused = version }
        contexts.forget(attempt.chunk.account)
        let isParked = try await environment.writing {
            try await $0.park(connection.id, version: version, cause: cause)
        }
        if isParked { environment.news(.connectionParked(connection, cause)) }
        return try await awaitCredential(attempt, reading)
    }

    private func awaitCredential(_ attempt: Attempt, _ reading: Reading? = nil) async throws -> End {
        let outcome = ChunkUpdate.Outcome.wait(cursor: nil, after: nil, reason: .credential)
        return try await settle(attempt, attempt.update(outcome, reading))
    }

    /// The database refuses what is to be written, and will do so again: who can mend that hears of it now, and not
    /// when the chunk is set aside.
    private func notWritten(_ attempt: Attempt, _ error: StoreError) async throws -> End {
        let what = error.description
        let cause = Failure.Cause(
            code: "", what.hasSuffix(".") ? what : what + ".",
            advice: "The log of the database tells more; it is tried again.")
        let failure = Failure.bug(cause)
        guard attempt.chunk.retryCount < attempt.chunk.maxRetries else {
            return try await settle(attempt, attempt.update(.fail(failure)))
        }
        environment.news(.chunkNotWritten(attempt.chunk, failure))
        let pause = backoff.delay(attempt: attempt.chunk.retryCount, jitter: environment.random.unit())
        return try await settle(attempt, attempt.update(.retry(after: pause, failure)))
    }

    private func handBack(_ attempt: Attempt) async throws -> End {
        try await settle(attempt, attempt.update(.handBack))
    }

    /// The last write of this claim. Survives cancellation: an answer that was paid for is stored.
    private func settle(_ attempt: Attempt, _ update: ChunkUpdate) async throws -> End {
        // It makes no call any more: another may, while this one is being written.
        attempt.context.with { $0.inFlight -= 1 }
        defer { attempt.context.with { $0.inFlight += 1 } }
        return try await settle(attempt.chunk, update)
    }

    private func settle(_ chunk: ClaimedChunk, _ update: ChunkUpdate) async throws -> End {
        guard case .written(let written) = try await write(update) else { return .released }
        if case .fail(let failure) = update.outcome { environment.news(.chunkFailed(chunk, failure)) }
        return written.stepClosed ? .stepClosed(chunk.job) : .released
    }

    private func write(_ update: ChunkUpdate) async throws -> UpdateResult {
        let environment = self.environment
        let begun = environment.tally.elapsed
        let result = try await withoutCancellation {
            try await environment.writing { try await $0.update(update) }
        }
        environment.tally.wrote(update, result, since: begun)
        if result == .outdated { throw OutdatedRows() }
        return result
    }

    /// A write was refused because somebody else has changed rows that were taken for known.
    private struct OutdatedRows: Error {}
}

extension EngineEnvironment {
    /// A busy database is no failure of the chunk.
    func writing<Result: Sendable>(_ body: @Sendable (any SyncStore) async throws -> Result) async throws -> Result {
        try await Backoff.whileUnavailable(clock, random) { try await body(store) }
    }
}

extension Backoff {
    /// Repeats a write while the store is unavailable, for as long as a lease can hold.
    static func whileUnavailable<Result: Sendable>(
        _ clock: any Clock<Duration>, _ random: RandomSource, _ write: () async throws -> Result
    ) async throws -> Result {
        let backoff = Backoff(base: .milliseconds(50), cap: .seconds(5))
        let stopwatch = Stopwatch(clock)
        var attempt = 0
        while true {
            do {
                return try await write()
            } catch StoreError.unavailable where stopwatch.elapsed < .seconds(40) {
                try await clock.sleep(for: backoff.delay(attempt: attempt, jitter: random.unit()))
                attempt += 1
            }
        }
    }
}

extension Outbox.SetAside {
    func failure(of platform: String) -> Failure {
        let what =
            count == 1 ? "\(platform) refused 1 item. \(message)" : "\(platform) refused \(count) items. \(message)"
        return .permanentRequest(
            Failure.Cause(
                code: code, what,
                advice: "All else was sent. When that is mended, retry the job; a newer state goes by itself."))
    }
}
