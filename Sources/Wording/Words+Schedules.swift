package import FoundationEssentials
package import SyncCore

/// What is said of schedules.
extension Words {
    package func recurrence(_ recurrence: Recurrence) -> String {
        switch recurrence {
        case .every(let interval): every(interval)
        case .at(let times):
            times.times.replacing(",", with: ", ") + " "
                + (times.isEveryDay ? pick("every day", "mỗi ngày") : weekdays(times.weekdays))
        case .cron(let expression): "cron \(expression.text)"
        }
    }

    private func every(_ interval: Recurrence.Interval) -> String {
        switch interval {
        case .minutes10, .minutes15, .minutes30:
            pick("every \(interval.minutes) minutes", "mỗi \(interval.minutes) phút")
        case .hour1: pick("every hour", "mỗi giờ")
        case .hours2, .hours6, .hours12, .hours24:
            pick("every \(interval.minutes / 60) hours", "mỗi \(interval.minutes / 60) giờ")
        }
    }

    package func weekdays(_ days: Set<Weekday>) -> String {
        Weekday.allCases.filter(days.contains).map(weekday).joined(separator: ", ")
    }

    private func weekday(_ day: Weekday) -> String {
        switch day {
        case .mon: pick("Mon", "T2")
        case .tue: pick("Tue", "T3")
        case .wed: pick("Wed", "T4")
        case .thu: pick("Thu", "T5")
        case .fri: pick("Fri", "T6")
        case .sat: pick("Sat", "T7")
        case .sun: pick("Sun", "CN")
        }
    }

    /// `Sat 21 Nov 14:03`, `T7 21/11 14:03`: as the clocks of the zone show it.
    package func moment(_ instant: Instant, in zone: TimeZone) -> String {
        let day = CivilDate(instant, in: zone)
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
        let minute = Int((instant.seconds + Int64(offset)) / 60 % 1440)
        // The week of the list begins on Monday, that of the number on Sunday.
        return "\(weekday(Weekday.allCases[(day.weekday + 6) % 7])) \(self.day(day)) \(DayTimes.clock(minute))"
    }

    package func days(_ days: ScheduleDays) -> String {
        switch days {
        case .due: pick("what is due", "phần đến hạn")
        case .custom(let days): self.days(days)
        case .named(.today): pick("today", "hôm nay")
        case .named(.yesterday): pick("yesterday", "hôm qua")
        case .named(.last7Days): pick("last 7 days", "7 ngày gần nhất")
        case .named(.last30Days): pick("last 30 days", "30 ngày gần nhất")
        case .named(.last90Days): pick("last 90 days", "90 ngày gần nhất")
        case .named(.currentMonth): pick("this month", "tháng này")
        case .named(.previousMonth): pick("last month", "tháng trước")
        }
    }

    package func task(_ task: ScheduleTask) -> String {
        switch task {
        case .sync: pick("syncs accounts", "đồng bộ tài khoản")
        case .rescue: pick("takes over what got stuck", "nhận lại phần bị kẹt")
        case .prune: pick("clears the queue of what is long done", "dọn khỏi hàng đợi những phần đã xong từ lâu")
        }
    }

    package func policy(_ policy: MissedPolicy) -> String {
        switch policy {
        case .skip: pick("skip it", "bỏ qua")
        case .once: pick("run once, late", "chạy bù một lần")
        case .all: pick("run all", "chạy bù tất cả")
        }
    }

    package func limit(_ most: Int, soFar count: Int) -> String {
        pick(
            "at most \(number(most)) a day, \(number(count)) so far",
            "nhiều nhất \(number(most)) lượt mỗi ngày, đã chạy \(number(count))")
    }
}
