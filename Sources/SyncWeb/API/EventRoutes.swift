import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore
import SyncEngine
import Wording

/// The journal for programs: a list that can be read on from where one stopped, or server-sent events. A stream begins
/// with all accounts as they are (the snapshot), unless it goes on from an id that it had before; then come the events,
/// at most four messages a second.
struct EventRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("events") { try await events($0, $1) }
    }

    private struct Listed: Encodable {
        var success = true
        var events: [EventBody]
        /// For `after`.
        var next: Int64
    }

    private func events(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = Form(query: request)
        let accept = request.headers[.accept] ?? ""
        let after = try form.number("after", 0...1 << 53).map { Int64($0) }
        guard accept.firstRange(of: "text/event-stream") != nil else {
            let limit = try form.number("limit", 1...1000) ?? 200
            let journal = try await EventReader(site, visitor)
            let (events, next) = try await journal.events(after: after ?? 0, limit: limit)
            return try Answer.json(Listed(events: events.map { EventBody($0, context.words) }, next: next))
        }
        let seat = try site.streams.take(for: visitor)
        let name = HTTPField.Name("Last-Event-ID")
        // What is no id of ours is none: the stream begins with all accounts.
        let last = name.flatMap { request.headers[$0] }.flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 } ?? after
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(
                asyncSequence: try await EventMessages(
                    site: site, visitor: visitor, words: context.words, resuming: last, seat: seat)))
    }
}

struct EventBody: Encodable, Sendable {
    var id: Int64
    var at: String
    var kind: String
    var account_id: Int64?
    var job_id: Int64?
    var message: String

    init(_ event: Event, _ words: Words) {
        id = event.id
        at = event.at.description
        kind = event.kind
        account_id = event.account?.value
        job_id = event.job?.value
        message = words.said(event.text)
    }
}

/// Events of the visitor's accounts.
private struct EventReader: Sendable {
    private let site: Site
    private let accounts: Set<AccountID>
    private static let mostReads = 20

    init(_ site: Site, _ visitor: Visitor) async throws {
        self.site = site
        accounts = Set(
            try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }.map(\.id))
    }

    /// And how far the journal was read: those of others lie between. Fewer than wanted at its end, and where there is
    /// little of one's own in a long stretch of it.
    func events(after id: Int64, limit: Int) async throws -> (events: [Event], next: Int64) {
        var found: [Event] = []
        var next = id
        for _ in 0..<EventReader.mostReads where found.count < limit {
            let read = try await site.store.events(after: next, limit: 1000)
            let mine = read.filter { $0.account.map(accounts.contains) ?? false }.prefix(limit - found.count)
            found += mine
            let isFull = found.count == limit
            next = (isFull ? mine.last?.id : read.last?.id) ?? next
            if read.count < 1000 { break }
        }
        return (found, next)
    }
}

/// What is sent to one program, for as long as it listens.
struct EventMessages: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let site: Site
    let visitor: Visitor
    let words: Words
    let from: Int64
    let isResumed: Bool
    let snapshot: ByteBuffer?
    let seat: StreamSeats.Seat

    /// Further behind than that a program begins anew.
    private static let farthest: Int64 = 10_000
    private static let most = 500
    /// Two transactions may commit in another order than that of their ids: so many are looked at again.
    private static let window: Int64 = 200
    private static let pause: Duration = .milliseconds(250)
    private static let beat: Duration = .seconds(15)

    init(site: Site, visitor: Visitor, words: Words, resuming last: Int64?, seat: StreamSeats.Seat) async throws {
        self.site = site
        self.seat = seat
        self.visitor = visitor
        self.words = words
        let newest = try await site.store.lastEvent()
        isResumed = last.map { $0 <= newest && newest - $0 <= EventMessages.farthest } ?? false
        from = isResumed ? last ?? newest : newest
        snapshot =
            isResumed
            ? nil : try Answer.encoded(AccountsBody(try await site.board.standings(of: visitor.workspace.id)))
    }

    func makeAsyncIterator() -> Iterator { Iterator(messages: self) }

    struct Iterator: AsyncIteratorProtocol {
        let messages: EventMessages
        private var isFirst = true
        private var last: Int64
        private var seen: Set<Int64>?
        private var rights: RightsCheck

        init(messages: EventMessages) {
            self.messages = messages
            last = messages.from
            rights = RightsCheck(messages.site.environment.clock)
        }

        mutating func next() async throws -> ByteBuffer? {
            if isFirst {
                isFirst = false
                guard let snapshot = messages.snapshot else { return ByteBuffer(string: ": resumed\n\n") }
                return message("snapshot", snapshot)
            }
            var quiet: Duration = .zero
            while true {
                try await messages.site.environment.clock.sleep(for: EventMessages.pause)
                quiet += EventMessages.pause
                if rights.isDue(), try await !messages.site.isStill(messages.visitor) { return nil }
                let events = try await fresh()
                if !events.isEmpty {
                    let bodies = events.map { EventBody($0, messages.words) }
                    return message("events", try Answer.encoded(bodies))
                }
                if quiet >= EventMessages.beat { return ByteBuffer(string: ": still here\n\n") }
            }
        }

        private mutating func fresh() async throws -> [Event] {
            let reader = try await EventReader(messages.site, messages.visitor)
            let start = Swift.max(0, last - EventMessages.window)
            let (behind, _) = try await reader.events(after: start, limit: Int(EventMessages.window))
            let (ahead, next) = try await reader.events(after: last, limit: EventMessages.most)
            let known = seen ?? Set(behind.map(\.id))
            let late = behind.filter { $0.id <= last && !known.contains($0.id) }
            let events = (late + ahead.filter { !known.contains($0.id) || $0.id > last }).sorted { $0.id < $1.id }
            last = Swift.max(last, next)
            let horizon = last - EventMessages.window
            seen = known.union(behind.map(\.id)).union(events.map(\.id)).filter { $0 > horizon }
            return events
        }

        private func message(_ name: String, _ data: ByteBuffer) -> ByteBuffer {
            ByteBuffer(string: "id: \(last)\nevent: \(name)\ndata: \(String(buffer: data))\n\n")
        }
    }
}
