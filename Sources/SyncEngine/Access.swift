package import ConnectorKit
import Crypto
package import SyncCore

/// A credential and an address as people give them, or as they are stored.
package struct Access: Sendable {
    package var workspace: WorkspaceID
    package var platform: PlatformID
    package var name: String
    package var baseURL: String
    package var credential: Credential
    package var configuration: [String: String]
    /// A person gave the address on the web page.
    package var isGuarded = false

    package init(
        workspace: WorkspaceID = .first, platform: PlatformID, name: String = "default", baseURL: String,
        credential: Credential, configuration: [String: String] = [:]
    ) {
        self.workspace = workspace
        self.platform = platform
        self.name = name
        self.baseURL = baseURL
        self.credential = credential.withGiven()
        self.configuration = configuration
    }

    /// With what it lacks from `stored`: a consent got that, and it may have been renewed since. Where a person gives
    /// something else now than then, that counts, and all of it as given anew.
    package func completed(by stored: Credential) -> Access {
        var whole = self
        whole.credential = stored
        for (name, value) in typed.values { whole.credential.values[name] = value }
        guard whole.credential != stored else { return whole }
        whole.credential[Credential.givenName] = nil
        whole.credential = whole.credential.withGiven()
        return whole
    }

    /// The credential as a person gave it.
    var typed: Credential {
        var typed = credential
        typed[Credential.givenName] = nil
        return typed
    }

    /// Whether this is what `stored` was made from: tokens may have been renewed since, and those count.
    package func isOrigin(of stored: Credential) -> Bool { credential.given == stored.given }
}

extension Credential {
    fileprivate static let givenName = "given"

    /// A hash of what a person gave, kept with all that was got since: who gives the same again means the same
    /// credential, whose first tokens may be worn out by now.
    var given: String? { self[Credential.givenName] }

    fileprivate func withGiven() -> Credential {
        guard given == nil else { return self }
        var kept = self
        kept[Credential.givenName] = HexText.of(digest)
        return kept
    }

    /// Of all values by their names.
    var digest: SHA256.Digest {
        var hash = SHA256()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            hash.update(data: Array("\(name)\0\(value.reveal())\0".utf8))
        }
        return hash.finalize()
    }
}
