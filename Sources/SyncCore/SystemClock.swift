import FoundationEssentials

/// The machine's own clock: the only place where the present moment is read from the system.
package struct SystemWallClock: WallClock {
    package init() {}

    package var now: Instant {
        Instant(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }
}
