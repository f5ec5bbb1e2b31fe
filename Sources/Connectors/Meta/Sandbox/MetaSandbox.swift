package import ConnectorKit
import HTTPTypes
package import SyncCore

/// Meta's Graph and Marketing API as a pure state machine (meta.md section 12).
///
/// All that it answers follows from its world, the calls so far, and the moment of each call. Amounts of a
/// day are hashes of (seed, ad, day): nothing is stored per row, so that an account of ten million rows
/// costs no more memory than one of ten.
package struct MetaSandbox: Sandbox {
    package private(set) var world: MetaWorld
    private(set) var model: Model
    var written: [Int64: Written] = [:]
    var limits: LimitState
    var runs = RunState()
    var auth: AuthState
    var faults: FaultState
    var scans = ScanMemo()
    private(set) var tally = MetaCounters()
    private var serial: UInt64 = 0
    /// When calls that are being answered will be done.
    private var busyUntil: [Int64] = []

    /// The world must be one that `check()` accepts.
    package init(_ world: MetaWorld) {
        self.world = world
        model = Model(world)
        auth = AuthState(world)
        faults = FaultState(world.faults)
        limits = LimitState(world, activeAds: MetaSandbox.activeAds(of: model))
    }

    /// Ads that deliver at the anchor: quotas grow with them.
    private static func activeAds(of model: Model) -> [Int64] {
        let anchor = model.world.anchor.daysSince1970
        return model.accounts.map { account in
            Int64(account.ads.count { $0.first <= anchor && anchor <= $0.last })
        }
    }

    /// Begins again as if no call had been made; with `world`, as another world.
    package mutating func reset(to world: MetaWorld? = nil) {
        self = MetaSandbox(world ?? self.world)
    }

    /// Replaces the failures from now on, and nothing else.
    package mutating func inject(_ faults: MetaWorld.Faults) {
        world.faults = faults
        self.faults = FaultState(faults)
    }

    package mutating func respond(to wire: WireRequest, at now: Instant) -> SandboxReply {
        if wire.target.hasPrefix("/sandbox") { return control(wire, at: now) }
        serial += 1
        let chance = Mix.hash(world.seed, Mix.hash(serial, 0xCA11))
        let request = Request(wire)
        let reply: Reply
        if request.method == "POST", request.path.isEmpty, let batch = request.params["batch"] {
            reply = respond(toBatch: batch, request, chance: chance, at: now)
        } else {
            let strikes = faults.draw(request, chance: chance, at: now)
            reply = single(request, strikes: strikes, chance: chance, at: now)
        }
        return finish(reply, request, chance: chance, at: now)
    }

    /// An answer with what else the caller gets of it.
    struct Reply {
        var answer: Answer
        var headers: [(name: String, value: String)] = []
        var strikes = Strikes()
        /// Microseconds of work beyond the usual.
        var work: Int64 = 0
    }

    private mutating func respond(
        toBatch batch: String, _ request: Request, chance: UInt64, at now: Instant
    ) -> Reply {
        let strikes = faults.draw(request, chance: chance, at: now)
        if let answer = foreignAnswer(of: strikes) { return Reply(answer: answer, strikes: strikes) }
        let aborted = GraphError(
            960, nil, "Request aborted. This could happen if a dependent request failed", isTransient: true)
        if let error = strikes.has(.aborted) ? aborted : error(of: strikes), !strikes.has(.insightsLoad) {
            return Reply(answer: answer(to: error, chance: chance), strikes: strikes)
        }
        let (answer, work) = self.batch(request, batch, chance: chance, at: now)
        tally.count(route: "POST batch", status: answer.status)
        return Reply(answer: answer, strikes: strikes, work: work)
    }

    /// One call, alone or inside of a batch.
    mutating func single(_ request: Request, strikes: Strikes, chance: UInt64, at now: Instant) -> Reply {
        if let answer = foreignAnswer(of: strikes) {
            tally.count(route: "\(request.method) ?", status: answer.status)
            return Reply(answer: answer, strikes: strikes)
        }
        let view = View(model: model, written: written, now: now.seconds)
        let scope = self.scope(of: request, view)
        var reply = Reply(answer: Answer(.null), strikes: strikes)
        do throws(GraphError) {
            reply = try serve(request, scope, strikes, chance, view, at: now)
            reply.strikes = strikes
        } catch {
            reply.answer = answer(to: error, chance: chance)
            if [4, 17, 32, 613].contains(error.code) || error.code >= 80000 && error.code < 80015 {
                tally.throttled += 1
            }
        }
        tally.count(route: route(request, view), status: reply.answer.status)
        if let listing = reply.answer.listing { tally.serve(reply.answer.rows, of: listing) }
        limits.settle(scope, took: latency(reply, chance), failed: reply.answer.error != nil, at: now)
        let isWarm = tally.calls > world.limits.warmUp
        if isWarm, !strikes.has(.noHeaders) {
            reply.headers = limits.headers(scope, hidesRegain: strikes.has(.noRegainTime), at: now)
            if strikes.has(.badHeaders) {
                reply.headers = reply.headers.map { ($0.name, String($0.value.dropLast(3))) }
            }
        }
        return reply
    }

    func answer(to error: GraphError, chance: UInt64) -> Answer {
        var answer = Answer(body: body(of: error, chance: chance))
        let isKeyed = error.status == 401 || error.status == 403
        answer.status = isKeyed && !world.limits.strictStatuses ? 400 : error.status
        answer.error = error
        return answer
    }

    /// Microseconds before the first byte.
    func latency(_ reply: Reply, _ chance: UInt64) -> Int64 {
        let knobs = world.latency
        let jitter = Int64(Mix.below(Int(max(1, knobs.jitter + 1)), Mix.hash(chance, 400)))
        return knobs.base + jitter + knobs.row * Int64(reply.answer.rows) + reply.work
    }

    private mutating func finish(_ reply: Reply, _ request: Request, chance: UInt64, at now: Instant) -> SandboxReply {
        var body = reply.answer.body
        if reply.strikes.has(.invalidUTF8), reply.answer.error == nil { body = invalid(body) }
        var response = WireResponse(status: reply.answer.status, body: body)
        response.headers[.contentType] = "application/json; charset=UTF-8"
        let version = [(name: "facebook-api-version", value: "v\(served(request.version)).0")]
        for header in reply.headers + reply.answer.headers + version {
            if let name = HTTPField.Name.graph(header.name) { response.headers[name] = header.value }
        }
        if reply.answer.hasTag {
            let tag = "\"\(String(Mix.hash(body), radix: 16))\""
            response.headers[.eTag] = tag
            if request.noneMatch == tag {
                response.status = 304
                response.body = []
            }
        }
        let delay = latency(reply, chance)
        busyUntil.removeAll { $0 <= now.microseconds }
        busyUntil.append(now.microseconds + delay)
        tally.mostCallsInFlight = max(tally.mostCallsInFlight, busyUntil.count)
        return SandboxReply(
            response, delay: reply.strikes.has(.late) ? .seconds(900) : .microseconds(delay),
            delivery: delivery(of: reply.strikes, length: response.body.count, chance: chance))
    }

    /// The version that serves a call: expired ones are served by the oldest that lives (meta.md 1).
    func served(_ version: Int?) -> Int {
        min(world.versions.newest, max(world.versions.oldest, version ?? world.versions.newest))
    }
}

extension HTTPField.Name {
    private static let known: [String: HTTPField.Name] = {
        let names = [
            "X-App-Usage", "X-Ad-Account-Usage", "X-Business-Use-Case-Usage", "X-FB-Ads-Insights-Throttle",
            "X-FB-Ads-Insights-Reach-Throttle", "facebook-api-version", "Content-Type", "Location",
        ]
        return Dictionary(uniqueKeysWithValues: names.compactMap { name in HTTPField.Name(name).map { (name, $0) } })
    }()

    /// Names of the platform's own headers, checked once.
    fileprivate static func graph(_ name: String) -> HTTPField.Name? { known[name] ?? HTTPField.Name(name) }
}
