extension MetaSandbox {
    /// What happened in a cell: an ad on a day, or sums of that. Money is in millionths of the currency.
    struct Cell: Sendable {
        var impressions: Int64 = 0
        var clicks: Int64 = 0
        var linkClicks: Int64 = 0
        var spend: Int64 = 0
        var reach: Int64 = 0
        /// Largest `reach` of a part, below which the whole cannot be.
        var widest: Int64 = 0
        var reactions: Int64 = 0
        var comments: Int64 = 0
        var landings: Int64 = 0
        var plays: Int64 = 0
        /// Purchases off Meta by window: one day after a click, 7, 28, and one day after a view.
        var day1: Int64 = 0
        var day7: Int64 = 0
        var day28: Int64 = 0
        var viewed: Int64 = 0
        var worth1: Int64 = 0
        var worth7: Int64 = 0
        var worth28: Int64 = 0
        var worthViewed: Int64 = 0
        /// Purchases on Meta, booked on the day of the impression.
        var onsite: Int64 = 0
        var worthOnsite: Int64 = 0

        /// A row exists only where something happened.
        var isEmpty: Bool { impressions == 0 && day28 == 0 && viewed == 0 && onsite == 0 }
        /// What the default attribution (7 days after a click, 1 after a view) counts.
        var pixel: Int64 { day7 + viewed }
        var worthPixel: Int64 { worth7 + worthViewed }

        mutating func add(_ other: Cell) {
            impressions &+= other.impressions
            clicks &+= other.clicks
            linkClicks &+= other.linkClicks
            spend &+= other.spend
            reach &+= other.reach
            widest = max(widest, other.reach)
            reactions &+= other.reactions
            comments &+= other.comments
            landings &+= other.landings
            plays &+= other.plays
            day1 &+= other.day1
            day7 &+= other.day7
            day28 &+= other.day28
            viewed &+= other.viewed
            worth1 &+= other.worth1
            worth7 &+= other.worth7
            worth28 &+= other.worth28
            worthViewed &+= other.worthViewed
            onsite &+= other.onsite
            worthOnsite &+= other.worthOnsite
        }

        /// The part of a cell between two shares; parts that cover all shares add up to the cell exactly.
        func part(from low: Int64, to high: Int64, of whole: Int64, minor: Int64) -> Cell {
            func cut(_ value: Int64) -> Int64 { value * high / whole - value * low / whole }
            func money(_ value: Int64) -> Int64 { cut(value / minor) * minor }
            var part = Cell()
            part.impressions = cut(impressions)
            part.clicks = cut(clicks)
            part.linkClicks = cut(linkClicks)
            part.spend = money(spend)
            part.reach = cut(reach)
            part.widest = part.reach
            part.reactions = cut(reactions)
            part.comments = cut(comments)
            part.landings = cut(landings)
            part.plays = cut(plays)
            part.day1 = cut(day1)
            part.day7 = cut(day7)
            part.day28 = cut(day28)
            part.viewed = cut(viewed)
            part.worth1 = money(worth1)
            part.worth7 = money(worth7)
            part.worth28 = money(worth28)
            part.worthViewed = money(worthViewed)
            part.onsite = cut(onsite)
            part.worthOnsite = money(worthOnsite)
            return part
        }

        /// People reached by all parts together: fewer than their sum, never fewer than the largest part.
        mutating func settleReach(parts: Int) {
            guard parts > 1 else { return }
            reach = min(impressions, max(widest, reach * 6 / 7))
        }
    }
}

extension MetaSandbox.Account {
    /// Thousandths of a day's purchases on Meta that are known after 0, 1, 2 … 28 days.
    static let arrivals: [Int64] = [
        420, 600, 690, 745, 785, 815, 840, 860, 876, 890, 902, 912, 921, 929, 936, 942, 948, 953, 958, 963, 968, 973,
        978, 983, 987, 991, 995, 998, 1000,
    ]
    /// Days after a click on which purchases off Meta happen, with their shares of 100.
    static let lags: [(days: Int32, share: Int64)] = [(0, 70), (1, 15), (5, 10), (20, 5)]
    static let longestLag: Int32 = 20
    static let weekdays: [Int64] = [1000, 940, 960, 980, 1010, 1120, 1180]

    /// Impressions and clicks of a whole day, as they end up.
    @inline(__always)
    private func delivery(_ ad: MetaSandbox.Ad, _ day: Int32) -> (impressions: Int64, clicks: Int64, hash: UInt64) {
        let hash = Mix.hash(ad.seed, UInt64(truncatingIfNeeded: day))
        guard day >= ad.first, day <= ad.last, isFlat || hash & 0x3F != 0 else { return (0, 0, hash) }
        let swing = 512 + Int64((hash >> 16) & 1023)
        let weekday = Self.weekdays[Int((day % 7 + 7) % 7)]
        let impressions = max(1, ad.base * swing / 1024 * weekday / 1000)
        return (impressions, impressions * ad.clickRate / 1_000_000, hash)
    }

    /// The truth of one ad on one day as reports show it at `clock`; empty where nothing happened.
    ///
    /// A day changes after it is over: spend is corrected within 3 days, purchases off Meta are reported up
    /// to 3 days late, purchases on Meta arrive over 28 days.
    func cell(_ ad: MetaSandbox.Ad, _ day: Int32, _ clock: MetaSandbox.LocalClock) -> MetaSandbox.Cell {
        var cell = MetaSandbox.Cell()
        let age = clock.today - day
        guard age >= 0, day >= ad.first, day <= ad.last + (trails ? Self.longestLag : 0) else { return cell }
        let quarters = age == 0 ? clock.quarters : 96
        let (whole, clicks, hash) = delivery(ad, day)
        if whole > 0 {
            cell.impressions = whole * quarters / 96
            cell.clicks = clicks * quarters / 96
            cell.linkClicks = cell.clicks * (60 + Int64((hash >> 26) & 31)) / 100
            cell.landings = cell.linkClicks * 4 / 5
            cell.reactions = cell.impressions * Int64((hash >> 31) & 7) / 1000
            cell.comments = cell.reactions / 9
            cell.plays = ad.seed & 3 == 0 ? cell.impressions / 3 : 0
            cell.reach = cell.impressions * (600 + Int64((hash >> 50) & 255)) / 1000
            if cell.impressions > 0 { cell.reach = max(1, cell.reach) }
            var spend = cell.impressions * (ad.price / 1000)
            let isCorrected = (hash >> 40) & 31 == 0 && age < 1 + Int32((hash >> 45) & 1) * 2
            if isCorrected { spend += spend / 50 }
            cell.spend = spend / minor * minor
            cell.widest = cell.reach
        }
        purchases(ad, day, age, quarters, whole, clicks, &cell)
        return cell
    }

    private func purchases(
        _ ad: MetaSandbox.Ad, _ day: Int32, _ age: Int32, _ quarters: Int64, _ whole: Int64, _ clicks: Int64,
        _ cell: inout MetaSandbox.Cell
    ) {
        var expected: Int64 = 0
        if trails {
            for lag in Self.lags {
                expected += (lag.days == 0 ? clicks : delivery(ad, day - lag.days).clicks) * lag.share
            }
        } else {
            expected = clicks * 100
        }
        let dice = Mix.hash(ad.seed, UInt64(truncatingIfNeeded: day) | 1 << 40)
        let rounding = Int64(dice % 100_000_000)
        let late: Int64 = age == 0 ? 90 : age == 1 ? 95 : age == 2 ? 98 : 100
        let total = (expected * ad.purchaseRate + rounding) / 100_000_000 * quarters / 96 * late / 100
        if total > 0 {
            cell.viewed = total / 5
            cell.day28 = total - cell.viewed
            cell.day7 = cell.day28 - cell.day28 / 10
            cell.day1 = cell.day7 - cell.day7 / 3
            cell.worth1 = cell.day1 * ad.basket
            cell.worth7 = cell.day7 * ad.basket
            cell.worth28 = cell.day28 * ad.basket
            cell.worthViewed = cell.viewed * ad.basket
        }
        guard whole > 0, ad.seed & 1 == 0 else { return }
        let known = Self.arrivals[min(28, Int(age))] * quarters / 96
        cell.onsite = (clicks * ad.purchaseRate / 3_000_000 + Int64(dice >> 60) % 3) * known / 1000
        cell.worthOnsite = cell.onsite * (ad.basket / 2 / minor * minor)
    }

    /// The sum of some ads over days `from...to`.
    func sum(_ ads: Range<Int>, _ from: Int32, _ to: Int32, _ clock: MetaSandbox.LocalClock, only: [Bool]? = nil)
        -> MetaSandbox.Cell
    {
        var sum = MetaSandbox.Cell()
        var parts = 0
        let trail = trails ? Self.longestLag : 0
        for index in ads where only?[index] ?? true {
            let ad = self.ads[index]
            let first = max(from, ad.first)
            let last = min(to, min(clock.today, ad.last + trail))
            guard first <= last else { continue }
            for day in first...last {
                let cell = self.cell(ad, day, clock)
                if cell.isEmpty { continue }
                sum.add(cell)
                parts += 1
            }
        }
        sum.settleReach(parts: parts)
        return sum
    }
}
