import ConnectorKit
import HTTPTypes
import NIOCore
import NIOHTTP1

/// The way of one answer onto the wire, on the connection's event loop.
struct SandboxDelivery {
    private let reply: SandboxReply
    private let request: HTTPRequestHead
    private let context: ChannelHandlerContext

    init(_ reply: SandboxReply, to request: HTTPRequestHead, context: ChannelHandlerContext) {
        self.reply = reply
        self.request = request
        self.context = context
    }

    func begin() {
        guard reply.delay > .zero else { return deliver() }
        after(reply.delay) { deliver() }
    }

    private func deliver() {
        // The client may have gone away while the answer was delayed.
        guard context.channel.isActive else { return }
        switch reply.delivery {
        case .reset:
            reset()
        case .whole:
            writeHead()
            if carriesBody { write(reply.response.body[...]) }
            finish()
        case .cut(let count):
            writeHead()
            write(reply.response.body.prefix(count))
            context.writeAndFlush(NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer()))))
                .assumeIsolated().whenComplete { [context] _ in context.close(promise: nil) }
        case .slow(let pieces, let pause):
            writeHead()
            context.flush()
            if carriesBody {
                writeSlowly(reply.response.body[...], pieces: max(1, pieces), pause: pause)
            } else {
                finish()
            }
        }
    }

    /// Whether the answer has a body on the wire: none to HEAD, none with 204 and 304.
    private var carriesBody: Bool {
        request.method != .HEAD && reply.response.status != 204 && reply.response.status != 304
    }

    private var keepsAlive: Bool {
        request.isKeepAlive && reply.response.headers[.connection]?.lowercased() != "close"
    }

    /// Always announces the full length, whatever part of the body will follow.
    private func writeHead() {
        let response = reply.response
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.count + 2)
        for field in response.headers where field.name != .contentLength && field.name != .transferEncoding {
            headers.add(name: field.name.rawName, value: field.value)
        }
        if response.status != 204, response.status != 304 {
            headers.add(name: "Content-Length", value: String(response.body.count))
        }
        if !keepsAlive, response.headers[.connection] == nil {
            headers.add(name: "Connection", value: "close")
        }
        let head = HTTPResponseHead(
            version: request.version, status: .init(statusCode: response.status), headers: headers)
        context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
    }

    private func write(_ bytes: ArraySlice<UInt8>) {
        let buffer = context.channel.allocator.buffer(bytes: bytes)
        context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(buffer))), promise: nil)
    }

    private func writeSlowly(_ bytes: ArraySlice<UInt8>, pieces: Int, pause: Duration) {
        guard context.channel.isActive else { return }
        let count = pieces == 1 ? bytes.count : bytes.count / pieces
        write(bytes.prefix(count))
        guard pieces > 1 else { return finish() }
        context.flush()
        after(pause) { writeSlowly(bytes.dropFirst(count), pieces: pieces - 1, pause: pause) }
    }

    private func finish() {
        let written = context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)))
        guard !keepsAlive else { return }
        written.assumeIsolated().whenComplete { [context] _ in context.close(promise: nil) }
    }

    /// Closes so that the client sees a reset and not an end: nothing lingers.
    private func reset() {
        if let socket = context.channel as? any SocketOptionProvider {
            // The C struct `linger`: two ints, "on" and the seconds.
            _ = socket.unsafeSetSocketOption(level: .socket, name: .so_linger, value: SIMD2<CInt>(1, 0))
        }
        context.close(promise: nil)
    }

    private func after(_ delay: Duration, _ work: @escaping () -> Void) {
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay), work)
    }
}
