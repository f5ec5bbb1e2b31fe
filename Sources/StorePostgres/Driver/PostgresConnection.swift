import CPostgres

/// One session with the server: libpq's connection, synchronous and blocking.
///
/// Not `Sendable`: it belongs to one serial queue, whose thread waits for the server while the cooperative pool
/// goes on. All waiting happens in our own `poll` with a deadline, so that a dead network or a stuck statement ends
/// by itself, behind a pooler too.
///
/// Functions that take a closure throw `PostgresError` or what the closure throws. After an error of a statement the
/// connection may be used again, inside a transaction only for `rollback()`; see `isUsable`.
package final class PostgresConnection {
    let handle: OpaquePointer
    var statements = PostgresStatementCache()
    var parameters = PostgresParameters()
    /// Whether the statement under way was cancelled because its time was over.
    var hasTimedOut = false
    /// What goes out with the next statement (`later`).
    var kept: [PostgresRun] = []
    /// Staging tables of this session (`PostgresRows`).
    var staging = PostgresStaging()
    var merges = PostgresMerges()
    /// See `folding()`.
    private var knownFolding: String?
    /// Set when an answer may still come for something that we have given up.
    var isAbandoned = false

    package private(set) var server: PostgresServer
    /// How long a statement may take unless its caller says otherwise.
    package var statementTimeout: Duration = .seconds(60)
    /// How long the server has to answer a cancel, before the connection is given up.
    package var cancelGrace: Duration = .seconds(5)
    /// Ends what the connection is waiting for, from any thread.
    package let canceller: PostgresCanceller

    /// Connects, which takes up to `connect_timeout` for each host. Does not judge the server: see `checkServer()`.
    package init(_ address: PostgresAddress) throws(PostgresError) {
        handle = try PostgresConnection.connected(address)
        canceller = PostgresCanceller(handle)
        server = PostgresServer(
            version: Int(PQserverVersion(handle)), isReadOnly: false, encoding: "", isPooled: true)
        // From here on nothing blocks but our own poll.
        PQsetnonblocking(handle, 1)
        server = try greet()
    }

    deinit { PQfinish(handle) }

    /// Whether another statement may be sent. False for good once the connection is lost or an answer is missing.
    package var isUsable: Bool { !isAbandoned && PQstatus(handle) == CONNECTION_OK }

    package var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Throws unless this is a server that Sluice can work with: version, encoding, not read-only. Asks again,
    /// because a standby may have been promoted.
    package func checkServer() throws {
        var found: PostgresServer?
        try execute("SELECT current_setting('transaction_read_only') = 'on'") { row in
            found = PostgresServer(
                version: server.version, isReadOnly: row.bool(0), encoding: server.encoding, isPooled: server.isPooled)
        }
        try (found ?? server).check()
    }

    /// The collation by which letters become small. A database that sorts by bytes (`C`) knows only English ones:
    /// then, and in any case, ICU's for no language in particular, where the server was built with it.
    func folding() throws -> String {
        if let knownFolding { return knownFolding }
        var isThere = false
        try execute(
            """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_collation
                WHERE collname = 'und-x-icu' AND collnamespace = 'pg_catalog'::regnamespace)
            """
        ) { isThere = $0.bool(0) }
        let found = isThere ? "pg_catalog.\"und-x-icu\"" : "pg_catalog.\"default\""
        knownFolding = found
        return found
    }

    /// Looks, without waiting, whether the server has closed the connection in the meantime.
    package func isAlive() -> Bool {
        guard isUsable else { return false }
        // First comes the server's farewell and then the end.
        while SocketWait.readable(PQsocket(handle)) {
            guard PQconsumeInput(handle) == 1 else { return false }
        }
        return PQstatus(handle) == CONNECTION_OK
    }
}

extension PostgresConnection {
    private static func connected(_ address: PostgresAddress) throws(PostgresError) -> OpaquePointer {
        let started = address.withParameters { PQconnectdbParams($0, $1, 0) }
        guard let handle = started else { throw PostgresError(.other, message: "no memory for a connection") }
        // Notices go nowhere: libpq would write them to standard error.
        _ = PQsetNoticeReceiver(handle, { _, _ in }, nil)
        if PQstatus(handle) == CONNECTION_OK { return handle }
        if PostgresError.Kind(connecting: connectMessage(handle)) == .other {
            // A text that we do not know, maybe in another language: the second answer has the SQLSTATE in it.
            PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
            PQreset(handle)
            if PQstatus(handle) == CONNECTION_OK {
                PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
                return handle
            }
        }
        let message = connectMessage(handle)
        PQfinish(handle)
        throw PostgresError(connecting: message, to: address)
    }

    private static func connectMessage(_ handle: OpaquePointer) -> String {
        String(cString: PQerrorMessage(handle))
    }

    /// Sets what every session needs and asks all that we must know, in one round trip. Poolers follow a change of
    /// the time zone as they follow no other setting, so this holds behind them too.
    private func greet() throws(PostgresError) -> PostgresServer {
        let sql = """
            SET TimeZone TO 'UTC'; SELECT pg_backend_pid(), current_setting('server_encoding'),
                current_setting('transaction_read_only')
            """
        var facts: [String] = []
        do {
            try simpleQuery(sql, timeout: .seconds(10), loss: .nothing) { result in
                guard result.status == PGRES_TUPLES_OK else { return }
                facts = (0..<3).map { String(cString: PQgetvalue(result.pointer, 0, $0)) }
            }
        } catch {
            // A pooler connects to the server only now, and passes on in words why it could not.
            let kind = PostgresError.Kind(connecting: error.message)
            throw kind == .other ? error : error.with(kind)
        }
        guard facts.count == 3 else { throw PostgresError(.other, message: "no answer to the greeting") }
        return PostgresServer(
            version: server.version, isReadOnly: facts[2] == "on", encoding: facts[1],
            // A pooler hands out numbers of its own.
            isPooled: facts[0] != String(PQbackendPID(handle)))
    }
}
