import SyncCore

extension MetaSandbox {
    /// What a call counts against (meta.md 6.1).
    enum Scope: Sendable, Hashable {
        /// Nothing but app and user.
        case app
        case account(Int, UseCase)
        case page(Int)

        enum UseCase: String, Sendable {
            case management = "ads_management"
            case insights = "ads_insights"
        }
    }

    /// A rolling hour, in steps of a minute.
    struct RollingHour: Sendable {
        private var minutes: [Int64: Int64] = [:]
        private var oldest: Int64 = 0
        private(set) var total: Int64 = 0

        mutating func add(_ amount: Int64, at seconds: Int64) {
            roll(to: seconds)
            minutes[seconds / 60, default: 0] += amount
            total += amount
        }

        mutating func roll(to seconds: Int64) {
            let first = seconds / 60 - 59
            guard first > oldest else { return }
            oldest = first
            for (minute, amount) in minutes where minute < first {
                total -= amount
                minutes[minute] = nil
            }
        }
    }

    /// What is known of one account, app or page.
    struct Meter: Sendable {
        var calls = RollingHour()
        var time = RollingHour()
        var blockedUntil: Int64 = 0
    }

    /// Meters of an ad account.
    struct AccountMeter: Sendable {
        /// Thousandths of a point, decaying evenly.
        var score: Int64 = 0
        var scoredAt: Int64 = 0
        var blockedUntil: Int64 = 0
        var management = Meter()
        var insights = Meter()
        var userErrors = RollingHour()
        var mutations: [Int64] = []
        /// Reports of old reach by breakdown in the last day.
        var reachReports: [Int64] = []
        var edits: [Int64: [Int64]] = [:]
    }

    /// All limits. Each call is admitted by each layer that it touches, or refused by the first that is
    /// full; a call that comes while a layer is blocked makes the block longer.
    struct LimitState: Sendable {
        let world: MetaWorld
        let knobs: MetaWorld.Limits
        let activeAds: [Int64]
        var app = Meter()
        var appInsights: [Int64] = []
        var insightsBlockedUntil: Int64 = 0
        var accounts: [AccountMeter]
        var pages: [Int: Meter] = [:]
        var admitted: [String: Int] = [:]
        /// Points of all calls that were admitted by their accounts.
        var score = 0
        var refused: [String: Int] = [:]
        var refusedCodes: [String: Int] = [:]
        /// Calls made while their layer was blocked: crossings of a limit that the caller knew of.
        var crossings = 0

        init(_ world: MetaWorld, activeAds: [Int64]) {
            self.world = world
            knobs = world.limits
            self.activeAds = activeAds
            accounts = [AccountMeter](repeating: AccountMeter(), count: world.accounts.count)
        }

        var isFull: Bool { knobs.tier == .full }
        var mostScore: Int64 { knobs.score ?? (isFull ? 9000 : 60) }
        var blockSeconds: Int64 { knobs.blockSeconds ?? (isFull ? 60 : 300) }
        var appLimit: Int64 { 200 * knobs.dailyUsers }

        /// Calls that an account may make per rolling hour.
        func limit(_ useCase: Scope.UseCase, _ account: Int) -> Int64 {
            switch useCase {
            case .management: (knobs.management ?? (isFull ? 100_000 : 300)) + 40 * activeAds[account]
            case .insights:
                (knobs.insights ?? (isFull ? 190_000 : 600)) + 400 * activeAds[account]
                    - accounts[account].userErrors.total / 1000
            }
        }

        /// Admits a call of `points`, or throws the throttle that the platform answers.
        mutating func admit(_ scope: Scope, points: Int64, isPost: Bool, at now: Instant) throws(GraphError) {
            guard knobs.isOn else { return }
            let seconds = now.seconds
            app.calls.add(1, at: seconds)
            if seconds < app.blockedUntil || app.calls.total > appLimit {
                let isCrossing = seconds < app.blockedUntil
                app.blockedUntil = seconds + knobs.appBlockSeconds
                throw refuse(
                    "app", isCrossing, GraphError(4, nil, "(#4) Application request limit reached", status: 403))
            }
            admitted["app", default: 0] += 1
            switch scope {
            case .app: break
            case .page(let page): try admit(page: page, seconds)
            case .account(let account, let useCase):
                try admit(account: account, points, now.microseconds / 1000)
                try admit(account: account, useCase, seconds)
                if isPost, useCase == .management { try admitMutation(account, now.microseconds / 1000) }
                if useCase == .insights { try admitInsights(seconds) }
            }
        }

        private mutating func refuse(_ layer: String, _ isCrossing: Bool, _ error: GraphError) -> GraphError {
            refused[layer, default: 0] += 1
            refusedCodes["\(error.code)/\(error.subcode ?? 0)", default: 0] += 1
            if isCrossing { crossings += 1 }
            return error
        }

        /// The score limiter: points decay evenly over `scoreSeconds`.
        private mutating func admit(account: Int, _ points: Int64, _ milliseconds: Int64) throws(GraphError) {
            decay(account, milliseconds)
            let seconds = milliseconds / 1000
            let isCrossing = seconds < accounts[account].blockedUntil
            let isOver = accounts[account].score + points * 1000 > mostScore * 1000
            guard isCrossing || isOver else {
                accounts[account].score += points * 1000
                admitted["account", default: 0] += 1
                score += Int(points)
                return
            }
            accounts[account].blockedUntil = seconds + blockSeconds
            let is613 = Mix.strikes(knobs.as613, Mix.hash(world.seed, Int(truncatingIfNeeded: milliseconds)))
            throw refuse("account", isCrossing, is613 ? .tooManyCalls : .userLimit)
        }

        mutating func decay(_ account: Int, _ milliseconds: Int64) {
            let passed = max(0, milliseconds - accounts[account].scoredAt)
            accounts[account].scoredAt = milliseconds
            let rate = mostScore * 1000 / max(1, knobs.scoreSeconds)
            accounts[account].score = max(0, accounts[account].score - min(passed, 1_000_000) * rate / 1000)
        }

        private mutating func admit(account: Int, _ useCase: Scope.UseCase, _ seconds: Int64) throws(GraphError) {
            let most = limit(useCase, account)
            let path: WritableKeyPath<AccountMeter, Meter> = useCase == .management ? \.management : \.insights
            accounts[account][keyPath: path].calls.add(1, at: seconds)
            accounts[account][keyPath: path].time.roll(to: seconds)
            accounts[account].userErrors.roll(to: seconds)
            let meter = accounts[account][keyPath: path]
            let isCrossing = seconds < meter.blockedUntil
            let isSlow = meter.time.total > knobs.timeBudget * 1000
            guard isCrossing || isSlow || meter.calls.total > most else {
                admitted[useCase.rawValue, default: 0] += 1
                return
            }
            accounts[account][keyPath: path].blockedUntil = seconds + knobs.bucBlockMinutes * 60
            let code = useCase == .management ? 80004 : 80000
            throw refuse(useCase.rawValue, isCrossing, .useCase(code))
        }

        private mutating func admit(page: Int, _ seconds: Int64) throws(GraphError) {
            // 4800 calls per engaged user and day, spread over the hours here.
            let most = 4800 * Int64(world.pages.engagedUsers) / 24
            var meter = pages[page] ?? Meter()
            meter.calls.add(1, at: seconds)
            let isCrossing = seconds < meter.blockedUntil
            let isOver = isCrossing || meter.calls.total > most
            if isOver { meter.blockedUntil = seconds + knobs.bucBlockMinutes * 60 }
            pages[page] = meter
            if isOver { throw refuse("pages", isCrossing, .useCase(80001)) }
            admitted["pages", default: 0] += 1
        }

        private mutating func admitMutation(_ account: Int, _ milliseconds: Int64) throws(GraphError) {
            accounts[account].mutations.removeAll { $0 <= milliseconds - 1000 }
            guard Int64(accounts[account].mutations.count) < knobs.mutationsPerSecond else {
                throw refuse(
                    "mutations", false,
                    GraphError(613, 5_044_001, "(#613) Calls to this api have exceeded the rate limit."))
            }
            accounts[account].mutations.append(milliseconds)
        }

        private mutating func admitInsights(_ seconds: Int64) throws(GraphError) {
            guard knobs.insightsPerMinute > 0 else { return }
            appInsights.removeAll { $0 <= seconds - 60 }
            let isCrossing = seconds < insightsBlockedUntil
            guard isCrossing || Int64(appInsights.count) >= knobs.insightsPerMinute else {
                appInsights.append(seconds)
                admitted["platform_insights", default: 0] += 1
                return
            }
            insightsBlockedUntil = seconds + 60
            throw refuse("platform_insights", isCrossing, .insightsLoad)
        }

        /// Four budget edits an hour and ad set, then an hour of rest (613/1487632).
        mutating func admitBudget(of object: Int64, _ account: Int, _ seconds: Int64) throws(GraphError) {
            guard knobs.isOn else { return }
            var edits = accounts[account].edits[object, default: []].filter { $0 > seconds - 3600 }
            guard edits.count < knobs.budgetEdits else {
                throw refuse(
                    "budget", false,
                    GraphError(
                        613, 1_487_632, "(#613) You have exceeded the number of budget changes for this ad set."))
            }
            edits.append(seconds)
            accounts[account].edits[object] = edits
        }

        /// Ten reports of old reach by breakdown a day; more come without it (meta.md 3).
        mutating func takesReach(_ account: Int, _ seconds: Int64) -> Bool {
            accounts[account].reachReports.removeAll { $0 <= seconds - 86_400 }
            guard accounts[account].reachReports.count < 10 else { return false }
            accounts[account].reachReports.append(seconds)
            return true
        }

        /// Books what a served call took.
        mutating func settle(_ scope: Scope, took microseconds: Int64, failed: Bool, at now: Instant) {
            guard knobs.isOn else { return }
            let milliseconds = max(1, microseconds / 1000)
            app.time.add(milliseconds, at: now.seconds)
            guard case .account(let account, let useCase) = scope else { return }
            if failed { accounts[account].userErrors.add(1, at: now.seconds) }
            if useCase == .management {
                accounts[account].management.time.add(milliseconds, at: now.seconds)
            } else {
                accounts[account].insights.time.add(milliseconds, at: now.seconds)
            }
        }
    }
}

extension MetaSandbox.GraphError {
    static let userLimit = Self(
        17, 2_446_079, "(#17) User request limit reached", title: "Ad Account Has Too Many API Calls")
    static let tooManyCalls = Self(613, 1_487_742, "(#613) There have been too many calls from this ad-account.")
    static let insightsLoad = Self(
        4, 1_504_022, "(#4) Application request limit reached", status: 403, title: "Too many insights calls")

    static func useCase(_ code: Int) -> Self {
        Self(code, 2_446_079, "(#\(code)) There have been too many calls to this ad-account. Wait a bit and try again.")
    }
}
