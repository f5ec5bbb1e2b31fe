import ConnectorKit
import SyncCore
import Testing

@Suite("Rows within rows, and paths through arrays")
struct RowReaderNestedTests {
    private let days = schema(
        [
            Column("campaign", .text, above: "id"), Column("kind", .text, above: "info.kind"),
            Column("cost", .money, above: "cost"), Column("day", .date, "day", form: .dayFirst),
            Column("clicks", .integer, "clicks"),
        ], key: ["account_id", "campaign", "day"])
    private let place = RowsAt.nested("response.list", rows: "days")

    @Test("Each row has the cells of the object around it, wherever they stand in it")
    func around() throws {
        let page = try RowReader(schema: days).read(
            """
            {"error":"","response":{"shop":1,"list":[
              {"id":9007199254740993,"info":{"kind":"a"},"days":[{"day":"05-11-2025","clicks":3},{"day":"06-11-2025"}]},
              {"days":[{"day":"05-11-2025","clicks":4,"new":[1]}],"cost":"1.5","id":"x","days":[{"day":"01-01-2024"}]},
              {"id":"empty","days":[]},{"id":"without"},{"id":"null","days":null}]},"z":2}
            """, at: place)

        #expect(page.table.rowCount == 3)
        #expect(page.stored("campaign") == .text("9007199254740993"))
        #expect(page.stored("kind", row: 1) == .text("a"))
        #expect(page.stored("kind", row: 2) == .null)
        #expect(page.stored("cost", row: 1) == .null)
        #expect(page.stored("cost", row: 2) == .integer(1_500_000))
        let days = (0..<3).map { page.stored("day", row: $0) }
        #expect(days == ["2025-11-05", "2025-11-06", "2025-11-05"].map(Stored.text))
        #expect(page.stored("clicks", row: 2) == .integer(4))
        #expect(page.stored("account_id", row: 2) == .text("7"))
        #expect(page.extra(row: 2) == #"{"new":[1]}"#)
        #expect(page.restText == #"{"error":"","response":{"shop":1},"z":2}"#)
    }

    @Test("Rows without a key, and things that hold none, are kept raw")
    func rejected() throws {
        let page = try RowReader(schema: days).read(
            #"{"response":{"list":[{"days":[{"day":"05-11-2025"}]},7,{"id":1,"days":[{},3,{"day":"05-11-2025"}]}]}}"#,
            at: place)

        #expect(page.table.rowCount == 1)
        #expect(page.stored("campaign") == .text("1"))
        #expect(page.table.rejected == [#"{"day":"05-11-2025"}"#, "7", "{}", "3"])
    }

    @Test("What does not fit above the rows is counted, and leaves their cells empty")
    func misfits() throws {
        let page = try RowReader(schema: days).read(
            #"{"response":{"list":[{"id":1,"cost":"dear","days":[{"day":"05-11-2025"},{"day":"5-11-2025"}]}]}}"#,
            at: place)

        #expect(page.table.misfits == ["cost": 1, "day": 1])
        #expect(page.table.rowCount == 1)
        #expect(page.stored("cost") == .null)
    }

    @Test("The same row in another object has other contents")
    func contents() throws {
        let row = #"{"day":"05-11-2025","clicks":3}"#
        let page = try RowReader(schema: days).read(
            """
            {"response":{"list":[{"id":1,"days":[\(row)]},{"id":2,"days":[\(row)]},{"id":1,"days":[\(row)]}]}}
            """,
            at: place)

        #expect(page.table.contents[0] != page.table.contents[1])
        #expect(page.table.contents[0] == page.table.contents[2])
    }

    @Test(
        "A path goes through each element of an array on its way",
        arguments: [
            (
                #"{"response":[{"a":1,"list":[{"id":1},{"id":2}]},{"list":[{"id":3}]}],"e":""}"#, 3,
                #"{"response":[{"a":1},{}],"e":""}"#
            ),
            (#"{"response":[]}"#, 0, #"{"response":[]}"#),
            (#"{"response":[{"list":[]},4]}"#, 0, #"{"response":[{},4]}"#),
            (#"{"response":{"list":[{"id":1}]}}"#, 1, #"{"response":{}}"#),
        ])
    func throughArrays(body: String, rows: Int, rest: String) throws {
        let entity = schema([Column("id", .text, "id")], key: ["account_id", "id"])

        let page = try RowReader(schema: entity).read(body, at: .list("response.list"))

        #expect(page.table.rowCount == rows)
        #expect(page.restText == rest)
    }

    @Test("Nested rows are found through arrays too, and their absence is told")
    func nestedThroughArrays() throws {
        let page = try RowReader(schema: days).read(
            """
            {"response":[{"list":[{"id":1,"days":[{"day":"05.11.2025"}]}]},
            {"list":[{"id":2,"days":[{"day":"06.11.2025"}]}]}]}
            """, at: place)

        #expect(page.table.rowCount == 2)
        #expect(page.stored("campaign", row: 1) == .text("2"))
        #expect(page.stored("day", row: 1) == .text("2025-11-06"))
        for body in [#"{"response":{}}"#, #"{"response":[{"list":{}}]}"#, #"{"response":null}"#] {
            #expect(throws: MalformedBody.noRows) { try RowReader(schema: days).read(body, at: place) }
        }
        #expect(throws: MalformedBody.self) {
            try RowReader(schema: days).read(#"{"response":{"list":[{"id":1,"days":[{"day":"05-11-2025"}"#, at: place)
        }
    }

    @Test(
        "Days with the day first exist or do not fit",
        arguments: [
            ("\"29-02-2024\"", Stored.text("2024-02-29")), ("\"01.12.2026\"", .text("2026-12-01")), ("null", .null),
            ("\"29-02-2025\"", .misfit), ("\"2025-11-05\"", .misfit), ("\"5-11-2025\"", .misfit),
            ("\"05-11.2025\"", .misfit), ("\"05/11/2025\"", .misfit), ("\"05-13-2025\"", .misfit),
            ("\"05-11-2025 \"", .misfit), ("20251105", .misfit),
        ])
    func dayFirst(raw: String, expected: Stored) throws {
        #expect(try stored(raw, in: Column("v", .date, "v", form: .dayFirst)) == expected)
    }

    @Test(
        "An instant of 0 is none where the column says so",
        arguments: [
            ("0", Stored.null), ("\"0\"", .null), ("0.0", .null), ("1730394000", .text("2024-10-31T17:00:00.000Z")),
            ("\"never\"", .misfit),
        ])
    func zeroIsNone(raw: String, expected: Stored) throws {
        #expect(try stored(raw, in: Column("v", .instant, "v", form: .zeroIsNone)) == expected)
    }
}

private func stored(_ raw: String, in column: Column) throws -> Stored {
    let page = try RowReader(schema: schema([column])).read("{\"data\":[{\"v\":\(raw)}]}")
    return page.table.misfits == ["v": 1] ? .misfit : page.stored("v")
}
