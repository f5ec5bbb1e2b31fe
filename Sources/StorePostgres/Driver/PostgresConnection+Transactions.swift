import CPostgres
package import SyncCore

package enum PostgresIsolation: Sendable {
    case readCommitted
    /// One picture of the data for all statements, and no writes.
    case snapshot
    case serializable

    fileprivate var begin: String {
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
    /// that what we compare and what a statement compares is one time.
    @discardableResult
    package func begin(_ isolation: PostgresIsolation = .readCommitted) throws(PostgresError) -> Instant {
        var microseconds: Int64?
        let clock = "SELECT (extract(epoch FROM now()) * 1000000)::bigint"
        let limit = "SET LOCAL idle_in_transaction_session_timeout = '30s'"
        try simpleQuery("\(isolation.begin); \(limit); \(clock)", loss: .nothing) { result in
            guard result.status == PGRES_TUPLES_OK else { return }
            microseconds = Int64(String(cString: PQgetvalue(result.pointer, 0, 0)))
        }
        guard let microseconds else { throw PostgresError(.other, message: "BEGIN without an answer") }
        return Instant(microseconds: microseconds)
    }

    /// Commits. `.unknownOutcome` when the answer did not come; any other error means that nothing was committed.
    package func commit(timeout: Duration? = nil) throws(PostgresError) {
        // What died before we even ask is certainly not committed.
        guard isAlive() else { throw PostgresError(.lost) }
        var tag = ""
        try simpleQuery("COMMIT", timeout: timeout, loss: .commit) { tag = $0.tag }
        // The server's answer to the COMMIT of a transaction in which a statement has failed.
        if tag != "COMMIT" { throw PostgresError(.other, message: "the transaction had failed and was rolled back") }
        staging.commit()
    }

    /// Gives the transaction up. Never throws: if the server cannot be told, the connection is no longer usable and
    /// the server rolls back by itself.
    package func rollback() {
        staging.rollBack()
        guard isUsable, isInTransaction else { return }
        do {
            try simpleQuery("ROLLBACK", loss: .nothing) { _ in }
        } catch {
            abandon()
        }
    }
}
