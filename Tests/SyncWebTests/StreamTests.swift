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

    @Test("are counted by browser and by token, and all together; one more is told when to come back")
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

            let few = StreamSeats(mostEach: 2, most: 3)
            let all = try ["a", "a", "b"].map { try few.take(for: visitor($0)) }
            #expect(throws: WebError.self) { try few.take(for: visitor("c")) }
            #expect(all.count == few.count)
        }
    }
}
