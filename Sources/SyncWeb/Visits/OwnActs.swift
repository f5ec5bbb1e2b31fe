import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore

/// Behind one's own act nothing is given that was drawn before it: a page that is loaded then is not overwritten by
/// live parts from before.
struct OwnActs: RouterMiddleware {
    typealias Context = WebContext

    let drawn: FreshAnswers<LiveParts>
    let polls: FreshAnswers<ByteBuffer>

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let visitor = context.visitor, request.method != .get, request.method != .head else {
            return try await next(request, context)
        }
        // What failed may have been done in part.
        defer { forget(OwnActs.prefix(visitor)) }
        return try await next(request, context)
    }

    /// Keys of what is drawn for a workspace begin with it.
    static func prefix(_ visitor: Visitor) -> String { "\(visitor.workspace.id) " }

    private func forget(_ prefix: String) {
        drawn.forget { $0.hasPrefix(prefix) }
        polls.forget { $0.hasPrefix(prefix) }
    }
}
