import FoundationEssentials
import SyncCore

extension MetaSandbox {
    /// Hashes that stand in for random numbers: the same question always gets the same answer.
    package enum Mix {
        /// The finaliser of SplitMix64 over both words.
        @inline(__always)
        package static func hash(_ left: UInt64, _ right: UInt64) -> UInt64 {
            var word = left &+ (right &+ 1) &* 0x9E37_79B9_7F4A_7C15
            word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word &>> 31)
        }

        @inline(__always)
        static func hash(_ seed: UInt64, _ index: Int) -> UInt64 {
            hash(seed, UInt64(bitPattern: Int64(index)))
        }

        /// A number from 0 to `bound - 1`; 0 when there is none.
        @inline(__always)
        package static func below(_ bound: Int, _ hash: UInt64) -> Int {
            bound <= 1 ? 0 : Int(UInt64(bound).multipliedFullWidth(by: hash).high)
        }

        @inline(__always)
        static func strikes(_ thousandths: Int, _ hash: UInt64) -> Bool {
            thousandths > 0 && below(1000, hash) < thousandths
        }

        /// FNV-1a, for keys and entity tags.
        static func hash(_ bytes: [UInt8]) -> UInt64 {
            bytes.withUnsafeBufferPointer { hash($0, basis) }
        }

        static func hash(_ text: String, _ seed: UInt64 = basis) -> UInt64 {
            var text = text
            return text.withUTF8 { hash($0, seed) }
        }

        private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325

        private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ seed: UInt64) -> UInt64 {
            var word = seed
            var index = 0
            while index < bytes.count {
                word = (word ^ UInt64(bytes[index])) &* 0x100_0000_01B3
                index += 1
            }
            return word
        }
    }

    /// Offsets of a time zone around a day, looked up once: `TimeZone` is too slow to ask per row.
    struct Zone: Sendable {
        private struct Step: Sendable {
            let from: Int64
            let offset: Int64
        }

        private let steps: [Step]

        /// Covers the seconds `from..<to`; beyond them the nearest offset holds.
        init(_ zone: TimeZone, from: Int64, to: Int64) {
            func offset(_ seconds: Int64) -> Int64 {
                Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
            }
            var steps = [Step(from: .min, offset: offset(from))]
            var low = from
            // No zone changes its offset twice within 25 days in the years that matter here.
            while low < to {
                let high = low + 25 * 86_400
                let after = offset(high)
                if let last = steps.last, after != last.offset {
                    var left = low
                    var right = high
                    while right - left > 1 {
                        let middle = left + (right - left) / 2
                        if offset(middle) == last.offset { left = middle } else { right = middle }
                    }
                    steps.append(Step(from: right, offset: after))
                }
                low = high
            }
            self.steps = steps
        }

        /// Seconds east of UTC at a moment.
        func offset(at seconds: Int64) -> Int64 {
            var index = steps.count - 1
            while index > 0, steps[index].from > seconds { index -= 1 }
            return steps[index].offset
        }

        func day(at seconds: Int64) -> Int32 {
            let local = seconds + offset(at: seconds)
            return Int32(truncatingIfNeeded: local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
        }

        /// The first second of a day.
        func start(of day: Int32) -> Int64 {
            let midnight = Int64(day) * 86_400
            let guess = midnight - offset(at: midnight)
            return midnight - offset(at: guess)
        }
    }

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
