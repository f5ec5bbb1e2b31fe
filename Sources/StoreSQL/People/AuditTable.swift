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
        let hash = AuditTable.hash(of: entry, on: previous)
        let count = try head(entry.workspace)?.count ?? self.count(entry.workspace)
        try sql.run(
            """
            INSERT INTO audit_log (workspace_id, at, actor, action, subject, detail, previous_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(entry.workspace.value), .text(transaction.nowText), .text(entry.actor), .text(entry.action),
            .text(entry.subject), .text(entry.detail), .text(previous), .text(hash))
        try SettingTable(transaction: transaction).set(
            AuditTable.head(of: entry.workspace), to: "\(count + 1) \(hash)")
    }

    // MARK: Its end

    /// How long the chain is and what it ends with stands beside it: entries that are taken off its end leave a chain
    /// that fits.
    private static func head(of workspace: WorkspaceID) -> String { "audit_head_\(workspace)" }

    private func head(_ workspace: WorkspaceID) throws -> (count: Int, hash: String)? {
        let text = try SettingTable(transaction: transaction).value(AuditTable.head(of: workspace))
        let parts = (text ?? "").split(separator: " ").map(String.init)
        guard parts.count == 2, let count = Int(parts[0]) else { return nil }
        return (count: count, hash: parts[1])
    }

    private func count(_ workspace: WorkspaceID) throws -> Int {
        try sql.first("SELECT count(*) FROM audit_log WHERE workspace_id = ?", .integer(workspace.value)) {
            $0.int(0)
        } ?? 0
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

    func entries(_ filter: AuditFilter, before: Int64?, limit: Int) throws -> [AuditEntry] {
        var texts = ["workspace_id = ?", "id < ?"]
        var values: [Bound] = [.integer(filter.workspace.value), .integer(before ?? Int64.max)]
        func add(_ text: String, _ bounds: [Bound]) {
            texts.append(text)
            values += bounds
        }
        if let actor = filter.actor {
            // By the name, all that the person did; by name and address, with the tokens too.
            let start = LogTable.escaped(actor)
            let condition = ["actor = ?"] + Array(repeating: "actor LIKE ? ESCAPE '\\'", count: 2)
            add(
                "(\(condition.joined(separator: " OR ")))",
                [.text(actor), .text("\(start) <%"), .text("\(start) (%")])
        }
        if let from = filter.from { add("at >= ?", [.text(from.description)]) }
        if let to = filter.to { add("at < ?", [.text(to.description)]) }
        if let text = filter.text {
            let pattern = "%\(LogTable.escaped(text.lowercased()))%"
            let condition = ["action", "subject", "detail"].map { "sluice_folded(\($0)) LIKE ? ESCAPE '\\'" }
            add("(\(condition.joined(separator: " OR ")))", Array(repeating: .text(pattern), count: 3))
        }
        var found: [AuditEntry] = []
        _ = try sql.session.run(
            built: """
                SELECT id, at, actor, action, subject, detail, hash FROM audit_log
                WHERE \(texts.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(limit)
                """, values
        ) { found.append(try entry($0, of: filter.workspace)) }
        return found
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
        if let head = try head(workspace), chain.brokenAt == nil, head.hash != previous {
            chain.missing = max(1, head.count - chain.count)
        }
        return chain
    }
}
