extension MetaSandbox {
    /// Lays an account out: who belongs to whom, who lives when. Children of one parent stand together, so
    /// that a parent is a range of ads.
    struct Layout {
        let spec: MetaWorld.Account
        let seed: UInt64
        let anchor: Int32
        let zone: Zone

        private var firstDay: Int32 { anchor - Int32(spec.days) }

        func fill(_ account: inout Account) {
            let deletedCampaigns = spec.campaigns * spec.deleted / 1000
            let deletedAdSets = max(deletedCampaigns, spec.adSets * spec.deleted / 1000)
            let deletedAds = max(deletedAdSets, spec.ads * spec.deleted / 1000)
            let campaigns = spec.campaigns + deletedCampaigns
            var adSets = spread(spec.adSets, over: spec.campaigns, salt: 1).map { [Bool](repeating: false, count: $0) }
            adSets += [[Bool]](repeating: [], count: deletedCampaigns)
            for index in 0..<deletedAdSets {
                let campaign =
                    index < deletedCampaigns ? spec.campaigns + index : pick(spec.campaigns, 2, index)
                adSets[campaign].append(true)
            }
            let flat = adSets.enumerated().flatMap { campaign, marks in marks.map { (campaign, $0) } }
            var ads = [[Bool]](repeating: [], count: flat.count)
            let live = flat.indices.filter { !flat[$0].1 }
            let gone = flat.indices.filter { flat[$0].1 }
            for (place, count) in spread(spec.ads, over: live.count, salt: 3).enumerated() {
                ads[live[place]] = [Bool](repeating: false, count: count)
            }
            for index in 0..<deletedAds {
                ads[index < gone.count ? gone[index] : live[pick(live.count, 4, index)]].append(true)
            }
            for index in 0..<campaigns { account.campaigns.append(campaign(index, isDeleted: index >= spec.campaigns)) }
            for (index, (parent, isDeleted)) in flat.enumerated() {
                add(adSet: index, of: parent, isDeleted: isDeleted, ads: ads[index], to: &account)
            }
            retireParents(&account, deleted: flat.map(\.1))
        }

        private func pick(_ count: Int, _ salt: Int, _ index: Int) -> Int {
            Mix.below(count, Mix.hash(Mix.hash(seed, salt), index))
        }

        /// Gives each bucket one while they last; of the rest, `skew` to the first and more to early ones.
        private func spread(_ total: Int, over buckets: Int, salt: Int) -> [Int] {
            var counts = [Int](repeating: 0, count: buckets)
            for index in 0..<min(total, buckets) { counts[index] = 1 }
            let rest = max(0, total - buckets)
            let first = rest * spec.skew / 1000
            counts[0] += first
            for index in 0..<(rest - first) {
                let hash = Mix.hash(Mix.hash(seed, salt), index)
                let even = Mix.below(buckets, hash)
                counts[spec.shape == .flat ? index % buckets : even * even / buckets] += 1
            }
            return counts
        }

        private func campaign(_ index: Int, isDeleted: Bool) -> Campaign {
            let own = Mix.hash(Mix.hash(seed, 11), index)
            let room = max(1, spec.days - 3)
            let draw = pick(room, 12, index)
            var start = firstDay + Int32(draw / 2 + draw * draw / room / 2)
            if index == 0 || spec.shape == .flat { start = firstDay }
            let length = spec.shape == .flat || index == 0 ? 100_000 : lifeTime(own, short: 60, middle: 400)
            let created = zone.start(of: start) - 7200 + Int64(Mix.below(3600, own))
            var campaign = Campaign(life: Life(created: created, editEvery: editInterval(own)), seed: own)
            campaign.first = start
            campaign.last = start &+ Int32(min(length, 100_000))
            return campaign
        }

        /// Days, heavy-tailed: many short lives, some that go on past the anchor.
        private func lifeTime(_ hash: UInt64, short: Int, middle: Int) -> Int {
            let class100 = Mix.below(100, Mix.hash(hash, 1))
            let draw = Mix.hash(hash, 2)
            if class100 < 18 { return 5 + Mix.below(short, draw) }
            if class100 < 42 { return short + Mix.below(middle - short, draw) }
            return 100_000
        }

        private func editInterval(_ hash: UInt64) -> Int64 {
            86_400 * Int64(spec.isLively ? 2 : 9) + Int64(Mix.below(86_400 * 60, Mix.hash(hash, 3)))
        }

        private func add(adSet index: Int, of parent: Int, isDeleted: Bool, ads: [Bool], to account: inout Account) {
            let campaign = account.campaigns[parent]
            let own = Mix.hash(Mix.hash(seed, 13), index)
            let created = campaign.life.created + 300 + Int64(Mix.below(600, own))
            var adSet = AdSet(
                life: Life(created: created, editEvery: editInterval(own)), seed: own, campaign: parent)
            let from = account.ads.count
            for isGone in ads {
                var ad = self.ad(account.ads.count, in: campaign, isDeleted: isDeleted || isGone, account: account)
                ad.adSet = index
                ad.campaign = parent
                ad.life.created = max(ad.life.created, created + 60)
                adSet.first = min(adSet.first, ad.first)
                adSet.last = max(adSet.last, ad.last)
                account.ads.append(ad)
            }
            adSet.ads = from..<account.ads.count
            account.adSets.append(adSet)
            let isFirst = account.campaigns[parent].adSets.isEmpty
            account.campaigns[parent].adSets = (isFirst ? index : campaign.adSets.lowerBound)..<(index + 1)
            account.campaigns[parent].ads = (isFirst ? from : campaign.ads.lowerBound)..<account.ads.count
        }

        private func ad(_ index: Int, in campaign: Campaign, isDeleted: Bool, account: Account) -> Ad {
            let own = Mix.hash(Mix.hash(seed, 17), index)
            var first = firstDay
            var last = anchor - 1
            let isLate = spec.isLively && !isDeleted && Mix.strikes(120, Mix.hash(own, 20))
            if spec.shape == .skewed {
                let room = Int(max(1, min(anchor - 2, campaign.last) - campaign.first))
                let draw = Mix.below(room, Mix.hash(own, 21))
                first = campaign.first + Int32(draw / 3 + draw * draw / room * 2 / 3)
                let life = min(spec.longestLife, lifeTime(own, short: 45, middle: 300))
                last = Int32(min(Int64(campaign.last), Int64(first) + Int64(life) - 1))
                if isLate {
                    first = anchor + 1 + Int32(Mix.below(20, Mix.hash(own, 22)))
                    last = first + Int32(min(spec.longestLife, 10))
                }
            }
            if isDeleted, spec.shape == .skewed {
                last = min(last, anchor - 3)
                first = min(first, last)
            }
            let created = zone.start(of: first) - 1800 - Int64(Mix.below(14_400, own))
            var life = Life(created: created, editEvery: editInterval(own))
            retire(&life, own: own, last: last, isDeleted: isDeleted)
            return numbers(
                Ad(
                    life: life, seed: own, adSet: 0, campaign: 0, first: first, last: last, base: 0, clickRate: 0,
                    price: 0, purchaseRate: 0, basket: 0), account: account)
        }

        /// When an ad ends: paused, archived some weeks later, or deleted.
        private func retire(_ life: inout Life, own: UInt64, last: Int32, isDeleted: Bool) {
            let end = zone.start(of: last + 1)
            let limit = zone.start(of: anchor) - 7200
            if isDeleted {
                let isLate = spec.isLively && Mix.strikes(400, Mix.hash(own, 30))
                let later = limit + 7200 + Int64(Mix.below(8 * 86_400, Mix.hash(own, 31)))
                life.retired = isLate ? later : max(end, limit - Int64(Mix.below(20 * 86_400, Mix.hash(own, 31))))
                life.retired = isLate ? life.retired : min(life.retired, limit)
                life.retirement = .deleted
            } else if Mix.strikes(spec.archived, Mix.hash(own, 32)), spec.isLively || end < limit {
                life.retired = end + 3600 + Int64(Mix.below(12 * 86_400, Mix.hash(own, 33)))
                if !spec.isLively { life.retired = min(life.retired, limit) }
                life.retirement = .archived
            } else if last < anchor + 50_000, spec.shape == .skewed {
                life.retired = end + 60
            }
        }

        private func numbers(_ ad: Ad, account: Account) -> Ad {
            var ad = ad
            let own = ad.seed
            ad.base = 120 << Int64(Mix.below(7, Mix.hash(own, 40))) &+ Int64(Mix.below(100, Mix.hash(own, 41)))
            ad.clickRate = 4000 + Int64(Mix.below(30_000, Mix.hash(own, 42)))
            // About 1.6 dollars or 40,000 dong for a thousand impressions.
            let unit: Int64 = account.places == 0 ? 25_000_000_000 : 1_000_000
            ad.price = unit + Int64(Mix.below(1000, Mix.hash(own, 43))) * unit / 800
            ad.purchaseRate = 3000 + Int64(Mix.below(45_000, Mix.hash(own, 44)))
            let basket = 15 * unit + Int64(Mix.below(1000, Mix.hash(own, 45))) * unit / 20
            ad.basket = basket / account.minor * account.minor
            return ad
        }

        /// Parents end with their last ad; deleted ones are deleted by the anchor.
        private func retireParents(_ account: inout Account, deleted: [Bool]) {
            let limit = zone.start(of: anchor) - 3600
            for index in account.campaigns.indices {
                let ads = account.campaigns[index].ads
                account.campaigns[index].first = ads.map { account.ads[$0].first }.min() ?? Int32.max
                account.campaigns[index].last = ads.map { account.ads[$0].last }.max() ?? Int32.min
                let last = account.campaigns[index].last
                end(&account.campaigns[index].life, account.campaigns[index].seed, last, limit, index >= spec.campaigns)
            }
            for index in account.adSets.indices {
                let last = account.adSets[index].last
                end(&account.adSets[index].life, account.adSets[index].seed, last, limit, deleted[index])
            }
        }

        private func end(_ life: inout Life, _ own: UInt64, _ last: Int32, _ limit: Int64, _ isDeleted: Bool) {
            if isDeleted {
                life.retired = limit
                life.retirement = .deleted
            } else if last > Int32.min, last < anchor - 4, spec.shape == .skewed {
                life.retired = min(limit, zone.start(of: last + 2) + Int64(Mix.below(20 * 86_400, own)))
                life.retirement = Mix.strikes(spec.archived, Mix.hash(own, 50)) ? .archived : .paused
            }
        }
    }
}
