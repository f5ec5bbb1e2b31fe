package import ConnectorKit
package import SyncCore

/// What is wrong with the text of a credential, before anybody is asked.
package enum CredentialTextProblem: Error, Sendable, Hashable {
    /// It begins with a word that is no part of it.
    case bearer
    /// A space or a sign that no credential has.
    case sign
}

extension Credential {
    /// Nil when there is nothing but spaces. What stands around a secret comes from copying; what is none inside of it
    /// would only be refused by the platform, or break a header.
    package static func cleaned(_ typed: String) throws(CredentialTextProblem) -> String? {
        var text = typed[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        if text.lowercased().hasPrefix("bearer ") { throw .bearer }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .sign }
        return text.isEmpty ? nil : String(text)
    }

    /// What a person gave of it, without all that was got since.
    package func given(by platform: Platform) -> Credential {
        let names = Set(platform.credentialFields.map(\.name))
        return Credential(values.filter { names.contains($0.key) })
    }
}

extension Access {
    /// What a person gives for an account (nil: for none yet), under the name that such a credential has, with the
    /// settings that are stored for the same connection in `known`.
    package static func given(
        _ typed: Credential, of type: any Connector.Type, for account: String?, at baseURL: String,
        in workspace: WorkspaceID = .first, known: [Connection]
    ) -> Access {
        let credential = type.bound(typed, to: account)
        var access = Access(
            workspace: workspace, platform: type.platform.id, name: type.name(of: credential, account: account),
            baseURL: baseURL, credential: credential)
        // Settings of the connection without an account hold for those that have none of their own yet.
        let names = [access.name, type.name(of: credential, account: nil)]
        let stored = names.lazy.compactMap { name in
            known.first {
                $0.workspace == workspace && $0.platform == access.platform && $0.name == name
                    && $0.baseURL == access.baseURL
            }
        }.first
        access.configuration = stored?.configuration ?? [:]
        access.configuration["identity"] = type.identity(of: credential)
        return access
    }
}

extension [Connection] {
    /// An address as a connection to it is stored under already, else in the one form that each address has: with a
    /// slash at its end it is no other.
    package func address(_ text: String, of platform: PlatformID) throws(BaseURLError) -> String {
        let address = try BaseURL(text).text
        let same = filter { $0.platform == platform && (try? BaseURL($0.baseURL).text) == address }
        return same.contains { $0.baseURL == address } ? address : same.first?.baseURL ?? address
    }
}

extension [(key: QuotaKey, quota: Quota)] {
    /// The ends of those blocks that are not over.
    package func blocks(at now: Instant) -> [QuotaKey: Instant] {
        let open = compactMap { entry in
            entry.quota.blockedUntil.flatMap { $0 > now ? (entry.key, $0) : nil }
        }
        return Dictionary(uniqueKeysWithValues: open)
    }
}

extension Vault {
    /// What is known of the very credential of `access`, whatever was renewed of it since.
    package func standing(of access: Access, among known: [Connection]) -> Questioner.Standing {
        let same = known.first {
            $0.workspace == access.workspace && $0.platform == access.platform && $0.name == access.name
                && $0.baseURL == access.baseURL
        }
        guard let same, let values = try? open(same.sealed, for: same.sealSubject),
            access.isOrigin(of: Credential(values))
        else { return .new }
        return same.parked == nil ? .stored : .refused
    }
}
