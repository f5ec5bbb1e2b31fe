import ConnectorKit
import SyncCore
import Testing

@testable import SyncEngine

@Suite("Price")
struct PriceTests {
    private static let now = Instant(seconds: 1_795_000_000)
    private static let account = AccountID(1)
    private static let key = QuotaKey(rawValue: "acme/account/1")
    private static let shared = QuotaKey(rawValue: "acme/app/1")
    private static let list = StreamID("list")
    private static let daily = StreamID("daily")

    private static func days(_ count: Int) -> DayRange {
        let last = CivilDate(daysSince1970: 20_000)
        return DayRange(last.adding(days: 1 - count), last) ?? DayRange(last)
    }

    /// One that listed for `listing` calls and read `days` days for `reading`, in so many seconds.
    private static func job(
        _ id: Int64, of account: AccountID = account, listing: Int = 2, days: Int, reading: Int, seconds: Int = 10,
        throttled: Int = 0, kind: JobKind = .manual, isPruned: Bool = false
    ) -> PastJob {
        PastJob(
            job: JobID(id), account: account, kind: kind, streams: [list, daily], requested: self.days(days),
            requests: listing + reading, throttled: throttled, length: .seconds(seconds), finishedAt: now,
            parts: isPruned
                ? [:]
                : [
                    list: PastJob.Part(requests: listing, days: 0),
                    daily: PastJob.Part(requests: reading, days: days),
                ])
    }

    private static func want(
        _ days: Int?, streams: [StreamID] = [list, daily], of account: AccountID = account, keys: [QuotaKey] = [key]
    ) -> Price.Want {
        Price.Want(account: account, streams: streams, days: days.map(self.days), keys: keys)
    }

    private static func quota(_ points: Double, burst: Double = 10) -> Quota {
        Quota(limit: QuotaLimit(points: points, per: .seconds(1), burst: burst), at: now)
    }

    @Test("Nothing is told where nothing was read before")
    func unknown() {
        let price = Price([PriceTests.want(1)], past: [], quotas: [:], at: PriceTests.now)

        #expect(!price.isKnown)
        #expect(price.parts[0].calls == nil)
        #expect(price.length == nil)
        #expect(price.promise(at: PriceTests.now) == nil)
    }

    @Test("A stream that no job of the account had is not known, and then neither is the whole")
    func unknownStream() {
        let past = [PriceTests.job(1, days: 1, reading: 5)]
        let price = Price(
            [PriceTests.want(1, streams: [PriceTests.list, StreamID("other")])], past: past, quotas: [:],
            at: PriceTests.now)

        #expect(price.parts[0].calls == nil)
    }

    @Test("The job that read about as many days tells; others are reckoned by the day")
    func byDays() {
        let past = [
            PriceTests.job(3, days: 30, reading: 31), PriceTests.job(2, days: 1, reading: 4),
            PriceTests.job(1, days: 1, reading: 4),
        ]
        func calls(_ days: Int) -> Int? {
            Price([PriceTests.want(days)], past: past, quotas: [:], at: PriceTests.now).parts[0].calls
        }

        #expect(calls(1) == 2 + 4)
        #expect(calls(30) == 2 + 31)
        // From the month, and not from the day.
        #expect(calls(60) == 2 + 62)
        #expect(calls(2) == 2 + 8)
    }

    @Test("Only the streams that are wanted cost")
    func chosen() {
        let past = [PriceTests.job(1, listing: 7, days: 1, reading: 4)]
        let price = Price(
            [PriceTests.want(1, streams: [PriceTests.daily])], past: past, quotas: [:], at: PriceTests.now)

        #expect(price.parts[0].calls == 4)
    }

    @Test("A job whose chunks are gone tells of the same streams as a whole")
    func pruned() {
        let past = [PriceTests.job(1, days: 1, reading: 4, isPruned: true)]
        let whole = Price([PriceTests.want(1)], past: past, quotas: [:], at: PriceTests.now)
        let part = Price([PriceTests.want(1, streams: [PriceTests.list])], past: past, quotas: [:], at: PriceTests.now)

        #expect(whole.parts[0].calls == 6)
        #expect(part.parts[0].calls == nil)
    }

    @Test("What is due is told by jobs for what was due, not by the first sync nor by named days")
    func due() {
        var first = PriceTests.job(1, days: 90, reading: 500, kind: .initial)
        var second = PriceTests.job(2, days: 8, reading: 9, kind: .scheduled)
        (first.requested, second.requested) = (nil, nil)
        let past = [PriceTests.job(3, days: 1, reading: 50), second, first]
        let price = Price([PriceTests.want(nil)], past: past, quotas: [:], at: PriceTests.now)

        #expect(price.parts[0].calls == 2 + 9)
    }

    @Test("It takes as long as jobs of the same size took that nobody throttled")
    func length() {
        let past = [
            PriceTests.job(3, days: 1, reading: 8, seconds: 300, throttled: 2),
            PriceTests.job(2, days: 1, reading: 8, seconds: 20), PriceTests.job(1, days: 30, reading: 98, seconds: 60),
        ]
        let price = Price([PriceTests.want(1)], past: past, quotas: [:], at: PriceTests.now)

        #expect(price.length == .seconds(20))
        #expect(price.promise(at: PriceTests.now) == .init(points: 10, until: PriceTests.now + .seconds(20)))
    }

    @Test("A block, and a limit that is used up, make it later")
    func limits() throws {
        let past = [PriceTests.job(1, days: 1, reading: 18)]
        var blocked = PriceTests.quota(100, burst: 100)
        blocked.throttled(until: PriceTests.now + .seconds(60), least: .seconds(1), jitter: 0, at: PriceTests.now)
        var used = PriceTests.quota(1, burst: 20)
        used.charge(20, at: PriceTests.now)
        func part(_ quota: Quota) -> Price.Part {
            Price([PriceTests.want(1)], past: past, quotas: [PriceTests.key: quota], at: PriceTests.now).parts[0]
        }

        #expect(part(PriceTests.quota(1, burst: 20)).length == .seconds(10))
        #expect(part(used).length == .seconds(30))
        #expect(part(used).blockedUntil == nil)
        let late = try #require(part(blocked).length)
        #expect(late >= .seconds(70))
        #expect(part(blocked).blockedUntil == PriceTests.now + .seconds(60))
    }

    @Test("Accounts that share a limit wait for each other")
    func sharing() {
        let other = AccountID(2)
        let past = [
            PriceTests.job(1, days: 1, reading: 28, seconds: 20),
            PriceTests.job(2, of: other, days: 1, reading: 28, seconds: 20),
        ]
        let quotas = [PriceTests.shared: PriceTests.quota(1, burst: 10)]
        let keys = [PriceTests.shared]
        let alone = Price([PriceTests.want(1, keys: keys)], past: past, quotas: quotas, at: PriceTests.now)
        let both = Price(
            [PriceTests.want(1, keys: keys), PriceTests.want(1, of: other, keys: keys)], past: past, quotas: quotas,
            at: PriceTests.now)

        #expect(alone.length == .seconds(20))
        #expect(both.length == .seconds(50))
        #expect(both.calls(inPoints: false) == 60)
    }

    private static func open(_ keys: [QuotaKey], _ reason: WaitReason? = nil) -> Price.Open {
        let log = LogEntry(
            job: JobID(9), account: AccountID(3), platform: PlatformID("acme"), accountName: "Cà phê", zoneName: "UTC",
            kind: .initial, state: reason == nil ? .inProgress : .waiting, waitReason: reason, phase: .recent,
            requested: nil, days: nil, totalChunks: 1, completedChunks: 0, failedChunks: 0, percent: 0,
            rowsReceived: 0, rowsWritten: 0, requests: 0, throttled: 0, retries: 0, errorClass: nil,
            errorMessage: nil, createdAt: now, startedAt: now, finishedAt: nil, schedule: nil)
        return Price.Open(log: log, keys: keys)
    }

    @Test("Work that shares an exhausted limit is told to be late; other work is not")
    func delays() {
        let past = [PriceTests.job(1, days: 1, reading: 28, seconds: 20)]
        func delays(_ open: Price.Open, burst: Double = 10) -> [Duration] {
            Price(
                [PriceTests.want(1, keys: [PriceTests.shared])], past: past,
                quotas: [PriceTests.shared: PriceTests.quota(1, burst: burst)], open: [open], at: PriceTests.now
            ).delays.map(\.by)
        }

        #expect(delays(PriceTests.open([PriceTests.shared])) == [.seconds(30)])
        #expect(delays(PriceTests.open([PriceTests.key])) == [])
        #expect(delays(PriceTests.open([PriceTests.shared], .credential)) == [])
        #expect(delays(PriceTests.open([PriceTests.shared]), burst: 1000) == [])
    }

    @Test("A limit that few of the calls can have touched does not make it later")
    func unrelated() {
        // Three hundred calls in ten seconds went past a limit of one in a second.
        let past = [PriceTests.job(1, listing: 0, days: 1, reading: 300, seconds: 10)]
        let other = AccountID(2)
        let price = Price(
            [PriceTests.want(1), PriceTests.want(1, of: other)],
            past: past + [PriceTests.job(2, of: other, listing: 0, days: 1, reading: 300, seconds: 10)],
            quotas: [PriceTests.key: PriceTests.quota(1, burst: 10)], at: PriceTests.now)

        #expect(price.length.map { $0 <= .seconds(40) } == true)
    }

    // MARK: By what is planned

    /// A first sync of ninety days: two lists, and three chunks of thirty days for ten calls each.
    private static var first: PastJob {
        var job = PriceTests.job(1, days: 90, reading: 30, kind: .initial)
        job.requested = nil
        job.pieces = [
            PastJob.Piece(stream: list, way: ChunkWay(mode: "list"), chunks: 1, days: 0, requests: 2, least: 2),
            PastJob.Piece(stream: daily, way: ChunkWay(mode: "sync"), chunks: 3, days: 90, requests: 30, least: 9),
        ]
        return job
    }

    private static func planned(_ pieces: [PastJob.Piece], _ past: [PastJob]) -> Price.Part {
        var want = PriceTests.want(nil)
        want.plan = pieces
        return Price([want], past: past, quotas: [:], at: now).parts[0]
    }

    @Test("After the first sync of a long past, what is due costs what its few days do")
    func afterTheFirst() {
        let today = [
            PastJob.Piece(stream: PriceTests.list, way: ChunkWay(mode: "list"), chunks: 1, days: 0),
            PastJob.Piece(stream: PriceTests.daily, way: ChunkWay(mode: "sync"), chunks: 1, days: 1),
        ]
        let part = PriceTests.planned(today, [PriceTests.first])

        // Two for the list; of the day at least two, and a thirtieth of the rest.
        #expect(part.calls == 4)
        #expect(part.range == nil)
    }

    @Test("A list of what changed since is as much as there is since, and what comes along with it, too")
    func since() {
        func way(_ days: Int) -> ChunkWay {
            ChunkWay(mode: "since:\((PriceTests.now - .seconds(days * 86_400)).seconds)+x")
        }
        var job = PriceTests.first
        let pages = StreamID("pages")
        job.pieces = [
            PastJob.Piece(stream: pages, way: ChunkWay(mode: "list"), chunks: 1, days: 0, requests: 1, least: 1),
            PastJob.Piece(stream: PriceTests.list, way: way(10), chunks: 1, days: 0, requests: 21, least: 21),
            PastJob.Piece(stream: PriceTests.daily, way: ChunkWay(mode: "whole"), chunks: 10, days: 0, requests: 100),
        ]
        let plan = [
            PastJob.Piece(stream: pages, way: ChunkWay(mode: "list"), chunks: 1, days: 0),
            PastJob.Piece(stream: PriceTests.list, way: way(1), chunks: 1, days: 0),
        ]
        let part = PriceTests.planned(plan, [job])
        job.pieces[1].way = ChunkWay(mode: "named:1")
        let other = PriceTests.planned(plan, [job])

        // By the time 1 + 4 + 10, and as many as before where all of it came late.
        #expect(part.range == 15...122)
        #expect(other.range == 2...122)
    }

    @Test("A way in which nothing was read yet is told from to")
    func otherWay() {
        let changed = [
            PastJob.Piece(stream: PriceTests.list, way: ChunkWay(mode: "list"), chunks: 1, days: 0),
            PastJob.Piece(stream: PriceTests.daily, way: ChunkWay(mode: "changed:1"), chunks: 1, days: 0),
        ]
        let part = PriceTests.planned(changed, [PriceTests.first])

        #expect(part.range == 3...12)
        #expect(part.calls == 5)
    }

    @Test("An account that was never read is told by first syncs of others, by the days that it has")
    func others() {
        var want = PriceTests.want(nil)
        (want.span, want.others) = (30, [PriceTests.first])
        let one = Price([want], past: [], quotas: [:], at: PriceTests.now)
        want.others += [PriceTests.first, PriceTests.first]
        let more = Price([want], past: [], quotas: [:], at: PriceTests.now)

        // Two lists and a third of thirty.
        #expect(one.parts[0].calls == 12)
        #expect(one.parts[0].range == 6...24)
        #expect(one.range(inPoints: false) == 6...24)
        #expect(one.isKnown)
        #expect(more.parts[0].range == 10...15)
    }

    @Test("Where nobody has read anything of the platform, the plan alone tells from to, and not when")
    func plain() {
        var want = PriceTests.want(nil, streams: [PriceTests.daily])
        want.plan = [PastJob.Piece(stream: PriceTests.daily, way: ChunkWay(mode: ""), chunks: 30, days: 900)]
        want.later = 24
        func part() -> Price.Part { Price([want], past: [], quotas: [:], at: PriceTests.now).parts[0] }
        let known = part()
        // What is found on the way nobody can count.
        want.isFound = true

        #expect(known.range == 4...1500)
        #expect(known.length == nil)
        #expect(part().calls == nil)
    }

    @Test("A job that was the same tells by all that it took, its looks at totals with it")
    func totals() {
        var last = PriceTests.job(2, days: 1, reading: 4)
        last.parts[.totals] = PastJob.Part(requests: 1, days: 1)
        let whole = Price([PriceTests.want(1)], past: [last], quotas: [:], at: PriceTests.now)
        last.requests = 7
        let counted = Price([PriceTests.want(1)], past: [last], quotas: [:], at: PriceTests.now)
        let part = Price(
            [PriceTests.want(1, streams: [PriceTests.daily])], past: [last], quotas: [:], at: PriceTests.now)

        #expect(whole.parts[0].calls == 6)
        #expect(counted.parts[0].calls == 7)
        #expect(part.parts[0].calls == 5)
    }
}
