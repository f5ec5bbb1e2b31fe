package import SyncCore

/// Everything that a simulated Shopee Open Platform is made of (platforms.md 1.16): partner apps, shops, how it
/// answers, what it limits and how it fails. Two sandboxes with the same world answer the same
/// calls at the same moments alike.
package struct ShopeeWorld: Codable, Sendable, Hashable {
    package var seed: UInt64
    /// The world's day of reference: counts of campaigns hold on it, ages are counted back from it.
    package var anchor: CivilDate
    package var apps = [App.ads, App.erp]
    package var shops: [Shop]
    /// Index of the app whose credential is printed: 0 is the Ads app, 1 the ERP app.
    package var printedApp = 0
    package var auth = Auth()
    package var envelope = Envelope()
    package var reading = Reading()
    package var performance = Performance()
    package var writing = Writing()
    package var limits = Limits()
    package var faults = Faults()
    package var latency = SandboxLatency()

    package init(seed: UInt64, anchor: CivilDate, shops: [Shop]) {
        self.seed = seed
        self.anchor = anchor
        self.shops = shops
    }

    /// A partner app: shops grant tokens to it alone.
    package struct App: Codable, Sendable, Hashable {
        package var id: Int64
        package var key: String
        /// Without the Ads module every path under `ads/` is refused (platforms.md 1.2).
        package var hasAds: Bool
        /// Domain of the console entry that redirects must have; empty allows all (1.4).
        package var redirectDomain = ""
        /// The caller's address is not on the app's list: every call ends with `source_ip_undeclared`.
        package var isAddressUndeclared = false

        package init(id: Int64, key: String, hasAds: Bool) {
            self.id = id
            self.key = key
            self.hasAds = hasAds
        }

        package static let ads = App(id: 1_000_001, key: "testkey-0123456789abcdef", hasAds: true)
        package static let erp = App(id: 1_000_002, key: "erpkey-fedcba9876543210", hasAds: false)
    }

    package struct Shop: Codable, Sendable, Hashable {
        package var id: Int64
        package var name: String
        /// Decides currency, zone and bounds of budgets: VN, TH, ID, SG, MY, PH, TW, BR.
        package var region: String
        /// `NORMAL`, `BANNED` or `FROZEN` (1.6).
        package var status = "NORMAL"
        package var merchantID: Int64?
        /// Product campaigns that the list has at the anchor, ended and deleted ones included.
        package var campaigns: Int
        /// Age of the shop in days at the anchor.
        package var days: Int
        package var shape = Shape.skewed
        /// The first campaign id; others follow in steps.
        package var firstCampaign: Int64 = 9_001
        /// A GMV Max shop campaign spends besides the product campaigns (1.14).
        package var hasGMS = true
        /// A campaign is created every so many days after the anchor; 0 is never.
        package var newEvery = 0
        package var isInHolidayMode = false
        package var isWhitelistedForGMS = true

        package enum Shape: String, Codable, Sendable {
            /// Campaigns begin anywhere, live mostly shortly and leave days out.
            case skewed
            /// Every campaign delivers in each hour of the `days` days before the anchor and in no other.
            case flat
        }

        package init(id: Int64, name: String, region: String, campaigns: Int, days: Int) {
            self.id = id
            self.name = name
            self.region = region
            self.campaigns = campaigns
            self.days = days
        }
    }
}

extension ShopeeWorld {
    /// Throws the sentence of what makes no sense in this world.
    package func check() throws(WorldError) {
        if shops.isEmpty { throw WorldError("The world has no shop") }
        if !apps.indices.contains(printedApp) { throw WorldError("There is no app \(printedApp)") }
        if Set(shops.map(\.id)).count < shops.count { throw WorldError("Two shops have the same id") }
        if Set(apps.map(\.id)).count < apps.count { throw WorldError("Two apps have the same id") }
        for shop in shops {
            if ShopeeSandbox.Region(shop.region) == nil { throw WorldError("The region \(shop.region) is unknown") }
            if shop.campaigns < 0 || shop.days < 1 { throw WorldError("Shop \(shop.id) needs at least one day") }
        }
    }
}
