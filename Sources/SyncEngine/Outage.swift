import SyncCore

/// A time in which the database does not answer, as a pure machine: when it is told, and how long to leave the database
/// alone between two looks at it.
struct Outage: Sendable {
    private(set) var error: StoreError?
    private var began: Duration = .zero
    private var failures = 0
    /// Short enough that a worker is back a few seconds after its database.
    private let backoff = Backoff(base: .milliseconds(250), cap: .seconds(5))

    /// True for the first failure, which is to be told.
    mutating func failed(_ error: StoreError, at now: Duration) -> Bool {
        let isFirst = self.error == nil
        if isFirst { began = now }
        self.error = error
        failures += 1
        return isFirst
    }

    /// Whether it answers what only reads: a full disk does.
    var needsWrite: Bool { error.map { if case .unavailable = $0 { false } else { true } } ?? false }

    /// How long it was away, at the first answer after that; nil when it was not, or when a write has yet to show it.
    mutating func answered(at now: Duration, byWriting: Bool) -> Duration? {
        guard error != nil, byWriting || !needsWrite else { return nil }
        error = nil
        failures = 0
        return now - began
    }

    /// Until the next look; nil while the database answers.
    func pause(jitter: Double) -> Duration? {
        error == nil ? nil : backoff.delay(attempt: max(0, failures - 1), jitter: jitter)
    }
}

extension StoreError {
    /// Nothing can be written any more: go on only after somebody acted.
    package var isFatal: Bool {
        switch self {
        case .diskFull, .corrupt, .notWritable, .newerSchema, .notADatabase: true
        case .inUse, .unavailable, .refused, .misfit, .inconsistent: false
        }
    }

    /// About one statement and not about the database.
    package var isOfStatement: Bool {
        switch self {
        case .inconsistent, .misfit: true
        case .inUse, .notADatabase, .newerSchema, .notWritable, .diskFull, .unavailable, .refused, .corrupt: false
        }
    }

    /// Trouble of the moment, or such that somebody may end without touching us: whoever is patient outlasts it.
    package var mayPass: Bool {
        switch self {
        case .unavailable, .refused, .diskFull, .notWritable: true
        case .corrupt, .newerSchema, .notADatabase, .inUse, .misfit, .inconsistent: false
        }
    }
}
