import ConnectorKit
import SyncCore

/// The things of Pancake as tables (platforms.md 2.2-2.4). Its times name no zone; they are UTC.
enum PancakeSchemas {
    static let all = [pages, conversations, details, messages]

    private static let account = Column(context: "account_id", .text, "The page's id")
    private static let page = Column(context: "page_id", .text, "The page's id")
    private static let conversation = Column(
        context: "conversation_id", .text, "The conversation's id as it was listed")

    private static func text(_ name: String, _ summary: String = "") -> Column { Column(name, .text, name, summary) }
    private static func json(_ name: String, _ summary: String = "") -> Column { Column(name, .json, name, summary) }
    private static func count(_ name: String, _ summary: String = "") -> Column {
        Column(name, .integer, name, summary)
    }
    private static func flag(_ name: String, _ summary: String = "") -> Column { Column(name, .boolean, name, summary) }
    private static func time(_ name: String, _ summary: String = "") -> Column { Column(name, .instant, name, summary) }

    private static let sender = [
        json("from", "Who wrote it"), Column("from_id", .text, "from.id"), Column("from_name", .text, "from.name"),
    ]

    static let pages = StreamSchema(
        platform: PancakeConnector.id, id: StreamID("pages"), stage: "pages", grain: .entity,
        columns: [
            account, text("id"), text("name"), text("username"), text("platform", "`facebook` and others"),
            flag("is_activated"),
        ], key: ["account_id", "id"], summary: "The pages that are synced.",
        ignored: ["access_token", "page_access_token"])

    static let conversations = StreamSchema(
        platform: PancakeConnector.id, id: .conversations, stage: "conversations", grain: .entity,
        columns: [
            account, page, text("id"), text("type", "`INBOX`, `COMMENT` and others"), text("snippet"),
            count("message_count"), flag("seen"), flag("has_phone"), time("inserted_at"),
            time("updated_at", "When it got its last message; what it is listed by"),
        ] + sender + [
            json("last_sent_by"), text("customer_id"), json("customers"), json("page_customer"), json("tags"),
            json("tag_histories"), json("assignee_ids"), text("assignee_group_id"), json("current_assign_users"),
            json("assignee_histories"), json("recent_phone_numbers"), json("ad_ids"), json("ads"), text("post_id"),
        ], key: ["account_id", "id"], summary: "Conversations of a page.", ignored: ["page_id"],
        proof: PancakeTotals.proof)

    static let details = StreamSchema(
        platform: PancakeConnector.id, id: .conversationDetails, stage: "messages", grain: .entity,
        columns: [
            account, page, conversation, json("customers"), json("conv_customers"), json("conv_phone_numbers"),
            json("conv_recent_phone_numbers"), json("read_watermarks"), json("activities"), json("notes"),
            json("recent_orders"), json("post"), flag("can_inbox"), flag("is_banned"), count("banned_count"),
            count("reported_count"), count("comment_count"), text("gender"), text("birthday"), text("lives_in"),
            json("reports_by_phone"), json("extra_info"),
        ], key: ["account_id", "conversation_id"],
        summary: "What Pancake tells of a conversation together with its messages.",
        ignored: ["success", "page_id", "conversation_id", "messages"])

    static let messages = StreamSchema(
        platform: PancakeConnector.id, id: .messages, stage: "messages", grain: .event,
        columns: [
            account, page, conversation, text("id"), text("type"), text("message", "HTML"),
            text("original_message", "Plain text"),
        ] + sender + [
            time("inserted_at"), flag("seen"), flag("has_phone"), flag("is_hidden"), flag("is_removed"),
            text("parent_id"), json("attachments"), json("phone_info"), json("message_tags"), json("edit_history"),
        ], key: ["account_id", "conversation_id", "id"], summary: "Messages and comments, each in its newest form.",
        ignored: ["page_id", "conversation_id"])
}
