import SyncCore

/// What goes on to a platform that receives.
package enum OutboxExercises {
    package static let all = [
        StoreExercise("What a chunk passes on waits until it was sent, and goes there once", once),
        StoreExercise("A newer state takes the place of an older one, and an older one is dropped", newest),
        StoreExercise("What changes while it is on its way goes out after it, and last goes what is true", onItsWay),
        StoreExercise("An item that is refused lets the others go, and is given up at the third time", refused),
        StoreExercise("What the receiver refused is told of when all else is sent, and a retry sends it", setAside),
        StoreExercise("What was refused stays refused while it is the same, and is tried anew when it is not", same),
        StoreExercise("After a job that failed a worker starts none for a minute", failedJob),
        StoreExercise(
            "A subject without an answer lets others go, and is tried again when nothing else is left", silent),
        StoreExercise("Silence counts as a try only where the receiver takes another of the kind", counted),
        StoreExercise("The things of one subject go together, when all have come", together),
        StoreExercise("A write that comes from a lost lease passes nothing on", stale),
        StoreExercise("A destination counts from the next write on, for a job under way too", route),
        StoreExercise("What waits asks for a job, and stays open while something may come", open),
    ]

    static func delivery(
        _ item: String, version: String = "1", subject: String = "chat", body: String = "{}", isComplete: Bool = true
    ) -> Delivery {
        Delivery(
            kind: "message", subject: subject, item: item, version: version, body: body, isComplete: isComplete)
    }

    /// A source whose rows go on, and the account that receives.
    static func pair(_ scene: StoreScene) async throws -> (source: Account, receiver: Account) {
        let source = try await scene.account("source")
        let receiver = try await scene.account("receiver")
        try await scene.store.route(source.id, to: receiver.id, keepsRows: true)
        return (source, receiver)
    }

    /// One chunk of the source passes these on, and ends.
    static func pass(_ deliveries: [Delivery], _ source: Account, _ scene: StoreScene) async throws {
        let job = try await scene.job(of: source, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()
        var update = ChunkUpdate(chunk, .finish(.init(isComplete: false)))
        update.deliveries = deliveries
        _ = try scene.written(try await scene.store.update(update))
        _ = try await scene.store.finish(job)
    }

    /// One chunk of the receiver tells what became of items.
    static func settle(_ handled: [Handled], _ receiver: Account, _ scene: StoreScene) async throws {
        let job = try await scene.job(of: receiver, chunks: [StoreScene.listing()])
        let chunk = try await scene.claimOne()
        var update = ChunkUpdate(chunk, .finish(.init(isComplete: false)))
        update.handled = handled
        _ = try scene.written(try await scene.store.update(update))
        _ = try await scene.store.finish(job)
    }

    @Sendable static func once(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await pass([delivery("a", body: "{\"n\":1}"), delivery("b")], source, scene)

        let next = try await scene.reopened()
        try expectEqual(try await next.store.waiting(for: receiver.id), 2, "waiting")
        let waiting = try await next.store.outbox(of: receiver.id, limit: 10)
        try expectEqual(waiting.items.map(\.item), ["a", "b"], "items")
        try expectEqual(waiting.items.first?.body, "{\"n\":1}", "body")
        try await settle(waiting.items.map { Handled($0) }, receiver, next)
        try expectEqual(try await next.store.outboxCount(of: receiver.id), OutboxCount(sent: 2), "sent")

        // Read once more, nothing has changed but one of them.
        try await pass([delivery("a", body: "{\"n\":2}"), delivery("b")], source, next)
        try expectEqual(try await next.store.outbox(of: receiver.id, limit: 10).items.map(\.item), ["a"], "changed")
    }

    @Sendable static func newest(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await pass([delivery("a", version: "2", body: "{\"v\":2}")], source, scene)
        let sending = try await scene.store.outbox(of: receiver.id, limit: 10).items
        // While it is on its way a newer one comes, and an older one after that.
        try await pass([delivery("a", version: "3", body: "{\"v\":3}")], source, scene)
        try await pass([delivery("a", version: "1", body: "{\"v\":1}")], source, scene)
        try await settle(sending.map { Handled($0) }, receiver, scene)

        let waiting = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(waiting.map(\.body), ["{\"v\":3}"], "waiting")
        try await settle(waiting.map { Handled($0) }, receiver, scene)
        try await pass([delivery("a", version: "2", body: "{\"v\":2}")], source, scene)
        try expectEqual(try await scene.store.outbox(of: receiver.id, limit: 10).items.count, 0, "older than sent")
    }

    @Sendable static func onItsWay(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await pass([delivery("a", body: "{\"v\":1}")], source, scene)
        let sending = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try await pass([delivery("a", body: "{\"v\":2}")], source, scene)
        try await settle(sending.map { Handled($0) }, receiver, scene)
        try expectEqual(
            try await scene.store.outbox(of: receiver.id, limit: 10).items.map(\.body), ["{\"v\":2}"], "same version")

        // Before that is sent it is again as it was.
        try await pass([delivery("a", version: "2", body: "{\"v\":1}")], source, scene)
        let last = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(last.map(\.body), ["{\"v\":1}"], "back again")
    }

    @Sendable static func route(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await scene.store.route(source.id, to: nil, keepsRows: true)
        _ = try await scene.job(of: source, chunks: [StoreScene.listing()])
        var chunk = try await scene.claimOne()
        func pass(_ item: String) async throws {
            var update = ChunkUpdate(chunk, .proceed(cursor: item))
            update.deliveries = [delivery(item)]
            _ = try scene.written(try await scene.store.update(update))
            chunk.batches += 1
        }
        try await pass("before")
        try await scene.store.route(source.id, to: receiver.id, keepsRows: true)
        try await pass("after")

        try expectEqual(
            try await scene.store.outbox(of: receiver.id, limit: 10).items.map(\.item), ["after"], "passed on")
        let routed = try await scene.store.account(source.id)
        try expectEqual(routed?.destination, receiver.id, "told")
        try expectEqual(routed?.routedAt, scene.clock.now, "since when")
        scene.clock.advance(by: .seconds(60))
        try await scene.store.route(source.id, to: receiver.id, keepsRows: false)
        try expectEqual(try await scene.store.account(source.id)?.routedAt, routed?.routedAt, "the same again")
        try await scene.store.route(source.id, to: source.id, keepsRows: true)
        try expectEqual(try await scene.store.account(source.id)?.routedAt, scene.clock.now, "another")
    }

    @Sendable static func silent(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await pass([delivery("a"), delivery("b"), delivery("c", subject: "other")], source, scene)
        let cause = Failure.Cause(code: "500", "It had an error.")
        let first = try await scene.store.outbox(of: receiver.id, limit: 1).items
        try expectEqual(first.map(\.item), ["a"], "first")
        try await settle(first.map { Handled($0, silence: cause) }, receiver, scene)
        let second = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(second.map(\.item), ["c"], "the other goes before all of the first subject")
        try await settle(second.map { Handled($0) }, receiver, scene)

        // A worker starts no job for what was set aside a moment ago; one that is there has nothing else to do.
        try expectEqual(try await scene.store.undelivered(), [], "before its time")
        let alone = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(alone.map(\.item), ["a", "b"], "when nothing else is left")
        try expectEqual(alone.map(\.failures), [1, 1], "failures")
        let job = try await scene.job(of: source, chunks: [StoreScene.listing()])
        let fed = try await scene.store.outbox(of: receiver.id, limit: 10)
        try expectEqual(fed, Outbox(items: [], isOpen: true), "while more may come")
        scene.clock.advance(by: .seconds(61))
        let due = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(due.map(\.item), ["a", "b"], "in its time")
        _ = try await scene.store.cancel(job, by: "test")

        // Where a part of the subject is taken, all of it goes on.
        try await settle(due.prefix(1).map { Handled($0) }, receiver, scene)
        try expectEqual(try await scene.store.undelivered(), [receiver.id], "taken again")
        let rest = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(rest.map(\.failures), [0], "failures of the rest")
    }

    @Sendable static func counted(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        let cause = Failure.Cause(code: "500", "It had an error.")
        func fail(_ round: Int) async throws {
            let items = try await scene.store.outbox(of: receiver.id, limit: 10).items.filter { $0.subject == "chat" }
            try expectEqual(items.map(\.item), ["bad"], "tried, round \(round)")
            try await settle(items.map { Handled($0, silence: cause) }, receiver, scene)
        }
        try await pass([delivery("bad")], source, scene)
        // A receiver that is down for long gives up nothing.
        for round in 1...10 {
            try await fail(round)
            scene.clock.advance(by: .seconds(7200))
        }
        try expectEqual(try await scene.store.outboxCount(of: receiver.id), OutboxCount(waiting: 1), "all is down")

        for round in 1...3 {
            try await fail(round)
            try await pass([delivery("good\(round)", subject: "other")], source, scene)
            let others = try await scene.store.outbox(of: receiver.id, limit: 10).items.filter { $0.subject == "other" }
            try await settle(others.map { Handled($0) }, receiver, scene)
            scene.clock.advance(by: .seconds(7200))
        }
        try expectEqual(
            try await scene.store.outboxCount(of: receiver.id), OutboxCount(waiting: 0, sent: 3, refused: 1), "count")
        let told = try await scene.store.events(after: 0, limit: 1000).filter { $0.kind == "delivery_refused" }
        try expectEqual(told.map(\.text), ["It had an error."], "told")
        // What comes of it later goes as usual.
        try await pass([delivery("bad", version: "2", body: "{\"n\":2}")], source, scene)
        let newer = try await scene.store.outbox(of: receiver.id, limit: 10).items
        try expectEqual(newer.map(\.body), ["{\"n\":2}"], "a newer state")
    }

    @Sendable static func together(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try await pass([delivery("a", isComplete: false)], source, scene)
        try await pass([delivery("x", subject: "other")], source, scene)
        let first = try await scene.store.outbox(of: receiver.id, limit: 10)
        try expectEqual(first.items.map(\.item), ["x"], "what is whole goes before")
        try await pass([delivery("b")], source, scene)
        let second = try await scene.store.outbox(of: receiver.id, limit: 10)
        try expectEqual(second.items.map(\.item), ["a", "b", "x"], "the subject's things first")
        try await settle(second.items.map { Handled($0) }, receiver, scene)

        try await pass([delivery("c", isComplete: false)], source, scene)
        let early = try await scene.store.outbox(of: receiver.id, limit: 10)
        try expectEqual(early, Outbox(items: [], isOpen: true), "while the rest may come")
        scene.clock.advance(by: .seconds(61))
        let late = try await scene.store.outbox(of: receiver.id, limit: 10)
        try expectEqual(late.items.map(\.item), ["c"], "when the rest did not come")
    }

    @Sendable static func stale(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        _ = try await scene.job(of: source, chunks: [StoreScene.listing()])
        let lost = try await scene.claimOne()
        scene.clock.advance(by: .seconds(60))
        _ = try await scene.store.rescue()
        _ = try await scene.claimOne(worker: "other")
        var update = ChunkUpdate(lost, .finish(.init(isComplete: false)))
        update.deliveries = [delivery("a")]

        try expectEqual(try await scene.store.update(update), .stale, "result")
        try expectEqual(try await scene.store.outboxCount(of: receiver.id), OutboxCount(), "count")
    }

    @Sendable static func open(_ scene: StoreScene) async throws {
        let (source, receiver) = try await pair(scene)
        try expectEqual(try await scene.store.undelivered(), [], "nothing waits")
        try expectEqual(try await scene.store.outbox(of: receiver.id, limit: 1).isOpen, false, "nothing may come")
        _ = try await scene.job(of: source, chunks: [StoreScene.listing()])
        try expectEqual(try await scene.store.outbox(of: receiver.id, limit: 1).isOpen, true, "a source is read")
        let chunk = try await scene.claimOne()
        var update = ChunkUpdate(chunk, .finish(.init(isComplete: false)))
        update.deliveries = [delivery("a")]
        _ = try scene.written(try await scene.store.update(update))

        try expectEqual(try await scene.store.undelivered(), [receiver.id], "something waits")
        _ = try await scene.job(of: receiver, chunks: [StoreScene.listing()])
        try expectEqual(try await scene.store.undelivered(), [], "a job is there")
        try await scene.store.route(source.id, to: nil, keepsRows: true)
        _ = try await scene.claim()
    }
}

extension OutboxStore {
    /// With all that was ever set aside.
    func outbox(of account: AccountID, limit: Int) async throws -> Outbox {
        try await outbox(of: account, limit: limit, since: Instant(seconds: 0))
    }
}
