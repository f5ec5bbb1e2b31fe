package import SyncCore

/// Where the rows are in a body. A path is dotted (`response.list`); empty means the body itself.
package enum RowsAt: Sendable, Hashable {
    /// An array of objects.
    case list(String)
    /// An object whose values are the rows: an answer keyed by id.
    case values(String)
    /// One object that is the row.
    case single(String)
}

/// A body that is not what it should be.
package enum MalformedBody: Error, Sendable, Hashable {
    /// Not JSON, or JSON that ends too early.
    case notJSON(String)
    /// JSON, but without rows at the path.
    case noRows
}

/// A page of rows and all that stood beside them.
package struct PageRead: Sendable {
    package var table: RowTable
    /// The body without its rows, as a JSON object: paging, summary, an error. Small; read with `Codable`.
    package var rest: [UInt8]
    /// Sequences of bytes that were not UTF-8 and became U+FFFD.
    package var repaired: Int
}
