import Foundation
import SyncCore
import Testing

@Suite("Turns of a schedule")
struct ScheduleTurnTests {
    /// What is due in New York, decided at moments that follow each other.
    private func turns(
        _ recurrence: String, _ policy: MissedPolicy, from: String, at moments: [String], most: Int? = nil,
        runsToday: Int = 0, isBusy: Bool = false
    ) throws -> [ScheduleTurn?] {
        let definition = ScheduleDefinition(
            name: "s", recurrence: try Recurrence(recurrence), zoneName: "America/New_York", missed: policy,
            mostRunsPerDay: most)
        let begun = try instant(from)
        let next = definition.recurrence.next(after: begun, in: try definition.zone())
        var schedule = Schedule(
            id: ScheduleID(1), definition: definition, version: 1, nextRunAt: next, createdAt: begun)
        return try moments.map { text in
            let standing = ScheduleStanding(
                schedule: schedule, now: try instant(text), isBusy: isBusy, runsToday: runsToday)
            let turn = try standing.turn()
            if let turn { schedule.nextRunAt = turn.nextRunAt }
            return turn
        }
    }

    private func instant(_ text: String) throws -> Instant { try #require(Instant(iso: "\(text):00Z")) }

    private func starts(_ turns: [ScheduleTurn?]) -> [String] {
        turns.compactMap { $0?.start.map { String("\($0)".prefix(16)) } }
    }

    @Test("Nothing happens before its time, and on time it begins and is due again")
    func onTime() throws {
        let turns = try turns(
            "at 02:30", .once, from: "2026-06-01T00:00",
            at: ["2026-06-01T06:29", "2026-06-01T06:30", "2026-06-01T06:31"])

        #expect(turns.map { $0 == nil } == [true, false, true])
        #expect(starts(turns) == ["2026-06-01T06:30"])
        #expect(try turns[1]?.nextRunAt == instant("2026-06-02T06:30"))
        #expect(turns[1]?.news == [])
    }

    @Test("Daylight saving: once for each intended time, also where the clocks leave it out or show it twice")
    func daylightSaving() throws {
        // Out of bed late on all days around the gap of 8 March and the fold of 1 November.
        let spring = try turns(
            "at 02:30", .all, from: "2026-03-07T00:00",
            at: (7...10).map { "2026-03-\($0 < 10 ? "0" : "")\($0)T12:00" })
        let autumn = try turns(
            "at 01:30", .all, from: "2026-10-31T00:00",
            at: ["2026-10-31T12:00", "2026-11-01T05:40", "2026-11-01T06:40", "2026-11-02T12:00"])

        #expect(starts(spring) == ["2026-03-07T07:30", "2026-03-08T07:00", "2026-03-09T06:30", "2026-03-10T06:30"])
        #expect(starts(autumn) == ["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"])
    }

    @Test("A schedule of the 31st slept through three months: skip, once and all do what they say")
    func monthEnds() throws {
        func after(_ policy: MissedPolicy) throws -> [ScheduleTurn?] {
            try turns(
                "cron 0 6 31 * *", policy, from: "2026-01-01T00:00",
                at: Array(repeating: "2026-06-15T00:00", count: 4))
        }

        #expect(try starts(after(.skip)) == [])
        #expect(try starts(after(.once)) == ["2026-05-31T10:00"])
        #expect(try starts(after(.all)) == ["2026-01-31T11:00", "2026-03-31T10:00", "2026-05-31T10:00"])
        #expect(
            try after(.skip).first??.news.map(\.text)
                == ["The schedule s leaves out 3 runs: nobody worked at its time"])
    }

    @Test("A minute late is on time; later is missed")
    func grace() throws {
        func after(_ text: String) throws -> [ScheduleTurn?] {
            try turns("every 1h", .skip, from: "2026-06-01T00:30", at: [text])
        }

        #expect(try starts(after("2026-06-01T01:01")) == ["2026-06-01T01:00"])
        #expect(try starts(after("2026-06-01T01:02")) == [])
        // Of three the last one is on time.
        let late = try after("2026-06-01T03:00")
        #expect(starts(late) == ["2026-06-01T03:00"])
        #expect(late.first??.news.map(\.text) == ["The schedule s leaves out 2 runs: nobody worked at its time"])
    }

    @Test("While a run goes on the next one waits, or is left out where that is wished")
    func busy() throws {
        func after(_ policy: MissedPolicy) throws -> ScheduleTurn? {
            try turns("every 1h", policy, from: "2026-06-01T00:30", at: ["2026-06-01T01:00"], isBusy: true)[0]
        }

        #expect(try after(.once) == nil)
        #expect(try after(.all) == nil)
        let skipped = try #require(try after(.skip))
        #expect(skipped.start == nil)
        #expect(skipped.news.map(\.text) == ["The schedule s leaves out a run: its last run still goes on"])
        #expect(try skipped.nextRunAt == instant("2026-06-01T02:00"))
    }

    @Test(
        "A day that had its runs rests until the next local midnight, not that of UTC", arguments: MissedPolicy.allCases
    )
    func rests(_ policy: MissedPolicy) throws {
        let turn = try turns(
            "every 1h", policy, from: "2026-06-01T00:30", at: ["2026-06-01T01:00"], most: 4, runsToday: 4)[0]

        #expect(turn?.start == nil)
        #expect(try turn?.nextRunAt == instant("2026-06-01T04:00"))
        #expect(turn?.news.map(\.kind) == ["schedule_rests"])
    }

    @Test("Named ranges count from the day of the run, and say when they read again what was read")
    func days() throws {
        let day = try #require(CivilDate("2026-03-31"))

        #expect(ScheduleDays.due.days(today: day) == nil)
        #expect(ScheduleDays.named(.previousMonth).days(today: day)?.description == "2026-02-01…2026-02-28")
        #expect(ScheduleDays.named(.today).days(today: day) == DayRange(day))
        #expect([ScheduleDays.due, .named(.yesterday), .named(.last7Days)].map(\.isBackfill) == [false, false, true])
        #expect(ScheduleTarget("account:7") == .account(AccountID(7)))
        #expect(["account:x", "7", "planet:7"].map { ScheduleTarget($0) } == [nil, nil, nil])
    }
}
