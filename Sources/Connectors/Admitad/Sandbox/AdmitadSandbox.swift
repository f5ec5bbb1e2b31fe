package import ConnectorKit
import HTTPTypes
package import SyncCore

/// Admitad's publisher API as a pure state machine (platforms.md 4).
///
/// Conversions are hashes of (seed, day, number): only tokens, calls and what tests changed by hand are remembered.
package struct AdmitadSandbox: Sandbox {
    package private(set) var world: AdmitadWorld
    let catalog: ProgramCatalog
    var ledger: Ledger
    var tokens: TokenDesk
    private var window: CallWindow
    private var faults: FaultDesk<AdmitadWorld.Fault>
    private var tally = AdmitadCounters()
    private var actionPages = 0
    private var serial: UInt64 = 0

    package init(_ world: AdmitadWorld) {
        self.world = world
        catalog = ProgramCatalog(world)
        ledger = Ledger(world, catalog)
        tokens = TokenDesk(world)
        window = CallWindow(most: world.reading.callsPerMinute, per: .seconds(60))
        faults = FaultDesk(world.faults)
    }

    /// Begins again as if no call had been made; with `world`, as another world.
    package mutating func reset(to world: AdmitadWorld? = nil) {
        self = AdmitadSandbox(world ?? self.world)
    }

    /// Replaces the failures from now on, and nothing else.
    package mutating func inject(_ rules: [FaultRule<AdmitadWorld.Fault>]) {
        world.faults = rules
        faults = FaultDesk(rules)
    }

    package mutating func respond(to wire: WireRequest, at now: Instant) -> SandboxReply {
        if let question = ControlRequest(wire) {
            return ControlRequest.reply {
                question.isChange ? try change(question, at: now) : try oracle(question, at: now)
            }
        }
        serial += 1
        let chance = Mix.hash(world.seed, Mix.hash(serial, 0xAD))
        let call = SandboxCall(wire)
        let kinds = Set(
            faults.draw(method: call.method, target: call.target, chance: chance, at: now).map(\.kind))
        var reply = answer(call, kinds, at: now)
        tally.count("\(call.method) \(wire.path)", reply.response.status)
        reply.delay = world.latency.delay(chance: chance)
        return reply.struck(by: Set(kinds.map(\.rawValue)), chance: chance)
    }

    private mutating func answer(
        _ call: SandboxCall, _ kinds: Set<AdmitadWorld.Fault>, at now: Instant
    ) -> SandboxReply {
        if kinds.contains(.outage) { return SandboxReply(.page(503, "Service Temporarily Unavailable")) }
        do throws(Refusal) {
            if call.path == ["token"], call.endsWithSlash {
                return SandboxReply(try token(call, kinds, at: now))
            }
            let scopes = try tokens.scopes(of: call.authorization("Bearer"), at: now)
            try admit(kinds, at: now)
            guard call.endsWithSlash else { throw .notFound }
            guard call.method == "GET" else { throw .request("Method not allowed") }
            return SandboxReply(try read(call, scopes, kinds, at: now))
        } catch {
            if error.code == 4 { tally.throttled += 1 }
            return error.reply
        }
    }

    private mutating func token(
        _ call: SandboxCall, _ kinds: Set<AdmitadWorld.Fault>, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        guard call.method == "POST" else { throw .request("Method not allowed") }
        let grant = try tokens.application(of: call)
        try admit(kinds.subtracting([.tokenExpired, .tokenInvalid, .forbidden]), at: now)
        return try tokens.mint(grant, call.form, at: now)
    }

    /// Lets a call of the application through, or says what strikes it.
    private mutating func admit(_ kinds: Set<AdmitadWorld.Fault>, at now: Instant) throws(Refusal) {
        if kinds.contains(.serverError) { throw Refusal(500, "server_error", "Internal server error", code: nil) }
        if kinds.contains(.tokenExpired) { throw .tokenExpired }
        if kinds.contains(.tokenInvalid) { throw .tokenInvalid }
        if kinds.contains(.forbidden) { throw .scopeMissing("this application") }
        guard !kinds.contains(.throttled), window.admit(at: now) else { throw .throttled }
    }

    /// A conversion that comes in while a caller pages, if this world has such.
    mutating func countActionPage(at now: Instant) {
        actionPages += 1
        let every = world.reading.insertsAfterPages
        guard every > 0, actionPages % every == 0 else { return }
        let back = Int64(Mix.below(86_400, Mix.hash(world.seed, 900 + actionPages)))
        ledger.insert(happened: now.seconds - back, at: now.seconds)
    }
}

extension AdmitadSandbox {
    package var counters: AdmitadCounters {
        var counters = tally
        counters.tokens = tokens.minted
        counters.mostCallsInMinute = window.peak
        counters.faults = faults.byKind
        return counters
    }
}

/// What the sandbox has seen so far.
package struct AdmitadCounters: Codable, Sendable, Hashable {
    package var calls = 0
    /// By method and path: `GET /statistics/actions/`.
    package var byPath: [String: Int] = [:]
    package var byStatus: [String: Int] = [:]
    /// Answers that were throttles, injected ones included.
    package var throttled = 0
    /// Tokens that were given out, refreshed ones included.
    package var tokens = 0
    /// Calls that were let through within any 60 seconds, at most.
    package var mostCallsInMinute = 0
    package var faults: [String: Int] = [:]

    mutating func count(_ path: String, _ status: Int) {
        calls += 1
        byPath[path, default: 0] += 1
        byStatus[String(status), default: 0] += 1
    }
}
