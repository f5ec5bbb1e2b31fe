import StoreTransfer
import SyncCore

extension StoreError {
    /// The one place where PostgreSQL's errors become ours.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as PostgresError: self.init(error)
        case let error as TransferError: self = .refused(error.description)
        case is CancellationError: self = .unavailable("The call was cancelled")
        default: self = .inconsistent("\(type(of: error))")
        }
    }

    private init(_ error: PostgresError) {
        switch error.kind {
        case .diskFull: self = .diskFull
        case .uniqueViolation, .other: self = .inconsistent(error.description)
        case .unknownOutcome, .cancelled, .closed: self = .unavailable(error.part)
        default: self = error.isTransient ? .unavailable(error.part) : .refused(error.sentence)
        }
    }

    /// It meets every write alike: doing each alone would only meet it again.
    var isOfAll: Bool {
        switch self {
        case .unavailable, .refused, .diskFull, .newerSchema: true
        default: false
        }
    }
}

extension PostgresError {
    /// The sentence as a part of another.
    fileprivate var part: String { sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence }
}
