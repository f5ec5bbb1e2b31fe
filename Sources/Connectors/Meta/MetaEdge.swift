import SyncCore

/// A list that Meta offers: where it is and how it may be asked.
struct MetaEdge: Sendable {
    /// Path with `{account}` for the account's node.
    var path: String
    /// What filters put before a field: `campaign.updated_time`; nil when the edge has no filters.
    var prefix: String?
    /// Every status but DELETED: naming it is an error, and leaving ARCHIVED out hides rows (meta.md 2.3).
    var statuses: [String] = []
    var limit: Int
    var families: [MetaFamily]
    /// Without it a sync still makes sense: a refusal becomes a note.
    var isOptional: Bool
    /// The permission that the edge needs.
    var scope: String
    /// Fields that are given up before the whole list is.
    var details: Set<String> = []

    static let businesses = MetaEdge(
        path: "me/businesses", limit: 200, families: [.app], isOptional: true, scope: "business_management")
    static let adAccounts = MetaEdge(
        path: "me/adaccounts", limit: 200, families: [.app], isOptional: true, scope: "ads_read")
    static let pages = MetaEdge(
        path: "me/accounts", limit: 100, families: [.app, .pages], isOptional: true, scope: "pages_show_list",
        details: MetaFields.pageDetails)
    static let campaigns = MetaEdge(
        path: "{account}/campaigns", prefix: "campaign",
        statuses: ["ACTIVE", "PAUSED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"], limit: 200,
        families: [.account, .app, .management], isOptional: false, scope: "ads_read")
    static let adSets = MetaEdge(
        path: "{account}/adsets", prefix: "adset", statuses: campaigns.statuses + ["CAMPAIGN_PAUSED"], limit: 200,
        families: [.account, .app, .management], isOptional: false, scope: "ads_read")
    static let ads = MetaEdge(
        path: "{account}/ads", prefix: "ad",
        statuses: adSets.statuses + [
            "ADSET_PAUSED", "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO",
        ],
        limit: 200, families: [.account, .app, .management], isOptional: false, scope: "ads_read")

    static func of(_ stream: StreamID) -> MetaEdge {
        switch stream {
        case .businesses: businesses
        case .adAccounts: adAccounts
        case .campaigns: campaigns
        case .adSets: adSets
        case .ads: ads
        default: pages
        }
    }

    func path(account: String) -> String {
        path.hasPrefix("{account}") ? MetaID.node(account) + path.dropFirst("{account}".count) : path
    }
}
