package import SyncCore

/// Everything that a simulated Meta is made of (meta.md section 12): what it holds, how it answers, what
/// it limits and how it fails. Two sandboxes with the same world answer the same calls at the same
/// moments alike.
package struct MetaWorld: Codable, Sendable, Hashable {
    package var seed: UInt64
    /// The world's day of reference: counts of entities hold on it, ages are counted back from it. Truth of
    /// a past day never depends on when the process was started, only on this day and on `now`.
    package var anchor: CivilDate
    package var businesses: [Business]
    package var accounts: [Account]
    package var pages: Pages
    package var auth = Auth()
    package var reading = Reading()
    package var insights = Insights()
    package var size = Size()
    package var runs = Runs()
    package var limits = Limits()
    package var batch = Batch()
    package var faults = Faults()
    package var versions = Versions()
    package var latency = Latency()

    package init(
        seed: UInt64, anchor: CivilDate, businesses: [Business], accounts: [Account], pages: Pages = Pages()
    ) {
        self.seed = seed
        self.anchor = anchor
        self.businesses = businesses
        self.accounts = accounts
        self.pages = pages
    }

    package struct Business: Codable, Sendable, Hashable {
        package var id: String
        package var name: String
        package init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    package struct Account: Codable, Sendable, Hashable {
        /// Digits, without `act_`.
        package var id: String
        package var name: String
        package var currency: String
        package var zone: String
        /// Index into `businesses`; nil is a personal account.
        package var business: Int?
        package var relation: Relation = .owned
        /// `account_status` of meta.md 2.2: 1 active, 2 disabled, 101 closed.
        package var status = 1
        /// Entities that an edge can list at the anchor, archived ones included.
        package var campaigns: Int
        package var adSets: Int
        package var ads: Int
        /// Age of the account in days.
        package var days: Int
        package var shape: Shape = .skewed
        /// Share of the additional ad sets and ads that the biggest campaign has, in thousandths.
        package var skew = 200
        /// Most days on which one ad may deliver.
        package var longestLife = 100_000
        package var archived = 120
        /// Deleted entities on top of the counts above, in thousandths of them.
        package var deleted = 40
        /// Ads are created, archived and deleted after the anchor too.
        package var isLively = false
        /// Creatives whose post was deleted: a page that holds one fails whole (100/2446289), in thousandths.
        package var brokenCreatives = 0
        /// Fields that the token's role on the account does not see.
        package var gatedFields: [String] = []
        /// The token has no access at all: reads end with code 200.
        package var isForbidden = false

        package enum Relation: String, Codable, Sendable {
            case owned, client, both, personal
        }

        package enum Shape: String, Codable, Sendable {
            /// Life times overlap, start anywhere and are mostly short.
            case skewed
            /// Every ad delivers on each of the `days` days before the anchor and on no other.
            case flat
        }

        package init(
            id: String, name: String, currency: String, zone: String, business: Int?, campaigns: Int,
            adSets: Int, ads: Int, days: Int
        ) {
            self.id = id
            self.name = name
            self.currency = currency
            self.zone = zone
            self.business = business
            self.campaigns = campaigns
            self.adSets = adSets
            self.ads = ads
            self.days = days
        }
    }

    package struct Pages: Codable, Sendable, Hashable {
        package var count = 0
        package var postsEach = 0
        /// Posts by visitors, which only `feed` lists, per page.
        package var visitorPosts = 0
        /// How far back posts reach, in days before the anchor; as many follow after it per day.
        package var days = 400
        /// A page's edges refuse a token that is not the page's own (code 210).
        package var needPageToken = true
        /// `limit` of posts above this is an error (meta.md 2.7).
        package var mostPosts = 100
        /// Best-ranked posts that a listing shows per year.
        package var yearlyCap = 600
        /// Users a day, for the quota of a page (4800 each per day).
        package var engagedUsers = 1000

        package init() {}
    }
}
