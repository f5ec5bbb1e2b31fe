import Foundation
import SyncCore
import Testing

@Suite("Instant")
struct InstantTests {
    @Test(
        "An instant is written in UTC with milliseconds, rounded down",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_999, "1970-01-01T00:00:00.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (-86_400_000_000, "1969-12-31T00:00:00.000Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000Z"),
            (951_782_399_999_999, "2000-02-28T23:59:59.999Z"),
            (-2_203_891_200_000_000, "1900-03-01T00:00:00.000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func description(microseconds: Int64, text: String) {
        #expect(Instant(microseconds: microseconds).description == text)
    }

    @Test("Writing agrees with Foundation for a thousand moments of two centuries")
    func agreesWithFoundation() throws {
        var random = Seeded(1)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

        for _ in 0..<1000 {
            // Whole sixteenths of a second, which a Double holds exactly.
            let sixteenths = random.integer(-2_208_988_800 * 16...4_102_444_800 * 16)
            let instant = Instant(microseconds: Int64(sixteenths) * 62_500)
            let date = try style.parse(instant.description)

            #expect(Instant(iso: instant.description)?.seconds == instant.seconds)
            #expect(abs(date.timeIntervalSince1970 - Double(sixteenths) / 16) < 0.001)
        }
    }

    @Test("What is written is read back to the millisecond, before 1970 too")
    func roundTrip() {
        var random = Seeded(2)

        for _ in 0..<2000 {
            let instant = Instant(microseconds: Int64(random.integer(-4_000_000_000_000...4_000_000_000_000)) * 1000)
            #expect(Instant(iso: instant.description) == instant)
        }
    }

    @Test(
        "A fraction of one to six digits is read, or none",
        arguments: [
            ("2026-11-21T03:04:05Z", 0), ("2026-11-21T03:04:05.6Z", 600_000),
            ("2026-11-21T03:04:05.678Z", 678_000), ("2026-11-21T03:04:05.000001Z", 1),
        ] as [(String, Int64)])
    func fractions(text: String, micros: Int64) {
        #expect(Instant(iso: text) == Instant(microseconds: 1_795_230_245_000_000 + micros))
    }

    @Test(
        "Anything that is not written like an instant is refused",
        arguments: [
            "", "Z", "T", "2026-11-21", "2026-11-21T03:04:05", "2026-11-21T03:04Z", "2026-11-21T03:04:.Z",
            "2026-11-21T03:04:05.Z", "2026-11-21T03:04:05.1234567Z", "2026-11-21T03:04:05,678Z",
            "2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z", "2026-11-21T23:59:60Z", "2026-11-21T-1:04:05Z",
            "2026-11-21T+3:04:05Z", "2026-11-21T03:04:-5Z", "2026-11-21T03:04:05.-78Z", "2026-11-21T3:4:5Z",
            "2026-02-29T03:04:05Z", "2026-13-01T03:04:05Z", "2026-11-21 03:04:05Z", "2026-11-21T03:04:05+00:00",
            "2026-11-21T03:04:05z", " 2026-11-21T03:04:05Z", "2026-11-21T03:04:05Z ", "2026-11-21T03:04:05.678ZZ",
            "٢٠٢٦-11-21T03:04:05Z", "2026-11-21T03:04:05.６Z",
        ])
    func refused(text: String) {
        #expect(Instant(iso: text) == nil)
    }

    @Test(
        "Whole seconds are rounded down on both sides of 1970",
        arguments: [(0, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2)]
            as [(Int64, Int64)])
    func seconds(microseconds: Int64, seconds: Int64) {
        #expect(Instant(microseconds: microseconds).seconds == seconds)
    }

    @Test("The first and the last instant have whole seconds")
    func extremes() {
        #expect(Instant(microseconds: .min).seconds == -9_223_372_036_855)
        #expect(Instant(microseconds: .max).seconds == 9_223_372_036_854)
    }

    @Test("Durations are added, taken away and measured")
    func arithmetic() {
        let noon = Instant(seconds: 43_200)

        #expect(noon + .milliseconds(1500) == Instant(microseconds: 43_201_500_000))
        #expect(noon - .seconds(43_201) == Instant(seconds: -1))
        #expect(noon - Instant(seconds: 43_260) == .seconds(-60))
        #expect(Instant(seconds: -1) < noon)
    }

    @Test("A duration has whole microseconds, cut at what 64 bits hold")
    func durations() {
        #expect(Duration.nanoseconds(1999).microseconds == 1)
        #expect(Duration.seconds(-2).microseconds == -2_000_000)
        #expect(Duration.seconds(Int64.max).microseconds == .max)
        #expect(Duration.seconds(Int64.min).microseconds == .min)
        #expect((Duration.seconds(9_223_372_036_854) + .milliseconds(900)).microseconds == .max)
        #expect(Duration.milliseconds(2500).inSeconds == 2.5)
    }

    @Test("JSON holds plain microseconds")
    func json() throws {
        let encoded = try JSONEncoder().encode([Instant(microseconds: -7)])

        #expect(String(decoding: encoded, as: UTF8.self) == "[-7]")
        #expect(try JSONDecoder().decode([Instant].self, from: encoded) == [Instant(microseconds: -7)])
    }
}
