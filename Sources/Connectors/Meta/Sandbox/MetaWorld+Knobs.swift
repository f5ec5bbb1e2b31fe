package import SyncCore

extension MetaWorld {
    /// Tokens, the app, and what happens to them (meta.md 8 and 12.10).
    package struct Auth: Codable, Sendable, Hashable {
        package var appID = "990000000000001"
        package var appSecret = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
        /// Calls without `appsecret_proof` end with code 100.
        package var needsProof = false
        package var tokens: [Token] = [Token("EAAGm0PX4ZCsBASANDBOXuserTOKEN0001")]
        /// Redirects of the login dialog refuse instead of granting.
        package var dialogDenies = false
        /// Permissions that its person unticks.
        package var dialogDeclines: [String] = []
        /// How addresses begin that the dialog sends browsers back to; empty for any.
        package var redirects: [String] = []

        package init() {}

        package struct Token: Codable, Sendable, Hashable {
            package var value: String
            package var userID = "10001"
            /// `USER` or `SYSTEM_USER`.
            package var type = "USER"
            package var scopes = [
                "ads_read", "ads_management", "business_management", "pages_show_list", "pages_read_engagement",
                "pages_read_user_content", "read_insights",
            ]
            /// Nil never expires.
            package var expiresAt: Instant?
            /// From then on every call ends with 190 and `subcode`.
            package var brokenFrom: Instant?
            /// Until then; nil for good.
            package var brokenUntil: Instant?
            /// One of meta.md 7: 458, 459, 460, 463, 464, 467, 492.
            package var subcode = 460
            package init(_ value: String) { self.value = value }
        }
    }

    /// Lists and nodes (meta.md 12.3). Shares are in thousandths.
    package struct Reading: Codable, Sendable, Hashable {
        package var defaultLimit = 25
        package var mostLimit = 500
        package var shortPages = 0
        package var emptyPages = 0
        package var cursorLife: Int64 = 86_400
        /// Rows after which an edge refuses to page on; 0 is never.
        package var deepestRow = 0
        /// An edge that is asked for DELETED answers (#100); else it lists none.
        package var refusesDeleted = true
        /// A missing id fails the whole multi-get; else it is left out.
        package var failsOnMissingID = true
        /// Datetimes come out as `2024-01-01t10:00:00 0000` (meta.md 2), share of requests.
        package var oddDatetimes = 0
        /// Adds a field that nobody asked for to every object and row.
        package var surpriseField: String?
        /// Messages of refused fields name the field.
        package var namesGatedField = true
        package init() {}
    }

    /// Reports (meta.md 12.4).
    package struct Insights: Codable, Sendable, Hashable {
        package var defaultLimit = 25
        package var mostLimit = 5000
        package var shortPages = 0
        package var emptyPages = 0
        /// Rows of archived and deleted objects come only with a filter on their status.
        package var hidesUnlisted = true
        /// Conversions off Meta come on later days, also after an ad's last delivery.
        package var trailingConversions = true
        /// Windows `7d_view` and `28d_view`: error or silence.
        package var refusesRemovedWindows = false
        /// Campaign rows that lack purchases which their ads have, in thousandths.
        package var campaignGaps = 0
        /// Months that reports reach back, else 3018.
        package var months = 37
        /// Accounts that did not opt in get nothing synchronously for restricted breakdowns.
        package var restrictsBreakdowns = false
        package init() {}
    }

    /// When an answer is too big (meta.md 12.5). The numbers are invented; only their order of size is known.
    ///
    /// A query costs `rows x (fields + 2 x windows + 6) / 24`, twice that with action breakdowns: a row of
    /// usual width costs 1. Any query gets small enough by splitting entities, days or fields.
    package struct Size: Codable, Sendable, Hashable {
        package var syncRows = 5000
        package var asyncRows = 100_000
        /// Cost of one page of any list: rows x weight of the fields.
        package var pageRows = 2000
        /// Microseconds that the model takes for a row of a synchronous report, against `syncSeconds`.
        package var rowMicroseconds: Int64 = 2000
        package var syncSeconds: Int64 = 45
        /// Answers that fail whenever an ad's day is asked for with that field.
        package var poisons: [Poison] = []
        package init() {}

        package struct Poison: Codable, Sendable, Hashable {
            /// Index of the account and of its ad.
            package var account: Int
            package var ad: Int
            package var day: CivilDate
            package var field: String
            package init(account: Int, ad: Int, day: CivilDate, field: String) {
                self.account = account
                self.ad = ad
                self.day = day
                self.field = field
            }
        }
    }

    /// Asynchronous reports (meta.md 12.6). Shares are in thousandths of the submitted runs.
    package struct Runs: Codable, Sendable, Hashable {
        package var medianSeconds: Int64 = 20
        /// Upper end of what a run takes, in multiples of the median.
        package var spread: Int64 = 8
        package var fails = 0
        package var skips = 0
        package var stuckAtZero = 0
        package var stuckAt99 = 0
        package var notFoundAfterSubmit = 0
        package var unreadableResults = 0
        package var cannotInclude = 0
        package var lifeSeconds: Int64 = 30 * 86_400
        /// Runs in flight of one account above which they get slower (invented, like the next).
        package var slowAbove = 50
        package var failAbove = 200
        package init() {}
    }

    /// The layers of meta.md 6.1.
    package struct Limits: Codable, Sendable, Hashable {
        package var isOn = true
        package var tier = Tier.full
        /// Score limiter: nil is what the tier gives (60 or 9000 points over 300 s; blocks of 300 or 60 s).
        package var score: Int64?
        package var scoreSeconds: Int64 = 300
        package var blockSeconds: Int64?
        /// Calls per account and hour before active ads count; nil is what the tier gives.
        package var management: Int64?
        package var insights: Int64?
        package var bucBlockMinutes: Int64 = 5
        /// Users a day; the app has 200 calls per user and hour.
        package var dailyUsers: Int64 = 200
        package var appBlockSeconds: Int64 = 300
        /// Insights calls of the app per minute that the platform bears; 0 is no limit.
        package var insightsPerMinute: Int64 = 0
        package var mutationsPerSecond: Int64 = 100
        package var budgetEdits = 4
        /// Wall time and processor time that calls of an account may take per hour, in seconds.
        package var timeBudget: Int64 = 20_000
        /// Smallest `acc_id_util_pct` of the insights throttle: it may stay high while calls succeed.
        package var insightsFloor = 0
        /// Calls before the first usage headers.
        package var warmUp = 0
        /// Of the throttles by score, the share that says 613/1487742, in thousandths.
        package var as613 = 0
        /// Codes 190 come with status 401; 4, 10 and 200 with 403; else all with 400.
        package var strictStatuses = true
        package init() {}

        package enum Tier: String, Codable, Sendable {
            case development = "development_access"
            case full = "standard_access"
        }
    }

    package struct Batch: Codable, Sendable, Hashable {
        package var most = 50
        /// Items that come back as null, in thousandths.
        package var nulls = 0
        package init() {}
    }

    package struct Versions: Codable, Sendable, Hashable {
        package var oldest = 22
        package var newest = 26
        /// Calls to expired versions are served by the oldest live one; else they end with 2635.
        package var upgrades = true
        package init() {}
    }

    /// Times are microseconds; each answer takes `base`, up to `jitter`, and `row` for each row.
    package struct Latency: Codable, Sendable, Hashable {
        package var base: Int64 = 0
        package var jitter: Int64 = 0
        package var row: Int64 = 0
        package init() {}
    }
}
