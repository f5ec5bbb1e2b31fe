import ConnectorKit
import SyncCore

/// What Meta does not give: fields, the filter of the second pass, days out of reach. Stored values stay as they are.
extension MetaInsights {
    /// What means the same wherever rows are asked for: refused fields, the second pass, days out of reach.
    func common(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading? {
        if let reading = withoutFields(error, response, cursor) { return reading }
        switch error.kind {
        case .request, .configuration:
            // The filter is refused, not the account: without a permission the whole chunk fails.
            guard cursor.part == .archived, cursor.run == nil else { break }
            return filterRefused(error, response, cursor)
        case .tooOld: return clamped(response)
        default: break
        }
        if error.kind == .permission {
            let cause = error.cause(
                "The token may not read the insights of this ad account.",
                "Give the token ads_read, and its user a role on the ad account.")
            return task.reading(.failed(.permanentConfiguration(cause)), response)
        }
        return nil
    }

    private func withoutFields(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading? {
        let asked = metrics(cursor)
        // Reach by breakdowns has a quota of its own, for old days only (meta.md 3): nothing to be remembered.
        let isReach = error.message.contains("reach-related metric")
        // A finished report has its fields already: whatever is said of them there passes.
        let dropped =
            isReach
            ? asked.filter { ["reach", "frequency", "cpp"].contains($0) }
            : cursor.run?.isDone == true ? [] : error.fields(among: asked)
        guard !dropped.isEmpty else { return nil }
        var next = cursor
        next.dropped = (cursor.dropped + dropped).unique
        next.tries = 0
        next.position = nil
        next.run = nil
        return more(
            next, response, notes: [task.droppedNote(dropped, error.label)],
            learned: isReach ? [] : [.dropped(dropped, reason: error.label)])
    }

    /// Days that Meta does not offer any more: halved until only those are left out.
    private func clamped(_ response: WireResponse) -> Reading {
        if let (early, late) = task.work.spec.days?.halves {
            return task.reading(
                .split([spec(days: late), spec(days: early)], reason: "part of the days is older than 37 months"),
                response)
        }
        let day = task.work.spec.days.map { "\($0.first)" } ?? "the day"
        return task.reading(
            .finished(.init(isComplete: false, notOffered: true)), response,
            notes: [Note("clamped", "Meta does not offer \(day) of \(task.schema.id) any more.")])
    }

    // MARK: Archived and deleted entities

    /// How the refusal of the second pass is remembered among the dropped fields.
    static let statusFilter = "effective_status filter"
    /// How it is remembered there that the pass is read without deleted entities: naming them may be an error
    /// (meta.md 2.3).
    static let deletedStatus = "effective_status DELETED"
    /// The reason of a second pass that is not needed: it has the same rows as the first.
    private static let useless = "same rows"
    /// Was said where some rows came in both passes; the second may have others beside them.
    private static let repeating = "brings nothing"
    /// How it is remembered there that archived rows come in both passes.
    static let overlap = "archived rows twice"
    /// The reason of a pass that was refused and is not any more. Chunks that were planned without it in between must
    /// know that it is missing.
    static let acceptedAgain = "accepted again"

    /// The second pass has the rows of the first: remembered, and asked for again of today alone.
    var uselessPass: Learned.Change { .dropped([MetaInsights.statusFilter], reason: MetaInsights.useless) }
    var acceptedPass: Learned.Change { .dropped([MetaInsights.statusFilter], reason: MetaInsights.acceptedAgain) }
    var overlappingPass: Learned.Change { .dropped([MetaInsights.overlap], reason: "in both listings") }
    var isUseless: Bool { task.work.learned.dropped[MetaInsights.statusFilter] == MetaInsights.useless }

    /// Whether what was learned speaks against a second pass.
    static func dropsSecondPass(_ learned: Learned) -> Bool {
        learned.dropped[statusFilter].map { ![acceptedAgain, repeating].contains($0) } ?? false
    }

    /// Archived and deleted entities have rows that an unfiltered listing leaves out (meta.md 2.3).
    var readsArchived: Bool {
        task.work.spec.mode.hasSuffix(MetaMode.archived) && report.level != .account
            && (heals || !MetaInsights.dropsSecondPass(task.work.learned))
    }

    /// Rows of archived entities may be stored that this chunk does not read: they are not gone because of that.
    var missesArchived: Bool {
        guard report.level != .account, !readsArchived else { return false }
        return task.work.learned.dropped[MetaInsights.statusFilter].map { $0 != MetaInsights.useless } ?? false
    }

    /// Which states the second pass names.
    func statuses(_ cursor: Cursor) -> [String] { asksForDeleted(cursor) ? ["ARCHIVED", "DELETED"] : ["ARCHIVED"] }

    private func asksForDeleted(_ cursor: Cursor) -> Bool { cursor.filterRefusals < 2 }

    /// With how many refusals a second pass begins: pages of one listing have one filter, whatever is learned
    /// meanwhile.
    var knownRefusals: Int { heals || task.work.learned.dropped[MetaInsights.deletedStatus] == nil ? 0 : 2 }

    /// One refusal may be a mistake: the same is asked once more, then without deleted entities, and that once more,
    /// too. Nil when all of it was refused.
    func lesserFilter(_ cursor: Cursor, _ response: WireResponse) -> Reading? {
        var next = cursor
        next.filterRefusals += 1
        switch next.filterRefusals {
        case 1, 3: return later(.seconds(2), next, response)
        // Pages that have come were filtered: then it is not the filter.
        case 2 where isFirstPage(cursor): return more(next, response)
        default: return nil
        }
    }

    /// Where deleted entities are not listed their rows are not gone: whoever has no row at all may be one of them.
    func spared(_ cursor: Cursor) -> String? {
        cursor.part == .archived && !asksForDeleted(cursor) ? report.level.column : nil
    }

    private func isFirstPage(_ cursor: Cursor) -> Bool {
        cursor.search.map { $0.position == nil } ?? (cursor.position == nil)
    }

    private func filterRefused(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        if let reading = lesserFilter(cursor, response) { return reading }
        let learned: [Learned.Change] =
            isFirstPage(cursor) ? [.dropped([MetaInsights.statusFilter], reason: error.label)] : []
        return task.reading(
            .finished(.init(isComplete: false)), response, notes: [unlistedNote(error)], learned: learned)
    }

    func unlistedNote(_ error: MetaError) -> Note {
        Note(
            "not_permitted",
            "Meta does not list the \(task.schema.id) of archived and deleted entities (\(error.label)).")
    }

    /// What the first page of a second pass says of its filter.
    func filterAccepted(_ cursor: Cursor) -> [Learned.Change] {
        guard cursor.part == .archived, cursor.position == nil else { return [] }
        let learned = task.work.learned.dropped
        var changes: [Learned.Change] = []
        if heals, let reason = learned[MetaInsights.statusFilter],
            reason != MetaInsights.useless, reason != MetaInsights.acceptedAgain
        {
            changes.append(acceptedPass)
        }
        if asksForDeleted(cursor) {
            return heals ? changes + task.healed([MetaInsights.deletedStatus], without: []) : changes
        }
        if learned[MetaInsights.deletedStatus] == nil {
            changes.append(.dropped([MetaInsights.deletedStatus], reason: "refused"))
        }
        return changes
    }
}
