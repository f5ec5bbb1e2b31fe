import ConnectorKit
import SyncCore

/// Pages of rows: of an answer that comes at once, or of a finished report.
extension MetaInsights {
    func readPage(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        switch task.page(response, reader: reader(cursor)) {
        // Bytes that are no text were broken on the way, most likely: asked again they come whole.
        case .rows(let page, _) where page.repaired > 0 && cursor.tries == 0:
            return again(response, cursor, after: .seconds(1))
        case .rows(let page, let following): return good(page, following, response, cursor)
        case .error(let error): return badPage(error, response, cursor)
        }
    }

    /// A chunk that was split by fields fills its own columns only, and none fills those of fields that it did not ask
    /// for: what was read of them before stays.
    private func reader(_ cursor: Cursor) -> RowReader? {
        let absent = report.columns(of: cursor.run?.absent ?? absent(cursor))
        guard task.work.spec.fields != nil || !absent.isEmpty else { return nil }
        let columns = task.work.spec.fields ?? task.schema.columns.map(\.name)
        return MetaTask.reader(for: task.schema, fields: Set(columns).subtracting(absent))
    }

    private func good(
        _ page: PageRead, _ following: MetaRest.Following, _ response: WireResponse, _ cursor: Cursor
    ) -> Reading {
        var page = page
        var tables = withoutFalseZeros(page.table)
        page.table = tables[0]
        if let mended = mended(page, cursor) {
            tables.append(mended.table)
            page.table = RowTable(
                schema: page.table.schema, filled: page.table.filled, cells: [], text: [],
                rejected: mended.table.rejected, misfits: page.table.misfits, unknown: page.table.unknown)
        }
        var notes = task.notes(on: page)
        var next = cursor
        next.tries = 0
        let grown = cursor.size.grown(default: MetaInsights.pageSize, learned: task.work.learned)
        next.size = grown.0
        let cameAtOnce = cursor.way == .sync && tables.contains { $0.received > 0 }
        let came = wanted + (cameAtOnce ? [MetaInsights.answersAtOnce] : [])
        let healed = heals ? task.healed(came, without: cursor.dropped) : []
        let learned = grown.1 + healed + filterAccepted(cursor)
        let sum = tables.reduce(0) { $0 &+ $1.contentSum }
        if cursor.part == .live { next.rowSum &+= sum } else { next.archivedSum &+= sum }
        switch following {
        case .page(let position):
            next.circles = position == cursor.position ? cursor.circles + 1 : 0
            guard next.circles < 10 else { return lost(response, "Meta's next page leads back to itself.") }
            next.position = position
            return more(next, response, tables: tables, notes: notes, learned: learned)
        case .lost: return lost(response, "Meta announced a next page without saying where it is.")
        case .last: break
        }
        guard cursor.part == .live, readsArchived else {
            if !leftOut(cursor).isEmpty { notes.append(leftOutNote(cursor)) }
            let isComplete = cursor.part == .archived || !missesArchived
            return task.reading(
                .finished(.init(isComplete: isComplete, sparing: spared(cursor))), response, tables: tables,
                notes: notes, learned: learned)
        }
        guard next.rowSum == next.rowSumBefore else {
            return more(archivedPass(after: next), response, tables: tables, notes: notes, learned: learned)
        }
        // Nothing has moved after all. Either the platform does not know the filter, or it lists archived rows in the
        // first pass, too, and the second has those of deleted entities alone.
        if next.wasSame {
            return task.reading(
                .finished(.init()), response, tables: tables, notes: notes, learned: learned + [uselessPass])
        }
        next.overlaps = true
        return more(
            archivedPass(after: next), response, tables: tables, notes: notes, learned: learned + [overlappingPass])
    }

    /// The second pass from its beginning, with what the first has found out.
    private func archivedPass(after first: Cursor) -> Cursor {
        var second = start
        second.part = .archived
        second.way = first.way
        second.overlaps = first.overlaps || task.work.learned.dropped[MetaInsights.overlap] != nil
        second.dropped = first.dropped
        second.poisoned = first.poisoned
        second.filterRefusals = max(first.filterRefusals, knownRefusals)
        second.moves = first.moves
        second.rowSum = first.rowSum
        return second
    }

    /// Fields of this very chunk that could not be computed: their cells stay as they are.
    private func leftOut(_ cursor: Cursor) -> [String] {
        cursor.poisoned > 1 ? wanted.filter(cursor.dropped.contains) : []
    }

    private func leftOutNote(_ cursor: Cursor) -> Note {
        let days = task.work.spec.days.map { " on \($0)" } ?? ""
        return Note(
            "field_dropped",
            "Meta cannot compute \(leftOut(cursor).joined(separator: ", ")) of \(task.schema.id)\(days); "
                + "these cells stay as they are.")
    }

    private func lost(_ response: WireResponse, _ message: String) -> Reading {
        task.reading(.failed(.retryNow(.init(code: "paging", message))), response)
    }

    // MARK: Breakdowns without a value

    /// A breakdown is part of the key and may be missing in a row (meta.md 3): such rows are read again with
    /// an empty text in its place, so that they have a key. Nil when there are none.
    private func mended(_ page: PageRead, _ cursor: Cursor) -> PageRead? {
        guard !report.breakdowns.isEmpty, !page.table.rejected.isEmpty else { return nil }
        let rows = page.table.rejected.map { MetaBreakdowns.filled($0, breakdowns: report.breakdowns) }
        let body = "{\"data\":[" + rows.joined(separator: ",") + "]}"
        return try? (reader(cursor) ?? task.reader).read(
            Array(body.utf8), at: .list("data"), context: ["account_id": task.work.account.externalID],
            currency: task.work.account.currency)
    }

    // MARK: Errors

    private func badPage(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        if let reading = common(error, response, cursor) { return reading }
        if cursor.run != nil { return badResult(error, response, cursor) }
        switch error.kind {
        case .tooBig: return smallerPage(response, cursor) ?? narrower(response, cursor)
        case .perhapsTooBig: return perhapsTooBig(error, response, cursor)
        case .flaky, .notReady, .aborted:
            guard cursor.tries >= 3 else { return again(response, cursor) }
            return narrower(response, cursor)
        case .badCursor: return fromTheStart(error, response, cursor)
        default: return failed(error, response)
        }
    }

    /// Code 1 is what Meta says of too much, and in an outage. An outage makes nothing smaller: it is waited for, less
    /// long where a subcode points to size, and what is learned of sizes is learned from clear words.
    func perhapsTooBig(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        let pauses = pauses(error, cursor)
        guard cursor.tries >= pauses.count else {
            return again(response, cursor, after: .seconds(pauses[cursor.tries]))
        }
        guard !error.isBareUnknown || mayBeLarge(cursor) else { return failed(error, response) }
        // A time-out has cost minutes: that is worth remembering.
        let learns = error.code == nil
        return smallerPage(response, cursor, learns: learns) ?? narrower(response, cursor, learns: learns)
    }

    private func pauses(_ error: MetaError, _ cursor: Cursor) -> [Int] {
        // Several days are the likely cause: fewer are tried soon, and only a single day is given time.
        let isRange = cursor.way == .sync && task.work.spec.days?.count ?? 1 > 1
        if error.isBareUnknown { return isRange ? [1, 5, 20] : [5, 20] }
        if isRange { return [1] }
        // What a split has come to has been waited for, and a field alone is tried again anyway.
        if cursor.poisoned > 0 { return [] }
        return error.code == nil || task.work.spec.fields != nil ? [4] : [4, 16]
    }

    /// Size may be what is wrong: of several days, or where more than one page of rows is expected.
    private func mayBeLarge(_ cursor: Cursor) -> Bool {
        cursor.position != nil || cursor.run != nil || task.work.spec.days?.count ?? 1 > 1 || hasManyRows
    }

    private func again(_ response: WireResponse, _ cursor: Cursor, after wait: Duration? = nil) -> Reading {
        var next = cursor
        next.tries += 1
        return later(wait ?? .seconds(2 << min(next.tries, 4)), next, response)
    }

    /// Behind the first page the page is what is too big; before it, the whole chunk is.
    func smallerPage(_ response: WireResponse, _ cursor: Cursor, learns: Bool = true) -> Reading? {
        guard cursor.position != nil || cursor.run != nil,
            let size = cursor.size.halved(
                default: MetaInsights.pageSize, learned: task.work.learned, forRow: false),
            (size.limit ?? 0) >= 25
        else { return nil }
        var next = cursor
        next.size = size
        if !learns { next.tries = 0 }
        return more(next, response, learned: learns ? [.pageSize(size.limit)] : [])
    }

    func fromTheStart(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        guard cursor.position != nil else { return failed(error, response) }
        // Too many pages for one listing, it seems: fewer rows have fewer.
        guard cursor.restarts < 3 else { return narrower(response, cursor) }
        var next = cursor
        next.position = nil
        next.restarts += 1
        return more(next, response)
    }
}

/// Rows whose breakdown has no value.
enum MetaBreakdowns {
    /// A row's JSON with an empty text for each breakdown that it lacks or that is null.
    static func filled(_ row: String, breakdowns: [String]) -> String {
        guard let members = JSONTree.parse(row), let brace = row.firstIndex(of: "{") else { return row }
        var text = row
        var added = ""
        for name in breakdowns {
            let isAsset = MetaInsightsFields.isAsset(name)
            let value = isAsset ? members[name]?["id"] : members[name]
            guard value == nil else { continue }
            text = without(nullMember: name, in: text)
            added += JSONText.quoted(name) + ":" + (isAsset ? "{\"id\":\"\"}" : "\"\"") + ","
        }
        guard !added.isEmpty else { return row }
        if case .object(let all) = members, all.isEmpty { added.removeLast() }
        let start = text.firstIndex(of: "{") ?? brace
        text.insert(contentsOf: added, at: text.index(after: start))
        return text
    }

    /// Renames a member that is there without a usable value, so that the filled one stands alone; the old one
    /// is kept in `extra`.
    private static func without(nullMember name: String, in text: String) -> String {
        guard let range = text.firstRange(of: JSONText.quoted(name)) else { return text }
        let rest = text[range.upperBound...].drop(while: \.isWhitespace)
        guard rest.first == ":" else { return text }
        return text.replacingCharacters(in: range, with: JSONText.quoted("\(name)_missing"))
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}

extension RowTable {
    /// All rows that came, in any order, as one number.
    var contentSum: UInt64 { contents.reduce(known.contents.reduce(0, &+), &+) }
}
