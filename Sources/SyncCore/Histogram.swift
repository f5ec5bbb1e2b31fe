/// How often something took how long, in few buckets.
package struct Histogram: Sendable, Hashable {
    /// Upper bounds of the buckets in seconds, ascending; what took longer than the last is in a bucket beyond it.
    package let bounds: [Double]
    /// One more than there are bounds; each value is in one bucket.
    package private(set) var counts: [Int]
    /// Of all values, in seconds.
    package private(set) var sum: Double = 0

    package init(bounds: [Double]) {
        self.bounds = bounds
        self.counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// For what a database does: from a millisecond to five seconds.
    package static let ofDatabase = Histogram(bounds: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5])

    package var count: Int { counts.reduce(0, +) }

    package mutating func observe(_ duration: Duration) {
        let seconds = max(0, duration.inSeconds)
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }

    /// Each bound with how many values are not above it.
    package var cumulative: [(bound: Double, count: Int)] {
        var total = 0
        return zip(bounds, counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
