import SyncCore

/// Workspaces, people, their ways in, and the record of what they did.
package enum PeopleExercises {
    package static let all = [
        StoreExercise("Of many who set a database up at once, one becomes its first user", first),
        StoreExercise("A user works in several workspaces, with a role in each", workspaces),
        StoreExercise("The last owner of a workspace stays one", lastOwner),
        StoreExercise("A session ends with its time, with a new password, and with the membership", sessions),
        StoreExercise("A link works once, until its time is over, and the newest only", links),
        StoreExercise("A token works until it expires, is revoked, or its maker goes", tokens),
        StoreExercise("Failures to sign in are counted over all processes, and forgotten", failures),
        StoreExercise("The record is a chain in each workspace, in which a change shows", audit),
        StoreExercise("Connections, accounts, jobs and schedules belong to their workspace", ownership),
        StoreExercise("Of many workspaces that pick an account in the same moment one has it", picking),
    ]

    private static func store(_ scene: StoreScene) throws -> any PeopleStore & AuditStore {
        try require(scene.store as? any PeopleStore & AuditStore, "a store of people")
    }

    private static func user(_ email: String) -> User {
        User(
            id: UserID(0), email: email, name: "Ễ \(email)", passwordHash: "hash",
            preferences: User.Preferences(language: "vi", theme: "dark"))
    }

    @Sendable static func first(_ scene: StoreScene) async throws {
        let store = try store(scene)
        try expectEqual(try await store.hasUsers(), false, "users of a new database")
        let made = try await withThrowingTaskGroup(of: UserID?.self) { group in
            for number in 0..<8 {
                group.addTask { @concurrent in try await store.addFirst(user("\(number)@a.vn"), to: .first) }
            }
            return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
        }

        try expectEqual(made.count, 1, "first users")
        let members = try await store.members(of: .first)
        try expectEqual(members.map(\.role), [.owner], "roles")
        try expectEqual(members.map(\.user.id), made, "members")
        try expectEqual(members[0].user.preferences, user("").preferences, "preferences")
        try expectEqual(try await store.hasUsers(), true, "users")
    }

    @Sendable static func workspaces(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let owner = try require(try await store.addFirst(user("a@a.vn"), to: .first), "the first user")
        let other = try require(try await store.addWorkspace("An Nhiên", owner: owner), "a workspace")
        let guest = try require(try await store.add(user("b@a.vn"), to: other, as: .viewer), "a guest")

        try expectEqual(try await store.addWorkspace("An Nhiên", owner: owner), nil, "a name that is taken")
        try expectEqual(try await store.add(user("b@a.vn"), to: .first, as: .viewer), nil, "an address that is taken")
        try expectEqual(
            try await store.workspaces(of: owner).map(\.workspace.name), ["An Nhiên", "default"], "workspaces")
        try expectEqual(try await store.workspaces(of: guest).map(\.role), [.viewer], "roles of the guest")
        try expectEqual(try await store.role(of: guest, in: .first), nil, "a role where the guest is not")
        try expectEqual(try await store.rename(.first, to: "An Nhiên"), false, "a second of that name")
        try expectEqual(try await store.rename(.first, to: "Mộc"), true, "renamed")
        try expectEqual(try await store.workspace(.first)?.name, "Mộc", "name")
    }

    @Sendable static func lastOwner(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let one = try require(try await store.addFirst(user("a@a.vn"), to: .first), "the first user")
        let two = try require(try await store.add(user("b@a.vn"), to: .first, as: .viewer), "the second")

        try expectEqual(try await store.set(.viewer, of: one, in: .first), false, "the last owner steps down")
        try expectEqual(try await store.set(nil, of: one, in: .first), false, "the last owner leaves")
        try expectEqual(try await store.set(.owner, of: two, in: .first), true, "a second owner")
        try expectEqual(try await store.set(nil, of: one, in: .first), true, "the first leaves")
        try expectEqual(try await store.members(of: .first).map(\.user.id), [two], "who is left")
    }

    @Sendable static func sessions(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let user = try require(try await store.addFirst(user("a@a.vn"), to: .first), "the first user")
        let now = scene.clock.now
        func begin(_ hash: String, for length: Duration) async throws {
            try await store.begin(
                Session(
                    hash: hash, user: user, workspace: .first, createdAt: now, seenAt: now, expiresAt: now + length,
                    agent: "Firefox", address: "127.0.0.1"))
        }
        for hash in ["one", "two", "three"] { try await begin(hash, for: .seconds(3600)) }
        try await begin("short", for: .seconds(60))
        let other = try require(try await store.addWorkspace("other", owner: user), "a workspace")

        scene.clock.advance(by: .seconds(61))
        try expect(try await store.session("short") == nil, "a session lives on behind its end")
        try await store.touch("one", workspace: other)
        let found = try require(try await store.session("one"), "a session")
        try expectEqual(found.workspace.id, other, "workspace")
        try expectEqual(found.role, .owner, "role")
        try expectEqual(found.session.seenAt, scene.clock.now, "when it was seen")
        try expectEqual(try await store.sessions(of: user).map(\.hash).sorted(), ["one", "three", "two"], "sessions")
        try await store.end(session: "three")
        try await store.set(passwordHash: "new", of: user, keeping: "one")
        try expectEqual(try await store.sessions(of: user).map(\.hash), ["one"], "sessions behind a new password")
        let heir = try require(
            try await store.add(PeopleExercises.user("b@a.vn"), to: other, as: .owner), "another owner")
        try expectEqual(try await store.set(nil, of: user, in: other), true, "the user leaves")
        try expect(try await store.session("one") == nil, "a session without a membership")
        try expectEqual(try await store.members(of: other).map(\.user.id), [heir], "members")
    }

    @Sendable static func links(_ scene: StoreScene) async throws {
        let store = try store(scene)
        func link(_ hash: String, for length: Duration = .seconds(60)) -> OneTimeLink {
            OneTimeLink(
                hash: hash, kind: .invitation, workspace: .first, email: "a@a.vn", role: .operator,
                createdAt: scene.clock.now, expiresAt: scene.clock.now + length)
        }
        try await store.offer(link("old"))
        try await store.offer(link("new"))

        try expectEqual(try await store.link("old"), nil, "a link that was offered before")
        try expectEqual(try await store.link("new"), link("new"), "the newest")
        let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { @concurrent in try await store.take("new") != nil } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        try expectEqual(taken, 1, "how often it was taken")
        try await store.offer(link("short", for: .seconds(5)))
        scene.clock.advance(by: .seconds(6))
        try expectEqual(try await store.take("short"), nil, "a link that is too old")
    }

    @Sendable static func tokens(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let user = try require(try await store.addFirst(user("a@a.vn"), to: .first), "the first user")
        func token(_ name: String, for length: Duration?) -> APIToken {
            APIToken(
                id: APITokenID(0), workspace: .first, user: user, name: name, prefix: "slc_ab", hash: name,
                scopes: [.read, .run], createdAt: scene.clock.now, expiresAt: length.map { scene.clock.now + $0 })
        }
        let id = try await store.add(token("always", for: nil))
        _ = try await store.add(token("short", for: .seconds(5)))
        try await store.touch(id)

        let found = try require(try await store.token("always"), "a token")
        try expectEqual(found.token.scopes, [.read, .run], "scopes")
        try expectEqual(found.token.usedAt, scene.clock.now, "last use")
        try expectEqual(found.role, .owner, "its maker's role")
        scene.clock.advance(by: .seconds(6))
        try expect(try await store.token("short") == nil, "a token behind its end")
        let other = try require(try await store.addWorkspace("other", owner: user), "a workspace")
        try expectEqual(try await store.revoke(id, in: other), false, "revoked from elsewhere")
        try expectEqual(try await store.revoke(id, in: .first), true, "revoked")
        try expect(try await store.token("always") == nil, "a revoked token")
        try expectEqual(try await store.tokens(of: .first).map(\.name), ["short"], "tokens")
    }

    @Sendable static func failures(_ scene: StoreScene) async throws {
        let before = try store(scene)
        for _ in 0..<4 { _ = try await before.noteFailure("a@a.vn") }
        let store = try store(try await scene.reopened())

        let fifth = try await store.noteFailure("a@a.vn")
        try expectEqual(fifth.count, 5, "failures")
        try expectEqual(
            fifth.wait(at: scene.clock.now, free: 2, most: .seconds(300)), .seconds(4),
            "the pause behind the fifth")
        try expectEqual(fifth.wait(at: scene.clock.now, free: 2, most: .seconds(3)), .seconds(3), "the most")
        let earlier = scene.clock.now - .seconds(60)
        try await store.takeBackFailure("a@a.vn", last: earlier)
        try expectEqual(
            try await store.failures("a@a.vn"), SignInFailures(count: 4, lastAt: earlier), "one was taken back")
        try await store.takeBackFailure("b@a.vn", last: nil)
        try expectEqual(try await store.failures("b@a.vn"), SignInFailures(), "failures of another")
        try await store.forgetFailures("a@a.vn")
        try expectEqual(try await store.failures("a@a.vn").count, 0, "forgotten")
        _ = try await store.noteFailure("a@a.vn")
        scene.clock.advance(by: .seconds(3601))
        try expectEqual(try await store.noteFailure("a@a.vn").count, 1, "failures an hour later")
    }

    @Sendable static func audit(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let owner = try require(try await store.addFirst(user("a@a.vn"), to: .first), "the first user")
        let other = try require(try await store.addWorkspace("other", owner: owner), "a workspace")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask { @concurrent in
                    try await store.record(
                        AuditEntry(
                            workspace: number < 9 ? .first : other, actor: "Linh Trần", action: "Đồng bộ \(number)",
                            subject: "Cà phê"))
                }
            }
            try await group.waitForAll()
        }

        try expectEqual(try await store.verifyAudit(of: .first), AuditChain(count: 9, brokenAt: nil), "the chain")
        try expectEqual(try await store.verifyAudit(of: other), AuditChain(count: 3, brokenAt: nil), "the other")
        let page = try await store.audit(of: .first, before: nil, limit: 5)
        let rest = try await store.audit(of: .first, before: page.last?.id, limit: 50)
        try expectEqual((page + rest).map(\.id), (page + rest).map(\.id).sorted(by: >), "order")
        try expectEqual(Set((page + rest).map(\.action)).count, 9, "entries")
        try expectEqual(Set((page + rest).map(\.hash)).count, 9, "hashes")
        let next = try await scene.reopened().store as? any AuditStore
        let chain = try await require(next, "the store").verifyAudit(of: .first)
        try expectEqual(chain, AuditChain(count: 9, brokenAt: nil), "the chain in another process")
    }

    @Sendable static func picking(_ scene: StoreScene) async throws {
        let people = try store(scene)
        let owner = try require(try await people.addFirst(user("a@a.vn"), to: .first), "the first user")
        var connections: [ConnectionID] = []
        for number in 0..<8 {
            let workspace = try require(try await people.addWorkspace("W\(number)", owner: owner), "a workspace")
            connections.append(
                try await scene.store.save(
                    workspace, platform: StoreScene.platform, name: "main", baseURL: "https://acme.example",
                    sealed: [1], configuration: [:]))
        }

        for number in 0..<8 {
            let owners = try await withThrowingTaskGroup(of: AccountID?.self) { group in
                for connection in connections {
                    group.addTask { @concurrent in
                        try await scene.store.saveAlone(
                            Account(
                                id: AccountID(0), connection: connection, platform: StoreScene.platform,
                                externalID: "\(number)", name: "One", currency: "VND", zoneName: "Etc/UTC"))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
            }
            try expectEqual(owners.count, 1, "workspaces that have it")
        }
    }

    @Sendable static func ownership(_ scene: StoreScene) async throws {
        let people = try store(scene)
        let owner = try require(try await people.addFirst(user("a@a.vn"), to: .first), "the first user")
        let other = try require(try await people.addWorkspace("other", owner: owner), "a workspace")
        let mine = try await scene.account("1")
        func save(_ workspace: WorkspaceID) async throws -> ConnectionID {
            try await scene.store.save(
                workspace, platform: StoreScene.platform, name: "connection 1", baseURL: "https://acme.example",
                sealed: [9], configuration: [:])
        }
        let theirs = try await save(other)

        try expect(theirs != mine.connection, "a connection of the same name replaced that of another workspace")
        try expectEqual(try await scene.store.connection(mine.connection)?.sealed, [1, 2, 3], "credential")
        try expectEqual(try await scene.store.connection(theirs)?.workspace, other, "workspace of the connection")
        let same = Account(
            id: AccountID(0), connection: theirs, platform: StoreScene.platform, externalID: "1", name: "One",
            currency: "VND", zoneName: "Asia/Ho_Chi_Minh")
        try expectEqual(try await scene.store.saveAlone(same), nil, "an account of another workspace")
        var own = same
        own.connection = mine.connection
        try expectEqual(try await scene.store.saveAlone(own), mine.id, "an account that is here already")
        own.externalID = "2"
        own.connection = theirs
        try expect(try await scene.store.saveAlone(own) != nil, "an account that nobody has")
        let id = try await scene.store.save(same)
        let account = try require(try await scene.store.account(id), "the account")
        try expectEqual(account.workspace, other, "workspace of the account")
        try expectEqual(mine.workspace, .first, "workspace of the first account")
        let name = ScheduleDefinition(
            workspace: other, name: "one", targets: [.platform(StoreScene.platform)], recurrence: .every(.hour1),
            zoneName: "UTC")
        let schedule = try require(
            try await scene.store.add(name, nextRunAt: nil, by: "a"), "a schedule of the other workspace")
        var twin = name
        twin.workspace = .first
        _ = try require(try await scene.store.add(twin, nextRunAt: nil, by: "a"), "one of the same name elsewhere")
        let stored = try require(try await scene.store.schedule(schedule), "the schedule")
        try expectEqual(stored.definition, name, "the definition")
        try expectEqual([account, mine].filter(stored.definition.covers).map(\.id), [id], "whom it reaches")
    }
}
