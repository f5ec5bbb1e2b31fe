import CPostgres
import StoreSQL
package import StoreTransfer
import SyncCore

/// Rows of a server's database as they were when this was made, beside all who work on it. The server keeps what is
/// deleted and replaced until this is gone.
package final class PostgresSnapshot: RowSnapshot {
    private let connection: PostgresConnection
    private let sign = StopSign()
    private var running: (copy: PostgresCopyOut, reader: PostgresRowReader)?

    /// Rows that are sorted come late.
    private static let patience: Duration = .seconds(3600)

    /// Throws `StoreError` where there is no database of ours.
    package init(_ address: PostgresAddress) throws {
        connection = try PostgresTransfer.mapped { try PostgresTransfer.snapshot(of: address) }
    }

    deinit {
        // A server that sorts or waits for us to take rows would find out late.
        if running != nil { connection.canceller.cancel() }
    }

    package var streams: [TableLayout] {
        get throws { try access { try PostgresCatalog(connection: connection).layouts().filter { !$0.isControl } } }
    }

    package var views: Set<String> {
        get throws {
            try access {
                var names: Set<String> = []
                try connection.execute(
                    """
                    SELECT relname::text FROM pg_class
                    WHERE relkind = 'v' AND relnamespace = quote_ident(current_schema())::regnamespace
                    """
                ) { names.insert($0.text(0)) }
                return names
            }
        }
    }

    /// To be called once the rows before were all read.
    package func open(_ query: RowQuery) throws {
        try access {
            precondition(running == nil, "rows of another query are still on their way")
            var dialect = PostgresQueryDialect(connection: connection, folding: try connection.folding())
            let sql = "COPY (\(query.text(in: &dialect))) TO STDOUT (FORMAT binary)"
            let copy = try PostgresCopyOut(connection, sql, timeout: PostgresSnapshot.patience)
            running = (copy, PostgresRowReader(table: query.table))
        }
    }

    package func read(into batch: inout RowBatch, size: Int) throws -> Bool {
        try access {
            guard case (var copy, let reader)? = running else { return false }
            let before = batch.count
            while batch.bytes.count < size {
                guard try copy.next({ try reader.read($0, into: &batch) }) else {
                    running = nil
                    return batch.count > before
                }
            }
            running = (copy, reader)
            return true
        }
    }

    package var stop: @Sendable () -> Void {
        { [sign, canceller = connection.canceller] in
            sign.raise()
            canceller.cancelInBackground()
        }
    }

    private func access<Value>(_ body: () throws -> Value) throws -> Value {
        try sign.guarding { try PostgresTransfer.mapped(body) }
    }
}

/// PostgreSQL's words for what is asked. COPY takes no values beside the statement, so they stand in it.
struct PostgresQueryDialect: RowQueryDialect {
    let connection: PostgresConnection
    let folding: String

    func value(_ value: RowQuery.Value) -> String {
        switch value {
        case .text(let text): connection.literal(text)
        case .integer(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        case .day(let day): "'\(day)'"
        case .instant(let moment): "'\(moment)'"
        }
    }

    func bytewise(_ column: String, _ kind: ValueKind) -> String {
        switch kind {
        case .text: "\(column) COLLATE \"C\""
        case .json: "CAST(\(column) AS text) COLLATE \"C\""
        default: column
        }
    }

    func contains(_ column: String, _ kind: ValueKind, _ text: String) -> String {
        // A key's text goes by bytes, and so would its upper and lower case.
        let haystack = "CAST(\(column) AS text) COLLATE \(folding)"
        return "strpos(lower(\(haystack)), \(connection.literal(text.lowercased()))) > 0"
    }
}
