import Connectors
import SyncCore

/// The clock of the sandboxes. It runs with the real one but starts at a full quarter of an hour: the numbers of
/// the present day change four times an hour, and so they stand still during a test.
struct QuarterClock: WallClock {
    private let offset: Duration

    init() {
        let now = SystemWallClock().now
        offset = now - Instant(seconds: now.seconds / 900 * 900)
    }

    var now: Instant { SystemWallClock().now - offset }

    /// Its day in UTC.
    var day: CivilDate { CivilDate(daysSince1970: Int32(now.seconds / 86_400)) }

    /// A zone in which it is noon now, so that no day ends during a test.
    static var noonZone: String {
        let hour = Int(SystemWallClock().now.seconds / 3600 % 24)
        // The signs of these names are turned round: Etc/GMT-7 is seven hours ahead of UTC.
        let ahead = 12 - hour
        return ahead == 0 ? "Etc/GMT" : ahead > 0 ? "Etc/GMT-\(ahead)" : "Etc/GMT+\(-ahead)"
    }

    static var today: CivilDate {
        get throws { CivilDate(SystemWallClock().now, in: try AccountZone.named(noonZone)) }
    }
}

extension MetaWorld {
    /// A few hundred rows in about forty calls: every kind of thing, no limits, no latency.
    static func tiny(seed: UInt64 = 7) throws -> MetaWorld {
        var world = MetaWorld.small(seed: seed, today: try QuarterClock.today)
        for index in world.accounts.indices { world.accounts[index].zone = QuarterClock.noonZone }
        world.accounts[0].isLively = false
        world.accounts[0].days = 200
        world.accounts[0].archived = 200
        world.accounts[0].deleted = 100
        world.pages.days = 120
        world.limits.isOn = false
        world.latency.base = 0
        world.latency.jitter = 0
        return world
    }

    /// The same with an account of that age.
    static func aged(days: Int) throws -> MetaWorld {
        var world = try tiny()
        world.accounts[0].days = days
        return world
    }

    /// The same with small pages, so that a sync takes some hundred calls, each of `milliseconds`.
    static func slow(milliseconds: Int64, seed: UInt64 = 7, rowsPerPage: Int = 10) throws -> MetaWorld {
        var world = try tiny(seed: seed)
        world.insights.mostLimit = rowsPerPage
        world.reading.mostLimit = rowsPerPage
        world.latency.base = milliseconds * 1000
        world.latency.jitter = milliseconds * 500
        return world
    }
}
