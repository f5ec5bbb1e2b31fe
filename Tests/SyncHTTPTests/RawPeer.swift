import NIOCore
import NIOPosix

/// A server that answers whatever it is sent with fixed bytes and then closes, HTTP or not.
enum RawServer {
    /// `text` nil: takes the request and stays silent.
    static func with(answering text: String?, _ body: (String) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let listener = try await ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FixedAnswer(text: text))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            try await body("http://127.0.0.1:\(listener.localAddress?.port ?? 0)")
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private final class FixedAnswer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let text: String?
        private var hasAnswered = false

        init(text: String?) { self.text = text }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasAnswered, let text else { return }
            hasAnswered = true
            context.writeAndFlush(NIOAny(ByteBuffer(string: text))).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        }
    }
}

/// Sends `text` to a port as it is and returns all that comes back until the other side closes.
func rawExchange(_ text: String, port: Int) async throws -> String {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let everything = group.next().makePromise(of: String.self)
    do {
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Gatherer(everything))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: text))
        let answer = try await everything.futureResult.get()
        try await group.shutdownGracefully()
        return answer
    } catch {
        try await group.shutdownGracefully()
        throw error
    }
}

private final class Gatherer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let everything: EventLoopPromise<String>
    private var gathered = ByteBuffer()

    init(_ everything: EventLoopPromise<String>) { self.everything = everything }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        gathered.writeImmutableBuffer(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        everything.succeed(String(buffer: gathered))
    }
}
