import ConnectorKit
import SyncCore

/// What is known of Shopee before any connection exists.
enum ShopeePlatform {
    /// Months that numbers reach back (platforms.md 1.8, error_date_too_old).
    static let retention = 6

    static let structure = JobStep("structure", phase: .recent)
    static let recent = JobStep("recent", phase: .recent)
    static let history = JobStep("history", phase: .history)

    /// As the stages were always called (replaced.md R2).
    static let campaignStage = "syncing_campaigns"
    static let performanceStage = "syncing_performance"
    static let budgetStage = "setting_budgets"

    static let platform = Platform(
        id: ShopeeConnector.id,
        name: "Shopee",
        baseURL: "https://partner.shopeemobile.com",
        credentialFields: [partnerID, partnerKey, accessToken, refreshToken],
        stages: [campaignStage, performanceStage, budgetStage],
        steps: [structure, recent, history],
        quotas: [
            // A little less than 3 in a second, so that a call which comes early is not the fourth.
            ShopeeFamily.app.rawValue: QuotaLimit(points: 2.95, per: .seconds(1), burst: 2),
            ShopeeFamily.shop.rawValue: QuotaLimit(points: 3, per: .seconds(1), burst: 3),
            ShopeeFamily.endpoint.rawValue: QuotaLimit(points: 3, per: .seconds(1), burst: 3),
        ],
        leastBlock: [
            ShopeeFamily.app.rawValue: .seconds(300),
            ShopeeFamily.shop.rawValue: .seconds(900),
            ShopeeFamily.endpoint.rawValue: .seconds(60),
        ],
        // A little more than a second: the way to the platform takes one call faster than another.
        sliding: [ShopeeFamily.app.rawValue: SlidingLimit(3, per: .milliseconds(1030))],
        tallies: [ShopeeStream.campaigns: ShopeeSchemas.campaignID],
        aliases: [
            StreamID("performance"): [
                ShopeeStream.campaignDaily, ShopeeStream.campaignHourly, ShopeeStream.shopDaily,
                ShopeeStream.shopHourly,
            ],
            StreamID("daily"): [ShopeeStream.campaignDaily, ShopeeStream.shopDaily],
            StreamID("hourly"): [ShopeeStream.campaignHourly, ShopeeStream.shopHourly],
        ],
        retentionMonths: retention,
        schedules: standingJobs,
        budgets: BudgetStreams(states: ShopeeStream.budgets, changes: ShopeeStream.budgetChanges),
        proof: ShopeeTotals.plan)

    /// The jobs that ran by cron before (replaced.md R2).
    private static let standingJobs = [
        ScheduleTemplate("Shopee: sync", recurrence: .every(.minutes15)),
        ScheduleTemplate(
            "Shopee: backfill of 7 days", recurrence: .at(DayTimes(daily: .seconds(19 * 3600))),
            days: .named(.last7Days)),
        ScheduleTemplate("Shopee: stuck clean-up", task: .rescue, recurrence: .every(.minutes10), missed: .skip),
        // On as soon as there is a plan to keep to.
        ScheduleTemplate(
            "Shopee: budget scheduler", streams: [ShopeeStream.budgets.rawValue], recurrence: .every(.minutes30),
            missed: .skip, isActive: false),
        ScheduleTemplate("Shopee: queue clean-up", task: .prune, recurrence: .at(DayTimes(daily: .seconds(2 * 3600)))),
    ]

    static let partnerID = CredentialField(
        "partner_id", variable: "SLUICE_SHOPEE_PARTNER_ID", isRequired: true,
        summary: "The id of your partner app with the Ads module; it is a number in the console of the Open Platform.")
    static let partnerKey = CredentialField(
        "partner_key", variable: "SLUICE_SHOPEE_PARTNER_KEY", isRequired: true,
        summary: "The live key of the same app; with it every call is signed.")
    static let accessToken = CredentialField(
        "access_token", variable: "SLUICE_SHOPEE_ACCESS_TOKEN", isRequired: false,
        summary: "A token of the shop for this app; sluice connect shopee gets one by itself.")
    static let refreshToken = CredentialField(
        "refresh_token", variable: "SLUICE_SHOPEE_REFRESH_TOKEN", isRequired: false,
        summary: "The token that renews it, once; sluice keeps what comes in its place.")
}

enum ShopeeStream {
    static let shops = StreamID("shops")
    static let campaigns = StreamID("campaigns")
    static let campaignDaily = StreamID("campaign_daily")
    static let campaignHourly = StreamID("campaign_hourly")
    static let shopDaily = StreamID("shop_daily")
    static let shopHourly = StreamID("shop_hourly")
    static let budgets = StreamID("budgets")
    static let budgetChanges = StreamID("budget_changes")
}

/// The words in `ChunkSpec.mode`.
enum ShopeeMode {
    /// Ids of all campaigns, their settings in chunks that follow.
    static let list = "list"
    /// Ids of all campaigns and nothing more.
    static let ids = "ids"
    /// Settings of some campaigns.
    static let settings = "settings"
    /// Whether campaigns that were not listed any more still exist.
    static let recheck = "recheck"
}

/// The three limits that every call touches (platforms.md 1.9).
enum ShopeeFamily: String, Sendable, CaseIterable {
    /// The partner app over all its shops.
    case app
    /// One shop of one app.
    case shop
    /// One address for one shop of one app.
    case endpoint
}

/// The limits of calls for one shop of one app as rows of `quotas`: `shopee/shop/1000001/220011`.
struct ShopeeQuotas: Sendable, Equatable {
    /// The partner id.
    var app: String
    var shop: String

    func key(_ family: ShopeeFamily, _ endpoint: ShopeeEndpoint) -> QuotaKey {
        switch family {
        case .app: QuotaKey(ShopeeConnector.id, family.rawValue, app)
        case .shop: QuotaKey(ShopeeConnector.id, family.rawValue, "\(app)/\(shop)")
        case .endpoint: QuotaKey(ShopeeConnector.id, family.rawValue, "\(app)/\(shop)/\(endpoint.rawValue)")
        }
    }

    func costs(_ endpoint: ShopeeEndpoint) -> [QuotaCost] {
        let families: [ShopeeFamily] = endpoint.isPublic ? [.app] : ShopeeFamily.allCases
        return families.map { QuotaCost(key($0, endpoint)) }
    }

    var keys: [QuotaKey] {
        var keys = Set<QuotaKey>()
        for endpoint in ShopeeEndpoint.allCases { keys.formUnion(costs(endpoint).map(\.key)) }
        return keys.sorted()
    }
}

/// The addresses that are called, by the last step of their paths (platforms.md 1.5, 1.6, 1.10).
enum ShopeeEndpoint: String, Sendable, CaseIterable {
    case exchange = "token/get"
    case renewal = "access_token/get"
    case consent = "auth_partner"
    case shops = "get_shops_by_partner"
    case shop = "get_shop_info"
    case ids = "get_product_level_campaign_id_list"
    case settings = "get_product_level_campaign_setting_info"
    case campaignDaily = "get_product_campaign_daily_performance"
    case campaignHourly = "get_product_campaign_hourly_performance"
    case shopDaily = "get_all_cpc_ads_daily_performance"
    case shopHourly = "get_all_cpc_ads_hourly_performance"
    case unseen = "get_gms_campaign_performance"
    case editManual = "edit_manual_product_ads"
    case editAuto = "edit_auto_product_ads"
    case editUnseen = "edit_gms_product_campaign"

    /// Without host, query and slash at its end: so it is signed.
    var path: String { "/api/v2/\(module)/\(rawValue)" }

    /// Called in the name of the app alone.
    var isPublic: Bool {
        switch self {
        case .exchange, .renewal, .consent, .shops: true
        default: false
        }
    }

    private var module: String {
        switch self {
        case .exchange, .renewal: "auth"
        case .shops: "public"
        case .consent, .shop: "shop"
        default: "ads"
        }
    }
}
