/// The state of a job or a chunk, everywhere the same word: in tables, on pages, in logs.
package enum WorkState: String, Sendable, Hashable, Codable, CaseIterable {
    case pending
    case inProgress = "in_progress"
    case waiting
    case completed
    case failed
    case cancelled

    /// Nothing happens to it any more unless somebody asks for a retry.
    package var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }

    /// The one table of allowed transitions; a store refuses any other.
    package func mayBecome(_ next: WorkState) -> Bool {
        switch (self, next) {
        case (.pending, .inProgress), (.pending, .waiting), (.pending, .cancelled): true
        case (.inProgress, .pending), (.inProgress, .waiting), (.inProgress, .completed),
            (.inProgress, .failed), (.inProgress, .cancelled):
            true
        case (.waiting, .pending), (.waiting, .inProgress), (.waiting, .cancelled): true
        // A retry asked for by a person; under a parked connection it waits for the credential.
        case (.failed, .pending), (.cancelled, .pending), (.failed, .waiting), (.cancelled, .waiting): true
        default: false
        }
    }
}

/// Why something is `waiting`.
package enum WaitReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// A limit of the platform; `run_after` says until when.
    case quota
    /// The connection is parked until its owner signs in again.
    case credential
    /// A person paused it.
    case paused
    /// The platform prepares the answer (an asynchronous report).
    case report
}

/// `recent` is the last 90 days and comes first; `history` is everything older.
package enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
    case recent
    case history
}

package enum JobKind: String, Sendable, Hashable, Codable, CaseIterable {
    case initial, incremental, manual, scheduled, quick, backfill
}

/// Who waits for the answer: classes share a quota by weight, and an idle share is lent.
package enum WorkClass: String, Sendable, Hashable, Codable, CaseIterable {
    case interactive, recent, incremental, history

    /// Share of a contended quota.
    package var weight: Double {
        switch self {
        case .interactive: 8
        case .recent: 4
        case .incremental: 2
        case .history: 1
        }
    }

    /// How long a chunk of this class stands back behind an interactive one of the same age. Order is
    /// by creation time plus this, so everything ages towards the front and nothing starves.
    package var standsBack: Duration {
        switch self {
        case .interactive: .zero
        case .recent: .seconds(120)
        case .incremental: .seconds(600)
        case .history: .seconds(3600)
        }
    }
}

/// What is known of one account, stream and day.
package enum CoverageState: String, Sendable, Hashable, Codable, CaseIterable {
    case missing, queued, running, fresh, settled, failed
    case notOffered = "not_offered"
}
