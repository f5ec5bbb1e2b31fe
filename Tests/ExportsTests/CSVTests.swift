import StoreTransfer
import Testing

@testable import Exports

@Suite("CSV")
struct CSVTests {
    private let columns: [ExportPlan.Column] = [
        .of("id", .text), .of("count", .integer), .of("spend", .integer, isDecimal: true), .of("ratio", .real),
        .of("is_on", .boolean), .of("date", .day), .of("seen_at", .instant), .of("list", .json),
    ]

    private func cell(_ value: Value) throws -> String {
        let line = try CSVText([.of("x", .text)], mark: false).text([[value]])
        return String(line.dropFirst("\"x\"\r\n".count).dropLast("\r\n".count))
    }

    @Test("has a head, lines that end as RFC 4180 has them, and each kind of value exactly")
    func kinds() throws {
        let text = try CSVText(columns, mark: false).text([
            [
                .text("7"), .integer(.max), .integer(-12_500_000), .real(0.1), .boolean(true), .day("2026-11-21"),
                .instant("2026-11-21T03:04:05.678901Z"), .text("[1.0, \"a\"]"),
            ],
            [.text(""), .null, .integer(1), .real(-1e300), .boolean(false), .null, .null, .null],
        ])

        #expect(
            text
                == "\"id\",\"count\",\"spend\",\"ratio\",\"is_on\",\"date\",\"seen_at\",\"list\"\r\n"
                + "\"7\",9223372036854775807,-12.5,0.1,true,2026-11-21,2026-11-21T03:04:05.678901Z,"
                + "\"[1.0, \"\"a\"\"]\"\r\n"
                + "\"\",,0.000001,-1e+300,false,,,\r\n")
    }

    @Test("begins with the mark of UTF-8 when it is asked for")
    func mark() throws {
        #expect(try CSVText([.of("x", .text)], mark: true).text([]) == "\u{FEFF}\"x\"\r\n")
    }

    @Test(
        "puts an apostrophe before a text that a spreadsheet takes for a formula",
        arguments: [
            "=1+1", "+84 90", "-1", "@sum", "\tx", "\rx", "\nx", "\0x", "＝1", "＋1", "－1", "＠a", "=HYPERLINK(\"x\")",
        ])
    func formulas(_ text: String) throws {
        #expect(try cell(.text(text)) == "\"'" + text.replacing("\"", with: "\"\"") + "\"")
    }

    @Test("leaves other texts as they are", arguments: ["a=1", "'=1", " =1", "１", "5-3", "áo + quần", "＄", ""])
    func plain(_ text: String) throws {
        #expect(try cell(.text(text)) == "\"\(text)\"")
    }

    @Test("leaves numbers numbers, negative ones too")
    func numbers() throws {
        #expect(try cell(.integer(-5)) == "-5")
        #expect(try cell(.real(-2.5)) == "-2.5")
        #expect(try cell(.real(-.infinity)) == "-Infinity")
        #expect(try cell(.real(.nan)) == "NaN")
    }

    @Test("keeps quotation marks, commas, line ends, emoji and what is written from the right inside of a cell")
    func nasty() throws {
        let text = "a\"b\",c\r\nd;\u{202E}مرحبا 🦑👩‍👩‍👧 ă"
        #expect(try cell(.text(text)) == "\"a\"\"b\"\",c\r\nd;\u{202E}مرحبا 🦑👩‍👩‍👧 ă\"")
        // What is no text becomes one.
        #expect(try cell(.raw([0x61, 0xFF, 0x62])) == "\"a\u{FFFD}b\"")
    }

    @Test("writes amounts with no more digits than they have")
    func amounts() throws {
        func amount(_ micros: Int64) throws -> String {
            let text = try CSVText([.of("x", .integer, isDecimal: true)], mark: false).text([[.integer(micros)]])
            return String(text.dropFirst("\"x\"\r\n".count).dropLast("\r\n".count))
        }

        #expect(try amount(150_000_000_000) == "150000")
        #expect(try amount(0) == "0")
        #expect(try amount(-1) == "-0.000001")
        #expect(try amount(10) == "0.00001")
        #expect(try amount(.min) == "-9223372036854.775808")
    }
}
