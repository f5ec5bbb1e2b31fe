import SyncCore

/// Connections as people make and remove them, and what they have typed of one.
package enum ConnectionExercises {
    package static let all = [
        StoreExercise("A draft is kept under its id until its time is over, and taken once", drafts),
        StoreExercise("A connection that is removed has no credential, no open job and all its data", removal),
        StoreExercise("An address that was never guarded stays so, and a guarded one can be let go", guarding),
    ]

    @Sendable static func drafts(_ scene: StoreScene) async throws {
        let store = try require(scene.store as? any PeopleStore & DraftStore, "a store of drafts")
        let user = User(
            id: UserID(0), email: "a@a.vn", name: "A", passwordHash: "", preferences: User.Preferences())
        let id = try require(try await store.addFirst(user, to: .first), "a user")
        func draft(_ name: String, _ sealed: [UInt8], for length: Duration = .seconds(3600)) -> ConnectionDraft {
            ConnectionDraft(
                id: name, workspace: .first, user: id, platform: PlatformID("acme"), sealed: sealed,
                expiresAt: scene.clock.now + length)
        }
        try await store.keep(draft("one", [1]))
        try await store.keep(draft("one", [2, 0, 255]))
        try await store.keep(draft("short", [3], for: .seconds(60)))

        try expectEqual(try await store.draft("one"), draft("one", [2, 0, 255]), "the newest")
        try expectEqual(try await store.draft("two"), nil, "one that was never kept")
        scene.clock.advance(by: .seconds(61))
        try expectEqual(try await store.draft("short"), nil, "one that is too old")
        try expectEqual(try await store.takeDraft("short"), nil, "one that is too old")
        let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { @concurrent in try await store.takeDraft("one") != nil } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        try expectEqual(taken, 1, "how often it was taken")
    }

    @Sendable static func removal(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        let store = scene.store
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        let left = try await scene.job(of: other, chunks: [StoreScene.listing()])

        let cancelled = try await store.forget(account.connection, sealed: [7], by: "Linh")

        try expectEqual(cancelled, 1, "jobs that were cancelled")
        let removed = try require(try await store.connection(account.connection), "the connection")
        try expectEqual(removed.sealed, [7], "credential")
        try expectEqual(removed.isRemoved, true, "removed")
        try expectEqual(removed.parkedAt, scene.clock.now, "since when")
        try expectEqual(try await store.job(job)?.state, .cancelled, "the job of its account")
        try expectEqual(try await store.account(account.id)?.name, account.name, "the account")
        try expectEqual(try await store.job(left)?.state.isTerminal, false, "the job of another connection")
        try expectEqual(try await store.forget(account.connection, sealed: [7], by: "Linh"), 0, "a second time")
        _ = try await store.save(
            removed.workspace, platform: removed.platform, name: removed.name, baseURL: removed.baseURL, sealed: [8],
            configuration: [:])
        try expectEqual(try await store.connection(removed.id)?.parked, nil, "parked behind another credential")
    }

    @Sendable static func guarding(_ scene: StoreScene) async throws {
        func save(_ name: String, _ isGuarded: Bool) async throws -> Bool? {
            let id = try await scene.store.save(
                .first, platform: PlatformID("acme"), name: name, baseURL: "https://a.example", sealed: [1],
                configuration: [:], isGuarded: isGuarded)
            return try await scene.store.connection(id)?.isGuarded
        }

        try expectEqual(try await save("open", false), false, "an operator's")
        try expectEqual(try await save("open", true), false, "an operator's, given again on the page")
        try expectEqual(try await save("closed", true), true, "a person's")
        try expectEqual(try await save("closed", true), true, "a person's, again")
        try expectEqual(try await save("closed", false), false, "a person's that the operator vouches for")
    }
}
