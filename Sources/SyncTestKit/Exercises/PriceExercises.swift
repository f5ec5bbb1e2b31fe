import SyncCore

/// What was done of late, for prices; what was asked for at once, with what was told of it; runs of a day.
package enum PriceExercises {
    package static let all = [
        StoreExercise("Past jobs are the newest good ones of each account, with what each stream took", past),
        StoreExercise("Open jobs of a workspace are told, those that have ended and others' are not", open),
        StoreExercise("A request keeps what was promised, and its jobs are found", promises),
        StoreExercise("Runs of schedules since a moment are told in order", runs),
    ]

    private typealias Store = SyncStore & LogStore & PriceStore

    private static func store(_ scene: StoreScene) throws -> any Store {
        try require(scene.store as? any Store, "a store of logs")
    }

    /// Two chunks read the same three days of different things, another a day before; one lists.
    private static func read(_ scene: StoreScene, _ account: Account) async throws -> JobID {
        let days = StoreScene.days("2026-11-19", "2026-11-21")
        let job = try await scene.job(
            of: account,
            chunks: [
                StoreScene.reading(days, of: ["a"]), StoreScene.reading(days, of: ["b"]),
                StoreScene.reading(StoreScene.days("2026-11-18", "2026-11-18")), StoreScene.listing(),
            ], requested: StoreScene.days("2026-11-18", "2026-11-21"))
        let chunks = try await scene.claim()
        scene.clock.advance(by: .seconds(7))
        for chunk in chunks {
            let finish = ChunkUpdate.Finish(isComplete: true, follow: [])
            _ = try scene.written(try await scene.update(chunk, .finish(finish), spent: Spent(requests: 3)))
        }
        _ = try await scene.store.finish(job)
        return job
    }

    @Sendable static func past(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let (mine, other) = (try await scene.account("1"), try await scene.account("2"))
        let first = try await read(scene, mine)
        let second = try await read(scene, mine)
        let theirs = try await read(scene, other)
        _ = try await scene.job(of: mine, chunks: [StoreScene.listing()])

        let all = try await store.pastJobs(of: [mine.id, other.id], limit: 5)
        try expectEqual(all.map(\.job), [second, first, theirs], "jobs")
        try expectEqual(try await store.pastJobs(of: [mine.id], limit: 1).map(\.job), [second], "the newest")
        let job = try require(all.first, "a job")
        try expectEqual(job.requests, 12, "calls")
        try expectEqual(job.length, .seconds(7), "length")
        try expectEqual(job.requested?.count, 4, "days asked for")
        try expectEqual(job.parts[StoreScene.numbers.id], PastJob.Part(requests: 9, days: 4), "numbers")
        try expectEqual(job.parts[StoreScene.things.id], PastJob.Part(requests: 3, days: 0), "things")
        let numbers = job.pieces.filter { $0.stream == StoreScene.numbers.id }
        try expectEqual(numbers.reduce(0) { $0 + $1.chunks }, 3, "chunks")
        try expectEqual(numbers.reduce(0) { $0 + $1.days }, 7, "days of chunks")
        try expectEqual(numbers.map(\.least), [3], "the fewest calls of a chunk")
        let begun = try await store.firstJobs(of: [mine.id, other.id])
        try expectEqual(begun.map(\.job), [first, theirs], "first syncs")
    }

    @Sendable static func open(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account("1")
        _ = try await read(scene, account)
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])

        let open = try await store.openLogs(in: .first)
        try expectEqual(open.map(\.job), [job], "open jobs")
        try expectEqual(open.first?.account, account.id, "its account")
        try expectEqual(try await store.openLogs(in: WorkspaceID(99)), [], "open jobs of another workspace")
    }

    @Sendable static func promises(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account("1")
        let promise = SyncRequest.Promise(points: 190, until: scene.clock.now + .seconds(40))
        func request(_ id: String, _ promise: SyncRequest.Promise?) -> SyncRequest {
            SyncRequest(
                id: id, workspace: .first, kind: .quick, actor: "a", range: "today", createdAt: scene.clock.now,
                promised: promise)
        }
        let jobs = try await store.request(request("one", promise), [StoreScene.definition(account)])
        try expectEqual(try await (store as? any HealthStore)?.queueDepth().promises, [], "what was kept so far")
        _ = try await scene.add([StoreScene.listing()], to: try require(jobs.first, "a job"), step: 0)
        for chunk in try await scene.claim() {
            let finish = ChunkUpdate.Finish(isComplete: true, follow: [])
            _ = try scene.written(try await scene.update(chunk, .finish(finish), spent: Spent(requests: 95)))
        }
        _ = try await scene.store.finish(jobs[0])
        try expectEqual(try await (store as? any HealthStore)?.queueDepth().promises, [0.5], "half of what was told")
        _ = try await store.request(request("two", nil), [StoreScene.definition(account)])

        try expectEqual(try await store.request("one", of: .first)?.promised, promise, "the promise")
        let all = try await store.requests(of: .first, kind: .quick, limit: 5)
        try expectEqual(all.map(\.promised), [nil, promise], "promises")
        try expectEqual(try await store.logs(of: jobs, in: .first).map(\.job), jobs, "its jobs")
        try expectEqual(try await store.logs(of: jobs, in: WorkspaceID(99)), [], "jobs from elsewhere")
    }

    @Sendable static func runs(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account("1")
        let definition = ScheduleDefinition(
            name: "one", targets: [.account(account.id)], recurrence: .every(.hour1), zoneName: "UTC")
        let id = try require(
            try await store.add(definition, nextRunAt: scene.clock.now, by: "a"), "a schedule")
        func run() async throws -> ScheduleRun {
            let run = try require(
                try await store.turn(id, epoch: nil) {
                    ScheduleTurn(start: $0.now, isManual: true, nextRunAt: nil, held: [])
                }, "a run")
            try await store.move(run.id, to: .completed, news: [])
            scene.clock.advance(by: .seconds(60))
            return run
        }
        let early = try await run()
        let since = scene.clock.now
        let late = [try await run(), try await run()]

        let found = try await store.runs(of: [id, ScheduleID(99)], since: since)
        try expectEqual(found.map(\.id), late.map(\.id), "runs since then")
        try expectEqual(found.map(\.state), [.completed, .completed], "their states")
        try expectEqual(try await store.runs(of: [id], since: early.startedAt).count, 3, "runs")
        let changed = try require(try await store.schedule(id), "the schedule")
        try expectEqual(changed.changedAt, changed.createdAt, "the last change of one that was never changed")
    }
}
