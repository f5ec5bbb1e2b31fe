import SyncCore
import SyncEngine

/// Schedules as programs get them, in the words of the system that Sluice replaces (replaced.md, R4).
enum ScheduleAnswers {
    static let syncTypes = ["all", "campaigns", "coupons", "purchases"]

    struct Listed: Encodable {
        var success = true
        var schedules: [Body]
    }

    struct One: Encodable {
        var success = true
        var message: String?
        var schedule: Body
        var runs: [Run]?
    }

    struct Body: Encodable {
        var id: Int64
        var name: String
        /// `sync`, or what it does that is about no account.
        var task: String
        /// Platforms and accounts that it reaches at the moment.
        var networks: [String]
        var accounts: [Int64]
        /// What was chosen: `account:7`, `connection:1`, `platform:meta`.
        var targets: [String]
        var sync_type: String
        var streams: [String]
        /// `10m` to `24h`; none where it runs at times or by an expression.
        var interval: String?
        var times: [String]?
        var weekdays: [String]?
        var cron: String?
        var recurrence: String
        var time_zone: String
        var date_range: String
        var date_from: String?
        var date_to: String?
        var max_runs_per_day: Int?
        var runs_today: Int
        var missed_policy: String
        var is_active: Bool
        var next_run_at: String?
        var next_runs: [String]
        var last_run: Run?
        var version: Int
        var created_at: String

        init(_ entry: ScheduleBook.Entry) {
            let schedule = entry.schedule
            let definition = schedule.definition
            id = schedule.id.value
            name = definition.name
            task = definition.task.rawValue
            networks = Set(entry.accounts.map(\.platform.rawValue)).sorted()
            accounts = entry.accounts.map(\.id.value)
            targets = definition.targets.map(\.description)
            streams = definition.streams
            sync_type = Body.syncType(definition.streams)
            recurrence = definition.recurrence.description
            switch definition.recurrence {
            case .every(let interval): self.interval = interval.text
            case .at(let times):
                self.times = times.times.split(separator: ",").map(String.init)
                weekdays = times.days.split(separator: ",").map(String.init)
            case .cron(let expression): cron = expression.text
            }
            time_zone = definition.zoneName
            switch definition.days {
            case .due: date_range = ScheduleDraft.due
            case .named(let range): date_range = range.rawValue
            case .custom(let days):
                date_range = ScheduleDraft.custom
                (date_from, date_to) = ("\(days.first)", "\(days.last)")
            }
            max_runs_per_day = definition.mostRunsPerDay
            runs_today = entry.runsToday
            missed_policy = definition.missed.rawValue
            is_active = definition.isActive
            next_run_at = entry.next.first?.description
            next_runs = entry.next.map(\.description)
            last_run = entry.lastRun.map(Run.init)
            version = schedule.version
            created_at = schedule.createdAt.description
        }

        private static func syncType(_ streams: [String]) -> String {
            if streams.isEmpty { return "all" }
            return streams.count == 1 && syncTypes.contains(streams[0]) ? streams[0] : "custom"
        }
    }

    struct Run: Encodable {
        var id: Int64
        var planned_at: String
        var started_at: String
        var finished_at: String?
        var status: String
        var is_manual: Bool
        /// Each account's job is a row of the logs.
        var jobs: [Int64]

        init(_ run: ScheduleRun) {
            id = run.id.value
            planned_at = run.plannedAt.description
            started_at = run.startedAt.description
            finished_at = run.finishedAt?.description
            status = run.state.rawValue
            is_manual = run.isManual
            jobs = run.jobs.map(\.id.value)
        }
    }

    struct Started: Encodable {
        var success = true
        var message: String
        var status = "queued"
        var run: Run
        var jobs: [Int64]
    }

    struct Done: Encodable {
        var success = true
        var message: String
    }

    /// What a form may offer.
    struct Options: Encodable {
        var success = true
        var intervals = Recurrence.Interval.allCases.map(\.text)
        var weekdays = Weekday.allCases.map(\.rawValue)
        var sync_types = syncTypes
        var date_ranges =
            [ScheduleDraft.due] + NamedRange.allCases.map(\.rawValue) + [ScheduleDraft.custom]
        var missed_policies = MissedPolicy.allCases.map(\.rawValue)
        var time_zone: String
        var targets: [Target]
        var streams: [String]

        struct Target: Encodable {
            var target: String
            var name: String
            var network: String
        }
    }
}
