import StoreSQL

/// Hints travel by NOTIFY on one channel, with the hint's name as the payload: equal ones of a transaction are one.
enum StoreHints {
    static let channel = "sluice"

    /// To be called behind the transaction's last write. The journal's growth is not told by itself: whoever watches
    /// it looks several times a second, and a notification takes a lock of the whole database at commit.
    static func send(_ hints: Set<StoreHint>, on connection: PostgresConnection) throws {
        for hint in hints.subtracting([.events]).sorted(by: { $0.rawValue < $1.rawValue }) {
            try connection.execute("SELECT pg_notify($1, $2)", [.text(channel), .text(hint.rawValue)])
        }
    }
}
