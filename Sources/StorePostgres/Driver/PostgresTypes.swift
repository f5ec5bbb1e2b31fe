import SyncCore

/// Days and moments as the server counts them: from 2000-01-01, with the ends of the range for infinity.
enum PostgresTime {
    /// Days from 1970 to 2000.
    static let epochDays: Int32 = 10_957
    /// Microseconds from 1970 to 2000.
    static let epochMicroseconds: Int64 = 946_684_800_000_000

    static func day(_ days: Int32) -> CivilDate? {
        guard days != .max, days != .min else { return nil }
        return CivilDate(daysSince1970: days + epochDays)
    }

    static func instant(_ microseconds: Int64) -> Instant? {
        guard microseconds != .max, microseconds != .min else { return nil }
        return Instant(microseconds: microseconds + epochMicroseconds)
    }

    static func text(day days: Int32) -> String {
        day(days)?.description ?? infinity(isPositive: days > 0)
    }

    static func text(moment microseconds: Int64) -> String {
        instant(microseconds)?.description ?? infinity(isPositive: microseconds > 0)
    }

    private static func infinity(isPositive: Bool) -> String { isPositive ? "infinity" : "-infinity" }
}

/// A `numeric` in its binary form: digits to the base 10,000, most significant first.
struct PostgresNumeric {
    private let cell: UnsafeRawBufferPointer

    init(_ cell: UnsafeRawBufferPointer) {
        self.cell = cell
    }

    /// As the server itself writes it, with all digits after the point.
    var text: String {
        let sign = cell.load(UInt16.self, at: 4)
        switch sign {
        case 0xC000: return "NaN"
        case 0xD000: return "Infinity"
        case 0xF000: return "-Infinity"
        default: break
        }
        // The first group counts 10,000 to this power.
        let weight = Int(cell.load(Int16.self, at: 2))
        let scale = Int(cell.load(Int16.self, at: 6))
        var text = sign == 0x4000 ? "-" : ""
        text += String(digit(0))
        if weight < 0 {
            text = sign == 0x4000 ? "-0" : "0"
        } else {
            for index in stride(from: 1, through: weight, by: 1) { text += padded(digit(index)) }
        }
        guard scale > 0 else { return text }
        let groups = (scale + 3) / 4
        let fraction = (weight + 1..<weight + 1 + groups).map { padded(digit($0)) }.joined()
        return "\(text).\(fraction.prefix(scale))"
    }

    private func digit(_ index: Int) -> Int16 {
        guard index >= 0, index < Int(cell.load(Int16.self)) else { return 0 }
        return cell.load(Int16.self, at: 8 + 2 * index)
    }

    private func padded(_ digit: Int16) -> String {
        let text = String(digit)
        return String(repeating: "0", count: 4 - text.utf8.count) + text
    }
}

/// A `uuid` in the usual form with hyphens.
func uuidText(_ cell: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for (index, byte) in cell.enumerated() {
        if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
        text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: text, as: UTF8.self)
}
