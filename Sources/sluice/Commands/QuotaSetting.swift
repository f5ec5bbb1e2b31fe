import ArgumentParser
import SyncCore

/// A limit of a platform as the user sets it: `account=30/s:30`, or `account=default` to give it back.
struct QuotaSetting {
    let family: String
    /// Nil for what the platform tells.
    let limit: QuotaLimit?

    private static let periods: [(unit: Substring, length: Duration)] = [
        ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
    ]

    init(_ text: String) throws {
        let sides = text.split(separator: "=", maxSplits: 1)
        guard sides.count == 2 else { throw QuotaSetting.malformed(text) }
        family = String(sides[0])
        limit = sides[1] == "default" ? nil : try QuotaSetting.limit(sides[1], of: text)
    }

    private static func limit(_ text: Substring, of whole: String) throws -> QuotaLimit {
        let rate = text.split(separator: "/", maxSplits: 1)
        let tail = rate.count == 2 ? rate[1].split(separator: ":", maxSplits: 1) : []
        guard let points = rate.first.flatMap({ Double($0) }), points > 0, points.isFinite,
            let period = periods.first(where: { $0.unit == tail.first })?.length
        else { throw malformed(whole) }
        let burst = tail.count == 2 ? Double(tail[1]) : max(1, points / period.inSeconds)
        guard let burst, burst >= 1, burst.isFinite else {
            throw ValidationError(said("The burst of \(whole) must be 1 or more."))
        }
        let limit = QuotaLimit(points: points, per: period, burst: burst)
        // More than any platform has, and no more than a month for what may go at once.
        guard points <= 1_000_000_000, limit.interval * burst <= 30 * 86_400 * 1_000_000 else { throw malformed(whole) }
        return limit
    }

    private static func malformed(_ text: String) -> ValidationError {
        ValidationError(said("\(text) is not a limit. Write it as account=30/s:30."))
    }

    /// As it is written on the command line; nil for one that no command line sets.
    static func text(_ family: String, _ limit: QuotaLimit) -> String {
        let period = periods.first { $0.length == limit.period }.map { String($0.unit) }
        return "\(family)=\(plain(limit.points))/\(period ?? "\(limit.period)"):\(plain(limit.burst))"
    }

    private static func plain(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }
}
