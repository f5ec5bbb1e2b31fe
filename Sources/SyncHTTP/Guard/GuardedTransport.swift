package import ConnectorKit
import NIOCore
import NIOPosix
import SyncCore
import Synchronization

/// Real HTTP to an address that a person gave on the web page. The name is looked up here, each answer is held against
/// `AddressRules`, and the connection goes to the very address that passed: a name that is answered otherwise the next
/// moment leads nowhere else.
package final class GuardedTransport: Transport {
    /// The addresses of a host, each of 4 or 16 bytes in network order. Throws `TransportError`.
    package typealias Lookup = @Sendable (_ host: String) async throws -> [[UInt8]]

    private let baseURL: BaseURL
    private let text: String
    private let version: String
    private let maxBody: Int
    private let lookup: Lookup
    private let allows: @Sendable ([UInt8]) -> Bool
    private let state = Mutex(State())

    private struct State: Sendable {
        /// By address.
        var ways: [String: HTTPTransport] = [:]
        var found: (addresses: [String], until: Duration)?
    }

    /// A name is looked up again when what was found is older.
    private static let age: Duration = .seconds(60)
    private let stopwatch: Stopwatch

    /// Throws `BaseURLError`. `allows` tells of an address whether it may be connected to.
    package init(
        baseURL: String, version: String = "0.1", maxBody: Int = 256 << 20,
        clock: any Clock<Duration> = ContinuousClock(), lookup: @escaping Lookup = GuardedTransport.ask,
        allows: @escaping @Sendable ([UInt8]) -> Bool = AddressRules.allows
    ) throws(BaseURLError) {
        self.baseURL = try BaseURL(baseURL)
        self.text = baseURL
        self.version = version
        self.maxBody = maxBody
        self.lookup = lookup
        self.allows = allows
        stopwatch = Stopwatch(clock)
    }

    package func send(_ request: WireRequest) async throws -> WireResponse {
        let addresses = try await allowed()
        for address in addresses.dropLast() {
            do {
                return try await way(to: address).send(request)
            } catch let error as TransportError {
                // Only where no call was made can another be.
                switch error {
                case .connectionRefused, .unreachable: continue
                default: throw error
                }
            }
        }
        guard let last = addresses.last else { throw TransportError.forbidden(host: baseURL.host) }
        return try await way(to: last).send(request)
    }

    /// Throws `TransportError` where the address may not be connected to, or its name is unknown; makes no call.
    package func check() async throws { _ = try await allowed() }

    package func shutdown() async {
        let ways = state.withLock { state in
            defer { state.ways = [:] }
            return state.ways.sorted { $0.key < $1.key }.map(\.value)
        }
        for way in ways { await way.shutdown() }
    }

    /// Throws `TransportError.forbidden` where one of the host's addresses is closed: a name that has both is a trick.
    private func allowed() async throws -> [String] {
        let known = state.withLock { $0.found }
        if let known, known.until > stopwatch.elapsed { return known.addresses }
        let found = try await lookup(baseURL.host.trimmingBrackets)
        guard !found.isEmpty, found.allSatisfy(allows) else {
            throw TransportError.forbidden(host: baseURL.host)
        }
        let addresses = found.compactMap(GuardedTransport.text(of:))
        state.withLock { $0.found = (addresses, stopwatch.elapsed + GuardedTransport.age) }
        return addresses
    }

    private func way(to address: String) throws -> HTTPTransport {
        try state.withLock { state in
            if let known = state.ways[address] { return known }
            let way = try HTTPTransport(baseURL: text, maxBody: maxBody, version: version, address: address)
            state.ways[address] = way
            return way
        }
    }

    private static func text(of address: [UInt8]) -> String? {
        try? SocketAddress(packedIPAddress: ByteBuffer(bytes: address), port: 0).ipAddress
    }

    /// Asks the system, on a thread that may wait. What is an address already is none to be looked up.
    package static let ask: Lookup = { host in
        let found = try? await NIOThreadPool.singleton.runIfActive { try HostAddresses.all(of: host) }
        guard let found, !found.isEmpty else {
            throw TransportError.unreachable("The host \(host) is unknown: its name could not be looked up.")
        }
        return found
    }
}

extension String {
    /// IPv6 addresses stand in brackets in a URL.
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
