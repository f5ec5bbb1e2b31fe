import SyncCore

/// What people look at: runs, the record of who did what, the database and its machines.
package enum LookingExercises {
    package static let all = [
        StoreExercise("Runs are counted by the hour in which they were asked for", hours),
        StoreExercise("Runs are found by number, account and text, and counted no further than asked", finding),
        StoreExercise("Of an account all open jobs are seen, and the newest of the others", accountJobs),
        StoreExercise("A run tells how often it was cut, its slowest chunks, and who asked for it", aRun),
        StoreExercise("Links that still work are listed, and withdrawn", links),
        StoreExercise("The record is searched by who, what and when", record),
        StoreExercise("The database tells its version, and the machines what they have in hand", machines),
        StoreExercise("Completed chunks are counted by the minute", minutes),
        StoreExercise("What was done in the last hour is told of runs and chunks that take longer, too", lastHour),
        StoreExercise("Chunks that wait for a limit are counted by account", waiting),
    ]

    private static func store(_ scene: StoreScene) throws -> any WebStore {
        try require(scene.store as? any WebStore, "a store for pages")
    }

    private static func user(_ email: String) -> User {
        User(id: UserID(0), email: email, name: email, passwordHash: "x", preferences: User.Preferences())
    }

    /// A job that ends with its chunk.
    private static func run(
        _ scene: StoreScene, _ account: Account, fails: Bool = false, throttled: Int = 0
    ) async throws -> JobID {
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()
        let outcome: ChunkUpdate.Outcome = fails ? .fail(StoreScene.broken) : .finish(.init(isComplete: true))
        _ = try await scene.update(chunk, outcome, spent: Spent(throttled: throttled, busy: .seconds(2)))
        _ = try await scene.store.finish(job)
        return job
    }

    @Sendable static func hours(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account()
        let start = scene.clock.now
        scene.clock.advance(by: .seconds(3600))
        _ = try await run(scene, account)
        scene.clock.advance(by: .seconds(3599))
        _ = try await run(scene, account, fails: true)
        scene.clock.advance(by: .seconds(1))
        _ = try await run(scene, account, throttled: 2)

        let hours = try await store.runHours(of: .first, from: start, hours: 4)

        try expectEqual(
            hours, [RunHour(), RunHour(runs: 2, failed: 1), RunHour(runs: 1, throttled: 1), RunHour()], "hours")
        try expectEqual(
            try await store.runHours(of: WorkspaceID(9), from: start, hours: 2), [RunHour(), RunHour()], "of nobody")
    }

    @Sendable static func accountJobs(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        let open = try await scene.job(
            of: account, chunks: [StoreScene.listing("other")], requested: StoreScene.days("2026-01-01", "2026-01-02"))
        let held = try await scene.claimOne()
        var ended: [JobID] = []
        for _ in 0..<3 { ended.append(try await run(scene, account)) }
        _ = try await run(scene, other)

        let seen = try await store.jobs(of: account.id, limit: 2)

        try expectEqual(seen.map(\.id), [ended[2], ended[1], open], "the newest two, and the open one")
        _ = held
    }

    @Sendable static func finding(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let first = try await scene.account("1")
        let second = try await scene.account("2")
        var jobs: [JobID] = []
        for _ in 0..<3 { jobs.append(try await run(scene, first)) }
        let failed = try await run(scene, second, fails: true)

        func found(_ filter: LogFilter) async throws -> [JobID] {
            try await store.logs(filter, before: nil, limit: 10).map(\.job)
        }
        try expectEqual(try await found(LogFilter(workspace: .first, job: jobs[1])), [jobs[1]], "by number")
        try expectEqual(try await found(LogFilter(workspace: WorkspaceID(9), job: jobs[1])), [], "of another workspace")
        try expectEqual(try await found(LogFilter(workspace: .first, account: second.id)), [failed], "by account")
        try expectEqual(try await found(LogFilter(workspace: .first, text: "platform BROKE")), [failed], "by cause")
        var cafe = try await scene.account("3")
        cafe.name = "MỘC NHIÊN – Cà Phê Đà Nẵng"
        _ = try await scene.store.save(cafe)
        let drunk = try await run(scene, cafe)
        for text in ["mộc nhiên", "CÀ PHÊ", "đà nẵng", "Đà N"] {
            try expectEqual(try await found(LogFilter(workspace: .first, text: text)), [drunk], "by \(text)")
        }
        try expectEqual(try await found(LogFilter(workspace: .first, text: "moc")), [], "by other letters")
        try expectEqual(try await found(LogFilter(workspace: .first, text: "100%")), [], "by a sign that means itself")
        try expectEqual(try await store.logCount(LogFilter(workspace: .first), upTo: 3), 3, "counted to three")
        try expectEqual(try await store.logCount(LogFilter(workspace: .first), upTo: 100), 5, "counted")
    }

    @Sendable static func aRun(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account()
        let definition = StoreScene.definition(account)
        let asked = SyncRequest(
            id: "a", workspace: .first, kind: .manual, actor: "Linh", range: "", createdAt: scene.clock.now)
        let job = try require(try await store.request(asked, [definition]).first, "a job")
        let days = StoreScene.days("2026-01-01", "2026-01-02")
        _ = try await scene.add([StoreScene.reading(days)], to: job, step: 0)
        let halves = [StoreScene.days("2026-01-01", "2026-01-01"), StoreScene.days("2026-01-02", "2026-01-02")]
        _ = try await scene.update(
            try await scene.claimOne(), .split(halves.map { StoreScene.reading($0) }, reason: "too big"))
        scene.clock.advance(by: .seconds(5))
        for (seconds, chunk) in zip([3, 9], try await scene.claim()) {
            let finish = ChunkUpdate.Outcome.finish(.init(isComplete: true))
            _ = try await scene.update(chunk, finish, spent: Spent(requests: 2, busy: .seconds(seconds)))
        }

        let entry = try await store.logs(LogFilter(workspace: .first, job: job), before: nil, limit: 1).first
        try expectEqual(entry?.splits, 1, "cuts")
        let slowest = try await store.slowestChunks(of: job, limit: 1)
        try expectEqual(slowest.map(\.busy), [.seconds(9)], "the slowest")
        try expectEqual(slowest.first?.requests, 2, "its calls")
        try expectEqual(slowest.first?.finishedAt, scene.clock.now, "when it ended")
        try expectEqual(try await store.request(with: job)?.actor, "Linh", "who asked")
        try expectEqual(try await store.request(with: JobID(99)), nil, "who asked for nothing")
    }

    @Sendable static func links(_ scene: StoreScene) async throws {
        let store = try store(scene)
        for (email, seconds) in [("b@a.vn", 60), ("a@a.vn", 60), ("c@a.vn", 5)] {
            try await store.offer(
                OneTimeLink(
                    hash: email, kind: .invitation, workspace: .first, email: email, role: .viewer,
                    createdAt: scene.clock.now, expiresAt: scene.clock.now + .seconds(seconds)))
        }
        scene.clock.advance(by: .seconds(10))

        try expectEqual(
            try await store.links(of: .first, kind: .invitation).map(\.email), ["a@a.vn", "b@a.vn"], "links")
        try expectEqual(try await store.links(of: .first, kind: .password), [], "links of another kind")
        try expect(try await store.withdraw(.invitation, for: "a@a.vn", in: .first), "not withdrawn")
        try expect(try await !store.withdraw(.invitation, for: "a@a.vn", in: .first), "withdrawn twice")
        try expectEqual(try await store.link("a@a.vn"), nil, "a link that was withdrawn")
    }

    @Sendable static func record(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let start = scene.clock.now
        for (actor, action, subject) in [
            ("Linh", "Paused", "Cà phê"), ("Minh", "Paused", "TRÀ ĐÁ"), ("Linh", "Stopped", ""),
        ] {
            try await store.record(
                AuditEntry(workspace: .first, actor: actor, action: action, subject: subject, detail: "100_%"))
            scene.clock.advance(by: .seconds(60))
        }

        func found(_ filter: AuditFilter, before: Int64? = nil) async throws -> [String] {
            try await store.audit(filter, before: before, limit: 10).map { "\($0.actor) \($0.action)" }
        }
        try expectEqual(
            try await found(AuditFilter(workspace: .first, actor: "Linh")), ["Linh Stopped", "Linh Paused"], "by who")
        try expectEqual(try await found(AuditFilter(workspace: .first, text: "Trà đá")).count, 1, "by text")
        try expectEqual(try await found(AuditFilter(workspace: .first, text: "0_%")).count, 3, "by signs")
        try expectEqual(
            try await found(AuditFilter(workspace: .first, from: start + .seconds(30), to: start + .seconds(90))),
            ["Minh Paused"], "by time")
        try expectEqual(try await found(AuditFilter(workspace: WorkspaceID(9))), [], "of another workspace")
    }

    @Sendable static func machines(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: (0..<3).map { StoreScene.listing("\($0)") })
        _ = try await scene.claim(2, worker: "hcm-01")
        _ = try await store.lead("scheduler", as: "hcm-01", for: .seconds(30))
        _ = try await store.lead("upkeep", as: "hcm-02", for: .seconds(30))

        let machines = try await store.machines()
        try expectEqual(
            machines,
            [
                Machine(name: "hcm-01", inFlight: 2, heardAt: scene.clock.now, leads: ["scheduler"]),
                Machine(name: "hcm-02", leads: ["upkeep"]),
            ], "machines")
        let facts = try await store.databaseFacts()
        try expect(["SQLite", "PostgreSQL"].contains(facts.engine), "engine \(facts.engine)")
        try expect(facts.version.first?.isNumber == true, "version \(facts.version)")
        try expect(facts.bytes > 50_000 && facts.schema > 1, "\(facts)")
    }

    @Sendable static func minutes(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account()
        _ = try await run(scene, account)
        scene.clock.advance(by: .seconds(3600))
        _ = try await run(scene, account)
        scene.clock.advance(by: .seconds(90))
        _ = try await run(scene, account)
        _ = try await run(scene, account, fails: true)
        scene.clock.advance(by: .seconds(10))

        try expectEqual(try await store.chunkMinutes(3), [0, 1, 1], "minutes")
    }

    @Sendable static func lastHour(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account()
        let job = try await scene.job(
            of: account, chunks: [StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"))])
        let chunk = try await scene.claimOne()
        func page(_ number: Int, throttled: Int = 0) async throws {
            _ = try await scene.update(
                chunk, .proceed(cursor: "\(number)"),
                tables: [StoreScene.numbers([("2026-11-01", "\(number)", 1)], account: account)],
                spent: Spent(requests: 2, throttled: throttled, retries: 1))
        }
        try await page(1, throttled: 5)
        scene.clock.advance(by: .seconds(3600))
        try await page(2)
        try await page(3, throttled: 1)
        scene.clock.advance(by: .seconds(1800))
        _ = try await scene.update(
            chunk, .wait(cursor: "4", after: .seconds(7200), reason: .quota), spent: Spent(requests: 1, throttled: 1))
        func done() async throws -> WorkDone { try await store.work(of: .first, minutes: 60) }

        let whole = WorkDone(rows: 2, requests: 5, throttled: 2, retries: 2)
        try expectEqual(try await done(), whole, "while the chunk is at work and waits")
        try expectEqual(try await store.work(of: WorkspaceID(9), minutes: 60), WorkDone(), "of another workspace")
        scene.clock.advance(by: .seconds(1800))
        try expectEqual(try await done(), WorkDone(requests: 1, throttled: 1), "half an hour later")
        _ = try await scene.store.prune(before: scene.clock.now - .seconds(86_400), limit: 100)
        try expectEqual(try await done(), WorkDone(requests: 1, throttled: 1), "after the upkeep")
        scene.clock.advance(by: .seconds(3600))
        try expectEqual(try await done(), WorkDone(), "an hour later")
        let all = WorkDone(rows: 3, requests: 7, throttled: 7, retries: 3)
        try expectEqual(try await store.work(of: .first, minutes: 1000), all, "before the upkeep")
        _ = try await scene.store.prune(before: scene.clock.now - .seconds(86_400), limit: 100)
        try expectEqual(try await store.work(of: .first, minutes: 1000), whole, "after it")
        try expectEqual(try await scene.jobNow(job).spent.requests, 7, "of the run since its begin")
    }

    @Sendable static func waiting(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: (0..<3).map { StoreScene.listing("\($0)") })
        for chunk in try await scene.claim(2) {
            _ = try await scene.update(chunk, .wait(cursor: nil, after: .seconds(60), reason: .quota))
        }

        try expectEqual(try await store.waitingForQuota(), [account.id: 2], "chunks")
    }
}
