package import SyncCore

/// Moments in headers of answers (RFC 9110).
package enum WireTime {
    /// When to come back by the header `Retry-After`, in seconds or as a moment; nil without one that makes sense.
    /// At most a day: a longer wait is a mistake of the header.
    package static func retryAfter(_ response: WireResponse, at now: Instant) -> Instant? {
        retryAfter(response["retry-after"], at: now)
    }

    /// The same of the header's text.
    package static func retryAfter(_ header: String?, at now: Instant) -> Instant? {
        guard let text = header?.filter({ !$0.isNewline }) else { return nil }
        let words = text.split(separator: " ")
        if words.count == 1, let seconds = Double(words[0]), seconds >= 0 {
            return now + .milliseconds(Int64((min(seconds, 86_400) * 1000).rounded(.up)))
        }
        return date(text).flatMap { $0 > now ? min($0, now + .seconds(86_400)) : nil }
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    package static func date(_ text: String) -> Instant? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
        guard words.count == 6, words[5] == "GMT" || words[5] == "UTC", let dayOfMonth = Int(words[1]),
            let month = months.firstIndex(of: words[2].lowercased()), let year = Int(words[3]),
            let day = CivilDate(year: year, month: month + 1, day: dayOfMonth)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let seconds = Int64(clock[0] * 3600 + clock[1] * 60 + clock[2])
        return Instant(seconds: Int64(day.daysSince1970) * 86_400 + seconds)
    }
}
