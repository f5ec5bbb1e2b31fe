import ConnectorKit
import Connectors
import StoreSQL
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

/// Questions that are asked before a job, of platforms whose limits or tokens they use up.
@Suite("Calls of questions")
struct QuestionCallsTests {
    private static let campaigns = "/publisher/campaigns?page=1&limit=1"
    private static let rows = #"{"payload":{"data":[],"pagination":{"total":0,"perPage":1,"currentPage":1}}}"#
    private static let key = Credential(["key": Secret("k")])
    private static let spacing = Duration.milliseconds(6500)

    private func boostiny(_ name: String = "default") -> Access {
        Access(
            platform: BoostinyConnector.id, name: name, baseURL: "http://b", credential: Self.key,
            configuration: ["identity": "k"])
    }

    private func questioner(
        _ world: EngineWorld, _ transport: ScriptedTransport, _ calls: QuestionCalls? = nil,
        inTurn: Questioner.MakingInTurn? = nil, standing: Questioner.Standing = .new
    ) -> Questioner {
        let renewing: Questioner.Renewing = { access, account, reason in
            let connector = try AdmitadConnector(configuration: access.configuration)
            return try await Control.renewal(
                of: access, for: account, because: reason, by: connector, over: transport, world.wallClock)
        }
        return Questioner(
            connectors: [BoostinyConnector.self, AdmitadConnector.self], clock: world.clock,
            wallClock: world.wallClock, random: RandomSource(SeededGenerator(seed: 1)), calls: calls,
            makingInTurn: inTurn, renewing: renewing, standing: standing, transport: { _ in transport })
    }

    private func control(_ world: EngineWorld) throws -> Control {
        var environment = try world.environment()
        environment.connectors = [BoostinyConnector.self, AdmitadConnector.self]
        return Control(environment)
    }

    /// How long the next call under Boostiny's limit has to wait.
    private func wait(_ world: EngineWorld) async throws -> Duration {
        let key = try BoostinyConnector(configuration: ["identity": "k"]).quotaKeys(of: "me")[0]
        let limit = try #require(BoostinyConnector.platform.quotas[key.family])
        return try await world.store.withQuota(key, limit: limit) { quota, now in
            guard case .wait(let until) = quota.take(1, atLeast: 1, at: now) else { return Duration.zero }
            return until - now
        }
    }

    @Test("One answer serves all questions that are one call")
    func oneCall() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let transport = ScriptedTransport([Self.campaigns: [.status(200, Self.rows)]])
            let questioner = questioner(world, transport)
            _ = try await questioner.facts(of: "me", with: boostiny())
            _ = try await questioner.credentialFacts(with: boostiny())
            await #expect {
                _ = try await questioner.facts(of: "abc", with: boostiny())
            } throws: { error in
                guard case EngineError.unknownAccount("abc", let reachable, _) = error else { return false }
                return reachable?.map(\.externalID) == ["me"]
            }
            #expect(transport.targets == [Self.campaigns])
        }
    }

    @Test("Without a database a second call waits for its turn, and the jobs after it wait for theirs")
    func countedLater() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let transport = ScriptedTransport([Self.campaigns: [.status(200, Self.rows)]])
            let calls = QuestionCalls(world.wallClock)
            let start = world.wallClock.now
            for _ in 0..<2 {
                _ = try await questioner(world, transport, calls).facts(of: "me", with: boostiny())
            }
            #expect(world.wallClock.now - start == Self.spacing)
            #expect(calls.count == 2)

            try await control(world).charge(calls)
            #expect(try await wait(world) == Self.spacing)
            try await control(world).charge(calls)
            #expect(try await wait(world) == Self.spacing)
        }
    }

    @Test("With a database a call waits for its turn among those of all workers, and is counted at once")
    func inTurn() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let transport = ScriptedTransport([Self.campaigns: [.status(200, Self.rows)]])
            let control = try control(world)
            #expect(try await wait(world) == .zero)
            let start = world.wallClock.now
            let questioner = questioner(world, transport, inTurn: { try await control.makeInTurn($0, $1) })
            _ = try await questioner.facts(of: "me", with: boostiny())
            #expect(world.wallClock.now - start == Self.spacing)
            #expect(try await wait(world) == Self.spacing)
        }
    }

    @Test("Calls that may not overlap do not, whoever makes them")
    func alone() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let control = try control(world)
            let connector = try BoostinyConnector(configuration: ["identity": "k"])
            let call = connector.call(for: .accounts, cursor: nil, credential: Self.key, at: world.wallClock.now)
            let start = world.wallClock.now
            let ends = try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        _ = try await control.makeInTurn(call) {
                            try await world.clock.sleep(for: .seconds(60))
                            return WireResponse(status: 200, body: [])
                        }
                        return world.wallClock.now - start
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            #expect(ends[0] == .seconds(60))
            #expect(ends[1] >= .seconds(120))
        }
    }

    @Test("A limit that is reached meanwhile is told, and the call is not made")
    func blocked() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let control = try control(world)
            let transport = ScriptedTransport([:])
            let key = try BoostinyConnector(configuration: ["identity": "k"]).quotaKeys(of: "me")[0]
            let end = world.wallClock.now + .seconds(600)
            try await control.note(block: key, of: BoostinyConnector.id, until: end)
            let questioner = questioner(world, transport, inTurn: { try await control.makeInTurn($0, $1) })
            await #expect {
                _ = try await questioner.facts(of: "me", with: boostiny())
            } throws: { error in
                guard case EngineError.throttled(_, key, let until) = error else { return false }
                return until == end
            }
            #expect(transport.targets.isEmpty)
        }
    }

    // MARK: Tokens

    private static let actions = "/statistics/actions/?limit=1&offset=0"
    private static let none = ScriptedTransport.Reply.status(200, #"{"results":[],"_meta":{"count":0}}"#)

    private static func token(_ name: String) -> ScriptedTransport.Reply {
        .status(200, #"{"access_token":"\#(name)","expires_in":604800,"scope":"statistics"}"#)
    }

    private static func refusal(_ code: Int) -> ScriptedTransport.Reply {
        .status(401, #"{"error":"invalid_token","error_code":\#(code)}"#)
    }

    private func admitad(_ more: [String: String] = [:]) -> Access {
        let values = ["client_id": "c", "client_secret": "s"].merging(more) { $1 }
        return Access(
            platform: AdmitadConnector.id, baseURL: "http://a", credential: Credential(values.mapValues { Secret($0) }))
    }

    @Test("A token that is refused just after it was made is replaced once", arguments: [0, 1])
    func refusedYoung(code: Int) throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let transport = ScriptedTransport([
                "/token/": [Self.token("t1"), Self.token("t2")], Self.actions: [Self.refusal(code), Self.none],
            ])
            let questioner = questioner(world, transport)
            _ = try await questioner.facts(of: "me", with: admitad())
            #expect(transport.targets == ["/token/", Self.actions, "/token/", Self.actions])
            #expect(questioner.current(admitad()).credential["access_token"] == "t2")
        }
    }

    @Test("When its successor is refused as well, that is the end")
    func refusedTwice() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let transport = ScriptedTransport([
                "/token/": [Self.token("t1"), Self.token("t2")], Self.actions: [Self.refusal(1)],
            ])
            await #expect {
                _ = try await questioner(world, transport).facts(of: "me", with: admitad())
            } throws: { error in
                if case EngineError.rejected = error { true } else { false }
            }
            #expect(transport.targets == ["/token/", Self.actions, "/token/", Self.actions])
        }
    }

    @Test("A token of a connection that was refused is replaced before anything is asked with it")
    func refusedBefore() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let transport = ScriptedTransport(["/token/": [Self.token("t2")], Self.actions: [Self.none]])
            let questioner = questioner(world, transport, standing: .refused)
            _ = try await questioner.facts(of: "me", with: admitad(["access_token": "t1"]))
            _ = try await questioner.credentialFacts(with: admitad(["access_token": "t1"]))
            #expect(transport.targets == ["/token/", Self.actions])
        }
    }

    @Test("A stored token that may not do something is replaced once, and a new one is not")
    func scope() throws {
        let world = try EngineWorld()
        try world.prepare { world in
            let lacking = ScriptedTransport.Reply.status(403, #"{"error":"insufficient_scope","error_code":2}"#)
            let start = world.wallClock.now.seconds
            let made = ["access_token": "t1", "renewed_at": "\(start)", "expires_at": "\(start + 604_800)"]
            let granted = ScriptedTransport(["/token/": [Self.token("t2")], Self.actions: [lacking, Self.none]])
            _ = try await questioner(world, granted, standing: .stored).facts(of: "me", with: admitad(made))
            #expect(granted.targets == [Self.actions, "/token/", Self.actions])

            let new = ScriptedTransport(["/token/": [Self.token("t1")], Self.actions: [lacking]])
            await #expect(throws: EngineError.self) {
                try await questioner(world, new).facts(of: "me", with: admitad())
            }
            #expect(new.targets == ["/token/", Self.actions])
        }
    }
}
