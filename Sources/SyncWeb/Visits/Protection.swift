import HTTPTypes
import Hummingbird
import SyncCore
import Wording

/// Headers on every answer, and the door for calls that another site makes a browser send.
struct Protection: RouterMiddleware {
    typealias Context = WebContext
    let cookies: SessionCookie
    var caller = CallerAddress(isProxied: false)

    /// Nothing inline, nothing of others (design.md 10). Styles and scripts come from here alone.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "manifest-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.address = caller.address(request, peer: context.address)
        context.wantsJSON = Protection.wantsJSON(request)
        context.words = Words(language: Language.of(request, chosen: cookies.language(of: request)))
        var response = try await next(request, context)
        let headers: [(HTTPField.Name?, String)] = [
            (.contentSecurityPolicy, Protection.policy), (.xContentTypeOptions, "nosniff"),
            (HTTPField.Name("Referrer-Policy"), "same-origin"), (HTTPField.Name("X-Frame-Options"), "DENY"),
            (HTTPField.Name("Cross-Origin-Opener-Policy"), "same-origin"),
            (HTTPField.Name("Cross-Origin-Resource-Policy"), "same-origin"),
            (HTTPField.Name("Permissions-Policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
        ]
        for (name, value) in headers {
            if let name { response.headers[name] = value }
        }
        if cookies.isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000; includeSubDomains" }
        // What says itself how long it is good is the same for everybody.
        if response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = "no-store"
            response.headers[.vary] = "Accept, Accept-Language, Cookie"
        }
        return response
    }

    /// Browsers name `text/html`; programs ask for JSON or for anything. Of two with the same weight the first counts,
    /// and a name before `*/*`.
    static func wantsJSON(_ request: Request) -> Bool {
        let wishes = request.wishes(.accept)
        guard let html = wishes.firstIndex(where: { $0.name == "text/html" && $0.quality > 0 }) else { return true }
        let json = wishes.firstIndex { $0.name == "application/json" }
        let any = json ?? wishes.firstIndex { $0.name == "application/*" || $0.name == "*/*" }
        guard let any else { return false }
        let (left, right) = (wishes[any].quality, wishes[html].quality)
        return left == right ? json.map { $0 < html } ?? false : left > right
    }

    /// Throws for a call that changes something and that another site sent. The browser says so itself (Sec-Fetch-Site,
    /// else Origin); what has neither header comes from no browser, and has no cookie that it does not know of.
    /// `known` is the host that people type, where a proxy stands before us.
    static func checkOrigin(_ request: Request, known: String? = nil) throws {
        switch request.method {
        case .get, .head, .options: return
        default: break
        }
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            guard site == "same-origin" || site == "none" else { throw WebError.foreign }
            return
        }
        guard let origin = request.headers[.origin] else { return }
        let host = origin.split(separator: "/").last.map(String.init) ?? ""
        guard host == request.head.authority ?? "" || host == known else { throw WebError.foreign }
    }
}

/// `checkOrigin` for all routes. Only a call with a token that works needs no cookie.
struct SameOrigin: RouterMiddleware {
    typealias Context = WebContext
    let host: String?

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if context.visitor?.isProgram != true { try Protection.checkOrigin(request, known: host) }
        return try await next(request, context)
    }
}
