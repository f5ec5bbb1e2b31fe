/// What the driver learns about the server right after it has connected.
package struct PostgresServer: Sendable, Hashable {
    /// 150018 for 15.18.
    package let version: Int
    /// A standby, or a server whose sessions may only read by default.
    package let isReadOnly: Bool
    /// The encoding of the database.
    package let encoding: String
    /// Whether a pooler stands between us and the server, and may run each transaction on another connection:
    /// then there are no named statements, no notifications and no other state of a session.
    package let isPooled: Bool

    static let oldestVersion = 140_000

    package init(version: Int, isReadOnly: Bool, encoding: String, isPooled: Bool) {
        self.version = version
        self.isReadOnly = isReadOnly
        self.encoding = encoding
        self.isPooled = isPooled
    }

    /// Throws unless Sluice can write here.
    package func check() throws(PostgresError) {
        if version < PostgresServer.oldestVersion {
            let found = version >= 100_000 ? "\(version / 10_000)" : "\(version / 10_000).\(version / 100 % 100)"
            throw PostgresError(
                .tooOld,
                sentence: "The server is PostgreSQL \(found) and Sluice needs 14 or later; upgrade it or name another.")
        }
        if encoding != "UTF8" {
            throw PostgresError(
                .unsupported,
                sentence: "The database stores text as \(encoding), which cannot hold every name; "
                    + "create one with ENCODING 'UTF8'.")
        }
        if isReadOnly { throw PostgresError(.readOnly) }
    }
}
