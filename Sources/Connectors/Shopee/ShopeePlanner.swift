import ConnectorKit
import SyncCore

/// The chunks of one step. Campaigns are listed once; their ids stand in the chunks from then on (design.md, rule 3).
struct ShopeePlanner {
    let request: PlanRequest
    var budgets: BudgetPlan?

    /// A shop of so many campaigns is read in one piece (replaced.md R2), a larger one in pieces of a hundred.
    static let mostAtOnce = 200
    /// Days of one call (platforms.md 1.12).
    static let mostDays = 30
    /// Calls of one chunk of hours: at three calls a second, shared by five chunks, it takes 7 seconds.
    private static let mostCalls = 4

    func specs() -> [ChunkSpec] {
        switch request.step {
        case ShopeePlatform.structure: structure()
        case ShopeePlatform.recent, ShopeePlatform.history: daily() + hourly()
        default: []
        }
    }

    private func has(_ stream: StreamID) -> Bool { request.streams.contains(stream) }

    // MARK: Campaigns

    private func structure() -> [ChunkSpec] {
        var specs: [ChunkSpec] = []
        if has(ShopeeStream.campaigns) {
            specs.append(ChunkSpec(stream: ShopeeStream.campaigns, phase: .recent, mode: ShopeeMode.list))
        } else if has(ShopeeStream.campaignDaily) || has(ShopeeStream.campaignHourly) {
            specs.append(ChunkSpec(stream: ShopeeStream.campaigns, phase: .recent, mode: ShopeeMode.ids))
        }
        if has(ShopeeStream.shops) { specs.append(ChunkSpec(stream: ShopeeStream.shops, phase: .recent)) }
        return specs + budgetSpecs()
    }

    /// One chunk for all budgets of the shop: one hand changes them, one after the other.
    private func budgetSpecs() -> [ChunkSpec] {
        guard has(ShopeeStream.budgets), let reach = budgets?.reach else { return [] }
        var ids = Set(reach.ids)
        if reach.isAll { ids.formUnion(campaigns) }
        let all = ids.sorted(by: ShopeePlanner.isOlder) + (reach.hasUnseen ? [ShopeeBudgets.unseen] : [])
        if all.isEmpty { return [] }
        let entities = EntitySet(column: ShopeeSchemas.campaignID, ids: all)
        return [ChunkSpec(stream: ShopeeStream.budgets, phase: .recent, entities: entities)]
    }

    /// All of them where they are few, else in pieces that fill their calls.
    static func slices(of ids: [String], _ learned: Learned) -> [[String]] {
        let size = learned.units(startingAt: ShopeeBatch.most)
        if ids.count <= mostAtOnce, size >= ShopeeBatch.most { return ids.isEmpty ? [] : [ids] }
        // As large as was learned; what is more than a call takes is a whole number of calls.
        let whole = size >= ShopeeBatch.most ? min(size, mostAtOnce) / ShopeeBatch.most * ShopeeBatch.most : size
        return ids.slices(of: whole)
    }

    /// Ids are numbers that grow.
    static func isOlder(_ left: String, _ right: String) -> Bool {
        left.count != right.count ? left.count < right.count : left < right
    }

    /// Those that are stored, without what Shopee says is gone.
    private var campaigns: [String] {
        let learned = request.learned[ShopeeStream.campaigns] ?? Learned()
        return (request.tallies[ShopeeStream.campaigns] ?? [:]).keys.filter { !learned.isGone(campaign: $0) }
    }

    private func slices(_ stream: StreamID) -> [[String]] {
        let ids = campaigns.sorted(by: ShopeePlanner.isOlder)
        return ShopeePlanner.slices(of: ids, request.learned[stream] ?? Learned())
    }

    // MARK: Days

    private func daily() -> [ChunkSpec] {
        let shop = ranges(ShopeeStream.shopDaily).map { chunk(ShopeeStream.shopDaily, $0) }
        guard has(ShopeeStream.campaignDaily) else { return shop }
        let slices = slices(ShopeeStream.campaignDaily)
        return shop
            + ranges(ShopeeStream.campaignDaily).flatMap { days in
                slices.map { chunk(ShopeeStream.campaignDaily, days, $0) }
            }
    }

    private func chunk(_ stream: StreamID, _ days: DayRange, _ ids: [String]? = nil) -> ChunkSpec {
        let entities = ids.map { EntitySet(column: ShopeeSchemas.campaignID, ids: $0) }
        return ChunkSpec(stream: stream, phase: request.step.phase, days: days, entities: entities)
    }

    private func due(_ stream: StreamID) -> [CivilDate] {
        guard has(stream) else { return [] }
        return (request.due[stream] ?? []).filter { request.window?.contains($0) ?? false }.sorted()
    }

    /// As few ranges as cover the days that are due, the newest first. Days between them come along: they cost no call.
    private func ranges(_ stream: StreamID) -> [DayRange] {
        var spans: [[CivilDate]] = []
        for day in due(stream).reversed() {
            if let newest = spans.last?.first, newest.days(since: day) < ShopeePlanner.mostDays {
                spans[spans.count - 1].append(day)
            } else {
                spans.append([day])
            }
        }
        return evened(spans.compactMap { span in span.last.flatMap { DayRange($0, span[0]) } })
    }

    /// Ranges that follow each other are made equally long: a rest of one day would cost as many calls as a whole one.
    private func evened(_ ranges: [DayRange]) -> [DayRange] {
        var runs: [[DayRange]] = []
        for range in ranges {
            if let later = runs.last?.last, range.last.adding(days: 1) == later.first {
                runs[runs.count - 1].append(range)
            } else {
                runs.append([range])
            }
        }
        return runs.flatMap { run -> [DayRange] in
            guard let newest = run.first?.last, let oldest = run.last?.first else { return [] }
            let total = newest.days(since: oldest) + 1
            var last = newest
            return (0..<run.count).compactMap { index in
                let count = total / run.count + (index < total % run.count ? 1 : 0)
                defer { last = last.adding(days: -count) }
                return DayRange(last.adding(days: 1 - count), last)
            }
        }
    }

    // MARK: Hours

    /// The newest hours of the shop and its campaigns first.
    private func hourly() -> [ChunkSpec] {
        let shop = pieces(ShopeeStream.shopHourly, calls: 1).map { chunk(ShopeeStream.shopHourly, $0) }
        guard has(ShopeeStream.campaignHourly) else { return shop }
        let slices = slices(ShopeeStream.campaignHourly)
        let calls = ((slices.first?.count ?? 1) - 1) / ShopeeBatch.most + 1
        return shop
            + pieces(ShopeeStream.campaignHourly, calls: calls).flatMap { days in
                slices.map { chunk(ShopeeStream.campaignHourly, days, $0) }
            }
    }

    /// Each day is a call, so that only days which are due are read.
    private func pieces(_ stream: StreamID, calls: Int) -> [DayRange] {
        let most = max(1, ShopeePlanner.mostCalls / calls)
        var pieces: [DayRange] = []
        for day in due(stream).reversed() {
            if let last = pieces.last, day.adding(days: 1) == last.first, last.count < most,
                let longer = DayRange(day, last.last)
            {
                pieces[pieces.count - 1] = longer
            } else {
                pieces.append(DayRange(day))
            }
        }
        return pieces
    }
}
