import ConnectorKit
import SyncCore

/// What is known of Meta before any connection exists.
enum MetaPlatform {
    /// The one place that names the version (meta.md 1).
    static let version = "v26.0"

    /// Months that numbers reach back (meta.md 3).
    static let retention = 37

    static let structure = JobStep("structure", phase: .recent)
    static let recent = JobStep("recent", phase: .recent)
    static let history = JobStep("history", phase: .history)

    static let platform = Platform(
        id: MetaConnector.id,
        name: "Meta",
        baseURL: "https://graph.facebook.com",
        credentialFields: [
            CredentialField(
                "token", variable: "SLUICE_META_TOKEN", isRequired: true,
                summary: "An access token of a system user or a user, with the permission ads_read; "
                    + "make one in the business settings of Meta."),
            CredentialField(
                "app_secret", variable: "SLUICE_META_APP_SECRET", isRequired: false,
                summary: "The secret of the app that the token belongs to; with it every call is signed."),
        ],
        stages: ["businesses", "accounts", "campaigns", "adsets", "ads", "pages", "posts", "insights"],
        steps: [structure, recent, history],
        quotas: quotas,
        leastBlock: [
            MetaFamily.account.rawValue: .seconds(60),
            MetaFamily.app.rawValue: .seconds(300),
            MetaFamily.insights.rawValue: .seconds(300),
            MetaFamily.management.rawValue: .seconds(300),
            MetaFamily.pages.rawValue: .seconds(300),
            MetaFamily.insightsOfApp.rawValue: .seconds(120),
            MetaFamily.reports.rawValue: .seconds(60),
        ],
        tallies: [.campaigns: "effective_status", .adSets: "effective_status", .ads: "effective_status"],
        aliases: [
            StreamID("accounts"): [.adAccounts],
            StreamID("adsets"): [.adSets],
            StreamID("insights"): [.campaignInsights, .adSetInsights, .adInsights],
        ],
        retentionMonths: retention, countsPoints: true)

    /// The score limiter of the full tier (meta.md 6.1). The other limits depend on things that the API does
    /// not tell (active ads, daily users): they start generous, and headers and throttles do the rest.
    private static let quotas: [String: QuotaLimit] = [
        MetaFamily.account.rawValue: standard,
        MetaFamily.app.rawValue: QuotaLimit(points: 1000, per: .seconds(1), burst: 50_000),
        MetaFamily.insights.rawValue: QuotaLimit(points: 190_000, per: .seconds(3600), burst: 19_000),
        MetaFamily.management.rawValue: QuotaLimit(points: 100_000, per: .seconds(3600), burst: 10_000),
        MetaFamily.pages.rawValue: QuotaLimit(points: 100, per: .seconds(1), burst: 5000),
        MetaFamily.insightsOfApp.rawValue: QuotaLimit(points: 1000, per: .seconds(1), burst: 50_000),
        MetaFamily.reports.rawValue: QuotaLimit(points: 60, per: .seconds(60), burst: 50),
    ]

    private static let standard = QuotaLimit(points: 9000, per: .seconds(300), burst: 8100)
    private static let development = QuotaLimit(points: 60, per: .seconds(300), burst: 54)

    /// The score limit of a tier as the headers name it; nil for a tier that is not known.
    static func accountLimit(tier: String) -> QuotaLimit? {
        switch tier {
        case "development_access": development
        case "standard_access": standard
        default: nil
        }
    }
}

extension StreamID {
    static let businesses = StreamID("businesses")
    static let adAccounts = StreamID("ad_accounts")
    static let campaigns = StreamID("campaigns")
    static let adSets = StreamID("ad_sets")
    static let ads = StreamID("ads")
    static let pages = StreamID("pages")
    static let posts = StreamID("posts")
    static let campaignInsights = StreamID("campaign_insights")
    static let adSetInsights = StreamID("ad_set_insights")
    static let adInsights = StreamID("ad_insights")
}
