package import ConnectorKit
import Crypto
package import SyncCore

/// A credential and an address as people give them, or as they are stored.
package struct Access: Sendable {
    package var platform: PlatformID
    package var name: String
    package var baseURL: String
    package var credential: Credential
    package var configuration: [String: String]

    package init(
        platform: PlatformID, name: String = "default", baseURL: String, credential: Credential,
        configuration: [String: String] = [:]
    ) {
        self.platform = platform
        self.name = name
        self.baseURL = baseURL
        self.credential = credential.withGiven()
        self.configuration = configuration
    }

    /// Whether this is what `stored` was made from: tokens may have been renewed since, and those count.
    package func isOrigin(of stored: Credential) -> Bool { credential.given == stored.given }
}

extension Credential {
    private static let givenName = "given"

    /// A hash of what a person gave, kept with all that was got since: who gives the same again means the same
    /// credential, whose first tokens may be worn out by now.
    var given: String? { self[Credential.givenName] }

    fileprivate func withGiven() -> Credential {
        guard given == nil else { return self }
        var hash = SHA256()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            hash.update(data: Array("\(name)\0\(value.reveal())\0".utf8))
        }
        var kept = self
        kept[Credential.givenName] = hash.finalize().map { String($0, radix: 16) }.joined(separator: " ")
        return kept
    }
}
