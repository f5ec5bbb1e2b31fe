import SyncCore

/// Time-limited claims: what happens when they run out, and who may still write.
package enum LeaseExercises {
    package static let all = [
        StoreExercise("A lease that ran out is given to another, and one that did not is left alone", expiry),
        StoreExercise("Renewing keeps the claims that are named and tells which are still held", renewal),
        StoreExercise("A claim that was lost cannot be renewed in the name of the next", staleRenewal),
        StoreExercise("A write with an old fence is refused and writes nothing", staleWrite),
        StoreExercise("A completion after a rescue is refused, a rescue after a completion finds nothing", raced),
        StoreExercise("The third crash in a row sets a chunk aside and its siblings go on", quarantine),
        StoreExercise("A chunk that gets on between crashes is not set aside", progressClearsCrashes),
        StoreExercise("Chunks that were lost together come back one by one, and none is blamed", suspectsComeAlone),
        StoreExercise("A clock that is set back ends no lease and starts none in the past", clockSetBack),
        StoreExercise("A crash uses no attempt", crashIsNoAttempt),
        StoreExercise("What a worker has claimed and does not know of is given back", disowned),
    ]

    @Sendable static func expiry(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing("a"), StoreScene.listing("b")])
        let lost = try await scene.claimOne(worker: "dead")
        scene.clock.advance(by: .seconds(30))
        let held = try await scene.claimOne(worker: "alive")
        try expectEqual(try await scene.store.rescue(), RescueReport(), "rescued too early")
        scene.clock.advance(by: .seconds(16))

        let report = try await scene.store.rescue()

        try expectEqual(report, RescueReport(rescued: [lost.id]), "rescued")
        try expectEqual(try await scene.state(of: held.id, in: job), .inProgress, "the chunk that is held")
        let again = try await scene.claimOne(worker: "alive")
        try expectEqual(again.id, lost.id, "the chunk claimed next")
        try expect(again.fence > lost.fence, "the fence did not grow")
    }

    @Sendable static func renewal(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: (0..<3).map { _ in StoreScene.listing() })
        let mine = try await scene.claim(2, worker: "me")
        // The same worker let go of this one without a word.
        let forgotten = try await scene.claimOne(worker: "me")
        let claims = Dictionary(uniqueKeysWithValues: mine.map { ($0.id, $0.fence) })
        scene.clock.advance(by: .seconds(40))

        let held = try await scene.store.renew(claims, lease: .seconds(45))

        try expectEqual(held, Set(mine.map(\.id)), "held leases")
        scene.clock.advance(by: .seconds(10))
        try expectEqual(try await scene.store.rescue().rescued, [forgotten.id], "rescued")
        let late = try await scene.store.renew([forgotten.id: forgotten.fence], lease: .seconds(45))
        try expectEqual(late, [], "leases that ran out")
    }

    @Sendable static func staleRenewal(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let old = try await scene.claimOne(worker: "w")
        scene.clock.advance(by: .seconds(50))
        _ = try await scene.store.rescue()
        let new = try await scene.claimOne(worker: "w")

        let held = try await scene.store.renew([old.id: old.fence], lease: .seconds(45))

        try expectEqual(held, [], "leases")
        try expectEqual(
            try await scene.store.renew([new.id: new.fence], lease: .seconds(45)), [new.id], "leases of the next")
    }

    @Sendable static func staleWrite(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let old = try await scene.claimOne(worker: "old")
        scene.clock.advance(by: .seconds(50))
        _ = try await scene.store.rescue()
        let new = try await scene.claimOne(worker: "new")
        let before = try await scene.jobNow(job)

        for outcome in try StoreScene.allOutcomes() {
            let result = try await scene.update(
                old, outcome, tables: [StoreScene.things(["1"], account: account)], spent: Spent(requests: 1),
                notes: [Note("version", "stale")], learned: Learned(size: 3))
            try expectEqual(result, .stale, "result of \(outcome)")
        }

        try expectEqual(try await scene.jobNow(job), before, "the job")
        try expectEqual(try await scene.store.count(StoreScene.things, account: nil), 0, "rows")
        try expectEqual(try await scene.store.learned(account: account.id), [:], "what was learned")
        try expectEqual(try await scene.eventKinds(of: job), ["job_started"], "events")
        try expectEqual(try await scene.state(of: new.id, in: job), .inProgress, "the chunk")
        try await scene.complete(new)
    }

    @Sendable static func raced(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<200).map { _ in StoreScene.listing() })
        let chunks = try await scene.claim(200)
        scene.clock.advance(by: .seconds(46))

        // The rescue and the completions meet in an order that nobody knows; each chunk goes one way only.
        let outcome = try await withThrowingTaskGroup(of: (done: ChunkID?, rescued: [ChunkID]).self) { group in
            for chunk in chunks {
                group.addTask { @concurrent in
                    let result = try await scene.update(chunk, .finish(.init(isComplete: true)))
                    return (done: result == .stale ? nil : chunk.id, rescued: [])
                }
            }
            for _ in 0..<4 {
                group.addTask { @concurrent in (done: nil, rescued: try await scene.store.rescue().rescued) }
            }
            var done: Set<ChunkID> = []
            var rescued: Set<ChunkID> = []
            for try await part in group {
                if let id = part.done { done.insert(id) }
                rescued.formUnion(part.rescued)
            }
            return (done, rescued)
        }

        let (done, rescued) = outcome
        try expect(done.isDisjoint(with: rescued), "a completed chunk was rescued")
        try expectEqual(done.count + rescued.count, 200, "chunks that went one way")
        try expectEqual(Set(try await scene.chunks(job, [.completed]).map(\.id)), done, "completed chunks")
        try expectEqual(Set(try await scene.chunks(job, [.pending]).map(\.id)), rescued, "pending chunks")
        try expectEqual(try await scene.store.rescue(), RescueReport(), "a second rescue")
    }

    /// Claims one chunk and lets its worker die.
    private static func crash(_ scene: StoreScene) async throws -> RescueReport {
        _ = try await scene.claimOne(worker: "unlucky")
        scene.clock.advance(by: .seconds(46))
        return try await scene.store.rescue()
    }

    @Sendable static func quarantine(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing("poison")])
        for _ in 0..<2 { try expectEqual(try await crash(scene).quarantined, [], "set aside too early") }

        let report = try await crash(scene)

        let failed = try require(try await scene.chunks(job, [.failed]).first, "the failed chunk")
        try expectEqual(report, RescueReport(quarantined: [failed.id], closedJobs: [job]), "report")
        try expectEqual(failed.errorClass, "quarantined", "class")
        try expect(failed.errorMessage?.isEmpty == false && failed.advice?.isEmpty == false, "no sentence")
        let counted = try await scene.jobNow(job)
        try expectEqual(counted.failedChunks, 1, "failed chunks")
        try expectEqual(counted.openChunks, 0, "open chunks")
        try expectEqual(counted.errorClass, "quarantined", "the job's cause")
        try expect(try await scene.store.finish(job), "the job did not end")
        try expectEqual(try await scene.jobNow(job).state, .failed, "the job's end")
    }

    @Sendable static func progressClearsCrashes(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        for round in 0..<5 {
            let chunk = try await scene.claimOne()
            _ = try await scene.update(chunk, .proceed(cursor: "page \(round)"))
            scene.clock.advance(by: .seconds(46))
            let report = try await scene.store.rescue()
            try expectEqual(report.rescued, [chunk.id], "rescued in round \(round)")
        }
        try expectEqual(try await scene.chunks(job, [.failed]).count, 0, "chunks set aside")
    }

    @Sendable static func suspectsComeAlone(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: (0..<3).map { _ in StoreScene.listing() })
        for _ in 0..<5 {
            _ = try await scene.claim(3)
            scene.clock.advance(by: .seconds(46))
            let report = try await scene.store.rescue()
            try expectEqual(report.quarantined, [], "blamed chunks")
            scene.clock.advance(by: .seconds(1))
        }
        _ = try await scene.claim(3)
        scene.clock.advance(by: .seconds(46))
        _ = try await scene.store.rescue()

        var sizes: [Int] = []
        for _ in 0..<3 {
            sizes.append(try await scene.claim().count)
            scene.clock.advance(by: .milliseconds(300))
        }

        try expectEqual(sizes, [1, 1, 1], "chunks by claim")
    }

    @Sendable static func clockSetBack(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing("a"), StoreScene.listing("b")])
        let first = try await scene.claimOne()
        let start = scene.clock.now
        scene.clock.set(to: start - scene.differences.longestStepBack)
        let second = try await scene.claimOne()
        try expectEqual(try await scene.store.rescue(), RescueReport(), "rescued after the step back")

        scene.clock.set(to: start + .seconds(44))
        try expectEqual(try await scene.store.rescue(), RescueReport(), "rescued within the lease")
        scene.clock.set(to: start + .seconds(46))

        try expectEqual(try await scene.store.rescue().rescued, [first.id, second.id], "rescued after the lease")
    }

    @Sendable static func disowned(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: (0..<4).map { StoreScene.listing("\($0)") })
        let mine = try await scene.claim(3, worker: "me")
        let others = try await scene.claim(1, worker: "other")

        let count = try await scene.store.disown("me", except: [mine[1].id])

        try expectEqual(count, 2, "given back")
        let again = try await scene.claim(4, worker: "next")
        try expectEqual(Set(again.map(\.id)), [mine[0].id, mine[2].id], "chunks to claim")
        try expectEqual(again.map(\.retryCount), [0, 0], "attempts")
        for chunk in [mine[1], others[0]] { _ = try await scene.complete(chunk) }
        try expectEqual(try await scene.update(mine[0], .handBack), .stale, "a write under the lost claim")
    }

    @Sendable static func crashIsNoAttempt(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing()])
        _ = try await crash(scene)

        try expectEqual(try await scene.claimOne().retryCount, 0, "attempts")
    }
}

extension StoreScene {
    /// One of each outcome.
    static func allOutcomes() throws -> [ChunkUpdate.Outcome] {
        [
            .proceed(cursor: "c"), .wait(cursor: "c", after: .seconds(9), reason: .quota),
            .wait(cursor: nil, after: .seconds(9), reason: .report), .handBack,
            .retry(after: .seconds(9), broken), .finish(.init(isComplete: true, follow: [listing()])),
            .split([listing("x"), listing("y")], reason: "too big"), .fail(broken),
        ]
    }
}
