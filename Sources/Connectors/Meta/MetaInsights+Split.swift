import ConnectorKit
import SyncCore

/// What is too big becomes smaller, in the order of meta.md 3: fewer days, a report instead of an answer at
/// once, fewer entities, fewer fields; at last a single field is left out.
extension MetaInsights {
    /// Unless it `learns`, other chunks are as large as before: it may have been no matter of size. Nor is it one where
    /// few days have few rows: one bad day must not make all others slow.
    func narrower(_ response: WireResponse, _ cursor: Cursor, learns: Bool = true) -> Reading {
        let learns = learns && (hasManyRows || task.work.spec.days?.count ?? 1 > MetaInsights.fewDays)
        if let reading = byDays(response, learns: learns) { return reading }
        // Not even the keys came at once, without any field: a report would only say so more slowly.
        if cursor.way == .sync, !isKeysAlone(cursor) {
            var next = cursor
            next.way = .report
            next.position = nil
            next.size = MetaPageSize()
            next.tries = 0
            let label = MetaError(status: response.status, body: response.body).label
            return more(
                next, response, learned: learns ? [.dropped([MetaInsights.answersAtOnce], reason: label)] : [])
        }
        return byEntities(response, cursor)
    }

    /// Longer ranges by day fail at Meta even where rows are few.
    private static let fewDays = 7

    /// More than one page of rows is expected, as far as is known.
    var hasManyRows: Bool {
        guard let density = task.work.learned.density else { return true }
        return density * Double(task.work.spec.days?.count ?? 1) > Double(MetaInsights.pageSize)
    }

    // MARK: Days

    private func byDays(_ response: WireResponse, learns: Bool) -> Reading? {
        guard let days = task.work.spec.days, let (early, late) = days.halves else { return nil }
        return task.reading(
            .split([spec(days: late), spec(days: early)], reason: "\(days.count) days were too much at once"),
            response, learned: learns ? [.tooBig(units: days.count)] : [])
    }

    func spec(days: DayRange) -> ChunkSpec {
        var spec = task.work.spec
        spec.days = days
        return spec
    }

    // MARK: Entities

    /// Ids that are known are halved; otherwise they are looked for, one level below the present set and never
    /// below the rows' own level, because filtered sums would replace whole ones. Parts by fields look for none:
    /// fields are halved only where that was of no use.
    private func byEntities(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        let entities = task.work.spec.entities
        if let entities, entities.ids.count > 1 {
            return split(entities.column, entities.ids, response)
        }
        let next = entities.flatMap { MetaLevel.of(column: $0.column)?.below } ?? .campaign
        guard report.level != .account, next <= report.level, entities?.column != report.level.column,
            task.work.spec.fields == nil, !cursor.hasNoIDs
        else {
            return byFields(response, cursor)
        }
        return search(next, response, cursor)
    }

    private func split(_ column: String, _ ids: [String], _ response: WireResponse) -> Reading {
        let (left, right) = ids.halves
        let specs = [left, right].map { ids in
            var spec = task.work.spec
            spec.entities = EntitySet(column: column, ids: ids)
            spec.mode = reportMode
            return spec
        }
        return task.reading(.split(specs, reason: "\(ids.count) entities were too many for one report"), response)
    }

    /// What comes of a split goes on as a report: an answer at once was too big already.
    private var reportMode: String {
        task.work.spec.mode.hasSuffix(MetaMode.archived) ? MetaMode.report + MetaMode.archived : MetaMode.report
    }

    // MARK: Searching ids

    private func search(_ level: MetaLevel, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        var next = cursor
        next.search = Search(level: level)
        next.run = nil
        next.position = nil
        next.tries = 0
        return more(next, response)
    }

    /// The ids alone: with breakdowns this very question takes an hour (meta.md 4, lessons).
    func searchCall(_ search: Search, _ cursor: Cursor) -> Call {
        let field = search.level.column ?? "account_id"
        let query =
            [("level", search.level.rawValue), ("fields", field)] + range
            + filtering(cursor) + [("limit", String(search.limit))]
        return get(edge, search.position?.applied(to: query) ?? query)
    }

    func readSearch(_ response: WireResponse, _ cursor: Cursor, _ search: Search) -> Reading {
        guard (200..<300).contains(response.status), let body = JSONTree.parse(response.body),
            let rows = body["data"]?.items, body["error"] == nil
        else { return badSearch(MetaError(status: response.status, body: response.body), response, cursor, search) }
        var next = cursor
        var found = search
        next.tries = 0
        let column = search.level.column ?? "account_id"
        found.found = (search.found + rows.compactMap { $0[column]?.string }).unique
        if case .page(let position)? = MetaRest(response.body)?.following {
            guard position == search.position else {
                found.position = position
                next.search = found
                return more(next, response)
            }
            if let again = searchAnew(response, next, found) { return again }
        }
        return found.part == .live && readsArchived
            ? secondSearch(response, next, found) : searched(response, next, found)
    }

    private func secondSearch(_ response: WireResponse, _ cursor: Cursor, _ search: Search) -> Reading {
        var next = cursor
        next.search?.found = search.found
        next.search?.part = .archived
        next.filterRefusals = max(cursor.filterRefusals, knownRefusals)
        next.search?.position = nil
        return more(next, response)
    }

    /// A few times: pages that lead nowhere say nothing of what there is.
    private func searchAnew(_ response: WireResponse, _ cursor: Cursor, _ search: Search) -> Reading? {
        guard search.restarts < 3 else { return nil }
        var next = cursor
        next.search = search
        next.search?.position = nil
        next.search?.restarts += 1
        return later(.seconds(2 << search.restarts), next, response)
    }

    private func searched(_ response: WireResponse, _ cursor: Cursor, _ search: Search) -> Reading {
        if search.found.count > 1, let column = search.level.column { return split(column, search.found, response) }
        var next = cursor
        next.search = nil
        next.hasNoIDs = true
        // One alone cannot be halved: its children can.
        if let below = search.level.below, search.found.count == 1, below <= report.level {
            return self.search(below, response, next)
        }
        return byFields(response, next)
    }

    private func badSearch(
        _ error: MetaError, _ response: WireResponse, _ cursor: Cursor, _ search: Search
    ) -> Reading {
        var next = cursor
        switch error.kind {
        case .throttled, .token, .proof, .blocked: return failed(error, response)
        case .transient, .flaky, .aborted, .notReady, .perhapsTooBig:
            guard cursor.tries >= 3 else {
                next.tries += 1
                return later(.seconds(2 << min(next.tries, 4)), next, response)
            }
            if error.kind == .transient { return failed(error, response) }
        // Two steps: where smaller pages do not help soon, the day is what is too big.
        case .tooBig where search.limit > MetaInsights.pageSize / 4:
            next.search?.limit = search.limit / 2
            return more(next, response)
        case .badCursor where search.position != nil && search.restarts < 3:
            next.search?.position = nil
            next.search?.restarts += 1
            return more(next, response)
        case .request, .configuration:
            guard search.part == .archived else { break }
            if let reading = lesserFilter(cursor, response) { return reading }
        default: break
        }
        if search.part == .archived {
            var reading = searched(response, cursor, search)
            reading.notes.append(unlistedNote(error))
            return reading
        }
        // The ids cannot be known: fewer fields are all that is left.
        next.search = nil
        next.hasNoIDs = true
        next.tries = 0
        return byFields(response, next)
    }

    // MARK: Fields

    private func byFields(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        let metrics = metrics(cursor)
        guard metrics.count > 1 else { return poison(metrics.first, response, cursor) }
        let (left, right) = metrics.halves
        let specs = [left, right].map { metrics in
            var spec = task.work.spec
            spec.fields = report.columns(of: metrics)
            spec.mode = reportMode
            return spec
        }
        return task.reading(.split(specs, reason: "\(metrics.count) fields were too many for one report"), response)
    }

    /// Where nothing is left to make smaller the keys are asked for that often.
    private static let lastTries = 2

    /// A single field of few rows that never comes: after two tries its cells stay as they are, and the keys of the
    /// rows are read without it.
    private func poison(_ field: String?, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        guard field != nil || cursor.poisoned < 1 + MetaInsights.lastTries else {
            let error = MetaError(status: response.status, body: response.body)
            return task.reading(
                .failed(.tooBig(error.cause("Meta cannot give even the keys of these rows."))), response)
        }
        var next = start
        next.part = cursor.part
        next.way = .report
        next.poisoned = cursor.poisoned + 1
        next.dropped = cursor.dropped
        next.hasNoIDs = cursor.hasNoIDs
        next.filterRefusals = cursor.filterRefusals
        if next.poisoned > 1, let field { next.dropped.append(field) }
        if isKeysAlone(next), !report.needsRuns { next.way = .sync }
        return later(.seconds(field == nil ? 60 : 5), next, response)
    }

    /// Nothing is asked for but what the rows are about: that comes at once, or not at all.
    private func isKeysAlone(_ cursor: Cursor) -> Bool { metrics(cursor).isEmpty }
}
