/// Something that is to be passed on to a platform that receives, as the platform that it was read from gives it.
package struct Delivery: Sendable, Hashable {
    /// What it is, in words that both connectors know: `conversation`, `message`.
    package var kind: String
    /// What it belongs to: the things of one subject are sent together, in the order in which they were read, and wait
    /// together when their call gets no answer.
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
    /// Calls in a row that got no answer to it.
    package var failures: Int

    package init(
        id: Int64, kind: String, subject: String, item: String, version: String, body: String, tries: Int,
        failures: Int = 0
    ) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.item = item
        self.version = version
        self.body = body
        self.tries = tries
        self.failures = failures
    }
}

/// What waits for a platform that receives.
package struct Outbox: Sendable, Hashable {
    /// Things that may go now: all of the first one's kind, those of its subject before others, in order.
    package var items: [OutboxItem]
    /// Something waits, now or for later.
    package var isOpen: Bool
    /// When nothing waits any more: what was set aside since the moment that was asked for.
    package var setAside: SetAside?

    package init(items: [OutboxItem], isOpen: Bool, setAside: SetAside? = nil) {
        self.items = items
        self.isOpen = isOpen
        self.setAside = setAside
    }

    /// Things that the receiver does not take, and why it did not take the last of them.
    package struct SetAside: Sendable, Hashable {
        package var count: Int
        package var code: String
        package var message: String

        package init(count: Int, code: String, message: String) {
            self.count = count
            self.code = code
            self.message = message
        }
    }
}

/// What became of an item that was sent.
package struct Handled: Sendable, Hashable {
    package var item: OutboxItem
    /// Why the receiver does not take it; nil when it did.
    package var refusal: Failure.Cause?
    /// Why nothing is known of it: its call failed, and whether for its sake the answer did not say.
    package var silence: Failure.Cause?

    package init(_ item: OutboxItem, refusal: Failure.Cause? = nil) {
        self.item = item
        self.refusal = refusal
    }

    package init(_ item: OutboxItem, silence: Failure.Cause) {
        self.item = item
        self.silence = silence
    }

    package var isTaken: Bool { refusal == nil && silence == nil }
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
    /// Where an account's rows go on to (nil: nowhere), and whether they are kept here as well. Another destination
    /// than before is noted with its moment: what was read before did not go there.
    func route(_ source: AccountID, to destination: AccountID?, keepsRows: Bool) async throws
    /// What may go to an account that receives, at most `limit` items; when nothing waits, what was set aside since
    /// `start`.
    func outbox(of account: AccountID, limit: Int, since start: Instant) async throws -> Outbox
    func outboxCount(of account: AccountID) async throws -> OutboxCount
    /// How much still waits for an account that receives, now or for later.
    func waiting(for account: AccountID) async throws -> Int
    /// Things that an account that receives has taken so far, by kind.
    func delivered(to account: AccountID) async throws -> [String: Int]
    /// Accounts for which something is due, and that have no open job.
    func undelivered() async throws -> [AccountID]
}
