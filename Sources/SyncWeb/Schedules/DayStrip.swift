import SyncCore

/// What a schedule did and will do on one day, in minutes after midnight.
struct DayMarks: Sendable, Equatable {
    var done: [Int] = []
    var failed: [Int] = []
    var missed: [Int] = []
    var toCome: [Int] = []
    /// Minutes between two runs; nil where there are not two.
    var gap: Int?
    /// The last one that was made up for, and when that was.
    var late: Late?

    struct Late: Sendable, Equatable {
        var planned: Instant
        var started: Instant
    }

    /// A run that begins within that time was not missed (`ScheduleStanding`).
    static let grace: Duration = .seconds(60)
    /// One for each minute of the day.
    private static let most = 1440

    init() {}

    /// `runs` are those that were started on the day; `runsToday` counts the planned ones by the schedule's own day.
    init(_ schedule: Schedule, _ runs: [ScheduleRun], runsToday: Int, in zone: PageZone, at now: Instant) {
        let begin = zone.today(at: now).start(in: zone.zone)
        let end = zone.today(at: now).adding(days: 1).start(in: zone.zone)
        var known: Set<Instant> = []
        for run in runs {
            known.insert(run.plannedAt)
            let isLate = !run.isManual && run.startedAt - run.plannedAt > DayMarks.grace
            if isLate, run.plannedAt >= begin {
                missed.append(zone.minute(of: run.plannedAt))
                late = Late(planned: run.plannedAt, started: run.startedAt)
            }
            let moment = run.isManual || isLate ? run.startedAt : run.plannedAt
            let minute = moment < begin ? 0 : zone.minute(of: moment)
            switch run.state {
            case .completed: done.append(minute)
            case .failed: failed.append(minute)
            case .pending, .inProgress, .waiting: toCome.append(minute)
            case .cancelled: break
            }
        }
        let definition = schedule.definition
        guard definition.isActive, let own = try? definition.zone(), let next = schedule.nextRunAt else {
            sort()
            return
        }
        // What is due and waits for a worker is not missed yet; what was planned before a change is not known.
        let isSpent = definition.mostRunsPerDay.map { runsToday >= $0 } ?? false
        var moment = Instant(seconds: max(begin.seconds - 1, schedule.changedAt.seconds))
        var count = 0
        while !isSpent, count < DayMarks.most, let due = definition.recurrence.next(after: moment, in: own),
            due < min(next, now)
        {
            if !known.contains(due) { missed.append(zone.minute(of: due)) }
            (moment, count) = (due, count + 1)
        }
        let left = definition.mostRunsPerDay.map { max(0, $0 - runsToday) } ?? DayMarks.most
        var coming = next < end ? [next] : []
        while coming.count < DayMarks.most, let last = coming.last,
            let due = definition.recurrence.next(after: max(last, now), in: own), due < end
        { coming.append(due) }
        toCome += coming.prefix(left).map { zone.minute(of: max($0, begin)) }
        let two = definition.recurrence.next(2, after: begin, in: own)
        if two.count == 2 { gap = Int((two[1] - two[0]).inSeconds / 60) }
        sort()
    }

    private mutating func sort() {
        done.sort()
        failed.sort()
        missed = Set(missed).sorted()
        toCome.sort()
    }
}

/// The same as paths: `viewBox="0 0 288 30"`, five minutes are a unit, y 30 is the ground.
struct DayStrip: Sendable, Equatable {
    var width: String
    var done: String
    var failed: String
    var missed: String
    var toCome: String

    init(_ marks: DayMarks) {
        let width = DayStrip.width(marks.gap)
        self.width = DayStrip.number(width)
        done = DayStrip.strokes(marks.done, 20, width)
        failed = DayStrip.strokes(marks.failed, 26, width)
        toCome = DayStrip.strokes(marks.toCome, 8, width)
        missed = marks.missed.map { "M\(DayStrip.number(Double($0) / 5 - 2)) 11h4m-4 18h4" }.joined()
    }

    /// Bars stay apart while there are many.
    private static func width(_ gap: Int?) -> Double {
        guard let gap, gap <= 360 else { return 3 }
        return gap >= 60 ? 2.4 : min(2, 0.62 * Double(gap) / 5)
    }

    /// Upright strokes from the ground, as one path.
    private static func strokes(_ minutes: [Int], _ height: Int, _ width: Double) -> String {
        var path = ""
        var last: Double?
        for minute in minutes {
            let x = Double(minute) / 5 + width / 2
            if let last {
                path += "m\(number(x - last)) \(height)v-\(height)"
            } else {
                path += "M\(number(x)) 30v-\(height)"
            }
            last = x
        }
        return path
    }

    /// 2, 2.5, 0.25: at most two decimals and no zeros behind them.
    static func number(_ value: Double) -> String {
        let cents = Int((abs(value) * 100).rounded())
        let (whole, rest) = cents.quotientAndRemainder(dividingBy: 100)
        let sign = value < 0 && cents > 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
