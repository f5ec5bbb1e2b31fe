import StoreSQL
import StoreTransfer
import SyncCore

/// How tables of days are cut into partitions. Chosen for a database before its tables are made; a table that is there
/// stays as it is.
package enum Partitioning: String, Sendable, CaseIterable {
    /// One partition for each month of the calendar.
    case month
}

/// The partitions of tables of days. A day that has none is met when its rows are written: that transaction is rolled
/// back, the month is made in one of its own, and the rows are written again. So nobody asks before each page, and a
/// month that was dropped or detached by hand comes back when its days are read again.
struct PostgresPartitions {
    let connection: PostgresConnection

    /// The name in `settings`.
    static let setting = TransferCatalog.partitions
    static let column = "date"

    /// Rows for which there is no partition.
    struct Missing: Error {
        var table: String
        /// The first days of the months of all rows that were to be written together.
        var months: Set<CivilDate>
        /// What the server said.
        var cause: PostgresError
    }

    /// What the database is set to.
    func chosen() throws -> Partitioning? {
        var word: String?
        try connection.execute("SELECT value FROM settings WHERE name = $1", [.text(PostgresPartitions.setting)]) {
            word = $0.text(0)
        }
        return word.flatMap(Partitioning.init)
    }

    /// For tables that are made from now on.
    func choose(_ partitioning: Partitioning) throws {
        try connection.execute(
            """
            INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, now())
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
            """, [.text(PostgresPartitions.setting), .text(partitioning.rawValue)])
    }

    /// Only tables of days whose key says the day: a partition has a unique key of its own.
    static func fits(_ schema: StreamSchema) -> Bool {
        schema.key.contains(column) && schema.column(column)?.type == .date
    }

    func isCut(_ table: String) throws -> Bool {
        var isCut = false
        try connection.execute(
            "SELECT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = to_regclass($1))",
            [.text(quoted(table))]
        ) { isCut = $0.bool(0) }
        return isCut
    }

    /// Makes what is missing in a transaction of its own; false when nothing was.
    func make(_ missing: Missing) throws -> Bool {
        try connection.begin()
        do {
            try connection.execute("SELECT pg_advisory_xact_lock($1)", [.integer(PostgresLock.schemas)])
            let isMade = try make(missing.months, of: missing.table)
            try connection.commit()
            return isMade
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// The same within a transaction, whose lock keeps others from doing so.
    func make(_ months: Set<CivilDate>, of table: String) throws -> Bool {
        var absent: [CivilDate] = []
        try connection.execute(
            .built(PostgresPartitions.absent), [.text(quoted(table)), .texts(months.sorted().map(\.description))]
        ) { absent.append($0.day(0)) }
        guard !absent.isEmpty else { return false }
        // Fails soon instead of standing in line behind somebody's long maintenance; it is tried again.
        try connection.script("SET LOCAL lock_timeout = '3s'")
        for month in absent { try attach(month, to: table) }
        try connection.script("SET LOCAL lock_timeout = 0")
        return true
    }

    /// Months of a partitioned table that lie in none of its partitions, however people have cut it.
    private static let absent = """
        SELECT m.day FROM unnest($2::text[]::date[]) AS m (day)
        WHERE EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = to_regclass($1))
            AND NOT EXISTS (
                SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                CROSS JOIN pg_get_expr(c.relpartbound, c.oid) AS b (text)
                WHERE i.inhparent = to_regclass($1) AND (b.text = 'DEFAULT' OR (
                    coalesce(substring(b.text FROM $$FROM \\('(.*?)'\\)$$), '-infinity')::date <= m.day
                    AND coalesce(substring(b.text FROM $$TO \\('(.*?)'\\)$$), 'infinity')::date > m.day)))
        ORDER BY m.day
        """

    /// A table is made and then attached: that waits for no reader or writer of the others, as `PARTITION OF` would.
    private func attach(_ month: CivilDate, to table: String) throws {
        let name = quoted(try free(month, table))
        try connection.script(
            """
            CREATE TABLE \(name) (LIKE \(quoted(table)) INCLUDING ALL EXCLUDING INDEXES);
            ALTER TABLE \(quoted(table)) ATTACH PARTITION \(name)
                FOR VALUES FROM ('\(month)') TO ('\(month.adding(months: 1))')
            """)
    }

    /// `meta_ad_insights_2026_11`, with a number behind it when a month that was detached still has that name.
    private func free(_ month: CivilDate, _ table: String) throws -> String {
        // The server cuts names behind 63 bytes, and a number needs room.
        let base = String(decoding: table.utf8.prefix(50), as: UTF8.self)
        let plain = "\(base)_\(month.description.prefix(7).replacing("-", with: "_"))"
        var name = plain
        var number = 1
        while try PostgresCatalog(connection: connection).has(name) {
            number += 1
            name = "\(plain)_\(number)"
        }
        return name
    }
}

extension CivilDate {
    /// The first day of its month.
    var month: CivilDate { adding(days: 1 - parts.day) }
}
