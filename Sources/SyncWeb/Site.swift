package import ConnectorKit
import HTTPTypes
package import Hummingbird
import NIOCore
package import StoreTransfer
package import SyncCore
package import SyncEngine

/// The whole server: pages and API over one database and the engine's control of it.
package struct Site: Sendable {
    let store: any WebStore
    let environment: EngineEnvironment
    let options: Options
    let cookies: SessionCookie
    let passwords: Passwords
    let renderer: Renderer
    let probe: any WorkerProbe
    let board: AccountBoard
    let frame: FrameFacts
    /// Parts of pages that several look at are drawn once for all of them.
    let drawn: FreshAnswers<LiveParts>
    /// What programs ask all the time.
    let polls: FreshAnswers<ByteBuffer>
    /// For calls that start work, and for those that try to sign in.
    let runs: CallLimit
    let entries: CallLimit
    /// Who signs in several times at once: a try that is still looked at is none in vain.
    let signIns = Turns()
    /// For calls that change something, and for those that look.
    let changes: CallLimit
    let looks: CallLimit
    let streams = StreamSeats()

    package struct Options: Sendable {
        /// Where people reach it: `https://sluice.example`; nil for the address that it listens on.
        package var publicURL: String?
        package var version: String
        /// `SQLite` or `PostgreSQL`.
        package var engine: String
        /// All data comes from sandboxes.
        package var isSimulated = false
        /// 2 to that power rounds of scrypt.
        package var passwordCost = 15
        /// Writes backups, where the server can.
        package var backups: (any BackupKeeper)?
        /// The database as it is when this is called, for pages of rows and for exports.
        package var rows: (@Sendable ([StreamSchema]) throws -> any RowSnapshot)?
        /// What the operator has put in the place of platforms' own addresses.
        package var addresses: [PlatformID: String] = [:]
        /// People may give the address of any platform, and addresses may lead into the operator's own network.
        package var allowsAddresses = false
        /// The operator's apps, by which people can sign in at platforms.
        package var apps: [PlatformID: Credential] = [:]
        /// What mail goes through; nil where the operator has set none.
        package var mailServer: MailServer?
        /// Throws `TransportError` for an address that no notice would be sent to.
        package var checkHook: @Sendable (HookAddress) async throws -> Void = { _ in }

        package init(
            publicURL: String? = nil, version: String, engine: String, isSimulated: Bool = false,
            passwordCost: Int = 15, backups: (any BackupKeeper)? = nil
        ) {
            self.backups = backups
            self.publicURL = publicURL
            self.version = version
            self.engine = engine
            self.isSimulated = isSimulated
            self.passwordCost = passwordCost
        }
    }

    /// What people may know of the mail server.
    package struct MailServer: Sendable {
        package var host: String
        package var sender: String
        package init(host: String, sender: String) {
            self.host = host
            self.sender = sender
        }
    }

    /// Throws when a template is wrong: a mistake of ours, found at the start.
    package init(
        _ store: any WebStore, _ environment: EngineEnvironment, probe: any WorkerProbe, _ options: Options
    ) throws {
        self.store = store
        self.environment = environment
        self.options = options
        self.probe = probe
        board = AccountBoard(store, environment)
        cookies = SessionCookie(isSecure: options.publicURL?.hasPrefix("https://") ?? false)
        passwords = Passwords(cost: options.passwordCost)
        let clock = environment.wallClock
        runs = CallLimit(QuotaLimit(points: 120, per: .seconds(60), burst: 60), clock: clock)
        entries = CallLimit(QuotaLimit(points: 60, per: .seconds(60), burst: 40), clock: clock)
        drawn = FreshAnswers(for: .milliseconds(200), clock: environment.clock)
        polls = FreshAnswers(for: .milliseconds(250), waitedFor: false, clock: environment.clock)
        changes = CallLimit(QuotaLimit(points: 600, per: .seconds(60), burst: 200), clock: clock)
        looks = CallLimit(QuotaLimit(points: 6000, per: .seconds(60), burst: 1000), clock: clock)
        frame = FrameFacts(store: store, board: board, options: options, clock: clock, probe: probe)
        let frame = frame
        renderer = Renderer(
            templates: try Templates(), statics: Statics(), cookies: cookies,
            frame: { try await frame.fill(&$0, $1, $2, $3) })
    }

    var control: Control { Control(environment) }
    var clock: any WallClock { environment.wallClock }

    /// Looks through all accounts, so that the first page need not. A database that is away is the next page's matter.
    package func warm() async {
        _ = try? await board.lookThrough()
    }

    package func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: Protection(
                cookies: cookies, caller: CallerAddress(isProxied: options.publicURL != nil)))
        router.add(middleware: ErrorAnswers(renderer: renderer))
        let methods = WrongMethod()
        router.add(middleware: methods)
        // What needs no database is there without one.
        HealthRoutes.addProbes(to: router, probe: probe)
        renderer.statics.add(to: router)
        DocumentRoutes(site: self).add(to: router)
        let server = store as? any HintStore
        router.add(middleware: LongAway { server?.absence })
        router.add(middleware: Authentication(people: store, cookies: cookies, clock: clock))
        // Behind it errors are told in the language of whoever it is; those of the router reach no further than here.
        router.add(middleware: ErrorAnswers(renderer: renderer))
        router.add(middleware: methods)
        router.add(
            middleware: SameOrigin(host: options.publicURL?.split(separator: "/").last.map(String.init)))
        router.add(middleware: ReadableAnswers(renderer: renderer))
        router.add(middleware: Pace(changes: changes, looks: looks))
        router.add(middleware: SentFields())
        router.add(middleware: OwnActs(drawn: drawn, polls: polls))
        HealthRoutes.addMetrics(to: router, probe: probe) { context in
            // Of this machine, unless a proxy stands before it: then all calls are of this machine.
            let isOwn = options.publicURL == nil && CallerAddress.isLocal(context.remoteAddress?.ipAddress ?? "")
            if isOwn { return nil }
            // Whose accounts others have is none of a member's business.
            return try await QuotaReader(site: self).keys(of: try visitor(context, .look).workspace.id)
        }
        EntryRoutes(site: self).add(to: router)
        FacebookRoutes(site: self).add(to: router)
        DashboardRoutes(site: self).add(to: router)
        AccountRoutes(site: self).add(to: router)
        AccountTabRoutes(site: self).add(to: router)
        DataRoutes(site: self).add(to: router)
        ProgressRoutes(site: self).add(to: router)
        LiveRoutes(site: self).add(to: router)
        RunRoutes(site: self).add(to: router)
        SystemRoutes(site: self).add(to: router)
        WorkOrderRoutes(site: self).add(to: router)
        let record = RecordReader(site: self)
        PeopleRoutes(site: self, record: record).add(to: router)
        TokenRoutes(site: self, record: record).add(to: router)
        RecordRoutes(site: self, record: record).add(to: router)
        OwnRoutes(site: self, record: record).add(to: router)
        NoticeRoutes(site: self, record: record).add(to: router)
        NoticeListRoutes(site: self, record: record).add(to: router)
        ScheduleRoutes(site: self).add(to: router)
        QuickRoutes(site: self).add(to: router)
        ConnectRoutes(site: self).add(to: router)
        KeysRoutes(site: self).add(to: router)
        EventRoutes(site: self).add(to: router)
        methods.know(router)
        return router
    }

    // MARK: What routes ask

    /// Throws 401 for who is not signed in, 403 for whose role or token does not allow it.
    func visitor(_ context: WebContext, _ right: Right) throws -> Visitor {
        guard let visitor = context.visitor else { throw WebError.signedOut }
        guard visitor.may(right) else { throw WebError.forbidden }
        return visitor
    }

    func record(_ visitor: Visitor, _ action: String, _ subject: String, _ detail: String = "") async throws {
        try await store.record(
            AuditEntry(
                workspace: visitor.workspace.id, actor: visitor.signature, action: action, subject: subject,
                detail: detail))
    }
}
