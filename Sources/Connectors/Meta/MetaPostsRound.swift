import ConnectorKit
import SyncCore

/// One batch of posts: what became of each page that was asked for.
struct MetaPostsRound {
    let posts: MetaPosts
    let cursor: MetaPosts.Cursor
    let asked: [MetaPosts.Pending]

    private var next: MetaPosts.Cursor
    private var again: [MetaPosts.Pending] = []
    private var tables: [RowTable] = []
    private var notes: [Note] = []
    private var usages: [MetaUsage] = []
    private var blocked: [QuotaSignal] = []
    private var keepsakes: [String: Secret<String>]?
    private var learned: [Learned.Change] = []
    /// For a limit that does not hold these calls.
    private var pause: Duration?
    private var progressed = false
    private var spent = Spent()
    /// Some item was answered: those that were not finished are sent again at once, the first time (meta.md 5).
    private var isAnswered = false
    /// A block of the whole app, or what a chunk about a single page cannot get rid of.
    private var fatal: MetaError?

    init(posts: MetaPosts, cursor: MetaPosts.Cursor, asked: [MetaPosts.Pending]) {
        self.posts = posts
        self.cursor = cursor
        self.asked = asked
        var next = cursor
        next.queue.removeFirst(asked.count)
        self.next = next
    }

    private var task: MetaTask { posts.task }

    func read(_ response: WireResponse) -> Reading {
        var round = self
        return round.reading(response)
    }

    private mutating func reading(_ response: WireResponse) -> Reading {
        if cursor.batch == 0, let item = asked.first {
            take(MetaBatch.Answer(response: response, usage: MetaUsage { _ in nil }), item)
        } else if (200..<300).contains(response.status), let answers = MetaBatch.answers(response.body) {
            isAnswered = answers.contains { $0 != nil }
            for (index, item) in asked.enumerated() {
                let answer = index < answers.count ? answers[index] : nil
                if let answer { usages.append(answer.usage) }
                take(answer, item)
            }
        } else {
            return whole(MetaError(status: response.status, body: response.body), response)
        }
        if let fatal { return failed(fatal, response) }
        next.queue = again + next.queue
        next.tries = progressed ? 0 : cursor.tries + 1
        if next.queue.isEmpty, !next.new.isEmpty { learned.append(.begun(next.new)) }
        let wait = pause ?? (progressed ? nil : .seconds(2 << min(next.tries, 5)))
        return task.reading(
            posts.step(next, wait: wait), response, usages: usages,
            told: blocked, tables: tables, notes: notes, keepsakes: keepsakes, learned: learned, spent: spent)
    }

    /// Of one page: its token says nothing of the user's, which other calls are made with.
    private func failed(_ error: MetaError, _ response: WireResponse) -> Reading {
        guard error.kind == .token || error.kind == .proof else {
            return task.failed(error, MetaPosts.families, response)
        }
        let pages = asked.map(\.page).joined(separator: ", ")
        let cause = error.cause(
            "Meta refuses the token of the page \(pages).",
            "Give the token's user a role on the page, then retry the job.")
        return task.reading(.failed(.permanentConfiguration(cause)), response)
    }

    /// The batch call itself failed.
    private func whole(_ error: MetaError, _ response: WireResponse) -> Reading {
        var smaller = cursor
        switch error.kind {
        case .tooBig, .perhapsTooBig, .aborted:
            guard asked.count > 1 else { return alone(error, response) }
            smaller.batch = asked.count / 2
        case .request, .permission, .gone, .noSuchPath:
            // No batches here: one plain call at a time does the same.
            smaller.batch = 0
        default: return task.failed(error, MetaPosts.families, response)
        }
        return posts.go(on: smaller, response)
    }

    /// A batch of one is no smaller than its item: that gets smaller pages.
    private func alone(_ error: MetaError, _ response: WireResponse) -> Reading {
        var smaller = cursor
        smaller.tries += 1
        guard smaller.tries <= 8, var item = smaller.queue.first else {
            return task.failed(error, MetaPosts.families, response)
        }
        if error.kind != .aborted { item.limit = max(1, item.limit / 2) }
        smaller.queue[0] = item
        return task.reading(posts.step(smaller, wait: .seconds(1)), response)
    }

    private mutating func take(_ answer: MetaBatch.Answer?, _ item: MetaPosts.Pending) {
        guard let answer else {
            if isAnswered, item.tries == 0 { progressed = true }
            spent.count(nil)
            return retry(item, nil)
        }
        let reader = item.isolates ? MetaTask.reader(for: task.schema, fields: []) : nil
        switch task.page(answer.response, context: ["page_id": item.page], reader: reader) {
        case .rows(let page, _) where page.repaired > 0 && item.tries == 0:
            spent.count(nil)
            retry(item, nil)
        case .rows(let page, let following): good(page, following, item)
        case .error(let error):
            let before = again.count
            bad(error, answer, item)
            if again.count > before { spent.count(error) }
        }
    }

    private mutating func good(_ page: PageRead, _ following: MetaRest.Following, _ item: MetaPosts.Pending) {
        progressed = true
        tables.append(page.table)
        notes += task.notes(on: page)
        if posts.heals, learned.isEmpty { learned = task.healed(posts.fields(cursor), without: cursor.dropped) }
        var item = item
        if item.isolates, page.table.rowCount > 0 {
            notes.append(
                Note("row_isolated", "Meta cannot show one post of the page \(item.page); only its id is stored."))
        }
        if posts.isNew(item.page), !next.new.contains(item.page) { next.new.append(item.page) }
        item.count += page.table.rowCount
        if item.count >= MetaPosts.ranked { next.isComplete = false }
        guard case .page(let position) = following else { return }
        // An empty page that leads to itself is asked again a few times, no more.
        item.tries = position == item.position ? item.tries + 1 : 0
        guard item.tries < 10 else { return next.isComplete = false }
        if item.isolates { item.limit = 25 }
        item.isolates = false
        item.position = position
        again.append(item)
    }

    private mutating func bad(_ error: MetaError, _ answer: MetaBatch.Answer, _ item: MetaPosts.Pending) {
        if withoutFields(error, item) { return }
        var item = item
        switch error.kind {
        case .tooBig, .perhapsTooBig, .poisonRow:
            progressed = true
            guard !item.isolates else { return retry(item, error) }
            if item.limit > 1 { item.limit /= 2 } else { item.isolates = true }
            again.append(item)
        case .throttled(let throttle):
            blocked.append(task.blocked(by: throttle, MetaPosts.families, answer.usage))
            pause = [pause, task.pause(by: throttle, MetaPosts.families, answer.usage)].compactMap(\.self).max()
            again.append(item)
        case .token, .proof: token(error, item)
        case .blocked: fatal = error
        case .badCursor where item.restarts < 3:
            item.position = nil
            item.restarts += 1
            progressed = true
            again.append(item)
        case .transient, .aborted, .flaky, .notReady: retry(item, error)
        case .noSuchPath where item.edge == "published_posts":
            item.edge = "posts"
            progressed = true
            again.append(item)
        case .permission, .gone, .noSuchPath, .request, .badCursor, .configuration, .tooOld, .oldVersion:
            denied(error, item)
        }
    }

    private mutating func withoutFields(_ error: MetaError, _ item: MetaPosts.Pending) -> Bool {
        guard !item.isolates else { return false }
        let dropped = error.fields(among: posts.fields(cursor).filter { $0 != "id" })
        guard !dropped.isEmpty else { return false }
        progressed = true
        again.append(item)
        let new = dropped.filter { !next.dropped.contains($0) }
        if !new.isEmpty {
            next.dropped += new
            notes.append(task.droppedNote(new, error.label))
            learned.append(.dropped(new, reason: error.label))
        }
        return true
    }

    /// A token that died is asked for anew, which tells whether the user's still lives: that call is the user's own.
    /// If the new one is dead too, or there is none, the user's is tried, and then the page stands back: it never
    /// stops the others.
    private mutating func token(_ error: MetaError, _ item: MetaPosts.Pending) {
        if item.deadTokens > 0, posts.token(of: item.page) == nil { return setApart(item, error) }
        var kept = keepsakes ?? task.work.keepsakes
        kept["page:\(item.page)"] = nil
        keepsakes = kept
        next.tokenless.removeAll { $0 == item.page }
        var item = item
        item.deadTokens += 1
        if item.deadTokens > 1 { next.tokenless.append(item.page) }
        progressed = true
        again.append(item)
    }

    private mutating func retry(_ item: MetaPosts.Pending, _ error: MetaError?) {
        var item = item
        item.tries += 1
        guard item.tries > 6 else { return again.append(item) }
        setApart(item, error ?? MetaError(status: 200, code: 960))
    }

    /// The page becomes a chunk of its own; a chunk that is only about it fails.
    private mutating func setApart(_ item: MetaPosts.Pending, _ error: MetaError) {
        guard task.work.spec.entities?.ids != [item.page] else {
            fatal = error
            return
        }
        progressed = true
        next.apart.append(item.page)
    }

    private mutating func denied(_ error: MetaError, _ item: MetaPosts.Pending) {
        // The page could be read until its tokens died: its posts are not given up as if nobody might see them.
        guard item.deadTokens == 0 else { return setApart(item, error) }
        progressed = true
        next.isComplete = false
        let page = item.page
        let text =
            error.kind == .permission
            ? "The posts of the page \(page) cannot be read: the token lacks pages_read_engagement (\(error.label))."
            : "The posts of the page \(page) cannot be read (\(error.label))."
        notes.append(Note("not_permitted", text))
    }
}
