import GRDB
import StoreSQL
import SyncCore

@testable import StoreSQLite

/// GRDB has a `Column` too.
typealias Column = SyncCore.Column

/// A value of a hand-made row.
enum Value: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByFloatLiteral
{
    case null, integer(Int64), real(Double), text(String)
    init(nilLiteral: ()) { self = .null }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(stringLiteral value: String) { self = .text(value) }
    init(floatLiteral value: Double) { self = .real(value) }
}

/// Insights as a platform would have them: two texts in the key behind the account.
let insights = StreamSchema(
    platform: PlatformID("test"), id: StreamID("ad_insights"), stage: "insights", grain: .daily,
    columns: [
        Column(context: "account_id", .text), Column("date", .date, "date"), Column("ad_id", .text, "ad_id"),
        Column("campaign_id", .text, "campaign_id"), Column("clicks", .integer, "clicks"),
        Column("spend_micros", .money, "spend"), Column("ctr", .real, "ctr"), Column("actions", .json, "actions"),
    ], key: ["account_id", "date", "ad_id"], summary: "Numbers of one ad and day.")

let ads = StreamSchema(
    platform: PlatformID("test"), id: StreamID("ads"), stage: "ads", grain: .entity,
    columns: [
        Column(context: "account_id", .text), Column("id", .text, "id"), Column("rank", .integer, "rank"),
    ], key: ["account_id", "id"], summary: "Ads.")

/// A flat table as a reader makes it; each row has one value per filled column and one for `extra`.
func rowTable(_ schema: StreamSchema, filled: [String]? = nil, _ rows: [[Value]]) -> RowTable {
    var text: [UInt8] = []
    let cells = rows.joined().map { value -> Cell in
        switch value {
        case .null: return .null
        case .integer(let number): return .integer(number)
        case .real(let number): return Cell(bits: number.bitPattern, length: 0, kind: .real)
        case .text(let string):
            let start = text.count
            text += Array(string.utf8)
            return Cell(bits: UInt64(start), length: UInt32(text.count - start), kind: .text)
        }
    }
    let positions = schema.columns.indices.filter { filled?.contains(schema.columns[$0].name) ?? true }
    return RowTable(schema: schema, filled: positions, cells: cells, text: text)
}

/// A fresh database in memory with the two streams' tables.
struct RowBench {
    let queue: DatabaseQueue
    let upsert = RowUpsert()
    static let first = Instant(seconds: 1_790_000_000)
    static let later = Instant(seconds: 1_790_000_060)

    init() throws {
        queue = try DatabaseQueue()
        try queue.write { db in
            try DataTables.create(insights, in: db)
            try DataTables.create(ads, in: db)
        }
    }

    @discardableResult
    func write(_ table: RowTable, at instant: Instant = RowBench.first) throws -> UpsertResult {
        try queue.write { db in try upsert.upsert(table, syncedAt: instant, in: db) }
    }

    func strings(_ sql: String) throws -> [String] {
        try queue.read { db in try String.fetchAll(db, sql: sql) }
    }

    func rows(_ sql: String) throws -> [Row] {
        try queue.read { db in try Row.fetchAll(db, sql: sql) }
    }

    /// Insight rows of account 1, one for each day and ad.
    static func grid(days: [String], ads: [String], clicks: Int64 = 1) -> [[Value]] {
        days.flatMap { day in
            ads.map { ad in
                ["1", .text(day), .text(ad), .text("c" + ad), .integer(clicks), 1_000_000, 0.5, "[]", nil]
            }
        }
    }
}
