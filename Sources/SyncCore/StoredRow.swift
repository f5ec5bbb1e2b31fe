/// A row of a data table as it is stored.
package struct StoredRow: Sendable, Hashable {
    /// By the names of columns, days and moments as they are written in ISO 8601; without those that are NULL.
    package var values: [String: String]

    package init(_ values: [String: String]) { self.values = values }

    package subscript(_ column: String) -> String? { values[column] }
    package func integer(_ column: String) -> Int64? { values[column].flatMap { Int64($0) } }
    package func instant(_ column: String) -> Instant? { values[column].flatMap { Instant(iso: $0) } }
    package func day(_ column: String) -> CivilDate? { values[column].flatMap { CivilDate($0) } }
}
