import FoundationEssentials
import SyncCore

/// What the program says, in the user's language. Short sentences, present tense; what is safe comes before
/// what is lost.
struct Words: Sendable {
    enum Language: Sendable { case english, vietnamese }
    let language: Language

    /// SLUICE_LANG, else the locale of the environment; English when neither is Vietnamese.
    static let current: Words = {
        let chosen = ["SLUICE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(Console.variable).first ?? ""
        return Words(language: chosen.hasPrefix("vi") ? .vietnamese : .english)
    }()

    private func pick(_ english: String, _ vietnamese: String) -> String {
        language == .english ? english : vietnamese
    }

    // MARK: Numbers

    func number(_ value: Int) -> String {
        let digits = Array(String(abs(value)))
        var out = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out += pick(",", ".") }
            out.append(digit)
        }
        return out
    }

    func decimal(_ value: Double, places: Int = 1) -> String {
        let scale = places == 0 ? 1 : 10
        let tenths = Int((abs(value) * Double(scale)).rounded())
        let whole = number(tenths / scale)
        let text = places == 0 ? whole : "\(whole)\(pick(".", ","))\(tenths % scale)"
        return value < 0 && tenths > 0 ? "−" + text : text
    }

    func seconds(_ duration: Duration) -> String {
        let total = Int(duration.inSeconds)
        let minutes = total / 60
        return minutes > 0 ? "\(minutes) min \(total % 60) s" : "\(decimal(duration.inSeconds)) s"
    }

    // MARK: Progress

    func greeting(account: String, database: String, isNew: Bool) -> String {
        isNew
            ? "\(account) → \(database)"
            : pick(
                "\(account) → \(database): going on where the last run stopped",
                "\(account) → \(database): chạy tiếp từ chỗ lần trước dừng")
    }

    func notOffered(_ days: DayRange) -> String {
        pick(
            "The platform does not offer \(days) any more; these days are marked as not offered.",
            "Nền tảng không còn cung cấp \(days); các ngày này được ghi là không có.")
    }

    func headline(_ phase: Phase, percent: Double, left: Estimate.Left?, requested: DayRange?) -> String {
        let name =
            requested.map { "\($0)" }
            ?? (phase == .recent
                ? pick("Last 90 days", "90 ngày gần nhất") : pick("History", "Lịch sử"))
        return "\(name): \(decimal(percent, places: 0)) % · \(timeLeft(left))"
    }

    private func timeLeft(_ left: Estimate.Left?) -> String {
        guard let left else { return pick("time left not known yet", "chưa biết còn bao lâu") }
        let likely = left.likely.inSeconds / 60
        guard likely >= 1 else { return pick("less than a minute left", "còn chưa đến một phút") }
        let low = minutes(left.low)
        let high = minutes(left.high)
        return pick(
            "about \(minutes(left.likely)) min left (\(low)–\(high))",
            "còn khoảng \(minutes(left.likely)) phút (\(low)–\(high))")
    }

    /// From ten minutes in steps of five.
    private func minutes(_ duration: Duration) -> Int {
        let minutes = max(1, Int((duration.inSeconds / 60).rounded()))
        return minutes < 10 ? minutes : (minutes + 2) / 5 * 5
    }

    func facts(rows: Int, calls: Int, throttled: Int, rate: Double, elapsed: Duration) -> String {
        let parts = [
            pick("\(number(rows)) rows", "\(number(rows)) dòng"),
            pick("\(number(calls)) calls", "\(number(calls)) lượt gọi"),
            pick("\(decimal(rate)) permits/s", "\(decimal(rate)) lượt/s"),
            pick("\(number(throttled)) throttled", "\(number(throttled)) bị chặn"),
            seconds(elapsed),
        ]
        return parts.joined(separator: " · ")
    }

    var recentReady: String {
        pick(
            "Your recent data is ready. History is being filled in the background.",
            "Dữ liệu gần đây đã sẵn sàng. Lịch sử đang được bổ sung trong nền.")
    }

    func blocked(_ key: QuotaKey, until: Instant) -> String {
        let time = String("\(until)".dropFirst(11).prefix(8))
        return pick(
            "Blocked until \(time) UTC by the platform's limit (\(key.family)). Nothing is lost; all else goes on.",
            "Chặn đến \(time) UTC do hạn mức của nền tảng (\(key.family)). Không mất gì; việc khác vẫn chạy.")
    }

    func failedCount(_ count: Int) -> String { pick("\(number(count)) failed", "\(number(count)) lỗi") }

    // MARK: Endings

    var interrupted: String {
        pick(
            "Interrupted. Everything read so far is stored; the same command goes on from here.",
            "Đã dừng. Những gì đã đọc đều được lưu; chạy lại cùng lệnh này để tiếp tục.")
    }

    var cancelled: String { pick("The job was cancelled.", "Lượt chạy đã bị huỷ.") }

    func parked(_ cause: Failure.Cause?) -> String {
        let why = cause.map { "\($0.message) (\($0.code)) \($0.advice)" } ?? ""
        return pick(
            "\(why)\nNothing is lost: with a new credential the same command goes on from the same place.",
            "\(why)\nKhông mất gì cả: có mã truy cập mới thì cùng lệnh này chạy tiếp từ đúng chỗ cũ.")
    }

    /// Failures grouped by cause, with the next step.
    func failed(_ chunks: [ChunkSummary], job: Job) -> String {
        var groups: [String: (count: Int, advice: String)] = [:]
        for chunk in chunks {
            let code = chunk.errorCode.map { $0.isEmpty ? "" : " (\($0))" } ?? ""
            let cause = "\(chunk.spec.stream): \(chunk.errorMessage ?? "")\(code)"
            groups[cause, default: (0, chunk.advice ?? "")].count += 1
        }
        let lines = groups.sorted { $0.key < $1.key }.map { cause, group in
            "  \(number(group.count)) × \(cause)\(group.advice.isEmpty ? "" : " \(group.advice)")"
        }
        let head = pick(
            "\(number(job.failedChunks)) of \(number(job.totalChunks)) chunks failed; all others are stored.",
            "\(number(job.failedChunks)) trên \(number(job.totalChunks)) phần bị lỗi; các phần khác đã lưu.")
        let next = pick(
            "Retry them: sluice retry \(job.id)", "Chạy lại: sluice retry \(job.id)")
        return ([head] + lines + [next]).joined(separator: "\n")
    }

    // MARK: Summary

    var tableHeads: (table: String, stored: String, truth: String, difference: String) {
        language == .english
            ? ("table", "rows stored", "rows in the sandbox", "difference")
            : ("bảng", "dòng đã lưu", "dòng trong sandbox", "chênh lệch")
    }

    func totals(_ summary: Summary) -> String {
        let chunks = "\(number(summary.completedChunks))"
        return pick(
            "\(chunks) chunks, \(number(summary.requests)) calls, \(number(summary.throttled)) throttled, "
                + "\(number(summary.retries)) retried, \(seconds(.seconds(summary.seconds)))",
            "\(chunks) phần, \(number(summary.requests)) lượt gọi, \(number(summary.throttled)) bị chặn, "
                + "\(number(summary.retries)) gọi lại, \(seconds(.seconds(summary.seconds)))")
    }

    func proof(calls: Int, fewest: Int, peak: Int?) -> String {
        let memory = peak.map { " · \(number($0 / 1_048_576)) MB" } ?? ""
        return pick(
            "\(number(calls)) calls made, \(number(fewest)) is the fewest possible\(memory)",
            "\(number(calls)) lượt gọi, ít nhất có thể là \(number(fewest))\(memory)")
    }

    func simulated(url: String) -> String {
        pick(
            "Simulated data: a sandbox of Meta answers at \(url).",
            "Dữ liệu mô phỏng: sandbox của Meta trả lời tại \(url).")
    }
}
