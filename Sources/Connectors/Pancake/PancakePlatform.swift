import ConnectorKit
import SyncCore

/// What is known of Pancake before any connection exists.
enum PancakePlatform {
    static let recent = JobStep("recent", phase: .recent)
    static let history = JobStep("history", phase: .history)

    /// Calls that concern a page count for it alone (platforms.md 2.6).
    static let page = "page"
    /// Calls that concern a user: the list of pages.
    static let user = "user"

    static let platform = Platform(
        id: PancakeConnector.id,
        name: "Pancake",
        baseURL: "https://pages.fm",
        credentialFields: [
            CredentialField(
                "token", variable: "SLUICE_PANCAKE_TOKEN", isRequired: true,
                summary: "The access token of a user who is admin of the pages; copy it from Pancake under Account, "
                    + "Personal Settings.")
        ],
        stages: ["pages", "conversations", "messages"],
        steps: [recent, history],
        // 5 in any second, one by one; a call that left late does not hold up those behind it.
        quotas: [
            page: QuotaLimit(points: 4.92, per: .seconds(1), burst: 1.2),
            user: QuotaLimit(points: 4.92, per: .seconds(1), burst: 1),
        ],
        leastBlock: [page: .seconds(1), user: .seconds(5)],
        // A little more than a second: the way to the platform takes one call faster than another.
        sliding: [page: SlidingLimit(5, per: .milliseconds(1012))], passesOn: true,
        proof: PancakeTotals.plan)
}

extension StreamID {
    static let conversations = StreamID("conversations")
    static let conversationDetails = StreamID("conversation_details")
    static let messages = StreamID("messages")
}
