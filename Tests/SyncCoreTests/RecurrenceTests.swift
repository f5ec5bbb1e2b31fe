import Foundation
import SyncCore
import Testing

@Suite("Recurrences")
struct RecurrenceTests {
    /// The next `count` moments in UTC, without seconds.
    private func next(
        _ text: String, _ zone: String, after: String, _ count: Int = 4
    ) throws -> [String] {
        let recurrence = try Recurrence(text)
        let after = try #require(Instant(iso: after + ":00Z"))
        return recurrence.next(count, after: after, in: try AccountZone.named(zone))
            .map { String("\($0)".prefix(16)) }
    }

    // MARK: Every so often

    @Test("An interval counts from the local midnight, wherever the process was started")
    func intervals() throws {
        #expect(
            try next("every 10m", "Asia/Ho_Chi_Minh", after: "2026-11-21T07:03", 2)
                == ["2026-11-21T07:10", "2026-11-21T07:20"])
        #expect(try next("every 24h", "Asia/Ho_Chi_Minh", after: "2026-11-21T07:03", 1) == ["2026-11-21T17:00"])
        #expect(
            try next("every 6h", "Asia/Kathmandu", after: "2026-11-21T07:03", 2)
                == ["2026-11-21T12:15", "2026-11-21T18:15"])
        #expect(try next("every 1h", "Etc/UTC", after: "2026-11-21T07:00", 1) == ["2026-11-21T08:00"])
    }

    @Test("A day of 25 hours has more short intervals, one of 23 hours fewer, and none is half off")
    func intervalsOverDaylightSaving() throws {
        // New York, 1 November 2026: 06:00Z is the second 01:00.
        #expect(
            try next("every 1h", "America/New_York", after: "2026-11-01T04:30", 3)
                == ["2026-11-01T05:00", "2026-11-01T06:00", "2026-11-01T07:00"])
        let long = try next("every 2h", "America/New_York", after: "2026-11-01T03:59", 13)
        #expect(long.first == "2026-11-01T04:00")
        #expect(long.suffix(2) == ["2026-11-02T02:00", "2026-11-02T05:00"])
        let short = try next("every 2h", "America/New_York", after: "2026-03-08T04:59", 12)
        #expect(short.suffix(2) == ["2026-03-09T01:00", "2026-03-09T04:00"])
        #expect(
            try next("every 6h", "America/New_York", after: "2026-03-08T04:59", 5)
                == ["05:00", "11:00", "17:00", "23:00"].map { "2026-03-08T\($0)" } + ["2026-03-09T04:00"])
        #expect(
            try next("every 6h", "America/New_York", after: "2026-11-01T16:00", 2)
                == ["2026-11-01T22:00", "2026-11-02T05:00"])
        #expect(
            try next("every 24h", "America/New_York", after: "2026-10-31T05:00", 2)
                == ["2026-11-01T04:00", "2026-11-02T05:00"])
    }

    @Test("Every offered interval is written as it is read, and no other")
    func presets() throws {
        for interval in Recurrence.Interval.allCases {
            #expect(try Recurrence("every \(interval.text)") == .every(interval))
        }
        #expect(Recurrence.Interval.allCases.map(\.text) == ["10m", "15m", "30m", "1h", "2h", "6h", "12h", "24h"])
        #expect(throws: RecurrenceError.notAnInterval("7m")) { try Recurrence("every 7m") }
    }

    // MARK: At times of the day

    @Test("Times of the day come on their days of the week, in order")
    func times() throws {
        // 21 November 2026 is a Saturday.
        #expect(
            try next("at 14:30,08:00 on mon,sat", "Asia/Ho_Chi_Minh", after: "2026-11-21T00:59")
                == ["2026-11-21T01:00", "2026-11-21T07:30", "2026-11-23T01:00", "2026-11-23T07:30"])
        #expect(try Recurrence("at 14:30,08:00 on sat,mon").description == "at 08:00,14:30 on mon,sat")
        #expect(try Recurrence("at 6:05").description == "at 06:05")
        #expect(Recurrence.at(DayTimes(daily: .seconds(19 * 3600))).description == "at 19:00")
    }

    @Test("What is no time or no day is told by name")
    func badTimes() {
        for text in ["24:00", "8", "08:60", "08:0", "", "8:00:00"] {
            #expect(throws: RecurrenceError.notATime(text)) { try DayTimes(times: text, days: "") }
        }
        #expect(throws: RecurrenceError.notAWeekday("monday")) { try DayTimes(times: "08:00", days: "monday") }
        #expect(throws: RecurrenceError.notATime("")) { try DayTimes(times: "08:00,", days: "") }
    }

    // MARK: Daylight saving

    @Test("A time that the clocks leave out comes at the first moment behind the gap, and once")
    func gap() throws {
        // New York, 8 March 2026: 02:00 to 03:00 is left out, 07:00Z is 03:00.
        #expect(
            try next("at 02:30", "America/New_York", after: "2026-03-07T08:00", 3)
                == ["2026-03-08T07:00", "2026-03-09T06:30", "2026-03-10T06:30"])
        #expect(
            try next("cron 0,30 2,3 * * *", "America/New_York", after: "2026-03-08T05:00", 3)
                == ["2026-03-08T07:00", "2026-03-08T07:30", "2026-03-09T06:00"])
        // Lord Howe leaves out half an hour: 4 October 2026, 02:00 becomes 02:30.
        #expect(
            try next("at 02:15", "Australia/Lord_Howe", after: "2026-10-03T00:00", 2)
                == ["2026-10-03T15:30", "2026-10-04T15:15"])
    }

    @Test("A time that the clocks show twice comes the first time only")
    func fold() throws {
        #expect(
            try next("at 01:30", "America/New_York", after: "2026-11-01T04:00", 2)
                == ["2026-11-01T05:30", "2026-11-02T06:30"])
        // Asked between the two.
        #expect(try next("at 01:30", "America/New_York", after: "2026-11-01T06:10", 1) == ["2026-11-02T06:30"])
        #expect(try next("cron 45 1,2 * * *", "America/New_York", after: "2026-11-01T06:10", 1) == ["2026-11-01T07:45"])
    }

    @Test("Every hour is due in each hour that passes, also where the clocks show one twice")
    func foldedHours() throws {
        #expect(
            try next("cron 0 * * * *", "America/New_York", after: "2026-11-01T04:30", 4)
                == ["05:00", "06:00", "07:00", "08:00"].map { "2026-11-01T\($0)" })
        #expect(
            try next("cron */30 */1 * * *", "America/New_York", after: "2026-11-01T05:10", 4)
                == ["05:30", "06:00", "06:30", "07:00"].map { "2026-11-01T\($0)" })
        // Lord Howe shows half an hour twice, Havana its first hour.
        #expect(
            try next("cron 45 * * * *", "Australia/Lord_Howe", after: "2026-04-04T14:40", 3)
                == ["14:45", "15:15", "16:15"].map { "2026-04-04T\($0)" })
        #expect(
            try next("cron 0 */2 1 * *", "America/Havana", after: "2026-11-01T03:30", 3)
                == ["04:00", "05:00", "07:00"].map { "2026-11-01T\($0)" })
        #expect(
            try next("cron @hourly", "America/New_York", after: "2026-03-08T06:30", 2)
                == ["2026-03-08T07:00", "2026-03-08T08:00"])
    }

    @Test("A midnight that does not exist, and a day that does not")
    func midnights() throws {
        // São Paulo, 4 November 2018: the day began at 01:00. Apia had no 30 December 2011.
        #expect(
            try next("at 00:00", "America/Sao_Paulo", after: "2018-11-03T12:00", 2)
                == ["2018-11-04T03:00", "2018-11-05T02:00"])
        #expect(
            try next("at 12:00", "Pacific/Apia", after: "2011-12-29T00:00", 3)
                == ["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"])
    }

    // MARK: Looking back

    @Test("The last one up to a moment is found without walking there")
    func latest() throws {
        let zone = try AccountZone.named("Europe/Berlin")
        let long = try #require(Instant(iso: "2020-01-01T00:00:00Z"))
        let now = try #require(Instant(iso: "2026-11-21T10:00:30Z"))
        func latest(_ text: String) throws -> String? {
            try Recurrence(text).latest(through: now, after: long, in: zone).map { String("\($0)".prefix(16)) }
        }

        #expect(try latest("cron * * * * *") == "2026-11-21T10:00")
        #expect(try latest("cron 0 6 1 * *") == "2026-11-01T05:00")
        #expect(try latest("cron 0 6 29 2 *") == "2024-02-29T05:00")
        #expect(try latest("every 24h") == "2026-11-20T23:00")
        #expect(try Recurrence("cron 0 6 29 2 *").latest(through: long, after: long, in: zone) == nil)
        let recurrence = try Recurrence("every 1h")
        #expect(recurrence.count(after: now - .seconds(7200), through: now, upTo: 100, in: zone) == 2)
        #expect(recurrence.count(after: long, through: now, upTo: 100, in: zone) == 100)
    }

    @Test("Of a day that may have so many no more are told, and those of today are counted")
    func aDay() throws {
        let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
        let minutely = Recurrence.cron(try CronExpression("* * * * *"))
        let evening = CivilDate(daysSince1970: 20_778).moment(23 * 3600, in: zone)

        let next = minutely.next(5, after: evening, in: zone, aDay: 2, done: 1)

        #expect(next.map { CivilDate($0, in: zone).daysSince1970 - 20_778 } == [0, 1, 1, 2, 2])
        #expect(next[1] == CivilDate(daysSince1970: 20_779).start(in: zone))
        for none in [0, -1] { #expect(minutely.next(5, after: evening, in: zone, aDay: none).isEmpty) }
        #expect(minutely.next(5, after: evening, in: zone).last == evening + .seconds(300))
    }
}
