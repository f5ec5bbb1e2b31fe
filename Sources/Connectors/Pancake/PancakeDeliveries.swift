import ConnectorKit
import SyncCore

/// What goes on to a platform that receives, as Pancake gives it, with what FolkForm's uploads say beside it
/// (platforms.md 3.2, 3.3).
struct PancakeDeliveries {
    let work: ChunkWork

    private var page: String { work.account.externalID }

    private func about(customer: String, conversation: String) -> String {
        // An upload without a customer is refused; the conversation stands for one that Pancake does not name.
        let customer = customer.isEmpty ? conversation : customer
        let username = [work.account.handle, work.account.name, page].compactMap(\.self).first { !$0.isEmpty } ?? page
        return "\"pageId\":\(JSONText.quoted(page)),\"pageUsername\":\(JSONText.quoted(username)),"
            + "\"customerId\":\(JSONText.quoted(customer))"
    }

    /// Each conversation in its newest state.
    func conversations(_ body: [UInt8]) -> [Delivery] {
        rows("conversations", body).compactMap { raw in
            let tree = JSONTree.parse(raw)
            guard let id = tree?["id"]?.string else { return nil }
            let customer = tree?["customer_id"]?.string ?? ""
            return Delivery(
                kind: "conversation", subject: id, item: id, version: tree?["updated_at"]?.string ?? "",
                body: "{\(about(customer: customer, conversation: id)),\"panCakeData\":\(raw)}")
        }
    }

    /// The messages of one answer, and what it says of their conversation. They wait for the others of it until
    /// `isLast`.
    func messages(
        _ body: [UInt8], of conversation: String, customer: String, isFirst: Bool, isLast: Bool
    ) -> [Delivery] {
        let about = about(customer: customer, conversation: conversation)
        let version = "\(work.answeredAt)"
        var deliveries = rows("messages", body).compactMap { raw -> Delivery? in
            guard let id = RawJSON.member("id", of: raw).flatMap({ JSONTree.parse($0)?.string }) else { return nil }
            return Delivery(
                kind: "message", subject: conversation, item: id, version: version,
                body: "{\(about),\"message\":\(raw)}", isComplete: isLast)
        }
        if isFirst {
            let metadata = RawJSON.object(
                String(decoding: body, as: UTF8.self), without: ["messages", "success", "conversation_id"])
            deliveries.append(
                Delivery(
                    kind: "message", subject: conversation, version: version,
                    body: "{\(about),\"hasMore\":false,\"metadata\":\(metadata)}", isComplete: isLast))
        }
        return deliveries
    }

    private func rows(_ name: String, _ body: [UInt8]) -> [String] {
        RawJSON.member(name, of: String(decoding: body, as: UTF8.self)).map(RawJSON.elements) ?? []
    }
}
