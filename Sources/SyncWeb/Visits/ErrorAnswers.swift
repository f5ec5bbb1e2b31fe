import ConnectorKit
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SyncCore
import SyncEngine
import Wording

/// Turns whatever a route throws into an answer in the visitor's language: a page for people, an object for programs.
/// Stands around `Authentication` and all routes.
struct ErrorAnswers: RouterMiddleware {
    typealias Context = WebContext
    let renderer: Renderer

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            if error is CancellationError { throw error }
            let told = ErrorAnswers.told(error)
            if told.status == .internalServerError || told.code == WebError.unusable.code {
                context.logger.error("a call failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            return try await answer(told, request, context)
        }
    }

    private func answer(_ error: WebError, _ request: Request, _ context: WebContext) async throws -> Response {
        if !context.wantsJSON, error.code == WebError.signedOut.code, request.method == .get {
            return .redirect(to: "/login?next=\(Renderer.escaped(request.uri.description))", type: .normal)
        }
        var response =
            context.wantsJSON
            ? try Answer.json(ErrorBody(error, context.words), error.status)
            : try await renderer.response(ErrorPage.page(error, request, context), request, context)
        if let allowed = error.allowed { response.headers[.allow] = allowed }
        if let seconds = error.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        if error.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }

    static func told(_ error: any Error) -> WebError {
        switch error {
        case let error as WebError: error
        case StoreError.unavailable(let why): .away(.unavailable(why))
        case let error as StoreError:
            // Which file, server or table is nobody's business who only looks; the log has it.
            if case .inconsistent = error { unexpected } else { .unusable }
        case let error as EngineError: told(error)
        case let error as ConfigurationError: .invalid("\(error)")
        case let error as any HTTPResponseError: told(error)
        default: unexpected
        }
    }

    private static let unexpected = WebError(
        .internalServerError, "unexpected", "Something went wrong here.",
        advice: "Nothing is lost. Try again; the log of the server tells more.")

    private static func told(_ error: any HTTPResponseError) -> WebError {
        switch error.status {
        case .notFound: .notFound
        case .methodNotAllowed: .wrongMethod
        case .contentTooLarge: WebError(.contentTooLarge, "too_large", "What was sent is too large.")
        case let status where status.code < 500: WebError(status, "malformed", "What was sent cannot be read.")
        default: unexpected
        }
    }

    private static func told(_ error: EngineError) -> WebError {
        switch error {
        case .rejected(let cause):
            WebError(.unprocessableContent, "credential_rejected", cause.message, advice: cause.pageAdvice)
        case .throttled(let cause, _, _):
            WebError(.unprocessableContent, "platform_busy", cause.message, advice: cause.pageAdvice)
        case .unanswered(let cause):
            WebError(.unprocessableContent, "platform_unanswered", cause.message, advice: cause.pageAdvice)
        case .sealed, .otherKey: WebError(.serviceUnavailable, "sealed", "\(error)")
        case .elsewhere: WebError(.conflict, "elsewhere", "\(error)", advice: "Nothing was changed.")
        default: .invalid("\(error)")
        }
    }
}

/// `{"success": false, "error": {…}}`.
struct ErrorBody: Encodable, Sendable {
    var success = false
    var error: Body

    struct Body: Encodable, Sendable {
        var code: String
        var message: String
        var advice: String?
        var fields: [String: String]?
    }

    init(_ error: WebError, _ words: Words) {
        self.error = Body(
            code: error.code, message: words.said(error.message),
            advice: error.advice.isEmpty ? nil : words.said(error.advice),
            fields: error.fields.isEmpty ? nil : error.fields.mapValues { words.said($0) })
    }
}

/// What programs look for is there, too, when it is not known: as null.
struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
    var value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// Ways to answer.
enum Answer {
    static func json(_ body: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        json(try encoded(body), status)
    }

    static func json(_ body: ByteBuffer, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: body))
    }

    static func encoded(_ body: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return ByteBuffer(bytes: try encoder.encode(body))
    }

    /// Behind a form: the browser gets the next page with GET.
    static func seeOther(_ path: String) -> Response { .redirect(to: path, type: .normal) }
}
