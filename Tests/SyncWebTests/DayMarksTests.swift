import FoundationEssentials
import SyncCore
import Testing
import Wording

@testable import SyncWeb

@Suite("The day of a schedule")
struct DayMarksTests {
    private static let zone = PageZone(named: "Asia/Ho_Chi_Minh")
    private static let day = CivilDate(daysSince1970: 20_778)  // 2026-11-21

    private static func at(_ clock: String) -> Instant {
        day.moment(((try? DayTimes.minute(clock)) ?? 0) * 60, in: zone.zone)
    }

    private static func schedule(
        _ recurrence: Recurrence, next: String?, most: Int? = nil, changed: Instant? = nil
    ) -> Schedule {
        Schedule(
            id: ScheduleID(1),
            definition: ScheduleDefinition(
                name: "a", targets: [.account(AccountID(1))], recurrence: recurrence, zoneName: zone.name,
                mostRunsPerDay: most, isActive: next != nil), version: 1, nextRunAt: next.map(at),
            createdAt: day.adding(days: -9).start(in: zone.zone), changedAt: changed)
    }

    private static func run(
        _ planned: String, started: String? = nil, _ state: WorkState = .completed, isManual: Bool = false
    ) -> ScheduleRun {
        ScheduleRun(
            id: ScheduleRunID(1), schedule: ScheduleID(1), plannedAt: at(planned), startedAt: at(started ?? planned),
            state: state, isManual: isManual)
    }

    private static func marks(
        _ schedule: Schedule, _ runs: [ScheduleRun], now: String, runsToday: Int? = nil
    ) -> DayMarks {
        DayMarks(schedule, runs, runsToday: runsToday ?? runs.count { !$0.isManual }, in: zone, at: at(now))
    }

    @Test("Runs that were, runs that failed, and those that come stand at their times")
    func day() {
        let marks = DayMarksTests.marks(
            DayMarksTests.schedule(.every(.hours6), next: "18:00"),
            [
                DayMarksTests.run("00:00"), DayMarksTests.run("06:00", .failed), DayMarksTests.run("12:00"),
                DayMarksTests.run("13:07", isManual: true),
            ], now: "14:03")

        #expect(marks.done == [0, 720, 787])
        #expect(marks.failed == [360])
        #expect(marks.missed == [])
        #expect(marks.toCome == [1080])
    }

    @Test("A time that had no run was missed; one that was made up for late, too, and its run stands where it was")
    func missed() {
        let marks = DayMarksTests.marks(
            DayMarksTests.schedule(.every(.hour1), next: "05:00"),
            [
                DayMarksTests.run("00:00"), DayMarksTests.run("01:00"), DayMarksTests.run("03:00", started: "03:52"),
                DayMarksTests.run("04:00"),
            ], now: "04:10")

        #expect(marks.missed == [120, 180])
        #expect(marks.done == [0, 60, 232, 240])
        #expect(marks.late == .init(planned: DayMarksTests.at("03:00"), started: DayMarksTests.at("03:52")))
    }

    @Test("What is due and waits is not missed, nor what was planned before a change, nor behind the limit of a day")
    func notMissed() {
        let waits = DayMarksTests.marks(
            DayMarksTests.schedule(.every(.hour1), next: "03:00", changed: DayMarksTests.at("01:30")),
            [DayMarksTests.run("02:00")], now: "05:10")
        let spent = DayMarksTests.marks(
            DayMarksTests.schedule(.every(.hour1), next: "23:00", most: 2),
            [DayMarksTests.run("00:00"), DayMarksTests.run("01:00")], now: "05:10")
        let off = DayMarksTests.marks(DayMarksTests.schedule(.every(.hour1), next: nil), [], now: "05:10")

        #expect(waits.missed == [])
        #expect(waits.toCome.prefix(2) == [180, 360])
        #expect(spent.missed == [])
        #expect(spent.toCome == [])
        #expect(off == DayMarks())
    }

    @Test("The paths are those of the designers")
    func paths() {
        var marks = DayMarks()
        (marks.done, marks.failed, marks.missed, marks.toCome) = ([0, 30], [60], [210], [870])
        marks.gap = 30
        let strip = DayStrip(marks)

        #expect(strip.width == "2")
        #expect(strip.done == "M1 30v-20m6 20v-20")
        #expect(strip.failed == "M13 30v-26")
        #expect(strip.missed == "M40 11h4m-4 18h4")
        #expect(strip.toCome == "M175 30v-8")
        #expect(
            [10, 15, 60, 1440].map { gap in
                marks.gap = gap
                return DayStrip(marks).width
            } == ["1.24", "1.86", "2.4", "3"])
    }
}

@Suite("Words of schedules")
struct ScheduleWordsTests {
    private let english = Words(language: .english)
    private let vietnamese = Words(language: .vietnamese)

    @Test(
        "The usual expressions are said in words",
        arguments: [
            ("*/15 * * * *", "Every 15 minutes", "Mỗi 15 phút"), ("* * * * *", "Every minute", "Mỗi phút"),
            ("30 * * * *", "Every hour, at :30", "Mỗi giờ, phút 30"), ("0 */2 * * *", "Every 2 hours", "Mỗi 2 giờ"),
            ("0 6 1 * *", "06:00 on the 1st of the month", "06:00 ngày 1 hằng tháng"),
            ("0 6 L * *", "06:00 on the last day of the month", "06:00 ngày cuối tháng"),
            ("15 7 * * 1", "07:15 on Monday", "07:15 thứ Hai"),
            ("15 7 * * 0,6", "07:15 Saturday and Sunday", "07:15 thứ Bảy và Chủ nhật"),
            ("0 2 * * *", "02:00 every day", "02:00 mỗi ngày"),
        ])
    func cron(_ expression: String, _ inEnglish: String, _ inVietnamese: String) throws {
        let cron = try CronExpression(expression)

        #expect(english.when(.cron(cron)) == inEnglish)
        #expect(vietnamese.when(.cron(cron)) == inVietnamese)
    }

    @Test("Others are not guessed at", arguments: ["*/7 * * * *", "0 6 1-5 * *", "0 6 * * mon-fri", "0 6 13 * 5"])
    func others(_ expression: String) throws {
        #expect(english.cron(try CronExpression(expression)) == nil)
    }

    @Test("A sentence names when, what and whom")
    func sentence() throws {
        var draft = ScheduleDraft(zone: "Etc/UTC")
        (draft.isAll, draft.streams, draft.targets) = (false, ["campaigns", "ads"], ["account:1"])
        draft.days = "last_7_days"
        let some = Recurrence.at(try DayTimes(times: "06:00", days: "mon,fri"))

        #expect(
            english.sentence(some, draft, accounts: 3)
                == "On Monday and Friday at 06:00, read 2 streams of 3 accounts: last 7 days.")
        #expect(
            vietnamese.sentence(some, draft, accounts: 3)
                == "Thứ Hai và thứ Sáu lúc 06:00, đọc 2 luồng của 3 tài khoản: 7 ngày gần nhất.")
    }

    @Test("A change of the clocks is told")
    func zones() {
        let now = Instant(seconds: 1_795_219_200)
        let berlin = english.zoneNote(PageZone(named: "Europe/Berlin"), first: now, at: now)

        #expect(berlin.hasPrefix("Clocks change on "))
        #expect(PageZone(named: "Asia/Kolkata").label(at: now) == "Asia/Kolkata (UTC+5:30)")
        #expect(PageZone(named: "Nowhere").label(at: now) == "UTC")
    }

    @Test(
        "Lengths of time are told as people tell them, on all pages alike",
        arguments: [
            (-1, "0 s", "0 giây"), (0, "0 s", "0 giây"), (0.34, "0.3 s", "0,3 giây"), (5.2, "5.2 s", "5,2 giây"),
            (5, "5 s", "5 giây"), (9.97, "10 s", "10 giây"), (38, "38 s", "38 giây"), (59.6, "1 min", "1 phút"),
            (72, "1 min 12 s", "1 phút 12 giây"), (186, "3 min 06 s", "3 phút 06 giây"), (360, "6 min", "6 phút"),
            (580, "9 min 40 s", "9 phút 40 giây"), (2465, "41 min", "41 phút"), (3600, "1 h", "1 giờ"),
            (7500, "2 h 05 min", "2 giờ 05 phút"), (43_020, "11 h 57 min", "11 giờ 57 phút"),
            (86_400, "1 day", "1 ngày"), (144_000, "1 day 16 h", "1 ngày 16 giờ"),
            (777_600, "9 days", "9 ngày"),
        ] as [(Double, String, String)])
    func lengths(_ seconds: Double, _ english: String, _ vietnamese: String) {
        #expect(Words(language: .english).length(.seconds(seconds)) == english)
        #expect(Words(language: .vietnamese).length(.seconds(seconds)) == vietnamese)
    }
}
