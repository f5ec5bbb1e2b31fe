import StoreSQL
import SyncCore

/// Which staging tables a session has: those of a transaction that was rolled back are gone.
struct PostgresStaging {
    enum Found { case missing, empty, used }

    private struct Table {
        var madeIn: Int
        var usedIn: Int
        var isLasting: Bool
    }

    private var tables: [String: Table] = [:]
    private var transaction = 0
    private var begunIn = -1
    private var nested = 0

    mutating func commit() {
        transaction += 1
        nested = 0
        tables = tables.filter { $0.value.isLasting }
    }

    mutating func rollBack() {
        tables = tables.filter { $0.value.madeIn != transaction && $0.value.isLasting }
        transaction += 1
        nested = 0
    }

    /// True once in each transaction.
    mutating func begins() -> Bool {
        defer { begunIn = transaction }
        return begunIn != transaction
    }

    /// Whether one more transaction within this one is cheap. The server lists 64 of each in memory; with more,
    /// everybody else has to look them up.
    mutating func nests() -> Bool {
        nested += 1
        return nested <= 60
    }

    /// How the table was found by who is going to use it.
    mutating func use(_ name: String, isLasting: Bool) -> Found {
        guard let table = tables[name] else {
            tables[name] = Table(madeIn: transaction, usedIn: transaction, isLasting: isLasting)
            return .missing
        }
        tables[name]?.usedIn = transaction
        return table.usedIn == transaction ? .used : .empty
    }
}

/// The statements for tables with the same columns, written once for each connection.
struct PostgresMerge {
    let schema: StreamSchema
    /// Tables that fill other columns have another stage: the name tells which.
    let stage: String
    let copyIn: String
    let copyToStage: String
    /// The places, from 1, of those keys that are stored.
    let look: String
    /// Updates the rows that differ; nil when there is nothing beside the key.
    let update: String?
    private let filled: [Column]

    init(_ table: RowTable) {
        schema = table.schema
        filled = table.filled.map { [schema] in schema.columns[$0] }
        let isWhole = filled.count == schema.columns.count
        let shape = isWhole ? "" : "_" + String(KeyHash.hash(of: filled.map(\.name)), radix: 36)
        stage = "pg_temp.\(quoted("stage_\(schema.table)\(shape)"))"
        let columns = (filled.map(\.name) + ["extra", "synced_at"]).map(quoted).joined(separator: ", ")
        copyIn = "COPY \(quoted(schema.table)) (\(columns)) FROM STDIN (FORMAT binary)"
        copyToStage = "COPY \(stage) (\(columns)) FROM STDIN (FORMAT binary)"
        look = PostgresMerge.look(schema)
        update = PostgresMerge.update(schema, filled, isWhole: isWhole, from: stage)
    }

    /// Names are looked up in the temporary schema first, so the staging table cannot meet one of the user's.
    func definition(isLasting: Bool) -> String {
        let columns = filled.map { "\(quoted($0.name)) \($0.type.postgresType)" }
        let list = (columns + ["extra json", "synced_at timestamp with time zone"]).joined(separator: ", ")
        return "CREATE TEMPORARY TABLE \(stage) (\(list)) ON COMMIT \(isLasting ? "DELETE ROWS" : "DROP")"
    }

    private static func look(_ schema: StreamSchema) -> String {
        let places = schema.keyPositions.indices
        let lists = zip(places, schema.keyPositions).map { place, position in
            "$\(place + 1)::\(schema.columns[position].type.postgresType)[]"
        }
        let conditions = zip(places, schema.key).map { place, name in "t.\(quoted(name)) = k.v\(place + 1)" }
        // A subquery that stands alone is done for each key by itself; no way to join is chosen.
        return """
            SELECT k.place FROM unnest(\(lists.joined(separator: ", ")))
                WITH ORDINALITY AS k (\(places.map { "v\($0 + 1)" }.joined(separator: ", ")), place)
            WHERE (SELECT true FROM \(quoted(schema.table)) AS t WHERE \(conditions.joined(separator: " AND ")))
            """
    }

    private static func update(
        _ schema: StreamSchema, _ filled: [Column], isWhole: Bool, from stage: String
    ) -> String? {
        let columns =
            filled.filter { !schema.key.contains($0.name) }.map { (name: $0.name, type: $0.type) }
            + (isWhole ? [(name: "extra", type: .json)] : [])
        if columns.isEmpty { return nil }
        let assignments = columns.map { "\(quoted($0.name)) = s.\(quoted($0.name))" }
        let key = schema.key.map { "t.\(quoted($0)) = s.\(quoted($0))" }
        let differences = columns.map { column in
            // `json` has no equality; what it holds is text.
            let cast = column.type == .json ? "::text" : ""
            return "t.\(quoted(column.name))\(cast) IS DISTINCT FROM s.\(quoted(column.name))\(cast)"
        }
        return """
            UPDATE \(quoted(schema.table)) AS t SET \(assignments.joined(separator: ", ")), "synced_at" = s."synced_at"
            FROM \(stage) AS s
            WHERE \(key.joined(separator: " AND ")) AND (\(differences.joined(separator: " OR ")))
            """
    }
}

/// What a connection keeps for the tables that it has written.
struct PostgresMerges {
    private struct Shape: Hashable {
        let table: String
        let filled: [Int]
    }

    private var made: [Shape: PostgresMerge] = [:]
    /// Those by their stage for which all rows of the last page were new, when the server was last asked.
    var growing: Set<String> = []

    mutating func merge(for table: RowTable) -> PostgresMerge {
        let shape = Shape(table: table.schema.table, filled: table.filled)
        if let merge = made[shape] { return merge }
        let merge = PostgresMerge(table)
        made[shape] = merge
        return merge
    }
}
