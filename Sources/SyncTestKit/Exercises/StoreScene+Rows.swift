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

    /// The same as a reader gives them to whom some rows are known.
    static func numbers(
        _ rows: [(day: String, thing: String, clicks: Int64)], account: Account, known: KnownRows?
    ) -> RowTable {
        guard let known else { return numbers(rows, account: account) }
        let positions = numbers(rows, account: account).contents.map(known.rows.contents.firstIndex)
        var table = numbers(zip(rows, positions).filter { $0.1 == nil }.map(\.0), account: account)
        guard let seen = known.rows(at: positions.compactMap { $0.map(UInt32.init) }, beside: table) else {
            return numbers(rows, account: account)
        }
        table.known = seen
        return table
    }

    /// Rows of numbers that came without their clicks.
    static func bareNumbers(_ rows: [(day: String, thing: String)], account: Account) -> RowTable {
        table(numbers, rows.map { [.text(account.externalID), .text($0.day), .text($0.thing)] }, filled: [0, 1, 2])
    }

    enum Value {
        case null
        case text(String)
        case integer(Int64)
        case real(Double)

        /// As a column of it reads as text.
        var text: String {
            switch self {
            case .null: ""
            case .text(let text): text
            case .integer(let number): "\(number)"
            case .real(let number): "\(number)"
            }
        }
    }

    /// A table that fills all columns, or those that it is told.
    static func table(_ schema: StreamSchema, _ rows: [[Value]], filled: [Int]? = nil) -> RowTable {
        var cells: [Cell] = []
        var text: [UInt8] = []
        var contents: [UInt64] = []
        for row in rows {
            var hash = KeyHash()
            Array("\(row)".utf8).withUnsafeBytes { hash.add($0) }
            contents.append(hash.value)
            for value in row {
                switch value {
                case .null: cells.append(.null)
                case .integer(let number): cells.append(.integer(number))
                case .real(let number): cells.append(Cell(bits: number.bitPattern, length: 0, kind: .real))
                case .text(let string):
                    let bytes = Array(string.utf8)
                    cells.append(Cell(bits: UInt64(text.count), length: UInt32(bytes.count), kind: .text))
                    text += bytes
                }
            }
            cells.append(.null)
        }
        return RowTable(
            schema: schema, filled: filled ?? Array(schema.columns.indices), cells: cells, text: text,
            contents: contents)
    }
}
