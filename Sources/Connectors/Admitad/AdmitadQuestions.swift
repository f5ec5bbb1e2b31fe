package import ConnectorKit
package import SyncCore

/// What is asked outside of a job. One cheap call tells whether the credential works.
extension AdmitadConnector {
    package func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        requests.get("/statistics/actions/", [("limit", "1"), ("offset", "0")], credential).reusable(for: .seconds(60))
    }

    package func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        guard (200..<300).contains(response.status), JSONTree.parse(response.body)?["results"]?.items != nil else {
            let isYoung = AdmitadToken.isYoung(credential, at: now)
            return .failed(
                AdmitadError(response).failure(
                    of: "actions", scope: "statistics", quota: requests.quota, isYoung: isYoung, at: now))
        }
        switch question {
        case .account(let id): return id == AdmitadConnector.account ? .account(facts(credential)) : unknown(id)
        case .accounts: return .accounts([facts(credential)], next: nil)
        case .credential: return .credential(credentialFacts(credential))
        }
    }

    private func facts(_ credential: Credential) -> AccountFacts {
        let user = credential[AdmitadToken.user].map { " \($0)" } ?? ""
        return AccountFacts(
            externalID: AdmitadConnector.account, name: "Admitad\(user)", currency: AccountFacts.severalCurrencies,
            zoneName: settings.zoneName, createdOn: settings.since)
    }

    private func unknown(_ id: String) -> Answer {
        .failed(
            .gone(
                Failure.Cause(
                    code: "", "Admitad has one account for each credential.", advice: "Write --account me.")))
    }

    private func credentialFacts(_ credential: Credential) -> CredentialFacts {
        let scopes = (credential[AdmitadToken.scope] ?? "").split(separator: " ").map(String.init)
        let missing = scopes.isEmpty ? [] : AdmitadPlatform.scopes.filter { !scopes.contains($0) }
        return CredentialFacts(
            isValid: true, scopes: scopes,
            warnings: missing.map { "The application lacks the scope \($0): its rows cannot be read." })
    }
}
