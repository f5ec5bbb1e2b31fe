import ConnectorKit
import SyncCore
import Testing

@Suite("Known rows")
struct RowReaderKnownTests {
    private static let columns = [Column("date", .date, "date"), Column("id", .text, "id"), Column("n", .integer, "n")]
    private let reader = RowReader(schema: schema(columns, key: ["account_id", "date", "id"]))

    private static func row(_ id: String, _ value: String) -> String {
        #"{"date":"2026-11-21","id":"\#(id)","n":\#(value)}"#
    }

    private func body(_ rows: [(id: String, value: String)]) -> String {
        "{\"data\":[\(rows.map { Self.row($0.id, $0.value) }.joined(separator: ","))],\"more\":1}"
    }

    private func known(
        _ rows: [(id: String, value: String)] = [("a", "1"), ("b", "2"), ("c", "3")]
    ) throws -> KnownRows {
        KnownRows(SeenRows(of: try reader.read(body(rows)).table))
    }

    private func read(
        _ body: String, knowing known: KnownRows, with reader: RowReader? = nil, account: String = "7",
        currency: String = "USD"
    ) throws -> PageRead {
        try (reader ?? self.reader).read(
            Array(body.utf8), at: .list("data"), context: ["account_id": account], currency: currency, known: known)
    }

    @Test("Rows that come again are named and not in the table, the others are read")
    func comesAgain() throws {
        let known = try known()

        let page = try read(body([("a", "1"), ("d", "4"), ("b", "5"), ("c", "3")]), knowing: known)

        #expect(page.table.rowCount == 2 && page.table.received == 4)
        #expect((0...1).map { page.stored("id", row: $0) } == [.text("d"), .text("b")])
        #expect(page.table.known.keys == [known.rows.keys[0], known.rows.keys[2]])
        #expect(page.table.known.days == [20_261_121, 20_261_121])
        #expect(page.restText == "{\"more\":1}")
    }

    @Test("Of many rows each is found, whatever comes between them")
    func many() throws {
        let rows = (0..<3000).map { (id: "\($0)", value: "\($0 * 7)") }
        let known = try known(rows)
        let mixed = rows.map { $0.id.hasSuffix("9") ? (id: $0.id, value: "-1") : $0 }

        let page = try read(body(mixed), knowing: known)

        #expect(page.table.rowCount == 300 && page.table.known.keys.count == 2700)
        #expect(Set(page.table.known.keys).count == 2700)
    }

    @Test("A row that comes as it is known and in another form is read in both, so that the last one counts")
    func twice() throws {
        let page = try read(body([("a", "9"), ("b", "2"), ("a", "1")]), knowing: try known())

        #expect(page.table.known.keys.isEmpty)
        #expect((0...2).map { page.stored("n", row: $0) } == [.integer(9), .integer(2), .integer(1)])
    }

    @Test("Once a key came with other contents, what was known of it holds no longer")
    func overtaken() throws {
        var known = try known()
        known.overtake(try read(body([("a", "9")]), knowing: known).table)

        let back = try read(body([("a", "1")]), knowing: known)
        let others = try read(body([("b", "2")]), knowing: known)

        #expect(back.stored("n") == .integer(1))
        #expect(others.table.rowCount == 0)
    }

    static let otherMeanings: [(String, RowReader, account: String, currency: String)] = [
        ("another account", RowReader(schema: schema(columns, key: ["account_id", "date", "id"])), "8", "USD"),
        ("another currency", RowReader(schema: schema(columns, key: ["account_id", "date", "id"])), "7", "VND"),
        ("another key", RowReader(schema: schema(columns, key: ["account_id", "id"])), "7", "USD"),
        (
            "fewer fields",
            RowReader(schema: schema(columns, key: ["account_id", "date", "id"]), fields: []), "7", "USD"
        ),
        (
            "another column",
            RowReader(
                schema: schema(columns + [Column("m", .integer, "m")], key: ["account_id", "date", "id"])),
            "7", "USD"
        ),
        (
            "another type",
            RowReader(
                schema: schema(
                    columns.dropLast() + [Column("n", .real, "n")], key: ["account_id", "date", "id"])),
            "7", "USD"
        ),
        (
            "other minor units",
            RowReader(
                schema: schema(columns, key: ["account_id", "date", "id"]), minorDigits: ["USD": 0]), "7", "USD"
        ),
    ]

    @Test("Rows are not known where their JSON would become other cells", arguments: otherMeanings.indices)
    func otherMeaning(index: Int) throws {
        let (name, other, account, currency) = Self.otherMeanings[index]

        let page = try read(body([("a", "1")]), knowing: try known(), with: other, account: account, currency: currency)

        #expect(page.table.rowCount == 1 && page.table.known.keys.isEmpty, "\(name)")
    }

    @Test("Another order of members or another space is no known row, and is read")
    func otherBytes() throws {
        let known = try known()
        for row in [#"{"id":"a","date":"2026-11-21","n":1}"#, #"{"date":"2026-11-21","id":"a","n": 1}"#] {
            let page = try read("{\"data\":[\(row)]}", knowing: known)

            #expect(page.table.rowCount == 1 && page.table.known.keys.isEmpty)
        }
    }

    @Test("A known row does not hide what is broken around it", arguments: ["", ",", "]", "}}", "]}]", ",{\"date\":"])
    func broken(end: String) throws {
        let known = try known()
        let body = "{\"data\":[\(Self.row("a", "1"))\(end)"

        #expect(throws: MalformedBody.self) { try read(body, knowing: known) }
    }
}
