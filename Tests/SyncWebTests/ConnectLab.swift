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

/// A site over a store in memory, with sandboxes in the place of the platforms.
final class ConnectLab: Sendable {
    let store: SQLiteStore
    let vault: Vault
    /// By base URL.
    private let platforms: Mutex<[String: any Sandbox]>
    private let sent = Mutex<[WireRequest]>([])
    let workspace: WorkspaceID
    private let tickets: [Role: String]
    /// Of an owner of another workspace.
    let stranger: String
    let options: Site.Options

    init(_ worlds: [any SandboxWorld], change: (inout Site.Options) -> Void = { _ in }) async throws {
        let clock = SystemWallClock()
        store = try SQLiteStore.inMemory(clock: clock)
        vault = try Vault(master: Secret([UInt8](repeating: 1, count: 32)), random: RandomSource())
        var platforms: [String: any Sandbox] = [:]
        for world in worlds {
            let platform = try Catalog.connectors.type(of: type(of: world).platform).platform
            platforms[platform.addressVariable == nil ? platform.baseURL : ConnectLab.receiver] = world.sandbox()
        }
        self.platforms = Mutex(platforms)
        workspace = .first
        var options = Site.Options(
            publicURL: "https://sluice.example", version: "1", engine: "SQLite", passwordCost: 4)
        change(&options)
        self.options = options
        var tickets: [Role: String] = [:]
        let owner = try #require(try await store.addFirst(ConnectLab.user("owner@a.vn"), to: .first))
        tickets[.owner] = try await ConnectLab.session(of: owner, in: .first, store)
        for role in [Role.viewer, .operator] {
            let id = try #require(try await store.add(ConnectLab.user("\(role)@a.vn"), to: .first, as: role))
            tickets[role] = try await ConnectLab.session(of: id, in: .first, store)
        }
        self.tickets = tickets
        let other = try #require(try await store.addWorkspace("other", owner: owner))
        let guest = try #require(try await store.add(ConnectLab.user("guest@b.vn"), to: other, as: .owner))
        stranger = try await ConnectLab.session(of: guest, in: other, store)
    }

    /// A small world as it is today.
    static func small<World: SandboxWorld>(_ type: World.Type) -> World {
        guard let world = type.named("small", seed: 3, sizes: [:], today: CivilDate(SystemWallClock().now, in: .gmt))
        else { preconditionFailure("every platform has a small world") }
        return world
    }

    /// Where FolkForm is.
    static let receiver = "https://folkform.example"

    private static func user(_ email: String) -> User {
        User(
            id: UserID(0), email: email, name: "Linh <Trần>", passwordHash: "",
            preferences: User.Preferences(language: "en"))
    }

    private static func session(
        of user: UserID, in workspace: WorkspaceID, _ store: SQLiteStore
    ) async throws -> String {
        let ticket = Ticket.make()
        let now = SystemWallClock().now
        try await store.begin(
            Session(
                hash: Ticket.hash(ticket), user: user, workspace: workspace, createdAt: now, seenAt: now,
                expiresAt: now + .seconds(3600), agent: "", address: ""))
        return ticket
    }

    var environment: EngineEnvironment {
        EngineEnvironment(
            store: store, clock: ContinuousClock(), wallClock: SystemWallClock(), random: RandomSource(), vault: vault,
            connectors: Catalog.connectors, transport: { Way(lab: self, connection: $0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, answers: answers)
    }

    private let answers = SharedAnswers(clock: ContinuousClock())

    private struct Way: Transport {
        let lab: ConnectLab
        let connection: Connection

        func send(_ request: WireRequest) async throws -> WireResponse {
            if connection.isGuarded, connection.baseURL.contains("10.0.0.1") {
                throw TransportError.forbidden(host: "10.0.0.1")
            }
            return try lab.answer(request, at: connection.baseURL)
        }
    }

    func answer(_ request: WireRequest, at baseURL: String) throws -> WireResponse {
        sent.withLock { $0.append(request) }
        return try platforms.withLock { platforms in
            guard var sandbox = platforms[baseURL] else { throw TransportError.connectionRefused }
            defer { platforms[baseURL] = sandbox }
            return sandbox.respond(to: request, at: SystemWallClock().now).response
        }
    }

    /// Calls to platforms so far.
    var calls: Int { sent.withLock { $0.count } }

    // MARK: Visits

    struct Visit: Sendable {
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var text: String
        var location: String { headers[.location] ?? "" }
        func object() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
        /// What stands in the address it leads to.
        func query(_ name: String) -> String? {
            guard let mark = location.firstIndex(of: "?") else { return nil }
            let text = location[location.index(after: mark)...].prefix { $0 != "#" }
            return FormCoding.decode(String(text)).first { $0.name == name }?.value
        }
    }

    enum Wish { case html, json }

    func visit(
        _ method: HTTPRequest.Method = .get, _ path: String, _ fields: [(String, String)] = [], as role: Role? = .owner,
        ticket: String? = nil, for wish: Wish = .html, language: String = "en"
    ) async throws -> Visit {
        let all = try await visits(
            [(method: method, path: path, fields: fields)], as: role, ticket: ticket, for: wish, language: language)
        return all[0]
    }

    /// One after the other, at the same server.
    func visits(
        _ list: [(method: HTTPRequest.Method, path: String, fields: [(String, String)])], as role: Role? = .owner,
        ticket: String? = nil, for wish: Wish = .html, language: String = "en"
    ) async throws -> [Visit] {
        let site = try Site(store, environment, probe: FakeProbe(), options)
        var headers: HTTPFields = [
            .accept: wish == .html ? "text/html" : "application/json", .acceptLanguage: language,
        ]
        if let ticket = ticket ?? role.flatMap({ tickets[$0] }) {
            headers[.cookie] = "__Host-sluice=\(ticket); sluice=\(ticket)"
        }
        let common = headers
        return try await Application(router: site.router()).test(.router) { client in
            var visits: [Visit] = []
            for (method, path, fields) in list {
                var headers = common
                if method != .get { headers[.contentType] = "application/x-www-form-urlencoded" }
                let answer = try await client.executeRequest(
                    uri: path, method: method, headers: headers,
                    body: method == .get ? nil : ByteBuffer(string: FormCoding.encode(fields)))
                visits.append(
                    Visit(status: answer.status, headers: answer.headers, text: String(buffer: answer.body)))
            }
            return visits
        }
    }

    func post(
        _ path: String, _ fields: [(String, String)], as role: Role? = .owner, ticket: String? = nil,
        for wish: Wish = .html, language: String = "en"
    ) async throws -> Visit {
        try await visit(.post, path, fields, as: role, ticket: ticket, for: wish, language: language)
    }

    /// Follows a browser to a platform: where that sends it back to, from the path on.
    func browser(to address: String, at baseURL: String) throws -> String {
        let rest = address.dropFirst("https://".count)
        let target = String(rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...])
        let answer = try answer(WireRequest(.get, target), at: baseURL)
        let back = try #require(answer["location"])
        return String(back.replacing("https://sluice.example", with: "").prefix { $0 != "#" })
    }

    func connections() async throws -> [Connection] { try await store.connections() }

    func credential(of connection: Connection) throws -> [String: String] {
        try vault.open(connection.sealed, for: connection.sealSubject).mapValues { $0.reveal() }
    }
}
