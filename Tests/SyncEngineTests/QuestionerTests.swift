import ConnectorKit
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@Suite("Questioner")
struct QuestionerTests {
    private struct World: Sendable {
        let transport: ScriptedTransport
        let clock = SimClock()
        let questioner: Questioner
        static let start = Instant(seconds: 1_795_000_000)

        init(_ script: [String: [ScriptedTransport.Reply]], blocked: [QuotaKey: Instant] = [:]) {
            let transport = ScriptedTransport(script)
            self.transport = transport
            questioner = Questioner(
                connectors: [FakeConnector.self], clock: clock,
                wallClock: SimWallClock(clock, start: World.start), random: RandomSource(SeededGenerator(seed: 1)),
                blocked: blocked
            ) { _ in transport }
        }

        func ask<Result: Sendable>(
            _ body: @escaping @Sendable (Questioner) async throws -> Result
        ) throws -> Result {
            try SimExecutor(seed: 1).run(clock: clock) { [questioner] in try await body(questioner) }
        }

        func error(_ body: @escaping @Sendable (Questioner) async throws -> Void) -> EngineError? {
            #expect(throws: EngineError.self) { try ask(body) }
        }
    }

    private static let access = Access(
        platform: PlatformID("fake"), baseURL: "http://fake", credential: Credential(["token": Secret("hunter2")]))

    @Test("The facts of an account cost one call")
    func facts() throws {
        let world = World(["/account/17": [.status(200, "17")]])

        let facts = try world.ask { try await $0.facts(of: "17", with: Self.access) }

        #expect(facts.externalID == "17")
        #expect(world.transport.targets == ["/account/17"])
    }

    @Test("A platform that fails for a moment is asked again after a pause")
    func transient() throws {
        let world = World([
            "/account/17": [
                .status(500), .broken(.connectionReset), .status(503), .broken(.timedOut), .status(200, "17"),
            ]
        ])

        let facts = try world.ask { try await $0.facts(of: "17", with: Self.access) }

        #expect(facts.name == "Shop 17")
        #expect(world.transport.targets.count == 5)
        #expect(world.clock.now.offset > .zero)
        #expect(world.clock.now.offset < .milliseconds(500 + 1000 + 2000 + 4000))
    }

    @Test("A platform that stays away is given up after five calls, with its last word")
    func outage() throws {
        let refusing = World(["/account/17": [.broken(.connectionRefused)]])
        let failing = World(["/account/17": [.status(500)]])

        let refused = refusing.error { _ = try await $0.facts(of: "17", with: Self.access) }
        let failed = failing.error { _ = try await $0.facts(of: "17", with: Self.access) }

        #expect(refusing.transport.targets.count == 5)
        #expect(refused?.description == "The platform refused the connection. (refused) Check the base URL.")
        guard case .unanswered(let cause) = failed else {
            Issue.record("\(String(describing: failed))")
            return
        }
        #expect(cause.code == "500")
    }

    @Test("A rejected credential is asked about once", arguments: [401, 498])
    func rejected(status: Int) throws {
        let world = World(["/account/17": [.status(status)]])

        let error = world.error { _ = try await $0.facts(of: "17", with: Self.access) }

        guard case .rejected(let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.code == "\(status)")
        #expect(world.transport.targets == ["/account/17"])
    }

    @Test("An unknown account is answered with all that the credential reaches", arguments: [404, 410])
    func unknownAccount(status: Int) throws {
        let world = World([
            "/account/17": [.status(status)],
            "/accounts/": [.status(200, "1,2>p2")],
            "/accounts/p2": [.status(500), .status(200, "3")],
        ])

        let error = world.error { _ = try await $0.facts(of: "17", with: Self.access) }

        guard case .unknownAccount(let id, let reachable, let failure) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(id == "17")
        #expect(reachable?.map(\.externalID) == ["1", "2", "3"])
        #expect(failure.cause.code == "\(status)")
        #expect(error?.description.contains("3  Shop 3") == true)
    }

    @Test("An answer for another account than the one that was asked for is none")
    func anotherAccount() throws {
        let world = World(["/account/abc": [.status(200, "17")]])

        let error = world.error { _ = try await $0.facts(of: "abc", with: Self.access) }

        guard case .unknownAccount("abc", let reachable, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reachable?.map(\.externalID) == ["17"])
    }

    @Test("A credential that is rejected while its accounts are listed is rejected")
    func rejectedWhileListing() throws {
        for status in [401, 498] {
            let world = World(["/account/17": [.status(404)], "/accounts/": [.status(status)]])

            let error = world.error { _ = try await $0.facts(of: "17", with: Self.access) }

            guard case .rejected = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(world.transport.targets == ["/account/17", "/accounts/"])
        }
    }

    @Test("An unknown account stays unknown when the list cannot be had", arguments: [400, 429])
    func listUnavailable(status: Int) throws {
        let world = World(["/account/17": [.status(410)], "/accounts/": [.status(status)]])

        let error = world.error { _ = try await $0.facts(of: "17", with: Self.access) }

        guard case .unknownAccount("17", let reachable, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reachable == nil)
    }

    @Test("A request that is refused for the list, too, says nothing of the account")
    func refusedAltogether() throws {
        let world = World(["/account/17": [.status(404)], "/accounts/": [.status(404)]])

        let error = world.error { _ = try await $0.facts(of: "17", with: Self.access) }

        guard case .unanswered(let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.code == "404")
    }

    @Test("A limit that is reached is told with its end, and not asked into")
    func throttled() throws {
        let key = FakeConnector.quota
        let world = World(["/account/17": [.status(429)]])

        let error = world.error { _ = try await $0.facts(of: "17", with: Self.access) }

        guard case .throttled(_, key, let until) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // The platform named no end: a minute is assumed.
        #expect(until > World.start + .seconds(50))

        let blocked = World(["/account/17": [.status(200, "17")]], blocked: [key: until])
        let again = blocked.error { _ = try await $0.facts(of: "17", with: Self.access) }

        guard case .throttled(_, key, until) = again else {
            Issue.record("\(String(describing: again))")
            return
        }
        #expect(blocked.transport.targets.isEmpty)
    }

    @Test("A list whose cursor does not move comes to an end")
    func endlessList() throws {
        let world = World(["/accounts/": [.status(200, "1>p2")], "/accounts/p2": [.status(200, "2>p2")]])

        let accounts = try world.ask { try await $0.reachable(with: Self.access) }

        #expect(accounts.map(\.externalID) == ["1", "2"])
    }

    @Test("The facts of a credential are told, or nothing, or that it is rejected")
    func credential() throws {
        let known = World(["/credential": [.status(200)]])
        let silent = World(["/credential": [.status(404)]])
        let lapsed = World(["/credential": [.status(498)]])

        #expect(try known.ask { try await $0.credentialFacts(with: Self.access) }?.scopes == ["read"])
        #expect(try silent.ask { try await $0.credentialFacts(with: Self.access) } == nil)
        let error = lapsed.error { _ = try await $0.credentialFacts(with: Self.access) }
        guard case .rejected = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("A platform or a setting that makes no sense is refused without a call")
    func configuration() throws {
        let world = World([:])
        var elsewhere = Self.access
        elsewhere.platform = PlatformID("nowhere")
        var wrong = Self.access
        wrong.configuration = ["wrong": "page_size must be a number"]

        let error = world.error { [elsewhere] in _ = try await $0.facts(of: "17", with: elsewhere) }
        #expect(error?.description == "There is no platform nowhere. Known: fake.")
        #expect(throws: ConfigurationError.self) {
            try world.ask { [wrong] in try await $0.facts(of: "17", with: wrong) }
        }
        #expect(world.transport.targets.isEmpty)
    }

    @Test("A cancelled question stops in the middle of a pause")
    func cancelled() throws {
        let world = World(["/account/17": [.status(500)]])

        try world.ask { questioner in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await questioner.facts(of: "17", with: Self.access)
                    }
                }
                while world.transport.targets.isEmpty { await Task.yield() }
                group.cancelAll()
            }
        }

        #expect(world.clock.now.offset == .zero)
    }
}
