import GRDB
import SyncCore

/// The numbered steps from an empty database to the present one. A step that was released is never edited;
/// each only adds (design.md, section 4).
enum Migrations {
    static let steps: [String] = [
        ControlTables.first, ControlTables.digests, ControlTables.listings, ControlTables.partialJobs,
        ControlTables.upkeep, ControlTables.refusals, ControlTables.setLimits, ControlTables.schedules,
        ControlTables.outbox, ControlTables.people,
        ControlTables.looking + ControlTables.promises + ControlTables.certificates + ControlTables.drafts
            + ControlTables.notices,
        ControlTables.currencies + ControlTables.minutes + ControlTables.origins,
    ]

    /// The schema version that this program writes, kept in `PRAGMA user_version`.
    static var newest: Int { steps.count }

    /// RETURNING, STRICT, upserts and generated columns; Debian 12 has 3.40.
    static let oldestLibrary = "3.39.0"

    static func checkLibrary(_ db: Database) throws {
        let version = try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? ""
        let numbers = { (text: String) in text.split(separator: ".").map { Int($0) ?? 0 } }
        if numbers(version).lexicographicallyPrecedes(numbers(oldestLibrary)) {
            throw StoreError.unavailable("SQLite \(version) is too old, \(oldestLibrary) or later is needed")
        }
    }

    /// Applies what is missing, all or nothing.
    static func apply(to db: Database) throws {
        if try version(of: db) == newest { return }
        try db.inTransaction(.immediate) {
            // Again, for another process may have been faster.
            let found = try version(of: db)
            if found > newest { throw StoreError.newerSchema(found: found, known: newest) }
            for step in steps.dropFirst(found) { try db.execute(sql: step) }
            try db.execute(
                sql: """
                    PRAGMA application_id = \(DatabaseFile.applicationID);
                    PRAGMA user_version = \(newest);
                    """)
            return .commit
        }
    }

    private static func version(of db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }
}
