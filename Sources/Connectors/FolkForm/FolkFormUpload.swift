import ConnectorKit
import SyncCore

/// What one call sends: conversations together where the server takes that, or messages of one conversation
/// (platforms.md 3.2-3.4).
struct FolkFormUpload {
    let work: ChunkWork

    /// Where sending stands after something was refused.
    struct Cursor: Codable {
        /// Things that the next call may carry.
        var most: Int?
        var calls = 0
    }

    /// Remembered among what the server refuses.
    static let batches = "batches of conversations"
    /// Conversations in a call.
    private static let together = 20

    private var cursor: Cursor { CursorText.decode(Cursor.self, work.cursor) ?? Cursor() }
    private var takesBatches: Bool { work.learned.dropped[FolkFormUpload.batches] == nil }
    private var kind: String { work.outbox.first?.kind ?? "" }
    private var size: Int { max(1, min(cursor.most ?? .max, work.learned.pageSize ?? FolkFormPlatform.most)) }

    /// What goes with the next call.
    var items: [OutboxItem] {
        guard let first = work.outbox.first else { return [] }
        switch first.kind {
        case "conversation":
            // What got no answer before is sent alone: one of it may be the reason.
            guard takesBatches, first.failures == 0 else { return [first] }
            let page = member("pageId", first.body)
            let same = work.outbox.filter { $0.failures == 0 && member("pageId", $0.body) == page }
            return Array(same.prefix(min(size, FolkFormUpload.together)))
        case "message":
            let same = work.outbox.filter { $0.subject == first.subject }
            // What is said of the conversation goes with its first messages.
            let ordered = same.filter { $0.item.isEmpty } + same.filter { !$0.item.isEmpty }
            return Array(ordered.prefix(size))
        default: return [first]
        }
    }

    // MARK: Sending

    func call(_ requests: FolkFormRequests) -> Call {
        let items = items
        switch kind {
        case "conversation" where takesBatches && items.count > 1:
            return requests.post("/facebook/conversation/batch-upsert", conversations(items), work.credential)
        case "conversation":
            let filter = "{\"conversationId\":\(JSONText.quoted(items.first?.item ?? ""))}"
            return requests.post(
                "/facebook/conversation/upsert-one", conversation(items), work.credential,
                query: [("filter", filter)])
        default:
            return requests.post("/facebook/message/upsert-messages", messages(items), work.credential)
        }
    }

    private func member(_ name: String, _ body: String?) -> String? { body.flatMap { RawJSON.member(name, of: $0) } }

    /// `{"pageId","pageUsername","customerId","panCakeData"}`, as it came from the source.
    private func conversation(_ items: [OutboxItem]) -> String { items.first?.body ?? "{}" }

    private func conversations(_ items: [OutboxItem]) -> String {
        let first = items.first?.body
        let all = items.map(\.body).joined(separator: ",")
        return """
            {"pageId":\(member("pageId", first) ?? "\"\""),\
            "pageUsername":\(member("pageUsername", first) ?? "\"\""),"conversations":[\(all)]}
            """
    }

    private func messages(_ items: [OutboxItem]) -> String {
        let about = items.first { $0.item.isEmpty }?.body
        let any = items.first?.body
        func text(_ name: String) -> String { member(name, about) ?? member(name, any) ?? "\"\"" }
        let list = items.filter { !$0.item.isEmpty }.compactMap { member("message", $0.body) }
            .map(FolkFormTime.normalised)
        let metadata = member("metadata", about).map { String($0.dropFirst().dropLast()) } ?? ""
        let separator = metadata.allSatisfy(\.isWhitespace) ? "" : ","
        return """
            {"pageId":\(text("pageId")),"pageUsername":\(text("pageUsername")),\
            "conversationId":\(JSONText.quoted(items.first?.subject ?? "")),"customerId":\(text("customerId")),\
            "panCakeData":{"messages":[\(list.joined(separator: ","))]\(separator)\(metadata)},\
            "hasMore":\(member("hasMore", about) ?? "false")}
            """
    }

    // MARK: Reading

    func read(_ response: WireResponse, _ quota: QuotaKey) -> Reading {
        let items = items
        let body = JSONTree.parse(response.body)
        if (200..<300).contains(response.status), let body, body["status"]?.string != "error" {
            return taken(items, body)
        }
        let error = FolkFormError(response)
        if kind == "conversation", items.count > 1, error.isUnknownPath {
            return Reading(
                .more(cursor: advanced(most: cursor.most)),
                learned: [.dropped([FolkFormUpload.batches], reason: "the server has no such address")])
        }
        if error.isTooBig, let smaller = smaller(items) { return smaller }
        if error.isTooBig || error.isAboutItem { return refused(items, error) }
        return Reading(.failed(error.failure(quota: quota, at: work.answeredAt)))
    }

    /// The server did not take so much at once, or not in time: less is sent from now on. Nil when it was one thing.
    func smaller(_ items: [OutboxItem]) -> Reading? {
        guard items.count > 1 else { return nil }
        return Reading(.more(cursor: advanced(most: cursor.most)), learned: [.pageSize(items.count / 2)])
    }

    /// More is tried after ten calls that went well.
    private var grown: [Learned.Change] {
        guard let size = work.learned.pageSize else { return [] }
        let good = work.learned.goodPages + 1
        guard good >= 10 else { return [.goodPages(good)] }
        return [.pageSize(size * 2 >= FolkFormPlatform.most ? nil : size * 2)]
    }

    private func advanced(most: Int?) -> String {
        CursorText.encode(Cursor(most: most, calls: cursor.calls + 1))
    }

    /// Of a batch the server tells which ones it did not take.
    private func taken(_ items: [OutboxItem], _ body: JSONTree) -> Reading {
        var refusals: [Int: Failure.Cause] = [:]
        for entry in body["data"]?["failed"]?.items ?? [] {
            guard let index = entry["index"]?.int, items.indices.contains(index) else { continue }
            let words = entry["message"]?.string.map { ": \($0.prefix(200))." } ?? "."
            refusals[index] = Failure.Cause(
                code: entry["code"]?.string ?? "", "FolkForm does not take one conversation\(words)",
                advice: "Look at it in Pancake; the others went on.")
        }
        // What was halved for the sake of one bad thing grows again behind it.
        let most = cursor.most.flatMap { $0 * 2 >= FolkFormPlatform.most ? nil : $0 * 2 }
        var reading = Reading(.more(cursor: advanced(most: most)), learned: grown)
        reading.handled = items.enumerated().map { Handled($1, refusal: refusals[$0]) }
        return reading
    }

    /// Half of it is tried, down to the one thing that the server does not take.
    private func refused(_ items: [OutboxItem], _ error: FolkFormError) -> Reading {
        guard items.count < 2 else { return Reading(.more(cursor: advanced(most: max(1, items.count / 2)))) }
        let words = error.words.map { ": \($0.hasSuffix(".") ? String($0.dropLast()) : $0)." } ?? "."
        let cause = error.cause(
            error.isTooBig ? "FolkForm finds one \(kind) too large." : "FolkForm does not take one \(kind)\(words)",
            "Look at it in Pancake; the others went on.")
        var reading = Reading(.more(cursor: advanced(most: 1)))
        reading.handled = items.map { Handled($0, refusal: cause) }
        return reading
    }
}

/// Times as FolkForm reads them: exactly six digits of a second and no zone, else it stores 0 (platforms.md 3.3).
enum FolkFormTime {
    static func normalised(_ message: String) -> String {
        message.replacing(
            /"inserted_at"\s*:\s*"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]*))?Z?"/
        ) { match in
            let digits = String((match.3 ?? "").prefix(6))
            let fraction = digits + String(repeating: "0", count: 6 - digits.count)
            return "\"inserted_at\":\"\(match.1)T\(match.2).\(fraction)\""
        }
    }
}
