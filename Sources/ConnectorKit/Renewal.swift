package import SyncCore

/// Why a credential is to be renewed.
package enum RenewalReason: Sendable, Hashable {
    /// It lacks what calls need, or that is about to end.
    case due
    /// The platform has refused a call that was made with it.
    case refused
}

/// What came of asking for a renewal.
package enum Renewed: Sendable {
    /// The credential with what was got, in place of the old one. It is stored before any call is made with it
    /// (design.md, rule 10).
    case credential(Credential)
    case failed(Failure)
}

extension Connector {
    package static func name(of credential: Credential, account: String?) -> String { "default" }

    package func account(for question: Question) -> String {
        if case .account(let id) = question { id } else { "" }
    }

    package static var ownSecrets: [String] { [] }

    package static func identity(of credential: Credential) -> String? { nil }

    package func renewal(
        of credential: Credential, account: String, because reason: RenewalReason, at now: Instant
    ) -> Call? { nil }

    package func renewed(
        _ response: WireResponse, of credential: Credential, account: String, at now: Instant
    ) -> Renewed {
        .failed(.bug(Failure.Cause(code: "", "Nothing of this credential can be renewed.")))
    }
}
