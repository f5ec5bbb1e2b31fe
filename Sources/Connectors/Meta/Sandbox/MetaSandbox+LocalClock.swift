import SyncCore

extension MetaSandbox {
    typealias JSON = SandboxJSON
    typealias Zone = SandboxZone

    /// An account's own time at one moment.
    struct LocalClock: Sendable {
        let today: Int32
        /// Parts of today that reports know, of 96: they are refreshed every 15 minutes.
        let quarters: Int64

        init(_ zone: Zone, at now: Instant) {
            today = zone.day(at: now.seconds)
            let start = zone.start(of: today)
            let length = max(1, zone.start(of: today + 1) - start)
            let refreshed = (now.seconds - start) / 900 * 900
            quarters = min(96, max(0, refreshed * 96 / length))
        }
    }
}
