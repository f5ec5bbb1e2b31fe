import SyncCore

/// Times as platforms write them without a zone.
enum NaiveTime {
    /// `2025-11-05 10:20:30`, or with `T` in between. Seconds are those of the platform's own clock since 1970.
    static func text(_ seconds: Int64, separator: String = " ") -> String {
        let day = day(of: seconds)
        let rest = seconds - Int64(day.daysSince1970) * 86_400
        return "\(day)\(separator)\(pad(rest / 3600)):\(pad(rest / 60 % 60)):\(pad(rest % 60))"
    }

    static func day(of seconds: Int64) -> CivilDate {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        return CivilDate(daysSince1970: Int32(truncatingIfNeeded: days))
    }

    private static func pad(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}

extension NaiveTime {
    /// `2025-11-05T02:13:07.412000` with so many digits of the fraction; without a point when there are none.
    static func micros(_ micros: Int64, digits: Int) -> String {
        let seconds = micros >= 0 ? micros / 1_000_000 : (micros - 999_999) / 1_000_000
        let fraction = String(1_000_000 + micros - seconds * 1_000_000).dropFirst().prefix(digits)
        return text(seconds, separator: "T") + (digits > 0 ? ".\(fraction)" : "")
    }
}
