package import SyncCore

/// A platform that is simulated: a pure state machine from request to raw answer (design.md, section 9).
///
/// The same sandbox serves the simulator (no sockets), the tests and `sluice sandbox` (real HTTP on
/// loopback). It never reads a clock: all it knows of time is `now`.
package protocol Sandbox: Sendable {
    /// Answers one request and moves the state on.
    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply
}

/// A world that a sandbox simulates, as `sluice sandbox`, the demo and the tests make it. All that is random in it
/// follows from its seed.
package protocol SandboxWorld: Codable, Sendable {
    static var platform: PlatformID { get }
    /// Names of worlds; the first is the usual one. Every platform has `demo` (what people are shown), `small` (a
    /// whole sync costs milliseconds, every kind of thing occurs, numbers follow from the seed) and `bench`.
    static var names: [String] { get }

    /// A world by its name, as old as its name says on `today`; nil for a name that is none of `names`. `sizes` are
    /// counts of the bench world by name; missing ones have a default.
    static func named(_ name: String, seed: UInt64, sizes: [String: Int], today: CivilDate) -> Self?

    /// Throws a sentence for numbers that make no world.
    func check() throws

    /// This world with the members of a JSON object over it, at every depth: a file or a request names only what
    /// differs. Throws a sentence.
    func changed(by json: [UInt8]) throws -> Self

    func sandbox() -> any Sandbox

    /// A credential that works here, by the names of the connector's fields.
    var credential: [(field: String, value: String)] { get }
    /// The account that the world is about, as a person would type it.
    var account: String { get }
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
