import CPostgres
package import SyncCore

package enum PostgresIsolation: Sendable {
    case readCommitted
    /// One picture of the data for all statements, and no writes.
    case snapshot
    case serializable

    fileprivate var begin: PostgresStatement {
        switch self {
        case .readCommitted: "BEGIN"
        case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
        }
    }
}

extension PostgresConnection {
    /// Opens a transaction, which the server ends when we are silent for half a minute: a process that stands still
    /// must not hold its locks for ever. Answers the server's clock as `now()` shows it all through the transaction, so
    /// that what we compare and what a statement compares is one time. `first` runs in it before anything else, at no
    /// round trip of its own.
    @discardableResult
    package func begin(
        _ isolation: PostgresIsolation = .readCommitted, first: [PostgresRun] = []
    ) throws -> Instant {
        let opening = [
            PostgresRun(isolation.begin), PostgresRun("SET LOCAL idle_in_transaction_session_timeout = '30s'"),
        ]
        let clock = PostgresRun("SELECT (extract(epoch FROM now()) * 1000000)::bigint")
        let answer = try lastAnswer(opening + first + [clock], nil, .nothing)
        guard answer.rowCount == 1 else { throw PostgresError(.other, message: "BEGIN without an answer") }
        return Instant(microseconds: PostgresRow(result: answer.pointer, index: 0).int64(0))
    }

    /// Commits. `.unknownOutcome` when the answer did not come; any other error means that nothing was committed.
    package func commit(timeout: Duration? = nil) throws {
        // What died before we even ask is certainly not committed.
        guard isAlive() else { throw PostgresError(.lost) }
        let tag = try lastAnswer([PostgresRun(.once("COMMIT"))], timeout, .commit).tag
        // The server's answer to the COMMIT of a transaction in which a statement has failed.
        if tag != "COMMIT" { throw PostgresError(.other, message: "the transaction had failed and was rolled back") }
        staging.commit()
    }

    /// Gives the transaction up. Never throws: if the server cannot be told, the connection is no longer usable and
    /// the server rolls back by itself.
    package func rollback() {
        staging.rollBack()
        kept = []
        guard isUsable, isInTransaction else { return }
        do {
            try simpleQuery("ROLLBACK", loss: .nothing) { _ in }
        } catch {
            abandon()
        }
    }
}
