import NIOCore
import NIOEmbedded
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
}
