import ConnectorKit
import SyncCore

/// The things of Boostiny as tables (platforms.md 5.3-5.5). All its numbers come as texts.
enum BoostinySchemas {
    static let all = [campaigns, coupons, performance]

    private static let account = Column(context: "account_id", .text, "`me`, the publisher of the key")

    private static func text(_ name: String, _ summary: String = "") -> Column { Column(name, .text, name, summary) }
    private static func json(_ name: String, _ summary: String = "") -> Column { Column(name, .json, name, summary) }
    private static func count(_ name: String, _ summary: String = "") -> Column {
        Column(name, .integer, name, summary)
    }
    private static func percent(_ name: String) -> Column { Column(name, .real, name, "Percent") }
    private static func money(_ field: String, _ summary: String) -> Column {
        Column("\(field)_micros", .money, field, "\(summary), in millionths")
    }

    static let campaigns = StreamSchema(
        platform: BoostinyConnector.id, id: .boostinyCampaigns, stage: "campaigns", grain: .entity,
        columns: [
            account, text("id"), text("name"), text("campaign_type"), text("status"), text("logo"), text("category"),
            text("campaign_manager"), Column("advertiser_name", .text, "advertiser.name"),
            Column("website_url", .text, "campaign_description.website_url"), json("campaign_description"),
            Column("target_countries", .json, "targetCountries"), json("tracking_link_details"), json("coupons"),
            json("payouts", "What is paid: model, validity, and groups with their values"),
        ],
        key: ["account_id", "id"], summary: "Programmes of advertisers, with their coupons and payouts.")

    static let coupons = StreamSchema(
        platform: BoostinyConnector.id, id: .boostinyCoupons, stage: "coupons", grain: .entity,
        columns: [
            account, text("id", "Boostiny's own, or the programme's and the code"), text("campaign_id"),
            text("campaign_name"), text("coupon", "The code"), text("code"), json("countries"),
            Column("start_date", .date, "start_date"), Column("end_date", .date, "end_date"), text("ad_set"),
            text("account_manager"), json("advertiser"), text("status"),
        ],
        key: ["account_id", "id"], summary: "Coupon codes that the publisher was given.")

    /// Where the day stands: in the row, or it is the only day that was asked for.
    static func performance(date: Column) -> StreamSchema {
        StreamSchema(
            platform: BoostinyConnector.id, id: .performance, stage: "purchases", grain: .daily,
            columns: [
                account, text("campaign_id"), text("code", "The coupon code; empty for none"), date,
                text("country", "Empty where rows have none"), text("customer_type", "`new`, `returning` or empty"),
                text("order_id", "Only where a row is a single order"),
                text("network_order_id", "The same, as the advertiser's network counts"), text("campaign_name"),
                text("campaign_logo"), text("code_id", "The code's own id; empty for none"),
                text("automation", "How it is imported"),
                Column("last_updated_at", .instant, "last_updated_at", "When the advertiser's data came in last"),
                count("orders", "Before cancellations"), count("net_orders", "After cancellations"),
                percent("orders_cancellation_rate"), money("revenue", "The publisher's earning before cancellations"),
                money("net_revenue", "The publisher's earning after cancellations"),
                percent("revenue_cancellation_rate"), money("sales_amount", "Sales in the programme's currency"),
                money("net_sales_amount", "The same after cancellations"), percent("sales_amount_cancellation_rate"),
                money("sales_amount_usd", "Sales in US dollars"),
                money("net_sales_amount_usd", "The same after cancellations"),
                percent("sales_amount_usd_cancellation_rate"), money("aov_usd", "An order's average in US dollars"),
                money("net_aov_usd", "The same after cancellations"), percent("aov_usd_cancellation_rate"),
            ],
            // A code may be given out twice, each time under another id.
            key: [
                "account_id", "campaign_id", "code", "code_id", "date", "country", "customer_type", "order_id",
                "network_order_id",
            ],
            summary: "Orders and earnings by programme, code and day, before and after cancellations.",
            // How many rows the answer has, in each of them.
            ignored: ["full_count"],
            performance: StreamSchema.Performance(
                campaign: "campaign_id", orders: "orders", revenue: "revenue_micros"),
            reread: RereadSchedule(always: 30, settledAfter: 60, auditAfter: 75),
            proof: ProofColumns(BoostinyTotals.columns))
    }

    static let performance = performance(date: Column("date", .date, "date", "The day of the orders"))
    static let performanceOfDay = performance(date: Column(context: "date", .date, "The day of the orders"))
}
