import ConnectorKit
import SyncCore

/// What a test says of a stored value.
enum Stored: Equatable, CustomStringConvertible {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// NULL, counted, and its raw value kept in `extra`.
    case misfit

    init(_ cell: Cell?, in table: RowTable) {
        guard let cell else {
            self = .null
            return
        }
        switch cell.kind {
        case .null: self = .null
        case .integer: self = .integer(cell.integer ?? 0)
        case .real: self = .real(cell.real ?? 0)
        case .text: self = .text(table.string(cell) ?? "")
        }
    }

    var description: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): "integer \(value)"
        case .real(let value): "real \(value)"
        case .text(let value): "text \(value)"
        case .misfit: "misfit"
        }
    }
}

/// A schema keyed by account only, so that a test needs no key in its rows.
func schema(_ columns: [Column], key: [String] = ["account_id"], ignored: [String] = []) -> StreamSchema {
    StreamSchema(
        platform: PlatformID("test"), id: StreamID("rows"), stage: "rows", grain: .entity,
        columns: [Column(context: "account_id", .text)] + columns, key: key, summary: "Rows of a test.",
        ignored: ignored)
}

extension RowReader {
    func read(
        _ body: String, at rows: RowsAt = .list("data"), currency: String = "USD"
    ) throws(MalformedBody) -> PageRead {
        try read(Array(body.utf8), at: rows, context: ["account_id": "7"], currency: currency)
    }
}

extension PageRead {
    func stored(_ column: String, row: Int = 0) -> Stored {
        Stored(table.cell(row: row, column: column), in: table)
    }

    func extra(row: Int = 0) -> String? {
        table.string(table.cells[(row + 1) * table.width - 1])
    }

    var restText: String { String(decoding: rest, as: UTF8.self) }
}

/// What the column `v` of a type holds after reading one row with the raw JSON value `raw`.
func stored(
    _ raw: String, as type: ColumnType, currency: String = "USD", minorDigits: [String: Int] = [:]
) throws -> Stored {
    let reader = RowReader(schema: schema([Column("v", type, "v")]), minorDigits: minorDigits)
    let page = try reader.read("{\"data\":[{\"v\":\(raw)}]}", currency: currency)
    let value = page.stored("v")
    guard page.table.misfits == ["v": 1] else { return value }
    return value == .null && page.extra()?.hasPrefix("{\"v\":") == true ? .misfit : value
}
