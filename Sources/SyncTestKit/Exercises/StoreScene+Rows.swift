import SyncCore

/// Tables of rows for exercises.
extension StoreScene {
    /// Rows of `things`: id and name.
    static func things(_ rows: [(id: String, name: String)], account: Account) -> RowTable {
        table(things, rows.map { [.text(account.externalID), .text($0.id), .text($0.name)] })
    }

    static func things(_ ids: [String], account: Account) -> RowTable {
        things(ids.map { (id: $0, name: "thing \($0)") }, account: account)
    }

    /// Rows of `numbers`: day, thing and clicks.
    static func numbers(_ rows: [(day: String, thing: String, clicks: Int64)], account: Account) -> RowTable {
        table(
            numbers,
            rows.map { [.text(account.externalID), .text($0.day), .text($0.thing), .integer($0.clicks)] })
    }

    enum Value {
        case text(String)
        case integer(Int64)
    }

    /// A table that fills all columns.
    static func table(_ schema: StreamSchema, _ rows: [[Value]]) -> RowTable {
        var cells: [Cell] = []
        var text: [UInt8] = []
        for row in rows {
            for value in row {
                switch value {
                case .integer(let number): cells.append(.integer(number))
                case .text(let string):
                    let bytes = Array(string.utf8)
                    cells.append(Cell(bits: UInt64(text.count), length: UInt32(bytes.count), kind: .text))
                    text += bytes
                }
            }
            cells.append(.null)
        }
        return RowTable(schema: schema, filled: Array(schema.columns.indices), cells: cells, text: text)
    }
}
