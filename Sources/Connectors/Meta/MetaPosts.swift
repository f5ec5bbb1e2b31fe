import ConnectorKit
import FoundationEssentials
import SyncCore

/// Reads the published posts of pages, up to fifty pages in one batch call, each with its own token and each
/// paging on its own cursor (meta.md 2.6, 2.7).
///
/// A chunk without entities first asks which pages there are; pages beyond fifty become chunks that follow.
struct MetaPosts: Sendable {
    let task: MetaTask

    struct Cursor: Codable, Sendable, Equatable {
        /// The list of pages is being read up to here; nil once it is known.
        var finding: MetaListing.Cursor?
        /// Pages whose posts are still to be read.
        var queue: [Pending] = []
        /// Pages beyond fifty: for other chunks.
        var rest: [String] = []
        /// Pages that failed again and again: each becomes a chunk of its own, which may fail alone.
        var apart: [String] = []
        /// Pages that have no token of their own: they are read with the user's.
        var tokenless: [String] = []
        var dropped: [String] = []
        /// Pages that were read here, and whose past is not known to be.
        var new: [String] = []
        /// Items in one batch; 0 means one plain call at a time.
        var batch = MetaPosts.most
        var tries = 0
        var isComplete = true
    }

    /// The posts of one page.
    struct Pending: Codable, Sendable, Hashable {
        var page: String
        var position: MetaPosition?
        var limit = 100
        var edge = "published_posts"
        /// Posts seen so far.
        var count = 0
        var tries = 0
        /// How often its pages were begun anew.
        var restarts = 0
        /// Tokens of the page that died under the work.
        var deadTokens = 0
        /// The next item asks for the id alone, to step over a post that cannot be shown.
        var isolates = false
    }

    /// Items of a batch, and pages of a chunk.
    static let most = 50
    static let families: [MetaFamily] = [.app, .pages]
    /// Pages in one answer.
    private static let mostPages = 100
    /// Meta gives about the 600 highest-ranked posts of a year: near that, what did not come is not gone.
    static let ranked = 500

    var cursor: Cursor {
        if let cursor = CursorText.decode(Cursor.self, task.work.cursor) { return cursor }
        guard let pages = task.work.spec.entities?.ids else { return Cursor(finding: MetaListing.Cursor()) }
        return Cursor(queue: pages.map { Pending(page: $0) })
    }

    // MARK: Calling

    private enum Ask {
        case pages(MetaListing.Cursor)
        case tokens([String])
        case posts([Pending])
    }

    private func ask(_ cursor: Cursor) -> Ask {
        if let finding = cursor.finding { return .pages(finding) }
        let batch = Array(cursor.queue.prefix(max(1, cursor.batch)))
        let missing = batch.map(\.page).filter { token(of: $0) == nil && !cursor.tokenless.contains($0) }
        return missing.isEmpty ? .posts(batch) : .tokens(missing)
    }

    func token(of page: String) -> String? { task.work.keepsakes["page:\(page)"]?.reveal() }

    func call() -> Call {
        let cursor = cursor
        switch ask(cursor) {
        case .pages(let finding):
            let query = [
                ("fields", finding.dropped.isEmpty ? "id,access_token" : "id"),
                ("limit", String(finding.size.limit ?? MetaPosts.mostPages)),
            ]
            return task.requests.get(
                "me/accounts", finding.position?.applied(to: query) ?? query, MetaPosts.families)
        case .tokens(let pages):
            return task.requests.get(
                "", [("ids", pages.joined(separator: ",")), ("fields", "access_token")], MetaPosts.families,
                points: pages.count)
        case .posts(let items):
            if cursor.batch == 0, let item = items.first {
                return task.requests.get(
                    "\(item.page)/\(item.edge)", query(item, cursor), MetaPosts.families, token: token(of: item.page))
            }
            return task.requests.post(
                "", MetaBatch.form(items.map { batchItem($0, cursor) }), MetaPosts.families, points: items.count)
        }
    }

    private func batchItem(_ item: Pending, _ cursor: Cursor) -> MetaBatch.Item {
        var query = query(item, cursor)
        if let token = token(of: item.page) {
            query += [("access_token", token)] + task.requests.proof(of: token)
        }
        return MetaBatch.Item("\(item.page)/\(item.edge)", query)
    }

    /// A chunk that looks at today asks for refused fields anew: a permission may have been granted since.
    var heals: Bool { task.work.spec.days?.contains(task.work.anchor) ?? false }

    func fields(_ cursor: Cursor) -> [String] {
        var refused = Set(cursor.dropped)
        if !heals { refused.formUnion(task.work.learned.dropped.keys) }
        return MetaFields.roots(of: task.schema).filter { $0 == "id" || !refused.contains($0) }
    }

    private func query(_ item: Pending, _ cursor: Cursor) -> [(String, String)] {
        var query = [
            ("fields", item.isolates ? "id" : MetaFields.parameter(fields(cursor))),
            ("limit", item.isolates ? "1" : String(item.limit)),
        ]
        if let days = task.work.spec.days, let zone = try? task.work.account.zone() {
            // A second earlier, should `since` mean "after".
            query.append(("since", String(days.first.start(in: zone).seconds - 1)))
            query.append(("until", String(days.last.adding(days: 1).start(in: zone).seconds)))
        }
        return item.position?.applied(to: query) ?? query
    }

    // MARK: Reading

    func read(_ response: WireResponse) -> Reading {
        let cursor = cursor
        switch ask(cursor) {
        case .pages(let finding): return readPages(response, cursor, finding)
        case .tokens(let pages): return readTokens(response, cursor, pages)
        case .posts(let items): return MetaPostsRound(posts: self, cursor: cursor, asked: items).read(response)
        }
    }

    private func readPages(_ response: WireResponse, _ cursor: Cursor, _ finding: MetaListing.Cursor) -> Reading {
        guard (200..<300).contains(response.status), let body = JSONTree.parse(response.body),
            let rows = body["data"]?.items, body["error"] == nil
        else { return withoutPages(MetaError(status: response.status, body: response.body), response, cursor) }
        var next = cursor
        var keepsakes = task.work.keepsakes
        for row in rows {
            guard let page = row["id"]?.string else { continue }
            next.queue.append(Pending(page: page))
            keep(row["access_token"]?.string, of: page, &keepsakes, &next)
        }
        if case .page(let position)? = MetaRest(response.body)?.following {
            let circles = position == finding.position ? finding.circles + 1 : 0
            guard circles < 10 else {
                let cause = Failure.Cause(code: "paging", "Meta's next page leads back to itself.")
                return task.reading(.failed(.retryNow(cause)), response)
            }
            next.finding = MetaListing.Cursor(
                position: position, size: finding.size, circles: circles, dropped: finding.dropped)
        } else {
            let pages = next.queue.map(\.page).unique
            next.finding = nil
            next.queue = pages.prefix(MetaPosts.most).map { Pending(page: $0) }
            next.rest = Array(pages.dropFirst(MetaPosts.most))
            let here = Set(next.queue.map { "page:\($0.page)" })
            keepsakes = keepsakes.filter { here.contains($0.key) }
        }
        return go(on: next, response, keepsakes: keepsakes)
    }

    private func keep(
        _ token: String?, of page: String, _ keepsakes: inout [String: Secret<String>], _ next: inout Cursor
    ) {
        if let token, !token.isEmpty {
            keepsakes["page:\(page)"] = Secret(token)
        } else if !next.tokenless.contains(page) {
            next.tokenless.append(page)
        }
    }

    /// The pages cannot be listed: with a field less, later, or not at all.
    private func withoutPages(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        switch error.kind {
        case .permission, .request, .gone, .noSuchPath:
            if let finding = cursor.finding, finding.dropped.isEmpty, error.kind != .noSuchPath {
                var next = cursor
                next.finding?.dropped = ["access_token"]
                return task.reading(.more(cursor: CursorText.encode(next)), response)
            }
            let note = Note("not_permitted", "No posts are read: the pages cannot be listed (\(error.label)).")
            return task.reading(.finished(.init(isComplete: false)), response, notes: [note])
        case .tooBig, .perhapsTooBig:
            guard let finding = cursor.finding, finding.tries < 8 else { break }
            var next = cursor
            next.finding?.tries += 1
            next.finding?.size.limit = max(1, (finding.size.limit ?? MetaPosts.mostPages) / 2)
            return task.reading(.later(.seconds(1), cursor: CursorText.encode(next)), response)
        default: break
        }
        return task.failed(error, MetaPosts.families, response)
    }

    private func readTokens(_ response: WireResponse, _ cursor: Cursor, _ pages: [String]) -> Reading {
        var next = cursor
        var keepsakes = task.work.keepsakes
        let body = (200..<300).contains(response.status) ? JSONTree.parse(response.body) : nil
        if let body, body["error"] == nil {
            for page in pages { keep(body[page]?["access_token"]?.string, of: page, &keepsakes, &next) }
            return go(on: next, response, keepsakes: keepsakes)
        }
        let error = MetaError(status: response.status, body: response.body)
        switch error.kind {
        case .permission, .request, .gone, .noSuchPath, .tooBig:
            // One page may spoil the call for all: then the user's own token has to do.
            next.tokenless += pages
            return go(on: next, response)
        default: return task.failed(error, MetaPosts.families, response)
        }
    }

    /// Whether the page has to be told of when it was read.
    func isNew(_ page: String) -> Bool {
        [MetaMode.whole, MetaMode.catchUp].contains(task.work.spec.mode) && !task.work.learned.begun.contains(page)
    }

    func go(
        on next: Cursor, _ response: WireResponse, keepsakes: [String: Secret<String>]? = nil
    ) -> Reading {
        task.reading(step(next), response, keepsakes: keepsakes)
    }

    /// On with the queue, or the end with chunks for the pages beyond fifty and for the past of new ones.
    func step(_ next: Cursor, wait: Duration? = nil) -> Reading.Next {
        guard next.queue.isEmpty, next.finding == nil else {
            let text = CursorText.encode(next)
            return wait.map { .later($0, cursor: text) } ?? .more(cursor: text)
        }
        let spec = task.work.spec
        func part(_ pages: [String], _ days: DayRange?, _ mode: String) -> ChunkSpec {
            ChunkSpec(
                stream: spec.stream, phase: spec.phase, days: days, entities: EntitySet(column: "page_id", ids: pages),
                mode: mode)
        }
        var follow = (next.rest.slices(of: MetaPosts.most) + next.apart.slices(of: 1)).map {
            part($0, spec.days, spec.mode)
        }
        if spec.mode == MetaMode.catchUp, let first = spec.days?.first, !next.new.isEmpty {
            follow += MetaPlanner.olderPosts(than: first, anchor: task.work.anchor).map { part(next.new, $0, "") }
        }
        // What follows reads other pages, so this chunk alone cannot tell that posts are gone.
        return .finished(.init(isComplete: next.isComplete && follow.isEmpty, follow: follow))
    }
}
