package import ConnectorKit
package import SyncCore

/// Boostiny, an affiliate network, as a publisher sees it: programmes, coupons, and what codes have brought by day.
package struct BoostinyConnector: Connector {
    package static let id = PlatformID("boostiny")
    package static var platform: Platform { BoostinyPlatform.platform }
    /// A key is a publisher's, and has one account.
    private static let account = "me"

    package let streams = BoostinySchemas.all
    private let settings: PublisherSettings
    private let requests: BoostinyRequests
    private let readers = BoostinyReaders()

    package init(configuration: [String: String] = [:]) throws {
        settings = try PublisherSettings(configuration, of: "Boostiny", since: BoostinyPlatform.oldest)
        requests = BoostinyRequests(
            quota: QuotaKey(BoostinyConnector.id, BoostinyPlatform.family, settings.identity))
    }

    /// The key itself is a secret; limits are kept under a part of its hash.
    package static func identity(of credential: Credential) -> String? {
        credential["key"].map(HexCode.fingerprint)
    }

    package func quotaKeys(of account: String) -> [QuotaKey] { [requests.quota] }

    package func plan(_ request: PlanRequest) -> [ChunkSpec] { BoostinyPlanner(request: request).specs() }

    package func call(for work: ChunkWork) -> Call {
        work.spec.stream == .totals ? BoostinyTotals(work: work).call(requests) : listing(work).call(requests)
    }

    package func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        work.spec.stream == .totals
            ? BoostinyTotals(work: work).read(response, requests.quota) : listing(work).read(response, requests.quota)
    }

    private func listing(_ work: ChunkWork) -> BoostinyListing { BoostinyListing(work: work, readers: readers) }

    /// A list is all there is to ask.
    package func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }

    // MARK: Questions: one cheap call tells whether the key works

    package func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        // All questions are one: a second call would stand in line for seconds.
        requests.get("campaigns", [("page", "1"), ("limit", "1")], credential).reusable(for: .seconds(60))
    }

    package func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        guard (200..<300).contains(response.status), JSONTree.parse(response.body) != nil else {
            return .failed(BoostinyError(response).failure(quota: requests.quota, at: now))
        }
        // Earnings are in US dollars (platforms.md 5.4).
        let facts = AccountFacts(
            externalID: BoostinyConnector.account, name: "Boostiny", currency: "USD",
            zoneName: settings.zoneName, createdOn: settings.since)
        switch question {
        case .account(BoostinyConnector.account): return .account(facts)
        case .account:
            let cause = Failure.Cause(
                code: "", "Boostiny has one account for each credential.", advice: "Write --account me.")
            return .failed(.gone(cause))
        case .accounts: return .accounts([facts], next: nil)
        case .credential: return .credential(CredentialFacts(isValid: true))
        }
    }
}
