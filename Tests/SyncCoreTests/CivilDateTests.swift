import Foundation
import SyncCore
import Testing

@Suite("CivilDate")
struct CivilDateTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test(
        "Days that do not exist, or are not written as ten characters, are refused",
        arguments: [
            "2026-02-29", "2100-02-29", "1900-02-29", "2026-04-31", "2026-00-10", "2026-13-01", "2026-01-00",
            "2026-01-32", "0000-01-01", "2026-1-01", "2026-01-1", "26-01-01", "2026/01/01", "20260101", "",
            "2026-01-01 ", " 2026-01-01", "2026-01-01T00:00:00Z", "+026-01-01", "-026-01-01", "2026-01-+1",
            "2026--1-01", "２０26-01", "yyyy-mm-dd",
        ])
    func refused(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test(
        "Known days have their known number",
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2024-02-29", 19_782),
            ("2026-11-21", 20_778), ("1900-03-01", -25_508), ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
        ] as [(String, Int32)])
    func numbers(text: String, number: Int32) throws {
        #expect(try day(text).daysSince1970 == number)
        #expect(CivilDate(daysSince1970: number).description == text)
    }

    @Test("Every day of two hundred years reads back as written and follows the day before")
    func roundTrip() throws {
        let first = try day("1900-01-01")
        var expected = (year: 1900, month: 1, day: 1)

        for offset in 0..<73_049 {
            let date = first.adding(days: offset)
            guard date.parts == expected, CivilDate(date.description) == date else {
                Issue.record("\(date) should be \(expected)")
                return
            }
            if expected.day < CivilDate.days(inMonth: expected.month, of: expected.year) {
                expected.day += 1
            } else if expected.month < 12 {
                expected = (expected.year, expected.month + 1, 1)
            } else {
                expected = (expected.year + 1, 1, 1)
            }
        }

        #expect(expected == (2100, 1, 1))
    }

    @Test("Day numbers agree with Foundation's calendar")
    func agreesWithFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try AccountZone.named("Etc/UTC")
        var random = Seeded(3)

        for _ in 0..<500 {
            let number = random.integer(-100_000...100_000)
            let date = Date(timeIntervalSince1970: Double(number) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let ours = CivilDate(daysSince1970: Int32(number)).parts
            #expect(ours.year == parts.year && ours.month == parts.month && ours.day == parts.day)
        }
    }

    @Test(
        "Moving by months keeps the day or takes the month's last",
        arguments: [
            ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-03-31", -1, "2026-02-28"),
            ("2026-11-21", -37, "2023-10-21"), ("2026-11-21", 2, "2027-01-21"), ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", -48, "2020-02-29"), ("2026-12-31", 0, "2026-12-31"), ("2026-01-15", -1, "2025-12-15"),
        ])
    func months(from: String, months: Int, to: String) throws {
        #expect(try day(from).adding(months: months) == day(to))
    }

    @Test("Days between two dates are counted with their sign")
    func distance() throws {
        #expect(try day("2024-03-01").days(since: day("2024-02-28")) == 2)
        #expect(try day("2023-03-01").days(since: day("2023-02-28")) == 1)
        #expect(try day("2026-01-01").days(since: day("2026-12-31")) == -364)
        #expect(try day("2026-01-01") < day("2026-01-02"))
    }

    @Test("JSON holds the day as text and refuses anything else")
    func json() throws {
        let encoded = try JSONEncoder().encode([try day("2026-11-21")])

        #expect(String(decoding: encoded, as: UTF8.self) == #"["2026-11-21"]"#)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([CivilDate].self, from: Data(#"["2026-11-31"]"#.utf8))
        }
    }
}

@Suite("Days in time zones")
struct ZoneTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }
    private func instant(_ text: String) throws -> Instant { try #require(Instant(iso: text)) }

    @Test(
        "A day begins when its zone says so and lasts as long as the zone makes it",
        arguments: [
            ("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", 25),
            ("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", 23),
            ("America/New_York", "2026-07-04", "2026-07-04T04:00:00Z", 24),
            ("Asia/Ho_Chi_Minh", "2026-11-21", "2026-11-20T17:00:00Z", 24),
            ("Asia/Kolkata", "2026-11-21", "2026-11-20T18:30:00Z", 24),
            ("Pacific/Kiritimati", "2026-11-21", "2026-11-20T10:00:00Z", 24),
            ("Pacific/Pago_Pago", "2026-11-21", "2026-11-21T11:00:00Z", 24),
            ("Pacific/Auckland", "2026-09-27", "2026-09-26T12:00:00Z", 23),
            // Clocks go from 00:00 to 01:00: the day begins at one.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 23),
            ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z", 23),
            // Clocks go from 00:00 back to 23:00: the day before is the long one.
            ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", 25),
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z", 24),
            // Clocks go from 01:00 back to 00:00: the day begins at the first midnight.
            ("Asia/Amman", "2021-10-29", "2021-10-28T21:00:00Z", 25),
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25),
        ])
    func edges(zoneName: String, text: String, start: String, hours: Int) throws {
        let zone = try AccountZone.named(zoneName)
        let date = try day(text)

        #expect(try date.start(in: zone) == instant(start))
        #expect(date.adding(days: 1).start(in: zone) - date.start(in: zone) == .seconds(hours * 3600))
    }

    @Test("A day that a zone left out begins with the day after it")
    func leftOut() throws {
        let zone = try AccountZone.named("Pacific/Apia")

        #expect(try day("2011-12-30").start(in: zone) == day("2011-12-31").start(in: zone))
        #expect(try day("2011-12-31").start(in: zone) == instant("2011-12-30T10:00:00Z"))
    }

    @Test(
        "The start of every day of three years falls on that day, and the second before on the day before",
        arguments: [
            "America/New_York", "America/Sao_Paulo", "Asia/Amman", "Asia/Kathmandu", "Australia/Lord_Howe",
            "Europe/London", "Pacific/Chatham", "Asia/Ho_Chi_Minh", "Etc/UTC",
        ])
    func everyStart(zoneName: String) throws {
        let zone = try AccountZone.named(zoneName)
        let first = try day("2017-01-01")

        for offset in 0..<1096 {
            let date = first.adding(days: offset)
            let start = date.start(in: zone)
            guard CivilDate(start, in: zone) == date, CivilDate(start - .microseconds(1), in: zone) < date else {
                Issue.record("\(date) does not begin at \(start) in \(zoneName)")
                return
            }
        }
    }

    @Test("One moment is different days in different zones")
    func moments() throws {
        let moment = try instant("2026-11-21T11:30:00Z")

        #expect(CivilDate(moment, in: try AccountZone.named("Pacific/Kiritimati")).description == "2026-11-22")
        #expect(CivilDate(moment, in: try AccountZone.named("Pacific/Pago_Pago")).description == "2026-11-21")
        #expect(
            CivilDate(try instant("1969-12-31T23:30:00Z"), in: try AccountZone.named("Etc/UTC")).daysSince1970 == -1)
    }

    @Test("A zone that nobody knows is an error that names it, never UTC")
    func unknown() {
        let error = #expect(throws: AccountZone.UnknownZone.self) { try AccountZone.named("Mars/Olympus") }
        #expect(error?.description.contains("Mars/Olympus") == true)
    }
}

@Suite("DayRange")
struct DayRangeTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test("A range ends when it begins or later")
    func order() throws {
        #expect(DayRange(try day("2026-01-02"), try day("2026-01-01")) == nil)
        #expect(DayRange(try day("2026-01-02"), try day("2026-01-02"))?.count == 1)
    }

    @Test("A range knows its days over the end of a leap February")
    func days() throws {
        let range = try #require(DayRange(day("2024-02-28"), day("2024-03-01")))

        #expect(range.count == 3)
        #expect(range.days.map(\.description) == ["2024-02-28", "2024-02-29", "2024-03-01"])
        #expect(range.contains(try day("2024-02-29")))
        #expect(!range.contains(try day("2024-03-02")))
        #expect(range.description == "2024-02-28…2024-03-01")
        #expect(DayRange(try day("2024-02-28")).description == "2024-02-28")
    }

    @Test("Two ranges share what both have, or nothing")
    func intersection() throws {
        let early = try #require(DayRange(day("2026-01-01"), day("2026-01-10")))
        let late = try #require(DayRange(day("2026-01-10"), day("2026-01-20")))

        #expect(early.intersection(late) == DayRange(try day("2026-01-10")))
        #expect(early.intersection(DayRange(try day("2026-01-11"))) == nil)
        #expect(early.intersection(early) == early)
    }

    @Test("Halves are disjoint, cover the range and differ by one day at most; one day has none")
    func halves() throws {
        let first = try day("2025-12-25")

        #expect(DayRange(first).halves == nil)
        for length in 2...40 {
            let range = try #require(DayRange(first, first.adding(days: length - 1)))
            let (early, late) = try #require(range.halves)
            #expect(early.days + late.days == range.days)
            #expect(abs(early.count - late.count) <= 1)
        }
    }

    @Test("JSON with the end before the beginning is refused")
    func json() throws {
        let range = try #require(DayRange(day("2026-01-01"), day("2026-01-10")))

        #expect(try JSONDecoder().decode(DayRange.self, from: JSONEncoder().encode(range)) == range)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(
                DayRange.self, from: Data(#"{"first":"2026-01-02","last":"2026-01-01"}"#.utf8))
        }
    }
}
