import ConnectorKit
import SyncCore
import Wording

/// What is said when a sync has ended.
extension Words {
    var interrupted: String {
        pick(
            "Interrupted. Everything read so far is stored; the same command goes on from here.",
            "Đã dừng. Những gì đã đọc đều được lưu; chạy lại cùng lệnh này để tiếp tục.")
    }

    var cancelled: String {
        pick(
            "The job was cancelled. What it has read stays; the next sync reads the rest.",
            "Lượt chạy đã bị huỷ. Những gì đã đọc vẫn còn; lần đồng bộ sau sẽ đọc phần còn lại.")
    }

    func askAgain(_ cause: Failure.Cause, after moment: Instant) -> String {
        let time = clockTime(moment)
        return "\(sentence(cause)) " + pick("Try again after \(time).", "Hãy thử lại sau \(time).")
    }

    func waits(_ cause: Failure.Cause, until moment: Instant) -> String {
        let time = clockTime(moment)
        return "\(sentence(cause)) "
            + pick("Waiting until \(time); Ctrl-C stops.", "Đang chờ đến \(time); Ctrl-C để dừng.")
    }

    func parked(_ cause: Failure.Cause?) -> String {
        let why = cause.map { sentence($0) + "\n" } ?? ""
        return pick(
            "\(why)Nothing is lost: with a new credential the same command goes on from the same place.",
            "\(why)Không mất gì cả: có mã truy cập mới thì cùng lệnh này chạy tiếp từ đúng chỗ cũ.")
    }

    /// Failures grouped by cause, with the next step.
    func failed(_ chunks: [ChunkSummary], job: Job) -> String {
        var groups: [String: Int] = [:]
        for chunk in chunks {
            let cause = Failure.Cause(
                code: chunk.errorCode ?? "", chunk.errorMessage ?? "", advice: chunk.advice ?? "")
            groups["\(chunk.spec.stream): \(sentence(cause))", default: 0] += 1
        }
        let lines = groups.sorted { $0.key < $1.key }.map { cause, count in "  \(number(count)) × \(cause)" }
        let head = pick(
            "\(number(job.failedChunks)) of \(number(job.totalChunks)) chunks failed; all others are stored.",
            "\(number(job.failedChunks)) trên \(number(job.totalChunks)) phần bị lỗi; các phần khác đã lưu.")
        let next = pick(
            "Retry them: sluice retry \(job.id), then the same command again.",
            "Chạy lại: sluice retry \(job.id), rồi chạy lại cùng lệnh này.")
        return ([head] + lines + [next]).joined(separator: "\n")
    }

    // MARK: Summary

    var tableHeads: (table: String, stored: String, truth: String, difference: String) {
        language == .english
            ? ("table", "rows stored", "rows in the sandbox", "difference")
            : ("bảng", "dòng đã lưu", "dòng trong sandbox", "chênh lệch")
    }

    func totals(_ summary: Summary) -> String {
        let parts = [
            count(summary.completedChunks, "chunk", "phần"), count(summary.requests, "call", "lượt gọi"),
            pick("\(number(summary.throttled)) throttled", "\(number(summary.throttled)) bị chặn"),
            pick("\(number(summary.retries)) retried", "\(number(summary.retries)) gọi lại"),
            length(.seconds(summary.seconds)),
        ]
        return parts.joined(separator: ", ")
    }

    /// What to know of a sync beside its numbers; the first ten, for there may be one for each day.
    func notes(_ notes: [Note]) -> [String] {
        guard !notes.isEmpty else { return [] }
        let shown = notes.prefix(10).map { "  • \(said($0.text))" }
        let left = notes.count - shown.count
        let more = left > 0 ? ["  " + pick("and \(number(left)) more", "và \(number(left)) điều nữa")] : []
        return [pick("To know:", "Cần biết:")] + shown + more
    }

    func dropped(_ fields: [String], of stream: StreamID, _ codes: String) -> String {
        pick(
            "the platform does not give \(fields.joined(separator: ", ")) of \(stream) to this token (\(codes))",
            "nền tảng không cho mã này đọc \(fields.joined(separator: ", ")) của \(said(stream.rawValue)) (\(codes))")
    }

    func proof(calls: Int, fewest: Int?, peak: Int?) -> String {
        let memory = peak.map { " · " + pick("at most", "nhiều nhất") + " \(number($0 / 1_048_576)) MB" } ?? ""
        let made = pick("\(count(calls, "call", "")) made", "\(number(calls)) lượt gọi")
        // A later sync reads a part; the fewest calls are those of a whole one.
        guard let fewest, calls >= fewest else { return made + memory }
        return made
            + pick(", \(number(fewest)) is the fewest possible", ", ít nhất có thể là \(number(fewest))") + memory
    }

    func simulated(_ platform: String, url: String) -> String {
        pick(
            "Simulated data: a sandbox of \(platform) answers at \(url).",
            "Dữ liệu mô phỏng: sandbox của \(platform) trả lời tại \(url).")
    }

    /// What a platform got, and of how much; nil where it had got some of it before.
    func received(
        _ name: String, conversations: Int, messages: Int, of all: (conversations: Int, messages: Int)?
    ) -> String {
        func part(_ got: Int, _ whole: Int?, _ one: String, _ vietnamese: String) -> String {
            guard let whole else { return count(got, one, vietnamese) }
            return number(got) + pick(" of ", "/") + count(whole, one, vietnamese)
        }
        let what = [
            part(conversations, all?.conversations, "conversation", "cuộc trò chuyện"),
            part(messages, all?.messages, "message", "tin nhắn"),
        ].joined(separator: ", ")
        guard all == nil else { return pick("\(name) received \(what).", "\(name) đã nhận \(what).") }
        return pick(
            "\(name) received \(what); what it got before and has not changed is not sent again.",
            "\(name) đã nhận \(what); phần đã gửi trước đây mà không thay đổi thì không gửi lại.")
    }
}

extension Words {
    func unknownAccount(_ id: String, _ reachable: [AccountFacts]?, _ cause: Failure.Cause) -> String {
        let unreadable = pick(
            "The account \(id) cannot be read. \(sentence(cause))", "Không đọc được tài khoản \(id). \(sentence(cause))"
        )
        guard let reachable else { return unreadable }
        guard !reachable.isEmpty else {
            return pick(
                "The account \(id) is unknown to this credential, and it reaches no other. \(sentence(cause))",
                "Mã truy cập này không biết tài khoản \(id), và không đọc được tài khoản nào khác. \(sentence(cause))")
        }
        let list = reachable.map { "  \($0.externalID)  \($0.name)" }.joined(separator: "\n")
        if reachable.contains(where: { $0.isMeant(by: id) }) {
            return "\(unreadable)\n\(reaches(reachable.count))\n\(list)"
        }
        return pick(
            "The account \(id) is not among those that this credential reaches:\n\(list)",
            "Tài khoản \(id) không nằm trong số tài khoản mà mã truy cập này đọc được:\n\(list)")
    }
}
