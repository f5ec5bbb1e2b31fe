extension BoostinySandbox {
    /// Locks a key that is used by two calls at once or too often (platforms.md 5.6, 5.7.3). Microseconds.
    struct Detector: Sendable {
        let knobs: BoostinyWorld.Limits
        private var minute = SlidingWindow(seconds: 60)
        private var busyUntil: [Int64] = []
        private(set) var lockedUntil: Int64 = 0
        private(set) var lockOuts = 0
        /// Calls that were made while the key was locked.
        private(set) var whileLocked = 0
        private(set) var mostSeenInFlight = 0
        private(set) var mostSeenPerMinute = 0

        init(_ knobs: BoostinyWorld.Limits) { self.knobs = knobs }

        mutating func admit(isLocking: Bool, at now: Int64) throws(Refusal) {
            busyUntil.removeAll { $0 <= now }
            mostSeenInFlight = max(mostSeenInFlight, busyUntil.count + 1)
            let recent = minute.add(now)
            mostSeenPerMinute = max(mostSeenPerMinute, recent)
            if now < lockedUntil {
                whileLocked += 1
                throw refusal(at: now)
            }
            let isCrowded = knobs.mostInFlight > 0 && busyUntil.count >= knobs.mostInFlight
            let isHasty = knobs.perMinute > 0 && recent > knobs.perMinute
            guard isLocking || isCrowded || isHasty else { return }
            lockOuts += 1
            lockedUntil = now + knobs.lockSeconds * 1_000_000
            throw refusal(at: now)
        }

        /// A call is being answered until then.
        mutating func occupy(until moment: Int64) { busyUntil.append(moment) }

        /// Ends a lock-out and forgets what led to it.
        mutating func unlock() {
            lockedUntil = 0
            minute = SlidingWindow(seconds: 60)
        }

        private func refusal(at now: Int64) -> Refusal {
            let seconds = (lockedUntil - now + 999_999) / 1_000_000
            let minutes = (seconds + 59) / 60
            return Refusal(
                429, "Too many requests. Retry after \(minutes) minute\(minutes == 1 ? "" : "s").",
                retryAfter: seconds)
        }
    }
}
