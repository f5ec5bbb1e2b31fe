import SyncCore

/// A limit of so many calls within any span of time: a call that would be one too many is refused and not counted.
struct CallWindow: Sendable {
    private let most: Int
    private let span: Int64
    private var times: [Int64] = []
    private var first = 0
    /// Calls that were let through, and the most of them within one span.
    private(set) var admitted = 0
    private(set) var peak = 0

    /// `most` of zero lets everything through, and still finds the peak.
    init(most: Int, per span: Duration) {
        self.most = most
        self.span = span.microseconds
    }

    /// Whether a call at `now` is let through; it counts if so.
    mutating func admit(at now: Instant) -> Bool {
        while first < times.count, times[first] <= now.microseconds - span { first += 1 }
        if first > 4096 {
            times.removeFirst(first)
            first = 0
        }
        guard most == 0 || times.count - first < most else { return false }
        times.append(now.microseconds)
        admitted += 1
        peak = max(peak, times.count - first)
        return true
    }
}
