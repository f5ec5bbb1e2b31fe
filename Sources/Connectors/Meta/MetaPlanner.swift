import ConnectorKit
import SyncCore

/// The chunks of one step: which lists to read, whole or only what changed, and how many days of insights to
/// ask for at once.
struct MetaPlanner {
    let request: PlanRequest
    let reports: [MetaReport]

    /// Rows that an answer at once may hold; more than that on one day becomes a report.
    static let most = 5000.0
    /// Rows of a report where answers at once are refused.
    static let mostOfReport = 50_000.0
    /// Long ranges by day fail at Meta even where rows are few (meta.md 11, complaint 18). A quarter with today
    /// has 92 days at most.
    static let longest = 92
    /// A whole listing at least that often; what changed in between is asked for alone.
    static let sweepEvery: Duration = .seconds(86_400)
    /// Changes may become visible late.
    static let overlap: Duration = .seconds(600)
    /// When nothing is known of the account: days at once, for more would be read page behind page where it is a big
    /// one, and fewer would cost a small one calls; and rows of a day of a report, of which there are to be few.
    private static let unexplored = 14
    private static let unknownRows = 50.0
    /// `since` and `until` of posts may not be further apart than about six months.
    private static let longestOfPosts = 180

    func specs() -> [ChunkSpec] {
        switch request.step {
        case MetaPlatform.structure: structure()
        case MetaPlatform.recent: (has(.pages) ? [list(.pages)] : []) + posts() + insights()
        case MetaPlatform.history: insights() + posts()
        default: []
        }
    }

    private func has(_ stream: StreamID) -> Bool { request.streams.contains(stream) }

    // MARK: Lists

    private func structure() -> [ChunkSpec] {
        [StreamID.businesses, .adAccounts].filter(has).map(list)
            + [StreamID.campaigns, .adSets, .ads].filter(has).map(entities)
    }

    private func list(_ stream: StreamID) -> ChunkSpec {
        ChunkSpec(stream: stream, phase: .recent, mode: MetaMode.list)
    }

    private func entities(_ stream: StreamID) -> ChunkSpec {
        guard let state = request.listed[stream], let sweptAt = state.sweptAt, let changedUpTo = state.changedUpTo,
            request.now - sweptAt < MetaPlanner.sweepEvery
        else { return list(stream) }
        return ChunkSpec(
            stream: stream, phase: .recent, mode: MetaMode.changed(after: changedUpTo - MetaPlanner.overlap))
    }

    // MARK: Posts

    private func posts() -> [ChunkSpec] {
        guard has(.posts), let window = postsWindow else { return [] }
        var specs = MetaPlanner.cutPosts(window).map {
            ChunkSpec(stream: .posts, phase: request.step.phase, days: $0)
        }
        if request.step.phase == .recent, request.kind != .manual, request.kind != .backfill {
            specs[specs.count - 1].mode = request.account.historyCompletedAt == nil ? MetaMode.whole : MetaMode.catchUp
        }
        return specs
    }

    /// Pages that came to light after the first sync, or whose posts may be read since, have a past too.
    static func olderPosts(than first: CivilDate, anchor: CivilDate) -> [DayRange] {
        DayRange(oldestPost(anchor), first.adding(days: -1)).map(cutPosts) ?? []
    }

    private static func oldestPost(_ anchor: CivilDate) -> CivilDate {
        anchor.adding(months: -MetaPlatform.retention).adding(days: 1)
    }

    private static func cutPosts(_ range: DayRange) -> [DayRange] { range.pieces(of: longestOfPosts) }

    /// Pages are older than ad accounts, so their posts are read as far back as numbers are offered, whenever the
    /// account began. Once everything was read, the last four weeks are enough: those still change.
    private var postsWindow: DayRange? {
        guard request.kind != .manual, request.kind != .backfill else { return request.window }
        let anchor = request.anchor
        let account = request.account
        let recent = anchor.adding(days: -SyncWindows.recentDays)
        guard request.step.phase == .recent else {
            guard account.historyCompletedAt == nil else { return nil }
            return DayRange(MetaPlanner.oldestPost(anchor), recent.adding(days: -1))
        }
        guard let done = account.recentCompletedAt else { return DayRange(recent, anchor) }
        let last = day(account.lastSyncedAt ?? done).adding(days: -2)
        return DayRange(max(MetaPlanner.oldestPost(anchor), min(last, anchor.adding(days: -28))), anchor)
    }

    private func day(_ instant: Instant) -> CivilDate {
        guard let zone = try? request.account.zone() else { return request.anchor.adding(days: -28) }
        return CivilDate(instant, in: zone)
    }

    // MARK: Insights

    /// All reports, the newest days of each first.
    private func insights() -> [ChunkSpec] {
        let specs = reports.filter { has($0.schema.id) }.flatMap(insights)
        return specs.enumerated().sorted { left, right in
            let (a, b) = (left.element.days?.last, right.element.days?.last)
            if let a, let b, a != b { return a > b }
            return left.offset < right.offset
        }.map(\.element)
    }

    private func insights(_ report: MetaReport) -> [ChunkSpec] {
        let due = (request.due[report.schema.id] ?? []).filter { request.window?.contains($0) ?? false }
        let learned = request.learned[report.schema.id] ?? Learned()
        let longest = hasNoEntity(report) ? max(1, due.count) : MetaPlanner.longest
        let needsReports = learned.dropped[MetaInsights.answersAtOnce] != nil
        let most = needsReports ? MetaPlanner.mostOfReport : MetaPlanner.most
        let isRun = needsReports || report.needsRuns
        let rows = rowsPerDay(report) ?? (isRun ? MetaPlanner.unknownRows * report.rowsPerEntity : nil)
        let affordable = rows.map { max(1, min(longest, Int(most / max($0, 1)))) } ?? MetaPlanner.unexplored
        // What answers at once have taught of sizes says nothing of reports.
        var size = needsReports ? affordable : min(affordable, learned.units(startingAt: affordable))
        if learned.fixedSize != nil { size = min(longest, learned.units(startingAt: affordable)) }
        let isHeavy = needsReports || rows ?? 0 > most
        let ranges = due.runs.flatMap { $0.pieces(of: size) }
        return ranges.flatMap { withToday($0, isHeavy: isHeavy) }.map { days in
            let isReport = report.needsRuns || isHeavy && days.last < request.anchor
            let way = isReport ? MetaMode.report : MetaMode.sync
            return ChunkSpec(
                stream: report.schema.id, phase: request.step.phase, days: days,
                mode: readsArchived(report, days) ? way + MetaMode.archived : way)
        }
    }

    /// Today is read at once, always: a report of a day that still moves is old when it is done.
    private func withToday(_ days: DayRange, isHeavy: Bool) -> [DayRange] {
        guard isHeavy, days.count > 1, days.contains(request.anchor),
            let before = DayRange(days.first, request.anchor.adding(days: -1))
        else { return [days] }
        return [DayRange(request.anchor), before]
    }

    /// All were listed, and there is none: at most a few deleted ones have rows, so all days go into one call.
    private func hasNoEntity(_ report: MetaReport) -> Bool {
        guard let stream = report.level.entities else { return false }
        return request.listed[stream]?.sweptAt != nil && request.tallies[stream]?.isEmpty ?? true
    }

    /// Nil when nothing is known of the account.
    private func rowsPerDay(_ report: MetaReport) -> Double? {
        if let density = request.learned[report.schema.id]?.density, density > 0 { return density }
        if hasNoEntity(report) { return 0 }
        guard let stream = report.level.entities else { return report.rowsPerEntity }
        guard let tally = request.tallies[stream], !tally.isEmpty else { return nil }
        let entities = tally.reduce(0) { $1.key == "DELETED" ? $0 : $0 + $1.value }
        return Double(max(entities, 1)) * report.rowsPerEntity
    }

    /// Whether archived and deleted entities are read in a second pass. Deleted ones are never listed, so
    /// nothing tells beforehand whether there are any. Today tries anew what was refused once.
    private func readsArchived(_ report: MetaReport, _ days: DayRange) -> Bool {
        report.level != .account
            && (days.contains(request.anchor)
                || !MetaInsights.dropsSecondPass(request.learned[report.schema.id] ?? Learned()))
    }
}
