import ConnectorKit
import SyncCore

/// The things of Meta as tables (meta.md 2): columns, types and where they are in a row.
enum MetaSchemas {
    static let entities = [businesses, adAccounts, campaigns, adSets, ads, pages, posts]

    private static let account = Column(
        context: "account_id", .text, "The ad account for which this was read, without `act_`")

    private static func stream(
        _ id: StreamID, stage: String, grain: StreamSchema.Grain = .entity, _ columns: [Column],
        key: [String] = ["account_id", "id"], summary: String, ignored: [String] = [], isShared: Bool = false
    ) -> StreamSchema {
        StreamSchema(
            platform: MetaConnector.id, id: id, stage: stage, grain: grain, columns: columns, key: key,
            summary: summary, ignored: ignored, isShared: isShared)
    }

    private static func text(_ name: String, _ summary: String = "") -> Column { Column(name, .text, name, summary) }
    private static func json(_ name: String, _ summary: String = "") -> Column { Column(name, .json, name, summary) }
    private static func count(_ name: String, _ summary: String = "") -> Column {
        Column(name, .integer, name, summary)
    }
    private static func flag(_ name: String, _ summary: String = "") -> Column { Column(name, .boolean, name, summary) }
    private static func time(_ name: String, _ summary: String = "") -> Column { Column(name, .instant, name, summary) }
    /// Objects carry money as minor units: `"5000"` is 50.00 (meta.md 2).
    private static func money(_ field: String, _ summary: String) -> Column {
        Column("\(field)_micros", .minorMoney, field, "\(summary), in millionths of the account's currency")
    }

    // MARK: Businesses and accounts

    static let businesses = stream(
        .businesses, stage: "businesses",
        [
            account, text("id"), text("name"), time("created_time"), time("updated_time"), count("timezone_id"),
            text("vertical"), text("verification_status", "`verified`, `not_verified`, `pending` and others"),
            Column("primary_page_id", .text, "primary_page.id"), text("two_factor_type"), text("link"),
            flag("is_hidden"), time("user_access_expire_time"),
        ],
        summary: "Businesses that the token's user belongs to.", isShared: true)

    static let adAccounts = stream(
        .adAccounts, stage: "accounts",
        [
            Column("account_id", .text, "account_id", "The account's own id, without `act_`"),
            text("id", "The account as a node: `act_` and its id"), text("name"),
            count("account_status", "1 active, 2 disabled, 3 unsettled, 9 grace period, 101 closed and others"),
            count("disable_reason", "0 none; else why Meta disabled the account"), text("currency", "ISO 4217"),
            text("timezone_name", "The zone in which the account's days are counted"), count("timezone_id"),
            Column("timezone_offset_hours_utc", .real, "timezone_offset_hours_utc"), time("created_time"),
            money("amount_spent", "Spent since the account began or its cap was reset"),
            money("balance", "What the account owes"), money("spend_cap", "The account's spending limit, 0 for none"),
            money("min_daily_budget", "The least daily budget"),
            money("min_campaign_group_spend_cap", "The least spending limit of a campaign"),
            Column("business_id", .text, "business.id"), Column("business_name", .text, "business.name"),
            text("owner"), Column("owner_business_id", .text, "owner_business.id"),
            Column("age", .real, "age", "Days since the account was made"), flag("is_prepay_account"),
            text("funding_source"), json("funding_source_details"), json("user_tasks"), json("capabilities"),
            json("attribution_spec"), json("tos_accepted"),
        ],
        key: ["account_id"], summary: "Ad accounts that the token reaches.")

    // MARK: Campaigns, ad sets, ads

    private static let states = [
        text("status"), text("configured_status", "What the advertiser set"),
        text("effective_status", "What is true, with parents and reviews counted in"),
    ]

    static let campaigns = stream(
        .campaigns, stage: "campaigns",
        [account, text("id"), text("name"), text("objective")] + states + [
            text("buying_type"), text("bid_strategy"), money("daily_budget", "Daily budget"),
            money("lifetime_budget", "Lifetime budget"), money("budget_remaining", "What is left of the budget"),
            money("spend_cap", "Spending limit"), json("special_ad_categories"), time("start_time"),
            time("stop_time"), time("created_time"), time("updated_time"), text("smart_promotion_type"),
            flag("is_adset_budget_sharing_enabled"), json("pacing_type"), json("promoted_object"), json("adlabels"),
            json("issues_info"), text("source_campaign_id"), text("topline_id"),
        ],
        summary: "Campaigns, the archived ones included.")

    static let adSets = stream(
        .adSets, stage: "adsets",
        [account, text("id"), text("campaign_id"), text("name")] + states + [
            money("daily_budget", "Daily budget"), money("lifetime_budget", "Lifetime budget"),
            money("budget_remaining", "What is left of the budget"), money("bid_amount", "Bid or cost cap"),
            text("bid_strategy"), json("bid_info"), json("bid_constraints"), text("billing_event"),
            text("optimization_goal"), text("destination_type"), json("attribution_spec"), json("promoted_object"),
            json("targeting"), time("start_time"), time("end_time"), time("created_time"), time("updated_time"),
            json("learning_stage_info"), json("issues_info"), flag("is_dynamic_creative"), json("pacing_type"),
            money("daily_min_spend_target", "Least spend of a day"), money("daily_spend_cap", "Most spend of a day"),
            money("lifetime_min_spend_target", "Least spend of the whole run"),
            money("lifetime_spend_cap", "Most spend of the whole run"), json("frequency_control_specs"),
            text("dsa_beneficiary"), text("dsa_payor"),
        ],
        summary: "Ad sets, the archived ones included.")

    static let ads = stream(
        .ads, stage: "ads",
        [account, text("id"), text("campaign_id"), text("adset_id"), text("name")] + states + [
            Column("creative_id", .text, "creative.id"), money("bid_amount", "Bid or cost cap"),
            json("tracking_specs"), json("conversion_specs"), time("created_time"), time("updated_time"),
            text("source_ad_id"), text("preview_shareable_link"), json("ad_review_feedback"), json("issues_info"),
            time("ad_schedule_start_time"), time("ad_schedule_end_time"), text("last_updated_by_app_id"),
            text("conversion_domain"),
        ],
        summary: "Ads, the archived ones included.")

    // MARK: Pages and posts

    static let pages = stream(
        .pages, stage: "pages",
        [
            account, text("id"), text("name"), text("username"), text("link"), text("category"),
            json("category_list"), json("tasks", "What the token's user may do with the page"), count("fan_count"),
            count("followers_count"), text("verification_status"), flag("is_published"),
            Column("instagram_business_account_id", .text, "instagram_business_account.id"),
            Column("business_id", .text, "business.id"), json("cover"), json("picture"), text("website"),
            count("talking_about_count"), Column("overall_star_rating", .real, "overall_star_rating"),
            count("rating_count"),
        ],
        summary: "Pages that the token's user has a role on.", ignored: ["access_token", "page_token"], isShared: true)

    static let posts = stream(
        .posts, stage: "posts", grain: .event,
        [
            account, Column(context: "page_id", .text, "The page that published it"),
            text("id", "The page's id, `_`, and the post's own"), text("message"), text("story"),
            time("created_time"), time("updated_time"), text("permalink_url"), text("full_picture"),
            text("status_type"), flag("is_published"), flag("is_hidden"), flag("is_expired"),
            Column("from_id", .text, "from.id"), Column("from_name", .text, "from.name"), text("parent_id"),
            text("promotable_id"), text("promotion_status"), flag("is_eligible_for_promotion"),
            Column("attachments", .json, "attachments.data"), Column("shares_count", .integer, "shares.count"),
            Column("comments_count", .integer, "comments.summary.total_count"),
            Column("reactions_count", .integer, "reactions.summary.total_count"),
        ],
        summary: "Published posts of the pages; Meta gives about the 600 highest-ranked of a year.",
        ignored: ["access_token"], isShared: true)
}

/// Which fields to ask for so that a schema's columns are filled.
enum MetaFields {
    /// What a field is asked for as, where its name alone is not enough.
    private static let expansions: [String: String] = [
        "creative": "creative{id}", "business": "business{id,name}", "owner_business": "owner_business{id}",
        "primary_page": "primary_page{id}",
        "instagram_business_account": "instagram_business_account{id}",
        "attachments": "attachments{media_type,title,url,subattachments}",
        "comments": "comments.limit(0).summary(true)", "reactions": "reactions.limit(0).summary(true)",
    ]

    /// Fields that are known to need more than reading (meta.md 2.2): left out first when Meta refuses without
    /// naming one.
    static let sensitive: Set<String> = ["owner", "business", "funding_source_details", "is_prepay_account"]

    /// All that may need a role or a scope which reading does not: left out next.
    static let gated: Set<String> = [
        "owner", "business", "owner_business", "funding_source", "funding_source_details", "is_prepay_account",
        "user_tasks",
        "two_factor_type", "user_access_expire_time", "tasks", "instagram_business_account",
    ]

    /// What a page has beyond its name: some of it needs more than the list of pages does (meta.md 2.6), and a page
    /// with little is better than none. Left out last.
    static let pageDetails: Set<String> = [
        "username", "link", "fan_count", "followers_count", "verification_status", "is_published", "cover", "picture",
        "website", "talking_about_count", "overall_star_rating", "rating_count",
    ]

    /// The member of a row that a column is in.
    static func root(of column: Column) -> String? {
        guard case .path(let path) = column.source else { return nil }
        return String(path.prefix { $0 != "." && $0 != "[" })
    }

    /// Roots of the columns, each once, in table order.
    static func roots(of schema: StreamSchema) -> [String] {
        schema.columns.compactMap(root(of:)).unique
    }

    static func parameter(_ roots: [String]) -> String {
        roots.map { expansions[$0] ?? $0 }.joined(separator: ",")
    }
}

/// How much of a row is asked for: less of one that cannot be shown whole, because the post behind an ad's creative is
/// gone, say (meta.md 2.4).
enum MetaExtent: String, Codable, Sendable {
    case whole, basics, id

    private static let basicFields: Set<String> = [
        "id", "account_id", "campaign_id", "adset_id", "name", "status", "configured_status", "effective_status",
        "created_time", "updated_time",
    ]

    /// The next smaller one.
    var less: MetaExtent? {
        switch self {
        case .whole: .basics
        case .basics: .id
        case .id: nil
        }
    }

    func fields(of schema: StreamSchema) -> [String] {
        switch self {
        case .whole: MetaFields.roots(of: schema)
        case .basics: MetaFields.roots(of: schema).filter(MetaExtent.basicFields.contains)
        case .id: ["id"]
        }
    }
}
