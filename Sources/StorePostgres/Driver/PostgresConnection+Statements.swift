import CPostgres

extension PostgresConnection {
    /// Runs a statement and calls `body` for each row of its answer; how many rows were changed or returned.
    ///
    /// Outside of a transaction the statement is one by itself. If `body` throws, the statement was run nevertheless.
    @discardableResult
    package func execute(
        _ statement: PostgresStatement, _ values: [PostgresValue] = [], timeout: Duration? = nil,
        _ body: (PostgresRow) throws -> Void
    ) throws -> Int {
        let result =
            kept.isEmpty
            ? try answer(statement, values, deadline(timeout))
            : try lastAnswer([PostgresRun(statement, [values])], timeout, .nothing)
        try result.forEachRow(body)
        return result.affectedRows
    }

    /// Runs a statement whose rows nobody wants; how many rows were changed.
    @discardableResult
    package func execute(
        _ statement: PostgresStatement, _ values: [PostgresValue] = [], timeout: Duration? = nil
    ) throws -> Int {
        try execute(statement, values, timeout: timeout) { _ in }
    }

    /// Runs statements separated by semicolons, without values: migrations, settings. They are one transaction
    /// unless they say otherwise.
    package func script(_ sql: String, timeout: Duration? = nil) throws {
        try sendKept()
        try simpleQuery(sql, timeout: timeout, loss: isInTransaction ? .nothing : .commit) { _ in }
    }

    /// A text as it stands in a statement. PostgreSQL knows no U+0000; it becomes U+FFFD.
    func literal(_ text: String) -> String {
        let text = text.replacing("\0", with: "\u{FFFD}")
        // Nil only of what is no text in the connection's encoding, which is UTF-8, or without memory.
        guard let escaped = PQescapeLiteral(handle, text, text.utf8.count) else { return "''" }
        defer { PQfreemem(escaped) }
        return String(cString: escaped)
    }

    /// Runs statements as `script` does, each on its own picture of the data, and answers the number that the last one
    /// reads.
    func number(_ sql: String) throws -> Int64 {
        try sendKept()
        var number: Int64?
        try simpleQuery(sql, loss: .nothing) { result in
            number = result.rowCount == 1 ? Int64(String(cString: PQgetvalue(result.pointer, 0, 0))) : nil
        }
        guard let number else { throw PostgresError(.other, message: "not a number") }
        return number
    }

    private func answer(
        _ statement: PostgresStatement, _ values: [PostgresValue], _ deadline: Deadline
    ) throws(PostgresError) -> PostgresResult {
        let isAlone = !isInTransaction
        do {
            return try run(statement, values, deadline)
        } catch  where isAlone && isUsable && error.isStaleStatement {
            // A migration changed a table under it, or a pooler's server has another past: prepare it anew.
            statements.forget(statement)
            return try run(statement, values, deadline)
        }
    }

    private func run(
        _ statement: PostgresStatement, _ values: [PostgresValue], _ deadline: Deadline
    ) throws(PostgresError) -> PostgresResult {
        let loss = Loss(isAlone: !isInTransaction, statement)
        let name = try preparedName(statement, deadline)
        try send { send(statement, name, values) }
        return try onlyResult(until: deadline, loss)
    }

    /// The name under which the statement is prepared; nil when it is not to be.
    func preparedName(_ statement: PostgresStatement, _ deadline: Deadline) throws(PostgresError) -> String? {
        if server.isPooled { return nil }
        if case .once = statement.text { return nil }
        if let name = statements.name(of: statement) { return name }
        if let evicted = statements.evict() {
            try send { PQsendQuery(handle, "DEALLOCATE \(evicted)") }
            _ = try onlyResult(until: deadline, .nothing)
        }
        let name = statements.newName()
        try send { statement.withText { PQsendPrepare(handle, name, $0, 0, nil) } }
        _ = try onlyResult(until: deadline, .nothing)
        statements.remember(statement, as: name)
        return name
    }

    /// Queues a run of a statement, prepared under `name` or else given by its text.
    func send(_ statement: PostgresStatement, _ name: String?, _ values: [PostgresValue]) -> Int32 {
        parameters.fill(values)
        return parameters.withPointers { count, values, lengths, formats in
            if let name { return PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) }
            return statement.withText { PQsendQueryParams(handle, $0, count, nil, values, lengths, formats, 1) }
        }
    }

    /// Queues what `queue` sends; throws when the connection is gone already and nothing was sent.
    func send(_ queue: () -> Int32) throws(PostgresError) {
        guard isUsable else { throw PostgresError(.lost) }
        hasTimedOut = false
        guard queue() == 1 else {
            let message = String(cString: PQerrorMessage(handle))
            throw PostgresError(PQstatus(handle) == CONNECTION_OK ? .other : .lost, message: message)
        }
    }

    /// The one result of a statement.
    func onlyResult(until deadline: Deadline, _ loss: Loss) throws(PostgresError) -> PostgresResult {
        var only: PostgresResult?
        try results(until: deadline, loss) { result in
            if only == nil { only = consume result }
        }
        guard let only else { throw PostgresError(.other, message: "no result") }
        return only
    }

    /// Takes all results of what was sent, and throws the first error. A statement on its own is committed after its
    /// result was made, so an error may follow the result, and so may the loss of the connection.
    func results(
        until deadline: Deadline, _ loss: Loss, _ body: (consuming PostgresResult) -> Void
    ) throws(PostgresError) {
        var error: PostgresError?
        do {
            while let result = try nextResult(until: deadline) {
                let status = result.status
                if result.isError {
                    error = error ?? failure(result)
                } else if status == PGRES_COPY_IN {
                    // COPY is for copyIn; this result would come again and again.
                    PQputCopyEnd(handle, "COPY without rows")
                } else if status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH {
                    abandon()
                } else {
                    body(result)
                }
                if !isUsable { break }
            }
        } catch let late {
            error = error ?? late
        }
        guard isUsable else { throw self.error(error ?? PostgresError(.lost), loss) }
        if let error { throw error }
    }
}

extension PostgresConnection {
    /// What the loss of the connection means for a statement that was sent.
    struct Loss {
        let kind: PostgresError.Kind

        /// Nothing can have been committed.
        static let nothing = Loss(kind: .lost)
        /// It was about to be committed.
        static let commit = Loss(kind: .unknownOutcome)

        private init(kind: PostgresError.Kind) { self.kind = kind }

        /// A statement that is a transaction by itself commits itself, unless it only reads.
        init(isAlone: Bool, _ statement: PostgresStatement) {
            kind = isAlone && !statement.isRead ? .unknownOutcome : .lost
        }
    }

    /// The error of a connection that is lost. A server that says why it goes has rolled back before, except when
    /// it was committing.
    func error(_ error: PostgresError, _ loss: Loss) -> PostgresError {
        if loss.kind == .unknownOutcome { return error.with(.unknownOutcome) }
        return error.sqlState == nil && error.kind != .timeout ? error.with(.lost) : error
    }

    /// Runs one or more statements as text, and calls `body` with each result.
    func simpleQuery(
        _ sql: String, timeout: Duration? = nil, loss: Loss, _ body: (consuming PostgresResult) -> Void
    ) throws(PostgresError) {
        try send { PQsendQuery(handle, sql) }
        try results(until: deadline(timeout), loss, body)
    }
}

extension PostgresError {
    /// The prepared form no longer fits, or is not known: `cached plan must not change result type`, and
    /// `prepared statement does not exist`.
    fileprivate var isStaleStatement: Bool { sqlState == "0A000" || sqlState == "26000" }
}
