import SyncCore

/// Who gets which chunk, and when.
package enum ClaimExercises {
    package static let all = [
        StoreExercise("With more accounts than a claim looks at, each of them is served", manyAccounts),
        StoreExercise("A claimed chunk carries all that was planned", carriesItsPlan),
        StoreExercise("Eight claimers never get the same chunk", neverTwice),
        StoreExercise("Chunks come by class, and by age within it", byClassThenAge),
        StoreExercise("A chunk of history that is old enough comes before new interactive work", ages),
        StoreExercise("A claim keeps to its limit, its share per account and its exceptions", keepsToItsBounds),
        StoreExercise("Ten chunks of one account start beside thousands of another", isFair),
        StoreExercise("An account that idled saves up nothing", idlingSavesNothing),
        StoreExercise("The next due moment is now, later or never", nextDue),
        StoreExercise("The first claim starts the job", startsTheJob),
        StoreExercise("A chunk that is claimed again tells when it was claimed first", firstClaim),
    ]

    @Sendable static func manyAccounts(_ scene: StoreScene) async throws {
        try await scene.store.prepare(StoreScene.schemas)
        let connection = try await scene.account("0").connection
        var accounts: Set<AccountID> = []
        for number in 1...300 {
            let id = try await scene.store.save(
                Account(
                    id: AccountID(0), connection: connection, platform: StoreScene.platform, externalID: "\(number)",
                    name: "\(number)", currency: "VND", zoneName: "Asia/Ho_Chi_Minh"))
            let account = try require(try await scene.store.account(id), "the account")
            _ = try await scene.job(of: account, chunks: [StoreScene.listing("a"), StoreScene.listing("b")])
            accounts.insert(id)
        }

        var served: [AccountID: Int] = [:]
        for _ in 0..<30 {
            for chunk in try await scene.claim(20, perAccount: 2) { served[chunk.account, default: 0] += 1 }
        }

        try expectEqual(Set(served.keys), accounts, "accounts that were served")
        try expectEqual(served.values.reduce(0, +), 600, "chunks")
    }

    @Sendable static func carriesItsPlan(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let specs = [
            ChunkSpec(
                stream: StoreScene.numbers.id, phase: .history, days: StoreScene.days("2025-01-01", "2025-01-31"),
                entities: EntitySet(column: "thing_id", ids: ["1", "quote \" and ü", ""]), fields: ["clicks"],
                mode: "report"),
            StoreScene.listing(""),
        ]
        let job = try await scene.job(of: account, chunks: specs, workClass: .history)

        let chunks = try await scene.claim()

        try expectEqual(chunks.map(\.spec), specs, "specs")
        let first = try require(chunks.first, "a chunk")
        try expectEqual(first.job, job, "job")
        try expectEqual(first.account, account.id, "account")
        try expectEqual(first.workClass, .history, "class")
        try expectEqual(first.anchor, StoreScene.today, "anchor")
        try expectEqual(first.maxRetries, 6, "most retries")
        try expectEqual(first.retryCount, 0, "retries")
        try expect(first.cursor == nil, "a new chunk has a cursor")
        try expectEqual(try await scene.chunks(job).map(\.spec), specs, "specs in the list")
    }

    @Sendable static func neverTwice(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let specs = (0..<400).map { _ in StoreScene.listing() }
        _ = try await scene.job(of: account, chunks: specs)

        let claimed = try await withThrowingTaskGroup(of: [ChunkID].self) { group in
            for number in 0..<8 {
                group.addTask { @concurrent in
                    var mine: [ChunkID] = []
                    while true {
                        let chunks = try await scene.claim(7, worker: "worker \(number)")
                        if chunks.isEmpty { return mine }
                        mine += chunks.map(\.id)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }

        try expectEqual(claimed.count, 400, "claimed chunks")
        try expectEqual(Set(claimed).count, 400, "different chunks")
    }

    @Sendable static func byClassThenAge(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let classes: [WorkClass] = [.history, .recent, .interactive, .incremental]
        for (number, workClass) in classes.enumerated() {
            let range = DayRange(StoreScene.today.adding(days: -number))
            _ = try await scene.job(
                of: account, chunks: [StoreScene.listing("old \(workClass)")], workClass: workClass,
                requested: range)
        }
        scene.clock.advance(by: .seconds(10))
        for (number, workClass) in classes.enumerated() {
            let range = DayRange(StoreScene.today.adding(days: -10 - number))
            _ = try await scene.job(
                of: account, chunks: [StoreScene.listing("new \(workClass)")], workClass: workClass,
                requested: range)
        }

        let order = try await scene.claim().map(\.spec.mode)

        try expectEqual(
            order,
            [
                "old interactive", "new interactive", "old recent", "new recent", "old incremental",
                "new incremental", "old history", "new history",
            ], "order")
    }

    @Sendable static func ages(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing("history")], workClass: .history)
        scene.clock.advance(by: .seconds(3601))
        _ = try await scene.job(
            of: account, chunks: [StoreScene.listing("interactive")], workClass: .interactive,
            requested: DayRange(StoreScene.today))

        let first = try await scene.claimOne()

        try expectEqual(first.spec.mode, "history", "the first chunk")
    }

    @Sendable static func keepsToItsBounds(_ scene: StoreScene) async throws {
        let accounts = [try await scene.account("1"), try await scene.account("2"), try await scene.account("3")]
        for account in accounts {
            _ = try await scene.job(of: account, chunks: (0..<10).map { _ in StoreScene.listing() })
        }

        let chunks = try await scene.claim(100, perAccount: 4, skipping: [accounts[1].id])

        let counts = Dictionary(grouping: chunks, by: \.account).mapValues(\.count)
        try expectEqual(counts, [accounts[0].id: 4, accounts[2].id: 4], "chunks by account")
        try expectEqual(try await scene.claim(3).count, 3, "a limit of three")
        try expectEqual(try await scene.claim(0).count, 0, "a limit of none")
    }

    @Sendable static func isFair(_ scene: StoreScene) async throws {
        let big = try await scene.account("big")
        _ = try await scene.job(of: big, chunks: (0..<3000).map { _ in StoreScene.listing() })
        _ = try await scene.claim(500)
        scene.clock.advance(by: .seconds(60))
        let small = try await scene.account("small")
        _ = try await scene.job(of: small, chunks: (0..<10).map { _ in StoreScene.listing() })

        let chunks = try await scene.claim(18)

        try expectHalves(of: chunks, small.id, big.id)
    }

    @Sendable static func idlingSavesNothing(_ scene: StoreScene) async throws {
        let idle = try await scene.account("idle")
        let busy = try await scene.account("busy")
        _ = try await scene.job(of: busy, chunks: (0..<300).map { _ in StoreScene.listing() })
        _ = try await scene.claim(200)
        _ = try await scene.job(of: idle, chunks: (0..<100).map { _ in StoreScene.listing() })

        let chunks = try await scene.claim(40)

        try expectHalves(of: chunks, idle.id, busy.id)
    }

    /// Two accounts got the same, one chunk more or less.
    private static func expectHalves(
        of chunks: [ClaimedChunk], _ first: AccountID, _ second: AccountID, line: Int = #line
    ) throws {
        let counts = [first, second].map { account in chunks.count { $0.account == account } }
        try expect(abs(counts[0] - counts[1]) <= 2, "the accounts got \(counts)", line: line)
    }

    @Sendable static func nextDue(_ scene: StoreScene) async throws {
        try expect(try await scene.store.nextDue() == nil, "an empty store has something due")
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let ready = try require(try await scene.store.nextDue(), "a due moment")
        try expect(ready <= scene.clock.now, "a ready chunk is due later")

        let chunk = try await scene.claimOne()
        try expect(try await scene.store.nextDue() == nil, "a claimed chunk is due")
        _ = try await scene.update(chunk, .wait(cursor: nil, after: .seconds(30), reason: .quota))

        try expectEqual(try await scene.store.nextDue(), scene.clock.now + .seconds(30), "the due moment")
        try expectEqual(try await scene.claim().count, 0, "chunks before their time")
        scene.clock.advance(by: .seconds(30))
        try expectEqual(try await scene.claim().map(\.id), [chunk.id], "chunks in time")
    }

    @Sendable static func startsTheJob(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing(), StoreScene.listing()])
        try expectEqual(try await scene.jobNow(job).state, .pending, "state before")
        scene.clock.advance(by: .seconds(5))

        _ = try await scene.claimOne()
        scene.clock.advance(by: .seconds(5))
        _ = try await scene.claimOne()

        let started = try await scene.jobNow(job)
        try expectEqual(started.state, .inProgress, "state after")
        try expectEqual(started.startedAt, scene.clock.now - .seconds(5), "start")
        try expectEqual(try await scene.eventKinds(of: job), ["job_started"], "events")
    }

    @Sendable static func firstClaim(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let begun = scene.clock.now

        let first = try await scene.claimOne()
        scene.clock.advance(by: .seconds(5))
        _ = try await scene.update(first, .handBack)
        let second = try await scene.claimOne()

        try expectEqual([first, second].map(\.startedAt), [begun, begun], "starts")
    }
}
