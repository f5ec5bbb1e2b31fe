import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine
import SyncTestKit
import Synchronization
import Testing

@testable import SyncWeb

/// A whole server over a database in memory, with sandboxes instead of platforms: what a browser and a program see of
/// it.
struct SiteLab: Sendable {
    let store: any WebStore
    let clock: ManualWallClock
    let environment: EngineEnvironment
    let site: Site
    let client: any TestClientProtocol
    let world: MetaWorld
    let probe: StillProbe

    static let password = "cà phê sữa đá ngon"

    /// Nobody has an account yet.
    static func with(_ body: @escaping @Sendable (SiteLab) async throws -> Void) async throws {
        try await with(nil, body)
    }

    /// Over a file, which others can read beside the server: rows can be looked at and exported.
    static func withRows(_ body: @escaping @Sendable (SiteLab) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-site-\(Requests.uuid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await with(folder.appendingPathComponent("site.sqlite").path, body)
    }

    /// Under an address that people type: a proxy stands before it.
    static func behindProxy(_ body: @escaping @Sendable (SiteLab) async throws -> Void) async throws {
        try await with(nil, url: "http://sluice.test", body)
    }

    private static func with(
        _ path: String?, url: String? = nil, _ body: @escaping @Sendable (SiteLab) async throws -> Void
    ) async throws {
        let world = MetaWorld.small(seed: 7)
        let clock = ManualWallClock(MetaWorld.usualDay.start(in: .gmt) + .seconds(12 * 3600))
        let store =
            try path.map { try SQLiteStore.open(path: $0, mode: .work, clock: clock) }
            ?? SQLiteStore.inMemory(clock: clock)
        let sandbox = SandboxTransport(world.sandbox(), clock)
        let environment = EngineEnvironment(
            store: store, clock: ContinuousClock(), wallClock: clock, random: RandomSource(),
            vault: try Vault(master: Secret([UInt8](repeating: 7, count: 32)), random: RandomSource()),
            connectors: Catalog.connectors, transport: { _ in sandbox }, logger: Logger(label: "test"))
        var options = Site.Options(version: "1.0", engine: "SQLite", passwordCost: 4)
        options.publicURL = url
        if let path { options.rows = { try SQLiteSnapshot(path, knowing: $0) } }
        let probe = StillProbe()
        let site = try Site(store, environment, probe: probe, options)
        let application = Application(responder: site.router().buildResponder())
        try await application.test(.router) { client in
            try await body(
                SiteLab(
                    store: store, clock: clock, environment: environment, site: site, client: client, world: world,
                    probe: probe))
        }
    }

    // MARK: Calls

    struct Visit: Sendable {
        var cookie: String?
        var token: String?
        static let stranger = Visit()
    }

    struct Reply: Sendable {
        var status: Int
        var headers: HTTPFields
        var text: String

        var json: [String: Any] {
            ((try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]) ?? [:]
        }
    }

    /// As a program calls, unless `html`.
    func call(
        _ method: HTTPRequest.Method, _ path: String, as visit: Visit = .stranger, html: Bool = false,
        language: String? = nil, form: [(String, String)]? = nil, json: String? = nil,
        headers more: [(String, String)] = []
    ) async throws -> Reply {
        var headers: HTTPFields = [.accept: html ? "text/html,application/xhtml+xml" : "application/json"]
        if let cookie = visit.cookie { headers[.cookie] = cookie }
        if let token = visit.token { headers[.authorization] = "Bearer \(token)" }
        if let language { headers[.acceptLanguage] = language }
        for (name, value) in more { headers[try #require(HTTPField.Name(name))] = value }
        var body: ByteBuffer?
        if let form {
            headers[.contentType] = "application/x-www-form-urlencoded"
            body = ByteBuffer(
                string: form.map { "\(Renderer.escaped($0.0))=\(Renderer.escaped($0.1))" }.joined(separator: "&"))
        } else if let json {
            headers[.contentType] = "application/json"
            body = ByteBuffer(string: json)
        }
        return try await client.execute(uri: path, method: method, headers: headers, body: body) { response in
            Reply(
                status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
    }

    func get(_ path: String, as visit: Visit = .stranger, html: Bool = false) async throws -> Reply {
        try await call(.get, path, as: visit, html: html)
    }

    // MARK: People

    /// Sets the server up; the owner's browser.
    func owner() async throws -> Visit {
        let link = try #require(try await SetUp.link(store, at: clock.now))
        let code = String(link.split(separator: "=")[1])
        let reply = try await call(
            .post, "/setup",
            form: [
                ("code", code), ("workspace", "An Nhiên"), ("name", "Linh Trần"), ("email", "linh@an.vn"),
                ("password", SiteLab.password),
            ])
        #expect(reply.status == 200, "\(reply.text)")
        return try visit(reply)
    }

    func visit(_ reply: Reply) throws -> Visit {
        let cookies = reply.headers[values: .setCookie]
        let session = try #require(cookies.first { $0.hasPrefix("sluice=") && !$0.hasPrefix("sluice=;") })
        return Visit(cookie: String(session.prefix { $0 != ";" }))
    }

    /// A browser of somebody else in that workspace.
    func member(_ role: Role, of workspace: WorkspaceID = .first, email: String = "ha@an.vn") async throws -> Visit {
        let user = User(
            id: UserID(0), email: email, name: "Hà Nguyễn",
            passwordHash: try await site.passwords.hash(SiteLab.password), preferences: User.Preferences())
        _ = try await store.add(user, to: workspace, as: role)
        return try visit(
            try await call(.post, "/login", form: [("email", email), ("password", SiteLab.password)]))
    }

    /// A workspace beside the first, with somebody who owns it.
    func otherWorkspace() async throws -> (id: WorkspaceID, owner: Visit) {
        let owner = try #require(try await store.members(of: .first).first?.user.id)
        let id = try #require(try await store.addWorkspace("Other", owner: owner))
        return (id, try await member(.owner, of: id, email: "other@an.vn"))
    }

    // MARK: Accounts

    /// Stores the sandbox's Meta account; nothing is synced.
    /// `number` for one that the sandbox does not have.
    func meta(
        in workspace: WorkspaceID = .first, name: String = "Mộc Nhiên <b>&", number: String? = nil
    ) async throws -> Account {
        let values = Dictionary(uniqueKeysWithValues: world.credential.map { ($0.field, Secret($0.value)) })
        let connection = try await Control(environment).store(
            Access(
                workspace: workspace, platform: PlatformID("meta"), baseURL: "http://meta.test",
                credential: Credential(values)))
        let id = try await Control(environment).save(
            AccountFacts(
                externalID: number ?? world.account.replacing("act_", with: ""), name: name, currency: "VND",
                zoneName: "Asia/Ho_Chi_Minh", createdOn: MetaWorld.usualDay.adding(days: -120)), connection: connection)
        return try #require(try await store.account(id))
    }

    /// Works until nothing is left.
    func work() async throws {
        let engine = Engine(environment, options: .init(workers: 8, name: "lab"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            while try await !store.logs(
                LogFilter(workspace: .first, states: [.pending, .inProgress, .waiting]), before: nil, limit: 1
            ).isEmpty {
                try await ContinuousClock().sleep(for: .milliseconds(20))
            }
            engine.stop()
            try await group.waitForAll()
        }
    }
}

/// Answers at once, as the sandbox does.
final class SandboxTransport: Transport {
    private let sandbox: Mutex<any Sandbox>
    private let clock: any WallClock

    init(_ sandbox: any Sandbox, _ clock: any WallClock) {
        self.sandbox = Mutex(sandbox)
        self.clock = clock
    }

    func send(_ request: WireRequest) async throws -> WireResponse {
        sandbox.withLock { $0.respond(to: request, at: clock.now) }.response
    }
}

/// Of a process in which nothing goes wrong, until a test says so.
final class StillProbe: WorkerProbe {
    private let told = Mutex((flow: Health.ok, quotas: [QuotaUse]()))

    func tell(flow: Health = .ok, quotas: [QuotaUse] = []) { told.withLock { $0 = (flow, quotas) } }

    func readiness() async -> Health { .ok }
    func flow() async -> Health { told.withLock { $0.flow } }
    func vitals() async -> WorkerVitals {
        WorkerVitals(
            depth: nil, quotas: told.withLock { $0.quotas }, tally: Tally(), busyWorkers: 0, workers: 1,
            isDraining: false, startedAt: Instant(microseconds: 0), memory: nil, version: "1.0")
    }
}
