import SyncCore

/// What a store tells of the work in it, and whether it can be written.
package enum HealthExercises {
    package static let all = [
        StoreExercise("An empty store has no work, and can be written", empty),
        StoreExercise("Chunks are counted by state wherever they are in their lives", states),
        StoreExercise("What is due is what somebody should have in hand", due),
        StoreExercise("Looking whether it can be written changes nothing", changesNothing),
    ]

    @Sendable static func empty(_ scene: StoreScene) async throws {
        let depth = try await scene.health().queueDepth()
        try await scene.health().checkWritable()

        try expect(depth.chunks.values.allSatisfy { $0 == 0 }, "an empty store counts \(depth.chunks)")
        try expectEqual(depth.due, 0, "due chunks")
        try expectEqual(depth.oldestDue, nil, "the oldest due chunk")
        try expectEqual(depth.openJobs, 0, "open jobs")
    }

    @Sendable static func states(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: (0..<8).map { StoreScene.listing("\($0)") })
        let held = try await scene.claim(6)
        try await scene.complete(held[0])
        _ = try await scene.update(held[1], .fail(StoreScene.broken))
        _ = try await scene.update(held[2], .wait(cursor: nil, after: .seconds(60), reason: .quota))
        _ = try await scene.update(held[3], .wait(cursor: nil, after: nil, reason: .paused))
        _ = try await scene.update(held[4], .retry(after: .seconds(60), StoreScene.broken))
        let other = try await scene.account("2")
        let cancelled = try await scene.job(of: other, chunks: [StoreScene.listing(), StoreScene.listing()])
        _ = try await scene.store.cancel(cancelled, by: "test")

        let depth = try await scene.health().queueDepth()

        try expectEqual(
            depth.chunks,
            [.pending: 3, .inProgress: 1, .waiting: 2, .completed: 1, .failed: 1, .cancelled: 2], "chunks by state")
        try expectEqual(depth.openJobs, 1, "open jobs")
        try expectEqual(depth.due, 2, "due chunks")
    }

    @Sendable static func due(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: [StoreScene.listing("a"), StoreScene.listing("b")])
        scene.clock.advance(by: .seconds(7))
        let ready = try await scene.health().queueDepth()
        let held = try await scene.claim(2)
        let inHand = try await scene.health().queueDepth()
        _ = try await scene.update(held[0], .wait(cursor: nil, after: .seconds(20), reason: .quota))
        scene.clock.advance(by: .seconds(19))
        let waiting = try await scene.health().queueDepth()
        scene.clock.advance(by: .seconds(4))
        let late = try await scene.health().queueDepth()
        scene.clock.advance(by: .seconds(30))
        let lost = try await scene.health().queueDepth()

        try expectEqual([ready, inHand, waiting, late, lost].map(\.due), [2, 0, 0, 1, 2], "due chunks")
        try expectEqual(ready.oldestDue, .seconds(7), "how long a ready chunk has been there")
        try expectEqual(inHand.oldestDue, nil, "the oldest of none")
        try expectEqual(late.oldestDue, .seconds(3), "how long ago the moment was that it waited for")
        // The lease of 45 seconds ran out 8 seconds ago; the other waits for 33.
        try expectEqual(lost.oldestDue, .seconds(33), "the oldest of two")
    }

    @Sendable static func changesNothing(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let before = try await scene.jobNow(job)

        for _ in 0..<3 { try await scene.health().checkWritable() }

        try expectEqual(try await scene.jobNow(job), before, "the job")
        try expectEqual(try await scene.eventKinds(of: job), [], "events")
    }
}

extension StoreScene {
    /// The store as a probe knows it; every engine has this face.
    func health() throws -> any HealthStore { try require(store as? any HealthStore, "the store's health") }
}
