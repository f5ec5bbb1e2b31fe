import SyncCore
import Wording

/// What is said while a sync runs.
extension Words {
    func greeting(account: String, database: String, isNew: Bool) -> String {
        isNew
            ? "\(account) → \(database)"
            : pick(
                "\(account) → \(database): going on where the last run stopped",
                "\(account) → \(database): chạy tiếp từ chỗ lần trước dừng")
    }

    func handedOver(_ job: JobID, account: String) -> String {
        pick(
            "Job \(job) (\(account)) was handed over meanwhile; going on with it. Ctrl-C stops.",
            "Lượt chạy \(job) (\(account)) được giao thêm trong lúc này; đang chạy tiếp. Ctrl-C để dừng.")
    }

    func destination(_ name: String, keepsRows: Bool) -> String {
        keepsRows
            ? pick("to \(name)", "sang \(name)") : pick("to \(name), not kept here", "sang \(name), không giữ ở đây")
    }

    /// How much still waits to be sent; nil when all is there.
    func passing(on left: Int?, percent: Double) -> String {
        guard let left else { return pick("Passing on: complete", "Chuyển tiếp: đã đủ") }
        return pick(
            "Passing on: \(decimal(percent, places: 0)) % · \(number(left)) to go",
            "Chuyển tiếp: \(decimal(percent, places: 0)) % · còn \(number(left))")
    }

    func setAside(_ items: Int) -> String {
        pick(
            "\(count(items, "item", "")); `sluice retry` with the number of the job that failed sends "
                + "\(items == 1 ? "it" : "them") again",
            "\(number(items)) mục; `sluice retry` với số của lượt chạy bị lỗi sẽ gửi lại")
    }

    func passesOn(_ name: String) -> String {
        pick("What was read goes on to \(name).", "Dữ liệu đã đọc đang được chuyển sang \(name).")
    }

    var onlyWatches: String {
        pick(
            "Only watching: this waits for another process to do the work. If none runs, the same command without "
                + "--workers 0 does it.",
            "Chỉ theo dõi: lệnh này chờ tiến trình khác làm việc. Nếu không có tiến trình nào đang chạy, hãy chạy cùng "
                + "lệnh này mà không có --workers 0.")
    }

    /// `limits` as they are written behind `--quota`.
    func setLimits(_ limits: [String]) -> String {
        let all = limits.joined(separator: ", ")
        let family = limits[0].prefix { $0 != "=" }
        return pick(
            "Limits that you set: \(all). --quota \(family)=default gives one back.",
            "Hạn mức do bạn đặt: \(all). --quota \(family)=default để trả về mặc định.")
    }

    func notOffered(_ days: DayRange) -> String {
        pick(
            "The platform does not offer \(self.days(days)) any more; these days are marked as not offered.",
            "Nền tảng không còn cung cấp \(self.days(days)); các ngày này được ghi là không có.")
    }

    func headline(_ phase: Phase, percent: Double, left: Estimate.Left?, requested: DayRange?) -> String {
        let name =
            requested.map { days($0) }
            ?? (phase == .recent
                ? pick("Last 90 days", "90 ngày gần nhất") : pick("History", "Lịch sử"))
        return "\(name): \(decimal(percent, places: 0)) % · \(timeLeft(left))"
    }

    func complete(_ requested: DayRange?) -> String {
        let what = requested.map { days($0) } ?? pick("All days", "Mọi ngày")
        return pick("\(what): complete", "\(what): đã đủ")
    }

    func facts(rows: Int, calls: Int, throttled: Int, rate: Double, elapsed: Duration) -> String {
        let parts = [
            count(rows, "row", "dòng"),
            count(calls, "call", "lượt gọi"),
            pick("\(decimal(rate)) permits/s", "\(decimal(rate)) lượt/giây"),
            pick("\(number(throttled)) throttled", "\(number(throttled)) bị chặn"),
            length(elapsed),
        ]
        return parts.joined(separator: " · ")
    }

    var recentReady: String {
        pick(
            "Your recent data is ready. History is being filled in the background.",
            "Dữ liệu gần đây đã sẵn sàng. Lịch sử đang được bổ sung trong nền.")
    }

    func blocked(_ key: QuotaKey, until: Instant) -> String {
        let time = clockTime(until)
        let family = said(key.family)
        return pick(
            "Blocked until \(time) by the platform's limit (\(family)).",
            "Chặn đến \(time) do hạn mức của nền tảng (\(family)).")
    }

    var nothingIsLost: String {
        pick("Nothing is lost; all else goes on.", "Không mất gì; việc khác vẫn chạy.")
    }

    func running(_ count: Int) -> String { pick("\(number(count)) running", "\(number(count)) đang chạy") }

    func failedCount(_ count: Int) -> String { pick("\(number(count)) failed", "\(number(count)) lỗi") }
}

/// What is said of accounts and of what was found.
extension Words {
    func completeSince(_ moment: Instant) -> String {
        pick("complete since \(self.moment(moment))", "đã đủ từ \(self.moment(moment))")
    }

    func pending(chunks: Int, job: Int64) -> String {
        pick(
            "\(count(chunks, "chunk", "")) of job \(job) \(chunks == 1 ? "is" : "are") pending again. "
                + "`sluice sync` goes on with \(chunks == 1 ? "it" : "them").",
            "\(number(chunks)) phần của lượt chạy \(job) lại chờ chạy. `sluice sync` sẽ chạy tiếp.")
    }

    func reaches(_ accounts: Int) -> String {
        pick("It reaches \(count(accounts, "account", "")):", "Mã này đọc được \(number(accounts)) tài khoản:")
    }

    func answers(_ name: String, accounts: Int) -> String {
        pick(
            "\(name) answers and reaches \(count(accounts, "account", "")).",
            "\(name) có trả lời và đọc được \(number(accounts)) tài khoản.")
    }
}
