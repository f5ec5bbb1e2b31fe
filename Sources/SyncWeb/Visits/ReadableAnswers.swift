import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Wording

/// What programs alone are meant to ask for, as a page for people who open the address.
struct ReadableAnswers: RouterMiddleware {
    typealias Context = WebContext
    let renderer: Renderer

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        guard !context.wantsJSON, request.method == .get, response.status == .ok,
            response.headers[.contentType]?.hasPrefix("application/json") == true,
            response.headers[.contentDisposition] == nil
        else { return response }
        let sink = Sink()
        try await response.body.write(sink)
        let words = context.words
        let model = DataPage(
            headline: String(request.uri.path),
            summary: words.pick(
                "This is what programs get at this address.", "Đây là dữ liệu mà chương trình nhận ở địa chỉ này."),
            text: ReadableAnswers.indented(sink.text))
        return try await renderer.response(
            Page(template: "data", section: .none, title: model.headline, model: model), request, context)
    }

    private struct DataPage: Sendable {
        var headline: String
        var summary: String
        var text: String
    }

    private final class Sink: ResponseBodyWriter {
        private let buffer = Mutex(ByteBuffer())
        var text: String { buffer.withLock { String(buffer: $0) } }

        func write(_ part: ByteBuffer) async throws {
            buffer.withLock { buffer in
                var part = part
                buffer.writeBuffer(&part)
            }
        }

        func finish(_ trailers: HTTPFields?) async throws {}
    }

    /// A line for each member.
    static func indented(_ json: String) -> String {
        var text = ""
        var depth = 0
        var (isString, isEscaped) = (false, false)
        func line() { text += "\n" + String(repeating: "  ", count: depth) }
        for sign in json.unicodeScalars {
            if isString {
                isString = isEscaped || sign != "\""
                isEscaped = !isEscaped && sign == "\\"
            } else if "]}".unicodeScalars.contains(sign) {
                depth -= 1
                line()
            } else if sign == "\"" {
                isString = true
            }
            text.unicodeScalars.append(sign)
            guard !isString else { continue }
            switch sign {
            case "[", "{":
                depth += 1
                line()
            case ",": line()
            case ":": text += " "
            default: break
            }
        }
        return text
    }
}
