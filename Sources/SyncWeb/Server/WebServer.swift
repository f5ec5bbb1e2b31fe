package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// An HTTP server on one address: what a worker answers probes on, and what the web page will be served by.
package struct WebServer: Sendable {
    private let address: ListenAddress
    private let logger: Logger
    /// More connections than that wait their turn: they cannot use up the process's file descriptors. A live page holds
    /// one.
    private static let mostConnections = 2048
    /// Of a connection on which nothing happens.
    private static let idleTimeout: TimeAmount = .seconds(75)
    /// Of an answer of which nothing is taken. Who keeps to a slow rate, as curl does, takes much at once and then
    /// nothing for a minute.
    private static let unreadTimeout: TimeAmount = .seconds(120)
    /// Of a call's body, from the head to its end.
    private let bodyTimeout: Duration

    package init(at address: ListenAddress, logger: Logger, bodyTimeout: Duration = .seconds(60)) {
        self.address = address
        self.logger = logger
        self.bodyTimeout = bodyTimeout
    }

    /// Serves until the task is cancelled. `onListening` hears the address with the real port. Throws
    /// `ListenError` when the address cannot be had.
    package func run<Responder: HTTPResponder>(
        _ responder: Responder, onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) async throws where Responder.Context == WebContext {
        let host = address.host
        let application = Application(
            responder: WholeCalls(inner: responder, patience: TimeAmount(bodyTimeout)),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [UnreadAnswers(patience: WebServer.unreadTimeout)],
                    idleTimeout: WebServer.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(WebServer.mostConnections)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onListening(ListenAddress(host: host, port: port)) }
            }, logger: logger)
        do {
            try await application.run()
        } catch {
            if Task.isCancelled { return }
            throw ListenError(error, at: address) ?? error
        }
    }
}
