package import SyncCore

/// Writes backups for the server. What one is belongs to the program that holds the server; here it is only asked for.
package protocol BackupKeeper: Sendable {
    /// Where the files are; nil where nobody has said: then there is none to write.
    var place: String? { get }
    /// The newest first.
    func files() async throws -> [BackupFile]
    /// Begins one; false while another is being written.
    func begin() async -> Bool
    var state: BackupState { get }
}

package struct BackupFile: Sendable, Hashable {
    package var name: String
    package var at: Instant
    package var bytes: Int
    package init(name: String, at: Instant, bytes: Int) {
        self.name = name
        self.at = at
        self.bytes = bytes
    }
}

package enum BackupState: Sendable, Hashable {
    case idle
    case running(since: Instant)
    /// The last one did not come to its end, and why.
    case failed(at: Instant, why: String)
}
