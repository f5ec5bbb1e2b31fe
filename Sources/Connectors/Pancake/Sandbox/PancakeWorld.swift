package import SyncCore

/// Everything that a simulated Pancake is made of (platforms.md 2). Shares are in thousandths.
package struct PancakeWorld: Codable, Sendable, Hashable {
    package var seed: UInt64
    /// All that is there from the beginning lies before this day; `traffic` follows from it on.
    package var anchor: CivilDate
    package var pages: [Page]
    package var auth = Auth()
    package var content = Content()
    package var traffic = Traffic()
    package var reading = Reading()
    package var webhooks = Webhooks()
    package var faults: [FaultRule<Fault>] = []
    package var latency = SandboxLatency()

    package init(seed: UInt64, anchor: CivilDate, pages: [Page]) {
        self.seed = seed
        self.anchor = anchor
        self.pages = pages
    }

    package struct Page: Codable, Sendable, Hashable {
        package var id: String
        package var name: String
        package var username: String
        package var platform = "facebook"
        package var isActivated = true
        /// Only an admin may make a page's token.
        package var isAdmin = true
        package var conversations: Int
        /// Messages in each of them, on average.
        package var messages: Int

        package init(id: String, name: String, username: String, conversations: Int, messages: Int) {
            self.id = id
            self.name = name
            self.username = username
            self.conversations = conversations
            self.messages = messages
        }
    }

    /// Tokens (platforms.md 2.1, 2.6).
    package struct Auth: Codable, Sendable, Hashable {
        package var userToken = "eyJhbGciOiJIUzI1NiJ9.eyJuYW1lIjoiU2x1aWNlIiwidWlkIjoidS0xIn0.c2FuZGJveC11c2VyLXRva2Vu"
        /// From then on the user's token is expired (103).
        package var expiresAt: Instant?
        /// Code of the answer to one who is no admin of the page; from one source only. Nil sends none.
        package var notAdminCode: Int? = 107
        /// Errors come with statuses of 4xx and not with 200.
        package var strictStatuses = false
    }

    /// What conversations and messages look like (platforms.md 2.3, 2.4).
    package struct Content: Codable, Sendable, Hashable {
        /// Days before the anchor on which the oldest conversations began.
        package var days = 60
        /// Every conversation has the same number of messages, all have customers and all times six digits.
        package var isSteady = false
        package var comments = 250
        package var withoutCustomer = 40
        /// Times with another precision than six digits, and with a `Z`.
        package var oddTimes = 20
        /// Tags and snippets that are null.
        package var nulls = 50
        /// Conversations and messages that lack the blocks that need not be there.
        package var lean = 50
        package var edited = 10
        package var removed = 10
        package var hidden = 10
    }

    /// What goes on after the anchor.
    package struct Traffic: Codable, Sendable, Hashable {
        /// Per page; 0 is quiet.
        package var messagesPerHour = 0
        /// Messages that begin a conversation.
        package var newConversations = 100
        /// Messages after which an older one of the page is edited, or is flagged as removed: nothing else tells it.
        package var edits = 60
        package var removals = 30
        /// Seconds between a conversation's `updated_at` and the moment from which the message is listed.
        package var messageDelay: Int64 = 0
    }

    /// Lists and limits (platforms.md 2.2 to 2.7).
    package struct Reading: Codable, Sendable, Hashable {
        /// Calls per page within any second; 0 is no limit.
        package var callsPerSecond = 5
        package var conversationPage = 60
        package var messagePage = 30
        /// Pages are listed flat, as the documentation has it, and not by activation.
        package var listsPagesFlat = false
        /// Messages of one answer come oldest first.
        package var oldestFirst = false
        /// A cursor that no conversation has begins again at the top; else nothing follows.
        package var unknownCursorRestarts = false
        package var needsCustomer = false
        /// Pages of conversations that are shorter than they could be.
        package var shortPages = 0
        /// Conversations that are not found by `since` and `until` until they change again.
        package var windowMisses = 0
        /// After every so many pages of conversations one of them gets a message and moves to the top.
        package var movesAfterPages = 0
        /// After every so many pages of messages one more message comes in, or one of the newest is gone for good.
        package var growsAfterPages = 0
        package var shrinksAfterPages = 0
    }

    /// Events that Pancake would post (platforms.md 2.6, 2.7); tests take them from the control endpoint.
    package struct Webhooks: Codable, Sendable, Hashable {
        package var isOn = false
        package var duplicates = 50
        package var reordered = 50
        /// Suspended with more than this share of errors and at least so many of them in 30 minutes.
        package var mostErrors = 800
        package var leastErrors = 300
    }

    package enum Fault: String, FaultKind {
        /// Transport: no or half an answer. The call was carried out.
        case reset, truncated, slow, late
        /// 502 without JSON, 500 with JSON.
        case outage, serverError
        /// 429 that no counter explains.
        case throttled
        /// Codes 102, 105, 103 and 106.
        case invalidToken, renewedToken, expiredToken, denied
    }
}
