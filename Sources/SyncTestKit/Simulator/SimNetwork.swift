package import ConnectorKit
package import SyncCore
import Synchronization

/// A network of one platform: requests go straight into a sandbox, answers come back after its delay by
/// the manual clock, and what the sandbox says about delivery happens to them.
package final class SimNetwork<Platform: Sandbox>: Sendable {
    private let sandbox: Mutex<Platform>
    private let clock: SimClock
    /// The platform's own time, which no clock step of ours moves.
    private let platformClock: SimWallClock
    /// Stands between callers and the platform, which it asks or not. It may end the caller's process.
    package typealias Tap = @Sendable (WireRequest, SimProcess, () -> SandboxReply) -> SandboxReply
    private let tapping = Mutex(Tapping())

    /// A bare closure in a generic box is wrapped anew by every access, one call deeper each time.
    private struct Tapping {
        var tap: Tap?
    }

    package init(_ sandbox: Platform, clock: SimClock, platformClock: SimWallClock) {
        self.sandbox = Mutex(sandbox)
        self.clock = clock
        self.platformClock = platformClock
    }

    package func with<Result>(_ body: (inout sending Platform) -> sending Result) -> sending Result {
        sandbox.withLock { body(&$0) }
    }

    package func tap(_ tap: @escaping Tap) {
        tapping.withLock { $0.tap = tap }
    }

    fileprivate func exchange(_ request: WireRequest, from process: SimProcess) async throws -> WireResponse {
        let now = platformClock.now
        let answer = { self.sandbox.withLock { $0.respond(to: request, at: now) } }
        let tap = tapping.withLock { $0.tap }
        let reply = tap.map { $0(request, process, answer) } ?? answer()
        if reply.delay > request.timeout {
            try await clock.sleep(for: request.timeout)
            throw TransportError.timedOut
        }
        if reply.delay > .zero { try await clock.sleep(for: reply.delay) }
        switch reply.delivery {
        case .whole: return reply.response
        case .reset, .cut: throw TransportError.connectionReset
        case .slow(let pieces, let pause):
            try await clock.sleep(for: pause * pieces)
            return reply.response
        }
    }

    /// A way into the network for one process; dead when the process is.
    package func transport(of process: SimProcess) -> any Transport {
        SimTransport(network: self, process: process)
    }
}

private struct SimTransport<Platform: Sandbox>: Transport {
    let network: SimNetwork<Platform>
    let process: SimProcess

    func send(_ request: WireRequest) async throws -> WireResponse {
        try process.check()
        let response = try await network.exchange(request, from: process)
        try process.check()
        return response
    }
}

/// A process that can die: from then on nothing that it does reaches the store or the network.
package final class SimProcess: Sendable {
    private let dead = Mutex(false)
    private let refused = Mutex(0)
    private let stopping = Mutex(false)
    private let frozen = Mutex(Duration.zero)
    private let trouble = Mutex<StoreError?>(nil)
    package init() {}
    /// Until then it reaches no database: it was stopped, or waits for the disk.
    var frozenUntil: Duration { frozen.withLock { $0 } }
    func freeze(until moment: Duration) { frozen.withLock { $0 = max($0, moment) } }
    /// What every call of its database throws; nil while the database is there.
    package var storeTrouble: StoreError? {
        get { trouble.withLock { $0 } }
        set { trouble.withLock { $0 = newValue } }
    }
    /// Asked to come to an end in good order.
    package var isStopping: Bool {
        get { stopping.withLock { $0 } }
        set { stopping.withLock { $0 = newValue } }
    }
    /// The newest version of the connection that this process has parked.
    package var parkedVersion: Int { refused.withLock { $0 } }
    func parked(_ version: Int) { refused.withLock { $0 = max($0, version) } }
    package func kill() { dead.withLock { $0 = true } }
    package var isDead: Bool { dead.withLock { $0 } }
    func check() throws {
        if isDead { throw Died() }
    }
    package struct Died: Error {}
}
