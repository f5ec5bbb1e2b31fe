import FoundationEssentials
import Hummingbird
import SyncCore
import Wording

/// Which runs a visitor wants to see, as the address says it. Words of the systems that Sluice replaces are taken, too:
/// `network` for the platform, `sync_type` for the kind, `processing` for what runs.
struct RunQuery: Sendable {
    var filter: LogFilter
    /// In the address, without the page: what other addresses keep.
    private(set) var given: [(name: String, value: String)] = []
    var before: JobID?
    var limit: Int

    static let path = "/sync/logs"
    /// Of the list itself.
    let path: String
    private static let names = ["platform", "account", "status", "schedule", "kind", "from", "to", "text"]

    /// Throws `WebError.invalid` for what means nothing.
    init(
        _ form: Form, _ visitor: Visitor, _ accounts: [Account], zone: TimeZone, at path: String = RunQuery.path,
        without fixed: Set<String> = []
    ) throws {
        self.path = path
        filter = LogFilter(workspace: visitor.workspace.id)
        limit = try form.number("limit", 1...200) ?? 50
        before = try form.number("before", 1...Int.max).map { JobID(Int64($0)) }
        filter.platform = (form["platform"] ?? form["network"]).map { PlatformID($0.lowercased()) }
        filter.account = try RunQuery.account(form["account"] ?? form["account_id"], accounts)
        filter.states = try RunQuery.states(form["status"])
        filter.kind = try (form["kind"] ?? form["sync_type"]).map { word in
            guard let kind = JobKind(rawValue: word) else {
                let name = form["kind"] == nil ? "sync_type" : "kind"
                throw WebError.invalid([
                    name: "`initial`, `incremental`, `manual`, `scheduled`, `quick` or `backfill`."
                ])
            }
            return kind
        }
        let schedule = try form.number("schedule", 1...Int.max) ?? form.number("schedule_id", 1...Int.max)
        filter.schedule = schedule.map { ScheduleID(Int64($0)) }
        filter.from = try RunQuery.moment("from", form, zone, isEnd: false)
        filter.to = try RunQuery.moment("to", form, zone, isEnd: true)
        filter.text = form["text"]
        for name in RunQuery.names where !fixed.contains(name) {
            let other = [
                "platform": "network", "account": "account_id", "kind": "sync_type", "schedule": "schedule_id",
            ][name]
            if let value = form[name] ?? other.flatMap({ form[$0] }) { given.append((name: name, value: value)) }
        }
    }

    var isFiltered: Bool { !given.isEmpty }

    /// The id of ours or the platform's own. Nobody else's: no run has it then.
    private static func account(_ text: String?, _ accounts: [Account]) throws -> AccountID? {
        guard let text else { return nil }
        let found = accounts.first { "\($0.id)" == text } ?? accounts.first { $0.externalID == text }
        return found?.id ?? AccountID(0)
    }

    private static func states(_ word: String?) throws -> [WorkState] {
        switch word {
        case nil: []
        case "running", "processing", "in_progress": [.inProgress]
        case "open": [.pending, .inProgress, .waiting]
        case "waits": [.waiting]
        case let word?:
            if let state = WorkState(rawValue: word) {
                [state]
            } else {
                throw WebError.invalid([
                    "status": "`pending`, `in_progress`, `waiting`, `completed`, `failed` or `cancelled`."
                ])
            }
        }
    }

    /// A day of the zone, `2026-11-21`, a moment of it, `2026-11-21T08:00`, or one in UTC, `2026-11-21T01:00:00Z`. The
    /// last day counts whole.
    private static func moment(_ name: String, _ form: Form, _ zone: TimeZone, isEnd: Bool) throws -> Instant? {
        guard let text = form[name] else { return nil }
        if let day = CivilDate(text) { return (isEnd ? day.adding(days: 1) : day).start(in: zone) }
        let parts = text.split(separator: "T", maxSplits: 1)
        let isUTC = text.hasSuffix("Z")
        let clock = (parts.count == 2 ? parts[1] : "").prefix { $0 != "." && $0 != "Z" }.split(separator: ":")
        let numbers = clock.compactMap { Int($0) }
        guard let day = parts.first.flatMap({ CivilDate($0) }), numbers.count == clock.count, numbers.count >= 2,
            (0...24).contains(numbers[0]), numbers.dropFirst().allSatisfy((0...59).contains)
        else { throw WebError.invalid([name: "A day, like 2026-11-21, or a moment, like 2026-11-21T08:00."]) }
        let second = numbers[0] * 3600 + numbers[1] * 60 + (numbers.count > 2 ? numbers[2] : 0)
        return day.moment(second, in: isUTC ? .gmt : zone)
    }

    // MARK: Addresses

    /// The same list with `value` for `name`; without it when that is nil.
    func href(_ name: String, _ value: String?) -> String {
        var pairs = given.filter { $0.name != name }
        if let value { pairs.append((name: name, value: value)) }
        return href(pairs)
    }

    func href(before job: JobID?) -> String {
        href(given + (job.map { [(name: "before", value: "\($0)")] } ?? []))
    }

    /// Without the days.
    var hrefOfAnyTime: String { href(given.filter { $0.name != "from" && $0.name != "to" }) }

    func href(_ pairs: [(name: String, value: String)]) -> String {
        guard !pairs.isEmpty else { return path }
        return path + "?" + pairs.map { "\($0.name)=\(Renderer.escaped($0.value))" }.joined(separator: "&")
    }
}
