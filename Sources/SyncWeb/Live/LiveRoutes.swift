import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore
import SyncEngine
import Wording

/// Server-sent events for pages: the parts that changed, at most four times a second.
///
/// A page names itself. Its parts are drawn again when the journal grows, and once a second, and what differs from what
/// was sent last is sent. On connect all parts go (the snapshot); ids number the messages, and who comes back gets a
/// snapshot, too, so nothing is ever missed.
struct LiveRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("live") { try await live($0, $1) }
    }

    private func live(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = Form(query: request)
        guard let path = EntryRoutes.safe(form["page"]), let page = LivePage(path, site) else {
            throw WebError.notFound
        }
        let seat = try site.streams.take(for: visitor)
        // Also tells who may not see it before the stream begins.
        let first = try await page.parts(visitor, context.words)
        let name = HTTPField.Name("Last-Event-ID")
        let last = LiveRoutes.count(name.flatMap { request.headers[$0] } ?? form["last"])
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(
                asyncSequence: LiveMessages(
                    site: site, page: page, visitor: visitor, words: context.words, first: first, last: last,
                    seat: seat)))
    }

    /// The id of the message that a browser had last: what it says may be anything.
    static func count(_ text: String?) -> Int {
        guard let text, let number = Int(text), (0...1 << 53).contains(number) else { return 0 }
        return number
    }
}

/// What is sent to one open page, for as long as it is open.
private struct LiveMessages: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let site: Site
    let page: LivePage
    let visitor: Visitor
    let words: Words
    let first: LiveParts
    let last: Int
    let seat: StreamSeats.Seat

    private static let least: Duration = .milliseconds(250)
    private static let most: Duration = .seconds(1)
    /// A comment that keeps proxies from closing a quiet line.
    private static let beat: Duration = .seconds(15)

    func makeAsyncIterator() -> Iterator { Iterator(messages: self, number: last) }

    struct Iterator: AsyncIteratorProtocol {
        let messages: LiveMessages
        var number: Int
        private var sent: [String: String] = [:]
        private var isFirst = true
        private var isBusy = false
        private var rights: RightsCheck
        private var hasGone = false
        private var filling: Set<AccountID> = []
        private var hasEnded = false

        init(messages: LiveMessages, number: Int) {
            self.messages = messages
            self.number = number
            rights = RightsCheck(messages.site.environment.clock)
        }

        mutating func next() async throws -> ByteBuffer? {
            if hasEnded { return nil }
            if isFirst {
                isFirst = false
                isBusy = messages.first.isBusy
                hasGone = messages.first.next != nil
                filling = messages.first.filling
                return message(messages.first.regions, messages.first.encoded)
            }
            var quiet: Duration = .zero
            while true {
                let pause = isBusy ? LiveMessages.least : LiveMessages.most
                try await messages.site.environment.clock.sleep(for: pause)
                quiet += pause
                if rights.isDue() {
                    // The page is read anew by whoever it is now: signed out, elsewhere, in another role.
                    guard try await messages.site.isStill(messages.visitor) else {
                        hasEnded = true
                        return event("reload", "rights")
                    }
                }
                let parts = try await messages.page.parts(messages.visitor, messages.words)
                isBusy = parts.isBusy
                if !hasGone, let next = parts.next {
                    hasGone = true
                    return event("goto", next)
                }
                if let name = filling.subtracting(parts.filling).compactMap({ parts.filled[$0] }).first {
                    filling = parts.filling
                    return event("toast", try messages.toast(name))
                }
                filling = parts.filling
                let changed = parts.regions.filter { sent[$0.key] != $0.value }
                if !changed.isEmpty { return message(changed, parts.encoded) }
                if quiet >= LiveMessages.beat { return ByteBuffer(string: ": still here\n\n") }
            }
        }

        private mutating func event(_ name: String, _ text: String) -> ByteBuffer {
            number += 1
            let data = text.split(separator: "\n").map { "data: \($0)\n" }.joined()
            return ByteBuffer(string: "id: \(number)\nevent: \(name)\n\(data)\n")
        }

        private mutating func message(_ regions: [String: String], _ encoded: [String: String]) -> ByteBuffer {
            number += 1
            sent.merge(regions) { $1 }
            let members = regions.keys.sorted().map { "\"\($0)\":\(encoded[$0] ?? "null")" }
            return ByteBuffer(
                string: "id: \(number)\nevent: regions\ndata: {\(members.joined(separator: ","))}\n\n")
        }
    }

    /// The notice of an account whose history is complete.
    func toast(_ name: String) throws -> String {
        let notice = Shell.Toast(
            tone: "ok", icon: "done", lead: words.pick("History of \(name) is complete.", "Lịch sử của \(name) đã đủ."),
            rest: "", action: nil, undo: nil)
        return try site.renderer.templates.render("part-toast", View(notice), words.language)
    }
}
