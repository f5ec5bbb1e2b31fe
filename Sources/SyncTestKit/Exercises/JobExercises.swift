import SyncCore

/// What people do with jobs.
package enum JobExercises {
    package static let all = [
        StoreExercise("A hundred that ask for the same job get one", enqueuedOnce),
        StoreExercise("Another range, other streams or another account is another job", differentJobs),
        StoreExercise("A finished job makes room for the next of its kind", roomForTheNext),
        StoreExercise("Cancelling ends all open chunks, and running workers are refused", cancelWhileRunning),
        StoreExercise("A retry brings failed and cancelled chunks back with fresh attempts", retryAfterFailure),
        StoreExercise("A retry for one cause leaves what failed for another as it is", retryByCause),
        StoreExercise("A cancelled job is not retried for one cause", retryByCauseWhenCancelled),
        StoreExercise("A chunk that failed holds up no job that goes on", failedIsNotStuck),
        StoreExercise("A job that was cancelled between two steps goes on with the next", retryBetweenSteps),
        StoreExercise("A retry does nothing beside an open job of the same kind", retryBesideTwin),
        StoreExercise("Jobs are listed from the newest, chunks from the oldest, both in pages", paging),
        StoreExercise("Stages tell what runs, waits and failed", stages),
        StoreExercise("What was finished long ago leaves the queue a little at a time", pruning),
        StoreExercise("What was finished long ago leaves the queue in batches of many jobs", pruningMany),
        StoreExercise("Unknown jobs are nobody's business", unknownJobs),
    ]

    @Sendable static func enqueuedOnce(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let streams = StoreScene.schemas.map(\.id)

        let answers = try await withThrowingTaskGroup(of: (id: JobID, isNew: Bool).self) { group in
            for number in 0..<100 {
                group.addTask { @concurrent in
                    // The order of the streams is not what a job is about.
                    let order = number.isMultiple(of: 2) ? streams : streams.reversed()
                    return try await scene.store.enqueue(StoreScene.definition(account, streams: order))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        try expectEqual(Set(answers.map(\.id)).count, 1, "jobs")
        try expectEqual(answers.count { $0.isNew }, 1, "callers that made it")
        try expectEqual(try await scene.store.jobs(limit: 10).count, 1, "stored jobs")
    }

    @Sendable static func differentJobs(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        let definitions = [
            StoreScene.definition(account), StoreScene.definition(other),
            StoreScene.definition(account, streams: [StoreScene.things.id]),
            StoreScene.definition(account, requested: StoreScene.days("2026-01-01", "2026-01-02")),
            StoreScene.definition(account, requested: StoreScene.days("2026-01-01", "2026-01-03")),
        ]

        for definition in definitions {
            try expect(try await scene.store.enqueue(definition).isNew, "not new: \(definition)")
        }

        try expectEqual(try await scene.store.jobs(limit: 10).count, 5, "stored jobs")
    }

    @Sendable static func roomForTheNext(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let first = try await scene.job(of: account, chunks: [])
        _ = try await scene.store.finish(first)

        let second = try await scene.store.enqueue(StoreScene.definition(account))

        try expect(second.isNew && second.id != first, "the finished job was answered")
    }

    @Sendable static func cancelWhileRunning(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<4).map { _ in StoreScene.listing() })
        let running = try await scene.claimOne(worker: "w")
        let waiting = try await scene.claimOne(worker: "w")
        _ = try await scene.update(waiting, .wait(cursor: nil, after: .seconds(60), reason: .quota))
        try await scene.complete(try await scene.claimOne(worker: "w"))

        try expect(try await scene.store.cancel(job, by: "An"), "not cancelled")

        try expect(!(try await scene.store.cancel(job, by: "An")), "cancelled twice")
        let cancelled = try await scene.jobNow(job)
        try expectEqual(cancelled.state, .cancelled, "state")
        try expectEqual(cancelled.errorMessage, "Cancelled by An", "cause")
        try expectEqual(
            [cancelled.openChunks, cancelled.cancelledChunks, cancelled.completedChunks], [0, 3, 1], "chunks")
        try expectEqual(try await scene.store.renew([running.id: running.fence], lease: .seconds(45)), [], "leases")
        try expectEqual(
            try await scene.update(
                running, .finish(.init(isComplete: true)), tables: [StoreScene.things(["1"], account: account)]),
            .stale, "write of the running worker")
        try expectEqual(try await scene.store.count(StoreScene.things, account: nil), 0, "rows")
        scene.clock.advance(by: .seconds(100))
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expect(try await scene.store.nextDue() == nil, "something is due")
        try expect(try await scene.eventKinds(of: job).contains("job_cancelled"), "no event")
    }

    @Sendable static func retryBetweenSteps(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()], steps: [.recent, .history])
        try await scene.complete(try await scene.claimOne())
        _ = try await scene.store.cancel(job, by: "An")

        try expectEqual(try await scene.store.retry(job), 0, "chunks that are tried again")

        try expectEqual(try await scene.jobNow(job).state, .pending, "state")
        try expectEqual(try await scene.store.idleJobs(), [job], "jobs whose next step is to be planned")
    }

    @Sendable static func retryAfterFailure(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<3).map { StoreScene.listing("\($0)") })
        let chunks = try await scene.claim()
        _ = try await scene.update(chunks[0], .retry(after: .zero, StoreScene.broken))
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        _ = try await scene.update(chunks[1], .fail(StoreScene.broken))
        try await scene.complete(chunks[2])
        _ = try await scene.store.finish(job)

        try expectEqual(try await scene.store.retry(job), 2, "chunks")

        let open = try await scene.jobNow(job)
        try expectEqual(open.state, .pending, "state")
        try expectEqual([open.openChunks, open.failedChunks, open.totalChunks], [2, 0, 3], "chunks")
        try expect(open.errorClass == nil && open.finishedAt == nil, "the old end is still there")
        let again = try await scene.claim()
        try expectEqual(again.map(\.spec.mode), ["0", "1"], "chunks claimed again")
        try expectEqual(again.map(\.retryCount), [0, 0], "attempts")
        for chunk in again { try await scene.complete(chunk) }
        try expect(try await scene.store.finish(job), "the job did not end")
        try expectEqual(try await scene.jobNow(job).state, .completed, "end")
        try expectEqual(try await scene.store.retry(job), 0, "chunks of a completed job")
    }

    private static let broken = FailedCause(errorClass: "retry_now", code: "500", message: "The platform broke.")
    private static let gone = Failure.gone(Failure.Cause(code: "100", "It is gone."))
    private static let forGone = FailedCause(errorClass: "gone", code: "100", message: "It is gone.")

    @Sendable static func retryByCause(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        func day(_ number: Int, of ids: [String]? = nil) -> ChunkSpec {
            StoreScene.reading(DayRange(StoreScene.day("2026-11-0\(number)")), of: ids)
        }
        // The third day has one chunk of each cause.
        let job = try await scene.job(
            of: account, chunks: [day(1), day(2), day(3, of: ["1"]), day(3, of: ["2"]), day(4)])
        let chunks = try await scene.claim()
        for index in [0, 2] { _ = try await scene.update(chunks[index], .fail(StoreScene.broken)) }
        for index in [1, 3] { _ = try await scene.update(chunks[index], .fail(gone)) }
        try await scene.complete(chunks[4])
        try expect(try await scene.store.finish(job), "the job did not end")
        let nobody = FailedCause(errorClass: "gone", code: "100", message: "The platform broke.")
        try expectEqual(try await scene.store.retry(job, cause: nobody), 0, "chunks of an unknown cause")
        try expectEqual(try await scene.jobNow(job).state, .failed, "state behind an unknown cause")

        try expectEqual(try await scene.store.retry(job, cause: broken), 2, "chunks that are tried again")

        let open = try await scene.jobNow(job)
        try expectEqual(open.state, .pending, "state")
        try expectEqual(
            [open.openChunks, open.failedChunks, open.completedChunks, open.totalChunks], [2, 2, 1, 5], "chunks")
        try expectEqual(open.errorMessage, "It is gone.", "what is left stands for the job")
        try expectEqual(
            try await scene.cells(account),
            ["2026-11-01": .queued, "2026-11-02": .failed, "2026-11-03": .failed, "2026-11-04": .fresh], "days")
        try expectEqual(try await scene.eventKinds(of: job).count { $0 == "job_retried" }, 1, "events")
        try expectEqual(try await scene.store.retry(job, cause: broken), 0, "chunks the second time")
        let again = try await scene.claim()
        try expectEqual(again.map(\.spec), [day(1), day(3, of: ["1"])], "chunks claimed again")
        for chunk in again { try await scene.complete(chunk) }
        try expect(try await scene.store.finish(job), "the job did not end again")
        let ended = try await scene.jobNow(job)
        try expectEqual(ended.state, .failed, "its second end")
        try expectEqual([ended.openChunks, ended.failedChunks, ended.completedChunks], [0, 2, 3], "chunks at the end")
        try expectEqual([ended.errorClass, ended.errorMessage], ["gone", "It is gone."], "cause at the end")
        try expectEqual(
            try await scene.cells(account),
            ["2026-11-01": .fresh, "2026-11-02": .failed, "2026-11-03": .failed, "2026-11-04": .fresh],
            "days at the end")

        try expectEqual(try await scene.store.retry(job, cause: forGone), 2, "chunks of the other cause")
        for chunk in try await scene.claim() { try await scene.complete(chunk) }
        try expect(try await scene.store.finish(job), "the job did not end for good")
        try expectEqual(try await scene.jobNow(job).state, .completed, "its last end")
        try expectEqual(Set(try await scene.cells(account).values), [.fresh], "all days")
    }

    @Sendable static func retryByCauseWhenCancelled(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing("a"), StoreScene.listing("b")])
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        _ = try await scene.store.cancel(job, by: "An")

        try expectEqual(try await scene.store.retry(job, cause: broken), 0, "chunks")

        try expectEqual(try await scene.jobNow(job).state, .cancelled, "state")
        try expectEqual(try await scene.store.retry(job), 2, "chunks of the whole job")
    }

    @Sendable static func failedIsNotStuck(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let chunks = [StoreScene.listing("a"), StoreScene.listing("b")]
        let job = try await scene.job(of: account, chunks: chunks, steps: [.recent, .recent])
        let lost = Failure.permanentConfiguration(Failure.Cause(code: "1", "It is set up wrongly."))
        _ = try await scene.update(try await scene.claimOne(), .fail(lost))
        try expectEqual(try await scene.jobNow(job).stuck, nil, "while the other goes on")

        try await scene.complete(try await scene.claimOne())
        try await scene.store.cannotGoOn(job, because: "Nobody knows how.")
        try expectEqual(try await scene.jobNow(job).stuck, "Nobody knows how.", "when nothing can be planned")
        _ = try await scene.add([StoreScene.listing("c")], to: job, step: 1)

        let now = try await scene.jobNow(job)
        try expectEqual(now.stuck, nil, "when it could")
        try expectEqual(now.errorMessage, "It is set up wrongly.", "what stands for the job")
    }

    @Sendable static func retryBesideTwin(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        _ = try await scene.store.finish(job)
        _ = try await scene.job(of: account, chunks: [StoreScene.listing()])

        try expectEqual(try await scene.store.retry(job), 0, "chunks")
        try expectEqual(try await scene.jobNow(job).state, .failed, "state")
    }

    @Sendable static func paging(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        var jobs: [JobID] = []
        for number in 0..<5 {
            jobs.append(
                try await scene.job(
                    of: account, chunks: (0..<4).map { StoreScene.listing("\($0)") },
                    requested: DayRange(StoreScene.today.adding(days: -number))))
        }

        try expectEqual(try await scene.store.jobs(limit: 3).map(\.id), jobs.reversed().prefix(3) + [], "jobs")
        try expectEqual(try await scene.store.jobs(limit: 0).count, 0, "a page of none")
        let chunks = try await scene.store.chunks(of: jobs[1], in: [.pending], limit: 2)
        try expectEqual(chunks.map(\.spec.mode), ["0", "1"], "chunks")
        try expectEqual(
            try await scene.store.chunks(of: jobs[1], in: [.failed, .completed], limit: 2).count, 0,
            "chunks in other states")
    }

    @Sendable static func stages(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let day = DayRange(StoreScene.today)
        let job = try await scene.job(
            of: account,
            chunks: (0..<4).map { _ in StoreScene.listing() } + [
                StoreScene.reading(day), StoreScene.reading(day, phase: .history),
            ])
        let chunks = try await scene.claim(4)
        try await scene.complete(chunks[0])
        _ = try await scene.update(chunks[1], .fail(StoreScene.broken), spent: Spent(requests: 3))
        _ = try await scene.update(chunks[2], .wait(cursor: nil, after: .seconds(9), reason: .quota))

        let stages = try await scene.store.stages(of: job)

        try expectEqual(
            stages,
            [
                StageProgress(
                    stage: "things", phase: .recent, total: 4, completed: 1, failed: 1, running: 1, waiting: 1,
                    requests: 3),
                StageProgress(stage: "figures", phase: .recent, total: 1),
                StageProgress(stage: "figures", phase: .history, total: 1),
            ], "stages")
    }

    @Sendable static func pruningMany(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        for _ in 0..<4 {
            let job = try await scene.job(of: account, chunks: [StoreScene.listing("a"), StoreScene.listing("b")])
            for chunk in try await scene.claim(2) { try await scene.complete(chunk) }
            try expect(try await scene.store.finish(job), "finished")
        }
        scene.clock.advance(by: .seconds(60))

        try expectEqual(try await scene.store.prune(before: scene.clock.now, limit: 5), 5, "of three jobs")
        try expectEqual(try await scene.store.prune(before: scene.clock.now, limit: 5), 3, "of the others")
    }

    @Sendable static func pruning(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let old = try await scene.job(of: account, chunks: (0..<5).map { StoreScene.listing("\($0)") })
        for _ in 0..<4 { try await scene.complete(try await scene.claimOne()) }
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        try expect(try await scene.store.finish(old), "finished")
        scene.clock.advance(by: .seconds(86_400))
        let open = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let day = scene.clock.now

        try expectEqual(try await scene.store.prune(before: day - .seconds(90_000), limit: 10), 0, "too young")
        try expectEqual(try await scene.store.prune(before: day, limit: 3), 3, "the first")
        try expectEqual(try await scene.store.prune(before: day, limit: 3), 1, "the last")
        try expectEqual(try await scene.store.prune(before: day, limit: 3), 0, "nothing left")

        let left = try await scene.store.chunks(of: old, in: Set(WorkState.allCases), limit: 10)
        try expectEqual(left.map(\.state), [.failed], "chunks of the old job")
        try expectEqual(try await scene.store.job(old)?.completedChunks, 4, "its numbers")
        try expectEqual(try await scene.store.retry(old), 0, "an open job does the same")
        try expectEqual(try await scene.store.stages(of: open).map(\.total), [1], "the open job")
    }

    @Sendable static func unknownJobs(_ scene: StoreScene) async throws {
        let nobody = JobID(4711)

        try expect(try await scene.store.job(nobody) == nil, "an unknown job")
        try expectEqual(try await scene.store.stages(of: nobody), [], "stages")
        try expectEqual(try await scene.store.retry(nobody), 0, "retried chunks")
        try expect(!(try await scene.store.cancel(nobody, by: "somebody")), "cancelled")
        try expect(!(try await scene.store.finish(nobody)), "finished")
        try expect(!(try await scene.add([], to: nobody, step: 0)), "a step was added")
        let chunk = ClaimedChunk(
            id: ChunkID(4711), job: nobody, account: AccountID(1),
            spec: ChunkSpec(stream: StreamID("things"), phase: .recent),
            workClass: .recent, anchor: StoreScene.today, startedAt: scene.clock.now, fence: 1)
        try expectEqual(
            try await scene.store.update(ChunkUpdate(chunk, .handBack)), .stale, "a write about an unknown chunk")
    }
}
