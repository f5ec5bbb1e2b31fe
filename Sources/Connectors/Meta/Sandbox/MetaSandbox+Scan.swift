import SyncCore

extension MetaSandbox {
    /// Walks the rows of a report in their order: entity, period, segment. Rows are computed when they are
    /// reached and never stored.
    struct Scan {
        let view: View
        let query: Query
        let account: Account
        let clock: LocalClock
        private let entities: Range<Int>
        private let dropsPixel: Bool
        private let dropsReach: Bool
        private let oldestHourly: Int32
        private let oldestFrequency: Int32

        struct Position: Sendable, Hashable {
            var entity: Int
            var period = 0
            var segment = 0
        }

        struct Row {
            var position: Position
            var period: Query.Period
            var segment: Int
            var cell: Cell
        }

        init(_ view: View, _ query: Query) {
            self.view = view
            self.query = query
            account = view.account(query.account)
            clock = LocalClock(account.zone, at: Instant(seconds: query.asOf))
            let ads = query.ads
            switch query.level {
            case .account: entities = 0..<1
            case .ad: entities = ads
            case .campaign:
                entities =
                    ads.isEmpty
                    ? 0..<0 : account.ads[ads.lowerBound].campaign..<account.ads[ads.upperBound - 1].campaign + 1
            case .adSet:
                entities =
                    ads.isEmpty ? 0..<0 : account.ads[ads.lowerBound].adSet..<account.ads[ads.upperBound - 1].adSet + 1
            }
            let hourly = query.breakdowns.contains { $0.hasPrefix("hourly") }
            dropsPixel = hourly || query.breakdowns.contains("region")
            dropsReach = hourly
            let today = CivilDate(daysSince1970: clock.today)
            oldestHourly = hourly ? today.adding(months: -13).daysSince1970 : .min
            oldestFrequency =
                query.breakdowns.contains("frequency_value") ? today.adding(months: -6).daysSince1970 : .min
        }

        var start: Position { Position(entity: entities.lowerBound) }

        /// Ads of an entity that are in scope.
        func ads(of entity: Int) -> Range<Int> {
            let own: Range<Int> =
                switch query.level {
                case .account: query.ads
                case .campaign: account.campaigns[entity].ads
                case .adSet: account.adSets[entity].ads
                case .ad: entity..<entity + 1
                }
            return own.clamped(to: query.ads)
        }

        private func isHidden(_ entity: Int) -> Bool {
            guard query.hidesUnlisted else { return false }
            switch query.level {
            case .account: return false
            case .campaign: return view.configured(campaign: entity, of: query.account).isUnlisted
            case .adSet: return view.unlisted(adSet: entity, of: query.account) != nil
            case .ad: return view.unlisted(ad: entity, of: query.account) != nil
            }
        }

        /// Days on which an entity can have rows.
        private func span(_ entity: Int) -> (Int32, Int32) {
            let trail = account.trails ? Account.longestLag : 0
            switch query.level {
            case .account: return (.min, .max)
            case .campaign: return (account.campaigns[entity].first, account.campaigns[entity].last &+ trail)
            case .adSet: return (account.adSets[entity].first, account.adSets[entity].last &+ trail)
            case .ad: return (account.ads[entity].first, account.ads[entity].last &+ trail)
            }
        }

        /// Calls `body` with each row from `position` on until it says stop; returns where it stopped, or nil
        /// at the end.
        func rows(from position: Position, _ body: (Row) -> Bool) -> Position? {
            var entity = max(position.entity, entities.lowerBound)
            var skipTo = position
            while entity < entities.upperBound {
                defer { entity += 1 }
                let isFirst = entity == skipTo.entity
                if isHidden(entity) { continue }
                let ads = ads(of: entity)
                if ads.isEmpty { continue }
                let (first, last) = span(entity)
                for index in (isFirst ? skipTo.period : 0)..<max(query.periods.count, isFirst ? skipTo.period : 0) {
                    let period = query.periods[index]
                    if period.to < first || period.from > last || isTooOld(period) { continue }
                    let cell = account.sum(ads, period.from, period.to, clock, only: query.allowed)
                    if cell.isEmpty { continue }
                    let from = isFirst && index == skipTo.period ? skipTo.segment : 0
                    for segment in from..<max(from, query.segments.count) {
                        guard let part = part(cell, segment), passes(part) else { continue }
                        let place = Position(entity: entity, period: index, segment: segment)
                        if !body(Row(position: place, period: period, segment: segment, cell: part)) { return place }
                    }
                }
                skipTo.entity = -1
            }
            return nil
        }

        private func isTooOld(_ period: Query.Period) -> Bool {
            period.from < oldestHourly || period.from < oldestFrequency
        }

        private func part(_ cell: Cell, _ index: Int) -> Cell? {
            guard !query.breakdowns.isEmpty else { return cell }
            let segment = query.segments[index]
            var part = cell.part(from: segment.low, to: segment.high, of: 1000, minor: account.minor)
            if dropsReach { part.reach = 0 }
            if dropsPixel {
                (part.day1, part.day7, part.day28, part.viewed) = (0, 0, 0, 0)
                (part.worth1, part.worth7, part.worth28, part.worthViewed) = (0, 0, 0, 0)
            }
            return part.isEmpty ? nil : part
        }

        private func passes(_ cell: Cell) -> Bool {
            query.filters.allSatisfy { filter in
                switch filter.field {
                case "impressions": filter.accepts(String(cell.impressions))
                case "clicks": filter.accepts(String(cell.clicks))
                case "spend": filter.accepts(String(cell.spend / 1_000_000))
                default: true
                }
            }
        }

        /// Rows that the report may have, counted from life times alone.
        var estimatedRows: Int {
            var total = 0
            guard let low = query.periods.map(\.from).min(), let high = query.periods.map(\.to).max() else { return 0 }
            let length = max(1, Int(high - low + 1) / max(1, query.periods.count))
            for entity in entities {
                let ads = ads(of: entity)
                if ads.isEmpty || isHidden(entity) { continue }
                if let allowed = query.allowed, !ads.contains(where: { allowed[$0] }) { continue }
                let (first, last) = span(entity)
                let days = Int(min(high, min(last, clock.today))) - Int(max(low, first)) + 1
                if days > 0 { total += (days + length - 1) / length }
            }
            return total * query.segments.count
        }
    }
}
