import FoundationEssentials
import SyncCore
import Wording

/// The clocks by which a page tells times that belong to no account: those of most of the workspace's accounts.
struct PageZone: Sendable {
    let name: String
    let zone: TimeZone

    init(_ accounts: [Account]) {
        var counts: [String: Int] = [:]
        for account in accounts { counts[account.zoneName, default: 0] += 1 }
        let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        self.init(named: most ?? "Etc/UTC")
    }

    /// UTC for a name that is unknown here.
    init(named name: String) {
        if let zone = try? AccountZone.named(name) {
            (self.name, self.zone) = (name, zone)
        } else {
            (self.name, self.zone) = ("Etc/UTC", .gmt)
        }
    }

    func today(at now: Instant) -> CivilDate { CivilDate(now, in: zone) }

    /// Minutes that the clocks show after midnight.
    func minute(of instant: Instant) -> Int { zone.secondOfDay(instant) / 60 }

    func clock(_ instant: Instant) -> String { zone.clock(instant) }
    func offset(at now: Instant) -> String { zone.utcOffset(at: now) }
    func label(at now: Instant) -> String { zone.label(at: now) }
}

extension Words {
    /// `14:03` of today, `Sun 02:00` within a week, `1 Dec 06:00` further off.
    func near(_ instant: Instant, in zone: PageZone, now: Instant) -> String {
        let isFar = abs(CivilDate(instant, in: zone.zone).days(since: zone.today(at: now))) >= 7
        return near(instant, in: zone.zone, now: now) + (isFar ? " \(zone.clock(instant))" : "")
    }

    /// How long it is until a moment, without seconds: `27 min`, `11 h 57 min`, `9 days`.
    func until(_ duration: Duration) -> String {
        duration < .seconds(60)
            ? pick("less than a minute", "chưa đến một phút")
            : length(.seconds(Int64(duration.inSeconds / 60) * 60))
    }
}

extension String {
    /// The first letter large.
    var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
