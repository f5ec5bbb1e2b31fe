import SyncCore

/// A job's way through its steps: splits, followers, the end of a step and of the job.
package enum StepExercises {
    package static let all = [
        StoreExercise("A split narrows its chunk, adds the others in its place and starts over", split),
        StoreExercise("Followers are counted in the transaction that finishes their parent", followers),
        StoreExercise(
            "A chunk that goes on brings others with its batches, and its marks hold for other streams", alongside),
        StoreExercise("A step is added once, whoever asks", addedOnce),
        StoreExercise("A step is not added while a chunk is open, nor out of turn", addedInTurn),
        StoreExercise("Both phases are marked on the account when they end without a failure", marksPhases),
        StoreExercise("A failed chunk of the recent phase leaves the account unmarked", failureMarksNothing),
        StoreExercise("A failed chunk that comes in later marks both phases then", laterMarks),
        StoreExercise("A job with a range of its own marks nothing on the account", rangeMarksNothing),
        StoreExercise("A job of only some streams marks nothing on the account", partMarksNothing),
        StoreExercise("A job of which all steps are empty completes", emptySteps),
        StoreExercise("Idle jobs are those that are open without an open chunk", idle),
        StoreExercise("A job keeps all that it was defined with", keepsDefinition),
    ]

    @Sendable static func split(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let whole = StoreScene.reading(StoreScene.days("2026-01-01", "2026-01-04"))
        let parts = [
            StoreScene.reading(StoreScene.days("2026-01-01", "2026-01-02")),
            StoreScene.reading(StoreScene.days("2026-01-03", "2026-01-04"), of: ["1", "2"]),
            StoreScene.reading(StoreScene.days("2026-01-03", "2026-01-04"), of: ["3"]),
        ]
        let job = try await scene.job(of: account, chunks: [whole, StoreScene.listing()])
        let chunk = try await scene.claimOne()
        _ = try await scene.update(chunk, .proceed(cursor: "page 2"))
        scene.clock.advance(by: .seconds(1))

        let result = try scene.written(try await scene.update(chunk, .split(parts, reason: "too many rows")))

        try expect(!result.stepClosed, "a split closed the step")
        let counted = try await scene.jobNow(job)
        try expectEqual([counted.totalChunks, counted.openChunks], [4, 4], "total and open chunks")
        let claimed = try await scene.claim()
        try expectEqual(
            claimed.map(\.spec), [parts[0], parts[1], parts[2], StoreScene.listing()].sorted(like: claimed),
            "specs")
        let narrowed = try require(claimed.first { $0.id == chunk.id }, "the chunk that was split")
        try expectEqual(narrowed.spec, parts[0], "its spec")
        try expect(narrowed.cursor == nil, "it kept its cursor")
        try expectEqual(narrowed.retryCount, 0, "its attempts")
        try expectEqual(Set(claimed.map(\.workClass)), [.recent], "classes")
        let stages = try await scene.store.stages(of: job)
        try expectEqual(stages.map(\.stage), ["figures", "things"], "stages")
        try expectEqual(stages.map(\.total), [3, 1], "chunks by stage")
        try expect(try await scene.eventKinds(of: job).contains("chunk_split"), "no event")
    }

    @Sendable static func followers(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let follow = [
            ChunkSpec(stream: StoreScene.messages.id, phase: .recent, mode: "page 1"),
            ChunkSpec(stream: StoreScene.messages.id, phase: .recent, mode: "page 2"),
        ]

        let first = try await scene.complete(try await scene.claimOne(), follow: follow)

        try expect(!first.stepClosed, "the step closed over its followers")
        let counted = try await scene.jobNow(job)
        try expectEqual([counted.totalChunks, counted.completedChunks, counted.openChunks], [3, 1, 2], "chunks")
        try expect(try await scene.store.idleJobs().isEmpty, "the job seems idle")
        let chunks = try await scene.claim()
        try expectEqual(chunks.map(\.spec), follow, "followers")
        try expectEqual(try await scene.store.stages(of: job).map(\.stage), ["things", "messages"], "stages")
        try expect(!(try await scene.complete(chunks[0])).stepClosed, "closed too early")
        try expect(try await scene.complete(chunks[1]).stepClosed, "not closed at the end")
    }

    @Sendable static func alongside(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let page = ChunkSpec(stream: StoreScene.messages.id, phase: .recent, mode: "page 1")
        let chunk = try await scene.claimOne()

        _ = try await scene.update(chunk, .proceed(cursor: "2"), follow: [page])

        let counted = try await scene.jobNow(job)
        try expectEqual([counted.totalChunks, counted.openChunks], [2, 2], "chunks")
        try expectEqual(try await scene.claimOne().spec, page, "the chunk that was found")
        let mark = ListingState(sweptAt: chunk.startedAt, changedUpTo: Instant(seconds: 1_795_000_000))
        let finish = ChunkUpdate.Finish(isComplete: true, listed: mark, alongside: [StoreScene.messages.id])
        _ = try scene.written(try await scene.update(chunk, .finish(finish)))
        let listed = try await scene.store.listed(account: account.id)
        try expectEqual(listed, [StoreScene.things.id: mark, StoreScene.messages.id: mark], "marks")
    }

    @Sendable static func addedOnce(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.store.enqueue(StoreScene.definition(account)).id

        let added = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { @concurrent in
                    try await scene.add([StoreScene.listing(), StoreScene.listing()], to: job, step: 0)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        try expectEqual(added, 1, "callers that added the step")
        try expectEqual(try await scene.jobNow(job).totalChunks, 2, "chunks")
    }

    @Sendable static func addedInTurn(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()], steps: [.recent, .recent])

        try expect(!(try await scene.add([], to: job, step: 1)), "added while a chunk is open")
        try expect(!(try await scene.store.finish(job)), "finished while a chunk is open")
        try await scene.complete(try await scene.claimOne())
        try expect(!(try await scene.add([], to: job, step: 0)), "added a second time")
        try expect(!(try await scene.store.finish(job)), "finished before its last step")
        try expect(try await scene.add([StoreScene.listing()], to: job, step: 1), "the second step was refused")
        try expect(!(try await scene.add([], to: job, step: 2)), "added a step that is none")
    }

    @Sendable static func marksPhases(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()], steps: [.recent, .history])
        try expectEqual(try await scene.jobNow(job).phase, .recent, "phase")
        try await scene.complete(try await scene.claimOne())
        let recentEnd = scene.clock.now

        _ = try await scene.add([StoreScene.listing()], to: job, step: 1, workClass: .history)
        var marked = try require(try await scene.store.account(account.id), "the account")
        try expectEqual(marked.recentCompletedAt, recentEnd, "end of the recent phase")
        try expect(marked.historyCompletedAt == nil && marked.lastSyncedAt == nil, "marked too early")
        try expectEqual(try await scene.jobNow(job).phase, .history, "phase")
        scene.clock.advance(by: .seconds(3600))
        try await scene.complete(try await scene.claimOne())
        try expect(try await scene.store.finish(job), "the job did not end")
        try expect(!(try await scene.store.finish(job)), "the job ended twice")

        marked = try require(try await scene.store.account(account.id), "the account")
        try expectEqual(marked.recentCompletedAt, recentEnd, "end of the recent phase")
        try expectEqual(marked.historyCompletedAt, scene.clock.now, "end of the history")
        try expectEqual(marked.lastSyncedAt, scene.clock.now, "last sync")
        let kinds = try await scene.eventKinds(of: job).filter { $0 != "chunk_completed" }
        try expectEqual(kinds, ["job_started", "phase_completed", "phase_completed", "job_completed"], "events")
        let finished = try await scene.jobNow(job)
        try expectEqual(finished.state, .completed, "state")
        try expectEqual(finished.finishedAt, scene.clock.now, "end of the job")
    }

    @Sendable static func failureMarksNothing(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()], steps: [.recent, .history])
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        _ = try await scene.add([StoreScene.listing()], to: job, step: 1)
        try await scene.complete(try await scene.claimOne())

        try expect(try await scene.store.finish(job), "the job did not end")

        let marked = try require(try await scene.store.account(account.id), "the account")
        try expect(marked.recentCompletedAt == nil, "the recent phase is marked")
        try expect(marked.historyCompletedAt == nil, "the history is marked")
        try expectEqual(try await scene.jobNow(job).state, .failed, "state")
    }

    @Sendable static func laterMarks(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()], steps: [.recent, .history])
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        _ = try await scene.add([StoreScene.listing()], to: job, step: 1)
        try await scene.complete(try await scene.claimOne())
        _ = try await scene.store.finish(job)

        try expectEqual(try await scene.store.retry(job), 1, "chunks that are tried again")
        try await scene.complete(try await scene.claimOne())
        try expect(try await scene.store.finish(job), "the job did not end")

        let marked = try require(try await scene.store.account(account.id), "the account")
        try expectEqual(marked.recentCompletedAt, scene.clock.now, "end of the recent phase")
        try expectEqual(marked.historyCompletedAt, scene.clock.now, "end of the history")
    }

    @Sendable static func rangeMarksNothing(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(
            of: account, chunks: [StoreScene.listing()], requested: DayRange(StoreScene.today))
        try await scene.complete(try await scene.claimOne())

        try expect(try await scene.store.finish(job), "the job did not end")

        let marked = try require(try await scene.store.account(account.id), "the account")
        try expect(marked.recentCompletedAt == nil, "the recent phase is marked")
        try expect(marked.lastSyncedAt == nil, "the account counts as synced")
    }

    @Sendable static func partMarksNothing(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()], isPartial: true)
        try await scene.complete(try await scene.claimOne())

        try expect(try await scene.store.finish(job), "the job did not end")

        let marked = try require(try await scene.store.account(account.id), "the account")
        try expect(marked.recentCompletedAt == nil, "the recent phase is marked")
        try expect(marked.historyCompletedAt == nil, "the history is marked")
        try expect(marked.lastSyncedAt == nil, "the account counts as synced")
        try expect(try await scene.jobNow(job).definition.isPartial, "it is not known to be partial")
    }

    @Sendable static func emptySteps(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [], steps: [.recent, .history])
        try expectEqual(try await scene.store.idleJobs(), [job], "idle jobs")
        _ = try await scene.add([], to: job, step: 1)

        try expect(try await scene.store.finish(job), "the job did not end")

        try expectEqual(try await scene.jobNow(job).state, .completed, "state")
        try expectEqual(try await scene.store.idleJobs(), [], "idle jobs at the end")
    }

    @Sendable static func idle(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let unplanned = try await scene.store.enqueue(
            StoreScene.definition(account, requested: DayRange(StoreScene.today))
        ).id
        let working = try await scene.job(of: account, chunks: [StoreScene.listing()])
        try expectEqual(try await scene.store.idleJobs(), [unplanned], "idle jobs")

        try await scene.complete(try await scene.claimOne())

        try expectEqual(try await scene.store.idleJobs(), [unplanned, working], "idle jobs after the step")
        _ = try await scene.store.cancel(unplanned, by: "somebody")
        _ = try await scene.store.finish(working)
        try expectEqual(try await scene.store.idleJobs(), [], "idle jobs at the end")
    }

    @Sendable static func keepsDefinition(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let definition = StoreScene.definition(
            account, requested: StoreScene.days("2026-02-01", "2026-02-28"), steps: [.recent, .history, .history],
            maxRetries: 2)

        let id = try await scene.store.enqueue(definition).id

        let job = try await scene.reopened().jobNow(id)
        try expectEqual(job.definition, definition, "definition")
        try expectEqual(job.state, .pending, "state")
        try expectEqual(job.createdAt, scene.clock.now, "creation")
    }
}

extension [ChunkSpec] {
    /// The same specs in the order in which `chunks` have them.
    fileprivate func sorted(like chunks: [ClaimedChunk]) -> [ChunkSpec] {
        let order = chunks.map(\.spec)
        return sorted { (order.firstIndex(of: $0) ?? 0) < (order.firstIndex(of: $1) ?? 0) }
    }
}
