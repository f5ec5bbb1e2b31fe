import StoreTransfer
import SyncCore
import Wording

/// What a promotion, a backup or a restore came to.
struct TransferReport: Sendable {
    struct Table: Sendable {
        var name: String
        var rows: Int
        var isVerified: Bool
    }

    var tables: [Table] = []
    /// Values that the new database cannot hold and that were replaced.
    var replaced = 0
    /// What else goes into the object of `--json`.
    var facts: [(name: String, value: JSONLine.Value)] = []
    var notes: [String] = []

    init(_ layouts: [TableLayout], written: [String: TableDigest], found: [String: TableDigest]) {
        tables = layouts.map {
            Table(
                name: $0.name, rows: written[$0.name]?.rows ?? 0,
                isVerified: written[$0.name] != nil && written[$0.name] == found[$0.name])
        }
    }

    var differing: [String] { tables.filter { !$0.isVerified }.map(\.name) }
    var rows: Int { tables.reduce(0) { $0 + $1.rows } }

    /// The one line of `--json`.
    func json(seconds: Double) -> String {
        let counts = tables.map { "\"\($0.name)\":\($0.rows)" }.joined(separator: ",")
        let verified = "[\(differing.map { "\"\($0)\"" }.joined(separator: ","))]"
        let status = differing.isEmpty ? "completed" : "failed"
        let head = JSONLine([("status", .text(status))] + facts).text.dropLast()
        return "\(head),\"rows\":{\(counts)},\"differing\":\(verified),\"replaced\":\(replaced),"
            + "\"seconds\":\((seconds * 1000).rounded() / 1000)}"
    }

    /// For people: what is in each table; empty ones say nothing.
    func text(_ words: Words, seconds: Duration) -> String {
        let heads = words.transferHeads
        let shown = tables.filter { $0.rows > 0 || !$0.isVerified }
        let width = max(heads.table.count, shown.map(\.name.count).max() ?? 0) + 2
        var lines = [heads.table.padding(to: width) + heads.rows.leading(to: 14) + "  " + heads.verified]
        for table in shown {
            let verdict = table.isVerified ? words.yes : words.differs
            lines.append(table.name.padding(to: width) + words.number(table.rows).leading(to: 14) + "  " + verdict)
        }
        lines.append(words.inAll(rows: rows, seconds))
        if replaced > 0 { lines.append(words.replaced(replaced)) }
        return (lines + notes).joined(separator: "\n")
    }
}
