import AsyncHTTPClient
package import ConnectorKit
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix

/// Real HTTP for connectors: one client, one event loop, one pool of kept-alive HTTP/1.1 connections to one
/// base URL.
///
/// Redirects are answers like all others, compressed bodies arrive inflated, and nothing is sent twice.
/// Neither headers nor addresses are ever logged, because they may hold secrets.
package final class HTTPTransport: Transport {
    package let baseURL: BaseURL
    private let client: HTTPClient
    /// Everything of this transport happens here, so that no answer crosses threads on its way.
    private let loop: any EventLoop
    private let maxBody: Int
    private let userAgent: String

    /// - Parameters:
    ///   - baseURL: what stands for the platform's production address; may carry a path prefix.
    ///   - maxBody: the longest answer that is taken, in bytes, after decompression.
    ///   - connections: how many calls run at once; a call beyond that waits for a free connection, and fails
    ///     as unreachable after 10 s of waiting.
    ///   - idleTimeout: how long a platform may stay silent within one exchange; some think for five minutes
    ///     before the first byte (meta.md 7). The exchange as a whole is limited by `WireRequest.timeout`.
    ///   - version: of Sluice, for the `User-Agent`.
    ///   - address: where the host is reached, when that was looked up before; certificates are still the host's.
    ///
    /// Throws `BaseURLError`. The owner ends it with `shutdown()`.
    package init(
        baseURL: String, maxBody: Int = 256 << 20, connections: Int = 64, idleTimeout: Duration = .seconds(310),
        version: String = "0.1", address: String? = nil
    ) throws(BaseURLError) {
        self.baseURL = try BaseURL(baseURL)
        self.maxBody = maxBody
        self.userAgent = "Sluice/\(version)"
        // The group of the whole process: it never ends, so a call that races with `shutdown()` is answered.
        self.loop = MultiThreadedEventLoopGroup.singleton.next()
        var configuration = HTTPClient.Configuration(connections: connections, idleTimeout: idleTimeout)
        if let address {
            configuration.dnsOverride[self.baseURL.host] = address
            configuration.dnsOverride[self.baseURL.host.lowercased()] = address
        }
        self.client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
    }

    /// Runs `body` with a transport and shuts it down after, however `body` ends.
    @discardableResult
    package static func with<R: Sendable>(
        baseURL: String, maxBody: Int = 256 << 20, connections: Int = 64,
        _ body: (HTTPTransport) async throws -> R
    ) async throws -> R {
        let transport = try HTTPTransport(baseURL: baseURL, maxBody: maxBody, connections: connections)
        do {
            let result = try await body(transport)
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// Closes all connections; calls in flight and later ones throw `CancellationError`. Must be called before
    /// the transport goes away; again does no harm. Completes even when the caller was cancelled.
    package func shutdown() async {
        // A failure here means only that somebody shut it down before, which is what is wanted.
        try? await client.shutdown()
    }

    package func send(_ request: WireRequest) async throws -> WireResponse {
        try Task.checkCancellation()
        let collector = ResponseCollector(maxBody: maxBody, isHead: request.method == .head)
        do {
            let exchange = client.execute(
                request: try outgoing(request), delegate: collector, eventLoop: .delegate(on: loop),
                deadline: .now() + TimeAmount(request.timeout))
            return try await withTaskCancellationHandler {
                try await exchange.get()
            } onCancel: {
                exchange.cancel()
            }
        } catch {
            throw TransportError.meaning(of: error, host: baseURL.host)
        }
    }

    private func outgoing(_ request: WireRequest) throws -> HTTPClient.Request {
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.headers.count + 4)
        for field in request.headers {
            headers.add(name: field.name.rawName, value: field.value)
        }
        if request.headers[.userAgent] == nil {
            headers.add(name: "User-Agent", value: userAgent)
        }
        if request.headers[.acceptEncoding] == nil {
            headers.add(name: "Accept-Encoding", value: "gzip")
        }
        return try HTTPClient.Request(
            url: baseURL.address(of: request.wireTarget), method: HTTPMethod(rawValue: request.method.rawValue),
            headers: headers, body: request.body.isEmpty ? nil : .byteBuffer(ByteBuffer(bytes: request.body)))
    }
}

extension HTTPClient.Configuration {
    /// `connections` is the size of the pool.
    init(connections: Int, idleTimeout: Duration) {
        self.init(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: TimeAmount(idleTimeout)),
            // No size here: the collector counts what comes out and gives up at its own limit.
            decompression: .enabled(limit: .none))
        httpVersion = .http1Only
        connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // A refused connection is told at once; when to try again is the engine's decision.
        connectionPool.retryConnectionEstablishment = false
    }
}
