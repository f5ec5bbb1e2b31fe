import ConnectorKit
import SyncCore

/// Reads the ad accounts that the token reaches: those of its user, and those that its businesses own or
/// serve (meta.md 2.2). The second part may add rows and may fail: then the first alone stands.
struct MetaAccounts: Sendable {
    let task: MetaTask

    struct Cursor: Codable, Sendable, Equatable {
        var phase = Phase.mine
        var listing = MetaListing.Cursor()
        /// Businesses that were found.
        var businesses: [String] = []
        /// Lists of businesses that are still to be read.
        var queue: [Pending] = []
        var tries = 0
        var dropped: [String] = []
        var isComplete = true

        enum Phase: String, Codable, Sendable {
            case mine, businesses, shared
        }
    }

    /// One list of one business.
    struct Pending: Codable, Sendable, Hashable {
        var path: String
        var position: MetaPosition?
        var limit: Int?
        /// Asked for without the fields that need more than reading.
        var isBare = false
        /// Pages in a row that led to themselves.
        var circles = 0
    }

    private static let batchSize = 50
    private static let most = 200
    private static let mostCircles = 10
    private static let unlisted = Note("incomplete", "Meta did not list the ad accounts of all businesses in time.")

    private var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? Cursor() }
    private var mine: MetaListing { MetaListing(task: task, edge: .adAccounts) }

    // MARK: Calling

    func call() -> Call {
        let cursor = cursor
        switch cursor.phase {
        case .mine: return mine.call(cursor.listing)
        case .businesses:
            let query = [("fields", "id"), ("limit", String(MetaAccounts.most))]
            return task.requests.get(
                "me/businesses", cursor.listing.position?.applied(to: query) ?? query, MetaEdge.businesses.families)
        case .shared:
            let items = cursor.queue.prefix(MetaAccounts.batchSize)
            return task.requests.post(
                "", MetaBatch.form(items.map { item($0, cursor) }), MetaEdge.adAccounts.families, points: items.count)
        }
    }

    private func fields(_ cursor: Cursor) -> [String] {
        mine.fields(MetaListing.Cursor(dropped: cursor.dropped))
    }

    private func item(_ pending: Pending, _ cursor: Cursor) -> MetaBatch.Item {
        let fields = fields(cursor).filter { !pending.isBare || !MetaFields.gated.contains($0) }
        let query = [("fields", MetaFields.parameter(fields)), ("limit", String(pending.limit ?? MetaAccounts.most))]
        return MetaBatch.Item(pending.path, pending.position?.applied(to: query) ?? query)
    }

    /// What is not asked for must not empty columns that another list has filled.
    private var bareReader: RowReader {
        let columns = task.schema.columns.filter { column in
            MetaFields.root(of: column).map { !MetaFields.gated.contains($0) } ?? true
        }
        return MetaTask.reader(for: task.schema, fields: Set(columns.map(\.name)))
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        let cursor = cursor
        switch cursor.phase {
        case .mine: return readMine(response, cursor)
        case .businesses: return readBusinesses(response, cursor)
        case .shared: return readShared(response, cursor)
        }
    }

    private func readMine(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        let outcome = mine.outcome(response, cursor.listing)
        var next = cursor
        let step: Reading.Next
        switch outcome.step {
        case .page(let listing):
            next.listing = listing
            step = move(to: next)
        case .pause(let wait, let listing):
            next.listing = listing
            step = move(to: next, after: wait)
        case .end(let whole):
            // Where the whole list is refused nothing is known of its fields.
            let unproven = whole ? [] : cursor.listing.suspicion?.fields ?? []
            let dropped = cursor.listing.dropped.filter { !unproven.contains($0) }
            next = Cursor(phase: .businesses, dropped: dropped, isComplete: whole)
            step = move(to: next)
        case .failed(let failure): step = .failed(failure)
        }
        return task.reading(
            step, response, tables: outcome.tables, notes: outcome.notes, learned: outcome.learned)
    }

    private func readBusinesses(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        guard (200..<300).contains(response.status), let body = JSONTree.parse(response.body),
            let rows = body["data"]?.items, body["error"] == nil
        else { return degraded(MetaError(status: response.status, body: response.body), response, cursor) }
        var next = cursor
        var round = Round(progressed: true)
        next.tries = 0
        next.businesses = (cursor.businesses + rows.compactMap { $0["id"]?.string }).unique
        if case .page(let position)? = MetaRest(response.body)?.following {
            next.listing.circles = position == cursor.listing.position ? cursor.listing.circles + 1 : 0
            next.listing.position = position
            if next.listing.circles < MetaAccounts.mostCircles { return task.reading(move(to: next), response) }
            round.notes.append(MetaAccounts.unlisted)
            next.isComplete = false
        }
        next.phase = .shared
        next.listing = MetaListing.Cursor()
        next.queue = next.businesses.flatMap { business in
            ["owned_ad_accounts", "client_ad_accounts"].map { Pending(path: "\(business)/\($0)") }
        }
        return go(on: next, response, round)
    }

    private func move(to next: Cursor, after wait: Duration? = nil) -> Reading.Next {
        let text = CursorText.encode(next)
        return wait.map { .later($0, cursor: text) } ?? .more(cursor: text)
    }

    private func go(on next: Cursor, _ response: WireResponse, _ round: Round) -> Reading {
        let step: Reading.Next =
            next.queue.isEmpty
            ? .finished(.init(isComplete: next.isComplete))
            : move(to: next, after: round.pause ?? (round.progressed ? nil : .seconds(2)))
        return task.reading(
            step, response, usages: round.usages, told: round.blocked, tables: round.tables, notes: round.notes,
            spent: round.spent)
    }

    /// An error that stops the second part: it is tried again a little, then left out.
    private func degraded(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        switch error.kind {
        case .throttled, .token, .proof, .blocked: return task.failed(error, MetaEdge.adAccounts.families, response)
        case .transient, .aborted, .flaky, .perhapsTooBig, .tooBig:
            guard cursor.tries < 3 else { break }
            var next = cursor
            next.tries += 1
            return task.reading(move(to: next, after: .seconds(2 << cursor.tries)), response)
        default: break
        }
        return task.reading(
            .finished(.init(isComplete: false)), response, notes: [partNote("businesses", error)])
    }

    private func partNote(_ what: String, _ error: MetaError) -> Note {
        Note("not_permitted", "The ad accounts of \(what) cannot be listed (\(error.label)).")
    }

    // MARK: Batches

    private func readShared(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        guard (200..<300).contains(response.status), let answers = MetaBatch.answers(response.body) else {
            return degraded(MetaError(status: response.status, body: response.body), response, cursor)
        }
        let asked = Array(cursor.queue.prefix(MetaAccounts.batchSize))
        var next = cursor
        next.queue.removeFirst(asked.count)
        var round = Round()
        for (index, pending) in asked.enumerated() {
            let answer = index < answers.count ? answers[index] : nil
            if let answer { round.usages.append(answer.usage) }
            take(answer, pending, cursor, &round, &next)
        }
        if let fatal = round.fatal { return task.failed(fatal, MetaEdge.adAccounts.families, response) }
        // A limit is waited for, however long it takes.
        next.tries = round.progressed || round.spent.throttled > 0 ? 0 : cursor.tries + 1
        next.queue = round.again + next.queue
        if next.tries > 5 {
            next.queue = []
            next.isComplete = false
            round.notes.append(MetaAccounts.unlisted)
        }
        return go(on: next, response, round)
    }

    /// What became of the items of one batch.
    private struct Round {
        var again: [Pending] = []
        var tables: [RowTable] = []
        var notes: [Note] = []
        var usages: [MetaUsage] = []
        var blocked: [QuotaSignal] = []
        /// For a limit that does not hold these calls.
        var pause: Duration?
        var progressed = false
        var spent = Spent()
        /// An error of the token, or a block of the whole app: all work stops.
        var fatal: MetaError?
    }

    private func take(
        _ answer: MetaBatch.Answer?, _ pending: Pending, _ cursor: Cursor, _ round: inout Round, _ next: inout Cursor
    ) {
        guard let answer else {
            // Not finished in time: sent again (meta.md 5).
            round.again.append(pending)
            round.spent.count(nil)
            return
        }
        switch task.page(answer.response, reader: pending.isBare ? bareReader : nil) {
        case .rows(let page, let following):
            round.progressed = true
            round.tables.append(page.table)
            round.notes += task.notes(on: page)
            guard case .page(let position) = following else { return }
            var more = pending
            more.circles = position == pending.position ? pending.circles + 1 : 0
            more.position = position
            guard more.circles >= MetaAccounts.mostCircles else { return round.again.append(more) }
            round.notes.append(MetaAccounts.unlisted)
            next.isComplete = false
        case .error(let error):
            let before = round.again.count
            refused(error, answer, pending, cursor, &round, &next)
            if round.again.count > before { round.spent.count(error) }
        }
    }

    private func refused(
        _ error: MetaError, _ answer: MetaBatch.Answer, _ pending: Pending, _ cursor: Cursor, _ round: inout Round,
        _ next: inout Cursor
    ) {
        var pending = pending
        let size = pending.limit ?? MetaAccounts.most
        let dropped = error.fields(among: fields(cursor).filter { !["id", "account_id"].contains($0) })
        if !dropped.isEmpty {
            next.dropped = (next.dropped + dropped).unique
            round.progressed = true
            round.again.append(pending)
            return
        }
        switch error.kind {
        case .token, .proof, .blocked: round.fatal = error
        case .permission where !pending.isBare, .request where !pending.isBare && error.mayBeAboutField:
            // Some field of this list, or the list as a whole: the others keep their fields.
            pending.isBare = true
            round.progressed = true
            round.again.append(pending)
        case .tooBig where size > 1, .perhapsTooBig where size > 1:
            pending.limit = size / 2
            if error.kind == .tooBig { round.progressed = true }
            round.again.append(pending)
        case .throttled(let throttle):
            let families = MetaEdge.adAccounts.families
            round.blocked.append(task.blocked(by: throttle, families, answer.usage))
            round.pause = [round.pause, task.pause(by: throttle, families, answer.usage)].compactMap(\.self).max()
            round.again.append(pending)
        case .transient, .aborted, .flaky: round.again.append(pending)
        default:
            next.isComplete = false
            round.progressed = true
            round.notes.append(partNote("a business", error))
        }
    }
}
