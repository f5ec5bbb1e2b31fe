import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore
import Synchronization
import Wording

/// Finds out who makes a call: by the session's cookie, or by an API token. Whoever is not signed in goes on without
/// being known; each route says whom it wants.
struct Authentication: RouterMiddleware {
    typealias Context = WebContext
    let people: any PeopleStore
    let cookies: SessionCookie
    let clock: any WallClock
    private let touches = Touches()

    init(people: any PeopleStore, cookies: SessionCookie, clock: any WallClock) {
        self.people = people
        self.cookies = cookies
        self.clock = clock
    }

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.visitor = try await visitor(request)
        // A program says what it wants; a browser, and with it the script of a page, what it was installed with.
        let asks = context.wantsJSON && Language.isNamed(in: request) && !request.isOfScript
        if let chosen = context.visitor?.user.preferences.language, !asks {
            context.words = Words(language: Language.of(request, chosen: chosen))
        }
        // Programs of the replaced system ask for no language and know its Vietnamese.
        if request.uri.path.hasPrefix("/facebook/"), !Language.isNamed(in: request) {
            context.words = Words(language: .vietnamese)
        }
        return try await next(request, context)
    }

    private func visitor(_ request: Request) async throws -> Visitor? {
        // Another scheme is meant for a proxy before us.
        if let text = request.headers[.authorization], text.lowercased().hasPrefix("bearer ") {
            return try await visitor(token: String(text.dropFirst(7)).trimmed)
        }
        guard let ticket = cookies.ticket(of: request),
            let found = try await people.session(Ticket.hash(ticket))
        else { return nil }
        let now = clock.now
        guard now - found.session.seenAt < SessionCookie.idle else {
            await touches.make(found.session.hash) { try await people.end(session: found.session.hash) }
            return nil
        }
        if now - found.session.seenAt > .seconds(60) {
            await touches.make(found.session.hash) { try await people.touch(found.session.hash, workspace: nil) }
        }
        return Visitor(
            user: found.user, role: found.role, workspace: found.workspace, means: .session(found.session.hash))
    }

    /// Throws for a token that does not work: whoever sends one means it.
    private func visitor(token text: String) async throws -> Visitor {
        guard Ticket.isToken(text), let found = try await people.token(Ticket.hash(text)) else {
            throw WebError(
                .unauthorized, "token_refused", "This API token does not work.",
                advice: "It may have expired or been revoked. Make a new one under Settings, API tokens.")
        }
        if found.token.usedAt.map({ clock.now - $0 > .seconds(60) }) ?? true {
            await touches.make(found.token.hash) { try await people.touch(found.token.id) }
        }
        return Visitor(user: found.user, role: found.role, workspace: found.workspace, means: .token(found.token))
    }
}

/// Notes that something is used. A database that cannot write keeps nobody from looking, and of many calls at once one
/// writes.
final class Touches: Sendable {
    private let running = Mutex<Set<String>>([])

    func make(_ key: String, _ note: () async throws -> Void) async {
        guard running.withLock({ $0.insert(key).inserted }) else { return }
        defer { running.withLock { _ = $0.remove(key) } }
        try? await note()
    }
}

/// The cookie that holds a session's id, and the one of a visitor's language and theme.
struct SessionCookie: Sendable {
    /// Behind TLS the name binds it to this host (`__Host-`); browsers keep no such cookie without TLS.
    let isSecure: Bool

    static let idle: Duration = .seconds(12 * 3600)
    static let longest: Duration = .seconds(14 * 86_400)

    private var name: String { isSecure ? "__Host-sluice" : "sluice" }

    func ticket(of request: Request) -> String? { request.cookies[name]?.value }

    func language(of request: Request) -> String? { request.cookies["language"]?.value }
    func theme(of request: Request) -> String? { request.cookies["theme"]?.value }

    func set(_ ticket: String, on response: inout Response) {
        response.setCookie(
            Cookie(
                name: name, value: ticket, maxAge: Int(SessionCookie.longest.inSeconds), path: "/", secure: isSecure,
                httpOnly: true, sameSite: .lax))
    }

    func clear(on response: inout Response) {
        response.setCookie(
            Cookie(name: name, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax))
    }

    /// Kept for a year: who signs out keeps the language.
    func set(_ name: String, _ value: String, on response: inout Response) {
        response.setCookie(
            Cookie(
                name: name, value: value, maxAge: 365 * 86_400, path: "/", secure: isSecure, httpOnly: true,
                sameSite: .lax))
    }
}

enum Language {
    static func isNamed(in request: Request) -> Bool {
        !known(request).isEmpty
    }

    /// `en` or `vi` where it was chosen, else the first of the two that the browser asks for.
    static func of(_ request: Request, chosen: String?) -> Words.Language {
        switch chosen {
        case "vi": return .vietnamese
        case "en": return .english
        default: break
        }
        // The first of those that are wanted most.
        let best = known(request).enumerated().max { left, right in
            (left.element.quality, -left.offset) < (right.element.quality, -right.offset)
        }
        return best?.element.name.hasPrefix("vi") == true ? .vietnamese : .english
    }

    private static func known(_ request: Request) -> [(name: String, quality: Double)] {
        request.wishes(.acceptLanguage).filter {
            $0.quality > 0 && ($0.name.hasPrefix("vi") || $0.name.hasPrefix("en"))
        }
    }
}

extension Request {
    /// The script of a page, which asks for parts of pages and never for an object by its name. Without TLS browsers
    /// tell no more than where a change comes from.
    var isOfScript: Bool {
        guard !wishes(.accept).contains(where: { $0.name == "application/json" }) else { return false }
        return ["Sec-Fetch-Site", "Sluice-Region", "Origin"].compactMap { HTTPField.Name($0) }.contains {
            headers[$0] != nil
        }
    }

    /// What a header like `Accept` lists, in its order and in lower case, each with its weight of 0 to 1.
    func wishes(_ header: HTTPField.Name) -> [(name: String, quality: Double)] {
        (headers[header] ?? "").lowercased().split(separator: ",").map { entry in
            let parts = entry.split(separator: ";").map { String($0).trimmed }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (name: parts.first ?? "", quality: quality)
        }
    }
}
