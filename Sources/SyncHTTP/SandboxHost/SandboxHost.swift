package import ConnectorKit
import NIOCore
import NIOHTTP1
import NIOPosix
package import SyncCore
import Synchronization

/// Serves a sandbox over real HTTP/1.1 on 127.0.0.1, for tests, the demo and `sluice sandbox`.
///
/// One event loop does everything: a sandbox answers one request at a time anyway, and a delayed answer
/// waits as a timer, so it holds nobody up.
package final class SandboxHost<S: Sandbox>: Sendable {
    /// The longest request body that is taken, in bytes.
    package static var maxRequestBody: Int { 64 << 20 }

    package let port: Int
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    package var url: String { "http://127.0.0.1:\(port)" }

    private let desk: SandboxDesk<S>
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let isOpen = Mutex(true)

    private init(desk: SandboxDesk<S>, group: MultiThreadedEventLoopGroup, listener: any Channel, port: Int) {
        self.desk = desk
        self.group = group
        self.listener = listener
        self.port = port
    }

    /// Starts to listen; connections are served from the moment this returns until `shutdown()`.
    ///
    /// `port` 0 takes any free one. Throws `SandboxHostError` when the port cannot be had.
    package static func start(_ sandbox: S, port: Int = 0, clock: any WallClock) async throws -> SandboxHost {
        let desk = SandboxDesk(sandbox, clock: clock)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(SandboxConnection(desk: desk, maxBody: maxRequestBody))
                }
            }
        do {
            let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            guard let bound = listener.localAddress?.port else { throw SandboxHostError.portTaken(port) }
            return SandboxHost(desk: desk, group: group, listener: listener, port: bound)
        } catch {
            try? await group.shutdownGracefully()
            throw (error as? SandboxHostError) ?? SandboxHostError.portTaken(port)
        }
    }

    /// Stops listening and closes every connection, in whatever state its exchange is. Once is enough; more
    /// does no harm.
    package func shutdown() async {
        let isFirst = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard isFirst else { return }
        // Closing fails only for what is closed already.
        try? await listener.close()
        try? await group.shutdownGracefully()
    }

    /// Reads or changes the sandbox while no request is being answered. Keep it short: requests wait.
    package func withSandbox<R: Sendable>(_ body: (inout S) throws -> R) rethrows -> R {
        try desk.withSandbox(body)
    }

    /// Connections accepted and requests answered since the start.
    package var traffic: SandboxTraffic { desk.traffic }
}

package struct SandboxTraffic: Sendable, Hashable {
    package var connections: Int
    package var requests: Int

    package init(connections: Int = 0, requests: Int = 0) {
        self.connections = connections
        self.requests = requests
    }
}

package enum SandboxHostError: Error, Sendable, Hashable, CustomStringConvertible {
    case portTaken(Int)

    package var description: String {
        switch self {
        case .portTaken(let port):
            "Port \(port) on 127.0.0.1 cannot be used; another program has it, or it needs more rights."
        }
    }
}
