package import SyncCore

/// A value on its way into a statement. An enum and no protocol: nothing is boxed.
package enum Bound: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    static func integer(_ value: Int) -> Bound { .integer(Int64(value)) }
    static func text(_ value: String?) -> Bound { value.map { .text($0) } ?? .null }
    static func integer(_ value: Int64?) -> Bound { value.map { .integer($0) } ?? .null }
    static func real(_ value: Double?) -> Bound { value.map { .real($0) } ?? .null }
    static func flag(_ value: Bool) -> Bound { .integer(value ? 1 : 0) }
}

/// The values of the row under a running statement. A day reads as text as `2026-11-21`, an instant as ISO 8601 in
/// UTC, a condition as the integer 1 or 0, whatever the engine keeps them as.
package protocol RowValues {
    func isNull(_ column: Int32) -> Bool
    func int64(_ column: Int32) -> Int64
    func real(_ column: Int32) -> Double
    func text(_ column: Int32) -> String
    /// The bytes are good only inside `body`.
    func withBytes<Value>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value
}

/// The row under a running statement; good only inside the closure that gets it.
package struct ResultRow {
    private let values: any RowValues

    package init(_ values: any RowValues) { self.values = values }

    func isNull(_ column: Int32) -> Bool { values.isNull(column) }
    func int(_ column: Int32) -> Int { Int(values.int64(column)) }
    func int64(_ column: Int32) -> Int64 { values.int64(column) }
    func real(_ column: Int32) -> Double { values.real(column) }
    func text(_ column: Int32) -> String { values.text(column) }
    func bytes(_ column: Int32) -> [UInt8] { values.withBytes(column) { Array($0) } }
    func withBytes<Value>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try values.withBytes(column, body)
    }
    func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }
    func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
    func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
}

/// What a database engine does within one transaction: it runs the statements of this folder, which are written for
/// all engines, and keeps the data tables in its own way.
///
/// The common dialect is what SQLite 3.39 and PostgreSQL 14 both understand, and five things that an engine puts into
/// its own words when it prepares a statement: `?` and `?1` for values, `greatest` and `least`, `INDEXED BY name`
/// (SQLite does as it is told, PostgreSQL chooses by itself), `FOR UPDATE [OF name] [SKIP LOCKED]` (PostgreSQL locks
/// rows, SQLite has one writer), and, in text that is put together at run time, `sluice_folded(text)` for the small
/// letters of all languages.
package protocol SQLSession {
    /// Runs a statement to its end and calls `body` for each row of its result; how many rows it changed or found.
    func run(_ text: StaticString, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws -> Int
    /// The same for text that is put together at run time: names of data tables, lists of states.
    func run(built text: String, _ values: [Bound], _ body: (ResultRow) throws -> Void) throws -> Int
    /// Runs a statement once for each list of values, in order, in as few round trips as the engine can.
    func runEach(_ text: StaticString, _ lists: [[Bound]], _ body: (ResultRow) throws -> Void) throws -> Int

    /// Runs a statement once for each list of values before the next one whose answer is waited for, or with the
    /// commit; what goes wrong is thrown there. Where a round trip costs something, these cost none.
    func later(_ text: StaticString, _ lists: [[Bound]]) throws

    /// Runs a statement for all lists of values at once, in no particular order; no two lists are about the same row.
    /// The text is that for one list: `INSERT … VALUES (?, …)`, or one with a single `WHERE` that is not in brackets.
    func runAtOnce(_ text: StaticString, _ lists: [[Bound]], _ body: (ResultRow) throws -> Void) throws
    /// The same as `later`.
    func laterAtOnce(_ text: StaticString, _ lists: [[Bound]]) throws

    /// To be called before the transaction adds to the journal, so that `SQLStore.journalEnd()` waits for its end.
    func enterJournal() throws

    /// Whether there is a view of that name.
    func hasView(_ name: String) throws -> Bool

    /// Creates or widens the tables of these streams and the views over them. Throws `StoreError.misfit` when a table
    /// cannot be brought there without losing data.
    func prepare(_ schemas: [StreamSchema]) throws
    /// Inserts the rows that are new and updates those that changed: the columns that the table fills and
    /// `synced_at`; `extra` too when the table fills all columns. Of two rows with one key the later one stays.
    /// `keys` are the hashes of the keys where they are known.
    func upsert(_ table: RowTable, keys: [UInt64]?, syncedAt: Instant) throws -> UpsertResult
    /// Deletes the stored rows of a scope that a complete read did not return (design.md, rule 2), and returns how
    /// many. `hashes` are those of all rows that the read returned, in any order, all of them within the scope.
    func delete(_ scope: RowScope, unseen hashes: [UInt64], sparing: String?) throws -> Int
    /// The ids of stored entities in a scope that a complete listing did not return, sorted. Deletes nothing.
    func unseenIDs(_ scope: RowScope, _ hashes: [UInt64]) throws -> [String]
}

/// Some rows of a stream's table: those of an account, and of it some days and some entities where they are given.
/// Days are those of the `date` column: a stream without one has no row on given days.
package struct RowScope: Sendable {
    package var schema: StreamSchema
    package var account: String
    package var days: DayRange?
    package var entities: EntitySet?

    package init(_ schema: StreamSchema, account: String, days: DayRange? = nil, entities: EntitySet? = nil) {
        self.schema = schema
        self.account = account
        self.days = days
        self.entities = entities
    }
}

/// What became of the rows of a page.
package struct UpsertResult: Sendable, Hashable {
    package var received: Int
    package var inserted: Int
    package var changed: Int
    /// Rows that were stored already with the same values, and were not touched.
    package var unchanged: Int
    /// One hash per row received, in order: see `KeyHash`.
    package var keyHashes: [UInt64]

    package init(received: Int, inserted: Int, changed: Int, unchanged: Int, keyHashes: [UInt64]) {
        self.received = received
        self.inserted = inserted
        self.changed = changed
        self.unchanged = unchanged
        self.keyHashes = keyHashes
    }
}

/// Runs statements inside one transaction.
package struct SQL {
    let session: any SQLSession

    package init(_ session: any SQLSession) { self.session = session }

    /// Runs a statement of which nobody has to know what it did; its errors may come with the next one.
    func run(_ text: StaticString, _ values: Bound...) throws {
        try session.later(text, [values])
    }

    /// Runs a statement to its end; how many rows it changed.
    func changes(_ text: StaticString, _ values: Bound...) throws -> Int {
        try session.run(text, values) { _ in }
    }

    /// Calls `body` for each row.
    func rows(_ text: StaticString, _ values: Bound..., body: (ResultRow) throws -> Void) throws {
        _ = try session.run(text, values, body)
    }

    /// The first row, read by `body`; nil when there is none. Runs the statement to its end.
    func first<Value>(_ text: StaticString, _ values: Bound..., body: (ResultRow) throws -> Value) throws -> Value? {
        var found: Value?
        _ = try session.run(text, values) { row in
            if found == nil { found = try body(row) }
        }
        return found
    }

    /// All rows, read by `body`.
    func all<Value>(_ text: StaticString, _ values: Bound..., body: (ResultRow) throws -> Value) throws -> [Value] {
        var found: [Value] = []
        _ = try session.run(text, values) { row in found.append(try body(row)) }
        return found
    }

    /// Runs a statement once for each list of values, as `run` does.
    func runEach(_ text: StaticString, _ lists: [[Bound]]) throws {
        if !lists.isEmpty { try session.later(text, lists) }
    }

    /// The rows of a statement that is run once for each list of values, in order.
    func allEach<Value>(
        _ text: StaticString, _ lists: [[Bound]], body: (ResultRow) throws -> Value
    ) throws -> [Value] {
        guard !lists.isEmpty else { return [] }
        var found: [Value] = []
        _ = try session.runEach(text, lists) { row in found.append(try body(row)) }
        return found
    }

    /// Runs a statement for all lists of values at once (`SQLSession.runAtOnce`), as `run` does.
    func runAtOnce(_ text: StaticString, _ lists: [[Bound]]) throws {
        if !lists.isEmpty { try session.laterAtOnce(text, lists) }
    }

    /// The rows of a statement that is run for all lists of values at once (`SQLSession.runAtOnce`).
    func allAtOnce<Value>(
        _ text: StaticString, _ lists: [[Bound]], body: (ResultRow) throws -> Value
    ) throws -> [Value] {
        guard !lists.isEmpty else { return [] }
        var found: [Value] = []
        try session.runAtOnce(text, lists) { row in found.append(try body(row)) }
        return found
    }

    /// For text that is put together at run time (names of data tables, lists of states).
    func rows(built text: String, _ values: Bound..., body: (ResultRow) throws -> Void) throws {
        _ = try session.run(built: text, values, body)
    }
}
