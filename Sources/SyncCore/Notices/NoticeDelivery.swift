package struct NoticeTargetID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

package struct DeliveryID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

/// Who is told: a mailbox, a channel, a program.
package struct NoticeTarget: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case mail, slack, webhook
    }

    package var id: NoticeTargetID
    package var workspace: WorkspaceID
    package var kind: Kind
    /// Different from those of the others of its workspace.
    package var name: String
    /// As it may be shown: addresses of channels are secrets themselves.
    package var address: String
    package var topics: [NoticeTopic]
    /// `en` or `vi`.
    package var language: String
    package var isOn: Bool
    /// Why it was turned off, when nobody did: the receiver said that it is gone.
    package var offReason: String?
    /// The whole address and the secret; opaque to the store.
    package var sealed: [UInt8]
    /// Grows with each change.
    package var version: Int

    package init(
        id: NoticeTargetID = NoticeTargetID(0), workspace: WorkspaceID, kind: Kind, name: String, address: String,
        topics: [NoticeTopic], language: String, isOn: Bool = true, offReason: String? = nil, sealed: [UInt8],
        version: Int = 1
    ) {
        self.id = id
        self.workspace = workspace
        self.kind = kind
        self.name = name
        self.address = address
        self.topics = topics
        self.language = language
        self.isOn = isOn
        self.offReason = offReason
        self.sealed = sealed
        self.version = version
    }

    /// Bound into what is sealed, so that it opens nowhere else.
    package static func sealSubject(_ workspace: WorkspaceID, _ kind: Kind, _ name: String) -> String {
        "notice target/\(workspace)/\(kind.rawValue)/\(name)"
    }

    package var sealSubject: String { NoticeTarget.sealSubject(workspace, kind, name) }
}

/// One message to one target, with what became of it.
package struct NoticeDelivery: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// To be sent at `nextAt`, or on its way.
        case pending
        case completed
        /// Given up; a person may send it once more.
        case failed
    }

    package var id: DeliveryID
    package var workspace: WorkspaceID
    package var target: NoticeTargetID
    /// Nil for a message that only tries the way.
    package var notice: NoticeID?
    /// The receiver knows by it what it has got before: the same with every try.
    package var message: String
    package var state: State
    package var attempts: Int
    package var nextAt: Instant?
    /// What the receiver said last: `HTTP 200`; empty before the first try.
    package var answer: String
    package var took: Duration?
    package var createdAt: Instant
    package var triedAt: Instant?

    package init(
        id: DeliveryID, workspace: WorkspaceID, target: NoticeTargetID, notice: NoticeID?, message: String,
        state: State, attempts: Int, nextAt: Instant?, answer: String, took: Duration?, createdAt: Instant,
        triedAt: Instant?
    ) {
        self.id = id
        self.workspace = workspace
        self.target = target
        self.notice = notice
        self.message = message
        self.state = state
        self.attempts = attempts
        self.nextAt = nextAt
        self.answer = answer
        self.took = took
        self.createdAt = createdAt
        self.triedAt = triedAt
    }
}

/// A delivery in hand, with all that it takes.
package struct ClaimedDelivery: Sendable, Hashable {
    package var delivery: NoticeDelivery
    /// Grows with each claim, and guards what is written of it.
    package var fence: Int64
    package var target: NoticeTarget
    package var notice: Notice?
    package var workspaceName: String

    package init(
        delivery: NoticeDelivery, fence: Int64, target: NoticeTarget, notice: Notice?, workspaceName: String
    ) {
        self.delivery = delivery
        self.fence = fence
        self.target = target
        self.notice = notice
        self.workspaceName = workspaceName
    }
}

/// What became of a try.
package struct DeliveryResult: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case delivered
        /// Not before that moment.
        case again(at: Instant)
        case failed
        /// The receiver wants nothing more: the target is turned off.
        case gone
    }

    package var outcome: Outcome
    package var answer: String
    package var took: Duration

    package init(_ outcome: Outcome, answer: String, took: Duration) {
        self.outcome = outcome
        self.answer = answer
        self.took = took
    }
}

/// When a message that did not arrive is sent again.
///
/// Eight tries within a day: after 10 s, 1 min, 5 min, 30 min, 2 h, 5 h, 10 h, each up to a fifth sooner or later, so
/// that a receiver that comes back does not get all of them at once.
package enum DeliveryPlan {
    package static let mostTries = 8
    /// A try takes no longer; who has the delivery in hand that long has lost it.
    package static let timeout: Duration = .seconds(15)
    package static let lease: Duration = .seconds(30)
    private static let pauses = [10, 60, 300, 1800, 7200, 18_000, 36_000]
    /// A receiver that asks for more waits no longer than that.
    private static let longestWish: Duration = .seconds(6 * 3600)

    /// After try number `attempts`; `jitter` is 0..<1. Nil when that was the last one.
    package static func pause(after attempts: Int, jitter: Double, wish: Duration? = nil) -> Duration? {
        guard attempts < mostTries else { return nil }
        let pause = Double(pauses[max(0, min(attempts, pauses.count) - 1)]) * (0.8 + 0.4 * jitter)
        return max(.seconds(pause), min(wish ?? .zero, longestWish))
    }
}
