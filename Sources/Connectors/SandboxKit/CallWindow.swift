import SyncCore

/// A limit of so many calls within any span of time: a call that would be one too many is refused and not counted.
struct CallWindow: Sendable {
    private let most: Int
    private let span: Int64
    private var times: [Int64] = []
    private var first = 0
    /// The most calls that were let through within one span.
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
        peak = max(peak, times.count - first)
        return true
    }
}

/// The moments of the last while, in microseconds.
struct SlidingWindow: Sendable, Hashable {
    let span: Int64
    private(set) var moments: [Int64] = []

    init(seconds: Int64) { span = seconds * 1_000_000 }

    /// Forgets what is too old and says how many are left.
    mutating func count(at now: Int64) -> Int {
        moments.removeAll { $0 <= now - span }
        return moments.count
    }

    /// Notes a moment and says how many there are with it.
    mutating func add(_ now: Int64) -> Int {
        moments.append(now)
        return count(at: now)
    }
}
