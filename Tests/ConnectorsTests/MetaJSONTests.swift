import Testing

@testable import Connectors

@Suite("Small answers of Meta as trees")
struct MetaJSONTests {
    @Test(
        "Every kind of value is read",
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("-12", .integer(-12)),
            ("1.5e2", .real(150)), ("99999999999999999999", .real(1e20)), ("\"\"", .text("")), ("[]", .list([])),
            ("{}", .object([:])), ("[1, \"a\" ,[null]]", .list([.integer(1), .text("a"), .list([.null])])),
            ("{ \"a\" : {\"b\":[]} , \"c\":0}", .object(["a": .object(["b": .list([])]), "c": .integer(0)])),
            (#""\"\\\/\b\f\n\r\t""#, .text("\"\\/\u{8}\u{C}\n\r\t")), (#""Ti\u1ebfng Việt""#, .text("Tiếng Việt")),
            (#""\ud83d\ude00!""#, .text("😀!")), (#""\ud83d""#, .text("\u{FFFD}")),
            (#""\ud83d\n""#, .text("\u{FFFD}\n")),
            (#""\ude00\u0041""#, .text("\u{FFFD}A")),
        ] as [(String, MetaJSON)])
    func values(text: String, tree: MetaJSON) {
        #expect(MetaJSON.parse(text) == tree)
    }

    @Test(
        "What is no JSON, or ends too early, is nothing",
        arguments: [
            "", " ", "<html>", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "\"a", "\"\\",
            "\"\\u12",
            "\"\\x\"", "\"\n\"", "nul", "nan", "inf", "+1", "0x1", "1 2", "{}{}", "-", "Service Unavailable",
        ])
    func refusals(text: String) {
        #expect(MetaJSON.parse(text) == nil)
    }

    @Test("Endless brackets are refused and harm nobody")
    func depth() {
        #expect(MetaJSON.parse(String(repeating: "[", count: 1_000_000)) == nil)
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(MetaJSON.parse(deep) != nil)
    }

    @Test("Bytes that are not UTF-8 are repaired")
    func repair() {
        #expect(MetaJSON.parse([0x22, 0x61, 0xFF, 0x22]) == .text("a\u{FFFD}"))
    }

    @Test("A page's paging is read whatever its shape")
    func rest() {
        func rest(_ text: String) -> MetaRest? { MetaRest(Array(text.utf8)) }
        #expect(
            rest("{\"paging\":{\"cursors\":{\"after\":\"A\"},\"next\":\"x\"}}")?.following
                == .page(.init(["after": "A"])))
        #expect(rest("{\"paging\":[]}")?.following == .last)
        #expect(rest("{\"paging\":{\"cursors\":7,\"next\":null}}")?.following == .last)
        #expect(rest("{\"error\":{\"code\":1}}")?.error?["code"]?.int == 1)
        #expect(rest("[]") == nil)
    }

    @Test("A report knows its fields once and for all")
    func metrics() {
        let report = MetaReport.builtIn[2]
        #expect(report.metrics.first == "campaign_id")
        #expect(!report.metrics.contains("ad_id") && !report.metrics.contains("date_start"))
        #expect(report.uniques == ["reach", "frequency"])
    }
}
