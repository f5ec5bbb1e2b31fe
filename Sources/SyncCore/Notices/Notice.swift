package struct NoticeID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

/// What people choose to be told of.
package enum NoticeTopic: String, Sendable, Hashable, Codable, CaseIterable {
    case credential, failed, schedule, history
}

/// What a notice is about.
package enum NoticeKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A credential was rejected, and its connection is parked.
    case rejected
    /// A credential ends within a week.
    case expiring
    /// Chunks of a connection failed for good, all for one reason.
    case failed
    /// A schedule should have started a run, and none was started.
    case late
    /// A run of a schedule goes on and on, and keeps the next one from starting.
    case stuck
    /// All days of an account are there that its platform still offers.
    case history

    package var topic: NoticeTopic {
        switch self {
        case .rejected, .expiring: .credential
        case .failed: .failed
        case .late, .stuck: .schedule
        case .history: .history
        }
    }

    /// Somebody has to do something; else it is good news.
    package var needsPerson: Bool { self != .history }

    /// Tells of a moment and not of a state that lasts: it is closed from the start.
    package var isMoment: Bool { self == .history }

    /// Whether one that comes back soon after it was gone is the same one: what was tried again in vain is no news. A
    /// credential that was replaced and rejected is.
    package var mayComeBack: Bool { self == .failed || self == .late || self == .stuck }
}

/// What there is to say of it, as it was when it was last looked at.
package struct NoticeFacts: Sendable, Hashable, Codable {
    /// Of the connection or the schedule; of the account for one that is about an account.
    package var name: String
    package var platform: String?
    /// Names of accounts, the first few of them.
    package var accounts: [String]
    package var accountCount: Int
    package var chunks: Int?
    /// Of the newest job that is concerned.
    package var job: Int64?
    package var code: String
    package var message: String
    package var advice: String
    /// When a credential ends, since when a run is late or goes on, when history was there.
    package var at: Instant?

    package init(
        name: String, platform: String? = nil, accounts: [String] = [], accountCount: Int = 0, chunks: Int? = nil,
        job: Int64? = nil, code: String = "", message: String = "", advice: String = "", at: Instant? = nil
    ) {
        self.name = name
        self.platform = platform
        self.accounts = accounts
        self.accountCount = accountCount
        self.chunks = chunks
        self.job = job
        self.code = code
        self.message = message
        self.advice = advice
        self.at = at
    }

    /// Names that a notice lists; of more the number is told.
    package static let mostNames = 3
}

/// Something that people should know of, as the tables of the engine show it at a moment.
package struct NoticeCause: Sendable, Hashable {
    package var workspace: WorkspaceID
    /// The same as long as it is the same cause: `failed/7/throttled/613`.
    package var key: String
    package var kind: NoticeKind
    /// The connection, schedule or account that it is about, by its kind.
    package var subject: Int64
    package var facts: NoticeFacts

    package init(workspace: WorkspaceID, key: String, kind: NoticeKind, subject: Int64, facts: NoticeFacts) {
        self.workspace = workspace
        self.key = key
        self.kind = kind
        self.subject = subject
        self.facts = facts
    }
}

/// A cause that people are told of, from when it was first seen until it is gone. One for each cause, however many
/// chunks it costs.
package struct Notice: Sendable, Hashable {
    package var id: NoticeID
    package var cause: NoticeCause
    package var openedAt: Instant
    /// Nil while the cause is there.
    package var closedAt: Instant?

    package init(id: NoticeID, cause: NoticeCause, openedAt: Instant, closedAt: Instant? = nil) {
        self.id = id
        self.cause = cause
        self.openedAt = openedAt
        self.closedAt = closedAt
    }

    package var kind: NoticeKind { cause.kind }
    package var facts: NoticeFacts { cause.facts }
}

/// What is to be written so that notices tell of the causes that there are.
package struct NoticeChanges: Sendable, Hashable {
    package var opened: [NoticeCause] = []
    /// Gone for a while, and back.
    package var reopened: [Notice] = []
    package var updated: [Notice] = []
    package var closed: [NoticeID] = []

    /// One that comes back within that time is the same one, and nobody is told again.
    package static let memory: Duration = .seconds(3600)

    package var isEmpty: Bool { opened.isEmpty && reopened.isEmpty && updated.isEmpty && closed.isEmpty }

    /// `known` are notices that are open, and those that were closed of late or tell of one of the moments.
    package init(causes: [NoticeCause], known: [Notice], now: Instant) {
        var byKey: [String: Notice] = [:]
        for notice in known.sorted(by: { $0.id < $1.id }) { byKey[notice.cause.key] = notice }
        for cause in causes.sorted(by: { $0.key < $1.key }) {
            guard var notice = byKey.removeValue(forKey: cause.key) else {
                opened.append(cause)
                continue
            }
            guard !cause.kind.isMoment else { continue }
            let isChanged = notice.cause != cause
            notice.cause = cause
            if let closedAt = notice.closedAt {
                guard cause.kind.mayComeBack, now - closedAt < NoticeChanges.memory else {
                    opened.append(cause)
                    continue
                }
                reopened.append(notice)
            } else if isChanged {
                updated.append(notice)
            }
        }
        closed = byKey.values.filter { $0.closedAt == nil }.map(\.id).sorted()
    }
}
