import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Plans of Shopee")
struct ShopeePlanTests {
    private static let performance = [
        ShopeeStream.campaignDaily, ShopeeStream.campaignHourly, ShopeeStream.shopDaily, ShopeeStream.shopHourly,
    ]

    private func plan(
        _ step: JobStep, campaigns: Int = 0, streams: [StreamID]? = nil, window: DayRange = ShopeeRun.days(-90, 0),
        due: [CivilDate]? = nil, learned: [StreamID: Learned] = [:]
    ) throws -> [ChunkSpec] {
        let connector = try ShopeeConnector()
        let ids = ShopeeRun.ids(campaigns)
        let request = PlanRequest(
            step: step, kind: .initial, account: ShopeeRun.account, anchor: ShopeeRun.anchor, window: window,
            streams: streams ?? connector.streams.map(\.id),
            due: Dictionary(uniqueKeysWithValues: Self.performance.map { ($0, due ?? window.days) }), listed: [:],
            tallies: [ShopeeStream.campaigns: Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) })],
            learned: learned, now: Instant(seconds: 1_790_000_000))
        return connector.plan(request)
    }

    @Test("The structure is the list of campaigns and the shop; numbers alone need the ids alone")
    func structure() throws {
        let all = try plan(ShopeePlatform.structure)
        let numbers = try plan(ShopeePlatform.structure, streams: [ShopeeStream.campaignDaily])
        let shop = try plan(ShopeePlatform.structure, streams: [ShopeeStream.shopDaily])

        #expect(all.map(\.stream) == [ShopeeStream.campaigns, ShopeeStream.shops])
        #expect(all.map(\.mode) == ["list", ""])
        #expect(numbers.map(\.stream) == [ShopeeStream.campaigns] && numbers.map(\.mode) == ["ids"])
        #expect(shop.isEmpty)
    }

    @Test(
        "A month of a shop is as few calls as there can be, in pieces of a hundred where there are more than 200",
        arguments: [(0, 0, 0), (1, 1, 1), (200, 1, 2), (201, 3, 3), (335, 4, 4), (917, 10, 10), (10_000, 100, 100)])
    func month(campaigns: Int, chunks: Int, calls: Int) throws {
        let specs = try plan(
            ShopeePlatform.recent, campaigns: campaigns, streams: [ShopeeStream.campaignDaily, ShopeeStream.shopDaily],
            window: ShopeeRun.days(-29, 0))

        let daily = specs.filter { $0.stream == ShopeeStream.campaignDaily }
        #expect(daily.count == chunks)
        #expect(daily.reduce(0) { $0 + (($1.entities?.ids.count ?? 0) + 99) / 100 } == calls)
        #expect(Set(daily.flatMap { $0.entities?.ids ?? [] }) == Set(ShopeeRun.ids(campaigns)))
        #expect(daily.flatMap { $0.entities?.ids ?? [] }.count == campaigns)
        #expect(daily.allSatisfy { $0.days == ShopeeRun.days(-29, 0) })
        #expect(specs.filter { $0.stream == ShopeeStream.shopDaily }.count == 1)
    }

    @Test("Days are cut into as few ranges of 30 as cover them, equally long, the newest first")
    func ranges() throws {
        func days(_ window: DayRange) throws -> [DayRange?] {
            try plan(ShopeePlatform.recent, streams: [ShopeeStream.shopDaily], window: window).map(\.days)
        }

        #expect(try days(ShopeeRun.days(-90, 0)).map { $0?.count } == [23, 23, 23, 22])
        #expect(try days(ShopeeRun.days(-30, 0)) == [ShopeeRun.days(-15, 0), ShopeeRun.days(-30, -16)])
        #expect(try days(ShopeeRun.days(0, 0)) == [ShopeeRun.days(0, 0)])
        let all = try days(ShopeeRun.days(-90, 0)).compactMap { $0 }.flatMap(\.days)
        #expect(Set(all) == Set(ShopeeRun.days(-90, 0).days) && all.count == 91)
    }

    @Test("Days that are due apart share a range where one call has them all")
    func gaps() throws {
        let due = [-40, -35, -9, -2, -1, 0].map { ShopeeRun.anchor.adding(days: $0) }
        let specs = try plan(
            ShopeePlatform.recent, streams: [ShopeeStream.shopDaily, ShopeeStream.shopHourly], due: due)

        #expect(
            specs.filter { $0.stream == ShopeeStream.shopDaily }.map(\.days) == [
                ShopeeRun.days(-9, 0), ShopeeRun.days(-40, -35),
            ])
        #expect(
            specs.filter { $0.stream == ShopeeStream.shopHourly }.map(\.days) == [
                ShopeeRun.days(-2, 0), ShopeeRun.days(-9, -9), ShopeeRun.days(-35, -35), ShopeeRun.days(-40, -40),
            ])
    }

    @Test("Hours are a call for each day: no chunk has more than four, and they come behind the days")
    func hours() throws {
        for (campaigns, days) in [(50, 4), (150, 2), (500, 4)] {
            let specs = try plan(ShopeePlatform.recent, campaigns: campaigns)
            let hourly = specs.filter { $0.stream == ShopeeStream.campaignHourly }
            #expect(hourly.first?.days == ShopeeRun.days(1 - days, 0))
            #expect(hourly.allSatisfy { ($0.days?.count ?? 0) * ((($0.entities?.ids.count ?? 0) + 99) / 100) <= 4 })
            let lastDaily = specs.lastIndex { $0.stream == ShopeeStream.campaignDaily } ?? specs.endIndex
            let firstHourly = specs.firstIndex { $0.stream == ShopeeStream.shopHourly } ?? specs.startIndex
            #expect(lastDaily < firstHourly)
        }
    }

    @Test("The size of pieces is learned, down to fewer and up to whole calls")
    func learned() throws {
        func sizes(_ size: Double?, fixed: Double? = nil, campaigns: Int = 500) throws -> Set<Int> {
            let specs = try plan(
                ShopeePlatform.recent, campaigns: campaigns, streams: [ShopeeStream.campaignDaily],
                window: ShopeeRun.days(-7, 0),
                learned: [
                    ShopeeStream.campaignDaily: Learned(
                        size: size, worstSeconds: size.map { $0 < 100 ? 20 : 1 }, fixedSize: fixed)
                ])
            return Set(specs.compactMap { $0.entities?.ids.count })
        }

        #expect(try sizes(nil) == [100])
        #expect(try sizes(50) == [50])
        #expect(try sizes(150) == [100])
        #expect(try sizes(900) == [200, 100])
        #expect(try sizes(nil, fixed: 25) == [25])
        #expect(try sizes(50, campaigns: 120) == [50, 20])
    }

    @Test("Campaigns that are known to be gone are not asked for")
    func gone() throws {
        var learned = Learned()
        learned.take(Learned.gone(campaign: "9002"), at: Instant(seconds: 0))

        let specs = try plan(
            ShopeePlatform.recent, campaigns: 3, streams: [ShopeeStream.campaignDaily], window: ShopeeRun.days(-3, 0),
            learned: [ShopeeStream.campaigns: learned])

        #expect(specs.map { $0.entities?.ids } == [["9001", "9003"]])
        let rules = #"{"rules":[{"all":true,"budgets":[{"budget":200000}]}]}"#
        let budgets = ShopeePlanner(
            request: PlanRequest(
                step: ShopeePlatform.structure, kind: .scheduled, account: ShopeeRun.account,
                anchor: ShopeeRun.anchor, window: nil, streams: [ShopeeStream.budgets], due: [:], listed: [:],
                tallies: [ShopeeStream.campaigns: ["9001": 1, "9002": 1]],
                learned: [ShopeeStream.campaigns: learned], now: Instant(seconds: 0)),
            budgets: try BudgetPlan(json: rules))
        #expect(budgets.specs().map { $0.entities?.ids } == [["9001"]])
    }

    @Test("Ids are in the order of their numbers")
    func order() {
        #expect(["10", "9", "100", "11"].sorted(by: ShopeePlanner.isOlder) == ["9", "10", "11", "100"])
    }
}
