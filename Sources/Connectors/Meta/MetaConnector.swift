package import ConnectorKit
package import SyncCore

/// Meta: businesses, ad accounts, campaigns, ad sets, ads, pages, posts and insights, through the Graph API.
package struct MetaConnector: Connector {
    package static let id = PlatformID("meta")
    package static var platform: Platform { MetaPlatform.platform }

    package let streams: [StreamSchema]
    let configuration: MetaConfiguration
    let reports: [StreamID: MetaReport]
    private let readers: [StreamID: RowReader]

    package init(configuration: [String: String] = [:]) throws {
        self.configuration = try MetaConfiguration(configuration)
        let reports = MetaReport.builtIn + self.configuration.reports
        streams = MetaSchemas.entities + reports.map(\.schema)
        self.reports = Dictionary(uniqueKeysWithValues: reports.map { ($0.schema.id, $0) })
        readers = Dictionary(uniqueKeysWithValues: streams.map { ($0.id, MetaTask.reader(for: $0)) })
    }

    package func plan(_ request: PlanRequest) -> [ChunkSpec] {
        MetaPlanner(request: request, reports: streams.compactMap { reports[$0.id] }).specs()
    }

    // MARK: Work

    /// The part of the connector that does a chunk.
    private enum Duty {
        case listing(MetaListing)
        case recheck(MetaRecheck)
        case accounts(MetaAccounts)
        case posts(MetaPosts)
        case insights(MetaInsights)
    }

    private func duty(_ work: ChunkWork) -> Duty? {
        let stream = work.spec.stream
        guard let schema = streams.first(where: { $0.id == stream }), let reader = readers[stream] else { return nil }
        let task = MetaTask(
            work: work, schema: schema, reader: reader,
            requests: requests(account: work.account.externalID, credential: work.credential))
        if let report = reports[stream] { return .insights(MetaInsights(task: task, report: report)) }
        if work.spec.mode == MetaMode.recheck { return .recheck(MetaRecheck(task: task)) }
        switch stream {
        case .adAccounts: return .accounts(MetaAccounts(task: task))
        case .posts: return .posts(MetaPosts(task: task))
        default: return .listing(MetaListing(task: task, edge: MetaEdge.of(stream)))
        }
    }

    func requests(account: String, credential: Credential) -> MetaRequests {
        MetaRequests(credential: credential, quotas: quotas(of: account))
    }

    func quotas(of account: String) -> MetaQuotas {
        MetaQuotas(app: configuration.appID ?? "default", account: account)
    }

    package func quotaKeys(of account: String) -> [QuotaKey] { MetaFamily.allCases.map(quotas(of: account).key) }

    package func call(for work: ChunkWork) -> Call {
        switch duty(work) {
        case .listing(let duty): duty.call()
        case .recheck(let duty): duty.call()
        case .accounts(let duty): duty.call()
        case .posts(let duty): duty.call()
        case .insights(let duty): duty.call()
        case nil: requests(account: work.account.externalID, credential: work.credential).get("me", [], [.app])
        }
    }

    package func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        switch duty(work) {
        case .listing(let duty): duty.read(response)
        case .recheck(let duty): duty.read(response)
        case .accounts(let duty): duty.read(response)
        case .posts(let duty): duty.read(response)
        case .insights(let duty): duty.read(response)
        case nil: Reading(.failed(.bug(.init(code: "", "Meta has no stream \(work.spec.stream)."))))
        }
    }

    /// No answer in time means the same as a gateway that gave up waiting, and one that is larger than the client
    /// takes the same as one that is larger than Meta gives.
    package func read(_ error: TransportError, to call: Call, of work: ChunkWork) -> Reading? {
        switch error {
        case .timedOut: read(WireResponse(status: 504, body: []), to: call, of: work)
        case .tooLarge: read(WireResponse(status: 413, body: []), to: call, of: work)
        case .connectionRefused, .connectionReset, .unreachable, .forbidden: nil
        }
    }

    /// Vanished campaigns, ad sets and ads are still readable by their id, deleted ones too (meta.md 2.3).
    package func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] {
        guard [.campaigns, .adSets, .ads].contains(spec.stream) else { return [] }
        return ids.slices(of: MetaRecheck.most).map { slice in
            ChunkSpec(
                stream: spec.stream, phase: spec.phase, entities: EntitySet(column: "id", ids: slice),
                mode: MetaMode.recheck)
        }
    }
}

extension Array {
    /// The elements in pieces of `size` or fewer.
    func slices(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }

    /// Two halves of two elements or more.
    var halves: ([Element], [Element]) {
        (Array(prefix(count / 2)), Array(dropFirst(count / 2)))
    }
}

/// The words in `ChunkSpec.mode`.
enum MetaMode {
    /// A complete listing.
    static let list = "list"
    /// Only what changed after a moment: `changed:1767225600`, in unix seconds.
    static let changed = "changed"
    /// Some entities by id.
    static let recheck = "recheck"
    /// Posts of pages whose past is planned beside them, or follows for those where it is not known to be.
    static let whole = "whole"
    static let catchUp = "catch-up"
    /// Insights in answers that come at once, or as reports that Meta prepares.
    static let sync = "sync"
    static let report = "report"
    /// Added to the last two: archived and deleted entities are read too, in a second pass.
    static let archived = "+archived"

    static func changed(after moment: Instant) -> String { "\(changed):\(moment.seconds)" }

    static func moment(in mode: String) -> Int64? {
        guard mode.hasPrefix("\(changed):") else { return nil }
        return Int64(mode.dropFirst(changed.count + 1))
    }
}
