import ConnectorKit
import SyncCore

/// What the usage headers of one answer tell (meta.md 6.2). They come on errors and inside batch items too,
/// are missing on many answers, and may be malformed: then they say nothing.
struct MetaUsage: Sendable, Equatable {
    /// Use of the account that the call was for, 0...1 and above.
    var account: Double?
    /// Seconds until the account's count begins anew.
    var accountReset: Double?
    var app: Double?
    var pages: Double?
    var insightsOfApp: Double?
    var insightsOfAccount: Double?
    /// Business use cases by object and type.
    var cases: [Case] = []
    /// `development_access` or `standard_access`.
    var tier: String?

    struct Case: Sendable, Equatable {
        var object: String
        var type: String
        var use: Double
        /// Until access is regained, when it is lost now.
        var minutes: Double
    }

    init(_ header: (String) -> String?) {
        func json(_ name: String) -> JSONTree? { header(name).flatMap { JSONTree.parse($0) } }
        if let told = json("X-Ad-Account-Usage") {
            account = MetaUsage.share(told["acc_id_util_pct"])
            accountReset = told["reset_time_duration"]?.double
            tier = told["ads_api_access_tier"]?.string
        }
        if let told = json("X-App-Usage") { app = MetaUsage.highest(told) }
        if let told = json("X-Page-Usage") { pages = MetaUsage.highest(told) }
        if let told = json("X-FB-Ads-Insights-Throttle") {
            insightsOfApp = MetaUsage.share(told["app_id_util_pct"])
            insightsOfAccount = MetaUsage.share(told["acc_id_util_pct"])
            tier = tier ?? told["ads_api_access_tier"]?.string
        }
        if case .object(let objects)? = json("X-Business-Use-Case-Usage") {
            for (object, entries) in objects.sorted(by: { $0.key < $1.key }) {
                for entry in entries.items ?? [entries] {
                    guard let type = entry["type"]?.string, let use = MetaUsage.highest(entry) else { continue }
                    let minutes = entry["estimated_time_to_regain_access"]?.double ?? 0
                    cases.append(Case(object: MetaID.bare(object), type: type, use: use, minutes: minutes))
                    tier = tier ?? entry["ads_api_access_tier"]?.string
                }
            }
        }
    }

    init(_ response: WireResponse) {
        self.init { response[$0] }
    }

    /// At most a day: no limit of Meta counts longer (meta.md 6.1), so a longer wait is a mistake of the header.
    static func pause(_ seconds: Double) -> Duration {
        .milliseconds(Int64(max(0, min(seconds, 86_400)) * 1000))
    }

    private static func share(_ percent: JSONTree?) -> Double? {
        percent?.double.flatMap { $0 >= 0 && $0 < 100_000 ? $0 / 100 : nil }
    }

    /// Calls, CPU time and wall time are limits of their own; the highest counts.
    private static func highest(_ told: JSONTree) -> Double? {
        ["call_count", "total_cputime", "total_time"].compactMap { share(told[$0]) }.max()
    }
}

/// The limits of Meta as rows of `quotas`: `meta/account/1000001`.
struct MetaQuotas: Sendable, Equatable {
    /// The app's id when it is configured, else `default`.
    var app: String
    var account: String

    func key(_ family: MetaFamily) -> QuotaKey {
        switch family {
        case .account, .insights, .management, .reports: QuotaKey(MetaConnector.id, family.rawValue, account)
        case .app, .pages, .insightsOfApp: QuotaKey(MetaConnector.id, family.rawValue, app)
        }
    }

    /// The quota that a throttle stops. A call that does not touch the account is limited by its app.
    func key(_ throttle: MetaThrottle, touching families: [MetaFamily]) -> QuotaKey {
        let touchesAccount = families.contains(.account)
        switch throttle {
        case .account, .abuse: return key(touchesAccount ? .account : .app)
        case .insights: return key(.insights)
        case .management: return key(.management)
        case .pages: return key(.pages)
        case .insightsOfApp: return key(.insightsOfApp)
        case .app: return key(.app)
        }
    }

    func costs(_ families: [MetaFamily], points: Int = 1) -> [QuotaCost] {
        families.map { QuotaCost(key($0), points: Double(points)) }
    }

    // MARK: Signals

    private static let brink = 0.95
    /// Seconds.
    private static let breather: Double = 30

    /// What usage headers mean for the quotas; of several words about one quota the highest counts.
    func signals(_ usages: [MetaUsage], at now: Instant) -> [QuotaSignal] {
        var use: [QuotaKey: Double] = [:]
        var blocked: [QuotaKey: Instant] = [:]
        var limits: [QuotaKey: QuotaLimit] = [:]
        func told(_ key: QuotaKey, _ share: Double?) {
            if let share { use[key] = max(use[key] ?? 0, share) }
        }
        func closed(_ key: QuotaKey, seconds: Double) {
            let end = now + MetaUsage.pause(seconds)
            blocked[key] = max(blocked[key] ?? end, end)
        }
        /// Of a limit whose size nobody tells: on its brink calls stop for a while, for one too many costs minutes.
        func neared(_ key: QuotaKey, _ share: Double?) {
            told(key, share)
            if let share, share >= MetaQuotas.brink { closed(key, seconds: MetaQuotas.breather) }
        }
        /// Whether points leak one by one or lapse together after a while is not known.
        func nearedScore(_ usage: MetaUsage, _ share: Double) {
            let isSmall = usage.tier == "development_access"
            if share >= 1 {
                closed(key(.account), seconds: usage.accountReset.flatMap { $0 > 0 ? $0 : nil } ?? (isSmall ? 300 : 60))
            } else if isSmall, share >= MetaQuotas.brink {
                closed(key(.account), seconds: MetaQuotas.breather)
            }
        }
        for usage in usages {
            told(key(.account), usage.account)
            if let share = usage.account { nearedScore(usage, share) }
            neared(key(.app), usage.app)
            neared(key(.pages), usage.pages)
            neared(key(.insightsOfApp), usage.insightsOfApp)
            // This one may stay at 100 % for hours while reports still succeed (meta.md 4, lessons): it slows, and does
            // not stop.
            told(key(.insights), usage.insightsOfAccount.map { min($0, 0.94) })
            for entry in usage.cases {
                guard let key = key(of: entry) else { continue }
                neared(key, entry.use)
                if entry.minutes > 0 { closed(key, seconds: entry.minutes * 60) }
            }
            if let limit = usage.tier.flatMap(MetaPlatform.accountLimit(tier:)) { limits[key(.account)] = limit }
        }
        return limits.sorted { $0.key < $1.key }.map { .limit($0.key, $0.value) }
            + use.sorted { $0.key < $1.key }.map { .use($0.key, $0.value) }
            + blocked.sorted { $0.key < $1.key }.map { .blocked($0.key, until: $0.value) }
    }

    private func key(of entry: MetaUsage.Case) -> QuotaKey? {
        switch entry.type {
        case "ads_insights": QuotaKey(MetaConnector.id, MetaFamily.insights.rawValue, entry.object)
        case "ads_management": QuotaKey(MetaConnector.id, MetaFamily.management.rawValue, entry.object)
        case "pages": key(.pages)
        default: nil
        }
    }

    /// The end of a throttle, if the headers of the refusing answer name one (meta.md 6.3).
    func end(of throttle: MetaThrottle, told usage: MetaUsage, at now: Instant) -> Instant? {
        func minutes(_ types: Set<String>, object: String?) -> Double? {
            usage.cases.filter { types.contains($0.type) && (object == nil || $0.object == object) && $0.minutes > 0 }
                .map(\.minutes).max()
        }
        let seconds: Double?
        switch throttle {
        case .account:
            // Without a word the block lasts 300 s in the development tier, a minute in the full one.
            let least: Double? = usage.tier == "development_access" ? 300 : nil
            seconds = usage.accountReset.flatMap { $0 > 0 ? $0 : nil } ?? least
        case .insights: seconds = minutes(["ads_insights"], object: account).map { $0 * 60 }
        case .management: seconds = minutes(["ads_management", "custom_audience"], object: account).map { $0 * 60 }
        case .pages: seconds = minutes(["pages"], object: nil).map { $0 * 60 }
        case .abuse: seconds = 3600
        case .app, .insightsOfApp: seconds = nil
        }
        return seconds.map { now + MetaUsage.pause($0) }
    }
}

/// The kinds of limits (meta.md 6.1), named as they stand in quota keys.
enum MetaFamily: String, Sendable, CaseIterable {
    /// The score of one ad account: read 1, write 3.
    case account
    /// The app over all accounts.
    case app
    /// The business use case of insights of one account.
    case insights
    /// The business use case of campaigns, ad sets and ads of one account.
    case management
    case pages
    /// The load of insights over all accounts of the app.
    case insightsOfApp = "appinsights"
    /// Reports of one account that begin. Meta publishes no limit, but many at once make each other slow and fail
    /// (meta.md 4), so we set one.
    case reports
}

/// Ids of ad accounts: a node has the prefix `act_`, the column has not.
enum MetaID {
    static func bare(_ id: String) -> String {
        let trimmed = String(id.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        return trimmed.lowercased().hasPrefix("act_") ? String(trimmed.dropFirst(4)) : trimmed
    }

    /// As a step of a path: what a person typed cannot change the address.
    static func node(_ bare: String) -> String { "act_\(FormCoding.escape(bare))" }
}
