import ConnectorKit
import SyncCore

extension BoostinySandbox {
    /// The control endpoint under `/sandbox`: oracles and switches for tests. It needs no key and counts for nothing.
    mutating func control(_ question: ControlRequest, at now: Instant) -> SandboxReply {
        ControlRequest.reply {
            question.isChange ? try change(question) : try oracle(question, at: now)
        }
    }

    private func oracle(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        if let account = question.query["account"], account != world.account {
            throw WorldError("There is no account \(account)")
        }
        let at = question.moment(or: now)
        switch question.path {
        case "truth": return try ControlRequest.json(truth(try question.days(), at: at))
        case "sums": return try ControlRequest.json(sums(try question.days(), at: at))
        case "counters": return try ControlRequest.json(counters)
        case "blocked":
            let left = max(0, detector.lockedUntil - now.microseconds) / 1_000_000
            return try ControlRequest.json(left > 0 ? ["key": left] : [:])
        case "world": return try ControlRequest.json(world)
        default: throw WorldError("There is no oracle \(question.path)")
        }
    }

    private mutating func change(_ question: ControlRequest) throws -> [UInt8] {
        switch question.path {
        case "reset": reset()
        case "world": reset(to: try world.changed(by: question.body))
        case "unlock": detector.unlock()
        case "revoke": revoke()
        case "faults":
            var faults = BoostinyWorld.Faults()
            faults.rules = try question.faultRules()
            inject(faults)
        default: throw WorldError("There is no switch \(question.path)")
        }
        return ControlRequest.done
    }
}

extension BoostinySandbox {
    /// What a sync must end up with, by the names of the tables that it fills. A row of performance is a campaign, a
    /// code and a day.
    struct Truth: Encodable {
        var rows: [String: Int]
        var from: CivilDate
        var to: CivilDate
        /// Calls with the largest pages; without dates in rows, one walk per day.
        var fewestCalls: Int
    }

    /// Sums of a day under the names of the table's columns.
    struct Sums: Encodable {
        var orders: Int64
        var net_orders: Int64
        var revenue_micros: Int64
        var net_revenue_micros: Int64

        init(_ cell: Cell) {
            orders = cell.orders
            net_orders = cell.netOrders
            revenue_micros = cell.revenue * 10_000
            net_revenue_micros = cell.netRevenue * 10_000
        }
    }

    func truth(_ asked: DayRange?, at now: Instant) -> Truth {
        let today = Int32(now.seconds / 86_400)
        let days = window(asked, today)
        var perDay: [Int] = []
        for day in days {
            perDay.append(cells(on: day, at: now).count)
        }
        let size = world.reading.mostPerPage
        func pages(_ rows: Int) -> Int { max(1, (rows + size - 1) / size) }
        let rows = perDay.reduce(0, +)
        let coupons = listedCoupons(today).count
        let listed = listedCampaigns(today).count
        let walks = world.performance.hasDate ? pages(rows) : perDay.reduce(0) { $0 + pages($1) }
        return Truth(
            rows: ["boostiny_campaigns": listed, "boostiny_coupons": coupons, "boostiny_performance": rows],
            from: CivilDate(daysSince1970: days.first ?? today), to: CivilDate(daysSince1970: days.last ?? today),
            fewestCalls: pages(listed) + pages(coupons) + walks)
    }

    func sums(_ asked: DayRange?, at now: Instant) -> [String: Sums] {
        var sums: [String: Sums] = [:]
        for day in window(asked, Int32(now.seconds / 86_400)) {
            let cells = cells(on: day, at: now)
            guard !cells.isEmpty else { continue }
            sums[CivilDate(daysSince1970: day).description] = Sums(cells.reduce(into: Cell()) { $0.add($1) })
        }
        return sums
    }

    /// What was sold on a day, by campaign and code.
    private func cells(on day: Int32, at now: Instant) -> [Cell] {
        campaigns.flatMap { campaign in
            let moment = Self.lastImport(of: campaign, at: now.seconds)
            return campaign.coupons.map { cell(campaign, $0, day, importedAt: moment) }.filter { !$0.isEmpty }
        }
    }

    /// The asked days, no later than today; without any, all since the first campaign began.
    private func window(_ asked: DayRange?, _ today: Int32) -> Range<Int32> {
        let oldest = campaigns.map(\.first).min() ?? today
        let first = asked?.first.daysSince1970 ?? oldest
        let last = min(today, asked?.last.daysSince1970 ?? today)
        return first..<max(first, last + 1)
    }
}
