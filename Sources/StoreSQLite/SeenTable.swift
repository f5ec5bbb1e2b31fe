import SyncCore

/// `sync_seen`: the keys that a chunk has read so far, so that its end knows which stored rows did not come.
struct SeenTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    func append(_ hashes: [UInt64], chunk: Int64, batch: Int) throws {
        guard !hashes.isEmpty else { return }
        try sql.run(
            "INSERT INTO sync_seen (chunk_id, batch, key_hashes) VALUES (?, ?, ?)",
            .integer(chunk), .integer(batch), .blob(hashes.withUnsafeBytes { Array($0) }))
    }

    /// All keys of the chunk, those of earlier batches and `last`.
    func all(of chunk: Int64, and last: [UInt64]) throws -> [UInt64] {
        var seen = last
        try sql.rows("SELECT key_hashes FROM sync_seen WHERE chunk_id = ?", .integer(chunk)) { row in
            row.withBytes(0) { bytes in
                for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
                    seen.append(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                }
            }
        }
        return seen
    }

    func remove(_ chunk: Int64) throws {
        try sql.run("DELETE FROM sync_seen WHERE chunk_id = ?", .integer(chunk))
    }
}
