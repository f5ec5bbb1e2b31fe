import ConnectorKit
import HTTPTypes
import SyncCore
import SyncEngine
import Wording

/// `schedule-editor.mustache`: a schedule to make or to change, with what it comes to beside it.
struct ScheduleEditorPage: Sendable {
    var headline: String
    var action: String
    var cancelHref: String
    var version: String
    var isOn: Bool
    var name: Field
    var targets: Targets
    var scope: Scope
    var streams: [Choice]
    var when: When
    var days: Days
    var missed: Missed
    var most: Most
    var hasErrors: Bool
    var errorCount: String
    var preview: Preview
    var deleteHref: String?

    struct Field: Sendable {
        var value: String
        var error: EntryPage.Text?
    }

    struct Targets: Sendable {
        var picked: [Target]
        var offered: [Target]
        var error: EntryPage.Text?
    }

    struct Target: Sendable {
        var value: String
        var letter: String
        var platform: String
        var name: String
    }

    struct Scope: Sendable {
        var isAll: Bool
        var isChosen: Bool
        var error: EntryPage.Text?
    }

    struct Choice: Sendable {
        var value: String
        var label: String
        var isChosen: Bool
    }

    struct When: Sendable {
        var isEvery: Bool
        var isAt: Bool
        var isCron: Bool
        var intervals: [Choice]
        var weekdays: [Choice]
        var times: [Time]
        var cron: String
        var zones: [Choice]
        var error: EntryPage.Text?
    }

    struct Time: Sendable { var value: String }

    struct Days: Sendable {
        var choices: [Choice]
        var from: String
        var to: String
        var error: DaysError?
    }

    struct DaysError: Sendable {
        var text: String
        var canSwap: Bool
    }

    struct Missed: Sendable {
        var isSkip: Bool
        var isOnce: Bool
        var isAll: Bool
    }

    struct Most: Sendable {
        var value: String
        var note: String
        var error: EntryPage.Text?
    }

    struct Preview: Sendable {
        var words = ""
        var runs: [Run] = []
        var hasRuns = false
        var zoneNote = ""
        var costs: [Cost] = []
        var hasCosts = false
        /// Nothing is drawn of a price that is not known.
        var hasShare = false
        var share = "0%"
        var costNote = ""
    }

    struct PreviewRegion: Sendable { var preview: Preview }

    struct Run: Sendable {
        var when: String
        var note: String
    }

    struct Cost: Sendable {
        var name: String
        var cost: String
    }
}

extension ScheduleEditorPage {
    static func page(
        _ draft: ScheduleDraft, of schedule: Schedule?, _ errors: [String: String], _ desk: ScheduleDesk,
        _ words: Words
    ) async throws -> Page {
        let home = ScheduleRoutes.home
        let title = schedule?.definition.name ?? words.pick("New schedule", "Lịch mới")
        let model = ScheduleEditorPage(
            headline: title, action: schedule.map { "\(home)/\($0.id)/edit" } ?? home, cancelHref: home,
            version: draft.version, isOn: draft.isActive,
            name: Field(value: draft.name, error: error(["name"], errors, words)),
            targets: targets(draft, error(["targets"], errors, words), desk, words),
            scope: Scope(isAll: draft.isAll, isChosen: !draft.isAll, error: error(["streams"], errors, words)),
            streams: streams(draft, desk, words), when: when(draft, errors, desk, words),
            days: days(draft, errors, desk, words),
            missed: Missed(
                isSkip: draft.missed == "skip", isOnce: draft.missed == "once", isAll: draft.missed == "all"),
            most: Most(
                value: draft.most,
                note: words.pick(
                    "runs a day, by the days of the chosen zone; empty for no limit",
                    "lượt mỗi ngày, theo ngày của múi giờ đã chọn; để trống là không giới hạn"),
                error: error(["max_runs_per_day"], errors, words)),
            hasErrors: !errors.isEmpty,
            errorCount: words.pick(
                errors.count == 1 ? "1 field to fix" : "\(errors.count) fields to fix",
                "Còn \(errors.count) mục cần sửa"),
            preview: try await desk.preview(draft, words).model,
            deleteHref: schedule.map { "\(home)/\($0.id)/delete" })
        return Page(
            template: "schedule-editor", section: .schedules,
            title: schedule == nil ? words.pick("New", "Mới") : title, model: model,
            parents: [Link(href: home, label: words.pick("Schedules", "Lịch chạy"))],
            status: errors.isEmpty ? .ok : .unprocessableContent)
    }

    private static func error(
        _ fields: [String], _ errors: [String: String], _ words: Words
    ) -> EntryPage.Text? {
        fields.compactMap { errors[$0] }.first.map { EntryPage.Text(text: words.said($0)) }
    }

    // MARK: Whom and what

    /// More would be no list to choose from; whole platforms hold the rest.
    private static let mostOffered = 200

    private static func targets(
        _ draft: ScheduleDraft, _ error: EntryPage.Text?, _ desk: ScheduleDesk, _ words: Words
    ) -> Targets {
        let all = offers(desk, draft.targets, words)
        let picked = all.filter { draft.targets.contains($0.value) }
        let open = all.filter { !draft.targets.contains($0.value) }
        return Targets(picked: picked, offered: Array(open.prefix(mostOffered)), error: error)
    }

    private static func offers(_ desk: ScheduleDesk, _ chosen: [String], _ words: Words) -> [Target] {
        let wholes = desk.platforms.map { platform in
            Target(
                value: "platform:\(platform.id)", letter: letter(platform.name), platform: platform.name,
                name: words.pick(
                    "All \(platform.name) accounts, new ones too",
                    "Mọi tài khoản \(platform.name), cả tài khoản mới"))
        }
        let byPlatform = Dictionary(grouping: desk.known.connections, by: \.platform)
        let connections = desk.known.connections.compactMap { connection -> Target? in
            // The only one of a platform is told as the platform, unless it is what somebody chose.
            let isOne = byPlatform[connection.platform, default: []].count <= 1
            guard !isOne || chosen.contains("connection:\(connection.id)"),
                let platform = desk.platform(connection.platform)
            else { return nil }
            return Target(
                value: "connection:\(connection.id)", letter: letter(platform.name), platform: platform.name,
                name: words.pick(
                    "All accounts of \(platform.name), \(connection.name)",
                    "Mọi tài khoản của \(platform.name), \(connection.name)"))
        }
        let accounts = desk.known.accounts.sorted { $0.name < $1.name }.compactMap { account -> Target? in
            guard let platform = desk.platforms.first(where: { $0.id == account.platform }) else { return nil }
            return Target(
                value: "account:\(account.id)", letter: letter(platform.name), platform: platform.name,
                name: account.name)
        }
        return wholes + connections + accounts
    }

    /// Platforms have letters, no logos.
    static func letter(_ name: String) -> String { String(name.prefix(1)).uppercased() }

    private static func streams(_ draft: ScheduleDraft, _ desk: ScheduleDesk, _ words: Words) -> [Choice] {
        let offered = desk.streams.map(\.rawValue)
        // Words of the command line, and streams that act, stay when they were chosen.
        let others = draft.streams.filter { !offered.contains($0) }
        return (offered + others).map {
            Choice(value: $0, label: words.stream($0), isChosen: draft.streams.contains($0))
        }
    }

    // MARK: When

    private static func when(
        _ draft: ScheduleDraft, _ errors: [String: String], _ desk: ScheduleDesk, _ words: Words
    ) -> When {
        let now = desk.site.clock.now
        var zones: [String] = []
        for name in [draft.zone, desk.zone.name] + desk.known.accounts.map(\.zoneName) + ["Etc/UTC"]
        where !zones.contains(name) { zones.append(name) }
        let times = draft.times.isEmpty ? [""] : draft.times
        return When(
            isEvery: draft.mode == "every", isAt: draft.mode == "at", isCron: draft.mode == "cron",
            intervals: Recurrence.Interval.allCases.map {
                Choice(value: $0.text, label: length($0, words), isChosen: draft.interval == $0.text)
            },
            weekdays: Weekday.allCases.map {
                Choice(
                    value: $0.rawValue, label: words.weekdayLetters($0),
                    isChosen: draft.weekdays.contains($0.rawValue))
            }, times: times.map { Time(value: $0) }, cron: draft.cron,
            zones: zones.prefix(50).map {
                let isKnown = (try? AccountZone.named($0)) != nil
                return Choice(
                    value: $0, label: isKnown ? PageZone(named: $0).label(at: now) : $0, isChosen: draft.zone == $0)
            },
            error: error(["interval", "times", "cron", "recurrence", "time_zone"], errors, words))
    }

    private static func length(_ interval: Recurrence.Interval, _ words: Words) -> String {
        interval.minutes < 60
            ? words.count(interval.minutes, "minute", "phút") : words.count(interval.minutes / 60, "hour", "giờ")
    }

    private static func days(
        _ draft: ScheduleDraft, _ errors: [String: String], _ desk: ScheduleDesk, _ words: Words
    ) -> Days {
        var ranges: [NamedRange] = [.today, .yesterday, .last7Days, .last30Days, .currentMonth, .previousMonth]
        let chosen = NamedRange(word: draft.days)
        if chosen == .last90Days { ranges.insert(.last90Days, at: 4) }
        var choices = [
            Choice(
                value: ScheduleDraft.due, label: words.pick("All that is due", "Phần đến hạn"),
                isChosen: draft.days == ScheduleDraft.due)
        ]
        choices += ranges.map {
            Choice(value: $0.rawValue, label: words.days(.named($0)).capitalised, isChosen: $0 == chosen)
        }
        choices.append(
            Choice(
                value: ScheduleDraft.custom, label: words.pick("Custom", "Tự chọn"),
                isChosen: draft.days == ScheduleDraft.custom))
        var days = Days(choices: choices, from: draft.from, to: draft.to)
        if let swapped = draft.swapped, errors["date_from"] != nil {
            let today = desk.zone.today(at: desk.site.clock.now)
            let (first, last) = (words.day(swapped.first, today: today), words.day(swapped.last, today: today))
            days.error = DaysError(
                text: words.pick(
                    "The first day is after the last. Did you mean \(first) to \(last)?",
                    "Ngày đầu sau ngày cuối. Ý bạn là \(first) đến \(last)?"), canSwap: true)
        } else if let told = error(["date_range", "date_from", "date_to"], errors, words) {
            days.error = DaysError(text: told.text, canSwap: false)
        }
        return days
    }
}
