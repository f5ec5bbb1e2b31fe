import SyncCore

/// Values as the numbers of Excel, which are doubles of which it shows and keeps 15 digits. Nil for what such a number
/// does not hold to its last digit.
enum ExcelNumber {
    private static let beyond: UInt64 = 1_000_000_000_000_000

    static func whole(_ number: Int64) -> Double? { number.magnitude < beyond ? Double(number) : nil }

    /// A ratio, of which Excel keeps 15 digits; nil beyond what it takes, which is less than a double holds.
    static func ratio(_ number: Double) -> Double? {
        let size = number.magnitude
        return size == 0 || (size >= .leastNormalMagnitude && size <= 9.99999999999999e307) ? number : nil
    }

    /// Of 15 digits none is lost on the way through a double, wherever the point stands, if it is rounded once.
    static func amount(micros: Int64) -> Double? {
        var digits = micros.magnitude
        // A double holds all of these: a number of millionths has 19 digits, so four zeros are the most.
        var divisor = 1_000_000.0
        while digits >= beyond, digits % 10 == 0 {
            digits /= 10
            divisor /= 10
        }
        guard digits < beyond else { return nil }
        return (micros < 0 ? -1 : 1) * Double(digits) / divisor
    }

    /// Days since 1899-12-30. Excel's calendar begins in 1900, in which it has a 29 February that never was.
    static func date(_ daysSince1970: Int32) -> Double? {
        let first = CivilDate(year: 1900, month: 3, day: 1)?.daysSince1970 ?? 0
        let last = CivilDate(year: 9999, month: 12, day: 31)?.daysSince1970 ?? 0
        return (first...last).contains(daysSince1970) ? Double(daysSince1970) + 25_569 : nil
    }

    /// To the millisecond, which is what Excel has.
    static func date(microseconds: Int64) -> Double? {
        let (milliseconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        let day = milliseconds.floorDivided(by: 86_400_000)
        guard rest == 0, let day32 = Int32(exactly: day), let date = date(day32) else { return nil }
        return date + Double(milliseconds - day * 86_400_000) / 86_400_000
    }
}
