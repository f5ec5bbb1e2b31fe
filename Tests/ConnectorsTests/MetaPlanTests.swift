import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Plans of Meta")
struct MetaPlanTests {
    private static let anchor = MetaRun.anchor
    private static let now = Instant(seconds: 1_790_000_000)
    private static let recent = MetaRun.days(-90, 0)

    private func request(_ step: JobStep, window: DayRange? = recent, _ change: (inout PlanRequest) -> Void = { _ in })
        throws -> PlanRequest
    {
        let streams = try MetaConnector().streams.map(\.id)
        var request = PlanRequest(
            step: step, kind: .initial, account: MetaRun.account, anchor: Self.anchor, window: window,
            streams: streams, due: [:], listed: [:], tallies: [:], learned: [:], now: Self.now)
        if let window {
            for stream in [StreamID.campaignInsights, .adSetInsights, .adInsights] { request.due[stream] = window.days }
        }
        change(&request)
        return request
    }

    private func plan(_ request: PlanRequest) throws -> [ChunkSpec] { try MetaConnector().plan(request) }

    @Test("The structure is five listings")
    func structure() throws {
        let specs = try plan(request(MetaPlatform.structure))

        #expect(specs.map(\.stream) == [.businesses, .adAccounts, .campaigns, .adSets, .ads])
        #expect(specs.allSatisfy { $0.mode == "list" && $0.days == nil && $0.phase == .recent })
    }

    @Test("Only what was asked for is planned")
    func streams() throws {
        let specs = try plan(request(MetaPlatform.structure) { $0.streams = [.ads, .adInsights] })

        #expect(specs.map(\.stream) == [.ads])
    }

    @Test("Within a day of a whole listing only changes are listed, from ten minutes before the last one")
    func changes() throws {
        let request = try request(MetaPlatform.structure) {
            $0.listed = [
                .campaigns: ListingState(
                    sweptAt: Self.now - .seconds(3600), changedUpTo: Instant(seconds: 1_789_990_000)),
                .ads: ListingState(sweptAt: Self.now - .seconds(90_000), changedUpTo: Instant(seconds: 1)),
            ]
        }

        let modes = try Dictionary(uniqueKeysWithValues: plan(request).map { ($0.stream, $0.mode) })

        #expect(modes[.campaigns] == "changed:1789989400")
        #expect(modes[.adSets] == "list")
        #expect(modes[.ads] == "list")
    }

    @Test("Days of insights are covered once, the newest first, in pieces by the number of entities")
    func pieces() throws {
        let request = try request(MetaPlatform.recent) {
            $0.tallies = [.ads: ["ACTIVE": 900, "PAUSED": 100], .campaigns: ["ACTIVE": 351], .adSets: ["ACTIVE": 700]]
        }

        let specs = try plan(request).filter { $0.stream == .adInsights }

        #expect(specs.first?.days?.last == Self.anchor)
        #expect(specs.allSatisfy { $0.days?.count ?? 0 <= 5 && $0.mode == "sync+archived" })
        #expect(specs.count == 19)
        let days = specs.flatMap { $0.days?.days ?? [] }
        #expect(days.count == 91)
        #expect(Set(days) == Set(Self.recent.days))
        #expect(specs.compactMap(\.days?.last) == specs.compactMap(\.days?.last).sorted(by: >))
    }

    @Test("Small accounts are read in long equal pieces: a quarter at once, half a year in two")
    func longPieces() throws {
        func sizes(_ window: DayRange) throws -> [Int] {
            let request = try request(MetaPlatform.recent, window: window) { $0.tallies = [.campaigns: ["ACTIVE": 2]] }
            let days = try plan(request).filter { $0.stream == .campaignInsights }.compactMap(\.days)
            #expect(days.flatMap(\.days).sorted() == window.days)
            return days.map(\.count)
        }

        #expect(try sizes(Self.recent) == [91])
        #expect(try sizes(MetaRun.days(-92, 0)) == [47, 46])
        #expect(try sizes(MetaRun.days(-182, 0)) == [92, 91])
    }

    @Test("An account whose lists are complete and empty is read in one piece per level")
    func nothingListed() throws {
        let window = MetaRun.days(-400, 0)
        func specs(sweptAt: Instant?) throws -> [ChunkSpec] {
            let state = ListingState(sweptAt: sweptAt)
            let request = try request(MetaPlatform.recent, window: window) {
                $0.listed = [.campaigns: state, .adSets: state, .ads: state]
                $0.tallies = [.campaigns: [:], .adSets: [:]]
            }
            return try plan(request).filter { $0.stream.rawValue.hasSuffix("insights") }
        }

        let swept = try specs(sweptAt: Self.now)
        #expect(swept.map(\.stream) == [.campaignInsights, .adSetInsights, .adInsights])
        #expect(swept.allSatisfy { $0.days == window && $0.mode == "sync+archived" })
        // Of an account of which nothing is known a page may hold a day or all of them.
        let unknown = try specs(sweptAt: nil)
        #expect(unknown.count == 3 * 29 && unknown.allSatisfy { $0.days?.count ?? 0 <= 14 })
    }

    @Test("Only due days are read, in runs without gaps")
    func dueDays() throws {
        let request = try request(MetaPlatform.recent) {
            $0.streams = [.adInsights]
            $0.tallies = [.ads: ["ACTIVE": 10]]
            $0.due = [.adInsights: [-30, -29, -3, -1, 0].map { Self.anchor.adding(days: $0) }]
        }

        let specs = try plan(request)

        #expect(specs.map { "\($0.days!)" } == ["2026-09-20…2026-09-21", "2026-09-18", "2026-08-22…2026-08-23"])
    }

    @Test("Days outside the step's window are left to the other step")
    func window() throws {
        let request = try request(MetaPlatform.history, window: DayRange(Self.anchor.adding(days: -91))) {
            $0.due[.adInsights] = [Self.anchor.adding(days: -91), Self.anchor]
        }

        let specs = try plan(request).filter { $0.stream == .adInsights }

        #expect(specs.map { "\($0.days!)" } == ["2026-06-22"])
        #expect(specs.first?.phase == .history)
    }

    @Test("More rows on a day than an answer holds mean reports of one day each, but today is read at once")
    func heavy() throws {
        let request = try request(MetaPlatform.recent) { $0.tallies = [.ads: ["ACTIVE": 12_000]] }

        let specs = try plan(request).filter { $0.stream == .adInsights }

        #expect(specs.count == 91)
        #expect(specs.first?.days == DayRange(Self.anchor))
        #expect(specs.first?.mode == "sync+archived")
        #expect(specs.dropFirst().allSatisfy { $0.mode == "report+archived" })
    }

    @Test("What was learned beats what is expected")
    func learned() throws {
        let request = try request(MetaPlatform.recent) {
            $0.tallies = [.ads: ["ACTIVE": 12_000]]
            $0.learned = [.adInsights: Learned(size: 4, ceiling: 8, density: 100)]
        }

        let specs = try plan(request).filter { $0.stream == .adInsights }

        #expect(specs.allSatisfy { $0.days?.count ?? 9 <= 4 && $0.mode == "sync+archived" })
        #expect(specs.count == 23)
    }

    @Test("Where answers at once are refused, reports of many days are planned, and today still asks at once")
    func reportsLearned() throws {
        let request = try request(MetaPlatform.recent) {
            $0.tallies = [.ads: ["ACTIVE": 1000]]
            $0.learned = [
                .adInsights: Learned(size: 1, ceiling: 2, dropped: [MetaInsights.answersAtOnce: "100/1504018"])
            ]
        }

        let specs = try plan(request).filter { $0.stream == .adInsights }

        #expect(specs.map(\.mode) == ["sync+archived", "report+archived", "report+archived"])
        #expect(specs.compactMap { $0.days?.count } == [1, 45, 45])
    }

    @Test("A size that somebody insists on is used")
    func fixed() throws {
        let request = try request(MetaPlatform.recent) {
            $0.tallies = [.ads: ["ACTIVE": 1000]]
            $0.learned = [.adInsights: Learned(fixedSize: 30)]
        }

        let specs = try plan(request).filter { $0.stream == .adInsights }

        #expect(specs.compactMap { $0.days?.count } == [23, 23, 23, 22])
    }

    @Test("Every report has a second pass for archived and deleted entities: nothing tells that there are none")
    func archived() throws {
        let specs = try plan(request(MetaPlatform.recent)).filter { $0.stream.rawValue.hasSuffix("insights") }

        #expect(!specs.isEmpty)
        #expect(specs.allSatisfy { $0.mode == "sync+archived" })
    }

    @Test("A second pass that Meta refused is not planned again")
    func archivedRefused() throws {
        let request = try request(MetaPlatform.recent) {
            $0.tallies = [.ads: ["ARCHIVED": 100]]
            $0.learned = [.adInsights: Learned(dropped: [MetaInsights.statusFilter: "100"])]
        }

        let specs = try plan(request).filter { $0.stream == .adInsights }

        // Today tries anew: one refusal by mistake must not hide archived rows for ever.
        #expect(specs.first?.mode == "sync+archived")
        #expect(specs.count > 1 && specs.dropFirst().allSatisfy { $0.mode == "sync" })
    }

    @Test("A second pass that was refused and is accepted again is planned")
    func archivedAccepted() throws {
        let request = try request(MetaPlatform.recent) {
            $0.learned = [.adInsights: Learned(dropped: [MetaInsights.statusFilter: MetaInsights.acceptedAgain])]
        }

        #expect(try plan(request).filter { $0.stream == .adInsights }.allSatisfy { $0.mode == "sync+archived" })
    }

    private func custom(_ breakdown: String, more: String = "") throws -> [ChunkSpec] {
        let report = """
            [{"name":"mine","level":"ad","fields":["impressions","reach"],"breakdowns":[\(more)"\(breakdown)"]}]
            """
        let stream = StreamID("mine")
        let window = try #require(DayRange(Self.anchor.adding(months: -20), Self.anchor))
        var request = try request(MetaPlatform.recent, window: window)
        request.streams = [stream]
        request.due = [stream: window.days]
        request.tallies = [.ads: ["ACTIVE": 1]]
        return try MetaConnector(configuration: ["reports": report]).plan(request)
    }

    @Test("What an answer at once leaves out silently is read as a report, today too")
    func reportsOnly() throws {
        let specs = try custom("impression_device", more: "\"publisher_platform\",")

        #expect(!specs.isEmpty)
        #expect(specs.allSatisfy { $0.mode == "report+archived" })
        #expect(try custom("age").allSatisfy { $0.mode == "sync+archived" })
    }

    @Test(
        "A report knows how far back Meta keeps such rows",
        arguments: [
            ("hourly_stats_aggregated_by_advertiser_time_zone", 13), ("frequency_value", 6), ("age", nil),
        ] as [(String, Int?)])
    func memory(breakdown: String, months: Int?) throws {
        let report = "[{\"name\":\"mine\",\"level\":\"ad\",\"fields\":[\"clicks\"],\"breakdowns\":[\"\(breakdown)\"]}]"
        let connector = try MetaConnector(configuration: ["reports": report])

        #expect(try #require(connector.streams.last).retentionMonths == months)
    }

    @Test("Pages and posts come with the recent step, older posts in pieces of half a year")
    func posts() throws {
        let recent = try plan(request(MetaPlatform.recent))
        let history = try plan(request(MetaPlatform.history, window: nil))

        #expect(recent.first?.stream == .pages)
        #expect(recent.filter { $0.stream == .posts }.map(\.days) == [Self.recent])
        #expect(recent.filter { $0.stream == .posts }.map(\.mode) == ["whole"])
        let days = history.compactMap(\.days)
        #expect(days.allSatisfy { $0.count <= 180 && $0.count > 140 })
        #expect(days.first?.last == Self.anchor.adding(days: -91))
        #expect(days.last?.first == Self.anchor.adding(months: -37).adding(days: 1))
        #expect(Set(history.map(\.stream)) == [.posts])
    }

    @Test("Later runs read the posts of the last four weeks and no history of them")
    func laterPosts() throws {
        func later(_ step: JobStep) throws -> [ChunkSpec] {
            try plan(
                request(step) {
                    $0.kind = .incremental
                    $0.account.recentCompletedAt = Self.now
                    $0.account.historyCompletedAt = Self.now
                    $0.account.lastSyncedAt = Self.now
                }
            ).filter { $0.stream == .posts }
        }

        #expect(try later(MetaPlatform.recent).map(\.days) == [DayRange(Self.anchor.adding(days: -28), Self.anchor)])
        #expect(try later(MetaPlatform.recent).map(\.mode) == ["catch-up"])
        #expect(try later(MetaPlatform.history).isEmpty)
    }

    @Test("After a year without a sync the posts of that year are read")
    func postsAfterAYear() throws {
        let specs = try plan(
            request(MetaPlatform.recent) {
                $0.kind = .incremental
                $0.account.recentCompletedAt = Self.now - .seconds(400 * 86_400)
                $0.account.historyCompletedAt = Self.now - .seconds(400 * 86_400)
                $0.account.lastSyncedAt = Self.now - .seconds(365 * 86_400)
            }
        ).filter { $0.stream == .posts }

        #expect(specs.compactMap(\.days).map(\.count).reduce(0, +) == 368)
        #expect(specs.map(\.mode).filter { !$0.isEmpty } == ["catch-up"])
        #expect(specs.last?.mode == "catch-up")
    }

    @Test("A step without days has no insights")
    func noWindow() throws {
        let specs = try plan(request(MetaPlatform.history, window: nil))

        #expect(!specs.contains { $0.stream.rawValue.hasSuffix("insights") })
    }
}
