import ConnectorKit
import SyncCore

/// The things of Shopee as tables (platforms.md 1.6, 1.11, 1.12): columns, types and where they are in a row.
enum ShopeeSchemas {
    static let all = [
        shops, campaigns, campaignDaily, campaignHourly, shopDaily, shopHourly, budgets, budgetChanges,
    ]

    static let campaignID = "campaign_id"

    /// Numbers of a day grow for 7 days after it, for orders count within 7 days of the click; a little later they
    /// stand still.
    static let trailing = RereadSchedule(always: 7, settledAfter: 10, auditAfter: 14)

    private static let account = Column(context: "account_id", .text, "The shop's id")

    static func stream(
        _ id: StreamID, _ stage: String, _ grain: StreamSchema.Grain = .entity, key: [String], _ columns: [Column],
        summary: String, ignored: [String] = [], performance: StreamSchema.Performance? = nil,
        reread: RereadSchedule = RereadSchedule(), isActing: Bool = false, views: [DerivedView] = [],
        proof: ProofColumns? = nil
    ) -> StreamSchema {
        StreamSchema(
            platform: ShopeeConnector.id, id: id, stage: stage, grain: grain, columns: [account] + columns,
            key: ["account_id"] + key, summary: summary, ignored: ignored, performance: performance, reread: reread,
            isActing: isActing, views: views, proof: proof)
    }

    static func text(_ name: String, _ summary: String = "") -> Column { Column(name, .text, name, summary) }
    static func count(_ name: String, _ summary: String = "") -> Column {
        Column(name, .integer, name, summary)
    }
    static func flag(_ name: String, _ summary: String = "") -> Column { Column(name, .boolean, name, summary) }
    static func ratio(_ name: String, _ summary: String) -> Column { Column(name, .real, name, summary) }
    static func money(_ field: String, _ summary: String) -> Column {
        Column("\(field)_micros", .money, field, "\(summary), in millionths of the shop's currency")
    }

    // MARK: Shops and campaigns

    static let shops = stream(
        ShopeeStream.shops, ShopeePlatform.campaignStage, key: [],
        [
            text("shop_name"), text("region", "Decides currency and time zone: VN, TH, ID, SG, MY, PH, TW, BR"),
            Column(context: "currency", .text, "ISO 4217; what the amounts of the shop are in"),
            Column(context: "time_zone", .text, "The zone of the shop's days and hours"),
            text("status", "`NORMAL`, `BANNED` or `FROZEN`"),
            Column("auth_time", .instant, "auth_time", "When the shop was last opened to the app", form: .zeroIsNone),
            Column(
                "expire_time", .instant, "expire_time", "When it closes again: a year later at most",
                form: .zeroIsNone),
            flag("is_cb", "Sells across borders"), flag("is_sip", "Sells through Shopee's international platform"),
            Column("sip_affi_shops", .json, "sip_affi_shops", "Shops that sell its things in other countries"),
            text("merchant_id"), flag("is_main_shop"), flag("is_direct_shop"), flag("is_upgraded_cbsc"),
            text("shop_fulfillment_flag"),
        ],
        summary: "The shop as Shopee describes it.", ignored: ["error", "message", "request_id", "warning"])

    static let campaigns = campaigns(adType: "common_info.ad_type")

    /// The same table as the list of ids fills it. What it does not fill stays as it is.
    static let listedCampaigns = campaigns(adType: "ad_type")
    static let listedFields: Set<String> = ["ad_type"]

    private static func campaigns(adType: String) -> StreamSchema {
        func common(_ name: String, _ type: ColumnType, _ summary: String = "") -> Column {
            Column(name, type, "common_info.\(name)", summary)
        }
        return stream(
            ShopeeStream.campaigns, ShopeePlatform.campaignStage, key: [campaignID],
            [
                text(campaignID), Column("ad_type", .text, adType, "`auto` or `manual`"), common("ad_name", .text),
                common(
                    "campaign_status", .text, "`ongoing`, `scheduled`, `ended`, `paused`, `deleted` or `closed`"),
                common("bidding_method", .text, "`auto` or `manual`"),
                common("campaign_placement", .text, "`search`, `discovery` or `all`"),
                Column(
                    "campaign_budget_micros", .money, "common_info.campaign_budget",
                    "0 for no limit, in millionths of the shop's currency"),
                Column(
                    "start_time", .instant, "common_info.campaign_duration.start_time", "When it begins",
                    form: .zeroIsNone),
                Column(
                    "end_time", .instant, "common_info.campaign_duration.end_time", "When it ends; empty for never",
                    form: .zeroIsNone),
                common("item_id_list", .json, "The items that it advertises"),
                Column(
                    "enhanced_cpc", .boolean, "manual_bidding_info.enhanced_cpc",
                    "Bids are raised by Shopee where it pays"),
                Column(
                    "selected_keywords", .json, "manual_bidding_info.selected_keywords",
                    "Keywords with their bids, of manual bidding"),
                Column(
                    "discovery_ads_locations", .json, "manual_bidding_info.discovery_ads_locations",
                    "Places with their bids, of manual bidding"),
                Column(
                    "roas_target", .real, "auto_bidding_info.roas_target",
                    "What each unit spent is to bring, of auto bidding"),
                Column(
                    "auto_product_ads_info", .json, "auto_product_ads_info",
                    "Products that Shopee chose, with their states"),
            ],
            summary: "Product campaigns with their settings, the ended and deleted ones included.", views: [progress])
    }

    // MARK: Numbers

    private static let day = Column("date", .date, "date", "The day, in the shop's time zone", form: .dayFirst)
    private static let hour = Column("hour", .integer, "hour", "0 to 23, in the shop's time zone")

    private static let campaignLeading = [
        Column(campaignID, .text, above: campaignID), day,
    ]
    private static let campaignColumns = [
        Column("ad_type", .text, above: "ad_type", "`auto` or `manual`"),
        Column("campaign_placement", .text, above: "campaign_placement", "`search`, `discovery` or `all`"),
        Column("ad_name", .text, above: "ad_name", "As it was when it was read"),
        count("impression"), count("clicks"),
        ratio("ctr", "As Shopee gives it; clicks / impression is exact"),
        money("expense", "Spent"),
        count("broad_order", "Orders of any item of the shop within 7 days of a click"),
        money("broad_gmv", "Value of these orders"),
        count("broad_order_amount", "Units in these orders, not money"),
        ratio("broad_roi", "broad_gmv / expense as Shopee gives it"),
        ratio("broad_cir", "expense / broad_gmv as Shopee gives it"),
        ratio("cr", "Orders per click as Shopee gives it"),
        money("cpc", "Cost per conversion, not per click"),
        count("direct_order", "Orders of the advertised item within 7 days of a click"),
        money("direct_gmv", "Value of these orders"),
        count("direct_order_amount", "Units in these orders, not money"),
        ratio("direct_roi", "direct_gmv / expense as Shopee gives it"),
        ratio("direct_cir", "expense / direct_gmv as Shopee gives it"),
        ratio("direct_cr", "Direct orders per click as Shopee gives it"),
        money("cpdc", "Cost per direct conversion"),
    ]

    static let campaignDaily = stream(
        ShopeeStream.campaignDaily, ShopeePlatform.performanceStage, .daily, key: [campaignID, "date"],
        campaignLeading + campaignColumns,
        summary: "Numbers of each product campaign per day; days without any are absent.",
        performance: StreamSchema.Performance(
            campaign: campaignID, impressions: "impression", clicks: "clicks", cost: "expense_micros",
            orders: "broad_order", revenue: "broad_gmv_micros"), reread: trailing, proof: ofCampaigns)

    static let campaignHourly = stream(
        ShopeeStream.campaignHourly, ShopeePlatform.performanceStage, .daily, key: [campaignID, "date", "hour"],
        campaignLeading + [hour] + campaignColumns,
        summary: "Numbers of each product campaign per hour; hours without any are absent.", reread: trailing,
        proof: ofCampaigns)

    private static let ofShop = ProofColumns(ShopeeTotals.columns)
    private static let ofCampaigns = ProofColumns(ShopeeTotals.columns, path: [campaignID], hasRest: true)

    private static let shopColumns = [
        count("impression"), count("clicks"),
        ratio("ctr", "As Shopee gives it; clicks / impression is exact"),
        money("expense", "Spent"),
        count("broad_order", "Orders of any item of the shop within 7 days of a click"),
        money("broad_gmv", "Value of these orders"),
        count("direct_order", "Orders of the advertised item within 7 days of a click"),
        money("direct_gmv", "Value of these orders"),
        ratio("direct_conversions", "Direct orders per click as Shopee gives it"),
        ratio("broad_conversions", "Orders per click as Shopee gives it"),
        count("direct_item_sold", "Units in direct orders; Shopee leaves it out at times"),
        count("broad_item_sold", "Units in orders; Shopee leaves it out at times"),
        money("cost_per_conversion", "Cost per conversion"),
        ratio("direct_roas", "direct_gmv / expense as Shopee gives it"),
        ratio("broad_roas", "broad_gmv / expense as Shopee gives it"),
    ]

    static let shopDaily = stream(
        ShopeeStream.shopDaily, ShopeePlatform.performanceStage, .daily, key: ["date"], [day] + shopColumns,
        summary: "Numbers of all ads of the shop per day, those of GMV Max included.", reread: trailing, views: [gms],
        proof: ofShop)

    static let shopHourly = stream(
        ShopeeStream.shopHourly, ShopeePlatform.performanceStage, .daily, key: ["date", "hour"],
        [day, hour] + shopColumns,
        summary: "Numbers of all ads of the shop per hour, those of GMV Max included.", reread: trailing, proof: ofShop)
}
