import HTTPTypes
import SyncCore
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("Live streams", .timeLimit(.minutes(2)))
struct StreamTests {
    /// What ends the right to see a page, or changes it.
    enum Change: String, CaseIterable, Sendable {
        case signedOut, otherRole, removed, otherWorkspace, rested

        func make(_ lab: SiteLab, _ user: UserID) async throws {
            let session = try #require(try await lab.store.sessions(of: user).first)
            switch self {
            case .signedOut: try await lab.store.end(session: session.hash)
            case .otherRole: _ = try await lab.store.set(.operator, of: user, in: .first)
            case .removed: _ = try await lab.store.set(nil, of: user, in: .first)
            case .otherWorkspace:
                let other = try #require(try await lab.store.addWorkspace("Other", owner: user))
                try await lab.store.touch(session.hash, workspace: other)
            case .rested: lab.clock.advance(by: .seconds(12 * 3600))
            }
        }
    }

    @Test("of a page end with the order to read it anew when its reader is not who it was", arguments: Change.allCases)
    func pages(_ change: Change) async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let visit = try await lab.member(.viewer)
            let user = try #require(try await lab.store.user(email: "ha@an.vn")?.id)

            async let reply = lab.get("/live?page=/", as: visit)
            while lab.site.streams.count == 0 { try await ContinuousClock().sleep(for: .milliseconds(20)) }
            try await change.make(lab, user)
            let text = try await reply.text

            #expect(text.contains("event: regions"))
            #expect(text.hasSuffix("event: reload\ndata: rights\n\n"))
            while lab.site.streams.count > 0 { try await ContinuousClock().sleep(for: .milliseconds(20)) }
        }
    }

    @Test("of a program end with its token")
    func tokens() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let user = try #require(try await lab.store.user(email: "linh@an.vn")?.id)
            let token = try await lab.token([.read], of: user)

            async let reply = lab.call(.get, "/events", as: token, headers: [("Accept", "text/event-stream")])
            while lab.site.streams.count == 0 { try await ContinuousClock().sleep(for: .milliseconds(20)) }
            let id = try #require(try await lab.store.tokens(of: .first).first?.id)
            _ = try await lab.store.revoke(id, in: .first)

            #expect(try await reply.text.contains("event: snapshot"))
        }
    }

    @Test("look every five seconds at who reads them, however seldom they are read")
    func seldom() throws {
        let clock = SimClock()
        let due = try SimExecutor(seed: 1).run(clock: clock) {
            var rights = RightsCheck(clock)
            var due: [Bool] = []
            for pause in [4, 2, 1, 60, 1] {
                try await clock.sleep(for: .seconds(pause))
                due.append(rights.isDue())
            }
            return due
        }

        #expect(due == [false, true, false, true, false])
    }

    @Test("are counted by browser and by token, by person, and all together; one more is told when to come back")
    func seats() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let member = try #require(try await lab.store.members(of: .first).first)
            let workspace = try #require(try await lab.store.workspace(.first))
            let session = try #require(try await lab.store.sessions(of: member.user.id).first)
            func visitor(_ hash: String) -> Visitor {
                Visitor(user: member.user, role: .owner, workspace: workspace, means: .session(hash))
            }
            let most = lab.site.streams.mostEach
            var held = try (0..<most).map { _ in try lab.site.streams.take(for: visitor(session.hash)) }

            let live = try await lab.get("/live?page=/", as: owner)
            let events = try await lab.call(
                .get, "/events", as: owner, headers: [("Accept", "text/event-stream")])

            for refused in [live, events] {
                #expect(refused.status == 429)
                #expect(refused.headers[.retryAfter] == "10")
            }
            _ = try lab.site.streams.take(for: visitor("of another"))
            held.removeLast()
            _ = try lab.site.streams.take(for: visitor(session.hash))
            #expect(lab.site.streams.count == most - 1)

            var other = member.user
            other.id = UserID(99)
            let few = StreamSeats(mostEach: 2, mostOfOne: 3, most: 4)
            var all = try ["a", "a", "b"].map { try few.take(for: visitor($0)) }
            #expect(throws: WebError.self) { try few.take(for: visitor("b")) }
            func theirs() -> Visitor {
                Visitor(user: other, role: .viewer, workspace: workspace, means: .session("c"))
            }
            all.append(try few.take(for: theirs()))
            #expect(throws: WebError.self) { try few.take(for: theirs()) }
            #expect(all.count == few.count)
            all.removeAll()
            #expect(few.count == 0)
        }
    }
}
