import ConnectorKit
import HTTPTypes
import SyncCore
import SyncTestKit
import Synchronization

/// Stands before the platform: refuses tokens and permissions from some call on, and lets a chunk kill its
/// process. It also watches that nobody calls with a token that he knows to be refused.
final class Gatekeeper: Sendable {
    private struct State {
        var isOpen = true
        var calls = 0
        /// Which of the plan's tokens holds; those before it are refused for good.
        var token = 0
        /// The present one is refused as well, until the owner gives the next.
        var isRefused = false
        var kills = 0
    }

    private let plan: FaultPlan
    private let ledger: Ledger
    private let tally: RareStates
    private let state = Mutex(State())

    init(_ plan: FaultPlan, ledger: Ledger, tally: RareStates) {
        self.plan = plan
        self.ledger = ledger
        self.tally = tally
    }

    /// Nothing new is refused, and nothing kills, while the gate is open.
    var isOpen: Bool {
        get { state.withLock { $0.isOpen } }
        set { state.withLock { $0.isOpen = newValue } }
    }

    /// Calls while the gate was not open, or that were let through it.
    var calls: Int { state.withLock { $0.calls } }
    var token: String { state.withLock { FaultPlan.tokens[$0.token] } }
    var isRefused: Bool { state.withLock { $0.isRefused } }

    /// The owner gives the next token.
    func renew() {
        state.withLock { state in
            guard state.isRefused else { return }
            state.token += 1
            state.isRefused = false
        }
    }

    /// What he answers in the platform's place.
    func refusal(of request: WireRequest, from process: SimProcess) -> SandboxReply? {
        let call = state.withLock { state in
            state.calls += 1
            return state.calls
        }
        if let reply = refusedToken(request, process, call) { return reply }
        guard !isOpen else { return nil }
        if kills(request) {
            tally.count("killed_by_a_chunk")
            process.kill()
            return nil
        }
        return refusedEdge(request, call) ?? refusedField(request, call)
    }

    // MARK: Tokens

    private func refusedToken(_ request: WireRequest, _ process: SimProcess, _ call: Int) -> SandboxReply? {
        let breaksAt = 6 + plan.number(.token, 1, 0...80)
        let given = request.headers[.authorization]?.split(separator: " ").last.map(String.init) ?? ""
        let refused = state.withLock { state -> Bool in
            let isLast = state.token == FaultPlan.tokens.count - 1
            let breaks = call == breaksAt || call == breaksAt * 2
            if plan.has(.token), !state.isOpen, !isLast, breaks { state.isRefused = true }
            guard let index = FaultPlan.tokens.firstIndex(of: given) else { return state.isRefused }
            // Version 1 of the connection holds token 0.
            if index < process.parkedVersion { ledger.report("a call with a token that its caller saw refused") }
            return index < state.token || state.isRefused && index == state.token
        }
        guard refused else { return nil }
        tally.count("token_refused")
        let subcodes = [458, 459, 460, 463, 464, 467, 492, 0]
        let subcode = subcodes[plan.number(.token, 2, 0...7)]
        return graphError(190, subcode, "Error validating access token: it is not valid any more.", status: 401)
    }

    // MARK: Permissions

    private func refusedEdge(_ request: WireRequest, _ call: Int) -> SandboxReply? {
        guard plan.has(.edgePermission), call >= plan.number(.edgePermission, 1, 2...60) else { return nil }
        let edges = ["/me/accounts", "/me/businesses", "/adsets", "/insights"]
        guard request.path.hasSuffix(edges[plan.number(.edgePermission, 2, 0...3)]) else { return nil }
        tally.count("edge_refused")
        let code = plan.number(.edgePermission, 3, 0...1) == 0 ? 10 : 200
        return graphError(code, 0, "(#\(code)) Requires ads_read permission to manage the object", status: 403)
    }

    private func refusedField(_ request: WireRequest, _ call: Int) -> SandboxReply? {
        guard plan.has(.fieldPermission), call >= plan.number(.fieldPermission, 1, 2...40) else { return nil }
        let fields = ["reach", "inline_link_clicks", "preview_shareable_link", "bid_strategy"]
        let field = fields[plan.number(.fieldPermission, 2, 0...3)]
        let form = FormCoding.decode(String(decoding: request.body, as: UTF8.self))
        let asked = request.method == .post ? form : request.query
        guard let list = asked.first(where: { $0.name == "fields" })?.value, list.contains(field) else { return nil }
        tally.count("field_refused")
        let code = plan.number(.fieldPermission, 3, 0...1) == 0 ? 10 : 200
        return graphError(code, 0, "(#\(code)) The app may not read (\(field)) of this account", status: 403)
    }

    private func graphError(_ code: Int, _ subcode: Int, _ message: String, status: Int) -> SandboxReply {
        let detail = subcode == 0 ? "" : ",\"error_subcode\":\(subcode)"
        let body = "{\"error\":{\"message\":\"\(message)\",\"type\":\"OAuthException\",\"code\":\(code)\(detail)}}"
        return SandboxReply(WireResponse(status: status, body: Array(body.utf8)), delay: .milliseconds(40))
    }

    // MARK: Spoiled answers

    /// What becomes of an answer on the way.
    func spoiled(_ reply: SandboxReply, to request: WireRequest) -> SandboxReply {
        broken(withoutPoisoned(reply, to: request), to: request)
    }

    /// A text that is no UTF-8 however often it is asked for.
    private func broken(_ reply: SandboxReply, to request: WireRequest) -> SandboxReply {
        guard plan.has(.brokenText), request.path.hasSuffix("/me/businesses"), reply.response.status == 200,
            let name = reply.response.body.firstRange(of: Array("\"name\":\"".utf8))
        else { return reply }
        var reply = reply
        reply.response.body[name.upperBound] = 0xFF
        return reply
    }

    /// A page with one of these ads cannot be shown, because the post behind its creative is gone; the rest of it can,
    /// or its id alone.
    private func withoutPoisoned(_ reply: SandboxReply, to request: WireRequest) -> SandboxReply {
        guard plan.has(.poisonCreative), request.path.hasSuffix("/ads"), reply.response.status == 200,
            let fields = request.query.first(where: { $0.name == "fields" })?.value,
            fields != "id", !(plan.showsBasics && !fields.contains("creative"))
        else { return reply }
        let body = String(decoding: reply.response.body, as: UTF8.self)
        let isSpoiled = plan.poisonedAds.contains { body.contains("\"id\":\"\($0)\"") }
        return isSpoiled ? graphError(100, 2_446_289, "(#100) The creative's post is gone", status: 400) : reply
    }

    // MARK: Crashes

    /// One chunk ends every process that works on it, until it is set aside.
    private func kills(_ request: WireRequest) -> Bool {
        guard plan.has(.killerChunk) else { return false }
        let targets = ["/adsets", "/campaigns", "/me/businesses", "/me/accounts"]
        guard request.path.hasSuffix(targets[plan.number(.killerChunk, 1, 0...3)]) else { return false }
        return state.withLock { state in
            state.kills += 1
            return state.kills <= 30
        }
    }
}
