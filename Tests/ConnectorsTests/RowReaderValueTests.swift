import ConnectorKit
import SyncCore
import Testing

@Suite("Values of rows")
struct RowReaderValueTests {
    @Test(
        "A text keeps every character, and an id keeps every digit",
        arguments: [
            (#""abc""#, Stored.text("abc")), (#""""#, .text("")), ("null", .null),
            ("9007199254740993", .text("9007199254740993")),
            ("36893488147419103233", .text("36893488147419103233")),
            ("-1.50e3", .text("-1.50e3")),
            (#""a\"b\\c\/d\n\t\b\f\r""#, .text("a\"b\\c/d\n\t\u{8}\u{c}\r")),
            (#""\u0110\u00e0 n\u1eb5ng""#, .text("Đà nẵng")),
            (#""\ud83d\ude00!""#, .text("😀!")),
            (#""cut \ud83d""#, .text("cut \u{FFFD}")), (#""\ude00 low""#, .text("\u{FFFD} low")),
            (#""a\u0000b""#, .text("a\u{0}b")),
            ("true", .misfit), ("{}", .misfit), ("[1]", .misfit),
        ])
    func text(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .text) == expected)
    }

    @Test(
        "An integer is read from numbers and strings, and is never cut",
        arguments: [
            ("3", Stored.integer(3)), (#""3""#, .integer(3)), ("3.0", .integer(3)), (#""3.000""#, .integer(3)),
            ("-0", .integer(0)), ("1e3", .integer(1000)), ("1500e-2", .integer(15)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            (#""007""#, .integer(7)), ("0e999999999999", .integer(0)),
            ("9223372036854775808", .misfit), ("3.5", .misfit), (#""""#, .misfit), (#""1,234""#, .misfit),
            (#""+3""#, .misfit), (#"" 3""#, .misfit), (#""3x""#, .misfit), ("1e40", .misfit), ("true", .misfit),
            ("{}", .misfit),
        ])
    func integer(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .integer) == expected)
    }

    @Test(
        "Money is exact in millionths, whatever its form",
        arguments: [
            (#""12.37""#, Stored.integer(12_370_000)), ("12.37", .integer(12_370_000)), (#""1e-2""#, .integer(10_000)),
            ("0.1", .integer(100_000)), ("19.99", .integer(19_990_000)), ("-0.000001", .integer(-1)),
            (#"".5""#, .integer(500_000)), (#""5.""#, .integer(5_000_000)),
            ("0.0000005", .integer(1)), ("0.0000004999", .integer(0)), ("-0.0000005", .integer(-1)),
            ("0.1234565", .integer(123_457)), ("1.23e5", .integer(123_000_000_000)),
            ("9223372036854.775807", .integer(.max)), ("9223372036854.775808", .misfit),
            ("12345678901234567890", .misfit), (#""12,30""#, .misfit), (#""$5""#, .misfit), (#""1e""#, .misfit),
            (#""-""#, .misfit), (#"".""#, .misfit), (#""12.3.4""#, .misfit),
        ])
    func money(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .money) == expected)
    }

    @Test(
        "Minor units become millionths by the digits of the currency",
        arguments: [
            (#""5000""#, "USD", Stored.integer(50_000_000)), ("5000", "VND", .integer(5_000_000_000)),
            (#""5.0""#, "KWD", .integer(5000)), ("3", "XYZ", .integer(30_000)), ("3.5", "USD", .misfit),
            ("9223372036854775807", "USD", .misfit), ("null", "USD", .null),
        ])
    func minorMoney(raw: String, currency: String, expected: Stored) throws {
        #expect(
            try stored(raw, as: .minorMoney, currency: currency, minorDigits: ["VND": 0, "KWD": 3]) == expected)
    }

    @Test("A row may name its own currency, even behind its amounts")
    func currencyOfTheRow() throws {
        let reader = RowReader(
            schema: schema([
                Column("budget", .minorMoney, "budget.daily"), Column("currency", .text, "money.currency"),
            ]),
            minorDigits: ["JPY": 0], currencyPath: "money.currency")

        let page = try reader.read(
            #"""
            {"data":[{"budget":{"daily":"700"},"money":{"currency":"JPY"}},{"budget":{"daily":700}},
            {"budget":{"daily":9000000000000000},"money":{"currency":"JPY"}}]}
            """#)

        #expect(page.stored("budget", row: 0) == .integer(700_000_000))
        #expect(page.stored("currency", row: 0) == .text("JPY"))
        #expect(page.stored("budget", row: 1) == .integer(7_000_000))
        #expect(page.stored("budget", row: 2) == .null)
        #expect(page.extra(row: 2) == #"{"budget":{"daily":9000000000000000}}"#)
        #expect(page.table.misfits == ["budget": 1])
    }

    @Test(
        "A ratio is the nearest double, and always finite",
        arguments: [
            (#""1.093505""#, Stored.real(1.093505)), ("2", .real(2)), ("-0.5e-3", .real(-0.0005)),
            ("0.1234567890123456789", .real(0.1234567890123456789)), ("1e22", .real(1e22)), ("1e300", .real(1e300)),
            ("1e999", .misfit), (#""NaN""#, .misfit), (#""inf""#, .misfit), (#""0x10""#, .misfit), ("false", .misfit),
        ])
    func real(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .real) == expected)
    }

    @Test(
        "A truth value may be a word or a digit",
        arguments: [
            ("true", Stored.integer(1)), ("false", .integer(0)), (#""true""#, .integer(1)), (#""false""#, .integer(0)),
            ("1", .integer(1)), (#""0""#, .integer(0)), ("2", .misfit), (#""yes""#, .misfit), ("null", .null),
        ])
    func boolean(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .boolean) == expected)
    }

    @Test(
        "A day must exist",
        arguments: [
            (#""2026-09-01""#, Stored.text("2026-09-01")), (#""2024-02-29""#, .text("2024-02-29")),
            (#""2023-02-29""#, .misfit), (#""2026-13-01""#, .misfit), (#""2026-9-1""#, .misfit),
            (#""0000-01-01""#, .misfit), (#""2026-09-01T00:00:00Z""#, .text("2026-09-01")), ("20260901", .misfit),
            (#""""#, .misfit), (#""2026-09-01 23:59:59""#, .text("2026-09-01")), (#""2026-09-011""#, .misfit),
        ])
    func day(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .date) == expected)
    }

    @Test(
        "An instant is stored in UTC, from every form of offset",
        arguments: [
            (#""2024-01-01T10:00:00+0700""#, Stored.text("2024-01-01T03:00:00.000Z")),
            (#""2024-01-01T10:00:00+07:00""#, .text("2024-01-01T03:00:00.000Z")),
            (#""2024-01-01T10:00:00+07""#, .text("2024-01-01T03:00:00.000Z")),
            (#""2024-01-01T03:00:00Z""#, .text("2024-01-01T03:00:00.000Z")),
            (#""2024-01-01t10:00:00 0000""#, .text("2024-01-01T10:00:00.000Z")),
            (#""2024-01-01T10:00:00 0700""#, .text("2024-01-01T03:00:00.000Z")),
            (#""2024-01-01 10:00:00-03:30""#, .text("2024-01-01T13:30:00.000Z")),
            (#""2024-01-01T00:00:00.123987Z""#, .text("2024-01-01T00:00:00.123Z")),
            (#""2024-12-31T23:59:60Z""#, .text("2025-01-01T00:00:00.000Z")),
            ("1704078000", .text("2024-01-01T03:00:00.000Z")), (#""1704078000""#, .text("2024-01-01T03:00:00.000Z")),
            ("1704078000.25", .text("2024-01-01T03:00:00.250Z")), ("-1", .text("1969-12-31T23:59:59.000Z")),
            (#""2024-01-01 10:00:00.5""#, .text("2024-01-01T10:00:00.500Z")), (#""2024-01-01""#, .misfit),
            (#""2024-02-30T10:00:00Z""#, .misfit),
            (#""2024-01-01T24:00:00Z""#, .misfit), (#""2024-01-01T10:00:00+2500""#, .misfit),
            ("1704078000000", .misfit), (#""soon""#, .misfit), (#""0001-01-01T00:00:00+0100""#, .misfit),
        ])
    func instant(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .instant) == expected)
    }

    @Test("Instants are written exactly as the core writes them")
    func instantForm() throws {
        for seconds in stride(from: Int64(-62_135_596_799), to: 253_402_300_800, by: 12_345_678_901) {
            let microseconds = seconds * 1_000_000 + (seconds < 0 ? -7000 : 7000)
            #expect(
                try stored("\(seconds).007", as: .instant)
                    == .text(Instant(microseconds: microseconds).description))
        }
    }

    @Test(
        "A list or an object is kept as compact text",
        arguments: [
            ("[ 1 , { \"a b\" : [ ] } ]", Stored.text(#"[1,{"a b":[]}]"#)), ("{}", .text("{}")),
            (#"{"a":"\u00e9\/ \ud83d"}"#, .text(#"{"a":"\u00e9\/ \ufffd"}"#)), (#" "x" "#, .text(#""x""#)),
            ("12.50", .text("12.50")), ("true", .text("true")), ("null", .null),
        ])
    func json(raw: String, expected: Stored) throws {
        #expect(try stored(raw, as: .json) == expected)
    }
}

@Suite("Texts that come again")
struct RowReaderRepetitionTests {
    private let reader = RowReader(
        schema: schema(
            [Column("id", .text, "id"), Column("name", .text, "name"), Column("at", .instant, "at")],
            key: ["account_id", "id"]))

    @Test("A text that comes in row after row is the same in each, decoded and checked")
    func repeated() throws {
        let name = #""Gi\u1ea3y \"x\"""#
        let at = #""2026-11-21T07:00:00+0700""#
        let rows = ["1", "2", "3"].map { #"{"id":"\#($0)","name":\#(name),"at":\#(at)}"# }

        let page = try reader.read("{\"data\":[\(rows.joined(separator: ","))]}")

        #expect((0..<3).map { page.stored("name", row: $0) } == Array(repeating: .text("Giảy \"x\""), count: 3))
        #expect(
            (0..<3).map { page.stored("at", row: $0) } == Array(repeating: .text("2026-11-21T00:00:00.000Z"), count: 3))
        #expect(page.table.text.count < 60, "the bytes are there once")
    }

    @Test("A text is not taken from a row that was rejected")
    func rejected() throws {
        let rows = [
            #"{"id":"1","name":"a"}"#, #"{"name":"long enough to be cut off"}"#,
            #"{"id":"2","name":"long enough to be cut off"}"#, #"{"id":"3","name":"a"}"#,
        ]

        let page = try reader.read("{\"data\":[\(rows.joined(separator: ","))]}")

        #expect(
            (0..<3).map { page.stored("name", row: $0) } == [
                .text("a"), .text("long enough to be cut off"), .text("a"),
            ])
        #expect(page.table.rejected == [rows[1]])
    }

    @Test("Half a character is repaired and counted each time")
    func repaired() throws {
        let rows = (1...3).map { #"{"id":"\#($0)","name":"\ud83d"}"# }

        let page = try reader.read("{\"data\":[\(rows.joined(separator: ","))]}")

        #expect(page.repaired == 3)
        #expect((0..<3).map { page.stored("name", row: $0) } == Array(repeating: .text("\u{FFFD}"), count: 3))
    }

    @Test("A text that only begins like the last one is another")
    func almost() throws {
        let names = ["campaign one", "campaign on", "campaign onf", "campaign one", "", "campaign one"]
        let rows = names.enumerated().map { #"{"id":"\#($0.offset)","name":"\#($0.element)"}"# }

        let page = try reader.read("{\"data\":[\(rows.joined(separator: ","))]}")

        #expect(names.indices.map { page.stored("name", row: $0) } == names.map { .text($0) })
    }
}
