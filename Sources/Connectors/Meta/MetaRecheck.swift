import ConnectorKit
import SyncCore

/// Reads entities by id: those that a complete listing did not return any more. Meta still shows deleted
/// ones this way (meta.md 2.3).
struct MetaRecheck: Sendable {
    let task: MetaTask

    /// Ids in one call; each counts as a call of its own (meta.md 1).
    static let most = 50
    private static let families: [MetaFamily] = [.account, .app, .management]

    struct Cursor: Codable, Sendable, Equatable {
        /// Groups of ids still to be asked for; the first is next.
        var groups: [[String]]
        var dropped: [String] = []
        /// The first group is asked for in a batch, an item for each id.
        var isBatch = false
        /// How much of the first group can be shown.
        var extent = MetaExtent.whole
        var tries = 0
    }

    private var cursor: Cursor {
        CursorText.decode(Cursor.self, task.work.cursor)
            ?? Cursor(groups: (task.work.spec.entities?.ids ?? []).slices(of: MetaRecheck.most))
    }

    private func fields(_ cursor: Cursor) -> [String] {
        guard cursor.extent == .whole else { return cursor.extent.fields(of: task.schema) }
        let refused = Set(cursor.dropped).union(task.work.learned.dropped.keys)
        return MetaFields.roots(of: task.schema).filter { $0 == "id" || !refused.contains($0) }
    }

    func call() -> Call {
        let cursor = cursor
        let ids = cursor.groups.first ?? []
        let fields = ("fields", MetaFields.parameter(fields(cursor)))
        if cursor.isBatch {
            let items = ids.map { MetaBatch.Item(FormCoding.escape($0), [fields]) }
            return task.requests.post("", MetaBatch.form(items), MetaRecheck.families, points: ids.count)
        }
        return task.requests.get(
            "", [("ids", ids.joined(separator: ",")), fields], MetaRecheck.families, points: max(1, ids.count))
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        let cursor = cursor
        guard let ids = cursor.groups.first else { return task.reading(.finished(.init()), response) }
        if cursor.isBatch { return readBatch(response, cursor, ids) }
        if let error = error(in: response) { return bad(error, response, cursor, ids) }
        let isPart = cursor.extent != .whole
        let reader = isPart ? MetaTask.reader(for: task.schema, fields: Set(fields(cursor))) : task.reader
        do {
            let page = try reader.read(
                response.body, at: .values(""), context: ["account_id": task.work.account.externalID],
                currency: task.work.account.currency)
            return good(page, response, cursor, ids)
        } catch {
            return bad(MetaError(status: response.status, body: response.body), response, cursor, ids)
        }
    }

    /// An error is looked for first: in an answer keyed by id it would read as a row.
    private func error(in response: WireResponse) -> MetaError? {
        guard (200..<300).contains(response.status) else {
            return MetaError(status: response.status, body: response.body)
        }
        return JSONTree.parse(response.body).flatMap { MetaError(status: response.status, envelope: $0["error"]) }
    }

    private func good(_ page: PageRead, _ response: WireResponse, _ cursor: Cursor, _ ids: [String]) -> Reading {
        var notes = task.notes(on: page)
        if cursor.extent != .whole { notes.append(task.isolatedNote(ids[0], cursor.extent)) }
        let came = Set(
            (0..<page.table.rowCount).compactMap { row in
                page.table.cell(row: row, column: "id").flatMap(page.table.string)
            })
        let gone = ids.filter { !came.contains($0) }
        if !gone.isEmpty { notes.append(goneNote(gone.count)) }
        let tables = [page.table] + goneRows(gone)
        var next = cursor
        next.groups.removeFirst()
        next.extent = .whole
        next.tries = 0
        return go(on: next, response, tables: tables, notes: notes)
    }

    /// What is gone is kept with its last state, but not as if it were still delivering (meta.md 7, 100/33).
    private func goneRows(_ ids: [String]) -> [RowTable] {
        guard !ids.isEmpty else { return [] }
        let rows = ids.map { "{\"id\":\(JSONText.quoted($0)),\"effective_status\":\"DELETED\"}" }
        let page = try? MetaTask.reader(for: task.schema, fields: ["effective_status"]).read(
            Array("{\"data\":[\(rows.joined(separator: ","))]}".utf8), at: .list("data"),
            context: ["account_id": task.work.account.externalID], currency: task.work.account.currency)
        return page.map { [$0.table] } ?? []
    }

    private func goneNote(_ count: Int) -> Note {
        Note("gone", "\(count) of the \(task.schema.id) do not exist at Meta any more.")
    }

    private func go(
        on next: Cursor, _ response: WireResponse, usages: [MetaUsage] = [], told: [QuotaSignal] = [],
        tables: [RowTable] = [], notes: [Note] = [], learned: [Learned.Change] = [], spent: Spent = Spent()
    ) -> Reading {
        let step: Reading.Next =
            next.groups.isEmpty ? .finished(.init()) : .more(cursor: CursorText.encode(next))
        return task.reading(
            step, response, usages: usages, told: told, tables: tables, notes: notes, learned: learned, spent: spent)
    }

    // MARK: Batches

    /// What is neither a row nor gone is asked for once more, alone, where every recovery is at hand.
    private func readBatch(_ response: WireResponse, _ cursor: Cursor, _ ids: [String]) -> Reading {
        var next = cursor
        next.isBatch = false
        next.groups.removeFirst()
        guard (200..<300).contains(response.status), let answers = MetaBatch.answers(response.body),
            answers.count == ids.count
        else {
            let error = MetaError(status: response.status, body: response.body)
            guard [.tooBig, .perhapsTooBig, .request, .gone, .noSuchPath].contains(error.kind) else {
                return task.failed(error, MetaRecheck.families, response)
            }
            next.groups += ids.map { [$0] }
            return go(on: next, response)
        }
        var tables: [RowTable] = []
        var notes: [Note] = []
        var gone: [String] = []
        var told: [QuotaSignal] = []
        var spent = Spent()
        for (id, answer) in zip(ids, answers) {
            if let page = answer.flatMap({ row(id, $0.response) }) {
                tables.append(page.table)
                notes += task.notes(on: page)
            } else if let answer, isGone(answer.response) {
                gone.append(id)
            } else {
                next.groups.append([id])
                let error = answer.map { MetaError(status: $0.response.status, body: $0.response.body) }
                if let answer, case .throttled(let throttle)? = error?.kind {
                    told.append(task.blocked(by: throttle, MetaRecheck.families, answer.usage))
                }
                spent.count(error)
            }
        }
        if !gone.isEmpty { notes.append(goneNote(gone.count)) }
        return go(
            on: next, response, usages: answers.compactMap { $0?.usage }, told: told, tables: tables + goneRows(gone),
            notes: notes.unique, spent: spent)
    }

    private func row(_ id: String, _ response: WireResponse) -> PageRead? {
        guard (200..<300).contains(response.status), let tree = JSONTree.parse(response.body),
            tree["id"]?.string == id, tree["error"] == nil
        else { return nil }
        return try? task.reader.read(
            response.body, at: .single(""), context: ["account_id": task.work.account.externalID],
            currency: task.work.account.currency)
    }

    private func isGone(_ response: WireResponse) -> Bool {
        let error = MetaError(status: response.status, body: response.body)
        return error.kind == .gone || error.code == 803
    }

    // MARK: Errors

    private func bad(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor, _ ids: [String]) -> Reading {
        var next = cursor
        let dropped = cursor.extent != .whole ? [] : error.fields(among: fields(cursor).filter { $0 != "id" })
        if !dropped.isEmpty {
            next.dropped = (cursor.dropped + dropped).unique
            return go(
                on: next, response, notes: [task.droppedNote(dropped, error.label)],
                learned: [.dropped(dropped, reason: error.label)])
        }
        switch error.kind {
        case .gone, .noSuchPath:
            guard ids.count > 1 else {
                next.groups.removeFirst()
                next.extent = .whole
                return go(on: next, response, tables: goneRows(ids), notes: [goneNote(1)])
            }
            // The answer does not say which of them it is, and often it is all: one by one costs what halves cost
            // only once.
            next.isBatch = true
            return go(on: next, response)
        case .tooBig, .poisonRow:
            if ids.count > 1 { return go(on: halved(next, ids), response) }
            if let less = cursor.extent.less {
                next.extent = less
                return go(on: next, response)
            }
            guard cursor.tries < 3 else { return task.failed(error, MetaRecheck.families, response) }
            next.tries += 1
            return task.reading(.later(.seconds(10), cursor: CursorText.encode(next)), response)
        case .perhapsTooBig where ids.count > 1:
            guard cursor.tries >= 2 else {
                next.tries += 1
                return task.reading(.later(.seconds(2), cursor: CursorText.encode(next)), response)
            }
            return go(on: halved(next, ids), response)
        default: return task.failed(error, MetaRecheck.families, response)
        }
    }

    /// One id spoils the whole call, or all are too much: halves find out.
    private func halved(_ cursor: Cursor, _ ids: [String]) -> Cursor {
        var next = cursor
        let (left, right) = ids.halves
        next.groups.replaceSubrange(0..<1, with: [left, right])
        next.tries = 0
        return next
    }
}
