/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// Instants are wall time: they are stored and shown. Waiting and measuring use a monotonic clock.
package struct Instant: Sendable, Hashable, Comparable, Codable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package init(seconds: Int64) {
        self.microseconds = seconds * 1_000_000
    }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { microseconds.floorDivided(by: 1_000_000) }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds + duration.microseconds)
    }

    package static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds - duration.microseconds)
    }

    package static func - (left: Instant, right: Instant) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }

    /// Reads a number that a JSON encoder wrote: plain microseconds.
    package init(from decoder: any Decoder) throws {
        self.microseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microseconds)
    }
}

extension Instant: CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds, `2026-11-21T03:04:05.678Z`: the form stored in text columns.
    package var description: String {
        let day = CivilDate(daysSince1970: Int32(truncatingIfNeeded: seconds.floorDivided(by: 86_400)))
        let inDay = microseconds - Int64(day.daysSince1970) * 86_400_000_000
        let milliseconds = inDay / 1000
        func pad(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let hours = pad(milliseconds / 3_600_000, 2)
        let minutes = pad(milliseconds / 60_000 % 60, 2)
        let seconds = pad(milliseconds / 1000 % 60, 2)
        return "\(day)T\(hours):\(minutes):\(seconds).\(pad(milliseconds % 1000, 3))Z"
    }
}

extension Duration {
    /// Whole microseconds; a duration longer than 290,000 years is cut to that.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowing) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return overflow || overflowing ? (seconds < 0 ? .min : .max) : sum
    }

    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension BinaryInteger {
    /// Division that rounds towards minus infinity, so that days before 1970 come out right.
    package func floorDivided(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}

/// Where wall time comes from. The engine, the stores and the limiter never read the system's clock
/// themselves, so that a simulation owns time (design.md, rule 12).
package protocol WallClock: Sendable {
    /// The present moment. Never goes through a suspension point and never throws.
    var now: Instant { get }
}

extension Instant {
    /// Reads the form that `description` writes, with no fraction or one of up to six digits; nil for anything
    /// else.
    package init?(iso text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T"),
            let day = CivilDate(String(decoding: bytes[..<10], as: UTF8.self)),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = Int64(digits: bytes[11..<13]), let minute = Int64(digits: bytes[14..<16]),
            let second = Int64(digits: bytes[17..<19]), hour < 24, minute < 60, second < 60
        else { return nil }
        var micros: Int64 = 0
        let rest = bytes[19..<(bytes.count - 1)]
        if !rest.isEmpty {
            let fraction = rest.dropFirst()
            guard rest.first == UInt8(ascii: "."), (1...6).contains(fraction.count),
                let value = Int64(digits: fraction)
            else { return nil }
            micros = (fraction.count..<6).reduce(value) { padded, _ in padded * 10 }
        }
        let seconds = Int64(day.daysSince1970) * 86_400 + hour * 3600 + minute * 60 + second
        self.init(microseconds: seconds * 1_000_000 + micros)
    }
}

extension FixedWidthInteger {
    /// Decimal digits and nothing else, no sign; nil for anything else. Few enough that they fit.
    init?(digits: some Collection<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var value: Self = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Self(byte - UInt8(ascii: "0"))
        }
        self = value
    }
}
