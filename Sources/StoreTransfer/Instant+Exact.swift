package import SyncCore

extension Instant {
    /// As stores write it, with milliseconds; with all six digits when there are more of them than three.
    package var exact: String {
        let text = description
        let rest = microseconds - microseconds.floorDivided(by: 1000) * 1000
        guard rest != 0 else { return text }
        let digits = String(rest)
        return text.dropLast() + String(repeating: "0", count: 3 - digits.count) + digits + "Z"
    }
}
