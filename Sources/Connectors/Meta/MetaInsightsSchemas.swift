import ConnectorKit
import SyncCore

/// What rows of insights are about.
enum MetaLevel: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case account, campaign, adset, ad

    /// The column that holds ids of this level; nil for the account.
    var column: String? { self == .account ? nil : "\(rawValue)_id" }

    /// This level and those above it, without the account.
    var chain: [MetaLevel] {
        switch self {
        case .account: []
        case .campaign: [.campaign]
        case .adset: [.campaign, .adset]
        case .ad: [.campaign, .adset, .ad]
        }
    }

    var below: MetaLevel? {
        switch self {
        case .account: .campaign
        case .campaign: .adset
        case .adset: .ad
        case .ad: nil
        }
    }

    /// The stream whose entities are of this level.
    var entities: StreamID? {
        switch self {
        case .account: nil
        case .campaign: .campaigns
        case .adset: .adSets
        case .ad: .ads
        }
    }

    static func of(column: String) -> MetaLevel? { allCases.first { $0.column == column } }

    static func < (left: MetaLevel, right: MetaLevel) -> Bool { left.chain.count < right.chain.count }
}

/// One report of insights: a level, what to ask for, and the table that it fills.
struct MetaReport: Sendable, Hashable {
    let level: MetaLevel
    let breakdowns: [String]
    let windows: [String]
    let schema: StreamSchema
    /// Fields that a call asks for beside the key: those of the columns, without what comes by itself.
    let metrics: [String]
    /// Columns that count people, or are reckoned from such counts.
    let uniques: Set<String>

    init(level: MetaLevel, breakdowns: [String], windows: [String], schema: StreamSchema) {
        self.level = level
        self.breakdowns = breakdowns
        self.windows = windows
        self.schema = schema
        metrics = MetaFields.roots(of: schema).filter { root in
            root != "date_start" && root != level.column && !breakdowns.contains(root)
        }
        uniques = Set(schema.columns.filter(MetaReport.countsPeople).map(\.name))
    }

    /// Breakdowns that an answer at once leaves out silently unless the advertiser opted in; reports have them
    /// (meta.md 3, availability change).
    var needsRuns: Bool {
        !Set(breakdowns).isDisjoint(with: [
            "frequency_value", "hourly_stats_aggregated_by_audience_time_zone", "impression_device",
        ])
    }

    /// Months that rows with such breakdowns reach back; nil for all that Meta offers (meta.md 3).
    static func memory(of breakdowns: [String]) -> Int? {
        if breakdowns.contains("frequency_value") { return 6 }
        return breakdowns.contains { $0.hasPrefix("hourly_stats") } ? MetaReport.uniqueMemory : nil
    }

    /// Months that counts of people reach back: older ones are zeros or missing.
    static let uniqueMemory = 13

    private static func countsPeople(_ column: Column) -> Bool {
        guard let name = MetaFields.root(of: column) else { return false }
        return ["reach", "frequency", "cpp"].contains(name) || name.hasPrefix("unique_") || name.contains("_unique_")
    }

    /// Columns that are filled from these fields.
    func columns(of metrics: some Collection<String>) -> [String] {
        let wanted = Set(metrics)
        return schema.columns.filter { column in
            !schema.key.contains(column.name) && MetaFields.root(of: column).map(wanted.contains) ?? false
        }.map(\.name)
    }

    /// How many rows one entity may have on one day.
    var rowsPerEntity: Double {
        breakdowns.reduce(1) { $0 * (MetaReport.sizes[$1] ?? 5) }
    }

    private static let sizes: [String: Double] = [
        "age": 7, "gender": 3, "country": 5, "region": 20, "publisher_platform": 4, "platform_position": 12,
        "impression_device": 6, "device_platform": 3, "hourly_stats_aggregated_by_advertiser_time_zone": 24,
        "hourly_stats_aggregated_by_audience_time_zone": 24, "product_id": 50, "comscore_market": 50,
    ]
}

extension MetaReport {
    static let builtIn = [
        standard(.campaignInsights, .campaign), standard(.adSetInsights, .adset), standard(.adInsights, .ad),
    ]

    /// Purchases are taken from the first of these action types that a row has. They contain each other
    /// (`omni_purchase` holds all the others), so they are never added up (meta.md 3).
    static let purchaseTypes = [
        "omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase",
        "app_custom_event.fb_mobile_purchase", "onsite_conversion.purchase",
    ]

    private static func standard(_ id: StreamID, _ level: MetaLevel) -> MetaReport {
        let order = purchaseTypes.joined(separator: "|")
        let columns =
            leading(level) + [
                Column("impressions", .integer, "impressions"),
                Column("clicks", .integer, "clicks", "All clicks"),
                Column("reach", .integer, "reach", "People reached; not to be added up over days or entities"),
                Column("frequency", .real, "frequency", "Impressions per person reached"),
                money("spend", "Spent on the day"),
                Column("inline_link_clicks", .integer, "inline_link_clicks", "Clicks on links within the ad"),
                Column("ctr", .real, "ctr", "Clicks per 100 impressions"),
                money("cpc", "Cost per click"), money("cpm", "Cost per 1,000 impressions"),
                Column("actions", .json, "actions", "Counts by action type; the types contain each other"),
                Column("action_values", .json, "action_values", "Values by action type"),
                Column(
                    "purchases", .integer, "actions[action_type=\(order)].value",
                    "Purchases: the first of \(purchaseTypes.joined(separator: ", ")) that the row has"),
                Column(
                    "purchase_value_micros", .money, "action_values[action_type=\(order)].value",
                    "Value of the purchases, chosen alike, in millionths of the account's currency"),
            ]
        let performance = StreamSchema.Performance(
            campaign: "campaign_id", impressions: "impressions", clicks: "clicks", cost: "spend_micros",
            orders: "purchases", revenue: "purchase_value_micros")
        return MetaReport(
            level: level, breakdowns: [], windows: [],
            schema: schema(
                id, level, [], columns, performance: level == .campaign ? performance : nil,
                proof: ProofColumns(MetaTotals.columns, path: ["campaign_id", level.column ?? "campaign_id"].unique)))
    }

    /// The columns that say what a row is about.
    static func leading(_ level: MetaLevel, breakdowns: [Column] = []) -> [Column] {
        let about = [
            Column(context: "account_id", .text, "The ad account, without `act_`"),
            Column("date", .date, "date_start", "The day, in the account's time zone"),
        ]
        let names = level.chain.flatMap { level in
            [
                Column("\(level.rawValue)_id", .text, "\(level.rawValue)_id"),
                Column("\(level.rawValue)_name", .text, "\(level.rawValue)_name", "As it was on the day it was read"),
            ]
        }
        return about + names + breakdowns
    }

    static func money(_ field: String, _ summary: String) -> Column {
        Column("\(field)_micros", .money, field, "\(summary), in millionths of the account's currency")
    }

    static func schema(
        _ id: StreamID, _ level: MetaLevel, _ breakdowns: [String], _ columns: [Column],
        performance: StreamSchema.Performance? = nil, proof: ProofColumns? = nil
    ) -> StreamSchema {
        let entity: [String] = level.column.map { [$0] } ?? []
        let what = level == .account ? "the account" : level == .adset ? "each ad set" : "each \(level.rawValue)"
        let by = breakdowns.isEmpty ? "" : ", by \(breakdowns.joined(separator: " and "))"
        return StreamSchema(
            platform: MetaConnector.id, id: id, stage: "insights", grain: .daily, columns: columns,
            key: ["account_id", "date"] + entity + breakdowns,
            summary: "Numbers of \(what) per day\(by).", ignored: ["account_id", "date_stop"],
            performance: performance, retentionMonths: MetaReport.memory(of: breakdowns), proof: proof)
    }
}
