package import ConnectorKit
import FoundationEssentials
package import SyncCore

/// Admitad, an affiliate network, as a publisher sees it: programmes, coupons, and actions with the history of their
/// states.
package struct AdmitadConnector: Connector {
    package static let id = PlatformID("admitad")
    package static var platform: Platform { AdmitadPlatform.platform }
    /// A credential is a publisher's, and has one account.
    static let account = "me"

    package let streams: [StreamSchema]
    let settings: PublisherSettings
    let requests: AdmitadRequests
    private let readers: [StreamID: RowReader]

    package init(configuration: [String: String] = [:]) throws {
        settings = try PublisherSettings(configuration, of: "Admitad", since: AdmitadPlatform.oldest)
        requests = AdmitadRequests(
            quota: QuotaKey(AdmitadConnector.id, AdmitadPlatform.family, settings.identity))
        streams = AdmitadSchemas.all
        readers = Dictionary(uniqueKeysWithValues: streams.map { ($0.id, RowReader(schema: $0)) })
    }

    package func quotaKeys(of account: String) -> [QuotaKey] { [requests.quota] }

    package func plan(_ request: PlanRequest) -> [ChunkSpec] { AdmitadPlanner(request: request).specs() }

    package func call(for work: ChunkWork) -> Call {
        work.spec.stream == .totals ? AdmitadTotals(work: work).call(requests) : listing(work).call(requests)
    }

    package func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        work.spec.stream == .totals
            ? AdmitadTotals(work: work).read(response, requests.quota) : listing(work).read(response, requests.quota)
    }

    private func listing(_ work: ChunkWork) -> AdmitadListing { AdmitadListing(work: work, readers: readers) }

    /// A list is all there is to ask.
    package func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }
}
