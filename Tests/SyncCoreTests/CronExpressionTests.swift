import Foundation
import SyncCore
import Testing

@Suite("Cron expressions")
struct CronExpressionTests {
    /// The next days on which an expression is due in UTC.
    private func days(_ text: String, after: String = "2026-01-01", _ count: Int = 4) throws -> [String] {
        let after = try #require(Instant(iso: after + "T00:00:00Z"))
        return Recurrence.cron(try CronExpression(text)).next(count, after: after, in: try AccountZone.named("Etc/UTC"))
            .map { String("\($0)".prefix(16)) }
    }

    @Test("Lists, ranges, steps and names say what they say in cron")
    func fields() throws {
        #expect(
            try days("5/20,0 4 * * *", after: "2026-01-01", 4)
                == ["2026-01-01T04:00", "2026-01-01T04:05", "2026-01-01T04:25", "2026-01-01T04:45"])
        #expect(try days("0 22-1 * * *", 4).map { $0.suffix(5) } == ["01:00", "22:00", "23:00", "00:00"])
        #expect(try days("0 0 1 JAN-mar/2 *", 3) == ["2026-03-01T00:00", "2027-01-01T00:00", "2027-03-01T00:00"])
        #expect(try days("0 12 * * Fri-Mon", 3) == ["2026-01-02T12:00", "2026-01-03T12:00", "2026-01-04T12:00"])
        #expect(try days("0 12 * * 7", 1) == days("0 12 * * 0", 1))
        #expect(try days("0 12 * * 5-7", 3) == ["2026-01-02T12:00", "2026-01-03T12:00", "2026-01-04T12:00"])
        #expect(try days("10-40/15 0 * * *", 2) == ["2026-01-01T00:10", "2026-01-01T00:25"])
        #expect(try days("59/15 0 * * *", 2) == ["2026-01-01T00:59", "2026-01-02T00:59"])
    }

    @Test("Day of month and day of week are both given: either is enough")
    func eitherDay() throws {
        #expect(
            try days("0 0 13 * fri", 4)
                == ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00", "2026-01-16T00:00"])
        #expect(try days("0 0 13 2 *", 2) == ["2026-02-13T00:00", "2027-02-13T00:00"])
    }

    @Test("Day 31 is left out where there is none; L is the last day, also of a leap February")
    func monthEnds() throws {
        #expect(try days("0 6 31 * *", 3) == ["2026-01-31T06:00", "2026-03-31T06:00", "2026-05-31T06:00"])
        #expect(try days("0 6 L * *", 3) == ["2026-01-31T06:00", "2026-02-28T06:00", "2026-03-31T06:00"])
        #expect(try days("0 6 l 2 *", after: "2027-03-01", 2) == ["2028-02-29T06:00", "2029-02-28T06:00"])
        #expect(try days("0 6 1,L * *", 2) == ["2026-01-01T06:00", "2026-01-31T06:00"])
        #expect(try days("0 0 29 2 *", after: "2096-03-01", 1) == ["2104-02-29T00:00"])
    }

    @Test("Shorthands stand for what they say, and the text stays as it was written")
    func shorthands() throws {
        #expect(try days("@daily", 1) == ["2026-01-02T00:00"])
        #expect(try days("@Hourly", 1) == ["2026-01-01T01:00"])
        #expect(try days("@weekly", 1) == ["2026-01-04T00:00"])
        #expect(try days("@monthly", 1) == days("0 0 1 * *", 1))
        #expect(try days("@yearly", 1) == days("@annually", 1))
        #expect(try CronExpression("  0  6 1 *  MON ").text == "0 6 1 * MON")
    }

    @Test(
        "An error names the field and what it takes",
        arguments: [
            ("60 * * * *", "The minute of the cron expression cannot be \"60\"; it takes 0-59."),
            ("* 24 * * *", "The hour of the cron expression cannot be \"24\"; it takes 0-23."),
            ("* * 0 * *", "The day of month of the cron expression cannot be \"0\"; it takes 1-31, L."),
            ("* * * foo *", "The month of the cron expression cannot be \"foo\"; it takes 1-12, jan-dec."),
            ("* * * * 8", "The day of week of the cron expression cannot be \"8\"; it takes 0-7, sun-sat."),
            ("*/0 * * * *", "The minute of the cron expression cannot be \"*/0\"; it takes 0-59."),
            ("1,,2 * * * *", "The minute of the cron expression cannot be \"\"; it takes 0-59."),
            ("1-2-3 * * * *", "The minute of the cron expression cannot be \"1-2-3\"; it takes 0-59."),
            ("+1 * * * *", "The minute of the cron expression cannot be \"+1\"; it takes 0-59."),
            (
                "* * * *",
                "A cron expression has five fields (minute, hour, day of month, month, day of week), and this has 4."
            ),
            ("0 0 30 2 *", "The cron expression \"0 0 30 2 *\" is never due: no month has that day."),
            ("0 0 31 4,6 *", "The cron expression \"0 0 31 4,6 *\" is never due: no month has that day."),
        ])
    func errors(_ text: String, _ sentence: String) {
        #expect {
            _ = try CronExpression(text)
        } throws: {
            "\($0)" == sentence
        }
    }

    @Test("An unlikely day costs no minutes: ten years of the rarest are found at once")
    func speed() throws {
        let begun = ContinuousClock.now

        for _ in 0..<200 { _ = try days("0 0 29 2 *", 3) }

        #expect(ContinuousClock.now - begun < .seconds(5))
    }
}
