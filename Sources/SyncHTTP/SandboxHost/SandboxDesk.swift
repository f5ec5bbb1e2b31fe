import ConnectorKit
import SyncCore
import Synchronization

/// The sandbox behind its lock, shared by all connections of a host.
final class SandboxDesk<S: Sandbox>: Sendable {
    private struct State: Sendable {
        var sandbox: S
        var traffic = SandboxTraffic()
    }

    private let state: Mutex<State>
    private let clock: any WallClock

    init(_ sandbox: S, clock: any WallClock) {
        self.state = Mutex(State(sandbox: sandbox))
        self.clock = clock
    }

    var traffic: SandboxTraffic { state.withLock { $0.traffic } }

    func countConnection() {
        state.withLock { $0.traffic.connections += 1 }
    }

    func respond(to request: WireRequest) -> SandboxReply {
        state.withLock { state in
            state.traffic.requests += 1
            return state.sandbox.respond(to: request, at: clock.now)
        }
    }

    func withSandbox<R: Sendable>(_ body: (inout S) throws -> R) rethrows -> R {
        try state.withLock { try body(&$0.sandbox) }
    }
}
