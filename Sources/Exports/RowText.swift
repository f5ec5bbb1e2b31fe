import StoreTransfer

/// A form in which rows follow each other as text.
protocol RowText {
    /// What stands before all rows.
    func appendHead(to bytes: inout [UInt8])
    /// Values behind those of the columns are left out.
    func append(_ row: PackedRow, to bytes: inout [UInt8]) throws
}
