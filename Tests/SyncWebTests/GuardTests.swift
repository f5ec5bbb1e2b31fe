import ConnectorKit
import HTTPTypes
import Hummingbird
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@testable import SyncWeb

/// A route as the walks below know it: each of `Operation.all` that lets only some in, with what has to be sent so that
/// it is about something of the first workspace.
struct GuardedRoute: Sendable, CustomTestStringConvertible {
    var method: HTTPRequest.Method
    var path: String
    var right: Right
    var form: [(String, String)]
    var operation: Operation

    var testDescription: String { "\(method) \(path)" }

    var hasID: Bool { path.contains("{") || form.contains { $0.1.contains("{") } }

    static let all: [GuardedRoute] = Operation.all.compactMap { operation in
        guard let right = operation.right else { return nil }
        let name = "\(operation.method) \(operation.path)"
        var path = operation.path.replacing("{platform}", with: "meta")
        for (start, thing) in things where path.hasPrefix(start) { path = path.replacing("{id}", with: "{\(thing)}") }
        return GuardedRoute(
            method: operation.method, path: path + (queries[name] ?? ""), right: right, form: forms[name] ?? [],
            operation: operation)
    }

    static let withIDs = all.filter(\.hasID)

    /// What `{id}` stands for, by the beginning of the address; the first that fits counts.
    private static let things: [(String, String)] = [
        ("/accounts/", "account"), ("/connections/", "connection"), ("/sync/schedules/", "schedule"),
        ("/sync/jobs/", "job"), ("/sync/logs/", "job"), ("/sync/quick/", "request"),
        ("/sync/settings/people/invitations/", "invitation"), ("/sync/settings/people/", "user"),
        ("/sync/settings/tokens/", "token"), ("/sync/settings/you/sessions/", "session"),
        ("/sync/settings/notifications/deliveries/", "delivery"), ("/sync/settings/notifications/", "target"),
        ("/workspaces/", "workspace"),
    ]

    private static let queries = [
        "GET /connect/{platform}/accounts": "?connection={connection}", "GET /live": "?page=/accounts/{account}",
        "GET /sync/price": "?schedule={schedule}",
    ]

    private static let forms: [String: [(String, String)]] = [
        "POST /accounts/{id}/resync": [("from", "2026-11-01"), ("to", "2026-11-02")],
        "POST /accounts/{id}/destination": [("destination", "none")],
        "POST /connect/{platform}/accounts": [("connection", "{connection}"), ("account", "1")],
        "POST /connect/{platform}/accounts/plan": [("connection", "{connection}")],
        "POST /sync/settings/quotas": [("key", "{quota}"), ("points", "5"), ("seconds", "1")],
        "POST /sync/settings/people": [("mail", "new@an.vn"), ("role", "viewer")],
        "POST /sync/settings/people/{id}/role": [("role", "viewer")],
        "POST /sync/settings/tokens": [("name", "n"), ("scope", "read")],
        "POST /sync/settings/notifications": [
            ("kind", "slack"), ("address", "https://hooks.example/a"), ("event", "failed"), ("name", "n"),
        ],
        "POST /sync/settings/notifications/{id}": [("event", "failed"), ("name", "t")],
        "PUT /sync/settings/notifications/{id}": [("event", "failed"), ("name", "t")],
        "POST /workspaces/{id}": [("name", "Taken over")],
    ]

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
        let schedule = try await ScheduleBook(lab.environment).create(
            ScheduleDefinition(
                name: "nightly", targets: [.account(account.id)], recurrence: .every(.hour1), zoneName: "UTC"),
            by: "test")
        let request = Requests.uuid()
        _ = try await lab.store.request(
            SyncRequest(
                id: request, workspace: .first, kind: .quick, actor: "test", range: "today", createdAt: lab.clock.now),
            [])
        let session = try #require(try await lab.store.sessions(of: owner).first?.hash)
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
            "connection": "\(account.connection)", "schedule": "\(schedule.schedule.id)",
            "request": request, "session": String(session.prefix(16)), "job": "\(run)", "account": "\(account.id)",
            "user": "\(user)", "token": "\(token)",
            "target": "\(target)", "delivery": "\(delivery)",
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
        try await SiteLab.withRows { lab in
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
        try await SiteLab.withRows { lab in
            _ = try await lab.owner()
            let ids = try await GuardedRoute.ids(lab)
            let owner = try #require(try await lab.store.user(email: "linh@an.vn")?.id)
            let visits: [(Right, SiteLab.Visit)] = [
                (.look, try await lab.member(.viewer, email: "v@an.vn")),
                (.act, try await lab.member(.operator, email: "o@an.vn")),
                (.look, try await lab.token([.read], of: owner)), (.act, try await lab.token([.run], of: owner)),
            ]

            let stranger = try await route.call(lab, ids, as: .stranger)
            #expect(stranger.status == 401, "\(stranger.text)")
            if route.method == .get {
                let sent = try await route.call(lab, ids, as: .stranger, html: true)
                #expect(sent.status == 303)
                #expect(sent.headers[.location]?.hasPrefix("/login?next=") == true)
            }
            for (right, visit) in visits where right.role < route.right.role {
                let reply = try await route.call(lab, ids, as: visit)
                #expect(reply.status == 403, "\(right): \(reply.text)")
            }
            if case .person = route.operation.access {
                let reply = try await route.call(lab, ids, as: try await lab.token([.admin], of: owner))
                #expect(reply.status == 403, "a token changes a person: \(reply.text)")
            }
            if route.method == .get, !route.isEndless {
                for (right, visit) in visits where right.role >= route.right.role {
                    let good = route.isUnoffered ? [404] : [200, 303]
                    let object = try await route.call(lab, ids, as: visit)
                    #expect(good.contains(object.status), "\(right) \(object.status) \(object.text)")
                    let page = try await route.call(lab, ids, as: visit, html: true)
                    #expect(good.contains(page.status), "\(right) \(page.status) \(page.text)")
                }
            }
        }
    }

    @Test(
        "Who calls too often is told when to come again, at every route but those that programs poll",
        arguments: GuardedRoute.all)
    func limited(_ route: GuardedRoute) async throws {
        try await SiteLab.withRows { lab in
            let owner = try await lab.owner()
            let ids = try await GuardedRoute.ids(lab)
            let user = try #require(try await lab.store.user(email: "linh@an.vn")?.id)
            while (try? lab.site.runs.take(for: "\(user)")) != nil {}
            while (try? lab.site.changes.take(for: "\(user)")) != nil {}
            while (try? lab.site.looks.take(for: "\(user)")) != nil {}

            let reply = try await route.call(lab, ids, as: owner)

            guard !route.isPolled else {
                #expect(reply.status == 200)
                return
            }
            #expect(reply.status == 429, "\(reply.text)")
            #expect(reply.headers[.retryAfter].flatMap { Int($0) } ?? 0 >= 1)
        }
    }

    @Test("A change that another site sends is refused, whoever is signed in", arguments: Operation.changing)
    func crossSite(_ operation: Operation) async throws {
        try await SiteLab.withRows { lab in
            let owner = try await lab.owner()
            let path = operation.path.replacing("{id}", with: "1").replacing("{platform}", with: "meta")
            let before = try await lab.store.verifyAudit(of: .first).count

            for (header, value) in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")] {
                for (name, visit) in [("owner", owner), ("stranger", .stranger)] {
                    let reply = try await lab.call(
                        operation.method, path, as: visit, form: [], headers: [(header, value)])
                    #expect(reply.status == 403, "\(name) \(header): \(reply.text)")
                    #expect(reply.text.contains("cross_site"), "\(name) \(header): \(reply.text)")
                }
            }
            // What a proxy wants to know is no token.
            let basic = try await lab.call(
                operation.method, path, as: owner, form: [],
                headers: [("Sec-Fetch-Site", "cross-site"), ("Authorization", "Basic bGluaDp4")])
            #expect(basic.status == 403 && basic.text.contains("cross_site"), "\(basic.text)")
            #expect(try await lab.store.verifyAudit(of: .first).count == before, "something was done")
        }
    }

    @Test("The list that these walks go along is that of the router")
    func complete() async throws {
        try await SiteLab.withRows { lab in
            let routed = lab.site.router().routes.map { "\($0.method) \($0.path)" }
                .filter { !$0.hasPrefix("GET /assets/") }
            let listed = Operation.all.map { "\($0.method) \($0.path)" }

            #expect(Set(routed).subtracting(listed).sorted() == [], "without an entry in Operation.all")
            #expect(Set(listed).subtracting(routed).sorted() == [], "of no route")
            #expect(listed.count == Set(listed).count)
        }
    }
}

extension GuardedRoute {
    /// Told from memory, as often as somebody likes.
    var isPolled: Bool { method == .get && path.hasPrefix("/facebook/") }
    /// A stream: it ends with whoever listens.
    var isEndless: Bool { operation.path == "/live" }
    /// Of other platforms: Meta has no app here, and its accounts are opened by no consent.
    var isUnoffered: Bool {
        operation.path == "/connect/{platform}/login" || operation.path == "/connections/{id}/consent"
    }
}

extension Operation: CustomTestStringConvertible {
    var testDescription: String { "\(method) \(path)" }
    static let changing = all.filter { $0.method != .get }
}
