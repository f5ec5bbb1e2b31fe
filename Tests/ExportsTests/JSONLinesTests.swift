import Foundation
import StoreTransfer
import Testing

@testable import Exports

@Suite("JSON Lines")
struct JSONLinesTests {
    private func object(_ value: Value, _ kind: ValueKind = .text) throws -> String {
        try JSONLinesText([.of("x", kind)]).text([[value]])
    }

    @Test("has an object a line with the values of the table")
    func kinds() throws {
        let columns: [ExportPlan.Column] = [
            .of("id", .text), .of("spend_micros", .integer), .of("ratio", .real), .of("is_on", .boolean),
            .of("date", .day), .of("seen_at", .instant), .of("list", .json),
        ]

        let text = try JSONLinesText(columns).text([
            [
                .text("7"), .integer(.max), .real(0.1), .boolean(true), .day("2026-11-21"),
                .instant("2026-11-21T03:04:05.678Z"), .text("{\"a\":[1.0,\n 2]}"),
            ], Array(repeating: .null, count: 7),
        ])

        #expect(
            text == """
                {"id":"7","spend_micros":9223372036854775807,"ratio":0.1,"is_on":true,"date":"2026-11-21",\
                "seen_at":"2026-11-21T03:04:05.678Z","list":{"a":[1.0,  2]}}
                {"id":null,"spend_micros":null,"ratio":null,"is_on":null,"date":null,"seen_at":null,"list":null}

                """)
    }

    @Test(
        "reads back as the same text",
        arguments: ["", "a\"b\\c/", "\u{0}\u{1}\u{1F}\t\r\n", "=1", "🦑 \u{202E}مرحبا \u{2028}", "ă\u{301}"])
    func texts(_ text: String) throws {
        let line = try object(.text(text))

        let read = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(Array((read["x"] ?? "?").unicodeScalars) == Array(text.unicodeScalars))
        #expect(line.utf8.filter { $0 == 0x0A }.count == 1)
    }

    @Test("has words for numbers that JSON cannot write, and repairs what is no text")
    func odd() throws {
        #expect(try object(.real(.nan)) == "{\"x\":\"NaN\"}\n")
        #expect(try object(.real(-.infinity)) == "{\"x\":\"-Infinity\"}\n")
        #expect(try object(.raw([0xC3, 0x28])) == "{\"x\":\"\u{FFFD}(\"}\n")
    }
}
