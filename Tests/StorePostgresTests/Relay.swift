import Dispatch
import Glibc
import StorePostgres
import Synchronization
import Testing

/// A network between a client and the server of the tests, which can be cut, held up and repaired.
final class Relay: Sendable {
    enum Mode: Sendable {
        case passing
        /// Nothing passes any more, and nobody is told.
        case swallowing
        /// The next COMMIT does not reach the server: both sides lose the connection.
        case cuttingBeforeCommit
        /// The next COMMIT reaches the server, and its answer does not reach the client.
        case cuttingAfterCommit
    }

    private struct State {
        var mode = Mode.passing
        var listener: Int32 = -1
        var sockets: Set<Int32> = []
        var accepted = 0
        var isCommitted = false
    }

    let port: UInt16
    private let serverPort: UInt16
    private let state = Mutex(State())

    /// Opens a free port that leads to the server of `address`.
    init(to address: PostgresAddress) throws {
        serverPort = try #require(UInt16(address.settings["port"] ?? "5432"))
        let (listener, port) = try Relay.listen(port: 0)
        self.port = port
        state.withLock { $0.listener = listener }
        accept(on: listener)
    }

    /// The way through the relay, in the open: it reads what passes.
    func way(to address: PostgresAddress) -> PostgresAddress {
        address.with(["host": "127.0.0.1", "port": "\(port)", "sslmode": "disable"])
    }

    /// How many connections came through.
    var accepted: Int { state.withLock { $0.accepted } }

    func become(_ mode: Mode) { state.withLock { $0.mode = mode } }

    /// As if the server's process had ended: connections are lost, new ones refused.
    func goDown() {
        let sockets = state.withLock { state in
            defer {
                state.listener = -1
                state.sockets = []
            }
            return state.sockets.union([state.listener])
        }
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    func comeUp() throws {
        let (listener, _) = try Relay.listen(port: port)
        state.withLock { $0.listener = listener }
        accept(on: listener)
    }

    /// Runs `work` on a thread of its own: a serial queue has one, even when others are blocked.
    private func onThread(_ work: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "relay").async(execute: work)
    }

    private func accept(on listener: Int32) {
        onThread { [self] in
            while true {
                let client = Glibc.accept(listener, nil, nil)
                guard client >= 0 else { break }
                guard let server = try? Relay.connect(port: serverPort) else {
                    close(client)
                    continue
                }
                state.withLock { state in
                    state.sockets.formUnion([client, server])
                    state.accepted += 1
                }
                onThread { self.pump(from: client, to: server, isClient: true) }
                onThread { self.pump(from: server, to: client, isClient: false) }
            }
            close(listener)
        }
    }

    private func pump(from source: Int32, to target: Int32, isClient: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var isCut = false
        while !isCut {
            let count = read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            let isCommit = isClient && String(decoding: buffer[..<count], as: UTF8.self).contains("COMMIT")
            switch fate(isCommit: isCommit, isAnswer: !isClient) {
            case .pass: _ = send(target, buffer, count, Int32(MSG_NOSIGNAL))
            case .swallow: continue
            case .cut: isCut = true
            }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private enum Fate { case pass, swallow, cut }

    private func fate(isCommit: Bool, isAnswer: Bool) -> Fate {
        state.withLock { state in
            switch state.mode {
            case .passing: return .pass
            case .swallowing: return .swallow
            case .cuttingBeforeCommit: return isCommit ? .cut : .pass
            case .cuttingAfterCommit:
                state.isCommitted = state.isCommitted || isCommit
                return isAnswer && state.isCommitted ? .cut : .pass
            }
        }
    }
}

extension Relay {
    private struct Failure: Error {}

    private static func listen(port: UInt16) throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && Glibc.listen(listener, 64) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isBound else { throw Failure() }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private static func connect(port: UInt16) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(client, $0, size) == 0 }
        }
        guard isConnected else {
            close(client)
            throw Failure()
        }
        return client
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
