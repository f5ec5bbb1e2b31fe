package import SyncCore

/// How a person opens accounts to an app in the browser: a link leads there, and the browser comes back to an address
/// of ours with what gets the tokens, once.
package struct Consent: Sendable {
    /// From the base URL on: path and query.
    package var target: String
    /// For how long the link works.
    package var validFor: Duration

    package init(target: String, validFor: Duration) {
        self.target = target
        self.validFor = validFor
    }
}

/// What came of a consent.
package enum Granted: Sendable {
    /// The accounts that were opened, each with the credential that it has from now on.
    case accounts([(id: String, credential: Credential)])
    case failed(Failure)
}

extension Connector {
    package static func missing(from credential: Credential) -> CredentialField? { nil }

    package static var login: (any BrowserLogin.Type)? { nil }

    package static func objection(to credential: Credential, account: String?) -> String? { nil }

    package static func bound(_ credential: Credential, to account: String?) -> Credential { credential }

    package func consent(_ credential: Credential, redirect: String, at now: Instant) -> Consent? { nil }

    package func exchange(
        _ returned: [(name: String, value: String)], of credential: Credential, at now: Instant
    ) -> Call? { nil }

    package func granted(
        _ response: WireResponse, to returned: [(name: String, value: String)], of credential: Credential,
        at now: Instant
    ) -> Granted {
        .failed(.bug(Failure.Cause(code: "", "This platform knows no consent.")))
    }
}
