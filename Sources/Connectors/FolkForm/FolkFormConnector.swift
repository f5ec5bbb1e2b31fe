package import ConnectorKit
package import SyncCore

/// FolkForm, which receives conversations and messages (platforms.md 3).
package struct FolkFormConnector: Connector {
    package static let id = PlatformID("folkform")
    package static var platform: Platform { FolkFormPlatform.platform }
    /// A role's organization.
    private static let account = "me"

    /// What goes there has no table here.
    package let streams = [
        StreamSchema(
            platform: FolkFormConnector.id, id: .deliveries, stage: "deliveries", grain: .event,
            columns: [Column(context: "account_id", .text), Column("id", .text, "id")], key: ["account_id", "id"],
            summary: "What goes on to FolkForm.", isStored: false)
    ]
    private let requests: FolkFormRequests

    package init(configuration: [String: String] = [:]) throws {
        for name in configuration.keys.sorted() where name != "identity" {
            throw ConfigurationError("FolkForm has no setting \(name).")
        }
        requests = FolkFormRequests(
            quota: QuotaKey(FolkFormConnector.id, FolkFormPlatform.family, configuration["identity"] ?? "default"))
    }

    package func quotaKeys(of account: String) -> [QuotaKey] { [requests.quota] }

    package func plan(_ request: PlanRequest) -> [ChunkSpec] { [ChunkSpec(stream: .deliveries, phase: .recent)] }

    package func call(for work: ChunkWork) -> Call { FolkFormUpload(work: work).call(requests) }

    package func sent(with work: ChunkWork) -> [OutboxItem] { FolkFormUpload(work: work).items }

    package func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        FolkFormUpload(work: work).read(response, requests.quota)
    }

    package func read(_ error: TransportError, to call: Call, of work: ChunkWork) -> Reading? {
        guard error == .timedOut else { return nil }
        let upload = FolkFormUpload(work: work)
        return upload.smaller(upload.items)
    }

    package func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }

    // MARK: Questions: one cheap call tells whether token and role work

    package func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        requests.get("/facebook/conversation/find-with-pagination", [("page", "1"), ("limit", "1")], credential)
    }

    package func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        let body = JSONTree.parse(response.body)
        guard (200..<300).contains(response.status), let body, body["status"]?.string != "error" else {
            return .failed(FolkFormError(response).failure(quota: requests.quota, at: now))
        }
        let facts = AccountFacts(
            externalID: FolkFormConnector.account, name: "FolkForm", currency: AccountFacts.severalCurrencies,
            zoneName: "UTC")
        switch question {
        case .account: return .account(facts)
        case .accounts: return .accounts([facts], next: nil)
        case .credential: return .credential(CredentialFacts(isValid: true))
        }
    }
}
