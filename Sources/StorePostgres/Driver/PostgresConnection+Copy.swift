import CPostgres

extension PostgresConnection {
    /// Runs `COPY table (columns) FROM STDIN (FORMAT binary)` with the rows that `produce` writes; how many they were.
    /// Other statements may stand before it, separated by semicolons.
    ///
    /// The fast way in: one piece of memory for all rows, sent as it fills. If `produce` throws, the COPY is given up
    /// and its rows are not there. An error in a row shows only at the end.
    /// - Parameter timeout: how long the server may take for one piece, and for the end.
    @discardableResult
    package func copyIn(
        _ sql: String, timeout: Duration? = nil, _ produce: (inout PostgresCopyBuffer) throws -> Void
    ) throws -> Int {
        let loss = isInTransaction ? Loss.nothing : .commit
        try sendKept()
        try startCopy(sql, timeout)
        do {
            var buffer = PostgresCopyBuffer { [self] bytes throws(PostgresError) in try put(bytes, timeout) }
            try produce(&buffer)
            try buffer.finish()
        } catch {
            if isUsable {
                PQputCopyEnd(handle, "given up")
                // The server's word that the COPY has failed, which is what we want.
                try? results(until: deadline(timeout), .nothing) { _ in }
            }
            throw error
        }
        try send { PQputCopyEnd(handle, nil) }
        return try onlyResult(until: deadline(timeout), loss).affectedRows
    }

    private func startCopy(_ sql: String, _ timeout: Duration?) throws(PostgresError) {
        let deadline = deadline(timeout)
        try send { PQsendQuery(handle, sql) }
        while let result = try nextResult(until: deadline) {
            if result.status == PGRES_COPY_IN { return }
            guard result.isError else { continue }
            let refusal = failure(result)
            try results(until: deadline, .nothing) { _ in }
            throw refusal
        }
        throw PostgresError(isUsable ? .other : .lost, message: "not a COPY FROM STDIN")
    }

    /// Queues one piece and waits until the kernel has all of it, so that a slow server slows us down and does not
    /// fill our memory.
    private func put(_ bytes: UnsafeRawBufferPointer, _ timeout: Duration?) throws(PostgresError) {
        let start = bytes.bindMemory(to: CChar.self).baseAddress
        try send { PQputCopyData(handle, start, Int32(bytes.count)) }
        let deadline = deadline(timeout)
        while true {
            let unsent = PQflush(handle)
            if unsent == 0 { return }
            guard unsent > 0 else { throw try copyFailure() }
            guard let ready = SocketWait.wait(PQsocket(handle), writing: true, until: deadline) else {
                abandon()
                throw PostgresError(.timeout)
            }
            if ready.isReadable && PQconsumeInput(handle) == 0 { throw try copyFailure() }
        }
    }

    /// Why the server no longer listens: what it said last, if it said something.
    private func copyFailure() throws(PostgresError) -> PostgresError {
        PQputCopyEnd(handle, nil)
        try results(until: deadline(nil), .nothing) { _ in }
        return PostgresError(.lost)
    }
}
