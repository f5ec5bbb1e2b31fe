import SyncCore
import Testing

private let claimed = ClaimedChunk(
    id: ChunkID(1), job: JobID(1), account: AccountID(1), spec: ChunkSpec(stream: StreamID("ads"), phase: .recent),
    workClass: .recent, anchor: CivilDate(daysSince1970: 20_000), startedAt: Instant(seconds: 0), fence: 1)

@Suite("A tally")
struct TallyTests {
    private func update(_ outcome: ChunkUpdate.Outcome, bytes: Int = 0) -> ChunkUpdate {
        ChunkUpdate(claimed, outcome, spent: Spent(bytes: bytes))
    }

    private let cause = Failure.Cause(code: "1", "It broke.")

    @Test("counts rows, bytes and ends of what was written, and nothing of what was refused")
    func writes() {
        var tally = Tally()

        tally.wrote(
            update(.proceed(cursor: "1"), bytes: 10), .written(.init(received: 5, changed: 4)), in: .milliseconds(2))
        tally.wrote(
            update(.finish(.init(isComplete: true)), bytes: 20), .written(.init(received: 3, changed: 1, deleted: 2)),
            in: .milliseconds(30))
        tally.wrote(update(.finish(.init(isComplete: true)), bytes: 40), .stale, in: .seconds(9))
        tally.wrote(update(.finish(.init(isComplete: true)), bytes: 80), .outdated, in: .seconds(1))

        #expect(tally.rowsReceived == 8)
        #expect(tally.rowsWritten == 5)
        #expect(tally.rowsDeleted == 2)
        #expect(tally.bytesReceived == 30)
        #expect(tally.chunks == [.completed: 1, .lost: 1])
        #expect(tally.writes.count == 4)
    }

    @Test("has a name for each end of a chunk")
    func ends() {
        var tally = Tally()
        let outcomes: [ChunkUpdate.Outcome] = [
            .wait(cursor: nil, after: nil, reason: .quota), .handBack, .retry(after: .zero, .retryNow(cause)),
            .split([], reason: ""), .fail(.bug(cause)),
        ]

        for outcome in outcomes { tally.wrote(update(outcome), .written(.init()), in: .zero) }
        tally.rescued(RescueReport(rescued: [ChunkID(1), ChunkID(2)], quarantined: [ChunkID(3)]))

        #expect(
            tally.chunks == [.waited: 1, .handedBack: 1, .retried: 1, .split: 1, .failed: 2, .rescued: 2])
    }

    @Test("takes waiting for what we cannot change as moving, and failing as standing still")
    func moves() {
        #expect(ChunkUpdate.Outcome.wait(cursor: nil, after: nil, reason: .credential).moves)
        #expect(ChunkUpdate.Outcome.proceed(cursor: "1").moves)
        #expect(!ChunkUpdate.Outcome.retry(after: .zero, .retryNow(cause)).moves)
        #expect(!ChunkUpdate.Outcome.handBack.moves)
    }

    @Test("keeps platforms and outcomes of calls apart")
    func calls() {
        var tally = Tally()
        let (meta, shopee) = (PlatformID("meta"), PlatformID("shopee"))

        for outcome in [Tally.CallOutcome.ok, .ok, .throttled] { tally.called(meta, outcome) }
        tally.called(shopee, .error)
        tally.stoodInLine(.milliseconds(1500))
        tally.stoodInLine(.milliseconds(250))

        #expect(
            tally.calls == [
                Tally.Call(meta, .ok): 2, Tally.Call(meta, .throttled): 1, Tally.Call(shopee, .error): 1,
            ])
        #expect(tally.permitWait == .milliseconds(1750))
    }
}

@Suite("A histogram")
struct HistogramTests {
    @Test("puts each value into the first bucket that is not below it, and what is beyond into the last")
    func buckets() {
        var histogram = Histogram(bounds: [0.1, 1])

        for milliseconds in [-5, 0, 100, 101, 1000, 60_000] { histogram.observe(.milliseconds(milliseconds)) }

        #expect(histogram.counts == [3, 2, 1])
        #expect(histogram.cumulative.map(\.bound) == [0.1, 1])
        #expect(histogram.cumulative.map(\.count) == [3, 5])
        #expect(histogram.count == 6)
        #expect(abs(histogram.sum - 61.201) < 1e-9)
    }
}

@Suite("A quota as it is looked at")
struct QuotaLookTests {
    private let now = Instant(seconds: 1_795_000_000)
    private let key = QuotaKey(PlatformID("meta"), "account", "1")

    @Test("tells its rate, how much is used, and what is left of a block")
    func use() {
        var quota = Quota(limit: QuotaLimit(points: 30, per: .seconds(1), burst: 60), at: now)
        _ = quota.take(15, atLeast: 15, at: now)
        let open = QuotaUse(key, quota, at: now)
        quota.throttled(until: now + .seconds(90), least: .seconds(60), jitter: 0, at: now)
        let blocked = QuotaUse(key, quota, at: now + .seconds(30))

        #expect(open.perSecond == 30)
        #expect(abs(open.used - 0.25) < 0.001)
        #expect(open.blockedFor == .zero)
        #expect(blocked.perSecond == 15)
        #expect(blocked.blockedFor == .seconds(60))
        #expect(blocked.used <= 1)
    }
}
