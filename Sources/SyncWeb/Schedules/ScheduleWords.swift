import SyncCore
import SyncEngine
import Wording

/// What pages say of schedules beyond what the command line says.
extension Words {
    // MARK: When

    /// As it stands in a list: `Every 30 minutes`, `02:00 every day`, `06:00 on the 1st of the month`.
    func when(_ recurrence: Recurrence) -> String {
        switch recurrence {
        case .every: self.recurrence(recurrence).capitalised
        case .at(let times):
            times.weekdays.count == 1
                ? pick(
                    "\(list(times)) on \(weekdayNames(times.weekdays))",
                    "\(list(times)) \(weekdayNames(times.weekdays))")
                : self.recurrence(recurrence)
        case .cron(let expression):
            cron(expression) ?? pick("By a cron expression", "Theo biểu thức cron")
        }
    }

    private func list(_ times: DayTimes) -> String { times.times.replacing(",", with: ", ") }

    /// The usual expressions in words; nil for others.
    func cron(_ expression: CronExpression) -> String? {
        let fields = expression.text.split(separator: " ").map(String.init)
        guard fields.count == 5, fields[3] == "*" else { return nil }
        if fields[2] == "*", fields[4] == "*", let often = often(fields[0], fields[1]) { return often }
        guard let minute = Int(fields[0]), let hour = Int(fields[1]), (0..<60).contains(minute),
            (0..<24).contains(hour)
        else { return nil }
        let time = DayTimes.clock(hour * 60 + minute)
        switch (fields[2], fields[4]) {
        case ("*", "*"): return pick("\(time) every day", "\(time) mỗi ngày")
        case ("*", let days):
            let numbers = days.split(separator: ",").compactMap { Int($0) }.filter { (0...7).contains($0) }
            guard numbers.count == days.split(separator: ",").count else { return nil }
            let weekdays = Set(numbers.map { Weekday.allCases[($0 + 6) % 7] })
            return "\(time) \(weekdays.count == 1 ? pick("on ", "") : "")\(weekdayNames(weekdays))"
        case ("L", "*"), ("l", "*"):
            return pick("\(time) on the last day of the month", "\(time) ngày cuối tháng")
        case (let day, "*"):
            guard let number = Int(day) else { return nil }
            return pick("\(time) on the \(ordinal(number)) of the month", "\(time) ngày \(number) hằng tháng")
        default: return nil
        }
    }

    /// `*/15 *`, `30 *`, `0 */2`.
    private func often(_ minutes: String, _ hours: String) -> String? {
        if hours == "*", minutes == "*" { return pick("Every minute", "Mỗi phút") }
        if hours == "*", minutes.hasPrefix("*/"), let step = Int(minutes.dropFirst(2)), step > 0, 60 % step == 0 {
            return step == 1 ? pick("Every minute", "Mỗi phút") : pick("Every \(step) minutes", "Mỗi \(step) phút")
        }
        guard let minute = Int(minutes), (0..<60).contains(minute) else { return nil }
        let past = minute == 0 ? "" : pick(", at \(clock(minute))", ", phút \(minute)")
        if hours == "*" { return pick("Every hour", "Mỗi giờ") + past }
        guard hours.hasPrefix("*/"), let step = Int(hours.dropFirst(2)), step > 1, 24 % step == 0 else { return nil }
        return pick("Every \(step) hours", "Mỗi \(step) giờ") + past
    }

    /// `:05`.
    private func clock(_ minute: Int) -> String { minute < 10 ? ":0\(minute)" : ":\(minute)" }

    private func ordinal(_ number: Int) -> String {
        if (11...13).contains(number % 100) { return "\(number)th" }
        return switch number % 10 {
        case 1: "\(number)st"
        case 2: "\(number)nd"
        case 3: "\(number)rd"
        default: "\(number)th"
        }
    }

    /// `Monday and Friday`.
    func weekdayNames(_ days: Set<Weekday>) -> String {
        joined(Weekday.allCases.filter(days.contains).map(weekdayName))
    }

    private func weekdayName(_ day: Weekday) -> String {
        switch day {
        case .mon: pick("Monday", "thứ Hai")
        case .tue: pick("Tuesday", "thứ Ba")
        case .wed: pick("Wednesday", "thứ Tư")
        case .thu: pick("Thursday", "thứ Năm")
        case .fri: pick("Friday", "thứ Sáu")
        case .sat: pick("Saturday", "thứ Bảy")
        case .sun: pick("Sunday", "Chủ nhật")
        }
    }

    /// Two letters, for the buttons of a form.
    func weekdayLetters(_ day: Weekday) -> String {
        language == .english ? String(weekdayName(day).prefix(2)) : weekdays([day])
    }

    /// `a, b and c`.
    func joined(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + pick(" and ", " và ") + last
    }

    // MARK: In words

    /// A whole sentence: when it reads what of how many accounts.
    func sentence(_ recurrence: Recurrence, _ draft: ScheduleDraft, accounts: Int) -> String {
        let when = begin(recurrence)
        guard draft.task.isAboutAccounts else { return "\(when): \(task(draft.task))." }
        let streams =
            draft.isAll
            ? pick("all streams", "mọi luồng")
            : draft.streams.count == 1 ? stream(draft.streams[0]) : count(draft.streams.count, "stream", "luồng")
        let isOpen = draft.meant.contains { if case .account = $0 { false } else { true } }
        let whom =
            (draft.meant.isEmpty
                ? pick("the accounts that you choose", "các tài khoản bạn chọn")
                : count(accounts, "account", "tài khoản"))
            + (isOpen ? pick(", new ones too", ", cả tài khoản mới") : "")
        let days = draft.range.map { ": \(self.days($0))" } ?? ""
        return pick("\(when), read \(streams) of \(whom)\(days).", "\(when), đọc \(streams) của \(whom)\(days).")
    }

    private func begin(_ recurrence: Recurrence) -> String {
        guard case .at(let times) = recurrence else { return when(recurrence) }
        let at = pick(
            "at \(joined(times.minutes.map(DayTimes.clock)))", "lúc \(joined(times.minutes.map(DayTimes.clock)))")
        if times.isEveryDay { return pick("Every day \(at)", "Mỗi ngày \(at)") }
        let days = Weekday.allCases.filter(times.weekdays.contains)
        let all = Weekday.allCases
        if days.count > 2, let first = all.firstIndex(of: days[0]), Array(all[first...].prefix(days.count)) == days {
            let (from, to) = (weekdayName(days[0]), weekdayName(days[days.count - 1]))
            return pick("Every day from \(from) to \(to) \(at)", "Từ \(from) đến \(to) \(at)")
        }
        let names = weekdayNames(times.weekdays)
        return pick("On \(names) \(at)", "\(names) \(at)".capitalised)
    }

    /// Whether clocks change, and what the first time is elsewhere.
    func zoneNote(_ zone: PageZone, first: Instant?, at now: Instant) -> String {
        let today = zone.today(at: now)
        let change = (1...366).lazy.map { today.adding(days: $0) }.first { day in
            zone.offset(at: day.adding(days: 1).start(in: zone.zone)) != zone.offset(at: day.start(in: zone.zone))
        }
        let saving =
            change.map {
                pick("Clocks change on \(day($0, today: today)).", "Đồng hồ đổi giờ ngày \(day($0, today: today)).")
            }
            ?? pick("This zone has no daylight saving.", "Múi giờ này không đổi giờ theo mùa.")
        guard let first, zone.offset(at: first) != "UTC" else { return saving }
        let utc = PageZone(named: "Etc/UTC")
        let distance = CivilDate(first, in: utc.zone).days(since: CivilDate(first, in: zone.zone))
        let other =
            distance == 0
            ? "" : distance < 0 ? pick(" the day before", " ngày hôm trước") : pick(" the day after", " ngày hôm sau")
        return saving
            + pick(
                " \(zone.clock(first)) here is \(utc.clock(first)) UTC\(other).",
                " \(zone.clock(first)) ở đây là \(utc.clock(first)) UTC\(other).")
    }

    // MARK: What

    /// `Ad insights`.
    func stream(_ name: String) -> String {
        let words = said(name)
        return (words == name ? name.replacing("_", with: " ") : words).capitalised
    }

    /// `2 shops`, `1 page`, `4 accounts`.
    func reached(_ accounts: [Account]) -> String {
        let platforms = Set(accounts.map(\.platform.rawValue))
        if platforms == ["shopee"] { return count(accounts.count, "shop", "gian hàng") }
        if platforms == ["pancake"] { return count(accounts.count, "page", "trang") }
        if !platforms.isEmpty, platforms.isSubset(of: ["admitad", "boostiny"]) {
            return count(accounts.count, "network", "mạng")
        }
        return count(accounts.count, "account", "tài khoản")
    }

    // MARK: Prices

    /// `412 points`, `34 calls`, `20 to 180 points`.
    func cost(_ part: Price.Part) -> String {
        guard let calls = part.calls else { return pick("not known yet", "chưa biết") }
        return cost(calls, part.range, isPoints: part.isPoints)
    }

    private func cost(_ calls: Int, _ range: ClosedRange<Int>?, isPoints: Bool) -> String {
        func told(_ calls: Int) -> String {
            isPoints ? count(calls, "point", "điểm") : count(calls, "call", "lượt gọi")
        }
        guard let range else { return told(calls) }
        let least = number(Words.rounded(range.lowerBound))
        let most = told(Words.rounded(range.upperBound))
        return pick("\(least) to \(most)", "\(least) đến \(most)")
    }

    /// Two figures: who does not know more does not say more.
    private static func rounded(_ value: Int) -> Int {
        var unit = 1
        while value / unit >= 100 { unit *= 10 }
        return (value + unit / 2) / unit * unit
    }

    /// `190 points and 34 calls`; nil when nothing is known.
    func cost(_ price: Price) -> String? {
        let all = [true, false].compactMap { isPoints in
            price.calls(inPoints: isPoints).map { cost($0, price.range(inPoints: isPoints), isPoints: isPoints) }
        }
        return all.isEmpty ? nil : joined(all)
    }

    /// `40 s`, `2 min`: rounded as what is not sure.
    func roughly(_ duration: Duration) -> String {
        let seconds = max(1, Int(duration.inSeconds.rounded()))
        if seconds < 10 { return length(.seconds(seconds)) }
        if seconds < 90 { return length(.seconds((seconds + 4) / 5 * 5)) }
        let minutes = (seconds + 59) / 60
        return length(.seconds(minutes * 60))
    }

    func costNote(_ price: Price, part: Double, gap: Duration) -> String {
        guard price.isKnown, let length = price.length else {
            return pick(
                "Not known in whole before the first run: no finished run tells yet.",
                "Chưa biết hết trước lượt đầu tiên: chưa có lượt nào xong để dựa vào.")
        }
        let percent = max(1, Int((part * 100).rounded(.up)))
        let share =
            percent > 100
            ? pick(
                "More than a limit lets through between two runs.",
                "Nhiều hơn một hạn mức cho phép giữa hai lượt.")
            : pick(
                "At most \(percent) % of what any limit lets through between two runs, done about \(roughly(length)) "
                    + "after it starts.",
                "Nhiều nhất \(percent) % mức mà hạn mức cho phép giữa hai lượt, xong khoảng \(roughly(length)) sau khi "
                    + "bắt đầu.")
        let after =
            length > gap
            ? pick("A run takes longer than the time to the next.", "Một lượt dài hơn khoảng cách đến lượt sau.")
            : delays(price)
        return "\(share) \(after)"
    }

    func delays(_ price: Price) -> String {
        guard let longest = price.delays.max(by: { $0.by < $1.by }) else {
            return pick("Nothing else is delayed.", "Không làm chậm việc khác.")
        }
        let what =
            longest.kind == .initial
            ? pick("the first sync of \(longest.name)", "lần đồng bộ đầu của \(longest.name)")
            : pick("the run of \(longest.name)", "lượt chạy của \(longest.name)")
        let others = price.delays.count - 1
        let more = others == 0 ? "" : pick(" and \(others) more", " và \(others) việc khác")
        return pick(
            "Delays \(what)\(more) by up to \(roughly(longest.by)).",
            "Làm chậm \(what)\(more) tối đa \(roughly(longest.by)).")
    }
}

extension ScheduleDraft {
    var meant: [ScheduleTarget] { targets.compactMap { ScheduleTarget($0) } }

    /// Nil for no limit, and for what is none.
    var mostADay: Int? {
        var errors: [String: String] = [:]
        return most(&errors)
    }

    /// Nil for what cannot be read.
    var recurrence: Recurrence? {
        var errors: [String: String] = [:]
        return recurrence(&errors)
    }

    var range: ScheduleDays? {
        var errors: [String: String] = [:]
        return range(&errors)
    }
}
