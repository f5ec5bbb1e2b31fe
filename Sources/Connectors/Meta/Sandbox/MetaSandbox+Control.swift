import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore

extension MetaSandbox {
    /// The control endpoint under `/sandbox`, which no platform has: oracles and switches for tests. It needs
    /// no token and touches no limit.
    mutating func control(_ wire: WireRequest, at now: Instant) -> SandboxReply {
        guard let question = ControlRequest(wire) else { return SandboxReply(WireResponse(status: 404, body: [])) }
        return ControlRequest.reply {
            question.isChange ? try change(question) : try oracle(question, at: now)
        }
    }

    private func oracle(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        let query = question.query
        let at = question.moment(or: now)
        let account = query["account"] ?? world.accounts[0].id
        switch question.path {
        case "truth":
            let firstSeen = query["first_seen"].flatMap(Int64.init).map { Instant(seconds: $0) }
            guard let truth = truth(at: at, account: account, days: try question.days(), firstSeen: firstSeen) else {
                throw WorldError("There is no account \(account)")
            }
            let fewest = fewestCalls(at: at, account: account)
            return try ControlRequest.json(TruthAnswer(truth, fewestCalls: fewest))
        case "sums":
            guard let days = try question.days() ?? reportDays(at: at, account: account) else {
                throw WorldError("There is no account \(account)")
            }
            let sums = sums(at: at, account: account, level: query["level"] ?? "account", days: days)
            let named = Dictionary(uniqueKeysWithValues: sums.map { ($0.key.description, $0.value) })
            return try ControlRequest.json(named)
        case "ids":
            return try ControlRequest.json(ids(of: query["stream"] ?? "ads", at: at, account: account))
        case "counters": return try ControlRequest.json(counters)
        case "blocked": return try ControlRequest.json(blocked(at: at))
        case "world": return try ControlRequest.json(world)
        case "fewest":
            let calls = fewestCalls(
                at: at, account: account, entities: query["entities"].flatMap(Int.init) ?? 500,
                insights: query["insights"].flatMap(Int.init) ?? 500, posts: query["posts"].flatMap(Int.init) ?? 100)
            return try ControlRequest.json(["calls": calls])
        default: throw WorldError("There is no oracle \(question.path)")
        }
    }

    private mutating func change(_ question: ControlRequest) throws -> [UInt8] {
        let query = question.query
        switch question.path {
        case "reset": reset()
        case "world":
            let next = try world.changed(by: question.body)
            reset(to: next)
        case "faults":
            if let rule = query["rule"] {
                guard let faults = MetaWorld.Faults(rule: rule) else { throw WorldError("\(rule) is no fault rule") }
                inject(faults)
            } else if let seed = query["seed"].flatMap(UInt64.init) {
                inject(.drawn(seed: seed, permanent: query["permanent"] == "true"))
            } else {
                var fresh = world
                fresh.faults = MetaWorld.Faults()
                let wrapped = JSON.object([("faults", JSON(parsing: question.body) ?? .object([]))])
                inject(try fresh.changed(by: wrapped.bytes).faults)
            }
        default: throw WorldError("There is no switch \(question.path)")
        }
        return ControlRequest.done
    }
}

/// The truth as the control endpoint tells it: rows under the names of streams (`ads`) and of the tables
/// that a sync fills (`meta_ads`).
private struct TruthAnswer: Encodable {
    let rows: [String: Int]
    let unfiltered: [String: Int]
    let from: CivilDate
    let to: CivilDate
    let fewestCalls: Int

    init(_ truth: MetaTruth, fewestCalls: Int) {
        func named(_ rows: [String: Int]) -> [String: Int] {
            rows.merging(rows.map { ("meta_\($0.key)", $0.value) }) { own, _ in own }
        }
        rows = named(truth.rows)
        unfiltered = named(truth.unfiltered)
        from = truth.from
        to = truth.to
        self.fewestCalls = fewestCalls
    }
}
