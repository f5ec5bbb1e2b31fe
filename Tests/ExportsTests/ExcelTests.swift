import CXlsxWriter
import StoreTransfer
import SyncCore
import Testing

@testable import Exports

@Suite("Numbers and texts of Excel")
struct ExcelTests {
    @Test("Whole numbers of up to 15 digits are numbers, longer ones are not")
    func whole() {
        #expect(ExcelNumber.whole(-999_999_999_999_999) == -999_999_999_999_999)
        #expect(ExcelNumber.whole(1_000_000_000_000_000) == nil)
        #expect(ExcelNumber.whole(.min) == nil)
    }

    @Test("Amounts are numbers when the number reads back as the same amount")
    func amounts() {
        var micros: Int64 = 1
        for _ in 0..<19 {
            for sign: Int64 in [-1, 1] {
                let amount = Double("\(sign < 0 ? "-" : "")\(text(micros))")
                let fits = "\(micros)".count <= 15
                #expect(ExcelNumber.amount(micros: sign * micros) == (fits ? amount : nil))
            }
            if micros < .max / 10 { micros = micros * 10 + 7 * (micros % 2) }
        }
        #expect(ExcelNumber.amount(micros: 999_999_999_999_999) == 999_999_999.999999)
        #expect(ExcelNumber.amount(micros: 1_000_000_000_000_001) == nil)
        #expect(ExcelNumber.amount(micros: .min) == nil)
        #expect(ExcelNumber.amount(micros: 1_234_567_890_123_450_000) == 1_234_567_890_123.45)
    }

    @Test("Ratios beyond those of Excel, and those that are none, are no numbers")
    func ratios() {
        #expect([0, -0.1, 1e-300, -9.9e307].map { ExcelNumber.ratio($0) } == [0, -0.1, 1e-300, -9.9e307])
        for number in [Double.nan, .infinity, .greatestFiniteMagnitude, -1e308, .leastNonzeroMagnitude] {
            #expect(ExcelNumber.ratio(number) == nil)
        }
    }

    private func text(_ micros: Int64) -> String {
        var bytes: [UInt8] = []
        ValueText.append(micros: micros, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Days count from the end of 1899; days before Excel's own calendar is right are none")
    func days() throws {
        func date(_ day: String) throws -> Double? {
            ExcelNumber.date(try #require(CivilDate(day)).daysSince1970)
        }

        #expect(try date("1900-03-01") == 61)
        #expect(try date("2026-11-21") == 46_347)
        #expect(try date("1900-02-28") == nil)
        #expect(try date("0001-01-01") == nil)
    }

    @Test("Moments count to the millisecond; what is finer is none")
    func moments() throws {
        func date(_ moment: String) throws -> Double? {
            ExcelNumber.date(microseconds: try #require(Instant(iso: moment)).microseconds)
        }

        #expect(try date("2026-11-21T12:00:00.000Z") == 46_347.5)
        #expect(try date("2026-11-21T00:00:00.000001Z") == nil)
        #expect(try date("1900-01-01T00:00:00.000Z") == nil)
    }

    private func cell(_ text: String) -> (text: String, isCut: Bool) {
        var cell = CellText()
        var text = text
        let isCut = text.withUTF8 { cell.fill(UnsafeRawBufferPointer($0)) }
        return (cell.withCString { $0.map { String(cString: $0) } ?? "" }, isCut)
    }

    @Test("What a cell would take for an escape is escaped")
    func escapes() {
        #expect(cell("a_x0041_b").text == "a_x005F_x0041_b")
        #expect(cell("a_x41_ _xyzzy_ x_").text == "a_x41_ _xyzzy_ x_")
        #expect(cell("a\0b").text == "a_x0000_b")
        #expect(cell("\u{FFFE}\u{FFFF}").text == "_xFFFE__xFFFF_")
        #expect(cell("=1+1 ＝ 🦑").text == "=1+1 ＝ 🦑")
    }

    @Test("A text that is longer than a cell takes is cut between two signs and says so")
    func long() {
        let most = String(repeating: "a", count: CellText.longest)
        #expect(cell(most) == (most, false))
        #expect(cell(most + "b").isCut)
        #expect(cell(most + "b").text.count == CellText.longest)
        #expect(cell(most + "b").text.hasSuffix("a…"))

        // Each has two units.
        let squids = cell(String(repeating: "🦑", count: 16_384))
        #expect(squids.isCut && squids.text.utf16.count <= CellText.longest)
        #expect(!cell(String(repeating: "ă", count: CellText.longest)).isCut)
    }

    @Test("Currencies have the decimals of ISO 4217")
    func currencies() {
        #expect(["VND", "jpy", "USD", "KWD"].map { CurrencyDecimals.of($0) } == [0, 0, 2, 3])
        #expect(CurrencyDecimals.of("") == nil)
    }
}
