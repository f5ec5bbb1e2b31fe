import SyncCore
import SyncEngine

/// What a sync will cost, as programs get it. What nobody can know yet is left out, and `known` says so.
struct PriceAnswer: Encodable, Sendable {
    var known: Bool
    /// Where a platform counts points, and elsewhere calls.
    var points: Int?
    var calls: Int?
    /// From how many to how many, where that is not sure at all.
    var points_low: Int?
    var points_high: Int?
    var calls_low: Int?
    var calls_high: Int?
    var ready_in_seconds: Double?
    var ready_at: String?
    var accounts: [Part]
    /// Open work that has to wait for it.
    var delays: [Delay]

    struct Part: Encodable, Sendable {
        var account_id: Int64
        var points: Int?
        var calls: Int?
        var low: Int?
        var high: Int?
        var seconds: Double?
        var waits_until: String?
    }

    struct Delay: Encodable, Sendable {
        var job_id: Int64
        var account_id: Int64
        var sync_type: String
        var seconds: Double
    }

    init(_ price: Price, at now: Instant) {
        known = price.isKnown
        points = price.calls(inPoints: true)
        calls = price.calls(inPoints: false)
        let (points, calls) = (price.range(inPoints: true), price.range(inPoints: false))
        (points_low, points_high) = (points?.lowerBound, points?.upperBound)
        (calls_low, calls_high) = (calls?.lowerBound, calls?.upperBound)
        ready_in_seconds = price.length.map { PriceAnswer.seconds($0) }
        ready_at = price.length.map { (now + $0).description }
        accounts = price.parts.map { part in
            Part(
                account_id: part.account.value, points: part.isPoints ? part.calls : nil,
                calls: part.isPoints ? nil : part.calls, low: part.range?.lowerBound,
                high: part.range?.upperBound, seconds: part.length.map { PriceAnswer.seconds($0) },
                waits_until: part.blockedUntil?.description)
        }
        delays = price.delays.map {
            Delay(
                job_id: $0.job.value, account_id: $0.account.value, sync_type: $0.kind.rawValue,
                seconds: PriceAnswer.seconds($0.by))
        }
    }

    private static func seconds(_ duration: Duration) -> Double { (duration.inSeconds * 10).rounded() / 10 }
}
