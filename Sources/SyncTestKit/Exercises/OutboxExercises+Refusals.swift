import SyncCore

/// What the receiver does not take, and jobs that fail for it.
extension OutboxExercises {
    private static let taken = Failure.Cause(code: "400", "It is not taken.")

    @Sendable static func refused(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await pass([delivery("bad"), delivery("good")], source, scene)
        for round in 1...3 {
            let items = try await scene.store.outbox(of: receiver.id, limit: 10).items
            try expectEqual(items.contains { $0.item == "bad" }, true, "tried, round \(round)")
            try await settle(
                items.map { Handled($0, refusal: $0.item == "bad" ? taken : nil) }, receiver, scene)
            try expectEqual(try await scene.store.outbox(of: receiver.id, limit: 10).items.count, 0, "at once again")
            scene.clock.advance(by: .seconds(600))
        }

        try expectEqual(try await scene.store.outbox(of: receiver.id, limit: 10).items.count, 0, "a fourth time")
        try expectEqual(
            try await scene.store.outboxCount(of: receiver.id), OutboxCount(waiting: 0, sent: 1, refused: 1), "count")
        let told = try await scene.store.events(after: 0, limit: 1000).filter { $0.kind == "delivery_refused" }
        try expectEqual(told.map(\.text), ["It is not taken."], "told")
    }

    @Sendable static func setAside(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        let begun = scene.clock.now
        try await pass([delivery("bad"), delivery("good")], source, scene)
        for _ in 1...3 {
            let items = try await scene.store.outbox(of: receiver.id, limit: 10).items
            try await settle(items.map { Handled($0, refusal: $0.item == "bad" ? taken : nil) }, receiver, scene)
            scene.clock.advance(by: .seconds(600))
        }

        let told = try await scene.store.outbox(of: receiver.id, limit: 10, since: begun)
        let expected = Outbox.SetAside(count: 1, code: "400", message: "It is not taken.")
        try expectEqual(told, Outbox(items: [], isOpen: false, setAside: expected), "told")
        let later = try await scene.store.outbox(of: receiver.id, limit: 10, since: scene.clock.now)
        try expectEqual(later, Outbox(items: [], isOpen: false), "told once")
        try expectEqual(try await scene.store.delivered(to: receiver.id), ["message": 1], "delivered")

        let job = try await scene.job(of: receiver, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()
        _ = try scene.written(try await scene.store.update(ChunkUpdate(chunk, .fail(.permanentRequest(taken)))))
        _ = try await scene.store.finish(job)
        try expectEqual(try await scene.store.retry(job), 1, "chunks tried again")
        let again = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(again.map(\.item), ["bad"], "sent again")
        try expectEqual(again.map(\.tries), [0], "tries")
    }

    @Sendable static func same(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        func refuse() async throws {
            let items = try await scene.store.outbox(of: receiver.id, limit: 10).items
            try await settle(items.map { Handled($0, refusal: taken) }, receiver, scene)
            scene.clock.advance(by: .seconds(600))
        }
        try await pass([delivery("bad")], source, scene)
        try await refuse()
        // Read once more between two tries: that gives it no more of them.
        try await pass([delivery("bad")], source, scene)
        try expectEqual(try await scene.store.outbox(of: receiver.id, limit: 10).items.map(\.tries), [1], "tries")
        for _ in 2...3 { try await refuse() }
        for version in ["1", "2"] {
            try await pass([delivery("bad", version: version)], source, scene)
            try expectEqual(try await scene.store.outbox(of: receiver.id, limit: 10).items.count, 0, "the same")
            let count = try await scene.store.outboxCount(of: receiver.id)
            try expectEqual(count, OutboxCount(waiting: 0, refused: 1), "refused")
        }
        let told = try await scene.store.outbox(of: receiver.id, limit: 10).setAside
        try expectEqual(told, Outbox.SetAside(count: 1, code: "400", message: "It is not taken."), "told")

        try await pass([delivery("bad", version: "2", body: "{\"n\":2}")], source, scene)
        let other = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(other.map(\.body), ["{\"n\":2}"], "another")
        try expectEqual(other.map(\.tries), [0], "tries of another")
    }

    @Sendable static func failedJob(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await pass([delivery("a")], source, scene)
        try expectEqual(try await scene.store.undelivered(), [receiver.id], "before")
        let job = try await scene.job(of: receiver, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()
        _ = try scene.written(try await scene.store.update(ChunkUpdate(chunk, .fail(.permanentRequest(taken)))))
        _ = try await scene.store.finish(job)

        try expectEqual(try await scene.jobNow(job).state, .failed, "the job's state")
        try expectEqual(try await scene.store.undelivered(), [], "just after it")
        scene.clock.advance(by: .seconds(59))
        try expectEqual(try await scene.store.undelivered(), [], "a little later")
        scene.clock.advance(by: .seconds(2))
        try expectEqual(try await scene.store.undelivered(), [receiver.id], "a minute later")
    }
}
