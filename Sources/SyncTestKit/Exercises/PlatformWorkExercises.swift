import SyncCore

/// What goes on of a platform, over all accounts.
package enum PlatformWorkExercises {
    package static let all = [
        StoreExercise("All open jobs of a platform are summed, however many", many),
        StoreExercise("Jobs that somebody paused are counted beside those that wait for a quota", paused),
        StoreExercise("Jobs that ended count with those that were asked for at once", asked),
        StoreExercise("Nothing that others do is summed", others),
        StoreExercise("When nothing is open what was asked for last is told of, or what ended behind it", last),
        StoreExercise("Rows are counted by stream for one account", rows),
        StoreExercise("What accounts share is counted once, and not for others", shared),
        StoreExercise("Of chunks that wait the moment at which the first comes back is known by stage", waits),
        StoreExercise("Failed chunks are counted by cause and stream, however many", failures),
        StoreExercise("What workers have in hand is counted by workspace", inHand),
    ]

    private static func store(_ scene: StoreScene) throws -> any WebStore {
        try require(scene.store as? any WebStore, "a store for pages")
    }

    private static func work(_ store: any WebStore) async throws -> PlatformWork? {
        try await store.work(on: StoreScene.platform, in: .first, kind: .facebook)
    }

    @Sendable static func many(_ scene: StoreScene) async throws {
        let store = try store(scene)
        try expectEqual(try await work(store), nil, "before the first")
        for number in 0..<210 {
            _ = try await scene.job(of: scene.account("\(number)"), chunks: [StoreScene.listing()])
        }
        let waiting = try await scene.account("last")
        _ = try await store.enqueue(StoreScene.definition(waiting))

        let work = try require(try await work(store), "what goes on")

        try expectEqual(
            work.jobs,
            [PlatformWork.Jobs(state: .pending, count: 211, unbegun: 1, unplanned: 1, chunks: 210, percent: 0)], "jobs")
        try expectEqual(work.stages, ["things": PlatformWork.Stage(chunks: 210, open: 210)], "stages")
        try expectEqual(work.startedAt, nil, "nobody has begun")
    }

    @Sendable static func paused(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let still = try await scene.job(of: scene.account("1"), chunks: [StoreScene.listing()])
        _ = try await scene.job(of: scene.account("2"), chunks: [StoreScene.listing()])
        _ = try await store.pause(still, by: "Linh")
        let chunk = try await scene.claimOne()
        _ = try await scene.update(chunk, .wait(cursor: nil, after: .seconds(60), reason: .quota))

        let work = try require(try await work(store), "what goes on")

        try expectEqual(work.jobs.reduce(0) { $0 + $1.count }, 2, "jobs")
        let waits = work.jobs.reduce(into: [:]) { $0.merge($1.waits, uniquingKeysWith: +) }
        try expectEqual(waits, [.paused: 1], "what they wait for")
        try expectEqual(work.stages["things"], PlatformWork.Stage(chunks: 2, open: 2, blocked: 1), "chunks")
    }

    @Sendable static func asked(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let accounts = [try await scene.account("1"), try await scene.account("2"), try await scene.account("3")]
        // Ended before anybody asked.
        let before = try await scene.job(of: accounts[2], chunks: [StoreScene.listing()])
        try await scene.complete(try await scene.claimOne())
        _ = try await store.finish(before)
        let request = SyncRequest(
            id: "a", workspace: .first, kind: .facebook, actor: "Linh", range: "", createdAt: scene.clock.now)
        let jobs = try await store.request(request, accounts.prefix(2).map { StoreScene.definition($0) })
        for job in jobs {
            let days = StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"))
            _ = try await scene.add([StoreScene.listing(), days], to: job, step: 0)
        }
        let begun = scene.clock.now
        let mine = try await scene.claim().filter { $0.job == jobs[0] }
        try await scene.complete(mine[0])
        _ = try await scene.update(mine[1], .fail(StoreScene.broken))
        _ = try await store.finish(jobs[0])

        let work = try require(try await work(store), "what goes on")

        try expectEqual(work.jobs.map(\.state), [.failed, .inProgress], "states")
        try expectEqual(work.jobs.map(\.count), [1, 1], "one of each")
        try expectEqual(work.jobs.map(\.completed), [1, 0], "chunks that are done")
        try expectEqual(work.stages["things"], PlatformWork.Stage(chunks: 2, open: 1, running: 1), "lists")
        try expectEqual(work.stages["figures"], PlatformWork.Stage(chunks: 2, open: 1, failed: 1, running: 1), "days")
        try expectEqual(work.startedAt, begun, "the first begin")
        try expectEqual(work.finishedAt, nil, "one goes on")
    }

    @Sendable static func others(_ scene: StoreScene) async throws {
        let store = try store(scene)
        _ = try await scene.job(of: scene.account(), chunks: [StoreScene.listing()])

        let platform = try await store.work(on: PlatformID("other"), in: .first, kind: .facebook)
        let workspace = try await store.work(on: StoreScene.platform, in: WorkspaceID(9), kind: .facebook)

        try expectEqual(platform, nil, "of another platform")
        try expectEqual(workspace, nil, "of another workspace")
    }

    @Sendable static func last(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account()
        let first = try await scene.job(of: account, chunks: [StoreScene.listing()])
        _ = try await store.cancel(first, by: "Linh")
        let alone = try require(try await work(store), "the last job")
        try expectEqual(alone.jobs.map(\.state), [.cancelled], "the last job")
        try expectEqual(alone.stages, ["things": PlatformWork.Stage(chunks: 1, cancelled: 1)], "its chunk")
        try expectEqual(alone.finishedAt, scene.clock.now, "its end")

        let request = SyncRequest(
            id: "a", workspace: .first, kind: .facebook, actor: "Linh", range: "", createdAt: scene.clock.now)
        let job = try require(try await store.request(request, [StoreScene.definition(account)]).first, "a job")
        _ = try await scene.add([StoreScene.listing()], to: job, step: 0)
        try await scene.complete(try await scene.claimOne())
        _ = try await store.finish(job)
        let later = try await scene.job(of: account, chunks: [StoreScene.listing()])
        _ = try await store.cancel(later, by: "Linh")

        let asked = try require(try await work(store), "what was asked for")
        try expectEqual(asked.jobs.map(\.state), [.completed], "what was asked for")
        try expectEqual(asked.jobs.map(\.percent), [100], "all of it")

        // Two that were made together, of which the first one ends last, long after what was asked for.
        scene.clock.advance(by: .seconds(600))
        let other = try await scene.account("other")
        let slow = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let quick = try await scene.job(of: other, chunks: [StoreScene.listing()])
        for (ended, job) in [quick, slow].enumerated() {
            scene.clock.advance(by: .seconds(60 * (ended + 1)))
            _ = try await store.cancel(job, by: "Linh")
        }
        let behind = try require(try await work(store), "what ended last")
        try expectEqual(behind.jobs.map(\.count), [2], "both of them")
        try expectEqual(behind.jobs.map(\.state), [.cancelled], "as they ended")
        try expectEqual(behind.finishedAt, scene.clock.now, "the later end")
    }

    @Sendable static func rows(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let (first, second) = (try await scene.account("1"), try await scene.account("2"))
        _ = try await scene.read(first, [("2026-11-01", "a", 1), ("2026-11-01", "b", 1), ("2026-11-02", "a", 1)])
        _ = try await scene.read(second, [("2026-11-01", "a", 1)])

        let counts = try await store.stored(StoreScene.schemas, of: first)

        try expectEqual(counts[StoreScene.numbers.id], 3, "rows of days")
        try expectEqual(counts[StoreScene.things.id], 0, "things")
    }

    @Sendable static func shared(_ scene: StoreScene) async throws {
        let store = try store(scene)
        for (name, ids) in [("1", ["a", "b"]), ("2", ["b", "c"])] {
            let account = try await scene.account(name)
            _ = try await scene.job(of: account, chunks: [StoreScene.listing()])
            let rows = [StoreScene.things(ids, account: account)]
            _ = try await scene.complete(try await scene.claimOne(), rows: rows)
        }

        try expectEqual(try await store.stored(shared: StoreScene.things, in: .first), 3, "a, b and c")
        try expectEqual(try await store.stored(shared: StoreScene.things, in: WorkspaceID(9)), 0, "of nobody")
    }

    @Sendable static func inHand(_ scene: StoreScene) async throws {
        let store = try store(scene)
        _ = try await scene.job(of: scene.account(), chunks: [StoreScene.listing(), StoreScene.listing("b")])
        try expectEqual(try await store.inHand(of: .first), 0, "before a claim")

        _ = try await scene.claimOne()

        try expectEqual(try await store.inHand(of: .first), 1, "behind it")
        try expectEqual(try await store.inHand(of: WorkspaceID(9)), 0, "of another workspace")
    }

    @Sendable static func waits(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let days = StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"))
        let job = try await scene.job(of: scene.account(), chunks: [StoreScene.listing(), days])
        try expectEqual(try await store.waits(of: job), [], "nobody waits")
        let first = scene.clock.now + .seconds(60)
        for (chunk, seconds) in zip(try await scene.claim(), [60, 90]) {
            _ = try await scene.update(chunk, .retry(after: .seconds(seconds), StoreScene.broken))
        }

        let waits = try await store.waits(of: job)

        try expectEqual(waits.map(\.stage), ["figures", "things"], "stages")
        try expectEqual(waits.map(\.retries), [1, 1], "those that are tried again")
        try expectEqual(waits.map(\.until).min(), first, "the first")
        try expectEqual(waits.compactMap(\.retryAt).min(), first, "the first that is tried again")
    }

    @Sendable static func failures(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let days = StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"))
        let lists = (0..<205).map { StoreScene.listing("\($0)") }
        let job = try await scene.job(of: scene.account(), chunks: lists + [days])
        for chunk in try await scene.claim(300) { _ = try await scene.update(chunk, .fail(StoreScene.broken)) }

        let failures = try await store.failures(of: job)

        func failed(_ schema: StreamSchema, _ count: Int) -> FailedChunks {
            FailedChunks(
                FailedCause(errorClass: "retry_now", code: "500", message: "The platform broke."), advice: "Wait.",
                stream: schema.id, count: count, firstAt: scene.clock.now, lastAt: scene.clock.now)
        }
        try expectEqual(failures, [failed(StoreScene.things, 205), failed(StoreScene.numbers, 1)], "failures")
    }
}
