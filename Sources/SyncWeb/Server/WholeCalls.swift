import Hummingbird
import NIOCore

/// Hands a call on when its body is there. None of ours is large, and one that comes byte by byte must not hold its
/// connection for ever, whether anybody wants it or not.
struct WholeCalls<Inner: HTTPResponder>: HTTPResponder where Inner.Context == WebContext {
    let inner: Inner
    let patience: TimeAmount

    func respond(to request: Request, context: WebContext) async throws -> Response {
        guard request.headers[.contentLength] ?? "0" != "0" || request.headers[.transferEncoding] != nil else {
            return try await inner.respond(to: request, context: context)
        }
        var request = request
        let channel = context.channel
        let end = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        do {
            _ = try await request.collectBody(upTo: context.maxUploadSize)
            end.cancel()
        } catch let error as NIOTooManyBytesError {
            // Told to whoever asks for the body. The rest of it has what is left of the time.
            request.body = RequestBody(asyncSequence: AsyncThrowingStream<ByteBuffer, any Error> { throw error })
        } catch {
            end.cancel()
            throw error
        }
        return try await inner.respond(to: request, context: context)
    }
}
