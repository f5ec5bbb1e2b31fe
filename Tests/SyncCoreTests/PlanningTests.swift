import Foundation
import Testing

@testable import SyncCore

private func day(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(daysSince1970: 0) }

@Suite("SyncWindows")
struct SyncWindowsTests {
    private let anchor = day("2026-11-21")

    @Test("Recent is the last 90 days and today, history all before it")
    func usual() {
        let windows = SyncWindows.all(
            anchor: anchor, createdOn: day("2025-01-10"), offeredFrom: day("2023-10-22"))

        #expect(windows.recent == DayRange(day("2026-08-23"), anchor))
        #expect(windows.history == DayRange(day("2025-01-10"), day("2026-08-22")))
        #expect(windows.notOffered == nil)
    }

    @Test("A young account has no history")
    func young() {
        let windows = SyncWindows.all(anchor: anchor, createdOn: day("2026-11-01"), offeredFrom: day("2023-10-22"))

        #expect(windows == SyncWindows(recent: DayRange(day("2026-11-01"), anchor), history: nil, notOffered: nil))
    }

    @Test("An old account is clamped to what is offered, and what is cut off is named")
    func old() {
        let windows = SyncWindows.all(anchor: anchor, createdOn: day("2015-03-01"), offeredFrom: day("2023-10-22"))

        #expect(windows.history?.first == day("2023-10-22"))
        #expect(windows.notOffered == DayRange(day("2015-03-01"), day("2023-10-21")))
    }

    @Test("An account created after today in its own zone is read for today")
    func createdAfterTheAnchor() {
        let windows = SyncWindows.all(anchor: anchor, createdOn: day("2026-11-22"), offeredFrom: nil)

        #expect(windows == SyncWindows(recent: DayRange(anchor), history: nil, notOffered: nil))
    }

    @Test("Without a day of creation everything that is offered is read, or the recent days")
    func unknownCreation() {
        #expect(
            SyncWindows.all(anchor: anchor, createdOn: nil, offeredFrom: day("2026-01-01")).history?.first
                == day("2026-01-01"))
        #expect(
            SyncWindows.all(anchor: anchor, createdOn: nil, offeredFrom: nil)
                == SyncWindows(recent: DayRange(day("2026-08-23"), anchor), history: nil, notOffered: nil))
    }

    @Test("The windows are disjoint and cover every day from creation to today")
    func disjointAndCovering() throws {
        var random = Seeded(11)

        for _ in 0..<300 {
            let created = anchor.adding(days: -random.integer(-2...2000))
            let offered = random.chance(0.3) ? nil : anchor.adding(days: -random.integer(0...1200))
            let windows = SyncWindows.all(anchor: anchor, createdOn: created, offeredFrom: offered)
            let days = [windows.notOffered, windows.history, windows.recent].flatMap { $0?.days ?? [] }
            #expect(days == DayRange(min(created, anchor), anchor)?.days)
            #expect((windows.recent?.count ?? 0) <= SyncWindows.recentDays + 1)
        }
    }

    @Test("Days that a person named are one phase, clamped to what is offered")
    func named() throws {
        let days = try #require(DayRange(day("2026-01-01"), day("2026-01-31")))

        #expect(SyncWindows.named(days, createdOn: nil, offeredFrom: nil).recent == days)
        #expect(SyncWindows.named(days, createdOn: nil, offeredFrom: day("2026-01-01")).notOffered == nil)
        #expect(
            SyncWindows.named(days, createdOn: nil, offeredFrom: day("2026-01-10"))
                == SyncWindows(
                    recent: DayRange(day("2026-01-10"), day("2026-01-31")), history: nil,
                    notOffered: DayRange(day("2026-01-01"), day("2026-01-09"))))
        #expect(
            SyncWindows.named(days, createdOn: nil, offeredFrom: day("2026-02-10"))
                == SyncWindows(recent: nil, history: nil, notOffered: days))
    }

    @Test("Days that a person named before the account began, or any could have, are not marked")
    func namedBeforeBegin() throws {
        let days = try #require(DayRange(day("0001-01-01"), day("2026-01-31")))
        let offered = day("2023-01-01")
        func marked(_ createdOn: CivilDate?) -> DayRange? {
            SyncWindows.named(days, createdOn: createdOn, offeredFrom: offered).notOffered
        }

        #expect(marked(nil) == DayRange(day("2004-01-01"), day("2022-12-31")))
        #expect(marked(day("2015-03-01")) == DayRange(day("2015-03-01"), day("2022-12-31")))
        #expect(marked(day("2024-01-01")) == nil)
        #expect(
            SyncWindows.all(anchor: days.last, createdOn: day("0001-01-01"), offeredFrom: offered).notOffered
                == DayRange(day("2004-01-01"), day("2022-12-31")))
    }
}

@Suite("RereadSchedule")
struct RereadScheduleTests {
    private let anchor = day("2026-11-21")
    private let now = Instant(seconds: 20_778 * 86_400 + 43_200)
    private let schedule = RereadSchedule()

    /// Whether the day `age` days ago is due when it was last read `hours` ago.
    private func isDue(age: Int, readHoursAgo hours: Double, state: CoverageState = .fresh) throws -> Bool {
        let zone = try AccountZone.named("Etc/UTC")
        let cell = CoverageCell(
            day: anchor.adding(days: -age), state: state, rows: 1, readAt: now - .seconds(hours * 3600))
        let due = schedule.due([cell], window: DayRange(cell.day), anchor: anchor, now: now) {
            CivilDate($0, in: zone)
        }
        return due == [cell.day]
    }

    @Test(
        "Young days are read again by the hour, then by the day, then every three days",
        arguments: [
            (0, 0, true), (0, 0.1, true),
            (1, 0.9, false), (1, 1, true), (1, 5, true),
            (2, 23.9, false), (2, 24, true), (7, 23.9, false), (7, 24, true),
            (8, 71.9, false), (8, 72, true), (28, 71.9, false), (28, 72, true),
        ] as [(Int, Double, Bool)])
    func bands(age: Int, hours: Double, due: Bool) throws {
        #expect(try isDue(age: age, readHoursAgo: hours) == due)
    }

    @Test("A day is read once more after it has settled")
    func finalRead() throws {
        // Read on its 28th day: not yet settled, so it is due as soon as it is 29 days old.
        #expect(try isDue(age: 29, readHoursAgo: 24))
        #expect(try isDue(age: 33, readHoursAgo: 5 * 24))
        // Read on its 29th day: settled.
        #expect(try !isDue(age: 33, readHoursAgo: 4 * 24, state: .settled))
    }

    @Test("A settled day is looked at again at 35 days, and never after")
    func audit() throws {
        #expect(try !isDue(age: 34, readHoursAgo: 5 * 24, state: .settled))
        #expect(try isDue(age: 35, readHoursAgo: 6 * 24, state: .settled))
        #expect(try isDue(age: 300, readHoursAgo: 270 * 24, state: .settled))
        #expect(try !isDue(age: 300, readHoursAgo: 265 * 24, state: .settled))
        #expect(try !isDue(age: 36, readHoursAgo: 24, state: .settled))
    }

    @Test("Days that were never read are due, and days that are not offered never", arguments: CoverageState.allCases)
    func states(state: CoverageState) {
        let cell = CoverageCell(day: anchor.adding(days: -400), state: state)

        let due = schedule.due([cell], window: DayRange(cell.day), anchor: anchor, now: now) { _ in anchor }

        #expect(due.isEmpty == (state == .notOffered))
    }

    @Test("What is due comes in the order of days, unknown days with it, and nothing outside of the window")
    func order() throws {
        let window = try #require(DayRange(anchor.adding(days: -3), anchor))
        let cells = [
            CoverageCell(day: anchor.adding(days: -2), state: .fresh, rows: 1, readAt: now - .seconds(3600)),
            CoverageCell(day: anchor.adding(days: -10), state: .failed),
        ]

        let due = schedule.due(cells, window: window, anchor: anchor, now: now) { _ in anchor }

        #expect(due == [anchor.adding(days: -3), anchor.adding(days: -1), anchor])
    }

    @Test("A read within 28 days leaves a day fresh, a later one settles it")
    func state() {
        #expect(schedule.state(of: anchor, readOn: anchor) == .fresh)
        #expect(schedule.state(of: anchor.adding(days: -28), readOn: anchor) == .fresh)
        #expect(schedule.state(of: anchor.adding(days: -29), readOn: anchor) == .settled)
    }

    @Test("Daily syncs of a whole life read a day seventeen times and then leave it alone")
    func wholeLife() throws {
        let zone = try AccountZone.named("Etc/UTC")
        let target = anchor
        var cells: [CoverageCell] = []
        var reads: [Int] = []

        for age in 0...400 {
            let today = target.adding(days: age)
            let moment = now + .seconds(age * 86_400)
            let due = schedule.due(cells, window: DayRange(target), anchor: today, now: moment) {
                CivilDate($0, in: zone)
            }
            guard !due.isEmpty else { continue }
            reads.append(age)
            cells = [
                CoverageCell(
                    day: target, state: schedule.state(of: target, readOn: today), rows: 1, readAt: moment)
            ]
        }

        #expect(reads == [0, 1, 2, 3, 4, 5, 6, 7, 10, 13, 16, 19, 22, 25, 28, 29, 35])
    }
}

@Suite("NamedRange")
struct NamedRangeTests {
    @Test(
        "Names mean days that end today or before",
        arguments: [
            ("today", "2024-03-31…2024-03-31"), ("yesterday", "2024-03-30…2024-03-30"),
            ("last_7_days", "2024-03-25…2024-03-31"), ("last_30_days", "2024-03-02…2024-03-31"),
            ("last_90_days", "2024-01-02…2024-03-31"), ("current_month", "2024-03-01…2024-03-31"),
            ("previous_month", "2024-02-01…2024-02-29"),
        ])
    func names(name: String, expected: String) throws {
        let days = try #require(NamedRange(rawValue: name)).days(today: day("2024-03-31"))

        #expect("\(days.first)…\(days.last)" == expected)
    }

    @Test("The month before January is December of the year before")
    func january() {
        #expect(
            NamedRange.previousMonth.days(today: day("2026-01-01"))
                == DayRange(day("2025-12-01"), day("2025-12-31")))
        #expect(NamedRange.currentMonth.days(today: day("2026-01-01")) == DayRange(day("2026-01-01")))
    }
}
