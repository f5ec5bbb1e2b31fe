import CPostgres

extension PostgresConnection {
    /// Runs `COPY … TO STDOUT (FORMAT binary)` and calls `body` with each row: for each field its length in four bytes,
    /// -1 for NULL, and its bytes, in network order.
    ///
    /// The fast way out: one row is in memory at a time. If `body` throws, the connection is given up, because the rest
    /// of the rows is still on its way.
    /// - Parameter timeout: how long the server may take for the next row.
    package func copyOut(
        _ sql: String, timeout: Duration? = nil, _ body: (PostgresCopyRow) throws -> Void
    ) throws {
        var copy = try PostgresCopyOut(self, sql, timeout: timeout)
        while try copy.next(body) {}
    }

    fileprivate func startCopyOut(_ sql: String, _ timeout: Duration?) throws(PostgresError) {
        let deadline = deadline(timeout)
        try send { PQsendQuery(handle, sql) }
        guard let result = try nextResult(until: deadline) else { throw PostgresError(.lost) }
        if result.status == PGRES_COPY_OUT { return }
        let refusal = result.isError ? failure(result) : PostgresError(.other, message: "not a COPY TO STDOUT")
        try results(until: deadline, .nothing) { _ in }
        throw refusal
    }

    /// The next message, to be freed; nil behind the last.
    fileprivate func nextMessage(until deadline: Deadline) throws(PostgresError) -> UnsafeMutableRawBufferPointer? {
        while true {
            var start: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle, &start, 1)
            if count > 0 { return UnsafeMutableRawBufferPointer(start: start, count: Int(count)) }
            if count == -1 { return nil }
            guard count == 0 else {
                try results(until: deadline, .nothing) { _ in }
                throw PostgresError(.lost)
            }
            guard SocketWait.wait(PQsocket(handle), writing: false, until: deadline) != nil else {
                abandon()
                throw PostgresError(.timeout)
            }
            guard PQconsumeInput(handle) == 1 else {
                abandon()
                throw PostgresError(.lost)
            }
        }
    }
}

/// A `COPY … TO STDOUT (FORMAT binary)` under way, for whoever takes its rows one by one. Until the last of them was
/// taken the connection is good for nothing else.
struct PostgresCopyOut {
    private let connection: PostgresConnection
    private let timeout: Duration?
    private var isFirst = true

    /// - Parameter timeout: how long the server may take for the next row.
    init(_ connection: PostgresConnection, _ sql: String, timeout: Duration?) throws {
        self.connection = connection
        self.timeout = timeout
        try connection.sendKept()
        try connection.startCopyOut(sql, timeout)
    }

    /// Calls `body` with the next row; false behind the last. If `body` throws, the connection is given up.
    mutating func next(_ body: (PostgresCopyRow) throws -> Void) throws -> Bool {
        while let message = try connection.nextMessage(until: connection.deadline(timeout)) {
            defer { PQfreemem(message.baseAddress) }
            // A message is a row, with the head before the first.
            let offset = isFirst ? PostgresCopyRow.headSize : 0
            isFirst = false
            guard offset < message.count else { continue }
            let fields = message.load(Int16.self, at: offset)
            // The mark of the end.
            if fields < 0 { continue }
            do {
                try body(PostgresCopyRow(UnsafeRawBufferPointer(message), fields: Int(fields), at: offset + 2))
            } catch {
                connection.abandon()
                throw error
            }
            return true
        }
        // The word that it was all.
        try connection.results(until: connection.deadline(timeout), .nothing) { _ in }
        return false
    }
}

/// A row of a binary COPY; good only inside the closure that gets it.
package struct PostgresCopyRow {
    /// Signature, flags and the length of an extension that nobody has.
    static let headSize = 19

    private let message: UnsafeRawBufferPointer
    private let start: Int
    let fields: Int

    init(_ message: UnsafeRawBufferPointer, fields: Int, at start: Int) {
        self.message = message
        self.fields = fields
        self.start = start
    }

    /// Where the next row begins.
    var end: Int {
        var offset = start
        for _ in 0..<fields { offset += 4 + max(0, Int(message.load(Int32.self, at: offset))) }
        return offset
    }

    /// Calls `body` with each field; nil for NULL.
    func forEach(_ body: (Int, UnsafeRawBufferPointer?) throws -> Void) rethrows {
        var offset = start
        for index in 0..<fields {
            let count = Int(message.load(Int32.self, at: offset))
            offset += 4
            guard count >= 0 else {
                try body(index, nil)
                continue
            }
            try body(index, UnsafeRawBufferPointer(rebasing: message[offset..<offset + count]))
            offset += count
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type, at offset: Int
    ) -> Number {
        UnsafeRawBufferPointer(self).load(type, at: offset)
    }
}
