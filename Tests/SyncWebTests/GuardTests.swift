import ConnectorKit
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@testable import SyncWeb

/// A route as the walks below know it. Whoever adds a route adds it here: `{job}`, `{account}` and the like stand for
/// ids of the first workspace.
struct GuardedRoute: Sendable, CustomTestStringConvertible {
    var method: HTTPRequest.Method
    var path: String
    var right: Right
    var form: [(String, String)]

    init(_ method: HTTPRequest.Method, _ path: String, _ right: Right, _ form: [(String, String)] = []) {
        self.method = method
        self.path = path
        self.right = right
        self.form = form
    }

    var testDescription: String { "\(method) \(path)" }

    var hasID: Bool { path.contains("{") || form.contains { $0.1.contains("{") } }

    static let all: [GuardedRoute] = [
        GuardedRoute(.get, "/sync/logs", .look),
        GuardedRoute(.get, "/sync/logs/{job}", .look),
        GuardedRoute(.post, "/sync/jobs/{job}/retry", .act),
        GuardedRoute(.post, "/sync/jobs/{job}/cancel", .act),
        GuardedRoute(.post, "/sync/jobs/{job}/pause", .act),
        GuardedRoute(.post, "/sync/jobs/{job}/resume", .act),
        GuardedRoute(.get, "/sync/settings", .look),
        GuardedRoute(.get, "/sync/settings/quotas", .look),
        GuardedRoute(.post, "/sync/settings/quotas", .own, [("key", "{quota}"), ("points", "5"), ("seconds", "1")]),
        GuardedRoute(.get, "/sync/settings/backup", .look),
        GuardedRoute(.get, "/sync/settings/people", .look),
        GuardedRoute(.post, "/sync/settings/people", .own, [("mail", "new@an.vn"), ("role", "viewer")]),
        GuardedRoute(.post, "/sync/settings/people/{user}/role", .own, [("role", "viewer")]),
        GuardedRoute(.get, "/sync/settings/people/{user}/delete", .own),
        GuardedRoute(.post, "/sync/settings/people/{user}/delete", .own),
        GuardedRoute(.delete, "/sync/settings/people/{user}", .own),
        GuardedRoute(.post, "/sync/settings/people/{user}/sign-out", .own),
        GuardedRoute(.post, "/sync/settings/people/{user}/password", .own),
        GuardedRoute(.get, "/sync/settings/people/invitations/{invitation}/delete", .own),
        GuardedRoute(.post, "/sync/settings/people/invitations/{invitation}/delete", .own),
        GuardedRoute(.get, "/sync/settings/tokens", .look),
        GuardedRoute(.post, "/sync/settings/tokens", .own, [("name", "n"), ("scope", "read")]),
        GuardedRoute(.get, "/sync/settings/tokens/{token}/delete", .own),
        GuardedRoute(.post, "/sync/settings/tokens/{token}/delete", .own),
        GuardedRoute(.delete, "/sync/settings/tokens/{token}", .own),
        GuardedRoute(.get, "/sync/settings/notifications", .look),
        GuardedRoute(
            .post, "/sync/settings/notifications", .own,
            [("kind", "slack"), ("address", "https://hooks.example/a"), ("event", "failed"), ("name", "n")]),
        GuardedRoute(.post, "/sync/settings/notifications/{target}", .own, [("event", "failed"), ("name", "t")]),
        GuardedRoute(.post, "/sync/settings/notifications/{target}/toggle", .own),
        GuardedRoute(.post, "/sync/settings/notifications/{target}/test", .own),
        GuardedRoute(.get, "/sync/settings/notifications/{target}/delete", .own),
        GuardedRoute(.post, "/sync/settings/notifications/{target}/delete", .own),
        GuardedRoute(.delete, "/sync/settings/notifications/{target}", .own),
        GuardedRoute(.post, "/sync/settings/notifications/deliveries/{delivery}/resend", .own),
        GuardedRoute(.get, "/notices", .look),
        GuardedRoute(.post, "/notices/read", .look),
        GuardedRoute(.get, "/sync/settings/audit", .look),
        GuardedRoute(.get, "/sync/settings/you", .look),
        GuardedRoute(.get, "/workspaces", .look),
        GuardedRoute(.post, "/workspaces/{workspace}", .own, [("name", "Taken over")]),
    ]

    static let withIDs = all.filter(\.hasID)

    /// Things of the first workspace, by what stands for them.
    static func ids(_ lab: SiteLab) async throws -> [String: String] {
        let account = try await lab.meta()
        let run = try await lab.run(of: account)
        let owner = try #require(try await lab.store.members(of: .first).first?.user.id)
        // The owner may be elsewhere, too; this one is not.
        _ = try await lab.member(.viewer, email: "only@an.vn")
        let user = try #require(try await lab.store.user(email: "only@an.vn")?.id)
        let token = try await lab.store.add(
            APIToken(
                id: APITokenID(0), workspace: .first, user: owner, name: "first", prefix: "slc_x", hash: "x",
                scopes: [.read], createdAt: lab.clock.now, expiresAt: nil))
        let key = QuotaKey(account.platform, "account", account.externalID)
        _ = try await lab.store.withQuota(
            key, limit: QuotaLimit(points: 9, per: .seconds(1), burst: 9)
        ) { $0.charge(1, at: $1) }
        try await lab.store.offer(
            OneTimeLink(
                hash: "h", kind: .invitation, workspace: .first, email: "guest@an.vn", role: .viewer,
                createdAt: lab.clock.now, expiresAt: lab.clock.now + .seconds(600)))
        let book = TargetBook(lab.store, lab.environment)
        let target = try #require(
            try await book.add(
                TargetBook.Draft(
                    kind: .slack, name: "first", address: "https://hooks.example/first", topics: [.failed],
                    language: "en"), to: .first)
        ).id
        let delivery = try #require(try await book.test(target, in: .first))
        for claimed in try await lab.store.claimDeliveries(limit: 1, lease: .seconds(30)) {
            _ = try await lab.store.settle(
                delivery, fence: claimed.fence, DeliveryResult(.failed, answer: "HTTP 500", took: .zero))
        }
        return [
            "target": "\(target)", "delivery": "\(delivery)",
            "job": "\(run)", "account": "\(account.id)", "user": "\(user)", "token": "\(token)",
            "quota": key.rawValue, "invitation": Invitations.id("guest@an.vn"), "workspace": "1",
        ]
    }

    func call(
        _ lab: SiteLab, _ ids: [String: String], as visit: SiteLab.Visit, html: Bool = false
    ) async throws -> SiteLab.Reply {
        func filled(_ text: String) -> String {
            ids.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
        }
        let fields = form.map { ($0.0, filled($0.1)) }
        return try await lab.call(
            method, filled(path), as: visit, html: html, form: method == .post ? fields : nil)
    }
}

extension SiteLab {
    /// A run whose chunks wait for a worker.
    func run(of account: Account) async throws -> JobID {
        try await site.control.start(
            .init(),
            of: AccountFacts(
                externalID: account.externalID, name: account.name, currency: account.currency,
                zoneName: account.zoneName, createdOn: account.createdOn), connection: account.connection
        ).job
    }

    /// A program of that role's person with these scopes.
    func token(_ scopes: [TokenScope], of user: UserID, in workspace: WorkspaceID = .first) async throws -> Visit {
        let secret = Ticket.makeToken()
        _ = try await store.add(
            APIToken(
                id: APITokenID(0), workspace: workspace, user: user, name: scopes.map(\.rawValue).joined(),
                prefix: "slc",
                hash: Ticket.hash(secret), scopes: scopes, createdAt: clock.now, expiresAt: nil))
        return Visit(token: secret)
    }
}

@Suite("Who may do what", .timeLimit(.minutes(2)))
struct GuardTests {
    @Test("Every route with an id of another workspace says that there is nothing", arguments: GuardedRoute.withIDs)
    func foreign(_ route: GuardedRoute) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let other = try await lab.otherWorkspace()
            let ids = try await GuardedRoute.ids(lab)
            // Of its own there is something, so that it is no matter of an empty workspace.
            let record = try await lab.store.verifyAudit(of: .first).count

            let object = try await route.call(lab, ids, as: other.owner)
            let page = try await route.call(lab, ids, as: other.owner, html: true)
            let unknown = try await route.call(lab, ids.mapValues { _ in "99999" }, as: owner)

            #expect(object.status == 404, "\(object.text)")
            #expect(page.status == 404)
            #expect(unknown.status == 404, "\(unknown.text)")
            #expect(!object.text.contains("Mộc Nhiên") && !page.text.contains("Mộc Nhiên"))
            #expect(try await lab.store.verifyAudit(of: .first).count == record, "something was done")
            #expect(try await lab.store.tokens(of: .first).map(\.name) == ["first"])
            #expect(try await lab.store.links(of: .first, kind: .invitation).count == 1)
            #expect(try await lab.store.workspace(.first)?.name == "An Nhiên")
        }
    }

    @Test("Every route asks for its role and its scope, and strangers are sent away", arguments: GuardedRoute.all)
    func roles(_ route: GuardedRoute) async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let ids = try await GuardedRoute.ids(lab)
            let owner = try #require(try await lab.store.members(of: .first).first?.user.id)
            let visits: [(Right, SiteLab.Visit)] = [
                (.look, try await lab.member(.viewer, email: "v@an.vn")),
                (.act, try await lab.member(.operator, email: "o@an.vn")),
                (.look, try await lab.token([.read], of: owner)), (.act, try await lab.token([.run], of: owner)),
            ]

            let stranger = try await route.call(lab, ids, as: .stranger)
            #expect(stranger.status == 401, "\(stranger.text)")
            for (right, visit) in visits where right.role < route.right.role {
                let reply = try await route.call(lab, ids, as: visit)
                #expect(reply.status == 403, "\(right): \(reply.text)")
            }
            if route.method == .get {
                for (right, visit) in visits where right.role >= route.right.role {
                    #expect(try await route.call(lab, ids, as: visit).status == 200)
                    #expect(try await route.call(lab, ids, as: visit, html: true).status == 200)
                }
            }
        }
    }
}
