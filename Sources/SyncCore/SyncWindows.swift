/// The days of a job, fixed once: recent ends where history begins (design.md, rule 3).
package struct SyncWindows: Sendable, Hashable {
    package var recent: DayRange?
    package var history: DayRange?
    /// Days asked for, since the account began, that the platform does not offer any more.
    package var notOffered: DayRange?

    /// Days before the anchor that the recent phase covers.
    package static let recentDays = 90

    /// No account is older than its platform.
    private static let earliest = CivilDate(daysSince1970: 12_418)  // 2004-01-01

    /// Everything from the account's first day to `anchor`. The platform offers days from `offeredFrom` on.
    package static func all(anchor: CivilDate, createdOn: CivilDate?, offeredFrom: CivilDate?) -> SyncWindows {
        let begin = max(createdOn ?? offeredFrom ?? anchor.adding(days: -recentDays), earliest)
        let start = min(max(begin, offeredFrom ?? begin), anchor)
        let recentStart = max(start, anchor.adding(days: -recentDays))
        return SyncWindows(
            recent: DayRange(recentStart, anchor),
            history: DayRange(start, recentStart.adding(days: -1)),
            notOffered: DayRange(begin, start.adding(days: -1)))
    }

    /// The days that a person named, in one phase. Those before the account began are nobody's.
    package static func named(_ days: DayRange, createdOn: CivilDate?, offeredFrom: CivilDate?) -> SyncWindows {
        guard let offeredFrom, days.first < offeredFrom else {
            return SyncWindows(recent: days, history: nil, notOffered: nil)
        }
        return SyncWindows(
            recent: DayRange(offeredFrom, days.last), history: nil,
            notOffered: DayRange(
                max(days.first, createdOn ?? earliest, earliest), min(days.last, offeredFrom.adding(days: -1))))
    }
}

/// When a day's numbers are read again. The usual ones are Meta's: they may change for 28 days (meta.md 11b).
package struct RereadSchedule: Sendable, Hashable {
    /// The age in days up to which a day is read with every sync: platforms give a range of days for one call.
    package var always: Int
    /// Days after which numbers do not change any more.
    package var settledAfter: Int
    /// One more look after that many days, to be sure.
    package var auditAfter: Int

    package init(always: Int = 0, settledAfter: Int = 28, auditAfter: Int = 35) {
        self.always = always
        self.settledAfter = settledAfter
        self.auditAfter = auditAfter
    }

    /// The days of `window` that are due, ascending. `today` is always due: a person who asks wants it.
    package func due(
        _ cells: [CoverageCell], window: DayRange, anchor: CivilDate, now: Instant,
        dayOf: (Instant) -> CivilDate
    ) -> [CivilDate] {
        var known: [CivilDate: CoverageCell] = [:]
        for cell in cells { known[cell.day] = cell }
        return window.days.filter { day in
            guard let cell = known[day] else { return true }
            switch cell.state {
            case .notOffered: return false
            case .missing, .queued, .running, .failed: return true
            case .fresh, .settled: break
            }
            guard let readAt = cell.readAt else { return true }
            return isDue(age: anchor.days(since: day), readAtAge: dayOf(readAt).days(since: day), since: now - readAt)
        }
    }

    private func isDue(age: Int, readAtAge: Int, since: Duration) -> Bool {
        switch age {
        case ...always: true
        case 1: since >= .seconds(3600)
        case 2...7: since >= .seconds(24 * 3600)
        case 8...settledAfter: since >= .seconds(72 * 3600)
        default: readAtAge <= settledAfter || (age >= auditAfter && readAtAge < auditAfter)
        }
    }

    /// What a day that was just read is: settled once its numbers do not change any more.
    package func state(of day: CivilDate, readOn anchor: CivilDate) -> CoverageState {
        anchor.days(since: day) > settledAfter ? .settled : .fresh
    }
}
