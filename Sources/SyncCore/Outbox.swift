/// Something that is to be passed on to a platform that receives, as the platform that it was read from gives it.
package struct Delivery: Sendable, Hashable {
    /// What it is, in words that both connectors know: `conversation`, `message`.
    package var kind: String
    /// What it belongs to: the things of one subject are sent together, in the order in which they were read.
    package var subject: String
    /// Which thing of the subject it is. A newer state takes the place of an older one that still waits.
    package var item: String
    /// When it was so, as a text that sorts: an older state never goes out behind a newer one.
    package var version: String
    /// JSON.
    package var body: String
    /// False while more of the same subject is about to come: it waits for that for a while.
    package var isComplete: Bool

    package init(
        kind: String, subject: String, item: String = "", version: String, body: String, isComplete: Bool = true
    ) {
        self.kind = kind
        self.subject = subject
        self.item = item
        self.version = version
        self.body = body
        self.isComplete = isComplete
    }
}

/// One delivery in the outbox.
package struct OutboxItem: Sendable, Hashable {
    package var id: Int64
    package var kind: String
    package var subject: String
    package var item: String
    package var version: String
    package var body: String
    /// Tries that failed because of the item itself.
    package var tries: Int

    package init(id: Int64, kind: String, subject: String, item: String, version: String, body: String, tries: Int) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.item = item
        self.version = version
        self.body = body
        self.tries = tries
    }
}

/// What waits for a platform that receives.
package struct Outbox: Sendable, Hashable {
    /// Things that may go now: all of the first one's kind, those of its subject before others, in order.
    package var items: [OutboxItem]
    /// Something waits, now or for later.
    package var isOpen: Bool

    package init(items: [OutboxItem], isOpen: Bool) {
        self.items = items
        self.isOpen = isOpen
    }
}

/// What became of an item that was sent.
package struct Handled: Sendable, Hashable {
    package var item: OutboxItem
    /// Why the receiver does not take it; nil when it did.
    package var refusal: Failure.Cause?

    package init(_ item: OutboxItem, refusal: Failure.Cause? = nil) {
        self.item = item
        self.refusal = refusal
    }
}

/// How much waits, and how much was given up.
package struct OutboxCount: Sendable, Hashable {
    package var waiting: Int
    package var sent: Int
    package var refused: Int
    package init(waiting: Int = 0, sent: Int = 0, refused: Int = 0) {
        self.waiting = waiting
        self.sent = sent
        self.refused = refused
    }
}

/// Rows on their way to a platform that receives. They come in and go out with the writes of chunks (`ChunkUpdate`), so
/// that a crash neither loses one nor sends it past a newer one.
package protocol OutboxStore: Sendable {
    /// Where an account's rows go on to (nil: nowhere), and whether they are kept here as well.
    func route(_ source: AccountID, to destination: AccountID?, keepsRows: Bool) async throws
    /// What may go to an account that receives, at most `limit` items.
    func outbox(of account: AccountID, limit: Int) async throws -> Outbox
    func outboxCount(of account: AccountID) async throws -> OutboxCount
    /// Accounts for which something waits, and that have no open job.
    func undelivered() async throws -> [AccountID]
}
