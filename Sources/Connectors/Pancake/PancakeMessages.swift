import ConnectorKit
import SyncCore

/// One chunk: the messages of some conversations, one conversation behind the other (platforms.md 2.4).
struct PancakeMessages {
    let work: ChunkWork
    let connector: PancakeConnector

    /// Which conversation is read, and where in it.
    private struct Cursor: Codable {
        var at = 0
        var thread = PancakeThread()
    }

    private var page: String { work.account.externalID }
    private var threads: PancakeThreads { PancakeThreads(work.spec) }
    private var cursor: Cursor { CursorText.decode(Cursor.self, work.cursor) ?? Cursor() }

    // MARK: Asking

    func call() -> Call {
        let (cursor, threads) = (cursor, threads)
        let at = min(cursor.at, max(0, threads.conversations.count - 1))
        var items = [("current_count", "\(cursor.thread.count)")]
        let customer = threads.customers.isEmpty ? "" : threads.customers[at]
        if !customer.isEmpty { items.append(("customer_id", customer)) }
        let conversation = threads.conversations.isEmpty ? "" : threads.conversations[at]
        return connector.requests.messages(of: page, in: conversation, items, work.credential)
    }

    // MARK: Reading

    func read(_ answer: PancakeAnswer) -> Reading {
        var cursor = cursor
        guard cursor.at < threads.conversations.count else { return Reading(.finished(Reading.Finish())) }
        let conversation = threads.conversations[cursor.at]
        let context = ["account_id": page, "page_id": page, "conversation_id": conversation]
        guard let messages = answer.list("messages"),
            let read = self.read(.messages, answer, .list("messages"), context)
        else { return refused(answer) }
        var tables = read.table.received > 0 ? [read.table] : []
        if cursor.thread.count == 0, let details = self.read(.conversationDetails, answer, .single(""), context) {
            tables.append(details.table)
        }
        let isFirst = cursor.thread.count == 0
        let step = cursor.thread.take(
            messages.compactMap(PancakeThread.Row.init), received: messages.count, since: threads.since)
        let notes = read.notes(on: .messages, of: PancakePlatform.platform.name, isFirst: work.cursor == nil)
        var reading: Reading
        switch step {
        case .goesOn: reading = Reading(.more(cursor: CursorText.encode(cursor)), tables: tables, notes: notes)
        case .done: reading = Reading(next(cursor), tables: tables, notes: notes)
        case .lost:
            let cause = Failure.Cause(code: "", "Pancake gives the same messages again and again.")
            let next = split(at: cursor.at, "one conversation repeats itself") ?? .failed(.retryNow(cause))
            reading = Reading(next, tables: tables, notes: notes)
        }
        reading.deliveries = PancakeDeliveries(work: work).messages(
            answer.response.body, of: conversation,
            customer: threads.customers.isEmpty ? "" : threads.customers[cursor.at],
            isFirst: isFirst, isLast: step != .goesOn)
        return reading
    }

    private func read(
        _ stream: StreamID, _ answer: PancakeAnswer, _ rows: RowsAt, _ context: [String: String]
    ) -> PageRead? {
        try? connector.readers[stream]?.read(
            answer.response.body, at: rows, context: context, currency: work.account.currency)
    }

    /// The next conversation, from its newest message on.
    private func next(_ cursor: Cursor) -> Reading.Next {
        let at = cursor.at + 1
        guard at < threads.conversations.count else { return .finished(Reading.Finish()) }
        return .more(cursor: CursorText.encode(Cursor(at: at)))
    }

    private func refused(_ answer: PancakeAnswer) -> Reading {
        guard let error = PancakeError(answer) else {
            return Reading(
                .failed(
                    .retryNow(
                        Failure.Cause(code: "\(answer.response.status)", "Pancake's answer holds no messages."))))
        }
        if error.isGone {
            return Reading(
                next(cursor), notes: [Note("conversation_gone", "Some conversations are not at Pancake any more.")])
        }
        if error.isUnknown, let split = split(at: cursor.at, "one conversation is refused") { return Reading(split) }
        return PancakeRefusal(work: work, quota: connector.requests.pageQuota(page)).reading(of: error)
    }

    /// One conversation that cannot be read holds up no other; nil where it is alone.
    private func split(at: Int, _ reason: String) -> Reading.Next? {
        let threads = threads
        guard threads.conversations.count > 1 else { return nil }
        let rest = threads[(at + 1)..<threads.conversations.count]
        let parts = [threads[at..<at + 1], rest].filter { !$0.conversations.isEmpty }
        return .split(parts.map { $0.spec(work.spec.phase) }, reason: reason)
    }
}

/// Where the reading of one conversation stands: messages are counted from the newest, so each that comes moves all
/// others on, and each that goes moves them up. Pages overlap, and a page without any message of the one before shows
/// that some were passed over.
struct PancakeThread: Codable, Equatable {
    struct Row: Equatable {
        var id: String
        /// Microseconds since 1970; nil where that cannot be read.
        var sent: Int64?
    }

    static let page = 30
    private static let overlap = 2
    private static let mostStalls = 3
    private static let mostSteps = 20

    /// How many of the newest the next page leaves out.
    private(set) var count = 0
    private var last: [String] = []
    private var stalls = 0
    /// Steps back so far.
    private var steps = 0

    enum Step: Equatable {
        case goesOn
        case done
        /// The same messages come again and again.
        case lost
    }

    /// Takes a page of `received` messages, whatever its order, of which some may have no id; what was sent before
    /// `since` (unix seconds) is known.
    mutating func take(_ rows: [Row], received: Int, since: Int64? = nil) -> Step {
        let ids = rows.map(\.id)
        if count > 0 {
            let known = Set(last)
            guard ids.contains(where: known.contains) else {
                count = max(0, count - (PancakeThread.page - PancakeThread.overlap))
                steps += 1
                return steps > PancakeThread.mostSteps ? .lost : .goesOn
            }
            stalls = ids.allSatisfy(known.contains) ? stalls + 1 : 0
        }
        if received < PancakeThread.page { return .done }
        if let since, rows.contains(where: { $0.sent.map { $0 < since * 1_000_000 } ?? false }) { return .done }
        guard stalls < PancakeThread.mostStalls else { return .lost }
        count += received - PancakeThread.overlap
        last = ids
        return .goesOn
    }
}

extension PancakeThread.Row {
    /// Nil for what has no id.
    init?(_ tree: JSONTree) {
        guard let id = tree["id"]?.string else { return nil }
        self.init(id: id, sent: tree["inserted_at"]?.string.flatMap(PancakeTime.instant)?.microseconds)
    }
}
