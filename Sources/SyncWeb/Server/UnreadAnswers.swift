import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Ends a connection when its other side has long taken nothing of what it asked for: a live page or a download that
/// nobody reads holds a place, and what it was made from, as long as it is open. One that is read slowly goes on.
final class UnreadAnswers: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    private let patience: TimeAmount
    private var look: Scheduled<Void>?
    /// Bytes that waited for their way into the network at the last look.
    private var waiting = 0

    /// What the system takes beyond what is on its way. By itself it takes megabytes, and more only when a third of
    /// them is gone: a slow download would seem to stand still for minutes.
    static let mostUnsent = 128 * 1024
    static let unsentOption = NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)

    init(patience: TimeAmount) { self.patience = patience }

    func handlerAdded(context: ChannelHandlerContext) {
        // Where there is no such option, only slower readers are taken for none.
        try? context.channel.syncOptions?.setOption(
            .tcpOption(UnreadAnswers.unsentOption), value: UnreadAnswers.mostUnsent)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            forget()
        } else if look == nil {
            lookLater(context)
        }
        context.fireChannelWritabilityChanged()
    }

    private func lookLater(_ context: ChannelHandlerContext) {
        waiting = unsent(context)
        look = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            if self.unsent(context) < self.waiting {
                self.lookLater(context)
            } else {
                context.close(promise: nil)
            }
        }
    }

    private func unsent(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func channelInactive(context: ChannelHandlerContext) {
        forget()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { forget() }

    private func forget() {
        look?.cancel()
        look = nil
    }
}
