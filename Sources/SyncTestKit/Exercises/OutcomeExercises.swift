import SyncCore

/// What each outcome does to a chunk and its job.
package enum OutcomeExercises {
    package static let all = [
        StoreExercise("A batch stores rows and cursor, and the chunk stays with its worker", proceed),
        StoreExercise("Waiting uses no attempt and keeps the cursor", wait),
        StoreExercise("A throttle is told once in a while, one that ends much later at once", throttles),
        StoreExercise("Work given back is due at once without an attempt", handBack),
        StoreExercise("A retry uses an attempt, and a batch that gets further clears the count", retry),
        StoreExercise("A failed chunk keeps its cause and its job goes on", fail),
        StoreExercise("A finished chunk adds all it used to the job", finish),
        StoreExercise("No operation makes a transition that is not allowed", transitions),
        StoreExercise("What was learned and how far a listing came are kept and merged", learning),
        StoreExercise("Concurrent writes each get their own result", concurrentWrites),
        StoreExercise("A write that fails takes no neighbour with it", failureIsAlone),
        StoreExercise("A write that comes again because its answer was lost is done once", repeated),
    ]

    @Sendable static func proceed(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()

        let result = try await scene.update(
            chunk, .proceed(cursor: "page 2"), tables: [StoreScene.things(["1", "2"], account: account)],
            spent: Spent(requests: 1, bytes: 10))

        try expectEqual(try scene.written(result), .init(received: 2, changed: 2), "result")
        try expectEqual(try await scene.state(of: chunk.id, in: job), .inProgress, "state")
        try expectEqual(try await scene.store.count(StoreScene.things, account: "1"), 2, "rows")
        // The process ends here; the next one goes on at the cursor.
        let next = try await scene.reopened()
        next.clock.advance(by: .seconds(46))
        _ = try await next.store.rescue()
        try expectEqual(try await next.claimOne().cursor, "page 2", "cursor")
    }

    @Sendable static func wait(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        var chunk = try await scene.claimOne()
        _ = try await scene.update(
            chunk, .wait(cursor: "report 7", after: .seconds(20), reason: .report),
            spent: Spent(requests: 2, throttled: 1))

        let waiting = try require(try await scene.chunks(job, [.waiting]).first, "a waiting chunk")
        try expectEqual(waiting.waitReason, .report, "reason")
        try expectEqual(waiting.runAfter, scene.clock.now + .seconds(20), "due moment")
        scene.clock.advance(by: .seconds(20))
        chunk = try await scene.claimOne()
        try expectEqual(chunk.cursor, "report 7", "cursor")
        _ = try await scene.update(chunk, .wait(cursor: nil, after: .seconds(5), reason: .quota))
        scene.clock.advance(by: .seconds(5))
        chunk = try await scene.claimOne()

        try expectEqual(chunk.cursor, "report 7", "cursor that was kept")
        try expectEqual(chunk.retryCount, 0, "attempts")
        let counted = try await scene.jobNow(job)
        try expectEqual(counted.spent, Spent(requests: 2, throttled: 1), "spent")
        try expectEqual(try await scene.eventKinds(of: job), ["job_started", "throttled"], "events")
    }

    @Sendable static func throttles(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: ["a", "b", "c"].map(StoreScene.listing))
        for seconds in [8, 9, 300] {
            let chunk = try await scene.claimOne()
            _ = try await scene.update(
                chunk, .wait(cursor: nil, after: .seconds(seconds), reason: .quota), spent: Spent(throttled: 1))
        }

        try expectEqual(try await scene.eventKinds(of: job), ["job_started", "throttled", "throttled"], "events")
    }

    @Sendable static func handBack(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()

        _ = try await scene.update(chunk, .handBack)

        try expectEqual(try await scene.state(of: chunk.id, in: job), .pending, "state")
        let again = try await scene.claimOne()
        try expectEqual(again.id, chunk.id, "the chunk")
        try expectEqual(again.retryCount, 0, "attempts")
        try expect(again.fence > chunk.fence, "the fence did not grow")
    }

    @Sendable static func retry(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        var chunk = try await scene.claimOne()
        _ = try await scene.update(chunk, .proceed(cursor: "page 2"))
        for attempt in 1...2 {
            _ = try await scene.update(
                chunk, .retry(after: .seconds(3), StoreScene.broken), spent: Spent(retries: 1))
            try expectEqual(try await scene.claim().count, 0, "chunks before the pause is over")
            scene.clock.advance(by: .seconds(3))
            chunk = try await scene.claimOne()
            try expectEqual(chunk.retryCount, attempt, "attempts")
            try expectEqual(chunk.cursor, "page 2", "cursor")
        }
        let summary = try require(try await scene.chunks(job).first, "the chunk")
        try expectEqual(summary.errorClass, "retry_now", "class")
        try expectEqual(summary.errorCode, "500", "code")
        try expectEqual(try await scene.jobNow(job).spent.retries, 2, "retries of the job")

        _ = try await scene.update(chunk, .proceed(cursor: "page 2"))
        _ = try await scene.update(chunk, .handBack)
        chunk = try await scene.claimOne()
        try expectEqual(chunk.retryCount, 2, "attempts after a call that only made ready")

        _ = try await scene.update(chunk, .proceed(cursor: "page 3"))
        _ = try await scene.update(chunk, .handBack)

        try expectEqual(try await scene.claimOne().retryCount, 0, "attempts after a batch")
    }

    @Sendable static func fail(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing("a"), StoreScene.listing("b")])
        let chunk = try await scene.claimOne()

        let written = try scene.written(try await scene.update(chunk, .fail(StoreScene.broken)))

        try expect(!written.stepClosed, "the step is closed though a chunk is open")
        let failed = try require(try await scene.chunks(job, [.failed]).first, "the failed chunk")
        try expectEqual(failed.id, chunk.id, "chunk")
        try expectEqual(failed.errorMessage, "The platform broke.", "message")
        try expectEqual(failed.advice, "Wait.", "advice")
        var counted = try await scene.jobNow(job)
        try expectEqual([counted.failedChunks, counted.openChunks], [1, 1], "failed and open chunks")
        try expectEqual(counted.errorMessage, "The platform broke.", "the job's cause")
        let last = try await scene.complete(try await scene.claimOne())
        try expect(last.stepClosed, "the step is not closed")
        try expect(try await scene.store.finish(job), "the job did not end")
        counted = try await scene.jobNow(job)
        try expectEqual(counted.state, .failed, "the job's end")
        try expectEqual(counted.completedChunks, 1, "completed chunks")
    }

    @Sendable static func finish(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()
        let spent = Spent(requests: 1, throttled: 2, retries: 3, bytes: 4, busy: .milliseconds(1500))
        _ = try await scene.update(
            chunk, .proceed(cursor: "2"), tables: [StoreScene.things(["1"], account: account)], spent: spent)

        let written = try scene.written(
            try await scene.update(
                chunk, .finish(.init(isComplete: true)),
                tables: [StoreScene.things(["1", "2"], account: account)], spent: spent))

        try expectEqual(written, .init(received: 2, changed: 1, deleted: 0, stepClosed: true), "result")
        let counted = try await scene.jobNow(job)
        try expectEqual(
            counted.spent, Spent(requests: 2, throttled: 4, retries: 6, bytes: 8, busy: .seconds(3)), "spent")
        try expectEqual([counted.rowsReceived, counted.rowsWritten], [3, 2], "rows received and written")
        try expectEqual([counted.totalChunks, counted.completedChunks, counted.openChunks], [1, 1, 0], "chunks")
        let stages = try await scene.store.stages(of: job)
        try expectEqual(
            stages,
            [StageProgress(stage: "things", phase: .recent, total: 1, completed: 1, rows: 3, requests: 2)],
            "stages")
    }

    /// Brings chunks into every state and does everything to each.
    @Sendable static func transitions(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        var made = 0
        for start in WorkState.allCases {
            for (number, act) in actions.enumerated() {
                made += 1
                let range = DayRange(StoreScene.today.adding(days: -made))
                let job = try await scene.job(of: account, chunks: [StoreScene.listing()], requested: range)
                let chunk = try await bring(scene, job, to: start)
                try expectEqual(try await scene.state(of: chunk.id, in: job), start, "state to start with")

                try await act(scene, chunk)

                let end = try await scene.state(of: chunk.id, in: job)
                try expect(start == end || start.mayBecome(end), "action \(number) made \(end) of \(start)")
                _ = try await scene.store.cancel(job, by: "the exercise")
                _ = try await scene.store.finish(job)
            }
        }
    }

    private static let actions: [@Sendable (StoreScene, ClaimedChunk) async throws -> Void] = {
        var actions: [@Sendable (StoreScene, ClaimedChunk) async throws -> Void] = [
            { scene, _ in _ = try await scene.claim() },
            { scene, _ in _ = try await scene.store.rescue() },
            { scene, chunk in _ = try await scene.store.cancel(chunk.job, by: "somebody") },
            { scene, chunk in _ = try await scene.store.retry(chunk.job) },
            { scene, _ in
                scene.clock.advance(by: .seconds(100))
                _ = try await scene.store.rescue()
                _ = try await scene.claim()
            },
            { scene, _ in
                let connection = try require(try await scene.store.connections().first, "the connection")
                let cause = Failure.Cause(code: "190", "Rejected.")
                _ = try await scene.store.park(connection.id, version: connection.version, cause: cause)
                _ = try await scene.store.save(
                    .first, platform: connection.platform, name: connection.name, baseURL: connection.baseURL,
                    sealed: [1], configuration: [:])
            },
        ]
        for outcome in (try? StoreScene.allOutcomes()) ?? [] {
            actions.append { scene, chunk in _ = try await scene.update(chunk, outcome) }
        }
        return actions
    }()

    private static func bring(_ scene: StoreScene, _ job: JobID, to state: WorkState) async throws -> ClaimedChunk {
        let chunk = try await scene.claimOne()
        switch state {
        case .inProgress: break
        case .pending: _ = try await scene.update(chunk, .handBack)
        case .waiting: _ = try await scene.update(chunk, .wait(cursor: nil, after: .seconds(50), reason: .quota))
        case .completed: try await scene.complete(chunk)
        case .failed: _ = try await scene.update(chunk, .fail(StoreScene.broken))
        case .cancelled: _ = try await scene.store.cancel(job, by: "the exercise")
        }
        return chunk
    }

    @Sendable static func learning(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: (0..<3).map { _ in StoreScene.listing() })
        let learned = Learned(
            size: 12.5, ceiling: 40, density: 0.25, pageSize: 100, goodPages: 7, dropped: ["field": "no scope"],
            begun: ["5", "7"], seconds: 2.5, worstSeconds: 9, fixedSize: 3,
            refusedAt: Instant(seconds: 1_795_262_400))
        let noon = Instant(seconds: 1_795_262_400)
        let marks = [
            ListingState(sweptAt: noon, changedUpTo: noon + .seconds(60)),
            ListingState(sweptAt: nil, changedUpTo: noon + .seconds(30)),
            ListingState(sweptAt: noon + .seconds(90), changedUpTo: nil),
        ]

        for mark in marks {
            let chunk = try await scene.claimOne()
            let finish = ChunkUpdate.Finish(isComplete: false, listed: mark)
            _ = try await scene.update(chunk, .finish(finish), learned: learned)
        }

        let next = try await scene.reopened()
        try expectEqual(
            try await next.store.learned(account: account.id), [StoreScene.things.id: learned], "learned")
        try expectEqual(
            try await next.store.listed(account: account.id),
            [
                StoreScene.things.id: ListingState(
                    sweptAt: noon + .seconds(90), changedUpTo: noon + .seconds(60))
            ], "listed")
    }

    @Sendable static func concurrentWrites(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<120).map { _ in StoreScene.listing() })
        let chunks = try await scene.claim(120)

        let results = try await withThrowingTaskGroup(of: (Int, UpdateResult).self) { group in
            for (number, chunk) in chunks.enumerated() {
                group.addTask { @concurrent in
                    let rows = (0..<number % 5).map { "\(number)-\($0)" }
                    let result = try await scene.update(
                        chunk, .finish(.init(isComplete: true)),
                        tables: [StoreScene.things(rows, account: account)], spent: Spent(requests: 1))
                    return (number, result)
                }
            }
            return try await group.reduce(into: [Int: UpdateResult]()) { $0[$1.0] = $1.1 }
        }

        var closings = 0
        for number in 0..<120 {
            let written = try scene.written(try require(results[number], "a result"))
            try expectEqual(written.received, number % 5, "rows of write \(number)")
            if written.stepClosed { closings += 1 }
        }
        try expectEqual(closings, 1, "writes that closed the step")
        try expectEqual(try await scene.jobNow(job).spent.requests, 120, "requests")
        try expectEqual(try await scene.jobNow(job).rowsReceived, 240, "rows received")
        try expectEqual(try await scene.store.count(StoreScene.things, account: "1"), 240, "rows stored")
    }

    @Sendable static func failureIsAlone(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<60).map { _ in StoreScene.listing() })
        let chunks = try await scene.claim(60)

        // Every tenth write is one that a store must refuse: a split into nothing.
        let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (number, chunk) in chunks.enumerated() {
                group.addTask { @concurrent in
                    let isBad = number % 10 == 0
                    let outcome: ChunkUpdate.Outcome =
                        isBad ? .split([], reason: "none") : .finish(.init(isComplete: true))
                    do {
                        _ = try await scene.update(
                            chunk, outcome, tables: [StoreScene.things(["\(number)"], account: account)])
                        return false
                    } catch StoreError.inconsistent where isBad {
                        return true
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        try expectEqual(failures, 6, "refused writes")
        try expectEqual(try await scene.jobNow(job).completedChunks, 54, "completed chunks")
        try expectEqual(try await scene.store.count(StoreScene.things, account: "1"), 54, "rows")
        try expectEqual(try await scene.chunks(job, [.inProgress]).count, 6, "chunks still held")
    }

    @Sendable static func repeated(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        var chunk = try await scene.claimOne()
        let spent = Spent(requests: 1, bytes: 100)

        let batch = ChunkUpdate(
            chunk, .proceed(cursor: "2"), tables: [StoreScene.things(["a"], account: account)], spent: spent)
        let first = try await scene.store.update(batch)
        let again = try await scene.store.update(batch)
        chunk.batches += 1
        let end = ChunkUpdate(
            chunk, .finish(.init(isComplete: true)), tables: [StoreScene.things(["b"], account: account)], spent: spent)
        let closed = try await scene.store.update(end)
        let closedAgain = try await scene.store.update(end)

        try expectEqual(first, .written(.init(received: 1, changed: 1)), "the batch")
        try expectEqual(again, .written(.init()), "the batch again")
        try expectEqual(closed, .written(.init(received: 1, changed: 1, stepClosed: true)), "the end")
        try expectEqual(closedAgain, .written(.init(stepClosed: true)), "the end again")
        let done = try require(try await scene.store.job(job), "the job")
        try expectEqual(
            [done.completedChunks, done.rowsReceived, done.spent.requests, done.spent.bytes], [1, 2, 2, 200], "numbers")
    }
}
