import ConnectorKit
import SyncCore
import SyncEngine
import Wording

/// `schedules.mustache`: every schedule with its day.
struct SchedulesPage: Sendable {
    var headline: String
    var summary: String
    var mayChange: Bool
    var query: String
    var tabs: [Tab]
    var hasSchedules: Bool
    var isFiltered: Bool
    var clock: Clock
    var schedules: [Row]
    var zone: String

    struct Tab: Sendable {
        var label: String
        var count: String
        var href: String
        var isCurrent: Bool
    }

    struct Clock: Sendable {
        var now: String
        var x: String
        var path: String
        /// The label stays within the strip at its ends.
        var anchor: String
        var hides00: Bool
        var hides06: Bool
        var hides12: Bool
        var hides18: Bool
        var hides24: Bool

        init(_ minute: Int) {
            now = DayTimes.clock(minute)
            x = "\(DayStrip.number(Double(minute) / 14.4))%"
            path = "M\(DayStrip.number(Double(minute) / 5)) 0v30"
            func hides(_ hour: Int) -> Bool { abs(minute - hour * 60) < 165 }
            (hides00, hides06, hides12, hides18, hides24) = (hides(0), hides(6), hides(12), hides(18), hides(24))
            anchor = minute < 90 ? "start" : minute > 1350 ? "end" : "middle"
        }
    }

    struct Row: Sendable {
        var id: String
        var name: String
        var href: String
        var isOn: Bool
        var platforms: [Mark]
        var scope: String
        var when: String
        var whenNote: String
        var next: String
        var nextNote: String
        var last: Last?
        var strip: DayStrip
        var stripLabel: String
        var mayChange: Bool
    }

    struct Mark: Sendable {
        var letter: String
        var platform: String
    }

    struct Last: Sendable {
        var icon: String
        var tone: String
        var state: String
        var time: String
        var note: String
        var href: String
    }
}

extension SchedulesPage {
    static func page(
        _ site: Site, _ visitor: Visitor, _ query: Form, _ words: Words
    ) async throws -> Page {
        let now = site.clock.now
        // The engine's own tasks are about no account.
        let entries = try await ScheduleBook(site.environment).list(in: visitor.workspace.id)
            .filter { $0.schedule.definition.task.isAboutAccounts }
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        let zone = PageZone(accounts)
        let runs = try await site.store.runs(
            of: entries.map(\.schedule.id), since: zone.today(at: now).start(in: zone.zone))
        let byID = Dictionary(grouping: runs, by: \.schedule)
        let marks = entries.map {
            DayMarks($0.schedule, byID[$0.schedule.id] ?? [], runsToday: $0.runsToday, in: zone, at: now)
        }
        let text = (query["text"] ?? "").lowercased()
        let show = query["show"] ?? ""
        var rows: [Row] = []
        for (entry, marks) in zip(entries, marks) {
            let definition = entry.schedule.definition
            if show == "on", !definition.isActive { continue }
            if show == "paused", definition.isActive { continue }
            if !text.isEmpty, !definition.name.lowercased().contains(text) { continue }
            let scribe = ScheduleScribe(
                site: site, workspace: visitor.workspace.id, words: words, zone: zone, now: now)
            rows.append(try await scribe.row(entry, marks, mayChange: visitor.may(.act)))
        }
        let model = SchedulesPage(
            headline: headline(entries, zone, words, now), summary: summary(runs, marks, zone, words),
            mayChange: visitor.may(.act), query: query["text"] ?? "", tabs: tabs(entries, show, words),
            hasSchedules: !rows.isEmpty, isFiltered: !entries.isEmpty, clock: Clock(zone.minute(of: now)),
            schedules: rows,
            zone: words.pick(
                "Times are \(zone.label(at: now)). Two runs of one schedule never overlap.",
                "Giờ theo \(zone.label(at: now)). Hai lượt của một lịch không bao giờ chồng nhau."))
        return Page(
            template: "schedules", section: .schedules, title: words.pick("Schedules", "Lịch chạy"), model: model,
            isLive: true)
    }

    private static func headline(
        _ entries: [ScheduleBook.Entry], _ zone: PageZone, _ words: Words, _ now: Instant
    ) -> String {
        if entries.isEmpty { return words.pick("No schedules yet", "Chưa có lịch chạy") }
        let count = words.count(entries.count, "schedule", "lịch chạy")
        guard let next = entries.compactMap(\.next.first).min() else {
            return words.pick("\(count), all paused", "\(count), đều đang tạm dừng")
        }
        let time = words.near(max(next, now), in: zone, now: now)
        let isToday = CivilDate(next, in: zone.zone) <= zone.today(at: now)
        return words.pick("\(count), next run \(isToday ? "at" : "on") \(time)", "\(count), lượt tới lúc \(time)")
    }

    private static func summary(
        _ runs: [ScheduleRun], _ marks: [DayMarks], _ zone: PageZone, _ words: Words
    ) -> String {
        let missed = marks.reduce(0) { $0 + $1.missed.count }
        let late = marks.compactMap(\.late)
        if runs.isEmpty, missed == 0 { return words.pick("No run today yet.", "Hôm nay chưa có lượt nào.") }
        var parts = [
            words.pick(words.count(runs.count, "run", "") + " today", "\(words.number(runs.count)) lượt hôm nay")
        ]
        let failed = runs.count { $0.state == .failed }
        if failed > 0 { parts.append(words.pick("\(words.number(failed)) failed", "\(words.number(failed)) bị lỗi")) }
        if missed == 1, let one = late.first {
            let time = zone.clock(one.started)
            parts.append(words.pick("1 missed and made up at \(time)", "1 bị lỡ và đã chạy bù lúc \(time)"))
        } else if missed > 0 {
            let number = words.number(missed)
            parts.append(words.pick("\(number) missed", "\(number) bị lỡ"))
        }
        return parts.joined(separator: ", ") + "."
    }

    private static func tabs(_ entries: [ScheduleBook.Entry], _ show: String, _ words: Words) -> [Tab] {
        let on = entries.count { $0.schedule.definition.isActive }
        func tab(_ key: String, _ label: String, _ count: Int) -> Tab {
            Tab(
                label: label, count: words.number(count),
                href: ScheduleRoutes.home + (key.isEmpty ? "" : "?show=\(key)"), isCurrent: show == key)
        }
        return [
            tab("", words.pick("All", "Tất cả"), entries.count), tab("on", words.pick("On", "Đang bật"), on),
            tab("paused", words.pick("Paused", "Tạm dừng"), entries.count - on),
        ]
    }
}

/// Writes the row of a schedule.
private struct ScheduleScribe {
    let site: Site
    let workspace: WorkspaceID
    let words: Words
    let zone: PageZone
    let now: Instant

    func row(_ entry: ScheduleBook.Entry, _ marks: DayMarks, mayChange: Bool) async throws -> SchedulesPage.Row {
        let schedule = entry.schedule
        let definition = schedule.definition
        return SchedulesPage.Row(
            id: "\(schedule.id)", name: definition.name, href: "\(ScheduleRoutes.home)/\(schedule.id)",
            isOn: definition.isActive, platforms: platforms(entry), scope: scope(entry),
            when: words.when(definition.recurrence), whenNote: whenNote(entry, marks),
            next: entry.next.first.map { words.near(max($0, now), in: zone, now: now) } ?? "—",
            nextNote: nextNote(entry), last: try await last(entry), strip: DayStrip(marks),
            stripLabel: label(marks), mayChange: mayChange)
    }

    private func platforms(_ entry: ScheduleBook.Entry) -> [SchedulesPage.Mark] {
        var ids = Set(entry.accounts.map(\.platform))
        for case .platform(let id) in entry.schedule.definition.targets { ids.insert(id) }
        return ids.compactMap { try? site.environment.connectors.type(of: $0).platform.name }.sorted()
            .map { SchedulesPage.Mark(letter: ScheduleEditorPage.letter($0), platform: $0) }
    }

    private func scope(_ entry: ScheduleBook.Entry) -> String {
        let streams = entry.schedule.definition.streams
        let what: String
        switch streams.count {
        case 0: what = words.pick("all streams", "mọi luồng")
        case 1...3: what = streams.map { words.stream($0).lowercased() }.joined(separator: ", ")
        default: what = words.count(streams.count, "stream", "luồng")
        }
        return [words.reached(entry.accounts), what, words.days(entry.schedule.definition.days)]
            .joined(separator: " · ")
    }

    private func whenNote(_ entry: ScheduleBook.Entry, _ marks: DayMarks) -> String {
        let definition = entry.schedule.definition
        if let late = marks.late {
            let (planned, started) = (zone.clock(late.planned), zone.clock(late.started))
            return words.pick("\(planned) missed, done \(started)", "lỡ lúc \(planned), chạy bù \(started)")
        }
        if let most = definition.mostRunsPerDay { return words.limit(most, soFar: entry.runsToday) }
        if definition.zoneName != zone.name { return definition.zoneName }
        switch definition.recurrence {
        case .every:
            let count = words.number(entry.runsToday)
            return words.pick("no limit, \(count) so far", "không giới hạn, đã chạy \(count)")
        case .at: return definition.zoneName
        case .cron(let expression): return "cron \(expression.text)"
        }
    }

    private func nextNote(_ entry: ScheduleBook.Entry) -> String {
        guard let next = entry.next.first else { return words.pick("paused", "tạm dừng") }
        if next <= now { return words.pick("due now", "đến hạn") }
        return words.pick("in \(words.until(next - now))", "sau \(words.until(next - now))")
    }

    private func last(_ entry: ScheduleBook.Entry) async throws -> SchedulesPage.Last? {
        guard let run = entry.lastRun else { return nil }
        let isOn = entry.schedule.definition.isActive
        let (icon, tone): (String, String) =
            switch run.state {
            case .completed: ("done", isOn ? "ok" : "")
            case .failed: ("bad", "bad")
            case .cancelled: ("x", "")
            case .waiting: ("clock", "warn")
            case .pending, .inProgress: ("busy", "run")
            }
        let only = run.jobs.count == 1 ? run.jobs.first?.id : nil
        return SchedulesPage.Last(
            icon: icon, tone: tone, state: words.said(run.state.rawValue),
            time: words.near(run.startedAt, in: zone.zone, now: now), note: try await note(run),
            href: only.map { "/sync/logs/\($0)" } ?? "/sync/logs?schedule=\(entry.schedule.id)")
    }

    private func note(_ run: ScheduleRun) async throws -> String {
        switch run.state {
        case .failed:
            let failed = run.jobs.filter { $0.state == .failed }.prefix(20).map(\.id)
            let logs = try await site.store.logs(of: Array(failed), in: workspace)
            let chunks = logs.reduce(0) { $0 + $1.failedChunks }
            return chunks > 0 ? words.count(chunks, "chunk", "phần") : words.said("failed")
        case .waiting: return words.pick("signed out", "mất đăng nhập")
        case .pending, .inProgress: return words.pick("running", "đang chạy")
        case .cancelled: return words.said("cancelled")
        case .completed: return run.finishedAt.map { words.length($0 - run.startedAt) } ?? ""
        }
    }

    private func label(_ marks: DayMarks) -> String {
        func part(_ count: Int, _ english: String, _ vietnamese: String) -> String? {
            count == 0 ? nil : words.pick("\(words.number(count)) \(english)", "\(words.number(count)) \(vietnamese)")
        }
        let parts = [
            part(marks.done.count, "done", "đã xong"), part(marks.failed.count, "failed", "bị lỗi"),
            part(marks.missed.count, "missed", "bị lỡ"), part(marks.toCome.count, "to come", "sắp tới"),
        ].compactMap(\.self)
        return parts.isEmpty ? words.pick("none today", "hôm nay không có") : parts.joined(separator: ", ")
    }
}
