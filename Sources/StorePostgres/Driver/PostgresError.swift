/// What went wrong between us and the server.
///
/// `description` and `sentence` are for people and logs: they hold neither SQL nor values nor passwords. The
/// server's own words may quote a value, so they appear in `debugDescription` only.
package struct PostgresError: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// What stands after `--database` cannot be used.
        case badAddress
        case refusedCredentials
        case unknownDatabase
        case unknownHost
        /// Nobody answers: refused, timed out, no route.
        case unreachable
        /// No encrypted connection of the kind that `sslmode` asks for.
        case insecure
        case tooOld
        /// The server, its database or a pooler in between lacks what Sluice needs.
        case unsupported
        case notPermitted
        /// The server is a standby, or the session may only read.
        case readOnly
        case diskFull
        case tooManyConnections
        case shuttingDown
        /// Serialization failure, deadlock, or a lock that others hold: the transaction may simply run again.
        case conflict
        case uniqueViolation
        /// Our own deadline passed and the statement was cancelled.
        case timeout
        /// Somebody else cancelled the statement.
        case cancelled
        /// The connection was lost while something was being committed: done or not done, nobody knows.
        case unknownOutcome
        /// The connection was lost, and what was under way is certainly not committed.
        case lost
        /// The pool is shut down.
        case closed
        case other
    }

    package let kind: Kind
    /// The five characters by which the server names the error; nil when the server did not get to say anything.
    package let sqlState: String?
    /// The name of the constraint that was violated.
    package let constraint: String?
    /// What happened, why, and what to do, in one sentence.
    package let sentence: String
    /// The server's own words, for debugging only.
    let message: String

    package init(
        _ kind: Kind, sqlState: String? = nil, constraint: String? = nil, sentence: String? = nil,
        message: String = ""
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.constraint = constraint
        self.sentence = sentence ?? kind.sentence
        self.message = message
    }

    /// Whether the same work may succeed later without anybody changing how Sluice is set up. An unknown outcome
    /// is not transient: who repeats it must first look whether it was done.
    package var isTransient: Bool {
        switch kind {
        case .unreachable, .readOnly, .diskFull, .tooManyConnections, .shuttingDown, .conflict, .timeout, .lost: true
        case .badAddress, .refusedCredentials, .unknownDatabase, .unknownHost, .insecure, .tooOld, .unsupported,
            .notPermitted, .uniqueViolation, .cancelled, .unknownOutcome, .closed, .other:
            false
        }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        guard let sqlState else { return sentence }
        return "\(sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence) (SQLSTATE \(sqlState))."
    }

    package var debugDescription: String { "\(kind.rawValue): \(sqlState ?? "-----") \(message)" }
}

extension PostgresError.Kind {
    /// The sentence of an attempt to connect, nil where the place tells nothing.
    func sentence(at address: PostgresAddress) -> String? {
        let (places, database) = (address.places, address.database)
        switch self {
        case .unknownHost where !places.isEmpty:
            return "The host \(places) is unknown to the name service; correct it in the address of the database."
        case .unreachable where !places.isEmpty:
            return "PostgreSQL does not answer at \(places); check host, port and network, and that the server runs."
        case .unknownDatabase where !places.isEmpty:
            return "PostgreSQL has no database \(database) at \(places); create it or correct the address."
        default: return nil
        }
    }

    /// The sentence of an error that knows nothing more precise.
    fileprivate var sentence: String {
        switch self {
        case .badAddress: "The address of the database cannot be read; write postgres://user:password@host/database."
        case .refusedCredentials:
            "PostgreSQL refused the user or the password; check both in the address, and the server's pg_hba.conf."
        case .unknownDatabase: "PostgreSQL has no database of that name; create it or correct the address."
        case .unknownHost: "The database's host name is unknown to the name service; correct it in the address."
        case .unreachable:
            "PostgreSQL does not answer at that address; check host, port and network, and that the server runs."
        case .insecure:
            "An encrypted connection as sslmode asks was not possible; check sslmode and the server's certificate."
        case .tooOld: "This PostgreSQL is older than version 14, which Sluice needs; upgrade the server."
        case .unsupported: "The database lacks something that Sluice needs; create it with ENCODING 'UTF8'."
        case .notPermitted:
            "The database user lacks a privilege; let the owner of the database grant it, or use the owner's account."
        case .readOnly:
            "The database can only be read, as on a standby; name the primary, or all hosts separated by commas."
        case .diskFull: "The database server's disk is full; make room there and Sluice goes on."
        case .tooManyConnections:
            "PostgreSQL has no connection left; raise max_connections, or let fewer processes share the server."
        case .shuttingDown: "PostgreSQL is starting or stopping; Sluice connects again when it is up."
        case .conflict: "Another transaction touched the same rows; the work is tried again."
        case .uniqueViolation: "A row with the same key is there already; nothing was written."
        case .timeout: "The database took longer than allowed; the statement was cancelled and may be tried again."
        case .cancelled: "The statement was cancelled; nothing of it was kept."
        case .unknownOutcome:
            "The connection broke while a change was being committed; whether it was is checked before it is repeated."
        case .lost: "The connection to PostgreSQL broke; what was under way is not committed and is tried again."
        case .closed: "The connections to the database are closed; this process is stopping."
        case .other: "PostgreSQL refused a statement; the log of the server says why."
        }
    }
}
