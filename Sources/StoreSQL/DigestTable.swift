import SyncCore

/// `sync_digests`: hashes of the rows of a day as they came, so that a row which comes again as it is costs no parsing
/// and no look-up in its table (`KnownRows`).
///
/// What a digest says of a key is always what is stored: whoever changes or deletes a row of a day drops the day's
/// digest in the same transaction, and it is made anew by a chunk that read the day whole while nobody else changed
/// it. That chunk is the day's `reader` in `coverage` from its first row on; a change by any other takes that away.
struct DigestTable {
    let transaction: Transaction
    let facts: JobFacts
    let stream: String
    private var sql: SQL { transaction.sql }
    private var account: Int64 { facts.account }

    /// Before and after all days.
    static let firstDay = "0001-01-01"
    static let lastDay = "9999-12-31"
    /// Of a row in a digest: the hash of its key, that of its contents.
    private static let entry = 16

    /// The rows of those days in a range that have a digest, nil when none has. A digest that does not have as many
    /// rows as there are stored was overtaken by somebody who deleted rows by hand: it is not believed.
    func known(_ first: String, _ last: String) throws -> SeenRows? {
        var known = SeenRows()
        var stored: [String: Int]?
        try sql.rows(
            "SELECT date, hashes FROM sync_digests WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ?",
            .integer(account), .text(stream), .text(first), .text(last)
        ) { row in
            let date = row.text(0)
            let counts = try stored ?? storedRows(first, last)
            stored = counts
            row.withBytes(1) { bytes in
                guard bytes.count == counts[date, default: 0] * DigestTable.entry else { return }
                let day = SeenRows.day(date.utf8)
                known.reserve(known.keys.count + bytes.count / DigestTable.entry)
                for offset in stride(from: 0, to: bytes.count, by: DigestTable.entry) {
                    known.append(
                        key: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                        contents: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self), day: day)
                }
            }
        }
        return known.keys.isEmpty ? nil : known
    }

    private func storedRows(_ first: String, _ last: String) throws -> [String: Int] {
        guard let schema = transaction.memory.schema(StreamID(stream), of: facts.platform) else { return [:] }
        return try DataCounts(transaction: transaction)
            .days(schema, account: facts.externalID, first: first, last: last)
    }

    /// From now on `chunk` reads these days from their begin.
    func begin(_ chunk: Int64, _ first: String, _ last: String) throws {
        try sql.run(
            "UPDATE coverage SET reader = ? WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ?",
            .integer(chunk), .integer(account), .text(stream), .text(first), .text(last))
    }

    /// `chunk` changed rows of these days.
    func changed(by chunk: Int64, _ first: String, _ last: String) throws {
        try sql.run(
            "DELETE FROM sync_digests WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ?",
            .integer(account), .text(stream), .text(first), .text(last))
        try sql.run(
            """
            UPDATE coverage SET reader = NULL
            WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ? AND reader IS NOT NULL AND reader <> ?
            """, .integer(account), .text(stream), .text(first), .text(last), .integer(chunk))
    }

    /// Since `chunk` began with these days nobody else has changed a row of them.
    func isReadAlone(by chunk: Int64, _ first: String, _ last: String) throws -> Bool {
        try sql.first(
            """
            SELECT 1 FROM coverage
            WHERE account_id = ? AND stream = ? AND date BETWEEN ? AND ? AND reader IS DISTINCT FROM ? LIMIT 1
            """, .integer(account), .text(stream), .text(first), .text(last), .integer(chunk)
        ) { _ in false } ?? true
    }

    /// `chunk` has read these days whole and stored `seen`: the days that it read alone get a digest.
    func settle(_ seen: SeenRows, of chunk: Int64, _ first: String, _ last: String) throws {
        guard !seen.contents.isEmpty else { return }
        let days = try sql.all(
            """
            SELECT c.date FROM coverage AS c
            WHERE c.account_id = ?1 AND c.stream = ?2 AND c.date BETWEEN ?3 AND ?4 AND c.reader = ?5
                AND NOT EXISTS (SELECT 1 FROM sync_digests AS d
                    WHERE d.account_id = ?1 AND d.stream = ?2 AND d.date = c.date)
            """, .integer(account), .text(stream), .text(first), .text(last), .integer(chunk)
        ) { $0.text(0) }
        guard !days.isEmpty else { return }
        try sql.runEach(
            "INSERT INTO sync_digests (account_id, stream, date, hashes) VALUES (?, ?, ?, ?)",
            zip(days, entries(of: days, in: seen)).filter { !$0.1.isEmpty }.map { day, entries in
                [.integer(account), .text(stream), .text(day), .blob(entries.withUnsafeBytes { Array($0) })]
            })
    }

    /// For each of these days the hashes of its rows, key and contents in turn. Of rows that came twice the later
    /// one is stored.
    private func entries(of days: [String], in seen: SeenRows) -> [[UInt64]] {
        var latest: [UInt64: Int] = Dictionary(minimumCapacity: seen.keys.count)
        for (index, key) in seen.keys.enumerated() { latest[key] = index }
        let isUnique = latest.count == seen.keys.count
        let numbers = days.map { SeenRows.day($0.utf8) }
        var entries = days.map { _ in [UInt64]() }
        var slot = 0
        for (index, key) in seen.keys.enumerated() where isUnique || latest[key] == index {
            let day = seen.days[index]
            // Rows mostly come with their days in order.
            let next = slot + 1 < numbers.count ? slot + 1 : 0
            if numbers[slot] != day { slot = numbers[next] == day ? next : numbers.firstIndex(of: day) ?? slot }
            guard numbers[slot] == day else { continue }
            entries[slot].append(key)
            entries[slot].append(seen.contents[index])
        }
        return entries
    }
}
