import StoreTransfer
import SyncCore

/// Values as text, each exactly.
enum ValueText {
    static func append(_ number: Int64, to bytes: inout [UInt8]) { bytes += String(number).utf8 }

    /// Millionths as a decimal number with no more digits than it has: `150000`, `-12.5`.
    static func append(micros: Int64, to bytes: inout [UInt8]) {
        let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        if micros < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes += String(whole).utf8
        guard rest > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        bytes += String(rest + 1_000_000).utf8.dropFirst()
        while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    }

    /// The shortest text that reads back as the same number.
    static func append(_ number: Double, to bytes: inout [UInt8]) {
        bytes += (name(ofEndless: number) ?? number.description).utf8
    }

    /// What is no finite number, in PostgreSQL's words.
    static func name(ofEndless number: Double) -> String? {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "Infinity" : "-Infinity" }
        return nil
    }

    static func append(_ flag: Bool, to bytes: inout [UInt8]) { bytes += (flag ? "true" : "false").utf8 }

    static func append(day: Int32, to bytes: inout [UInt8]) {
        bytes += CivilDate(daysSince1970: day).description.utf8
    }

    /// ISO 8601 in UTC.
    static func append(instant microseconds: Int64, to bytes: inout [UInt8]) {
        bytes += Instant(microseconds: microseconds).exact.utf8
    }

    /// `\x00ff`. No stream has such a column.
    static func append(hex value: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes += "\\x".utf8
        for byte in value {
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }

    /// Calls `body` with the text; what is no UTF-8 in it is replaced by U+FFFD.
    static func withUTF8(_ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        if ValueAdapter.isUTF8(text) { return body(text) }
        var repaired = String(decoding: text, as: UTF8.self)
        repaired.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
