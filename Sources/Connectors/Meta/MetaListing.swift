import ConnectorKit
import SyncCore

/// Reads a list of entities page by page, with every recovery of meta.md 2 and 7: smaller pages, rows
/// isolated, fields dropped, a listing started over.
struct MetaListing: Sendable {
    let task: MetaTask
    let edge: MetaEdge

    struct Cursor: Codable, Sendable, Equatable {
        var position: MetaPosition?
        var size = MetaPageSize()
        /// Failures in a row of this very page.
        var tries = 0
        /// The next call asks for little of one row, to step over it: it could not be shown then (microseconds since
        /// 1970).
        var isolatedAt: Int64?
        var extent = MetaExtent.whole
        var restarts = 0
        /// Pages in a row that led to themselves.
        var circles = 0
        /// Fields refused during this chunk.
        var dropped: [String] = []
        /// Those among them that are left out on suspicion: an answer without them proves it.
        var suspicion: Suspicion?
    }

    /// Meta refused something and did not say what.
    struct Suspicion: Codable, Sendable, Equatable {
        var fields: [String]
        /// Of the error.
        var label: String
    }

    /// What an answer meant, before it becomes a `Reading`: other parts of the connector list things too.
    struct Outcome {
        var step: Step
        var tables: [RowTable] = []
        var notes: [Note] = []
        var learned: [Learned.Change] = []

        enum Step {
            case page(Cursor)
            case pause(Duration, Cursor)
            case end(isComplete: Bool)
            case failed(Failure)
        }
    }

    // MARK: Calling

    func call() -> Call { call(cursor) }

    private var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? Cursor() }

    /// The row that stands there is the one that could not be shown: after a while another may have taken its place,
    /// which would be left without its values.
    private func isolates(_ cursor: Cursor) -> Bool {
        cursor.isolatedAt.map { task.work.now.microseconds - $0 < 60_000_000 } ?? false
    }

    /// A complete listing asks for refused fields anew: a permission may have been granted since.
    private var heals: Bool { task.work.spec.mode == MetaMode.list }

    /// The fields that the next call from here asks for.
    func fields(_ cursor: Cursor) -> [String] {
        if isolates(cursor) { return cursor.extent.fields(of: task.schema) }
        var refused = Set(cursor.dropped)
        if !heals { refused.formUnion(task.work.learned.dropped.keys) }
        return MetaFields.roots(of: task.schema).filter { $0 == "id" || $0 == "account_id" || !refused.contains($0) }
    }

    func call(_ cursor: Cursor) -> Call {
        let limit = isolates(cursor) ? 1 : cursor.size.limit(default: edge.limit, learned: task.work.learned)
        var query = [("fields", MetaFields.parameter(fields(cursor))), ("limit", String(limit))]
        if !edge.statuses.isEmpty { query.append(("effective_status", JSONText.list(edge.statuses))) }
        if let prefix = edge.prefix, let moment = MetaMode.moment(in: task.work.spec.mode) {
            let field = JSONText.quoted("\(prefix).updated_time")
            query.append(("filtering", "[{\"field\":\(field),\"operator\":\"GREATER_THAN\",\"value\":\(moment)}]"))
        }
        return task.requests.get(
            edge.path(account: task.work.account.externalID), cursor.position?.applied(to: query) ?? query,
            edge.families)
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        let outcome = outcome(response, cursor)
        let next: Reading.Next =
            switch outcome.step {
            case .page(let cursor): .more(cursor: CursorText.encode(cursor))
            case .pause(let wait, let cursor): .later(wait, cursor: CursorText.encode(cursor))
            // Only a listing of everything says what is gone.
            case .end(let whole):
                .finished(.init(isComplete: whole && MetaMode.moment(in: task.work.spec.mode) == nil))
            case .failed(let failure): .failed(failure)
            }
        return task.reading(
            next, response, tables: outcome.tables, notes: outcome.notes, learned: outcome.learned)
    }

    func outcome(_ response: WireResponse, _ cursor: Cursor) -> Outcome {
        // A row that was isolated is stored with what it shows, so that it is counted and can be told of.
        let reader = isolates(cursor) ? MetaTask.reader(for: task.schema, fields: Set(fields(cursor))) : nil
        switch task.page(response, reader: reader) {
        // Bytes that are no text were broken on the way, most likely: asked again they come whole.
        case .rows(let page, _) where page.repaired > 0 && cursor.tries == 0: return again(cursor)
        case .rows(let page, let following): return good(page, following, cursor)
        case .error(let error): return bad(error, response, cursor)
        }
    }

    private func good(_ page: PageRead, _ following: MetaRest.Following, _ cursor: Cursor) -> Outcome {
        var next = cursor
        var notes = task.notes(on: page)
        var learned: [Learned.Change] = []
        next.tries = 0
        if isolates(cursor) {
            next.isolatedAt = nil
            next.extent = .whole
            next.size = MetaPageSize(limit: 1, regrows: true)
            let id = page.table.rowCount > 0 ? page.table.cell(row: 0, column: task.schema.key.last ?? "id") : nil
            if let id = id.flatMap(page.table.string) { notes.append(task.isolatedNote(id, cursor.extent)) }
        } else {
            (next.size, learned) = cursor.size.grown(default: edge.limit, learned: task.work.learned)
            if heals { learned += task.healed(fields(cursor), without: cursor.dropped) }
        }
        if let suspicion = cursor.suspicion {
            next.suspicion = nil
            notes.append(task.droppedNote(suspicion.fields, suspicion.label))
            learned.append(.dropped(suspicion.fields, reason: suspicion.label))
        }
        return Outcome(
            step: step(following, next, from: cursor), tables: [page.table], notes: notes, learned: learned)
    }

    private func step(_ following: MetaRest.Following, _ next: Cursor, from cursor: Cursor) -> Outcome.Step {
        var next = next
        switch following {
        case .last: return .end(isComplete: true)
        case .lost:
            let cause = Failure.Cause(code: "paging", "Meta announced a next page without saying where it is.")
            return .failed(.retryNow(cause))
        case .page(let position):
            next.circles = position == cursor.position ? cursor.circles + 1 : 0
            guard next.circles < 10 else {
                return .failed(.retryNow(Failure.Cause(code: "paging", "Meta's next page leads back to itself.")))
            }
            next.position = position
            return .page(next)
        }
    }
}

// MARK: - Errors

extension MetaListing {
    private func bad(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Outcome {
        if let outcome = withoutFields(error, cursor) { return outcome }
        switch error.kind {
        case .tooBig: return smaller(error, response, cursor, forRow: false)
        case .poisonRow: return smaller(error, response, cursor, forRow: true)
        case .perhapsTooBig:
            guard cursor.tries >= error.patience else { return again(cursor) }
            return smaller(error, response, cursor, forRow: false, tries: cursor.tries)
        case .badCursor: return fromTheStart(error, response, cursor)
        case .permission, .gone, .noSuchPath, .request, .oldVersion, .configuration, .tooOld:
            return refused(error, response)
        case .transient, .flaky, .throttled, .token, .proof, .notReady, .aborted, .blocked:
            return failed(error, response)
        }
    }

    private func failed(_ error: MetaError, _ response: WireResponse) -> Outcome {
        let usage = MetaUsage(response)
        return Outcome(
            step: .failed(error.failure(task.quotas, edge.families, usage: usage, at: task.work.answeredAt)))
    }

    private func again(_ cursor: Cursor) -> Outcome {
        var next = cursor
        next.tries += 1
        return Outcome(step: .pause(.seconds(next.tries == 1 ? 1 : 4), next))
    }

    /// Fields that Meta refuses are dropped and the same page is asked for again.
    private func withoutFields(_ error: MetaError, _ cursor: Cursor) -> Outcome? {
        guard !isolates(cursor) else { return nil }
        let droppable = fields(cursor).filter { $0 != "id" && $0 != "account_id" }
        let dropped = error.fields(among: droppable)
        guard !dropped.isEmpty else { return suspecting(droppable, error, cursor) }
        var next = cursor
        next.dropped = (cursor.dropped + dropped).unique
        next.tries = 0
        return Outcome(
            step: .page(next), notes: [task.droppedNote(dropped, error.label)],
            learned: [.dropped(dropped, reason: error.label)])
    }

    /// Perhaps it is a field that needs more than reading, perhaps the whole list: nothing is told or remembered
    /// before an answer shows it.
    private func suspecting(_ droppable: [String], _ error: MetaError, _ cursor: Cursor) -> Outcome? {
        guard error.mayBeAboutField else { return nil }
        let suspects = [MetaFields.sensitive, MetaFields.gated, edge.details].map { droppable.filter($0.contains) }
        guard let fields = suspects.first(where: { !$0.isEmpty }) else { return nil }
        var next = cursor
        next.dropped += fields
        next.suspicion = Suspicion(fields: (cursor.suspicion?.fields ?? []) + fields, label: error.label)
        next.tries = 0
        return Outcome(step: .page(next))
    }

    private func smaller(
        _ error: MetaError, _ response: WireResponse, _ cursor: Cursor, forRow: Bool, tries: Int = 0
    ) -> Outcome {
        guard !isolates(cursor) else {
            if let less = cursor.extent.less {
                var next = cursor
                next.extent = less
                return Outcome(step: .page(next))
            }
            // Not even the id alone can be shown, so it was no bad row: wait, and start the page over.
            guard cursor.restarts < 3 else { return failed(error, response) }
            let fresh = Cursor(
                position: cursor.position, restarts: cursor.restarts + 1, circles: cursor.circles,
                dropped: cursor.dropped, suspicion: cursor.suspicion)
            return Outcome(step: .pause(.seconds(20), fresh))
        }
        var next = cursor
        next.tries = tries
        guard let size = cursor.size.halved(default: edge.limit, learned: task.work.learned, forRow: forRow) else {
            // A row is stepped over only when it is the row: an outage says the same, and passes.
            guard error.kind != .perhapsTooBig || tries >= 6 else {
                next.tries += 1
                return Outcome(step: .pause(.seconds(20), next))
            }
            next.isolatedAt = task.work.now.microseconds
            next.extent = .basics
            return Outcome(step: .page(next))
        }
        next.size = size
        return Outcome(step: .page(next), learned: size.regrows ? [] : [.pageSize(size.limit)])
    }

    private func fromTheStart(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Outcome {
        guard cursor.position != nil, cursor.restarts < 3 else { return failed(error, response) }
        return Outcome(
            step: .page(
                Cursor(
                    size: cursor.size, restarts: cursor.restarts + 1, dropped: cursor.dropped,
                    suspicion: cursor.suspicion)))
    }

    /// Meta will not give this list to this token.
    private func refused(_ error: MetaError, _ response: WireResponse) -> Outcome {
        if error.kind == .oldVersion { return failed(error, response) }
        if edge.isOptional {
            let why =
                error.kind == .permission
                ? "the token lacks \(edge.scope)" : "Meta does not offer it to this token"
            let note = Note("not_permitted", "No \(task.schema.id) are read: \(why) (\(error.label)).")
            return Outcome(step: .end(isComplete: false), notes: [note])
        }
        guard error.kind == .permission else { return failed(error, response) }
        let cause = error.cause(
            "The token may not read the \(task.schema.id) of this ad account.",
            "Give the token \(edge.scope), and its user a role on the ad account.")
        return Outcome(step: .failed(.permanentConfiguration(cause)))
    }
}
