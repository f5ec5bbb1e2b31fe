import ConnectorKit
import SyncCore

/// The things of Admitad as tables (platforms.md 4.4, 4.6). Its times name no zone; they are stored as if they were
/// UTC.
enum AdmitadSchemas {
    static let all = [programs, coupons, actions, history]

    private static let account = Column(context: "account_id", .text, "`me`, the publisher of the credential")

    private static func stream(
        _ id: StreamID, stage: String, grain: StreamSchema.Grain, _ columns: [Column], key: [String], summary: String,
        performance: StreamSchema.Performance? = nil, reread: RereadSchedule = RereadSchedule()
    ) -> StreamSchema {
        StreamSchema(
            platform: AdmitadConnector.id, id: id, stage: stage, grain: grain, columns: [account] + columns,
            key: ["account_id"] + key, summary: summary, performance: performance, reread: reread)
    }

    private static func text(_ name: String, _ summary: String = "") -> Column { Column(name, .text, name, summary) }
    private static func json(_ name: String, _ summary: String = "") -> Column { Column(name, .json, name, summary) }
    private static func count(_ name: String, _ summary: String = "") -> Column {
        Column(name, .integer, name, summary)
    }
    private static func ratio(_ name: String, _ summary: String = "") -> Column { Column(name, .real, name, summary) }
    private static func flag(_ name: String, _ summary: String = "") -> Column { Column(name, .boolean, name, summary) }
    private static func time(_ name: String, _ summary: String = "") -> Column { Column(name, .instant, name, summary) }
    private static func money(_ field: String, _ summary: String) -> Column {
        Column("\(field)_micros", .money, field, "\(summary), in millionths of the row's currency")
    }

    static let programs = stream(
        .programs, stage: "campaigns", grain: .entity,
        [
            text("id"), text("name"), text("site_url"), text("status", "`active` and others"),
            text("connection_status", "`active`, `pending`, `declined`"), text("currency", "ISO 4217"),
            ratio("rating"), ratio("ecpc"), ratio("epc"), ratio("cr"), ratio("rate_of_approve", "Percent"),
            text("image"), text("description"), text("raw_description"), json("regions"), json("categories"),
            json("traffics"), json("actions", "What is paid for, with size and hold time"), json("actions_detail"),
            count("avg_hold_time", "Days"), count("max_hold_time", "Days"),
            text("ecpc_trend"), text("epc_trend"), text("cr_trend"), flag("coupon_iframe_denied"), flag("denynewwms"),
            flag("show_products_links"), count("actions_limit"), count("actions_limit_24"),
            count("action_testing_limit"), text("landing_code"), text("landing_title"), json("mobile_os"),
            text("mobile_os_type"), text("mobile_device_type"), count("avg_money_transfer_time", "Days"),
            count("goto_cookie_lifetime", "Days"), text("gotolink"),
            flag("allow_deeplink"), flag("exclusive"), flag("moderation"), flag("geotargeting"), flag("retag"),
            text("products_xml_link"), text("products_csv_link"), json("feeds_info"), time("activation_date"),
            time("modified_date"), json("action_countries"), flag("allow_actions_all_countries"),
        ], key: ["id"], summary: "Programmes of advertisers that the publisher can see.")

    static let coupons = stream(
        .coupons, stage: "coupons", grain: .entity,
        [
            text("id"), text("name"), text("short_name"), text("status"), ratio("rating"),
            Column("campaign_id", .text, "campaign.id", "The programme"),
            Column("campaign_name", .text, "campaign.name"),
            text("description"), flag("exclusive"), time("date_start"), time("date_end"), json("regions"),
            text("language"), text("discount"), json("types"), text("species", "`promocode` or `action`"),
            text("promocode"), json("categories"), text("image"),
        ], key: ["id"], summary: "Coupons and offers of programmes.")

    private static let result = [
        text("status", "`pending`, `approved`, `declined`, `approved_but_stalled`"),
        money("payment", "What the publisher earns"), money("cart", "What the order is worth"),
        text("currency", "ISO 4217"), count("processed", "1 when the advertiser is done with it"),
        count("paid", "1 when it was paid out"), text("comment", "Why it was declined"),
        time("status_updated", "When it changed last"),
    ]

    static let actions = stream(
        .actions, stage: "purchases", grain: .daily,
        [
            text("action_id"), Column("date", .date, "action_date", "The day of the action"), time("action_date"),
        ] + result + [
            text("action"), text("action_type", "`lead` or `sale`"), text("advcampaign_id", "The programme"),
            text("advcampaign_name"), text("website_id"), text("website_name"), text("order_id"), text("promocode"),
            time("click_date"), time("closing_date"), count("conversion_time", "Seconds from click to action"),
            text("tariff_id"), text("banner_id"), text("keyword"), text("click_user_referer"), text("subid"),
            text("subid1"), text("subid2"), text("subid3"), text("subid4"), json("positions"),
        ], key: ["action_id"], summary: "Actions that are paid for: leads and sales, each in its newest state.",
        performance: StreamSchema.Performance(
            campaign: "advcampaign_id", revenue: "payment_micros", currency: "currency",
            condition: "status IS NULL OR status <> 'declined'"),
        // They change for months, mostly until their closing date; what changed is asked for beside (platforms.md 4.4).
        reread: RereadSchedule(always: 1, settledAfter: 90, auditAfter: 100))

    static let history = stream(
        .actionHistory, stage: "purchases", grain: .event,
        [text("action_id"), Column("date", .date, "action_date", "The day of the action")] + result,
        key: ["action_id", "date"],
        summary: "Every state in which an action was seen.")
}
