import SyncCore

/// Jobs that a person lets stand still, and what people look at of runs, of the record and of the database.
package enum PauseExercises {
    package static let all = [
        StoreExercise("A paused job's chunks wait, and those in hand are given back with their next write", pausing),
        StoreExercise("A paused job stands still whatever its worker says, and is cut, failed and followed", outcomes),
        StoreExercise("A paused job's next step waits like the one before it", nextStep),
        StoreExercise("What was paused under a parked connection waits for its credential when it is resumed", parking),
        StoreExercise("A lease that runs out under a paused job brings its chunk back to the pause", rescuing),
        StoreExercise("Only an open job is paused, and only a paused one resumed", refusals),
    ]

    private static let batch = "next"

    @Sendable static func pausing(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<4).map { StoreScene.listing("\($0)") })
        let running = try await scene.claimOne()
        let timed = try await scene.claimOne()
        _ = try await scene.update(timed, .wait(cursor: "c", after: .seconds(60), reason: .quota))

        try expect(try await scene.store.pause(job, by: "An"), "not paused")

        let paused = try await scene.jobNow(job)
        try expectEqual(paused.state, .waiting, "state")
        try expectEqual(paused.waitReason, .paused, "reason")
        try expectEqual(paused.openChunks, 4, "open chunks")
        try expectEqual(
            try await scene.chunks(job, [.waiting]).map(\.waitReason), [.paused, .paused, .paused], "chunks")
        try expect(try await scene.store.nextDue() == nil, "something is due")
        let written = try scene.written(
            try await scene.update(
                running, .proceed(cursor: batch), tables: [StoreScene.things(["1"], account: account)]))
        try expect(written.isPaused, "the worker was not told")
        try expectEqual(try await scene.store.count(StoreScene.things, account: nil), 1, "rows that were read")
        try expectEqual(try await scene.update(running, .proceed(cursor: "2")), .stale, "a write behind that")
        scene.clock.advance(by: .seconds(100))
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")

        try expect(try await scene.store.resume(job, by: "An"), "not resumed")

        try expectEqual(try await scene.jobNow(job).state, .inProgress, "state behind it")
        let chunks = try await scene.claim()
        try expectEqual(chunks.count, 4, "chunks that go on")
        try expectEqual(chunks.first { $0.id == running.id }?.cursor, batch, "where the first goes on")
        try expectEqual(chunks.first { $0.id == timed.id }?.cursor, "c", "where the second goes on")
        for chunk in chunks { try await scene.complete(chunk) }
        try expect(try await scene.store.finish(job), "not finished")
        let kinds = try await scene.eventKinds(of: job)
        try expect(kinds.contains("job_paused") && kinds.contains("job_resumed"), "no events: \(kinds)")
    }

    @Sendable static func outcomes(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let days = StoreScene.days("2026-01-01", "2026-01-02")
        let job = try await scene.job(
            of: account, chunks: [StoreScene.reading(days)] + (0..<5).map { StoreScene.listing("\($0)") })
        let chunks = try await scene.claim()
        _ = try await scene.store.pause(job, by: "An")

        let halves = [StoreScene.days("2026-01-01", "2026-01-01"), StoreScene.days("2026-01-02", "2026-01-02")]
        _ = try await scene.update(chunks[0], .split(halves.map { StoreScene.reading($0) }, reason: "too big"))
        _ = try await scene.update(chunks[1], .wait(cursor: nil, after: .seconds(5), reason: .quota))
        _ = try await scene.update(chunks[2], .retry(after: .zero, StoreScene.broken))
        _ = try await scene.update(chunks[3], .handBack)
        _ = try await scene.update(chunks[4], .fail(StoreScene.traced))
        try await scene.complete(chunks[5], follow: [StoreScene.listing("follow")])

        scene.clock.advance(by: .seconds(100))
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        let waiting = try await scene.chunks(job, [.waiting])
        try expectEqual(waiting.count, 6, "waiting chunks")
        try expectEqual(Set(waiting.map(\.waitReason)), [.paused], "reasons")
        try expectEqual(waiting.first?.splits, 1, "cuts of the first")
        let failed = try require(try await scene.chunks(job, [.failed]).first, "the failed chunk")
        try expectEqual(failed.errorTrace, "trace 1", "the platform's number of the call")
        try expectEqual(try await scene.store.retry(job), 1, "failed chunks that are tried again")
        try expectEqual(try await scene.jobNow(job).waitReason, .paused, "the job behind a retry")
        try expectEqual(try await scene.claim().count, 0, "chunks to claim behind a retry")
        try expect(try await scene.store.resume(job, by: "An"), "not resumed")
        try expectEqual(try await scene.claim().count, 7, "chunks that go on")
    }

    @Sendable static func nextStep(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()], steps: [.recent, .history])
        let chunk = try await scene.claimOne()
        _ = try await scene.store.pause(job, by: "An")
        try await scene.complete(chunk)

        try expectEqual(try await scene.store.idleJobs(), [job], "jobs whose next step is to be planned")
        try expect(try await scene.add([StoreScene.listing("second")], to: job, step: 1), "the step was not added")

        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expectEqual(try await scene.jobNow(job).waitReason, .paused, "reason")
        _ = try await scene.store.resume(job, by: "An")
        try await scene.complete(try await scene.claimOne())
        try expect(try await scene.store.finish(job), "not finished")
        try expectEqual(try await scene.jobNow(job).state, .completed, "state")
    }

    @Sendable static func parking(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<2).map { StoreScene.listing("\($0)") })
        let chunk = try await scene.claimOne()
        _ = try await scene.store.pause(job, by: "An")
        let cause = Failure.Cause(code: "190", "The token was rejected.")
        try expect(try await scene.store.park(account.connection, version: 1, cause: cause), "not parked")
        _ = try await scene.update(chunk, .wait(cursor: nil, after: nil, reason: .credential))

        try expectEqual(try await scene.jobNow(job).waitReason, .paused, "a paused job under a parked connection")
        _ = try await scene.store.resume(job, by: "An")
        let waiting = try await scene.jobNow(job)
        try expectEqual(waiting.state, .waiting, "state of the resumed job")
        try expectEqual(waiting.waitReason, .credential, "what it waits for")
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        _ = try await scene.store.pause(job, by: "An")
        try await scene.store.resume(account.connection)
        try expectEqual(try await scene.claim().count, 0, "chunks of a paused job whose connection works again")
        _ = try await scene.store.resume(job, by: "An")
        try expectEqual(try await scene.claim().count, 2, "chunks that go on")
    }

    @Sendable static func rescuing(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        _ = try await scene.claimOne()
        _ = try await scene.store.pause(job, by: "An")

        scene.clock.advance(by: .seconds(60))
        try expectEqual(try await scene.store.rescue().rescued.count, 1, "rescued chunks")

        try expectEqual(try await scene.chunks(job, [.waiting]).map(\.waitReason), [.paused], "chunks")
        scene.clock.advance(by: .seconds(60))
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
    }

    @Sendable static func refusals(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])

        try expect(try await !scene.store.resume(job, by: "An"), "a job that is not paused was resumed")
        try expect(try await scene.store.pause(job, by: "An"), "not paused")
        try expect(try await !scene.store.pause(job, by: "An"), "paused twice")
        try expectEqual(try await scene.store.enqueue(StoreScene.definition(account)).id, job, "the same order again")
        try expect(try await scene.store.cancel(job, by: "An"), "a paused job was not cancelled")
        try expect(try await !scene.store.resume(job, by: "An"), "a cancelled job was resumed")
        try expect(try await !scene.store.pause(job, by: "An"), "a cancelled job was paused")
        try expect(try await !scene.store.pause(JobID(99), by: "An"), "an unknown job was paused")
        try expectEqual(try await scene.chunks(job, [.cancelled]).count, 1, "cancelled chunks")
    }
}

extension StoreScene {
    static let traced = Failure.permanentRequest(Failure.Cause(code: "100", "No such field.", trace: "trace 1"))
}
