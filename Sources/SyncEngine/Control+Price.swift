package import ConnectorKit
package import SyncCore

extension Control {
    /// Jobs of each account from which a price is told.
    private static let remembered = 12
    /// Accounts whose work is planned for a price, and first syncs of others that tell of one that was never read.
    private static let mostPlanned = 50
    fileprivate static let mostOthers = 20

    /// What `jobs` of the same would cost now. `days` tells the days of an account whose day it is; nil for all that is
    /// due. Streams that a platform does not have cost nothing there.
    package func price(
        of accounts: [Account], streams: [String], days: (CivilDate) -> DayRange?, kind: JobKind = .manual,
        from past: any PriceStore
    ) async throws -> Price {
        guard let workspace = accounts.first?.workspace else { return Price() }
        let desk = try await PriceDesk(self, past, workspace)
        let found = try await past.pastJobs(of: accounts.map(\.id), limit: Control.remembered)
        let known = Set(found.map(\.account))
        var wants: [Price.Want] = []
        for account in accounts {
            guard let connector = desk.connectors[account.connection] else { continue }
            let names = Control.known(streams, to: connector)
            if names.isEmpty, !streams.isEmpty { continue }
            let today = CivilDate(environment.wallClock.now, in: try account.zone())
            var want = Price.Want(
                account: account.id, streams: try Control.streams(names, of: connector), days: days(today),
                keys: connector.quotaKeys(of: account.externalID),
                isPoints: type(of: connector).platform.countsPoints)
            want.kind = kind
            if wants.count < Control.mostPlanned { try await plan(&want, account, connector) }
            if !known.contains(account.id) { want.others = try await desk.firstJobs(account.platform) }
            wants.append(want)
        }
        return try await desk.price(wants, found)
    }

    /// What the first sync of accounts would cost that a connection reaches and that are not stored yet.
    package func firstPrice(
        of accounts: [AccountFacts], at connection: Connection, from past: any PriceStore
    ) async throws -> Price {
        let desk = try await PriceDesk(self, past, connection.workspace)
        guard let connector = desk.connectors[connection.id] else { return Price() }
        let platform = type(of: connector).platform
        var wants: [Price.Want] = []
        for facts in accounts {
            let account = Account(
                id: AccountID(0), workspace: connection.workspace, connection: connection.id, platform: platform.id,
                externalID: facts.externalID, name: facts.name, currency: facts.currency, zoneName: facts.zoneName,
                createdOn: facts.createdOn, handle: facts.handle)
            var want = Price.Want(
                account: account.id, streams: try Control.streams([], of: connector), days: nil,
                keys: connector.quotaKeys(of: account.externalID), isPoints: platform.countsPoints)
            if wants.count < Control.mostPlanned { try await plan(&want, account, connector) }
            want.others = try await desk.firstJobs(platform.id)
            wants.append(want)
        }
        return try await desk.price(wants, [])
    }

    /// The chunks that a job for `want` would have, as far as they can be told before it runs.
    private func plan(_ want: inout Price.Want, _ account: Account, _ connector: any Connector) async throws {
        try await environment.store.prepare(connector.streams)
        let order = Order(days: want.days, kind: want.kind)
        let (job, _) = try newJob(order, account, want.streams, of: connector)
        want.span = (job.recent?.count ?? 0) + (job.history?.count ?? 0)
        let now = environment.wallClock.now
        let planning = Planning(
            environment: environment, connector: connector, account: account, zone: try account.zone())
        let learned = try await environment.store.learned(account: account.id)
        var pieces: [PastJob.Piece] = []
        var reading: [StreamID: Set<CivilDate>] = [:]
        for step in job.steps {
            let specs = try await planning.specs(
                job, JobStep(step.name, phase: step.phase), learned, createdAt: now, reading: reading)
            if step.phase == .history { want.later += specs.count }
            for spec in specs {
                reading[spec.stream, default: []].formUnion(spec.days?.days ?? [])
                let way = ChunkWay(mode: spec.mode)
                let days = spec.days?.count ?? 0
                let index = pieces.firstIndex { $0.stream == spec.stream && $0.way == way }
                if let index {
                    pieces[index].chunks += 1
                    pieces[index].days += days
                } else {
                    pieces.append(PastJob.Piece(stream: spec.stream, way: way, chunks: 1, days: days))
                }
            }
        }
        want.plan = pieces
        let schemas = connector.streams.filter { want.streams.contains($0.id) }
        let stages = Set(schemas.filter { schema in pieces.contains { $0.stream == schema.id } }.map(\.stage))
        want.isFound = !Set(schemas.map(\.stage)).isSubset(of: stages)
    }

    /// Those of `names` that mean something to a platform.
    package static func known(_ names: [String], to connector: any Connector) -> [String] {
        names.filter { (try? streams([$0], of: connector)) != nil }
    }
}

/// What is stored and open, looked up once for a price.
private final class PriceDesk {
    let connectors: [ConnectionID: any Connector]
    private let environment: EngineEnvironment
    private let past: any PriceStore
    private let workspace: WorkspaceID
    private let accounts: [Account]
    private var first: [PlatformID: [PastJob]] = [:]

    init(_ control: Control, _ past: any PriceStore, _ workspace: WorkspaceID) async throws {
        let environment = control.environment
        self.environment = environment
        self.past = past
        self.workspace = workspace
        accounts = try await environment.store.accounts()
        let connections = try await environment.store.connections().filter { $0.workspace == workspace }
        connectors = Dictionary(
            connections.compactMap { connection in
                (try? environment.connectors.type(of: connection.platform)
                    .init(configuration: connection.configuration)).map { (connection.id, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Of the newest accounts of a platform.
    func firstJobs(_ platform: PlatformID) async throws -> [PastJob] {
        if let known = first[platform] { return known }
        let others = accounts.filter { $0.workspace == workspace && $0.platform == platform }
        let jobs = try await past.firstJobs(of: others.suffix(Control.mostOthers).map(\.id))
        first[platform] = jobs
        return jobs
    }

    func price(_ wants: [Price.Want], _ found: [PastJob]) async throws -> Price {
        let all = Dictionary(accounts.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let open = try await past.openLogs(in: workspace).compactMap { log -> Price.Open? in
            guard let account = all[log.account], let connector = connectors[account.connection] else { return nil }
            return Price.Open(log: log, keys: connector.quotaKeys(of: account.externalID))
        }
        let quotas = try await environment.store.quotas(.of(Set(wants.flatMap(\.keys)).sorted()))
        return Price(
            wants, past: found,
            quotas: Dictionary(quotas.map { ($0.key, $0.quota) }, uniquingKeysWith: { first, _ in first }), open: open,
            at: environment.wallClock.now)
    }
}
