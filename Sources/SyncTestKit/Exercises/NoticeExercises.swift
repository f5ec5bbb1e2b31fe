import SyncCore

/// What people are told of, who is told, and what becomes of the messages.
package enum NoticeExercises {
    package static let all = [
        StoreExercise(
            "Chunks that failed for one reason are one cause, until a later run has read what they had", failed),
        StoreExercise("Totals that failed are made good by a later run that reads totals", failedTotals),
        StoreExercise("Runs that cannot be planned for one reason are one cause, until they go on", stuck),
        StoreExercise("A rejected credential is a cause, and a removed connection is none", rejected),
        StoreExercise("A credential is told of a week before its end, and is asked about again after a day", expiring),
        StoreExercise("A schedule whose run has not begun is late, and one whose run never ends is stuck", schedules),
        StoreExercise("A history that is complete is news, but for accounts that receive", histories),
        StoreExercise("A cause is told of once, to all who want to know, and closed when it is gone", opening),
        StoreExercise("Of many who open notices of one cause at once, one does", openingAtOnce),
        StoreExercise("What a person has read stays read, for that person alone", reading),
        StoreExercise("A target is changed by who knows its version, and its name is taken once", targets),
        StoreExercise("A delivery is in the hands of one, and comes back when that one is gone", claiming),
        StoreExercise("A delivery that arrived is not sent again, unless somebody asks for it", delivered),
        StoreExercise("A receiver that is gone gets nothing more", gone),
        StoreExercise("A delivery that kills who sends it is given up", poison),
        StoreExercise("What is over and old is removed, what is open stays", pruning),
    ]

    typealias Store = NoticeStore & PeopleStore & SyncStore

    private static func store(_ scene: StoreScene) throws -> any Store {
        try require(scene.store as? any Store, "a store of notices")
    }

    private static func target(
        _ name: String, _ topics: [NoticeTopic] = NoticeTopic.allCases, in workspace: WorkspaceID = .first
    ) -> NoticeTarget {
        NoticeTarget(
            workspace: workspace, kind: .webhook, name: name, address: "a.example/…", topics: topics, language: "vi",
            sealed: [1, 0, 255])
    }

    private static func cause(_ key: String = "failed/1/x/", _ kind: NoticeKind = .failed) -> NoticeCause {
        NoticeCause(
            workspace: .first, key: key, kind: kind, subject: 1,
            facts: NoticeFacts(name: "Cửa hàng", platform: "acme", accounts: ["A"], accountCount: 1, chunks: 2))
    }

    private static func changes(_ causes: [NoticeCause], _ known: [Notice], _ scene: StoreScene) -> NoticeChanges {
        NoticeChanges(causes: causes, known: known, now: scene.clock.now)
    }

    private static func causes(_ scene: StoreScene) async throws -> [NoticeCause] {
        try await store(scene).noticeState().causes
    }

    // MARK: Causes

    @Sendable static func histories(_ scene: StoreScene) async throws {
        let source = try await scene.account("source")
        let receiver = try await scene.account("receiver")
        for account in [source, receiver] {
            let job = try await scene.job(of: account, chunks: [StoreScene.listing()], steps: [.history])
            try await scene.complete(try await scene.claimOne())
            _ = try await scene.store.finish(job)
        }
        try expectEqual(try await causes(scene).map(\.subject), [source.id.value, receiver.id.value], "both are news")

        try await scene.store.route(source.id, to: receiver.id, keepsRows: true)

        try expectEqual(try await causes(scene).map(\.subject), [source.id.value], "what is news")
    }

    @Sendable static func failed(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let days = StoreScene.days("2026-11-01", "2026-11-10")
        let job = try await scene.job(
            of: account, chunks: [StoreScene.reading(days, of: ["a"]), StoreScene.reading(days, of: ["b"])])
        for chunk in try await scene.claim() {
            _ = try await scene.update(chunk, .fail(StoreScene.broken))
        }
        _ = try await scene.store.finish(job)

        let found = try await causes(scene)

        try expectEqual(found.map(\.kind), [.failed], "causes")
        let facts = try require(found.first, "the cause").facts
        try expectEqual(facts.chunks, 2, "chunks")
        try expectEqual(facts.accounts, ["Account 1"], "accounts")
        try expectEqual(facts.job, job.value, "the run")
        try expectEqual(facts.message, "The platform broke.", "why")
        try await complete(StoreScene.days("2026-11-03", "2026-11-03"), of: account, scene)
        try expectEqual(try await causes(scene).count, 1, "causes after some of it was read")
        try await complete(StoreScene.days("2026-10-01", "2026-11-10"), of: account, scene)
        try expectEqual(try await causes(scene).count, 0, "causes after all of it was read")
    }

    @Sendable static func failedTotals(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let look = ChunkSpec(
            stream: .totals, phase: .recent, days: StoreScene.days("2026-11-01", "2026-11-10"), mode: "look")
        let job = try await scene.job(of: account, chunks: [look])
        _ = try await scene.update(try await scene.claimOne(), .fail(StoreScene.broken))
        _ = try await scene.store.finish(job)
        try await complete(StoreScene.days("2026-11-01", "2026-11-10"), of: account, scene)
        try expectEqual(try await causes(scene).count, 1, "causes after a run without totals")

        var definition = StoreScene.definition(account, requested: look.days)
        definition.steps = [NewJob.Step(name: ProofStep.look(.recent), phase: .recent)]
        let second = try await scene.store.enqueue(definition).id
        let isAdded = try await scene.add([look], to: second, step: 0)
        try expect(isAdded, "the totals were not planned")
        try await scene.complete(try await scene.claimOne())
        _ = try await scene.store.finish(second)

        try expectEqual(try await causes(scene).count, 0, "causes after totals were read again")
    }

    @Sendable static func stuck(_ scene: StoreScene) async throws {
        var jobs: [JobID] = []
        let account = try await scene.account("1")
        var twin = account
        twin.externalID = "2"
        twin.name = "Account 2"
        twin.id = try await scene.store.save(twin)
        for account in [account, twin] {
            jobs.append(try await scene.store.enqueue(StoreScene.definition(account)).id)
            try await scene.store.cannotGoOn(jobs[jobs.count - 1], because: "The key is another one.")
        }
        let working = try await scene.job(of: scene.account("3"), chunks: [StoreScene.listing()])
        try await scene.store.cannotGoOn(working, because: "It works.")
        // Between two steps, with a chunk that failed.
        let between = try await scene.job(
            of: scene.account("4"), chunks: [StoreScene.listing()], steps: [.recent, .recent])
        for chunk in try await scene.claim() where chunk.job == between {
            _ = try await scene.update(chunk, .fail(StoreScene.broken))
        }

        let found = try await causes(scene).filter { $0.facts.chunks == nil }

        try expectEqual(found.map(\.facts.message), ["The key is another one."], "causes")
        try expectEqual(found.map(\.kind), [.failed], "kinds")
        try expectEqual(found.first?.facts.accounts, ["Account 1", "Account 2"], "accounts")
        try expectEqual(found.first?.facts.chunks, nil, "chunks")
        try expectEqual(found.first?.facts.job, jobs[1].value, "the newest run")
        try expectEqual(try await scene.jobNow(jobs[0]).errorMessage, "The key is another one.", "on the job")
        _ = try await scene.add([], to: jobs[0], step: 0)
        _ = try await scene.store.cancel(jobs[1], by: "Linh")
        try expectEqual(try await scene.jobNow(jobs[0]).errorMessage, nil, "once it goes on")
        try expectEqual(try await causes(scene).map(\.facts.chunks), [1], "causes once all go on")
    }

    private static func complete(_ days: DayRange, of account: Account, _ scene: StoreScene) async throws {
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(days)], requested: days)
        try await scene.complete(try await scene.claimOne())
        _ = try await scene.store.finish(job)
    }

    @Sendable static func rejected(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        let why = Failure.Cause(code: "190", "The token was rejected.", advice: "Connect again.")
        _ = try await scene.store.park(account.connection, version: 1, cause: why)
        _ = try await scene.store.forget(other.connection, sealed: [], by: "Linh")

        let found = try await causes(scene)

        try expectEqual(found.map(\.key), ["rejected/\(account.connection)"], "causes")
        try expectEqual(found.first?.facts.accounts, ["Account 1"], "accounts")
        try expectEqual(found.first?.facts.code, "190", "code")
        try await scene.store.resume(account.connection)
        try expectEqual(try await causes(scene), [], "causes behind another credential")
    }

    @Sendable static func expiring(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let store = try store(scene)
        let end = scene.clock.now + .seconds(8 * 86_400)
        try await store.note(end: end, of: account.connection)

        try expectEqual(try await causes(scene), [], "eight days before")
        scene.clock.advance(by: .seconds(86_400 + 1))
        try expectEqual(try await causes(scene).map(\.kind), [.expiring], "less than seven days before")
        try expectEqual(try await causes(scene).first?.facts.at, end, "when")
        let asked = try await store.credentialsToAsk(after: .seconds(86_400), limit: 9)
        try expectEqual(asked, [account.connection], "to be asked about")
        try await store.putOffAsking(of: account.connection)
        try expectEqual(try await store.credentialsToAsk(after: .seconds(86_400), limit: 9), [], "asked in vain")
        try expectEqual(try await causes(scene).count, 1, "what is known stays")
        try await store.note(end: nil, of: account.connection)
        try expectEqual(try await causes(scene), [], "one that does not end")
    }

    @Sendable static func schedules(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let account = try await scene.account("1")
        let definition = ScheduleDefinition(
            name: "Mỗi giờ", targets: [.account(account.id)], recurrence: .every(.minutes10), zoneName: "Etc/UTC")
        let due = scene.clock.now + .seconds(60)
        let schedule = try require(try await store.add(definition, nextRunAt: due, by: "Linh"), "the schedule")

        scene.clock.advance(by: .seconds(600))
        try expectEqual(try await causes(scene), [], "a little late")
        scene.clock.advance(by: .seconds(600))
        try expectEqual(try await causes(scene).map(\.kind), [.late], "late")
        try expectEqual(try await causes(scene).first?.facts.at, due, "since when")
        _ = try await store.turn(schedule, epoch: nil) { _ in
            ScheduleTurn(start: due, nextRunAt: due + .seconds(3600), held: [])
        }
        try expectEqual(try await causes(scene), [], "running")
        scene.clock.advance(by: .seconds(2 * 3600))
        try expectEqual(try await causes(scene).map(\.kind), [.stuck], "it keeps the next one from starting")
    }

    // MARK: Notices

    @Sendable static func opening(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let wants = try require(try await store.add(target("wants", [.failed])), "a target")
        _ = try await store.add(target("other", [.history]))
        let off = try require(try await store.add(target("off")), "a target")
        _ = try await store.turn(off, on: false, in: .first)

        try expectEqual(try await store.apply(changes([cause()], [], scene), word: "w"), 1, "opened")

        let known = try await store.noticeState().known
        try expectEqual(known.map(\.cause), [cause()], "notices")
        let deliveries = try await store.deliveries(of: .first, limit: 9)
        try expectEqual(deliveries.map(\.target), [wants], "who is told")
        try expectEqual(deliveries.first?.notice, known.first?.id, "of what")
        try expectEqual(deliveries.first?.message, "msg_w_\(try require(known.first, "it").id)", "the message's id")
        try expect(changes([cause()], known, scene).isEmpty, "the same cause is no news")
        var more = cause()
        more.facts.chunks = 70
        try expectEqual(try await store.apply(changes([more], known, scene), word: "x"), 0, "opened for more chunks")
        try expectEqual(try await store.noticeState().known.first?.facts.chunks, 70, "chunks")
        let grown = try await store.noticeState().known
        _ = try await store.apply(changes([], grown, scene), word: "y")
        let closed = try require(try await store.notices(of: .first, before: nil, limit: 9).first, "the notice")
        try expectEqual(closed.closedAt, scene.clock.now, "closed at")
        scene.clock.advance(by: .seconds(60))
        let back = changes([cause()], [closed], scene)
        try expectEqual(try await store.apply(back, word: "z"), 0, "opened when it came back at once")
        try expectEqual(try await store.notices(of: .first, before: nil, limit: 9).map(\.closedAt), [nil], "reopened")
        try expectEqual(try await store.deliveries(of: .first, limit: 9).count, 1, "messages of all that")
    }

    @Sendable static func openingAtOnce(_ scene: StoreScene) async throws {
        let store = try store(scene)
        _ = try await store.add(target("a"))
        let moment = cause("history/1/x", .history)
        let wanted = changes([cause(), moment], [], scene)

        let opened = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<6 { group.addTask { @concurrent in try await store.apply(wanted, word: "\(number)") } }
            return try await group.reduce(0, +)
        }

        try expectEqual(opened, 2, "opened")
        try expectEqual(try await store.deliveries(of: .first, limit: 99).count, 2, "messages")
        let known = try await store.noticeState().known
        try expect(changes([cause(), moment], known, scene).isEmpty, "a moment is told of once")
    }

    @Sendable static func reading(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let user = User(id: UserID(0), email: "a@a.vn", name: "A", passwordHash: "", preferences: User.Preferences())
        let id = try require(try await store.addFirst(user, to: .first), "a user")
        var second = user
        second.email = "b@a.vn"
        let other = try require(try await store.add(second, to: .first, as: .viewer), "another")
        _ = try await store.apply(changes([cause("a"), cause("b")], [], scene), word: "w")
        let newest = try require(try await store.notices(of: .first, before: nil, limit: 1).first?.id, "the newest")

        try expectEqual(try await store.unread(by: id, in: .first).count, 2, "new")
        try await store.markRead(upTo: newest, by: id, in: .first)
        try await store.markRead(upTo: NoticeID(newest.value - 1), by: id, in: .first)

        try expectEqual(try await store.unread(by: id, in: .first).count, 0, "new after reading")
        try expectEqual(try await store.unread(by: id, in: .first).seen, newest, "seen")
        try expectEqual(try await store.unread(by: other, in: .first).count, 2, "new for another")
        try expectEqual(
            try await store.notices(of: .first, before: newest, limit: 9).map(\.cause.key), ["a"], "older ones")
    }

    @Sendable static func targets(_ scene: StoreScene) async throws {
        let store = try store(scene)
        let id = try require(try await store.add(target("a")), "a target")
        _ = try await store.add(target("b"))
        try expectEqual(try await store.add(target("a")), nil, "another of that name")
        var wanted = try require(try await store.noticeTargets(of: .first).first, "it")
        try expectEqual(wanted.sealed, [1, 0, 255], "sealed")

        wanted.name = "c"
        wanted.topics = [.history]
        try expectEqual(try await store.replace(wanted), true, "changed")
        try expectEqual(try await store.replace(wanted), false, "changed by who knows the old one")
        wanted.version += 1
        wanted.name = "b"
        try expectEqual(try await store.replace(wanted), false, "a name that is taken")
        let stored = try await store.noticeTargets(of: .first)
        try expectEqual(stored.map(\.name), ["b", "c"], "by name")
        try expectEqual(stored.last?.topics, [.history], "topics")
        _ = try await store.addTest(of: id, in: .first, message: "m")
        try expectEqual(try await store.removeTarget(id, in: WorkspaceID(7)), false, "of another workspace")
        try expectEqual(try await store.removeTarget(id, in: .first), true, "removed")
        try expectEqual(try await store.deliveries(of: .first, limit: 9), [], "its messages")
        try expectEqual(try await store.addTest(of: id, in: .first, message: "m"), nil, "a message to it")
    }

    // MARK: Deliveries

    private static func one(_ scene: StoreScene) async throws -> (store: any Store, target: NoticeTargetID) {
        let store = try store(scene)
        let target = try require(try await store.add(target("a")), "a target")
        _ = try await store.apply(changes([cause()], [], scene), word: "w")
        return (store, target)
    }

    private static func claim(_ store: any Store) async throws -> [ClaimedDelivery] {
        try await store.claimDeliveries(limit: 9, lease: DeliveryPlan.lease)
    }

    private static func result(_ outcome: DeliveryResult.Outcome, _ answer: String) -> DeliveryResult {
        DeliveryResult(outcome, answer: answer, took: .milliseconds(20))
    }

    @Sendable static func claiming(_ scene: StoreScene) async throws {
        let (store, target) = try await one(scene)
        let taken = try await withThrowingTaskGroup(of: [ClaimedDelivery].self) { group in
            for _ in 0..<6 { group.addTask { @concurrent in try await claim(store) } }
            return try await group.reduce([], +)
        }
        let first = try require(taken.first, "a claim")
        try expectEqual(taken.count, 1, "claims of one delivery")
        try expectEqual(first.target.id, target, "to whom")
        try expectEqual(first.notice?.cause, cause(), "of what")

        scene.clock.advance(by: DeliveryPlan.lease + .seconds(1))
        let second = try require(try await claim(store).first, "a claim behind the lease")
        try expectEqual(second.delivery.attempts, 2, "tries")
        try expectEqual(second.delivery.message, first.delivery.message, "the message's id")
        let late = try await store.settle(first.delivery.id, fence: first.fence, result(.failed, "late"))
        try expectEqual(late, false, "what the first one says later")
        let at = scene.clock.now + .seconds(60)
        let again = try await store.settle(second.delivery.id, fence: second.fence, result(.again(at: at), "HTTP 500"))
        try expectEqual(again, true, "what the second one says")
        try expectEqual(try await claim(store).count, 0, "due before its time")
        scene.clock.advance(by: .seconds(61))
        try expectEqual(try await claim(store).count, 1, "due in its time")
    }

    @Sendable static func delivered(_ scene: StoreScene) async throws {
        let (store, target) = try await one(scene)
        let claimed = try require(try await claim(store).first, "a claim")
        try expectEqual(
            try await store.resend(claimed.delivery.id, in: .first), false, "sent again while it is on its way")
        _ = try await store.settle(claimed.delivery.id, fence: claimed.fence, result(.delivered, "HTTP 200"))

        scene.clock.advance(by: .seconds(86_400))
        try expectEqual(try await claim(store).count, 0, "claims of what arrived")
        let last = try await store.lastDeliveries(of: .first)
        try expectEqual(last[target]?.state, .completed, "the last one")
        try expectEqual(last[target]?.answer, "HTTP 200", "answer")
        try expectEqual(last[target]?.took, .milliseconds(20), "took")
        try expectEqual(try await store.resend(claimed.delivery.id, in: WorkspaceID(7)), false, "from elsewhere")
        try expectEqual(try await store.resend(claimed.delivery.id, in: .first), true, "asked for once more")
        let again = try require(try await claim(store).first, "a claim")
        try expectEqual(again.delivery.message, claimed.delivery.message, "the message's id")
        try expectEqual(again.delivery.attempts, 1, "tries")
    }

    @Sendable static func gone(_ scene: StoreScene) async throws {
        let (store, target) = try await one(scene)
        _ = try await store.addTest(of: target, in: .first, message: "t")
        let claimed = try await claim(store)
        let first = try require(claimed.first, "a claim")
        _ = try await store.settle(first.delivery.id, fence: first.fence, result(.gone, "HTTP 410"))

        let stored = try require(try await store.noticeTargets(of: .first).first, "the target")
        try expectEqual(stored.isOn, false, "on")
        try expectEqual(stored.offReason, "HTTP 410", "why")
        let states = Set(try await store.deliveries(of: .first, limit: 9).map(\.state))
        try expectEqual(states, [.failed], "its messages")
        let other = try require(claimed.last, "the other claim")
        let late = try await store.settle(
            other.delivery.id, fence: other.fence, result(.again(at: scene.clock.now), ""))
        try expectEqual(late, false, "one that was on its way")
        _ = try await store.turn(target, on: true, in: .first)
        try expectEqual(try await store.noticeTargets(of: .first).first?.offReason, nil, "why, once it is on")
    }

    @Sendable static func poison(_ scene: StoreScene) async throws {
        let (store, _) = try await one(scene)
        for _ in 0..<DeliveryPlan.mostTries {
            try expectEqual(try await claim(store).count, 1, "claims")
            scene.clock.advance(by: DeliveryPlan.lease + .seconds(1))
        }

        try expectEqual(try await claim(store).count, 0, "claims behind the last try")
        let state = try await store.deliveries(of: .first, limit: 1).first?.state
        try expectEqual(state, .failed, "state")
    }

    @Sendable static func pruning(_ scene: StoreScene) async throws {
        let (store, _) = try await one(scene)
        _ = try await store.apply(changes([cause("b")], [], scene), word: "w")
        for claimed in try await claim(store) {
            _ = try await store.settle(claimed.delivery.id, fence: claimed.fence, result(.delivered, "HTTP 200"))
        }
        let known = try await store.noticeState().known
        _ = try await store.apply(changes([cause("b")], known, scene), word: "w")
        let now = scene.clock.now

        try expectEqual(try await store.pruneNotices(before: now, limit: 99), 0, "of today")
        scene.clock.advance(by: .seconds(60))
        _ = try await store.pruneNotices(before: scene.clock.now, limit: 99)
        _ = try await store.pruneNotices(before: scene.clock.now, limit: 99)
        let left = try await store.notices(of: .first, before: nil, limit: 9)
        try expectEqual(left.map(\.cause.key), ["b"], "notices")
        try expectEqual(try await store.deliveries(of: .first, limit: 9), [], "messages")
    }
}
