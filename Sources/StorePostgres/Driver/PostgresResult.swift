import CPostgres

/// One answer of the server; gives its memory back when it goes.
struct PostgresResult: ~Copyable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }
    var isError: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }
    var rowCount: Int32 { PQntuples(pointer) }
    var message: String { String(cString: PQresultErrorMessage(pointer)) }

    /// The words after which the server names what it did: `COMMIT`, `INSERT 0 1`.
    var tag: String { String(cString: PQcmdStatus(pointer)) }

    /// How many rows were changed or returned.
    var affectedRows: Int {
        var count = 0
        var digit = PQcmdTuples(pointer)
        while let byte = digit?.pointee, byte != 0 {
            count = count * 10 + Int(byte - 48)
            digit = digit.map { $0 + 1 }
        }
        return count
    }

    func forEachRow(_ body: (PostgresRow) throws -> Void) rethrows {
        for index in 0..<rowCount { try body(PostgresRow(result: pointer, index: index)) }
    }
}
