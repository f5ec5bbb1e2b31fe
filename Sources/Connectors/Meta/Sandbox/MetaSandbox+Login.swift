import ConnectorKit
import SyncCore

/// Facebook Login (meta.md 8): the dialog of the browser, and what the server of the app exchanges.
extension MetaSandbox {
    /// A code that the dialog gave out.
    struct LoginCode: Sendable {
        var madeAt: Instant
        var redirect: String
        var scopes: [String]
        var isUsed = false
    }
}

extension MetaSandbox.AuthState {
    typealias Request = MetaSandbox.Request
    typealias GraphError = MetaSandbox.GraphError
    typealias JSON = SandboxJSON

    private static let codeLife: Duration = .seconds(600)
    private static let shortLife: Int64 = 5100
    private static let longLife: Int64 = 5_184_000

    // MARK: Exchanges

    /// `GET /oauth/access_token`: code, long-lived and app tokens.
    mutating func exchange(_ request: Request, at now: Instant) throws(GraphError) -> JSON {
        guard request.params["client_id"] == world.auth.appID else {
            throw GraphError(101, nil, "Error validating application. Cannot get application info.")
        }
        guard request.params["client_secret"] == world.auth.appSecret else {
            throw GraphError(1, nil, "Error validating client secret.")
        }
        switch request.params["grant_type"] ?? "" {
        case "client_credentials":
            return .object([("access_token", .text(appToken)), ("token_type", .text("bearer"))])
        case "fb_exchange_token":
            var short = request
            short.token = request.params["fb_exchange_token"]
            short.proof = MetaSandbox.AuthState.proof(of: short.token ?? "", secret: world.auth.appSecret)
            _ = try grant(short, at: now)
            let token = try resolve(short.token ?? "").0
            return issue(token, scopes: token.scopes, seconds: MetaSandbox.AuthState.longLife, at: now)
        default:
            let scopes = try use(request, at: now)
            return issue(tokens[0], scopes: scopes, seconds: MetaSandbox.AuthState.shortLife, at: now)
        }
    }

    /// A code works once, within ten minutes, and with the address that the dialog was told.
    private mutating func use(_ request: Request, at now: Instant) throws(GraphError) -> [String] {
        guard let text = request.params["code"], var code = codes[text] else {
            throw .parameter("Invalid verification code format.", blame: "code")
        }
        guard !code.isUsed else { throw GraphError(100, 36009, "This authorization code has been used.") }
        guard now - code.madeAt < MetaSandbox.AuthState.codeLife else {
            throw GraphError(100, 36007, "This authorization code has expired.")
        }
        guard request.params["redirect_uri"] == code.redirect else {
            throw GraphError(
                100, 36008,
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you "
                    + "used in the OAuth dialog request")
        }
        code.isUsed = true
        codes[text] = code
        return code.scopes
    }

    private mutating func issue(
        _ model: MetaWorld.Auth.Token, scopes: [String], seconds: Int64, at now: Instant
    ) -> JSON {
        given += 1
        var fresh = model
        fresh.value = "EAAGx\(given)\(String(Mix.hash(Mix.hash(model.value), given), radix: 36).uppercased())"
        fresh.type = "USER"
        fresh.scopes = scopes
        fresh.expiresAt = now + .seconds(seconds)
        fresh.brokenFrom = nil
        tokens.append(fresh)
        return .object([
            ("access_token", .text(fresh.value)), ("token_type", .text("bearer")), ("expires_in", .int(seconds)),
        ])
    }

    // MARK: The dialog

    /// `GET /dialog/oauth`: a page that says what is wrong, or where the browser is sent, with a code or a refusal.
    mutating func dialog(_ request: Request, at now: Instant) -> MetaSandbox.Answer {
        guard request.params["client_id"] == world.auth.appID else {
            return page("Invalid App ID: The provided app ID does not look like a valid app ID.")
        }
        let back = request.params["redirect_uri"] ?? ""
        let isKnown = world.auth.redirects.isEmpty || world.auth.redirects.contains { back.hasPrefix($0) }
        guard isKnown, back.hasPrefix("https://") || back.hasPrefix("http://") else {
            return page(
                "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's Client "
                    + "OAuth Settings.")
        }
        if world.auth.dialogDenies {
            return sent(
                back,
                [
                    ("error", "access_denied"), ("error_code", "200"), ("error_description", "Permissions error"),
                    ("error_reason", "user_denied"),
                ], request)
        }
        given += 1
        let code = "AQ\(String(Mix.hash(world.seed, given), radix: 36))"
        // A person may untick what an app asks for, and cannot give what the app may not ask for.
        let asked = Set((request.params["scope"] ?? "").split { $0 == "," || $0 == " " }.map(String.init))
        let scopes = tokens[0].scopes.filter { asked.contains($0) && !world.auth.dialogDeclines.contains($0) }
        codes[code] = MetaSandbox.LoginCode(madeAt: now, redirect: back, scopes: scopes)
        return sent(back, [("code", code)], request)
    }

    private func sent(_ back: String, _ items: [(String, String)], _ request: Request) -> MetaSandbox.Answer {
        let all = items + (request.params["state"].map { [("state", $0)] } ?? [])
        var answer = MetaSandbox.Answer(body: [])
        answer.status = 302
        // Browsers come back with this behind the state since 2009.
        let location = back + (back.contains("?") ? "&" : "?") + FormCoding.encode(all) + "#_=_"
        answer.headers = [("Location", location)]
        return answer
    }

    private func page(_ text: String) -> MetaSandbox.Answer {
        var answer = MetaSandbox.Answer(body: Array("<!doctype html><title>Error</title><p>\(text)</p>".utf8))
        answer.status = 400
        answer.headers = [("Content-Type", "text/html; charset=utf-8")]
        return answer
    }
}
