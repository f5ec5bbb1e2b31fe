import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import SyncWeb

@Suite("Answers that nobody reads")
struct UnreadAnswersTests {
    private let channel = EmbeddedChannel()

    init() throws {
        try channel.pipeline.syncOperations.addHandler(UnreadAnswers(patience: .seconds(60)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func turn(writable: Bool) {
        channel.isWritable = writable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test("end their connection when nothing of them was taken for a minute")
    func nothingTaken() {
        turn(writable: false)
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        let isOpenBefore = channel.isActive

        channel.embeddedEventLoop.advanceTime(by: .seconds(1))

        #expect(isOpenBefore)
        #expect(!channel.isActive)
    }

    @Test("keep it while something is taken now and then")
    func slowlyTaken() {
        for _ in 0..<3 {
            turn(writable: false)
            channel.embeddedEventLoop.advanceTime(by: .seconds(50))
            turn(writable: true)
        }

        channel.embeddedEventLoop.advanceTime(by: .seconds(300))

        #expect(channel.isActive)
    }

    /// All that waits for its way into the network.
    private func waiting(_ bytes: Int) {
        channel.flush()
        channel.write(ByteBuffer(repeating: 0, count: bytes), promise: nil)
    }

    @Test("keep it while their bytes move, though there is never room for more")
    func slowlyMoving() {
        waiting(1000)
        turn(writable: false)
        for left in [999, 500, 499, 1] {
            waiting(left)
            channel.embeddedEventLoop.advanceTime(by: .seconds(60))
            #expect(channel.isActive, "\(left)")
        }

        channel.embeddedEventLoop.advanceTime(by: .seconds(60))

        #expect(!channel.isActive)
    }

    @Test("are kept by the system in small parts only, so that they are seen to move")
    func systemKeepsLittle() async throws {
        let (options, found) = AsyncStream<Int>.makeStream()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let unread = UnreadAnswers(patience: .seconds(60))
                    try channel.pipeline.syncOperations.addHandler(unread)
                    let option = try channel.syncOptions?.getOption(.tcpOption(UnreadAnswers.unsentOption))
                    found.yield(option ?? -1)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(server.localAddress)
        let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connect(to: address).get()

        var kept = options.makeAsyncIterator()

        #expect(await kept.next() == UnreadAnswers.mostUnsent)
        try await client.close()
        try await server.close()
    }
}
