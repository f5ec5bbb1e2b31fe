import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Small answers of Meta as trees")
struct JSONTreeTests {
    @Test(
        "Every kind of value is read",
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("-12", .integer(-12)),
            ("1.5e2", .real(150)), ("99999999999999999999", .real(1e20)), ("-0.5E+1", .real(-5)), ("0", .integer(0)),
            ("\"\"", .text("")), ("[]", .list([])),
            ("{}", .object([:])), ("[1, \"a\" ,[null]]", .list([.integer(1), .text("a"), .list([.null])])),
            ("{ \"a\" : {\"b\":[]} , \"c\":0}", .object(["a": .object(["b": .list([])]), "c": .integer(0)])),
            (#""\"\\\/\b\f\n\r\t""#, .text("\"\\/\u{8}\u{C}\n\r\t")), (#""Ti\u1ebfng Việt""#, .text("Tiếng Việt")),
            (#""\ud83d\ude00!""#, .text("😀!")), (#""\ud83d""#, .text("\u{FFFD}")),
            (#""\ud83d\n""#, .text("\u{FFFD}\n")),
            (#""\ude00\u0041""#, .text("\u{FFFD}A")),
        ] as [(String, JSONTree)])
    func values(text: String, tree: JSONTree) {
        #expect(JSONTree.parse(text) == tree)
    }

    @Test(
        "What is no JSON, or ends too early, is nothing",
        arguments: [
            "", " ", "<html>", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "\"a", "\"\\",
            "\"\\u12",
            "\"\\x\"", "\"\\u+12F\"", "\"\\u-12F\"", "\"\\u12 F\"", "\"\n\"", "nul", "nan", "inf", "+1", "0x1", "1 2",
            "{}{}", "-", "Service Unavailable",
            "01", "-01.5", "1.", "1.e5", ".5", "-.5", "1e", "1e+", "1-2", "--1",
        ])
    func refusals(text: String) {
        #expect(JSONTree.parse(text) == nil)
    }

    @Test("Only space, tab and line ends stand between values", arguments: Array(0...0x20) as [UInt8])
    func whiteSpace(byte: UInt8) {
        let isSpace = [0x09, 0x0A, 0x0D, 0x20].contains(byte)

        #expect(JSONTree.parse([0x5B, byte, 0x31, byte, 0x5D, byte]) == (isSpace ? .list([.integer(1)]) : nil))
    }

    @Test("A number that is too large to reckon with is refused", arguments: ["1e999", "-1e999", "[1e400]"])
    func infinity(text: String) {
        #expect(JSONTree.parse(text) == nil)
    }

    @Test("Text is a number only when it is finite", arguments: ["inf", "-infinity", "nan", "1e999", "12 %"])
    func textualInfinity(text: String) {
        #expect(JSONTree.text(text).double == nil)
        #expect(JSONTree.text(text).int == nil)
    }

    @Test("A moment is one that a calendar knows", arguments: ["-1", "253402300800", "9223372036854775807", "1.5"])
    func moments(text: String) {
        #expect(JSONTree.parse(text)?.moment == nil)
        #expect(JSONTree.text(text).moment == nil)
        #expect(JSONTree.text("253402300799").moment == Instant(seconds: 253_402_300_799))
    }

    @Test("Endless brackets are refused and harm nobody")
    func depth() {
        #expect(JSONTree.parse(String(repeating: "[", count: 1_000_000)) == nil)
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(JSONTree.parse(deep) != nil)
    }

    @Test("Bytes that are not UTF-8 are repaired")
    func repair() {
        #expect(JSONTree.parse([0x22, 0x61, 0xFF, 0x22]) == .text("a\u{FFFD}"))
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
