import ConnectorKit
import SyncCore
import Testing

@Suite("Shapes of rows")
struct RowReaderShapeTests {
    private let entity = schema([Column("id", .text, "id"), Column("name", .text, "name")], key: ["account_id", "id"])

    // MARK: Where the rows are

    @Test(
        "Rows are found in a list, as values of an object, and alone",
        arguments: [
            (
                RowsAt.list("data"), #"{"data":[{"id":1},{"id":2}],"paging":{"next":"x"}}"#, 2,
                #"{"paging":{"next":"x"}}"#
            ),
            (.list(""), #"[{"id":1}]"#, 1, "{}"),
            (
                .list("response.list"),
                #" { "a" : 1 , "response" : { "more" : true , "list" : [ {"id":1} ] } , "b":2} "#, 1,
                #"{"a":1,"response":{"more":true},"b":2}"#
            ),
            (.values(""), #"{"1":{"id":"1"},"2":{"id":"2"}}"#, 2, "{}"),
            (.values("data"), #"{"data":{"x":{"id":"1"}},"n":null}"#, 1, #"{"n":null}"#),
            (.single(""), #"{"id":"1"}"#, 1, "{}"),
            (.single("data"), #"{"data":{"id":"1"},"error":[]}"#, 1, #"{"error":[]}"#),
            (.list("data"), #"{"data":[]}"#, 0, "{}"), (.values("data"), #"{"data":{},"x":{}}"#, 0, #"{"x":{}}"#),
            (.list("data"), #"{"data":[{"id":1}],"data":[{"id":2},{"id":3}]}"#, 1, "{}"),
            (.list("data"), #"{"d\u0061ta":[{"id":1}],"é":"\/"}"#, 1, #"{"é":"\/"}"#),
        ])
    func places(place: RowsAt, body: String, rows: Int, rest: String) throws {
        let page = try RowReader(schema: entity).read(body, at: place)

        #expect(page.table.rowCount == rows)
        #expect(page.restText == rest)
        #expect(rows == 0 || page.stored("id") == .text("1"))
    }

    @Test(
        "A body without rows at the path says so, and not that it is broken",
        arguments: [
            (RowsAt.list("data"), #"{"error":{"code":190}}"#), (.list("data"), #"{"data":{}}"#),
            (.list("data"), #"{"data":null}"#), (.list("data"), "[]"), (.list(""), "{}"), (.values(""), "[1]"),
            (.single("a.b"), #"{"a":{"b":3}}"#), (.list("a.b"), #"{"a":[1]}"#), (.list("data"), "true"),
        ])
    func noRows(place: RowsAt, body: String) throws {
        #expect(throws: MalformedBody.noRows) { try RowReader(schema: entity).read(body, at: place) }
    }

    @Test("A row without its key is kept raw and leaves the table")
    func rejected() throws {
        let page = try RowReader(schema: entity).read(
            #"{"data":[{"id":"1"}, {"name" : "no id", "x":1},null, 5,{"id":null},{"id":{}},{"id":"2","name":"b"}]}"#)

        #expect(page.table.rowCount == 2)
        #expect(page.stored("id", row: 1) == .text("2"))
        #expect(page.stored("name", row: 1) == .text("b"))
        #expect(
            page.table.rejected == [#"{"name":"no id","x":1}"#, "null", "5", #"{"id":null}"#, #"{"id":{}}"#])
        #expect(page.table.misfits == ["id": 1])
    }

    @Test("Constants of the read are in every row, and a row lacks its key without them")
    func context() throws {
        let daily = StreamSchema(
            platform: PlatformID("test"), id: StreamID("posts"), stage: "posts", grain: .event,
            columns: [
                Column(context: "account_id", .text), Column(context: "page", .integer), Column("id", .text, "id"),
            ], key: ["account_id", "id"], summary: "")
        let body = Array(#"[{"id":"a"},{"id":"b"}]"#.utf8)

        let page = try RowReader(schema: daily, fields: ["id"]).read(
            body, at: .list(""), context: ["account_id": "7", "page": "12"], currency: "USD")
        let without = try RowReader(schema: daily).read(body, at: .list(""), context: [:], currency: "USD")

        #expect(page.stored("account_id", row: 1) == .text("7"))
        #expect(page.stored("page", row: 1) == .integer(12))
        #expect(without.table.rowCount == 0)
        #expect(without.table.rejected.count == 2)
    }

    // MARK: Members

    @Test("Members that the schema does not know are kept, named and compact; ignored ones are dropped")
    func unknownMembers() throws {
        let reader = RowReader(schema: schema([Column("a", .integer, "a")], ignored: ["secret"]))

        let page = try reader.read(
            #"{"data":[{"z" : [1, "x y"], "a":1,"secret":"s","\u00e9":true,"gone":null,"z":2},{"a":2}]}"#)

        #expect(page.extra(row: 0) == #"{"z":[1,"x y"],"\u00e9":true}"#)
        #expect(page.extra(row: 1) == nil)
        #expect(page.table.unknown == ["z", "é"])
        #expect(page.table.misfits.isEmpty)
    }

    @Test("Of two members with one name the first one counts, at any depth")
    func duplicates() throws {
        let reader = RowReader(schema: schema([Column("a", .integer, "a"), Column("b", .integer, "o.b")]))

        let page = try reader.read(#"{"data":[{"a":1,"a":"x","\u0061":3,"o":{"b":4,"b":5},"o":{"b":6}}]}"#)

        #expect(page.stored("a") == .integer(1))
        #expect(page.stored("b") == .integer(4))
        #expect(page.table.misfits.isEmpty)
        #expect(page.extra() == nil)
    }

    @Test("A dotted path goes through objects, and what it passes counts as known")
    func dottedPaths() throws {
        let reader = RowReader(
            schema: schema([
                Column("creative", .json, "creative"), Column("creative_id", .text, "creative.id"),
                Column("deep", .integer, "creative.spec.size"),
            ]))

        let page = try reader.read(
            #"{"data":[{"creative":{"x":[],"spec":{"size":"3"},"id":9}},{"creative":"none"},{"creative":null},{}]}"#)

        #expect(page.stored("creative") == .text(#"{"x":[],"spec":{"size":"3"},"id":9}"#))
        #expect(page.stored("creative_id") == .text("9"))
        #expect(page.stored("deep") == .integer(3))
        #expect(page.extra(row: 0) == nil)
        #expect(page.stored("creative", row: 1) == .text(#""none""#))
        #expect(page.extra(row: 1) == #"{"creative":"none"}"#)
        #expect(page.table.misfits == ["creative_id": 1, "deep": 1])
        #expect(page.extra(row: 2) == nil && page.extra(row: 3) == nil)
    }

    @Test("Only the asked fields are filled; the other columns are neither read nor unknown")
    func fields() throws {
        let reader = RowReader(
            schema: schema([
                Column("a", .integer, "a"), Column("b", .integer, "b"), Column("c", .text, "o.c"),
            ]), fields: ["b"])

        let page = try reader.read(#"{"data":[{"a":1,"b":2,"o":{"c":"x"},"new":3}]}"#)

        #expect(page.table.filled == [0, 2])
        #expect(page.stored("b") == .integer(2))
        #expect(page.table.cell(row: 0, column: "a") == nil)
        #expect(page.extra() == #"{"new":3}"#)
        #expect(page.table.unknown == ["new"])
    }

    // MARK: Picks

    @Test(
        "A pick takes the first element with the most wanted name",
        arguments: [
            (#"[{"t":"c","v":3},{"t":"b","v":2},{"t":"a","v":1},{"t":"a","v":9}]"#, Stored.integer(1)),
            (#"[{"v":3,"t":"c"},{"v":2,"t":"b"},{"t":"b","v":8}]"#, .integer(2)),
            (#"[{"t":"d","v":4},7,null,[{"t":"a","v":5}],{"v":6}]"#, .null), ("[]", .null), ("null", .null),
            (#"[{"\u0074":"\u0061","v":"5"}]"#, .integer(5)), (#"[{"t":"a"},{"t":"b","v":2}]"#, .null),
            (#"[{"t":"c","t":"a","v":3}]"#, .integer(3)), (#"[{"t":{"t":"a"},"v":3}]"#, .null),
        ])
    func picks(list: String, expected: Stored) throws {
        let reader = RowReader(
            schema: schema([Column("v", .integer, "actions[t=a|b|c].v"), Column("actions", .json, "actions")]))

        let page = try reader.read("{\"data\":[{\"actions\":\(list)}]}")

        #expect(page.stored("v") == expected)
        #expect(page.stored("actions") != .null || list == "null")
        #expect(page.table.misfits.isEmpty)
        #expect(page.extra() == nil)
    }

    @Test("Several picks of one list, names with dots, whole elements, and values that do not fit")
    func severalPicks() throws {
        let reader = RowReader(
            schema: schema([
                Column("bought", .integer, "actions[action_type=omni_purchase|offsite.fb_pixel].value"),
                Column("clicked", .integer, "actions[action_type=link_click].windows.day"),
                Column("by_id", .json, "actions[id=12]"),
            ]))

        let page = try reader.read(
            #"""
            {"data":[{"actions":[{"action_type":"offsite.fb_pixel","value":"4"},
            {"action_type":"link_click","windows":{"day":"2.5"}},{"id":12,"x": 1}]},{"actions":{"value":1}}]}
            """#)

        #expect(page.stored("bought") == .integer(4))
        #expect(page.stored("clicked") == .null)
        #expect(page.stored("by_id") == .text(#"{"id":12,"x":1}"#))
        #expect(page.table.misfits == ["bought": 1, "clicked": 2, "by_id": 1])
        #expect(page.extra(row: 0)?.hasPrefix(#"{"actions":[{"action_type":"offsite.fb_pixel","value":"4"},{"#) == true)
        #expect(page.extra(row: 1) == #"{"actions":{"value":1}}"#)
    }

    @Test("Two columns may read one member in two ways")
    func oneMemberTwice() throws {
        let reader = RowReader(
            schema: schema([Column("at", .instant, "t"), Column("raw", .text, "t")]))

        let page = try reader.read(#"{"data":[{"t":1704078000}]}"#)

        #expect(page.stored("at") == .text("2024-01-01T03:00:00.000Z"))
        #expect(page.stored("raw") == .text("1704078000"))
    }
}
