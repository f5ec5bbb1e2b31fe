import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// A shop of the sandbox whose budgets follow a plan, without engine and store: what is written is kept as a store
/// would, and the clock moves with every call.
struct BudgetRun {
    var sandbox: any Sandbox
    var plan: BudgetPlan
    /// Rows by stream, by key.
    private(set) var tables: [StreamID: [String: StoredRow]] = [:]
    private(set) var notes: [String] = []
    private(set) var calls = 0
    private(set) var cursor: String?
    var now: Instant
    let world: ShopeeWorld
    let account: Account

    /// A Saturday, 10:00 in Ho Chi Minh City.
    static let start = Instant(iso: "2026-11-21T03:00:00.000Z") ?? Instant(seconds: 0)

    init(_ plan: String, _ change: (inout ShopeeWorld) -> Void = { _ in }) throws {
        var world = ShopeeWorld.small(seed: 5, today: ShopeeWorld.usualDay)
        world.shops[0].region = "VN"
        world.shops[0].campaigns = 20
        world.shops[0].hasGMS = true
        world.auth.accessLife = 7 * 86_400
        change(&world)
        self.world = world
        sandbox = world.sandbox()
        now = BudgetRun.start
        self.plan = try BudgetPlan(json: plan)
        self.plan.madeAt = now
        account = Account(
            id: AccountID(1), connection: ConnectionID(1), platform: ShopeeConnector.id, externalID: world.account,
            name: "Tiem Mau", currency: "VND", zoneName: "Asia/Ho_Chi_Minh")
    }

    // MARK: What is there

    /// Budgets by campaign, as the shop has them.
    func budgets() throws -> [String: Int64] {
        let campaigns = try #require(try oracle("budgets")["campaigns"])
        guard case .object(let members) = campaigns else { return [:] }
        return members.compactMapValues { $0["budget_micros"]?.int.map(Int64.init) }
    }

    /// Changes that were carried out through the API, as campaign and new amount in VND.
    func writes() throws -> [String] {
        (try oracle("budgets")["writes"]?.items ?? []).filter { $0["by"]?.string == "api" }
            .map { "\($0["campaignID"]?.string ?? "") \($0["after"]?.string ?? "")" }
    }

    private func oracle(_ path: String) throws -> JSONTree {
        var box = sandbox
        let reply = box.respond(to: WireRequest(.get, "/sandbox/\(path)"), at: now)
        return try #require(JSONTree.parse(reply.response.body))
    }

    mutating func control(_ path: String, _ body: String) {
        _ = sandbox.respond(to: WireRequest(.post, "/sandbox/\(path)", body: Array(body.utf8)), at: now)
    }

    /// Product campaigns whose budgets may be changed, and which are no automatic ones.
    var campaigns: [String] {
        get throws {
            var run = self
            run.plan = try BudgetPlan(json: #"{"rules":[{"all":true,"budgets":[{"budget":123456}]}],"dry_run":true}"#)
            try run.run()
            let auto = Set(
                run.rows(ShopeeStream.campaigns).filter { $0["ad_type"] == "auto" }.compactMap { $0["campaign_id"] })
            return run.changes.map(\.campaign).filter { !auto.contains($0) }
        }
    }

    func rows(_ stream: StreamID) -> [StoredRow] { (tables[stream] ?? [:]).sorted { $0.key < $1.key }.map(\.value) }
    var states: [BudgetState] { rows(ShopeeStream.budgets).compactMap(BudgetState.init) }
    var changes: [BudgetChange] {
        rows(ShopeeStream.budgetChanges).compactMap(BudgetChange.init).sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    }
    func outcomes(_ campaign: String) -> [String] {
        changes.filter { $0.campaign == campaign }.map(\.outcome.rawValue)
    }

    // MARK: Running

    enum Trouble: Error { case failed(Failure), endless, noChunk }

    /// A whole run. With `lost` the answer to that call (counted from 0) never arrives, and what was to be stored with
    /// it is not stored.
    mutating func run(lost: Int? = nil) throws {
        let connector = try ShopeeConnector(configuration: ["identity": "1000001", BudgetPlan.setting: plan.json])
        let ids = try oracle("ids").items?.compactMap(\.string) ?? []
        let request = PlanRequest(
            step: ShopeePlatform.structure, kind: .scheduled, account: account,
            anchor: CivilDate(now, in: try account.zone()), window: nil, streams: [ShopeeStream.budgets], due: [:],
            listed: [:], tallies: [ShopeeStream.campaigns: Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) })],
            learned: [:], now: now)
        guard let spec = connector.plan(request).first else { throw Trouble.noChunk }
        cursor = nil
        for number in 0..<1000 {
            var work = ChunkWork(
                account: account, spec: spec, cursor: cursor, anchor: request.anchor,
                credential: Credential(
                    Dictionary(uniqueKeysWithValues: world.credential.map { ($0.field, Secret($0.value)) })), now: now)
            work.stored = rows(ShopeeStream.budgets)
            let call = connector.call(for: work)
            calls += 1
            let reply = sandbox.respond(to: call.request, at: now)
            now = now + reply.delay + .milliseconds(400)
            if number == lost || reply.delivery == .reset { continue }
            work.answeredAt = now
            let reading = connector.read(reply.response, to: call, of: work)
            keep(reading.tables)
            notes += reading.notes.map(\.kind)
            switch reading.next {
            case .more(let cursor): self.cursor = cursor
            case .later(let wait, let cursor):
                self.cursor = cursor
                now = now + wait
            case .finished: return
            case .split: throw Trouble.endless
            case .failed(.retryNow), .failed(.retryAt), .failed(.throttled): now = now + .seconds(60)
            case .failed(let failure): throw Trouble.failed(failure)
            }
        }
        throw Trouble.endless
    }

    private mutating func keep(_ read: [RowTable]) {
        for table in read {
            for row in 0..<table.rowCount {
                var values: [String: String] = [:]
                for column in table.schema.columns {
                    guard let cell = table.cell(row: row, column: column.name) else { continue }
                    values[column.name] = table.string(cell) ?? cell.integer.map { "\($0)" }
                }
                let key = table.schema.key.map { values[$0] ?? "" }.joined(separator: "/")
                tables[table.schema.id, default: [:]][key] = StoredRow(values)
            }
        }
    }
}
