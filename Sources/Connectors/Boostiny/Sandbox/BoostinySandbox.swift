package import ConnectorKit
import HTTPTypes
package import SyncCore

/// Boostiny's publisher API as a pure state machine (platforms.md 5.7).
///
/// All that it answers follows from its world, the calls so far, and the moment of each call. Times are UTC, as the
/// zone of the real one is unknown.
package struct BoostinySandbox: Sandbox {
    package private(set) var world: BoostinyWorld
    let campaigns: [Campaign]
    var detector: Detector
    var faults: FaultDesk<BoostinyWorld.Faults.Kind>
    private(set) var tally = Counters()
    private var serial: UInt64 = 0
    private var lastCallAt: Int64?

    /// The world must be one that `check()` accepts.
    package init(_ world: BoostinyWorld) {
        self.world = world
        campaigns = BoostinySandbox.campaigns(of: world)
        detector = Detector(world.limits)
        faults = FaultDesk(world.faults.rules)
    }

    /// Begins again as if no call had been made; with `world`, as another world.
    package mutating func reset(to world: BoostinyWorld? = nil) {
        self = BoostinySandbox(world ?? self.world)
    }

    /// Replaces the failures from now on, and nothing else.
    package mutating func inject(_ faults: BoostinyWorld.Faults) {
        world.faults = faults
        self.faults = FaultDesk(faults.rules)
    }

    /// The publisher takes the key back.
    mutating func revoke() { world.isRevoked = true }

    package mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        if let question = ControlRequest(request) { return control(question, at: now) }
        serial += 1
        let chance = Mix.hash(world.seed, Mix.hash(serial, 0xCA11))
        let rules = faults.draw(method: request.method.rawValue, target: request.target, chance: chance, at: now)
        let kinds = Set(rules.map(\.kind))
        tally.count(request.path, after: lastCallAt.map { now.microseconds - $0 })
        lastCallAt = now.microseconds
        if kinds.contains(.refused) { return SandboxReply(WireResponse(status: 503, body: []), delivery: .reset) }
        var rows = 0
        var response: WireResponse
        do throws(Refusal) {
            try admit(request, isLocking: kinds.contains(.lock), at: now)
            if kinds.contains(.html502) {
                response = .page(502, "502 Bad Gateway")
            } else if kinds.contains(.error500) {
                throw Refusal(500, "Server Error")
            } else {
                let answer = try serve(request, repeatsRow: kinds.contains(.duplicateRow), at: now)
                rows = answer.rows
                response = WireResponse(status: 200, body: answer.json.bytes)
                response.headers[.contentType] = "application/json"
            }
        } catch {
            response = wire(error)
        }
        tally.note(response.status, rows: rows)
        let reply = SandboxReply(response, delay: world.latency.delay(rows: rows, chance: chance))
            .struck(by: Set(kinds.map(\.rawValue)), chance: chance)
        if response.status != 429, reply.delivery != .reset {
            detector.occupy(until: now.microseconds + reply.delay.microseconds)
        }
        return reply
    }

    /// An error of the platform: the message stands under `payload.errors` (5.3).
    struct Refusal: Error, Sendable, Hashable {
        var status: Int
        var message: String
        /// Seconds.
        var retryAfter: Int64?

        init(_ status: Int, _ message: String, retryAfter: Int64? = nil) {
            self.status = status
            self.message = message
            self.retryAfter = retryAfter
        }
    }

    private func wire(_ refusal: Refusal) -> WireResponse {
        let errors = SandboxJSON.object([("message", .text(refusal.message))])
        let body = SandboxJSON.object([("payload", .object([("errors", errors)]))])
        var response = WireResponse(status: refusal.status, body: body.bytes)
        response.headers[.contentType] = "application/json"
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// The raw key and nothing before it; then the burst detector.
    private mutating func admit(_ request: WireRequest, isLocking: Bool, at now: Instant) throws(Refusal) {
        guard request.headers[.authorization] == world.key, !world.isRevoked else {
            tally.rejectedKeys += 1
            throw Refusal(401, "Unauthenticated.")
        }
        if world.isForbidden { throw Refusal(403, "This action is unauthorized.") }
        try detector.admit(isLocking: isLocking, at: now.microseconds)
    }

    struct Answer: Sendable {
        var json: SandboxJSON
        var rows: Int
    }

    private func serve(_ request: WireRequest, repeatsRow: Bool, at now: Instant) throws(Refusal) -> Answer {
        guard request.method == .get else { throw Refusal(405, "Method not allowed.") }
        let query = Dictionary(request.query.map { ($0.name, $0.value) }) { _, last in last }
        let visit = Visit(query: query, repeatsRow: repeatsRow, now: now.seconds)
        switch request.path {
        case "/publisher/campaigns": return campaignPage(visit)
        case "/publisher/coupons": return couponPage(visit)
        case "/publisher/performance": return try performancePage(visit)
        case "/publisher/link-performance": return try linkPage(visit)
        case "/reports/link-performance/data": return try reportPage(visit)
        default: throw Refusal(404, "Not found.")
        }
    }

    /// A call that has passed the key and the detector.
    struct Visit: Sendable {
        let query: [String: String]
        /// The first row of the page comes twice.
        let repeatsRow: Bool
        /// Seconds since 1970.
        let now: Int64
        var today: Int32 { Int32(now / 86_400) }
    }

    package var counters: Counters {
        var counters = tally
        counters.lockOuts = detector.lockOuts
        counters.whileLocked = detector.whileLocked
        counters.mostInFlight = detector.mostSeenInFlight
        counters.mostPerMinute = detector.mostSeenPerMinute
        counters.faults = faults.byKind
        return counters
    }

    /// What the sandbox has seen so far, for tests of behaviour towards the platform.
    package struct Counters: Codable, Sendable, Hashable {
        package var calls = 0
        package var byPath: [String: Int] = [:]
        package var byStatus: [String: Int] = [:]
        package var rows = 0
        package var rejectedKeys = 0
        package var lockOuts = 0
        package var whileLocked = 0
        package var mostInFlight = 0
        package var mostPerMinute = 0
        /// Least time between the beginnings of two calls.
        package var leastGapMilliseconds: Int64?
        package var faults: [String: Int] = [:]

        mutating func count(_ path: String, after gap: Int64?) {
            calls += 1
            byPath[path, default: 0] += 1
            if let gap { leastGapMilliseconds = min(leastGapMilliseconds ?? .max, gap / 1000) }
        }

        mutating func note(_ status: Int, rows: Int) {
            byStatus[String(status), default: 0] += 1
            self.rows += rows
        }
    }
}
