package import ConnectorKit
import HTTPTypes
package import SyncCore

/// FolkForm's backend as a pure state machine (platforms.md 3): what was sent to it, and how it answered.
package struct FolkFormSandbox: Sandbox {
    package private(set) var world: FolkFormWorld
    var store = Store()
    var gate: Gate
    var log = UploadLog()
    /// Until when an upsert of a new key is being carried out: a second one meanwhile loses the race.
    var racing: [String: Int64] = [:]
    private var windows: [String: RequestWindow] = [:]
    private var faults: FaultDesk<FolkFormWorld.Fault>
    private var tally = FolkFormCounters()
    private var serial: UInt64 = 0

    package init(_ world: FolkFormWorld) {
        self.world = world
        gate = Gate(world)
        faults = FaultDesk(world.faults)
    }

    /// Begins again empty, as if no call had been made; with `world`, as another world.
    package mutating func reset(to world: FolkFormWorld? = nil) {
        self = FolkFormSandbox(world ?? self.world)
    }

    /// Replaces the failures from now on, and nothing else.
    package mutating func inject(_ rules: [FaultRule<FolkFormWorld.Fault>]) {
        world.faults = rules
        faults = FaultDesk(rules)
    }

    /// Changes settings and keeps what is stored.
    mutating func set(_ change: (inout FolkFormWorld) -> Void) { change(&world) }

    package mutating func respond(to wire: WireRequest, at now: Instant) -> SandboxReply {
        if let question = ControlRequest(wire) {
            return ControlRequest.reply { question.isChange ? try change(question) : try oracle(question) }
        }
        serial += 1
        let chance = Mix.hash(world.seed, Mix.hash(serial, 0xF0))
        let delay = world.latency.delay(chance: chance)
        let call = SandboxCall(wire)
        let kinds = Set(
            faults.draw(method: call.method, target: call.target, chance: chance, at: now).map(\.kind))
        var moment = Moment(now: now, done: now.microseconds + delay.microseconds, kinds: kinds)
        var reply = answer(call, &moment)
        tally.count("\(call.method) \(wire.path)", reply.response.status)
        reply.delay += delay
        return reply.struck(by: Set(kinds.map(\.rawValue)), chance: chance)
    }

    /// One call's time and luck.
    struct Moment {
        let now: Instant
        /// When it will have been carried out, in microseconds.
        let done: Int64
        let kinds: Set<FolkFormWorld.Fault>
        var organization = ""

        var milliseconds: Int64 { now.microseconds / 1000 }
    }

    private mutating func answer(_ call: SandboxCall, _ moment: inout Moment) -> SandboxReply {
        if moment.kinds.contains(.outage) { return SandboxReply(.page(502, "Bad Gateway")) }
        if moment.kinds.contains(.readTimeout) {
            var reply = SandboxReply(.page(408, "Request Timeout"))
            reply.delay = .seconds(world.limits.readTimeoutSeconds)
            reply.delivery = .reset
            return reply
        }
        if call.method == "OPTIONS" || call.path.last == "health" {
            return SandboxReply(.object([("status", .text("ok"))]))
        }
        guard call.body.count <= world.limits.bodyBytes else {
            var reply = SandboxReply(.page(413, "Request Entity Too Large"))
            reply.response.headers[.connection] = "close"
            return reply
        }
        do throws(Refusal) {
            try admit(call, moment)
            return SandboxReply(try serve(call, &moment))
        } catch {
            return error.reply
        }
    }

    private mutating func admit(_ call: SandboxCall, _ moment: Moment) throws(Refusal) {
        let client = call.header("X-Forwarded-For") ?? "direct"
        let isIn = windows[client, default: RequestWindow()].admit(world.limits, at: moment.now)
        guard isIn, !moment.kinds.contains(.throttled) else {
            tally.throttled += 1
            throw .throttled
        }
        if moment.kinds.contains(.databaseDown) { throw .databaseDown }
        if moment.kinds.contains(.databaseError) { throw .database("DB_002") }
        if moment.kinds.contains(.panic) { throw .panic }
        if moment.kinds.contains(.unauthorized) { throw .unauthorized }
    }

    package var counters: FolkFormCounters {
        var counters = tally
        counters.windows = windows.keys.sorted().flatMap { windows[$0]?.past ?? [] }
        counters.mostCallsInWindow = counters.windows.map(\.calls).max() ?? 0
        counters.faults = faults.byKind
        return counters
    }
}

/// A fixed window of one client: it begins with a request and lets so many in.
private struct RequestWindow: Sendable {
    private(set) var past: [FolkFormCounters.Window] = []

    mutating func admit(_ limits: FolkFormWorld.Limits, at now: Instant) -> Bool {
        let span = limits.windowSeconds * 1_000_000
        let isOpen = past.last.map { now.microseconds < $0.start.microseconds + span } ?? false
        if !isOpen { past.append(FolkFormCounters.Window(start: now)) }
        let last = past.count - 1
        guard limits.requests == 0 || past[last].calls < limits.requests else {
            past[last].refused += 1
            return false
        }
        past[last].calls += 1
        return true
    }
}

/// What the sandbox has seen so far.
package struct FolkFormCounters: Codable, Sendable, Hashable {
    package var calls = 0
    /// By method and path: `POST /api/v1/facebook/message/upsert-messages`.
    package var byPath: [String: Int] = [:]
    package var byStatus: [String: Int] = [:]
    /// Answers that were throttles, injected ones included.
    package var throttled = 0
    /// Windows in order, with the requests that they let in and refused.
    package var windows: [Window] = []
    package var mostCallsInWindow = 0
    package var faults: [String: Int] = [:]

    package struct Window: Codable, Sendable, Hashable {
        package var start: Instant
        package var calls = 0
        package var refused = 0
        init(start: Instant) { self.start = start }
    }

    mutating func count(_ path: String, _ status: Int) {
        calls += 1
        byPath[path, default: 0] += 1
        byStatus[String(status), default: 0] += 1
    }
}
