import Crypto
import SyncCore

/// `audit_log`: a chain of hashes for each workspace.
struct AuditTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// Entries of a workspace come one after the other: each holds the hash of the one before it.
    func record(_ entry: AuditEntry) throws {
        _ = try sql.first("SELECT id FROM workspaces WHERE id = ? FOR UPDATE", .integer(entry.workspace.value)) { _ in
            true
        }
        let previous =
            try sql.first(
                "SELECT hash FROM audit_log WHERE workspace_id = ? ORDER BY id DESC LIMIT 1",
                .integer(entry.workspace.value)
            ) { $0.text(0) } ?? ""
        var entry = entry
        entry.at = transaction.now
        try sql.run(
            """
            INSERT INTO audit_log (workspace_id, at, actor, action, subject, detail, previous_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(entry.workspace.value), .text(transaction.nowText), .text(entry.actor), .text(entry.action),
            .text(entry.subject), .text(entry.detail), .text(previous), .text(AuditTable.hash(of: entry, on: previous)))
    }

    /// Lengths before the texts: no two entries have the same bytes.
    static func hash(of entry: AuditEntry, on previous: String) -> String {
        var hash = SHA256()
        for text in [
            previous, "\(entry.workspace)", entry.at.description, entry.actor, entry.action, entry.subject,
            entry.detail,
        ] {
            hash.update(data: Array("\(text.utf8.count):\(text)".utf8))
        }
        return HexText.of(hash.finalize())
    }

    func newest(of workspace: WorkspaceID, before: Int64?, limit: Int) throws -> [AuditEntry] {
        try sql.all(
            """
            SELECT id, at, actor, action, subject, detail, hash FROM audit_log
            WHERE workspace_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """, .integer(workspace.value), .integer(before ?? Int64.max), .integer(limit)
        ) { try entry($0, of: workspace) }
    }

    private func entry(_ row: ResultRow, of workspace: WorkspaceID) throws -> AuditEntry {
        AuditEntry(
            id: row.int64(0), workspace: workspace, at: try row.instant(1), actor: row.text(2), action: row.text(3),
            subject: row.text(4), detail: row.text(5), hash: row.text(6))
    }

    func verify(_ workspace: WorkspaceID) throws -> AuditChain {
        var chain = AuditChain(count: 0, brokenAt: nil)
        var previous = ""
        try sql.rows(
            """
            SELECT id, at, actor, action, subject, detail, hash, previous_hash FROM audit_log
            WHERE workspace_id = ? ORDER BY id
            """, .integer(workspace.value)
        ) { row in
            let entry = try entry(row, of: workspace)
            chain.count += 1
            let fits = row.text(7) == previous && entry.hash == AuditTable.hash(of: entry, on: previous)
            if !fits, chain.brokenAt == nil { chain.brokenAt = entry.id }
            previous = entry.hash
        }
        return chain
    }
}
