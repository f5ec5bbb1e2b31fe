package import ConnectorKit
import HTTPTypes
package import SyncCore

/// Pancake's user and page API as a pure state machine (platforms.md 2).
///
/// What goes on after the anchor follows from the seed and happens when the next call comes in.
package struct PancakeSandbox: Sandbox {
    package private(set) var world: PancakeWorld
    var inbox: Inbox
    var tokens: TokenDesk
    private var windows: [CallWindow]
    private var faults: FaultDesk<PancakeWorld.Fault>
    var tally = PancakeCounters()
    private var serial: UInt64 = 0
    private var conversationPages = 0
    private var messagePages = 0

    package init(_ world: PancakeWorld) {
        self.world = world
        inbox = Inbox(world)
        tokens = TokenDesk(world)
        windows = world.pages.map { _ in CallWindow(most: world.reading.callsPerSecond, per: .seconds(1)) }
        faults = FaultDesk(world.faults)
    }

    /// Begins again as if no call had been made; with `world`, as another world.
    package mutating func reset(to world: PancakeWorld? = nil) {
        self = PancakeSandbox(world ?? self.world)
    }

    /// Replaces the failures from now on, and nothing else.
    package mutating func inject(_ rules: [FaultRule<PancakeWorld.Fault>]) {
        world.faults = rules
        faults = FaultDesk(rules)
    }

    package mutating func respond(to wire: WireRequest, at now: Instant) -> SandboxReply {
        inbox.advance(to: now)
        if let question = ControlRequest(wire) {
            return ControlRequest.reply {
                question.isChange ? try change(question, at: now) : try oracle(question, at: now)
            }
        }
        serial += 1
        let chance = Mix.hash(world.seed, Mix.hash(serial, 0x9A9))
        let call = SandboxCall(wire)
        let kinds = Set(
            faults.draw(method: call.method, target: call.target, chance: chance, at: now).map(\.kind))
        var reply = answer(call, kinds, chance, at: now)
        tally.byStatus[String(reply.response.status), default: 0] += 1
        reply.delay = world.latency.delay(chance: chance)
        return reply.struck(by: Set(kinds.map(\.rawValue)), chance: chance)
    }

    private mutating func answer(
        _ call: SandboxCall, _ kinds: Set<PancakeWorld.Fault>, _ chance: UInt64, at now: Instant
    ) -> SandboxReply {
        tally.calls += 1
        if kinds.contains(.outage) { return SandboxReply(.page(502, "Bad Gateway")) }
        if let picture = picture(call) { return SandboxReply(picture) }
        do throws(Refusal) {
            return SandboxReply(try serve(call, kinds, chance, at: now))
        } catch {
            if error.code == 429 { tally.throttled += 1 }
            if let code = error.code { tally.byCode[String(code), default: 0] += 1 }
            return error.reply(strict: world.auth.strictStatuses)
        }
    }

    /// `{User API}/pages/{id}/avatar/{psid}`: a redirect for everybody (platforms.md 2.5).
    private func picture(_ call: SandboxCall) -> WireResponse? {
        guard call.method == "GET", call.path.count == 6, Array(call.path[..<3]) == ["api", "v1", "pages"],
            call.path[4] == "avatar"
        else { return nil }
        var response = WireResponse(status: 301, body: [])
        response.headers[.location] = "https://cdn.sandbox.example/avatar/\(call.path[5]).jpg"
        return response
    }

    private mutating func serve(
        _ call: SandboxCall, _ kinds: Set<PancakeWorld.Fault>, _ chance: UInt64, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        guard call.path.first == "api", call.path.count > 2 else { throw .notFound }
        switch (call.path[1], call.path[2]) {
        case ("v1", "pages"):
            tally.count(call.path.count > 4 ? call.path[4] : "pages", page: call.path.count > 3 ? call.path[3] : nil)
            try strike(kinds)
            try tokens.checkUser(call["access_token"], at: now)
            return try user(call)
        case ("public_api", "v1"), ("public_api", "v2"):
            guard call.path.count > 5, call.path[3] == "pages" else { throw .notFound }
            guard let page = world.pages.firstIndex(where: { $0.id == call.path[4] }) else { throw .invalidToken }
            tally.count(call.path.count == 8 ? call.path[7] : call.path[5], page: call.path[4])
            guard windows[page].admit(at: now) else {
                tally.throttledByPage[call.path[4], default: 0] += 1
                throw .throttled
            }
            try strike(kinds)
            try tokens.checkPage(call["page_access_token"], page)
            return try serve(page: page, call, chance, at: now)
        default: throw .notFound
        }
    }

    private func strike(_ kinds: Set<PancakeWorld.Fault>) throws(Refusal) {
        if kinds.contains(.serverError) { throw Refusal(nil, "Internal server error", status: 500) }
        if kinds.contains(.throttled) { throw .throttled }
        if kinds.contains(.invalidToken) { throw .invalidToken }
        if kinds.contains(.renewedToken) { throw .renewed }
        if kinds.contains(.expiredToken) { throw .expired }
        if kinds.contains(.denied) { throw Refusal(106, "Permission denied") }
    }

    private mutating func serve(
        page: Int, _ call: SandboxCall, _ chance: UInt64, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        let parts = call.path.dropFirst(5)
        switch (call.method, call.path[2], parts.first, parts.count) {
        case ("GET", "v2", "conversations", 1):
            defer { countConversationPage(page, at: now) }
            return try conversations(of: page, call, chance)
        case ("GET", "v1", "conversations", 3) where parts.last == "messages":
            let id = call.path[6]
            defer { countMessagePage(page, id, at: now) }
            return try messages(of: page, conversation: id, call, at: now)
        case ("POST", "v1", "conversations", 3):
            return try act(call.path[7], on: call.path[6], of: page, call, at: now)
        case ("PUT", "v1", "page_customers", 2): return try changeCustomer(call.path[6], of: page, call)
        case ("GET", "v1", "statistics", 2): return try statistics(call.path[6], call)
        case ("GET", "v1", let list?, 1): return try listV1(list, of: page, call)
        default: throw .notFound
        }
    }

    private mutating func countConversationPage(_ page: Int, at now: Instant) {
        conversationPages += 1
        let every = world.reading.movesAfterPages
        guard every > 0, conversationPages % every == 0 else { return }
        inbox.addMessage(page: page, conversation: Mix.hash(world.seed, conversationPages), at: now)
    }

    private mutating func countMessagePage(_ page: Int, _ id: String, at now: Instant) {
        messagePages += 1
        let (grows, shrinks) = (world.reading.growsAfterPages, world.reading.shrinksAfterPages)
        guard let index = inbox.index(of: id, page: page) else { return }
        if grows > 0, messagePages % grows == 0 { inbox.addMessage(page: page, index: index, at: now) }
        if shrinks > 0, messagePages % shrinks == 0 { inbox.deleteNewest(page: page, index: index) }
    }

    /// Calls let through, at most within one second, by page.
    var peaks: [String: Int] {
        Dictionary(uniqueKeysWithValues: zip(world.pages.map(\.id), windows.map(\.peak)))
    }

    var faultCounts: [String: Int] { faults.byKind }
}
