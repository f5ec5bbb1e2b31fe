package import SyncCore

/// What a complete and current sync of one account holds (meta.md 12.12).
package struct MetaTruth: Codable, Sendable, Hashable {
    /// Rows by stream: `businesses`, `ad_accounts`, `campaigns`, `ad_sets`, `ads`, `pages`, `posts`,
    /// `campaign_insights`, `ad_set_insights`, `ad_insights`. Insights include archived and deleted objects,
    /// which a filter on their status lists; entities include archived ones, and those deleted ones that an
    /// earlier sync could still list.
    package var rows: [String: Int]
    /// The same without what only a filter on the status brings.
    package var unfiltered: [String: Int]
    /// Days that insights are counted for.
    package var from: CivilDate
    package var to: CivilDate
}

/// Exact sums of one level, account and day.
package struct MetaSums: Codable, Sendable, Hashable {
    /// Rows of the level on that day.
    package var rows = 0
    /// Millionths of the account's currency.
    package var spendMicros: Int64 = 0
    package var impressions: Int64 = 0
    package var clicks: Int64 = 0
    package var linkClicks: Int64 = 0
    /// Default attribution, on and off the platform: `omni_purchase`.
    package var purchases: Int64 = 0
    package var purchaseMicros: Int64 = 0
    package init() {}
}

extension MetaSandbox {
    /// Days that reports of an account can hold at `now`: creation or the retention edge to today.
    package func reportDays(at now: Instant, account id: String) -> DayRange? {
        guard let account = model.accounts.first(where: { $0.spec.id == id }) else { return nil }
        let today = CivilDate(daysSince1970: account.zone.day(at: now.seconds))
        let oldest = today.adding(months: -world.insights.months).adding(days: 1)
        return DayRange(max(oldest, CivilDate(daysSince1970: account.zone.day(at: account.created))), today)
    }

    /// Row counts of all streams of an account at `now`; insights for `days`, all that are offered without.
    ///
    /// `firstSeen` is when a caller first listed the account: objects deleted after it are still its rows.
    package func truth(
        at now: Instant, account id: String, days: DayRange? = nil, firstSeen: Instant? = nil
    ) -> MetaTruth? {
        guard let index = model.accounts.firstIndex(where: { $0.spec.id == id }),
            let days = days ?? reportDays(at: now, account: id)
        else { return nil }
        var rows: [String: Int] = [
            "businesses": world.businesses.count, "ad_accounts": world.accounts.count, "pages": world.pages.count,
            "posts": (0..<world.pages.count).reduce(0) { sum, page in
                sum + view(at: now).posts.listed(of: page, edge: "posts", since: nil, until: nil).count
            },
        ]
        for stream in ["campaigns", "ad_sets", "ads"] {
            rows[stream] = ids(of: stream, at: now, account: id, firstSeen: firstSeen).count
        }
        var unfiltered = rows
        let counts = count(model.accounts[index], days, now)
        for (place, stream) in ["campaign_insights", "ad_set_insights", "ad_insights"].enumerated() {
            rows[stream] = counts.all[place]
            unfiltered[stream] = counts.all[place] - counts.unlisted[place]
        }
        for stream in ["campaigns", "ad_sets", "ads"] {
            unfiltered[stream] = ids(of: stream, at: now, account: id, unfiltered: true).count
        }
        return MetaTruth(rows: rows, unfiltered: unfiltered, from: days.first, to: days.last)
    }

    private func view(at now: Instant) -> View { View(model: model, written: written, now: now.seconds) }

    /// External ids of an account's `campaigns`, `ad_sets` or `ads` that a sync holds.
    package func ids(
        of stream: String, at now: Instant, account id: String, firstSeen: Instant? = nil, unfiltered: Bool = false
    ) -> [String] {
        guard let index = model.accounts.firstIndex(where: { $0.spec.id == id }) else { return [] }
        let edge: Edge = stream == "campaigns" ? .campaigns : stream == "ad_sets" ? .adSets : .ads
        let account = model.accounts[index]
        let count =
            edge == .campaigns ? account.campaigns.count : edge == .adSets ? account.adSets.count : account.ads.count
        let kind: Model.Kind = edge == .campaigns ? .campaign : edge == .adSets ? .adSet : .ad
        let view = view(at: now)
        let earlier = firstSeen.map { self.view(at: $0) }
        return (0..<count).filter { item in
            let node = edge.node(index, item)
            guard view.exists(node) else { return false }
            let status = status(node, view)
            if unfiltered { return status == nil }
            return status != .deleted || earlier.map { $0.exists(node) && self.status(node, $0) != .deleted } ?? false
        }.map { String(Model.id(kind, index, $0)) }
    }

    private func status(_ node: Node, _ view: View) -> Status? {
        switch node {
        case .campaign(let account, let index):
            let status = view.configured(campaign: index, of: account)
            return status.isUnlisted ? status : nil
        case .adSet(let account, let index): return view.unlisted(adSet: index, of: account)
        case .ad(let account, let index): return view.unlisted(ad: index, of: account)
        default: return nil
        }
    }

    /// Rows of campaigns, ad sets and ads, and those of them that a report hides without a status filter.
    private func count(_ account: Account, _ days: DayRange, _ now: Instant) -> (all: [Int], unlisted: [Int]) {
        let view = view(at: now)
        let clock = LocalClock(account.zone, at: now)
        var all = [0, 0, 0]
        var unlisted = [0, 0, 0]
        for campaign in account.campaigns.indices {
            let isHidden = status(.campaign(account.index, campaign), view) != nil
            var ofCampaign = DayMarks(days)
            for adSet in account.campaigns[campaign].adSets {
                let isSetHidden = status(.adSet(account.index, adSet), view) != nil
                var ofAdSet = DayMarks(days)
                for ad in account.adSets[adSet].ads {
                    let own = account.activeDays(account.ads[ad], days, clock) { ofAdSet.mark($0) }
                    all[2] += own
                    if status(.ad(account.index, ad), view) != nil { unlisted[2] += own }
                }
                all[1] += ofAdSet.count
                if isSetHidden { unlisted[1] += ofAdSet.count }
                ofCampaign.merge(ofAdSet)
            }
            all[0] += ofCampaign.count
            if isHidden { unlisted[0] += ofCampaign.count }
        }
        return (all, unlisted)
    }

    /// Exact sums per day of `level`: `account`, `campaign`, `adset` or `ad`. They differ in rows only, as
    /// every level adds up to the account.
    package func sums(at now: Instant, account id: String, level: String, days: DayRange) -> [CivilDate: MetaSums] {
        guard let account = model.accounts.first(where: { $0.spec.id == id }) else { return [:] }
        let clock = LocalClock(account.zone, at: now)
        let parents: [Range<Int>] =
            switch level {
            case "campaign": account.campaigns.map(\.ads)
            case "adset": account.adSets.map(\.ads)
            case "ad": account.ads.indices.map { $0..<$0 + 1 }
            default: [account.ads.indices]
            }
        var sums: [CivilDate: MetaSums] = [:]
        for day in days.days {
            var sum = MetaSums()
            for ads in parents {
                let cell = account.sum(ads, day.daysSince1970, day.daysSince1970, clock)
                if cell.isEmpty { continue }
                sum.rows += 1
                sum.spendMicros += cell.spend
                sum.impressions += cell.impressions
                sum.clicks += cell.clicks
                sum.linkClicks += cell.linkClicks
                sum.purchases += cell.pixel + cell.onsite
                sum.purchaseMicros += cell.worthPixel + cell.worthOnsite
            }
            if sum.rows > 0 { sums[day] = sum }
        }
        return sums
    }

    /// Calls that a complete sync of one account cannot do without, at the given page sizes: one for each
    /// started page of each list, `max(1, ceil(rows / limit))`. It assumes that every report may be as big as
    /// it likes, that nothing fails, and that no call is spent on checking.
    package func fewestCalls(
        at now: Instant, account id: String, entities: Int = 500, insights: Int = 500, posts: Int = 100
    ) -> Int {
        guard let truth = truth(at: now, account: id) else { return 0 }
        func pages(_ rows: Int, _ limit: Int) -> Int { max(1, (rows + limit - 1) / limit) }
        var calls = 0
        for stream in ["businesses", "ad_accounts", "campaigns", "ad_sets", "ads", "pages"] {
            calls += pages(truth.rows[stream] ?? 0, entities)
        }
        for stream in ["campaign_insights", "ad_set_insights", "ad_insights"] {
            calls += pages(truth.rows[stream] ?? 0, insights)
        }
        let each = world.pages.count == 0 ? 0 : (truth.rows["posts"] ?? 0) / world.pages.count
        return calls + world.pages.count * pages(each, posts)
    }
}

extension MetaSandbox {
    /// Days of a range on which something happened.
    fileprivate struct DayMarks {
        private var marks: [Bool]
        private let first: Int32

        init(_ days: DayRange) {
            marks = [Bool](repeating: false, count: days.count)
            first = days.first.daysSince1970
        }

        mutating func mark(_ day: Int32) { marks[Int(day - first)] = true }
        var count: Int { marks.count { $0 } }

        mutating func merge(_ other: DayMarks) {
            for index in marks.indices where other.marks[index] { marks[index] = true }
        }
    }
}

extension MetaSandbox.Account {
    /// Counts the days of a range on which an ad has a row.
    fileprivate func activeDays(
        _ ad: MetaSandbox.Ad, _ days: DayRange, _ clock: MetaSandbox.LocalClock, _ mark: (Int32) -> Void
    ) -> Int {
        let first = max(days.first.daysSince1970, ad.first)
        let last = min(days.last.daysSince1970, min(clock.today, ad.last &+ (trails ? Self.longestLag : 0)))
        guard first <= last else { return 0 }
        var count = 0
        for day in first...last where !cell(ad, day, clock).isEmpty {
            count += 1
            mark(day)
        }
        return count
    }
}
