import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore

extension MetaSandbox {
    /// The control endpoint under `/sandbox`, which no platform has: oracles and switches for tests. It needs
    /// no token and touches no limit.
    mutating func control(_ wire: WireRequest, at now: Instant) -> SandboxReply {
        let path = wire.path.split(separator: "/").dropFirst().joined(separator: "/")
        var query: [String: String] = [:]
        for item in wire.query { query[item.name] = item.value }
        do {
            let body = try wire.method == .post ? change(path, query, wire.body) : oracle(path, query, at: now)
            var response = WireResponse(status: 200, body: body)
            response.headers[.contentType] = "application/json"
            return SandboxReply(response)
        } catch {
            var response = WireResponse(status: 400, body: JSON.object([("error", .text("\(error)"))]).bytes)
            response.headers[.contentType] = "application/json"
            return SandboxReply(response)
        }
    }

    private func oracle(_ path: String, _ query: [String: String], at now: Instant) throws -> [UInt8] {
        let at = query["at"].flatMap(Int64.init).map { Instant(seconds: $0) } ?? now
        let account = query["account"] ?? world.accounts[0].id
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        switch path {
        case "truth":
            let firstSeen = query["first_seen"].flatMap(Int64.init).map { Instant(seconds: $0) }
            guard let truth = truth(at: at, account: account, days: try days(query), firstSeen: firstSeen) else {
                throw WorldError("There is no account \(account)")
            }
            let fewest = fewestCalls(at: at, account: account)
            return Array(try encoder.encode(TruthAnswer(truth, fewestCalls: fewest)))
        case "sums":
            guard let days = try days(query) ?? reportDays(at: at, account: account) else {
                throw WorldError("There is no account \(account)")
            }
            let sums = sums(at: at, account: account, level: query["level"] ?? "account", days: days)
            let named = Dictionary(uniqueKeysWithValues: sums.map { ($0.key.description, $0.value) })
            return Array(try encoder.encode(named))
        case "ids":
            return Array(try encoder.encode(ids(of: query["stream"] ?? "ads", at: at, account: account)))
        case "counters": return Array(try encoder.encode(counters))
        case "blocked": return Array(try encoder.encode(blocked(at: at)))
        case "world": return Array(try encoder.encode(world))
        case "fewest":
            let calls = fewestCalls(
                at: at, account: account, entities: query["entities"].flatMap(Int.init) ?? 500,
                insights: query["insights"].flatMap(Int.init) ?? 500, posts: query["posts"].flatMap(Int.init) ?? 100)
            return Array(try encoder.encode(["calls": calls]))
        default: throw WorldError("There is no oracle \(path)")
        }
    }

    private func days(_ query: [String: String]) throws -> DayRange? {
        guard let from = query["from"], let to = query["to"] else { return nil }
        guard let first = CivilDate(from), let last = CivilDate(to), let days = DayRange(first, last) else {
            throw WorldError("from and to must be days, the earlier one first")
        }
        return days
    }

    private mutating func change(_ path: String, _ query: [String: String], _ body: [UInt8]) throws -> [UInt8] {
        switch path {
        case "reset": reset()
        case "world":
            let next = try world.changed(by: body)
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
                let wrapped = JSON.object([("faults", JSON(parsing: body) ?? .object([]))])
                inject(try fresh.changed(by: wrapped.bytes).faults)
            }
        default: throw WorldError("There is no switch \(path)")
        }
        return Array("{\"success\":true}".utf8)
    }
}

extension MetaWorld {
    /// This world with the members of a JSON object over it, at every depth: a file or a request names only
    /// what differs. Throws a sentence for text that is no such object and for a world that makes no sense.
    package func changed(by json: [UInt8]) throws -> MetaWorld {
        guard let changes = MetaSandbox.JSON(parsing: json), case .object = changes else {
            throw WorldError("The world must be a JSON object")
        }
        let own = MetaSandbox.JSON(parsing: Array(try JSONEncoder().encode(self))) ?? .object([])
        let merged = Data(own.merged(with: changes).bytes)
        let world: MetaWorld
        do {
            world = try JSONDecoder().decode(MetaWorld.self, from: merged)
        } catch {
            throw WorldError("The world has a value of the wrong kind: \(error)")
        }
        try world.check()
        return world
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
