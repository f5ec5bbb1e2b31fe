import SyncCore

/// `sync_seen`: the rows that a chunk has read so far, so that its end knows which stored rows did not come.
struct SeenTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func append(_ seen: SeenRows, chunk: Int64, batch: Int, isSecond: Bool) throws {
        guard !seen.keys.isEmpty else { return }
        try sql.run(
            "INSERT INTO sync_seen (chunk_id, batch, key_hashes, contents, is_second) VALUES (?, ?, ?, ?, ?)",
            .integer(chunk), .integer(batch), .blob(seen.keyBytes), seen.contentBytes.map { .blob($0) } ?? .null,
            .flag(isSecond))
    }

    /// A row of the second listing came in the first too: what it belongs to has moved, and in a listing whose places
    /// are counted others were passed over.
    func hasMoved(_ chunk: Int64, last: SeenRows) throws -> Bool {
        var first: Set<UInt64> = []
        var second = last.keys
        try sql.rows("SELECT key_hashes, is_second FROM sync_seen WHERE chunk_id = ?", .integer(chunk)) { row in
            row.withBytes(0) { keys in
                if row.int(1) == 1 { second += SeenRows.numbers(keys) } else { first.formUnion(SeenRows.numbers(keys)) }
            }
        }
        return second.contains { first.contains($0) }
    }

    /// No batch of the chunk has brought a row yet.
    func isEmpty(_ chunk: Int64) throws -> Bool {
        try sql.first("SELECT 1 FROM sync_seen WHERE chunk_id = ? LIMIT 1", .integer(chunk)) { _ in false } ?? true
    }

    /// All rows of the chunk, those of earlier batches and `last`.
    func all(of chunk: Int64, and last: SeenRows) throws -> SeenRows {
        var seen = SeenRows()
        try sql.rows(
            "SELECT key_hashes, contents FROM sync_seen WHERE chunk_id = ? ORDER BY batch", .integer(chunk)
        ) { row in
            row.withBytes(0) { keys in
                guard !row.isNull(1) else { return seen.append(SeenRows(keyBytes: keys, contentBytes: nil)) }
                row.withBytes(1) { seen.append(SeenRows(keyBytes: keys, contentBytes: $0)) }
            }
        }
        seen.append(last)
        return seen
    }

    func remove(_ chunk: Int64) throws {
        try sql.run("DELETE FROM sync_seen WHERE chunk_id = ?", .integer(chunk))
    }
}

/// The stored form.
extension SeenRows {
    fileprivate var keyBytes: [UInt8] { keys.withUnsafeBytes { Array($0) } }

    /// Contents, then days; nil when they are not known.
    fileprivate var contentBytes: [UInt8]? {
        guard isWhole else { return nil }
        return contents.withUnsafeBytes { Array($0) } + days.withUnsafeBytes { Array($0) }
    }

    fileprivate init(keyBytes: UnsafeRawBufferPointer, contentBytes: UnsafeRawBufferPointer?) {
        let keys: [UInt64] = SeenRows.numbers(keyBytes)
        guard let contentBytes, contentBytes.count == keys.count * 12 else {
            self.init(keys: keys)
            return
        }
        self.init(
            keys: keys, contents: SeenRows.numbers(UnsafeRawBufferPointer(rebasing: contentBytes[..<(keys.count * 8)])),
            days: SeenRows.numbers(UnsafeRawBufferPointer(rebasing: contentBytes[(keys.count * 8)...])))
    }

    fileprivate static func numbers<Number: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer) -> [Number] {
        let size = MemoryLayout<Number>.size
        return (0..<bytes.count / size).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: Number.self) }
    }
}
