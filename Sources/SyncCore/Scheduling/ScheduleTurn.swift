import FoundationEssentials

/// What counts when it is decided what becomes of a schedule that is due.
package struct ScheduleStanding: Sendable, Hashable {
    package var schedule: Schedule
    package var now: Instant
    /// Its last run still goes on.
    package var isBusy: Bool
    /// Planned runs that were started on the present day of its zone.
    package var runsToday: Int

    package init(schedule: Schedule, now: Instant, isBusy: Bool, runsToday: Int) {
        self.schedule = schedule
        self.now = now
        self.isBusy = isBusy
        self.runsToday = runsToday
    }
}

/// What is done about a schedule, in one transaction.
package struct ScheduleTurn: Sendable, Hashable {
    /// The moment that the run is for; nil to start none.
    package var start: Instant?
    package var isManual = false
    package var nextRunAt: Instant?
    package var held: Set<ConnectionID>
    package var news: [ScheduleNews] = []

    package init(
        start: Instant? = nil, isManual: Bool = false, nextRunAt: Instant?, held: Set<ConnectionID>,
        news: [ScheduleNews] = []
    ) {
        self.start = start
        self.isManual = isManual
        self.nextRunAt = nextRunAt
        self.held = held
        self.news = news
    }
}

extension ScheduleStanding {
    /// A run that begins within that time was not missed: workers may have been restarted.
    static let grace: Duration = .seconds(60)
    /// Runs that were missed are counted up to that.
    static let mostCounted = 1000

    /// What becomes of it now; nil when it is not due, or waits for its last run to end.
    package func turn() throws(AccountZone.UnknownZone) -> ScheduleTurn? {
        let definition = schedule.definition
        guard definition.isActive, let planned = schedule.nextRunAt, planned <= now else { return nil }
        let zone = try definition.zone()
        if let most = definition.mostRunsPerDay, runsToday >= most { return rests(after: most, zone) }
        if isBusy, definition.missed != .skip { return nil }
        if definition.missed == .all {
            let next = definition.recurrence.next(after: planned, in: zone)
            return begins(planned, next: next, missed: now - planned > ScheduleStanding.grace ? 1 : 0)
        }
        let before = Instant(seconds: planned.seconds - 1)
        let latest = definition.recurrence.latest(through: now, after: before, in: zone) ?? planned
        let next = definition.recurrence.next(after: now, in: zone)
        let due = definition.recurrence.count(
            after: before, through: now, upTo: ScheduleStanding.mostCounted, in: zone)
        let isLate = now - latest > ScheduleStanding.grace
        if definition.missed == .skip, isLate || isBusy {
            return ScheduleTurn(
                nextRunAt: next, held: schedule.held, news: [.skipped(definition.name, due, isBusy: isBusy)])
        }
        var turn = begins(latest, next: next, missed: isLate ? due : due - 1)
        if definition.missed == .skip, due > 1 { turn.news = [.skipped(definition.name, due - 1, isBusy: false)] }
        return turn
    }

    /// A run that a person asks for, beside the plan; nil while another goes on.
    package var byHand: ScheduleTurn? {
        if isBusy { return nil }
        return ScheduleTurn(start: now, isManual: true, nextRunAt: schedule.nextRunAt, held: schedule.held)
    }

    private func begins(_ planned: Instant, next: Instant?, missed: Int) -> ScheduleTurn {
        let news: [ScheduleNews] = missed > 0 ? [.madeUp(schedule.definition.name, missed)] : []
        return ScheduleTurn(start: planned, nextRunAt: next, held: schedule.held, news: news)
    }

    /// The limit of a day comes before what was missed: it goes on with the next day.
    private func rests(after runs: Int, _ zone: TimeZone) -> ScheduleTurn {
        let tomorrow = CivilDate(now, in: zone).adding(days: 1).start(in: zone)
        let next = schedule.definition.recurrence.next(after: Instant(seconds: tomorrow.seconds - 1), in: zone)
        return ScheduleTurn(
            nextRunAt: next, held: schedule.held, news: [.rests(schedule.definition.name, runs)])
    }
}

/// A line of the journal about a schedule. The sentences are here in one place, with their Vietnamese in the program.
package struct ScheduleNews: Sendable, Hashable {
    package let kind: String
    package let text: String
    package var account: AccountID?

    private init(_ kind: String, _ text: String, account: AccountID? = nil) {
        self.kind = kind
        self.text = text
        self.account = account
    }

    package static func started(_ name: String, isManual: Bool) -> ScheduleNews {
        ScheduleNews(
            "schedule_started",
            isManual ? "The schedule \(name) has started by hand" : "The schedule \(name) has started")
    }

    static func skipped(_ name: String, _ runs: Int, isBusy: Bool) -> ScheduleNews {
        let why = isBusy ? "its last run still goes on" : "nobody worked at its time"
        return ScheduleNews(
            "schedule_missed",
            runs == 1
                ? "The schedule \(name) leaves out a run: \(why)"
                : "The schedule \(name) leaves out \(number(runs)) runs: \(why)")
    }

    static func madeUp(_ name: String, _ runs: Int) -> ScheduleNews {
        ScheduleNews(
            "schedule_missed",
            runs == 1
                ? "The schedule \(name) has missed a run and makes up for it now"
                : "The schedule \(name) has missed \(number(runs)) runs and makes up for them with one now")
    }

    static func rests(_ name: String, _ runs: Int) -> ScheduleNews {
        ScheduleNews(
            "schedule_rests",
            runs == 1
                ? "The schedule \(name) has run once today, as often as it may"
                : "The schedule \(name) has run \(runs) times today, as often as it may")
    }

    package static func held(_ name: String, connection: String) -> ScheduleNews {
        ScheduleNews(
            "schedule_held", "The schedule \(name) goes on without the connection \(connection), which is parked")
    }

    package static func failed(_ name: String, account: AccountID?, why: String) -> ScheduleNews {
        ScheduleNews("schedule_failed", "The schedule \(name) cannot do all of its work: \(why)", account: account)
    }

    package static func created(_ name: String, by actor: String) -> ScheduleNews {
        ScheduleNews("schedule_created", "The schedule \(name) was made by \(actor)")
    }

    package static func changed(_ name: String, by actor: String) -> ScheduleNews {
        ScheduleNews("schedule_changed", "The schedule \(name) was changed by \(actor)")
    }

    package static func deleted(_ name: String, by actor: String) -> ScheduleNews {
        ScheduleNews("schedule_deleted", "The schedule \(name) was deleted by \(actor)")
    }

    private static func number(_ runs: Int) -> String {
        runs < ScheduleStanding.mostCounted ? "\(runs)" : "\(runs) or more"
    }
}
