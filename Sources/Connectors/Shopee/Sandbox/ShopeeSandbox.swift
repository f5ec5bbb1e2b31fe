package import ConnectorKit
import HTTPTypes
package import SyncCore

/// Shopee's Open Platform with its Ads module as a pure state machine (platforms.md 1.16).
///
/// All that it answers follows from its world, the calls so far, and the moment of each call. Figures of an hour are
/// hashes of (seed, shop, campaign, day, hour): nothing is stored per row.
package struct ShopeeSandbox: Sandbox {
    package private(set) var world: ShopeeWorld
    var shops: [ShopModel]
    var grants: Grants
    var limits: LimitState
    var faults: FaultDesk<ShopeeWorld.Faults.Kind>
    var tally = Counters()
    /// All writes that were carried out, in order.
    var writes: [Write] = []
    /// The listing that each shop is in, by its index.
    var listings: [Int: Listing] = [:]
    private var serial: UInt64 = 0
    /// When calls that are being answered will be done.
    private var busyUntil: [Int64] = []

    /// The world must be one that `check()` accepts.
    package init(_ world: ShopeeWorld) {
        self.world = world
        shops = world.shops.indices.compactMap { index in
            Region(world.shops[index].region).map { ShopModel(world, index, $0) }
        }
        grants = Grants(world)
        limits = LimitState(world.limits)
        faults = FaultDesk(world.faults.rules)
    }

    /// Begins again as if no call had been made; with `world`, as another world.
    package mutating func reset(to world: ShopeeWorld? = nil) {
        self = ShopeeSandbox(world ?? self.world)
    }

    /// Replaces the failures from now on, and nothing else.
    package mutating func inject(_ faults: ShopeeWorld.Faults) {
        world.faults = faults
        self.faults = FaultDesk(faults.rules)
    }

    package mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        grants.open(at: now.seconds)
        if let question = ControlRequest(request) { return control(question, at: now) }
        serial += 1
        let chance = Mix.hash(world.seed, Mix.hash(serial, 0xCA11))
        let call = Call(request)
        let rules = faults.draw(method: call.method, target: call.target, chance: chance, at: now)
        let kinds = Set(rules.map(\.kind))
        tally.count(call, at: now.microseconds)
        if kinds.contains(.refused) {
            return SandboxReply(WireResponse(status: 503, body: []), delivery: .reset)
        }
        var rows = 0
        let response: WireResponse
        if let foreign = foreignAnswer(kinds) {
            response = foreign
        } else {
            do throws(Refusal) {
                let injected = rules.first { $0.kind == .error }?.code
                let answer = try serve(call, injected: injected, kinds, chance: chance, at: now)
                rows = answer.rows
                response = wire(answer, chance: chance)
            } catch {
                response = wire(error, chance: chance)
            }
        }
        tally.note(response.status, rows: rows)
        return finish(response, kinds, rows: rows, chance: chance, at: now)
    }

    private mutating func finish(
        _ response: WireResponse, _ kinds: Set<ShopeeWorld.Faults.Kind>, rows: Int, chance: UInt64, at now: Instant
    ) -> SandboxReply {
        let reply = SandboxReply(response, delay: world.latency.delay(rows: rows, chance: chance))
            .struck(by: Set(kinds.map(\.rawValue)), chance: chance)
        busyUntil.removeAll { $0 <= now.microseconds }
        busyUntil.append(now.microseconds + reply.delay.microseconds)
        tally.mostInFlight = max(tally.mostInFlight, busyUntil.count)
        return reply
    }

    private func wire(_ answer: Answer, chance: UInt64) -> WireResponse {
        if case .redirect(let place) = answer.content {
            var response = WireResponse(status: 302, body: [])
            response.headers[.location] = place
            return response
        }
        var response = WireResponse(
            status: 200, body: envelope(answer.content, requestID: Self.token(chance), chance: chance))
        response.headers[.contentType] = "application/json"
        return response
    }

    private mutating func wire(_ refusal: Refusal, chance: UInt64) -> WireResponse {
        tally.refuse(refusal)
        let body = SandboxJSON.object([
            ("error", .text(refusal.code)), ("message", .text(refusal.message)),
            ("request_id", .text(Self.token(chance))),
        ])
        var response = WireResponse(status: status(of: refusal), body: refusal.isBare ? [] : body.bytes)
        if refusal.isBare {
            response.status = 429
        } else {
            response.headers[.contentType] = "application/json"
        }
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// Answers that are no JSON of the platform (platforms.md 1.16, item 4).
    private func foreignAnswer(_ kinds: Set<ShopeeWorld.Faults.Kind>) -> WireResponse? {
        if kinds.contains(.html502) { return .page(502, "502 Bad Gateway") }
        if kinds.contains(.html429) { return .page(429, "429 Too Many Requests") }
        if kinds.contains(.empty429) { return WireResponse(status: 429, body: []) }
        return nil
    }

    /// An hour is over, campaigns have come: brings a shop up to `now` and says its time.
    mutating func clock(of shop: Int, at now: Instant) -> ShopClock {
        let clock = time(of: shop, at: now)
        shops[shop].grow(to: clock.today)
        return clock
    }

    func time(of shop: Int, at now: Instant) -> ShopClock {
        ShopClock(
            shops[shop].region, attributionDays: world.performance.attributionDays, seconds: now.seconds)
    }
}
