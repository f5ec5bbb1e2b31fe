import SyncCore

/// What people order of all work of a workspace at once.
package enum WorkOrderExercises {
    package static let all = [
        StoreExercise(
            "Work that stands still is not claimed, nor what comes meanwhile, and all of it goes on", pausing),
        StoreExercise("What was paused by itself before stays so when all work goes on", alone),
        StoreExercise("All work of a workspace stands still, that of another goes on", workspaces),
        StoreExercise("An order to stand still outlives the process, and is there for every other", restart),
        StoreExercise("A single job is not let go on while all stand still", refusals),
        StoreExercise("Orders under way and jobs that come at the same moment: none is left running", together),
        StoreExercise("History stands still while recent days go on, also where it begins later", history),
        StoreExercise("History that stands still stays so when all work goes on", nested),
        StoreExercise("History that is tried again while it is paused stands still, too", retried),
        StoreExercise(
            "A job that was paused by itself stays so when it has come to its history and that goes on", later),
        StoreExercise("The history that runs first is served before that of others, until it is there", first),
        StoreExercise("The history that runs first takes turns of other histories alone", firstAmongHistories),
        StoreExercise("An account stays the first until the last job of its history is over", firstToTheEnd),
    ]

    private typealias Store = WorkOrderStore & PeopleStore

    private static func orders(_ scene: StoreScene) throws -> any Store {
        try require(scene.store as? any Store, "a store of orders")
    }

    private static func chunks(_ count: Int) -> [ChunkSpec] { (0..<count).map { StoreScene.listing("\($0)") } }

    @Sendable static func pausing(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: chunks(3))
        let running = try await scene.claimOne()

        try expect(try await store.pause(.all, of: .first, by: "An"), "not paused")
        try expect(try await !store.pause(.all, of: .first, by: "Bình"), "paused twice")

        let pause = try require(try await store.workOrders(of: .first).pauses[.all], "the order")
        try expectEqual(pause.by, "An", "who")
        try expectEqual(pause.since, scene.clock.now, "since when")
        try expectEqual(try await scene.jobNow(job).waitReason, .paused, "reason of the job")
        try expect(
            try scene.written(try await scene.update(running, .proceed(cursor: "1"))).isPaused,
            "its worker was not told")
        let late = try await scene.job(of: try await scene.account("2"), chunks: chunks(2))
        try expectEqual(try await scene.jobNow(late).waitReason, .paused, "a job that came meanwhile")
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expect(try await scene.store.nextDue() == nil, "something is due")
        try expectEqual(try await scene.health().queueDepth().due, 0, "due chunks, by which a stall is told")

        try expect(try await store.resume(.all, of: .first, by: "An"), "not resumed")
        try expect(try await !store.resume(.all, of: .first, by: "An"), "resumed twice")
        try expectEqual(try await store.workOrders(of: .first), WorkOrders(), "orders behind it")
        try expectEqual(try await scene.claim().count, 5, "chunks that go on")
    }

    @Sendable static func alone(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let one = try await scene.job(of: try await scene.account(), chunks: chunks(1))
        let two = try await scene.job(of: try await scene.account("2"), chunks: chunks(1))
        _ = try await scene.store.pause(one, by: "An")

        _ = try await store.pause(.all, of: .first, by: "An")
        _ = try await store.resume(.all, of: .first, by: "An")

        try expectEqual(try await scene.jobNow(one).waitReason, .paused, "the one that was paused by itself")
        try expectEqual(try await scene.claim().map(\.job), [two], "what goes on")
        try expect(try await scene.store.resume(one, by: "An"), "it cannot be resumed by itself")
    }

    @Sendable static func workspaces(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let user = User(
            id: UserID(0), email: "an@an.vn", name: "An", passwordHash: "x", preferences: User.Preferences())
        let owner = try require(try await store.addFirst(user, to: .first), "an owner")
        let other = try require(try await store.addWorkspace("Other", owner: owner), "another workspace")
        let mine = try await scene.account()
        let connection = try await scene.store.save(
            other, platform: StoreScene.platform, name: "other", baseURL: "https://acme.example", sealed: [1],
            configuration: [:])
        let id = try await scene.store.save(
            Account(
                id: AccountID(0), connection: connection, platform: StoreScene.platform, externalID: "9", name: "9",
                currency: "VND", zoneName: "UTC"))
        let theirs = try require(try await scene.store.account(id), "their account")
        _ = try await scene.job(of: mine, chunks: chunks(2))
        let job = try await scene.job(of: theirs, chunks: chunks(2))

        _ = try await store.pause(.all, of: .first, by: "An")

        try expectEqual(try await scene.claim().map(\.job), [job, job], "chunks to claim")
        try expect(try await store.workOrders(of: other).pauses.isEmpty, "an order for the other workspace")
        try expect(try await !store.resume(.all, of: other, by: "An"), "the other one was resumed")
        try expectEqual(try await scene.claim().count, 0, "chunks behind that")
    }

    @Sendable static func restart(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: chunks(2))
        let failing = try await scene.claimOne()
        _ = try await scene.update(failing, .fail(StoreScene.traced))
        try await scene.complete(try await scene.claimOne())
        _ = try await scene.store.finish(job)
        _ = try await orders(scene).pause(.all, of: .first, by: "An")

        let next = try await scene.reopened()

        try expect(try await orders(next).workOrders(of: .first).pauses[.all] != nil, "the order is gone")
        try expectEqual(try await next.store.retry(job), 1, "failed chunks that are tried again")
        _ = try await next.job(of: account, chunks: chunks(1), requested: StoreScene.days("2026-01-01", "2026-01-02"))
        try expectEqual(try await next.claim().count, 0, "chunks to claim")
        try expect(try await orders(next).resume(.all, of: .first, by: "An"), "not resumed")
        try expectEqual(try await next.claim().count, 2, "chunks that go on")
    }

    @Sendable static func refusals(_ scene: StoreScene) async throws {
        let job = try await scene.job(of: try await scene.account(), chunks: chunks(1))
        _ = try await orders(scene).pause(.all, of: .first, by: "An")

        try expect(try await !scene.store.resume(job, by: "An"), "a single job goes on")
        try expect(try await !orders(scene).pause(.history, of: .first, by: "An"), "history was paused under it")
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expect(try await scene.store.cancel(job, by: "An"), "a job that stands still cannot be stopped")
    }

    /// The order counts open jobs while others enqueue: whoever comes second sees what the first has written.
    @Sendable static func together(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        var accounts: [Account] = []
        for number in 0..<12 { accounts.append(try await scene.account("\(number)")) }
        let all = accounts

        try await withThrowingTaskGroup(of: Void.self) { group in
            for account in all {
                group.addTask { @concurrent in _ = try await scene.job(of: account, chunks: chunks(2)) }
            }
            group.addTask { @concurrent in _ = try await store.pause(.all, of: .first, by: "An") }
            try await group.waitForAll()
        }

        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        let jobs = try await scene.store.jobs(limit: 100)
        try expectEqual(jobs.count { $0.waitReason == .paused }, 12, "paused jobs")
        try expect(try await store.resume(.all, of: .first, by: "An"), "not resumed")
        try expectEqual(try await scene.claim().count, 24, "chunks that go on")
    }

    private static func filling(_ scene: StoreScene, _ name: String, _ count: Int) async throws -> JobID {
        let account = try await scene.account(name)
        let job = try await scene.job(
            of: account, chunks: chunks(count), workClass: .history, steps: [.history])
        return job
    }

    @Sendable static func history(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let old = try await filling(scene, "old", 2)
        let young = try await scene.job(
            of: try await scene.account("young"), chunks: chunks(1), steps: [.recent, .history])

        try expect(try await store.pause(.history, of: .first, by: "An"), "not paused")

        try expectEqual(try await store.workOrders(of: .first).holdsHistory?.by, "An", "who holds history")
        try expectEqual(try await scene.jobNow(old).waitReason, .paused, "what was being filled in")
        try await scene.complete(try await scene.claimOne())
        try expect(try await scene.add(chunks(3), to: young, step: 1, workClass: .history), "no second step")
        try expectEqual(try await scene.jobNow(young).waitReason, .paused, "the one that came to its history")
        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expect(try await !scene.store.resume(young, by: "An"), "one history goes on by itself")
        try expect(try await store.resume(.history, of: .first, by: "An"), "not resumed")
        try expectEqual(try await scene.claim().count, 5, "chunks that go on")
    }

    @Sendable static func retried(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let old = try await filling(scene, "old", 2)
        try expect(try await scene.store.cancel(old, by: "An"), "not stopped")
        try expect(try await store.pause(.history, of: .first, by: "An"), "not paused")

        try expectEqual(try await scene.store.retry(old), 2, "chunks that are tried again")

        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expect(try await store.resume(.history, of: .first, by: "An"), "not resumed")
        try expectEqual(try await scene.claim().count, 2, "chunks that go on")
    }

    @Sendable static func later(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let job = try await scene.job(
            of: try await scene.account(), chunks: chunks(1), steps: [.recent, .history])
        let inHand = try await scene.claimOne()
        try expect(try await scene.store.pause(job, by: "Bình"), "not paused by itself")
        try expect(try await store.pause(.history, of: .first, by: "An"), "history is not paused")
        try await scene.complete(inHand)
        try expect(try await scene.add(chunks(3), to: job, step: 1, workClass: .history), "no second step")

        try expect(try await store.resume(.history, of: .first, by: "An"), "history is not resumed")

        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expect(try await scene.store.resume(job, by: "Bình"), "not resumed by itself")
        try expectEqual(try await scene.claim().count, 3, "chunks that go on")
    }

    @Sendable static func nested(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let old = try await filling(scene, "old", 1)
        let young = try await scene.job(of: try await scene.account("young"), chunks: chunks(1))
        _ = try await store.pause(.history, of: .first, by: "An")
        _ = try await store.pause(.all, of: .first, by: "Bình")

        try expect(try await !store.resume(.history, of: .first, by: "An"), "history goes on under all")
        try expect(try await store.resume(.all, of: .first, by: "Bình"), "not resumed")

        try expectEqual(try await scene.claim().map(\.job), [young], "what goes on")
        try expect(try await store.resume(.history, of: .first, by: "An"), "history is not resumed")
        try expectEqual(try await scene.claim().map(\.job), [old], "the history")
    }

    @Sendable static func first(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let one = try await filling(scene, "1", 30)
        let two = try await filling(scene, "2", 30)
        let account = try await scene.jobNow(two).definition.account
        // Served alike so far.
        for chunk in try await scene.claim(10) { try await scene.complete(chunk) }

        try expect(try await store.runFirst(account), "not the first")

        try expectEqual(try await store.workOrders(of: .first).first, account, "who runs first")
        let served = try await scene.claim(10)
        try expect(served.count { $0.job == two } >= 8, "served first: \(served.count { $0.job == two }) of 10")
        for chunk in served { try await scene.complete(chunk) }
        try expect(try await store.runFirst(try await scene.jobNow(one).definition.account), "not the other one")
        let others = try await scene.claim(10)
        try expect(others.count { $0.job == one } >= 8, "the last one that is named is the first")
        for chunk in others { try await scene.complete(chunk) }
        while let chunk = try await scene.claim(1).first { try await scene.complete(chunk) }
        for job in [one, two] { try expect(try await scene.store.finish(job), "not finished") }
        try expect(try await store.workOrders(of: .first).first == nil, "it stays the first for ever")
        try expect(try await !store.runFirst(account), "without history")
    }

    @Sendable static func firstAmongHistories(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let other = try await filling(scene, "1", 60)
        let favoured = try await filling(scene, "2", 60)
        let recent = try await scene.job(of: try await scene.account("3"), chunks: chunks(60))
        try expect(try await store.runFirst(try await scene.jobNow(favoured).definition.account), "not the first")

        let served = try await scene.claim(60)

        let counts = [recent, favoured, other].map { job in served.count { $0.job == job } }
        try expect(abs(counts[0] - 20) <= 2, "recent days have lost turns: \(counts)")
        try expect(abs(counts[1] - 4 * counts[2]) <= 6, "four turns for one: \(counts)")
    }

    @Sendable static func firstToTheEnd(_ scene: StoreScene) async throws {
        let store = try orders(scene)
        let account = try await scene.account("1")
        let days = StoreScene.days("2026-01-01", "2026-01-02")
        let short = try await scene.job(
            of: account, chunks: [StoreScene.listing("a")], workClass: .history, steps: [.history], requested: days)
        let long = try await scene.job(
            of: account, chunks: [StoreScene.listing("b")], workClass: .history, steps: [.history])
        try expect(try await store.runFirst(account.id), "not the first")

        _ = try await scene.store.cancel(short, by: "An")

        try expectEqual(try await store.workOrders(of: .first).first, account.id, "while history is being filled in")
        _ = try await scene.store.cancel(long, by: "An")
        try expect(try await store.workOrders(of: .first).first == nil, "it stays the first for ever")
    }
}
