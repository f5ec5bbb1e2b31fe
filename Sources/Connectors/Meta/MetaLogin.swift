package import ConnectorKit
import HTTPTypes
package import SyncCore

/// Facebook Login (meta.md 8): the dialog gives a code, the code a token of an hour or two, and that one of 60 days.
/// Server side only: the secret of the app leaves towards Meta alone.
package struct MetaLogin: BrowserLogin {
    package static let fields = [
        CredentialField(
            "app_id", variable: "SLUICE_META_APP_ID", isRequired: true,
            summary: "The id of your app at Meta; with it people can sign in instead of pasting a token."),
        CredentialField(
            "app_secret", variable: "SLUICE_META_APP_SECRET", isRequired: true,
            summary: "The secret of the same app."),
    ]

    /// What the streams need.
    package static let scopes = ["ads_read", "business_management", "pages_show_list", "pages_read_engagement"]

    /// Of the login dialog; the API is elsewhere.
    private static let dialogHost = "https://www.facebook.com"
    static let life: Duration = .seconds(5_184_000)

    let appID: String
    let appSecret: String

    package init?(app: Credential) {
        guard let id = app["app_id"], let secret = app["app_secret"], !id.isEmpty, !secret.isEmpty else { return nil }
        appID = id
        appSecret = secret
    }

    package var configuration: [String: String] { ["app_id": appID] }

    // MARK: The dialog

    package func page(at baseURL: String, redirect: String, state: String, asksAgain: Bool) -> String {
        var query = [
            ("client_id", appID), ("redirect_uri", redirect), ("state", state),
            ("scope", MetaLogin.scopes.joined(separator: ",")), ("response_type", "code"),
        ]
        if asksAgain { query.append(("auth_type", "rerequest")) }
        // Whatever stands for Meta's API stands for its dialog, too.
        let host = baseURL == MetaPlatform.platform.baseURL ? MetaLogin.dialogHost : baseURL
        return "\(host)/\(MetaPlatform.version)/dialog/oauth?\(FormCoding.encode(query))"
    }

    package func code(in returned: [(name: String, value: String)]) -> Result<String, Failure> {
        func value(_ name: String) -> String? { returned.first { $0.name == name && !$0.value.isEmpty }?.value }
        if let code = value("code") { return .success(code) }
        if value("error_reason") == "user_denied" || value("error") == "access_denied" {
            return .failure(
                .ownerMustAct(
                    Failure.Cause(
                        code: value("error_code") ?? "", "Meta was not allowed to give Sluice access.",
                        advice: "Sign in again and agree, or paste a token.")))
        }
        return .failure(
            .ownerMustAct(
                Failure.Cause(
                    code: value("error_code") ?? "", "Meta sent no code back.",
                    advice: "Sign in again. The app's settings at Meta must name the address of Sluice.")))
    }

    // MARK: Two calls

    package func exchange(code: String, redirect: String) -> Call {
        call([("redirect_uri", redirect)], secret: ("code", code))
    }

    package func lengthening(_ response: WireResponse, at now: Instant) -> Result<Call, Failure> {
        token(in: response, at: now).map { lengthening($0.token) }
    }

    /// Also renews one that lasts, as long as it lives.
    func lengthening(_ token: String) -> Call {
        call([("grant_type", "fb_exchange_token")], secret: ("fb_exchange_token", token))
    }

    package func credential(_ response: WireResponse, at now: Instant) -> Result<Credential, Failure> {
        token(in: response, at: now).map { found in
            var credential = Credential([:])
            credential["token"] = found.token
            credential["app_secret"] = appSecret
            return credential.lasting(found.life, at: now)
        }
    }

    /// Secrets follow the target on the wire and stand in no log.
    private func call(_ items: [(String, String)], secret: (name: String, value: String)) -> Call {
        let query = FormCoding.encode([("client_id", appID)] + items)
        var request = WireRequest(
            .get, "/\(MetaPlatform.version)/oauth/access_token?\(query)", headers: [.accept: "application/json"],
            timeout: .seconds(30))
        request.confidential = [(name: "client_secret", value: appSecret), secret]
        return Call(request, costs: MetaQuotas(app: appID, account: "").costs([.app]))
    }

    func token(
        in response: WireResponse, at now: Instant
    ) -> Result<(token: String, life: Duration?), Failure> {
        let body = JSONTree.parse(response.body)
        if (200..<300).contains(response.status), let token = body?["access_token"]?.string, !token.isEmpty {
            // Without a word on its life it lasts as long as such tokens do; 0 means for ever.
            let life = body?["expires_in"]?.int.map { Duration.seconds($0) } ?? MetaLogin.life
            return .success((token: token, life: life > .zero ? life : nil))
        }
        let error = MetaError(status: response.status, envelope: body?["error"]) ?? MetaError(status: response.status)
        return .failure(failure(error, response, now))
    }

    private func failure(_ error: MetaError, _ response: WireResponse, _ now: Instant) -> Failure {
        switch (error.code, error.subcode) {
        case (100, 36007), (100, 36009):
            return .ownerMustAct(
                Failure.Cause(code: error.label, "The code of this sign-in is used up.", advice: "Sign in again."))
        case (100, 36008):
            return .permanentConfiguration(
                Failure.Cause(
                    code: error.label, "Meta does not take the address that it sent the browser back to.",
                    advice: "Enter the address of Sluice in the app's settings at Meta."))
        case (101, _),
            (1, _) where response.status == 400:
            return .permanentConfiguration(
                Failure.Cause(
                    code: error.label, "Meta does not know the app, or its secret is another.",
                    advice: "Correct SLUICE_META_APP_ID and SLUICE_META_APP_SECRET."))
        default:
            return error.failure(MetaQuotas(app: appID, account: ""), [.app], usage: MetaUsage(response), at: now)
        }
    }
}

// MARK: - Tokens that a sign-in brought

extension Credential {
    /// With the end of its token; nil for never.
    func lasting(_ life: Duration?, at now: Instant) -> Credential {
        var lasting = self
        lasting["renewed_at"] = String(now.seconds)
        lasting["expires_at"] = life.map { String((now + $0).seconds) }
        return lasting
    }
}

extension MetaConnector {
    package static var login: (any BrowserLogin.Type)? { MetaLogin.self }

    /// A token that a sign-in brought is exchanged when half of its life is over, while it still works; Meta exchanges
    /// none that is over (meta.md 8). Of a token that was pasted nothing is known.
    package func renewal(
        of credential: Credential, account: String, because reason: RenewalReason, at now: Instant
    ) -> Call? {
        guard reason == .due, let login = login(credential), let token = credential["token"],
            let begin = credential["renewed_at"].flatMap({ Int64($0) }),
            let end = credential["expires_at"].flatMap({ Int64($0) }),
            now.seconds < end, now.seconds - begin >= (end - begin) / 2
        else { return nil }
        return login.lengthening(token)
    }

    package func renewed(
        _ response: WireResponse, of credential: Credential, account: String, at now: Instant
    ) -> Renewed {
        guard let login = login(credential) else {
            return .failed(.bug(Failure.Cause(code: "", "Nothing of this credential can be renewed.")))
        }
        switch login.token(in: response, at: now) {
        case .success(let found):
            var renewed = credential
            renewed["token"] = found.token
            return .credential(renewed.lasting(found.life, at: now))
        case .failure(let failure): return .failed(failure)
        }
    }

    private func login(_ credential: Credential) -> MetaLogin? {
        guard let appID = configuration.appID else { return nil }
        var app = Credential([:])
        app["app_id"] = appID
        app["app_secret"] = credential["app_secret"]
        return MetaLogin(app: app)
    }
}
