package import SyncCore

/// A platform that is simulated: a pure state machine from request to raw answer (design.md, section 9).
///
/// The same sandbox serves the simulator (no sockets), the tests and `sluice sandbox` (real HTTP on
/// loopback). It never reads a clock: all it knows of time is `now`.
package protocol Sandbox: Sendable {
    /// Answers one request and moves the state on.
    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply
}

package struct SandboxReply: Sendable {
    package var response: WireResponse
    /// How long the platform takes before the first byte.
    package var delay: Duration
    package var delivery: Delivery

    package enum Delivery: Sendable, Hashable {
        case whole
        /// The connection is reset before any byte of the answer.
        case reset
        /// The connection closes after that many bytes of the body, with the full length announced.
        case cut(after: Int)
        /// The body comes in that many pieces with a pause between them.
        case slow(pieces: Int, pause: Duration)
    }

    package init(_ response: WireResponse, delay: Duration = .zero, delivery: Delivery = .whole) {
        self.response = response
        self.delay = delay
        self.delivery = delivery
    }
}
