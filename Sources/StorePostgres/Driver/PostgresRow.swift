import CPostgres
package import SyncCore

/// A row of an answer; good only inside the closure that gets it. Columns are counted from 0.
///
/// Asking a column for what it does not hold is a mistake in the statement beside it, so it stops the program and
/// names the column, and never yields a wrong value. NULL is such a mistake too, except where the name says
/// `optional`.
package struct PostgresRow {
    let result: OpaquePointer
    let index: Int32

    package var columnCount: Int32 { PQnfields(result) }

    package func isNull(_ column: Int32) -> Bool { PQgetisnull(result, index, column) == 1 }

    /// `smallint`, `integer`, `bigint`, `oid`, `boolean`, and `numeric` (as sums are) when it is a whole number.
    package func int64(_ column: Int32) -> Int64 {
        let cell = cell(column)
        switch type(column) {
        case .int8: return cell.load(Int64.self)
        case .int4: return Int64(cell.load(Int32.self))
        case .int2: return Int64(cell.load(Int16.self))
        case .oid: return Int64(cell.load(UInt32.self))
        case .bool: return Int64(cell.load(UInt8.self))
        case .numeric:
            guard let value = Int64(PostgresNumeric(cell).text) else { mistake(column, "a whole number") }
            return value
        default: mistake(column, "an integer")
        }
    }

    package func int(_ column: Int32) -> Int { Int(int64(column)) }

    package func bool(_ column: Int32) -> Bool { int64(column) != 0 }

    /// `real`, `double precision`, `numeric` and all integers.
    package func real(_ column: Int32) -> Double {
        let cell = cell(column)
        switch type(column) {
        case .float8: return Double(bitPattern: cell.load(UInt64.self))
        case .float4: return Double(Float(bitPattern: cell.load(UInt32.self)))
        case .numeric:
            guard let value = Double(PostgresNumeric(cell).text) else { mistake(column, "a number") }
            return value
        default: return Double(int64(column))
        }
    }

    /// `bytea`, copied.
    package func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

    /// The bytes of a `bytea` or the UTF-8 of a text, not copied.
    package func withBytes<Value>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value {
        guard type(column) == .bytea || type(column).isText else { mistake(column, "bytes") }
        return try body(cell(column))
    }

    package func instant(_ column: Int32) -> Instant {
        guard type(column) == .timestamptz || type(column) == .timestamp,
            let instant = PostgresTime.instant(cell(column).load(Int64.self))
        else { mistake(column, "a moment") }
        return instant
    }

    package func day(_ column: Int32) -> CivilDate {
        guard type(column) == .date, let day = PostgresTime.day(cell(column).load(Int32.self)) else {
            mistake(column, "a day")
        }
        return day
    }

    package func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
    package func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }
    package func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }
    package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
    package func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }
    package func optionalInstant(_ column: Int32) -> Instant? { isNull(column) ? nil : instant(column) }
    package func optionalDay(_ column: Int32) -> CivilDate? { isNull(column) ? nil : day(column) }
}

extension PostgresRow {
    /// Any column as text, in the same words on every database: `1` and `0` for booleans, `2026-11-21` for days,
    /// ISO 8601 in UTC with milliseconds for moments.
    package func text(_ column: Int32) -> String {
        let cell = cell(column)
        let type = type(column)
        if type.isText { return String(decoding: cell, as: UTF8.self) }
        switch type {
        // One byte tells the version of the form.
        case .jsonb: return String(decoding: cell.dropFirst(), as: UTF8.self)
        case .int8, .int4, .int2, .oid, .bool: return String(int64(column))
        case .float8: return real(column).description
        case .float4: return Float(bitPattern: cell.load(UInt32.self)).description
        case .numeric: return PostgresNumeric(cell).text
        case .date: return PostgresTime.text(day: cell.load(Int32.self))
        case .timestamptz, .timestamp: return PostgresTime.text(moment: cell.load(Int64.self))
        case .uuid: return uuidText(cell)
        default: mistake(column, "anything that can be read as text")
        }
    }

    fileprivate func type(_ column: Int32) -> PostgresType { PostgresType(oid: PQftype(result, column)) }

    /// The bytes of a value that is there.
    private func cell(_ column: Int32) -> UnsafeRawBufferPointer {
        guard !isNull(column) else { mistake(column, "a value") }
        let count = Int(PQgetlength(result, index, column))
        return UnsafeRawBufferPointer(start: PQgetvalue(result, index, column), count: count)
    }

    private func mistake(_ column: Int32, _ wanted: String) -> Never {
        let name = String(nullable: PQfname(result, column)) ?? "?"
        let found = isNull(column) ? "is NULL" : "has type \(PQftype(result, column))"
        preconditionFailure("column \(column) (\(name)) \(found) and was read as \(wanted)")
    }
}

/// The built-in types that the driver reads, by their fixed numbers (src/include/catalog/pg_type.dat).
struct PostgresType: Hashable {
    let oid: UInt32

    static let bool = PostgresType(oid: 16)
    static let bytea = PostgresType(oid: 17)
    /// The server's word for those that values of our statements have.
    var name: String? {
        switch self {
        case .bool: "boolean"
        case .bytea: "bytea"
        case .int8: "bigint"
        case .int2: "smallint"
        case .int4: "integer"
        case .text: "text"
        case .json: "json"
        case .float4: "real"
        case .float8: "double precision"
        case .date: "date"
        case .timestamptz: "timestamptz"
        case .numeric: "numeric"
        default: nil
        }
    }

    static let int8 = PostgresType(oid: 20)
    static let int2 = PostgresType(oid: 21)
    static let int4 = PostgresType(oid: 23)
    static let text = PostgresType(oid: 25)
    static let oid = PostgresType(oid: 26)
    static let json = PostgresType(oid: 114)
    static let float4 = PostgresType(oid: 700)
    static let float8 = PostgresType(oid: 701)
    static let date = PostgresType(oid: 1082)
    static let timestamp = PostgresType(oid: 1114)
    static let timestamptz = PostgresType(oid: 1184)
    static let numeric = PostgresType(oid: 1700)
    static let uuid = PostgresType(oid: 2950)
    static let jsonb = PostgresType(oid: 3802)

    /// `text`, `varchar`, `char`, `"char"`, `name`, `json`, and literals of no type: their bytes are the text.
    var isText: Bool {
        switch oid {
        case 25, 1043, 1042, 18, 19, 114, 705: true
        default: false
        }
    }
}

extension UnsafeRawBufferPointer {
    /// A number in network order; the server says how many bytes it has.
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: Int = 0) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
