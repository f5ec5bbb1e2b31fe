import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// Every connector against its own sandbox, without network: a whole account, the same in the end as what
/// the sandbox holds.
@Suite("Contract of connectors and their sandboxes")
struct ContractTests {
    private static let start = Instant(seconds: 1_795_230_000)

    private static func meta(_ world: MetaWorld) -> ContractCase {
        ContractCase(
            connector: MetaConnector.self, sandbox: MetaSandbox(world),
            credential: Credential(["token": Secret(world.token), "app_secret": Secret(world.appSecret)]),
            account: "act_\(world.mainAccountID)", now: start
        ) { sandbox, now, days in
            let box = sandbox as? MetaSandbox
            return box?.truth(at: now, account: world.mainAccountID, days: days, firstSeen: start)?.rows ?? [:]
        }
    }

    private static func shopee(_ world: ShopeeWorld) -> ContractCase {
        let values = Dictionary(uniqueKeysWithValues: world.credential.map { ($0.field, Secret($0.value)) })
        return ContractCase(
            connector: ShopeeConnector.self, sandbox: world.sandbox(), credential: Credential(values),
            account: world.account, now: start
        ) { sandbox, now, days in
            let rows = (sandbox as? ShopeeSandbox)?.truth(of: 0, days: days, at: now).rows ?? [:]
            return Dictionary(uniqueKeysWithValues: rows.map { (String($0.key.dropFirst("shopee_".count)), $0.value) })
        } sums: { sandbox, now, days in
            func daily(_ level: String) -> ContractSums {
                ContractSums(daily: asked("sums", "&level=\(level)", of: sandbox, world, now, days))
            }
            // Hours of a day add up to what the day is.
            return [
                "shop_daily": daily("shop"), "shop_hourly": daily("shop"),
                "campaign_daily": daily("campaign"), "campaign_hourly": daily("campaign"),
            ]
        }
    }

    /// An oracle of a sandbox, over days.
    private static func asked(
        _ oracle: String, _ more: String = "", of sandbox: any Sandbox, _ world: any SandboxWorld, _ now: Instant,
        _ days: DayRange
    ) -> JSONTree? {
        var box = sandbox
        let query = "account=\(world.account)&from=\(days.first)&to=\(days.last)\(more)"
        return JSONTree.parse(
            box.respond(to: WireRequest(.get, "/sandbox/\(oracle)?\(query)"), at: now).response.body)
    }

    /// With the truth as the sandbox's own endpoint tells it.
    private static func told(_ connector: any Connector.Type, _ world: any SandboxWorld) -> ContractCase {
        let values = Dictionary(uniqueKeysWithValues: world.credential.map { ($0.field, Secret($0.value)) })
        return ContractCase(
            connector: connector, sandbox: world.sandbox(), credential: Credential(values), account: world.account,
            now: start
        ) { sandbox, now, days in
            guard case .object(let rows)? = asked("truth", of: sandbox, world, now, days)?["rows"] else { return [:] }
            let prefix = "\(connector.platform.id)_"
            return Dictionary(
                uniqueKeysWithValues: rows.compactMap { name, count in
                    count.int.map { (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name, $0) }
                })
        }
    }

    private static func world(_ type: any SandboxWorld.Type, _ seed: UInt64) -> any SandboxWorld {
        let today = CivilDate(start, in: .gmt)
        guard let world = type.named("small", seed: seed, sizes: [:], today: today) else {
            preconditionFailure("\(type.platform) has no small world")
        }
        return world
    }

    private static func changed(_ type: any SandboxWorld.Type, _ seed: UInt64, _ json: String) -> any SandboxWorld {
        do {
            return try world(type, seed).changed(by: Array(json.utf8))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Nothing new comes while it is read: what comes behind the last look at the list is the next sync's.
    private static func pancake(_ seed: UInt64, faults: String = "[]") -> ContractCase {
        let changes = #"{"traffic":{"messagesPerHour":0,"newConversations":0},"faults":\#(faults)}"#
        var given = told(PancakeConnector.self, changed(PancakeWorld.self, seed, changes))
        given.pause = .milliseconds(250)
        let truth = given.truth
        given.truth = { sandbox, now, days in
            var rows = truth(sandbox, now, days)
            rows["conversation_details"] = rows["conversations"]
            return rows
        }
        return given
    }

    private static func admitad(_ world: any SandboxWorld) -> ContractCase {
        var given = told(AdmitadConnector.self, world)
        given.sums = { ["actions": ContractSums(actions: asked("actions", of: $0, world, $1, $2))] }
        return given
    }

    private static func boostiny(_ world: any SandboxWorld) -> ContractCase {
        var given = told(BoostinyConnector.self, world)
        given.sums = { ["performance": ContractSums(daily: asked("sums", of: $0, world, $1, $2))] }
        return given
    }

    /// One world for each platform of the catalog.
    private static let cases: [String: @Sendable (UInt64) -> ContractCase] = [
        "admitad": { admitad(world(AdmitadWorld.self, $0)) },
        "boostiny": { boostiny(world(BoostinyWorld.self, $0)) },
        "meta": { meta(.small(seed: $0)) },
        "shopee": { shopee(.small(seed: $0)) },
        "pancake": { pancake($0) },
    ]

    /// Platforms that are read; what receives is tried with its own sandbox.
    private static let sources = Catalog.connectors.map { $0.platform }.filter { $0.receives == nil }.map(\.id.rawValue)

    @Test("Every connector of the catalog is driven here")
    func complete() {
        #expect(Self.cases.keys.sorted() == Self.sources)
        #expect(Self.faulty.keys.sorted() == Self.sources)
    }

    @Test(
        "A whole account arrives, equal to the sandbox's truth", arguments: Self.sources,
        [1, 2, 3, 4, 5, 6] as [UInt64])
    func truth(name: String, seed: UInt64) throws {
        let make = try #require(Self.cases[name])
        let given = make(seed)
        var run = try ContractRun(given)

        let days = try run.sync()

        try expectTruth(of: run, given, days)
        #expect(run.failures.isEmpty)
        // What users can set limits of is what calls take their points from.
        #expect(run.touched.isSubset(of: run.connector.quotaKeys(of: run.facts.externalID)))
        #expect(!run.touched.isEmpty)
    }

    /// Rules of these kinds, at shares that follow from the seed and that a patient client survives.
    private static func rules(_ kinds: [String], _ seed: UInt64) -> String {
        let rules = kinds.enumerated().compactMap { index, kind -> String? in
            let chance = Mix.hash(seed, index)
            guard Mix.below(3, chance) > 0 else { return nil }
            return "{\"kind\":\"\(kind)\",\"share\":\(5 + Mix.below(40, Mix.hash(chance, 1)))}"
        }
        return "[\(rules.joined(separator: ","))]"
    }

    private static let faulty: [String: @Sendable (UInt64) -> ContractCase] = [
        "admitad": { seed in
            let kinds = [
                "reset", "truncated", "slow", "outage", "serverError", "throttled", "tokenExpired", "shortPage",
                "emptyPage",
            ]
            return admitad(changed(AdmitadWorld.self, seed, "{\"faults\":\(rules(kinds, seed))}"))
        },
        "boostiny": { seed in
            let kinds = ["reset", "refused", "truncated", "slow", "html502", "error500", "lock", "duplicateRow"]
            let faults = "{\"faults\":{\"rules\":\(rules(kinds, seed))}}"
            return boostiny(changed(BoostinyWorld.self, seed, faults))
        },
        "pancake": { seed in
            let kinds = ["reset", "truncated", "slow", "outage", "serverError", "throttled"]
            return pancake(seed, faults: rules(kinds, seed))
        },
        "meta": { meta(MetaWorld.small(seed: $0).withFaults(seed: $0)) },
        "shopee": {
            var world = ShopeeWorld.small(seed: $0)
            world.faults = .drawn(seed: $0)
            return shopee(world)
        },
    ]

    @Test(
        "Failures of every kind cost calls and waits, and no row", arguments: Self.faulty.keys.sorted(),
        1...12 as ClosedRange<UInt64>)
    func faults(name: String, seed: UInt64) throws {
        let make = try #require(Self.faulty[name])
        let given = make(seed)
        var run = try ContractRun(given)

        let days = try run.sync()

        try expectTruth(of: run, given, days)
        #expect(run.failures.isEmpty)
    }

    @Test("Sums of every level equal the truth, day by day", arguments: [11, 12, 13] as [UInt64])
    func sums(seed: UInt64) throws {
        let given = Self.meta(.small(seed: seed))
        var run = try ContractRun(given)

        let days = try run.sync()

        let box = try #require(run.sandbox as? MetaSandbox)
        let still = try #require(DayRange(days.first, days.last.adding(days: -35)))
        let levels: [(StreamID, String)] = [
            (StreamID("campaign_insights"), "campaign"), (StreamID("ad_set_insights"), "adset"),
            (StreamID("ad_insights"), "ad"),
        ]
        for (stream, level) in levels {
            var stored: [CivilDate: MetaSums] = [:]
            for row in (run.tables[stream] ?? [:]).values {
                guard let day = row["date"].flatMap({ CivilDate($0) }), still.contains(day) else { continue }
                stored[day, default: MetaSums()].add(row)
            }
            #expect(stored == box.sums(at: run.now, account: run.facts.externalID, level: level, days: still))
        }
    }

    /// Days stand still after four weeks: until then late conversions add rows. Entities and posts are compared as
    /// they are now.
    private func expectTruth(of run: ContractRun, _ given: ContractCase, _ days: DayRange) throws {
        let still = try #require(DayRange(days.first, days.last.adding(days: -29)))
        let truth = given.truth(run.sandbox, run.now, still)
        #expect(!truth.isEmpty)
        for schema in run.connector.streams {
            let rows = (run.tables[schema.id] ?? [:]).values
            let counted =
                schema.grain == .daily
                ? rows.filter { $0["date"].flatMap { CivilDate($0) }.map(still.contains) ?? false }.count : rows.count
            // A history of states grows with each look; nothing can say how many there are to be.
            guard schema.id != StreamID("action_history") else { continue }
            // Nothing is changed at a platform unless somebody asks for it.
            #expect(counted == (schema.isActing ? 0 : truth[schema.id.rawValue]), "\(schema.id)")
        }
        // What changed while it was read may be the one or the other.
        let begun = given.sums?(run.sandbox, given.now, still) ?? [:]
        for (stream, real) in given.sums?(run.sandbox, run.now, still) ?? [:] {
            let own = real.stored((run.tables[StreamID(stream)] ?? [:]).values, on: still)
            #expect(real.values.count > 20, "the world has no \(stream)")
            let differing = Set(own.keys).union(real.values.keys).filter { key in
                own[key] != real.values[key] && own[key] != begun[stream]?.values[key]
            }
            let first = differing.min { $0.lexicographicallyPrecedes($1) } ?? []
            let pair = "\(own[first] ?? [:]) stored, \(real.values[first] ?? [:]) real"
            #expect(differing.isEmpty, "\(stream), \(differing.count) of \(real.values.count): \(first) \(pair)")
        }
    }
}

extension ContractSums {
    /// Columns by day: `{"2026-11-05":{"orders":9}}`.
    fileprivate init(daily told: JSONTree?) {
        self.init(by: ["date"], values: [:])
        for (day, sums) in told.members {
            values[[day]] = Dictionary(
                uniqueKeysWithValues: sums.members.compactMap { name, sum in sum.int.map { (name, Int64($0)) } })
        }
    }

    /// Rewards by day, state and currency.
    fileprivate init(actions told: JSONTree?) {
        self.init(by: ["date", "status", "currency"], values: [:], words: ["on_hold": "pending"])
        for (day, facts) in told.members {
            for (status, currencies) in facts["sums"].members {
                for (currency, sum) in currencies.members {
                    let micros = Int64(sum["paymentMicros"]?.int ?? 0)
                    if micros != 0 { values[[day, status, currency]] = ["payment_micros": micros] }
                }
            }
        }
    }
}

extension JSONTree {
    fileprivate var members: [(String, JSONTree)] {
        guard case .object(let members) = self else { return [] }
        return members.map { ($0, $1) }
    }
}

extension JSONTree? {
    fileprivate var members: [(String, JSONTree)] { self?.members ?? [] }
}

extension MetaSums {
    fileprivate mutating func add(_ row: [String: String]) {
        func number(_ column: String) -> Int64 { row[column].flatMap { Int64($0) } ?? 0 }
        rows += 1
        spendMicros += number("spend_micros")
        impressions += number("impressions")
        clicks += number("clicks")
        linkClicks += number("inline_link_clicks")
        purchases += number("purchases")
        purchaseMicros += number("purchase_value_micros")
    }
}
