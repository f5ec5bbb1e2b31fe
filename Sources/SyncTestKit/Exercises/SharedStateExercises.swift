import SyncCore

/// Quotas, connections, events and settings.
package enum SharedStateExercises {
    package static let all = [
        StoreExercise("A quota that many draw from at once is never overdrawn", quotaIsShared),
        StoreExercise("A quota keeps all it knows, a block too, over a restart", quotaIsDurable),
        StoreExercise("A clock that is set back by an hour holds nobody for an hour", clockSetBack),
        StoreExercise("A connection keeps its secrets and settings, and its version grows", connections),
        StoreExercise("A credential is renewed in place of the version that it came from, once", renewal),
        StoreExercise("Parking stops a connection's chunks and renewing brings them back", parking),
        StoreExercise("Only the present version of a credential can be parked, and once", parkingOnce),
        StoreExercise("Nothing becomes due under a parked connection, whatever its workers say", quietWhileParked),
        StoreExercise("An account is refreshed in place and keeps its history", accounts),
        StoreExercise("Events come in order and after a mark", events),
        StoreExercise("A note is told once per job", notes),
        StoreExercise("A setting is stored, replaced and removed", settings),
        StoreExercise("Rows are counted by the values of a column", tallies),
    ]

    private static let key = QuotaKey(StoreScene.platform, "account", "1")
    private static let limit = QuotaLimit(points: 60, per: .seconds(60), burst: 10)

    @Sendable static func quotaIsShared(_ scene: StoreScene) async throws {
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { @concurrent in
                    try await scene.store.withQuota(key, limit: limit) { quota, now in
                        if case .go = quota.take(1, atLeast: 1, at: now) { true } else { false }
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        try expectEqual(granted, 10, "points at once")
        scene.clock.advance(by: .seconds(3))
        var later = 0
        for _ in 0..<10 {
            later += try await scene.store.withQuota(key, limit: limit) { quota, now in
                if case .go = quota.take(1, atLeast: 1, at: now) { 1 } else { 0 }
            }
        }
        try expectEqual(later, 3, "points three seconds later")
    }

    @Sendable static func quotaIsDurable(_ scene: StoreScene) async throws {
        let until = scene.clock.now + .seconds(600)
        let other = QuotaKey(StoreScene.platform, "app", "9")
        let stored = try await scene.store.withQuota(key, limit: limit) { quota, now in
            _ = quota.take(4, atLeast: 4, at: now)
            quota.throttled(until: until, least: .seconds(60), jitter: 0, at: now)
            quota.reported(use: 0.625, at: now)
            quota.choose(QuotaLimit(points: 3, per: .seconds(60), burst: 2), at: now)
            return quota
        }
        try await scene.store.withQuota(other, limit: limit) { _, _ in }

        let next = try await scene.reopened()

        let quotas = try await next.store.quotas(.of([other, key, QuotaKey(StoreScene.platform, "app", "nobody's")]))
        try expectEqual(quotas.map(\.key), [key, other], "keys")
        try expectEqual(quotas.first?.quota, stored, "quota")
        try expectEqual(stored.blockedUntil, until, "block")
        try expectEqual(try await next.store.quotas(.blocked).map(\.key), [key], "blocked")
        let chosen = QuotaLimit(points: 3, per: .seconds(60), burst: 2)
        try expectEqual(quotas.first?.quota.limit, chosen, "set by the user")
        try expectEqual(quotas.last?.quota.limit, limit, "not set")
        let grant = try await next.store.withQuota(key, limit: limit) { $0.take(1, atLeast: 1, at: $1) }
        try expectEqual(grant, .wait(until: until), "grant while blocked")
        scene.clock.advance(by: .seconds(601))
        try expectEqual(try await next.store.quotas(.blocked).count, 0, "blocked when it is over")
    }

    @Sendable static func clockSetBack(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(of: account, chunks: ["quota", "report", "retry"].map(StoreScene.listing))
        for chunk in try await scene.claim() {
            let outcome: ChunkUpdate.Outcome =
                switch chunk.spec.mode {
                case "quota": .wait(cursor: nil, after: .seconds(10), reason: .quota)
                case "report": .wait(cursor: "report 7", after: .seconds(10), reason: .report)
                default: .retry(after: .seconds(10), StoreScene.broken)
                }
            _ = try await scene.update(chunk, outcome)
        }
        _ = try await scene.store.withQuota(key, limit: limit) { $0.take(10, atLeast: 10, at: $1) }
        scene.clock.advance(by: .seconds(-3600))

        let next = try await scene.reopened()
        _ = try await next.store.rescue()

        try expectEqual(
            Set(try await next.claim().map(\.spec.mode)), ["quota", "report", "retry"], "chunks that are ready")
        func take() async throws -> Quota.Grant {
            try await next.store.withQuota(key, limit: limit) { $0.take(1, atLeast: 1, at: $1) }
        }
        try expectEqual(try await take(), .wait(until: next.clock.now + .seconds(1)), "grant at once")
        next.clock.advance(by: .seconds(1))
        try expectEqual(try await take(), .go(points: 1), "grant a second later")
    }

    @Sendable static func renewal(_ scene: StoreScene) async throws {
        let id = try await scene.store.save(
            .first, platform: StoreScene.platform, name: "main", baseURL: "u", sealed: [1], configuration: [:])

        try expectEqual(try await scene.store.renew(id, version: 1, sealed: [2]), true, "renewed")
        try expectEqual(try await scene.store.renew(id, version: 1, sealed: [2]), true, "the same once more")
        try expectEqual(try await scene.store.renew(id, version: 1, sealed: [3]), false, "from an old version")

        let next = try await scene.reopened()
        let stored = try require(try await next.store.connection(id), "the connection")
        try expectEqual(stored.sealed, [2], "credential")
        try expectEqual(stored.version, 2, "version")
        let cause = Failure.Cause(code: "190", "Refused.")
        try expectEqual(try await next.store.park(id, version: 2, cause: cause), true, "parked")
        try await next.store.resume(id)
        let resumed = try require(try await next.store.connection(id), "the connection")
        try expectEqual(resumed.parked, nil, "parked")
        try expectEqual(resumed.sealed, [2], "credential of a resumed one")
        try expectEqual(resumed.version, 2, "version of a resumed one")
        let old = resumed.configuration
        let new = ["a": "ă \"1\"", "c": "{}"]
        try expectEqual(try await next.store.configure(id, from: old, to: new), true, "settings taken")
        try expectEqual(try await next.store.configure(id, from: old, to: [:]), false, "settings of others")
        let configured = try require(try await next.store.connection(id), "the connection")
        try expectEqual(configured.configuration, new, "settings")
    }

    @Sendable static func connections(_ scene: StoreScene) async throws {
        func save(_ name: String, _ sealed: [UInt8], url: String = "u") async throws -> ConnectionID {
            try await scene.store.save(
                .first, platform: StoreScene.platform, name: name, baseURL: url, sealed: sealed,
                configuration: ["report": "{\"a\":1}"])
        }
        let id = try await save("main", [0, 1, 255])

        try expectEqual(try await save("main", [7]), id, "the same connection")
        let other = try await save("main", [], url: "elsewhere")

        let next = try await scene.reopened()
        try expectEqual(try await next.store.connections().map(\.id), [id, other], "connections")
        let stored = try require(try await next.store.connection(id), "the connection")
        try expectEqual(
            stored,
            Connection(
                id: id, platform: StoreScene.platform, name: "main", baseURL: "u", sealed: [7], version: 2,
                configuration: ["report": "{\"a\":1}"]), "connection")
        try expectEqual(try await next.store.connection(other)?.sealed, [], "an empty secret")
        try expect(try await next.store.connection(ConnectionID(4711)) == nil, "an unknown connection")
    }

    private static let rejected = Failure.Cause(
        code: "190/463", "The token has expired.", advice: "Connect again.", trace: "abc")

    private static func park(_ scene: StoreScene, _ account: Account, version: Int = 1) async throws -> Bool {
        try await scene.store.park(account.connection, version: version, cause: rejected)
    }

    private static func renew(_ scene: StoreScene, _ account: Account) async throws {
        _ = try await scene.store.save(
            .first, platform: StoreScene.platform, name: "connection \(account.externalID)",
            baseURL: "https://acme.example", sealed: [9], configuration: [:])
    }

    @Sendable static func parking(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        let job = try await scene.job(of: account, chunks: (0..<3).map { StoreScene.listing("\($0)") })
        _ = try await scene.job(of: other, chunks: [StoreScene.listing("other")])
        let chunks = try await scene.claim(2, skipping: [other.id])
        _ = try await scene.update(chunks[0], .proceed(cursor: "page 2"))
        _ = try await scene.update(chunks[1], .wait(cursor: nil, after: .seconds(10), reason: .quota))

        try expect(try await park(scene, account), "not parked")
        _ = try await scene.update(chunks[0], .wait(cursor: nil, after: nil, reason: .credential))

        try expectEqual(try await scene.store.connection(account.connection)?.parked, rejected, "cause")
        let waiting = try await scene.chunks(job, [.waiting])
        try expectEqual(waiting.count, 3, "waiting chunks")
        try expectEqual(Set(waiting.map(\.waitReason)), [.credential], "reasons")
        let stopped = try await scene.jobNow(job)
        try expectEqual(stopped.state, .waiting, "the job's state")
        try expectEqual(stopped.waitReason, .credential, "the job's reason")
        scene.clock.advance(by: .seconds(86_400))
        try expectEqual(try await scene.claim().map(\.account), [other.id], "chunks to claim")
        try expect(try await scene.store.nextDue() == nil, "something is due")

        try await renew(scene, account)

        try expect(try await scene.store.connection(account.connection)?.parked == nil, "still parked")
        try expectEqual(try await scene.jobNow(job).state, .inProgress, "the job's state")
        let back = try await scene.claim()
        try expectEqual(Set(back.map(\.spec.mode)), ["0", "1", "2"], "chunks that are back")
        try expectEqual(back.first { $0.id == chunks[0].id }?.cursor, "page 2", "cursor")
        try expectEqual(Set(back.map(\.retryCount)), [0], "attempts")
        let kinds = try await scene.store.events(after: 0, limit: 100).map(\.kind)
        try expectEqual(kinds.count { $0 == "connection_parked" }, 1, "times that it was told")
    }

    @Sendable static func parkingOnce(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await renew(scene, account)

        try expect(!(try await park(scene, account, version: 1)), "parked for an old credential")
        try expect(try await park(scene, account, version: 2), "not parked")
        try expect(!(try await park(scene, account, version: 2)), "parked twice")
        try expect(
            !(try await scene.store.park(ConnectionID(4711), version: 1, cause: rejected)), "parked the unknown")
    }

    @Sendable static func quietWhileParked(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<7).map { StoreScene.listing("\($0)") })
        let chunks = try await scene.claim(7)
        _ = try await park(scene, account)

        _ = try await scene.update(chunks[0], .handBack)
        _ = try await scene.update(chunks[1], .retry(after: .seconds(1), StoreScene.broken))
        _ = try await scene.update(chunks[2], .wait(cursor: nil, after: .seconds(1), reason: .quota))
        _ = try await scene.update(
            chunks[3], .split([StoreScene.listing("a"), StoreScene.listing("b")], reason: "too big"))
        _ = try await scene.complete(chunks[4], follow: [StoreScene.listing("c")])
        _ = try await scene.update(chunks[5], .fail(StoreScene.broken))
        _ = try await scene.store.retry(job)
        scene.clock.advance(by: .seconds(100))
        _ = try await scene.store.rescue()

        try expectEqual(try await scene.claim().count, 0, "chunks to claim")
        try expect(try await scene.store.nextDue() == nil, "something is due")
        try expectEqual(
            Set(try await scene.chunks(job).map { $0.state }), [.waiting, .completed], "states of the chunks")
        try await renew(scene, account)
        try expectEqual(try await scene.claim().count, 8, "chunks that are back")
    }

    @Sendable static func accounts(_ scene: StoreScene) async throws {
        var account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [])
        _ = try await scene.store.finish(job)
        account.name = "New name"
        account.currency = "USD"
        account.createdOn = nil
        account.recentCompletedAt = nil

        let id = try await scene.store.save(account)

        try expectEqual(id, account.id, "id")
        try expectEqual(try await scene.store.accounts().count, 1, "accounts")
        let stored = try require(try await scene.reopened().store.account(id), "the account")
        try expectEqual(stored.name, "New name", "name")
        try expectEqual(stored.currency, "USD", "currency")
        try expectEqual(stored.createdOn, StoreScene.day("2025-01-01"), "first day")
        try expectEqual(stored.recentCompletedAt, scene.clock.now, "end of the recent phase")
    }

    @Sendable static func events(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let told = (1...5).map { number in
            Event(
                id: 0, at: scene.clock.now + .seconds(number), job: nil, account: account.id, kind: "note",
                text: "number \(number)")
        }
        try await scene.store.append(told)

        let first = try await scene.store.events(after: 0, limit: 2)
        let rest = try await scene.store.events(after: first.last?.id ?? 0, limit: 100)

        try expectEqual((first + rest).map(\.text), told.map(\.text), "texts")
        try expectEqual((first + rest).map(\.at), told.map(\.at), "moments")
        try expect(zip(first + rest, (first + rest).dropFirst()).allSatisfy { $0.id < $1.id }, "ids do not grow")
        try expectEqual(rest.last?.account, account.id, "account")
    }

    @Sendable static func notes(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<3).map { _ in StoreScene.listing() })
        let note = Note("field_dropped", "The field reach is not permitted.")

        for chunk in try await scene.claim() {
            _ = try await scene.update(
                chunk, .finish(.init(isComplete: false)),
                notes: [note, note, Note("version", "Chunk \(chunk.id) is old.")])
        }

        let kinds = try await scene.eventKinds(of: job)
        try expectEqual(kinds.count { $0 == "field_dropped" }, 1, "times that the same note was told")
        try expectEqual(kinds.count { $0 == "version" }, 3, "times that different notes were told")
    }

    @Sendable static func settings(_ scene: StoreScene) async throws {
        try await scene.store.set("language", to: "vi")
        try await scene.store.set("language", to: "en")
        try await scene.store.set("empty", to: "")
        try await scene.store.set("gone", to: "x")
        try await scene.store.set("gone", to: nil)

        let next = try await scene.reopened()

        try expectEqual(try await next.store.setting("language"), "en", "a replaced setting")
        try expectEqual(try await next.store.setting("empty"), "", "an empty setting")
        try expectEqual(try await next.store.setting("gone"), nil, "a removed setting")
    }

    @Sendable static func tallies(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        for (owner, names) in [(account, ["red", "red", "blue"]), (other, ["red"])] {
            _ = try await scene.job(of: owner, chunks: [StoreScene.listing()])
            let rows = names.enumerated().map { (id: "\($0.offset)", name: $0.element) }
            try await scene.complete(
                try await scene.claimOne(), rows: [StoreScene.things(rows, account: owner)])
        }

        let tally = try await scene.store.tally(StoreScene.things, account: "1", column: "name")

        try expectEqual(tally, ["red": 2, "blue": 1], "tally")
        try expectEqual(try await scene.store.count(StoreScene.things, account: "1"), 3, "rows of the account")
        try expectEqual(try await scene.store.count(StoreScene.things, account: nil), 4, "rows of all")
    }
}
