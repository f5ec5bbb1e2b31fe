package import SyncCore

/// A schedule that comes with the first connection to a platform: its standing jobs. People may change or delete it
/// like any other; it does not come again.
package struct ScheduleTemplate: Sendable, Hashable {
    package let name: String
    package let task: ScheduleTask
    /// Names or aliases; empty for all.
    package let streams: [String]
    package let recurrence: Recurrence
    package let zoneName: String
    package let days: ScheduleDays
    package let missed: MissedPolicy
    /// Off until what it needs is there.
    package let isActive: Bool

    package init(
        _ name: String, task: ScheduleTask = .sync, streams: [String] = [], recurrence: Recurrence,
        zoneName: String = "Etc/UTC", days: ScheduleDays = .due, missed: MissedPolicy = .once,
        isActive: Bool = true
    ) {
        self.name = name
        self.task = task
        self.streams = streams
        self.recurrence = recurrence
        self.zoneName = zoneName
        self.days = days
        self.missed = missed
        self.isActive = isActive
    }

    /// For all accounts of a connection, those too that are stored later.
    package func definition(of connection: ConnectionID) -> ScheduleDefinition {
        ScheduleDefinition(
            name: name, task: task, targets: task.isAboutAccounts ? [.connection(connection)] : [], streams: streams,
            recurrence: recurrence, zoneName: zoneName, days: days, missed: missed,
            isActive: isActive)
    }
}
