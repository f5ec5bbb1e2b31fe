import ConnectorKit
import SyncCore

extension MetaSandbox {
    /// Which faults strike the call at hand.
    struct Strikes: Sendable {
        var kinds: Set<MetaWorld.Faults.Kind> = []
        var subcode: Int?

        func has(_ kind: MetaWorld.Faults.Kind) -> Bool { kinds.contains(kind) }
    }

    /// Counts matches of the rules, and strikes.
    struct FaultState: Sendable {
        let plan: MetaWorld.Faults
        private var desk: FaultDesk<MetaWorld.Faults.Kind>
        var byKind: [String: Int] { desk.byKind }

        init(_ plan: MetaWorld.Faults) {
            self.plan = plan
            desk = FaultDesk(plan.rules)
        }

        mutating func draw(_ request: Request, chance: UInt64, at now: Instant) -> Strikes {
            // Only items can be null, and only a whole batch is aborted.
            let impossible: Set<MetaWorld.Faults.Kind> = [request.isBatchItem ? .aborted : .nullItem]
            let rules = desk.draw(
                method: request.method, target: request.target, leavingOut: impossible, chance: chance, at: now)
            var strikes = Strikes()
            for rule in rules {
                strikes.kinds.insert(rule.kind)
                if rule.kind == .token { strikes.subcode = rule.code.flatMap(Int.init) ?? 460 }
            }
            return strikes
        }
    }

    /// Errors that strike instead of an answer.
    func error(of strikes: Strikes) -> GraphError? {
        if strikes.has(.token) { return .token(strikes.subcode ?? 460) }
        if strikes.has(.permission) {
            return GraphError(
                200, nil, "(#200) Ad account owner has NOT granted ads_management or ads_read permission", status: 403)
        }
        if strikes.has(.unavailable) || strikes.has(.okWithError) {
            let status = strikes.has(.okWithError) ? 200 : 503
            return GraphError(2, nil, "Service temporarily unavailable", status: status, isTransient: true)
        }
        if strikes.has(.unknown) {
            return GraphError(1, nil, "An unknown error occurred", status: 500, isTransient: true)
        }
        if strikes.has(.accountThrottle) { return .userLimit }
        if strikes.has(.insightsLoad) { return .insightsLoad }
        if strikes.has(.abuse) { return GraphError(613, nil, "(#613) Calls to this api have exceeded the rate limit.") }
        if strikes.has(.tooMuch) { return .reduce() }
        return nil
    }

    /// Answers that are no Graph JSON at all.
    func foreignAnswer(of strikes: Strikes) -> Answer? {
        if strikes.has(.html500) {
            var answer = Answer(
                body: Array("<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>".utf8))
            answer.status = 500
            answer.headers = [("Content-Type", "text/html; charset=utf-8")]
            return answer
        }
        if strikes.has(.text503) {
            var answer = Answer(body: Array("Service Unavailable".utf8))
            answer.status = 503
            answer.headers = [("Content-Type", "text/plain")]
            return answer
        }
        return nil
    }

    func delivery(of strikes: Strikes, length: Int, chance: UInt64) -> SandboxReply.Delivery {
        if strikes.has(.reset) { return .reset }
        if strikes.has(.truncated), length > 1 { return .cut(after: Mix.below(length - 1, Mix.hash(chance, 210))) }
        if strikes.has(.slow) { return .slow(pieces: 5, pause: .milliseconds(200)) }
        return .whole
    }

    /// Breaks one byte inside of a name, when there is one.
    func invalid(_ body: [UInt8]) -> [UInt8] {
        let mark = Array("name\":\"".utf8)
        var body = body
        var index = 0
        while index + mark.count + 1 < body.count {
            if body[index] == mark[0], Array(body[index..<index + mark.count]) == mark {
                if body[index + mark.count] != 0x22 { body[index + mark.count] = 0xC3 }
                return body
            }
            index += 1
        }
        return body
    }

    /// The body of an error, in the style of the world's faults (meta.md 7).
    func body(of error: GraphError, chance: UInt64) -> [UInt8] {
        let style = faults.plan
        func falls(_ share: Int, _ salt: Int) -> Bool { Mix.strikes(share, Mix.hash(chance, salt)) }
        let message =
            falls(style.localised, 220) && error.code != 100 ? "Đã xảy ra lỗi. Vui lòng thử lại sau." : error.message
        var members: [(key: String, value: JSON)] = [
            ("message", .text(message)), ("type", .text(error.type)), ("code", .int(Int64(error.code))),
        ]
        if let subcode = error.subcode, !falls(style.noSubcode, 221) {
            members.append(("error_subcode", .int(Int64(subcode))))
        }
        members.append(("is_transient", .bool(falls(style.wrongTransient, 222) != error.isTransient)))
        if let title = error.title {
            members += [("error_user_title", .text(title)), ("error_user_msg", .text(message))]
        }
        if let blame = error.blame {
            let data = JSON.object([("blame_field_specs", .list([.list([.text(blame)])]))])
            let isText = falls(style.dataAsText, 223)
            members.append(
                ("error_data", isText ? .text(String(decoding: data.bytes, as: UTF8.self)) : data))
        }
        members.append(("fbtrace_id", .text("A\(String(Mix.hash(chance, 224), radix: 36))")))
        return JSON.object([("error", .object(members))]).bytes
    }
}
