import FoundationEssentials
import SyncCore
import Wording

/// How runs are told of: times by the clocks of one zone, states, kinds, lengths.
struct RunWords: Sendable {
    let words: Words
    let zone: TimeZone
    let now: Instant

    init(_ words: Words, zone: TimeZone, now: Instant) {
        self.words = words
        self.zone = zone
        self.now = now
    }

    /// A symbol, a tone, a word.
    struct Mark: Sendable {
        var icon: String
        var tone: String
        var text: String
    }

    // MARK: Times

    var today: CivilDate { CivilDate(now, in: zone) }

    func clock(_ instant: Instant, seconds: Bool = false) -> String { zone.clock(instant, seconds: seconds) }

    /// `14:03` of today, else `21 Nov 14:03`.
    func near(_ instant: Instant, seconds: Bool = false) -> String {
        let day = CivilDate(instant, in: zone)
        let clock = clock(instant, seconds: seconds)
        return day == today ? clock : "\(words.day(day, today: today)) \(clock)"
    }

    var zoneName: String { zone.label(at: now) }

    /// `Today, Saturday 21 Nov`.
    func heading(_ day: CivilDate) -> String {
        let names = words.pick(
            "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
            "Chủ_nhật thứ_Hai thứ_Ba thứ_Tư thứ_Năm thứ_Sáu thứ_Bảy"
        ).split(separator: " ")
        let name = names[day.weekday].replacing("_", with: " ")
        let date = "\(name) \(words.day(day, today: today))"
        switch today.days(since: day) {
        case 0: return words.pick("Today", "Hôm nay") + ", " + date
        case 1: return words.pick("Yesterday", "Hôm qua") + ", " + date
        default: return date.prefix(1).uppercased() + date.dropFirst()
        }
    }

    /// `Sat 21`, `T7 21`.
    func short(_ day: CivilDate) -> String {
        let names = words.pick("Sun Mon Tue Wed Thu Fri Sat", "CN T2 T3 T4 T5 T6 T7").split(separator: " ")
        return "\(names[day.weekday]) \(day.parts.day)"
    }

    // MARK: Runs

    func state(_ entry: LogEntry) -> Mark {
        switch entry.state {
        case .pending: Mark(icon: "clock", tone: "", text: words.pick("Queued", "Đang xếp hàng"))
        case .inProgress: Mark(icon: "run", tone: "run", text: words.pick("Running", "Đang chạy"))
        case .completed: Mark(icon: "done", tone: "ok", text: words.pick("Completed", "Hoàn tất"))
        case .failed: Mark(icon: "warn", tone: "bad", text: words.pick("With failures", "Có phần lỗi"))
        case .cancelled: Mark(icon: "x", tone: "", text: words.pick("Cancelled", "Đã huỷ"))
        case .waiting:
            switch entry.waitReason {
            case .credential: Mark(icon: "key", tone: "bad", text: words.pick("Signed out", "Mất đăng nhập"))
            case .paused: Mark(icon: "pause", tone: "", text: words.pick("Paused", "Tạm dừng"))
            case .quota, .report, nil: Mark(icon: "clock", tone: "warn", text: words.pick("Waits", "Đang chờ"))
            }
        }
    }

    func kind(_ kind: JobKind) -> String {
        switch kind {
        case .initial: words.pick("first sync", "lần đầu")
        case .incremental: words.pick("what is new", "phần mới")
        case .manual: words.pick("by hand", "chạy tay")
        case .scheduled: words.pick("scheduled", "theo lịch")
        case .quick: words.pick("quick", "nhanh")
        case .backfill: words.pick("backfill", "bổ sung")
        }
    }

    /// The days that were asked for.
    func days(_ entry: LogEntry) -> String {
        if let days = entry.requested { return words.days(days, today: today) }
        return entry.kind == .initial
            ? words.pick("last 90 days, then history", "90 ngày gần nhất, rồi lịch sử")
            : words.pick("what is due", "phần đến hạn")
    }

    /// What a stream is called: `ad_insights` is `Ad insights`, or what the glossary has for it.
    func stream(_ id: StreamID) -> String {
        let told = words.said(id.rawValue)
        let name = told == id.rawValue ? id.rawValue.replacing("_", with: " ") : told
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    func length(_ entry: LogEntry) -> Duration? {
        entry.startedAt.map { (entry.finishedAt ?? now) - $0 }
    }

    /// One line of what there is to say.
    func note(_ entry: LogEntry) -> String {
        switch entry.state {
        case .failed: return entry.errorMessage.map(words.said) ?? ""
        case .cancelled:
            let who = entry.errorMessage.map(words.said) ?? ""
            return who + words.pick("; rows are kept", "; số liệu vẫn được giữ")
        case .inProgress: return entry.totalChunks == 0 ? "" : chunks(entry)
        case .waiting where entry.waitReason == .credential:
            return words.pick("Goes on once reconnected", "Kết nối lại là chạy tiếp")
        case .waiting, .pending:
            return entry.totalChunks == 0 ? "" : chunks(entry)
        case .completed:
            guard entry.splits > 0 else { return "" }
            return words.count(entry.splits, "chunk", "phần")
                + words.pick(" cut smaller by \(entry.splits == 1 ? "itself" : "themselves")", " tự chia nhỏ")
        }
    }

    /// `13 of 17 chunks`.
    func chunks(_ entry: LogEntry) -> String {
        let done = words.number(entry.completedChunks)
        let total = words.number(entry.totalChunks)
        return words.pick("\(done) of \(total) chunks", "\(done) trên \(total) phần")
    }
}
