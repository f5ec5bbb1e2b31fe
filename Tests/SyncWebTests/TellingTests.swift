import FoundationEssentials
import HTTPTypes
import Testing
import Wording

@testable import SyncCore
@testable import SyncWeb

/// Small things that pages say and draw.
@Suite("What pages tell")
struct TellingTests {
    private let english = Words(language: .english)
    private let vietnamese = Words(language: .vietnamese)

    @Test("Days of one month name it once")
    func days() throws {
        let last = try #require(CivilDate("2026-11-18"))
        let month = try #require(DayRange(last.adding(days: -1), last))
        let months = try #require(DayRange(last.adding(days: -80), last))

        #expect(english.days(month, today: last) == "17–18 Nov" && vietnamese.days(month, today: last) == "17–18/11")
        #expect(english.days(months, today: last) == "30 Aug – 18 Nov")
        #expect(english.days(DayRange(last), today: last) == "18 Nov")
    }

    @Test("Time that is left is told in hours from one on, and without its range where there is no room")
    func left() {
        let long = Estimate.Left(low: .seconds(55 * 60), likely: .seconds(80 * 60), high: .seconds(120 * 60))
        let short = Estimate.Left(low: .seconds(180), likely: .seconds(240), high: .seconds(420))

        #expect(english.timeLeft(long) == "about 1 h 20 min left (55 min–2 h)")
        #expect(english.timeLeft(short) == "about 4 min left (3–7)")
        #expect(vietnamese.timeLeft(short, withRange: false) == "còn khoảng 4 phút")
    }

    @Test("Short money keeps a place behind the point below ten")
    func money() {
        #expect(vietnamese.shortMoney(9_500_000_000_000, "VND") == "9,5 tr ₫")
        #expect(english.shortMoney(36_200_000_000_000, "VND") == "36M ₫")
        #expect(english.shortMoney(6_000_000_000_000, "VND") == "6M ₫")
    }

    @Test("How many times an amount is another is exact, however large both are")
    func times() {
        #expect(english.times(633_686, of: 146_483) == "4.32")
        #expect(vietnamese.times(9_000_000_000_000_000_000, of: 3_000_000_000_000_000_000) == "3,00")
        #expect(english.times(1, of: 0) == nil)
    }

    @Test("The label of now stays within the day's strip, and what it would cover is left out")
    func clock() {
        let (morning, noon, night) = (SchedulesPage.Clock(20), SchedulesPage.Clock(843), SchedulesPage.Clock(1435))

        #expect(morning.anchor == "start" && morning.hides00 && !morning.hides24)
        #expect(noon.anchor == "middle" && noon.hides12 && !noon.hides00 && !noon.hides24)
        #expect(night.anchor == "end" && night.hides24 && !night.hides00)
    }

    @Test("The pace is drawn from what ended, and not from little")
    func pace() throws {
        func result(_ second: Int, _ rows: Int) -> ChunkResult {
            ChunkResult(
                id: ChunkID(Int64(second)), spec: ChunkSpec(stream: StreamID("ads"), phase: .recent), state: .completed,
                rows: rows, retryCount: 0, duration: .seconds(1), at: Instant(seconds: Int64(1000 + second)))
        }

        let pace = try #require(ProgressPage.drawnPace((0...24).map { result($0, $0 == 24 ? 100 : 50) }))

        // The last part of the time brought 50, 50 and 100 rows: nobody had more.
        #expect(pace.line.hasPrefix("M2 11.5L") && pace.x == "71" && pace.y == "3")
        #expect(ProgressPage.drawnPace((0...6).map { result($0, 50) }) == nil)
    }

    @Test("What somebody did is told by name, the address is behind it")
    func names() {
        let told = RunWords(english, zone: .gmt, now: Instant(seconds: 1_700_000_000))
        let entry = AuditEntry(
            workspace: .first, actor: "Linh Trần <linh@annhien.example>", action: "Signed in", subject: "")

        let part = AuditPart([entry], VerifiedChain(chain: AuditChain(count: 1, brokenAt: nil), at: told.now), told)

        #expect(part.records.first?.name == "Linh Trần" && part.records.first?.initials == "LT")
        #expect(part.records.first?.who == "Linh Trần <linh@annhien.example>")
    }

    @Test("Who finds the database away is told what to do, and others are not")
    func steps() {
        let away = ErrorPage.steps(for: .away(StoreError.diskFull), english)

        #expect(away.count == 2 && away.last?.command == "sluice doctor")
        #expect(ErrorPage.steps(for: .notFound, english).isEmpty && ErrorPage.steps(for: .starting, english).isEmpty)
    }

    @Test("Where everything waits, nothing is said to move")
    func waiting() {
        func headline(_ chunks: [WorkState: Int]) -> String {
            SystemView(
                told: RunWords(english, zone: .gmt, now: Instant(seconds: 1_700_000_000)),
                depth: QueueDepth(chunks: chunks, openJobs: 1), flow: .ok, minutes: [], machines: [],
                facts: DatabaseFacts(engine: "SQLite", version: "3", bytes: 1, schema: 1), waiting: [:], quotas: [],
                learned: [:], mayPause: false, mayBackUp: false
            ).page().headline
        }

        #expect(headline([.waiting: 3]) == "All work waits")
        #expect(headline([.waiting: 3, .inProgress: 1]) == "Everything is moving")
    }

    @Test("An editor keeps the connection that a schedule is about, though it is the only one of its platform")
    func connection() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let made = try await lab.call(
                .post, "/sync/schedules", as: owner,
                json: #"{"name": "All", "connections": [\#(account.connection)], "interval": "30m"}"#)
            let id = try #require((made.json["schedule"] as? [String: Any])?["id"] as? Int, "\(made.text)")

            let shown = try await lab.get("/sync/schedules/\(id)/edit", as: owner, html: true)

            #expect(shown.text.contains("value=\"connection:\(account.connection)\" checked"))
        }
    }
}
