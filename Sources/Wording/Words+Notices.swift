package import SyncCore

/// A notice in words: what happened, why, what to do.
package struct NoticeText: Sendable, Hashable {
    package var title: String
    package var message: String
    package var advice: String

    package init(title: String, message: String, advice: String) {
        self.title = title
        self.message = message
        self.advice = advice
    }

    /// Where on the page one does it; nil stands for a message that only tries the way.
    package static func path(of notice: Notice?) -> String {
        guard let notice else { return "/sync/settings/notifications" }
        switch notice.kind {
        case .rejected, .expiring: return "/connections/\(notice.cause.subject)/reconnect"
        case .failed: return notice.facts.job.map { "/sync/logs/\($0)" } ?? "/sync/logs"
        case .late, .stuck: return "/sync/schedules"
        case .history: return "/accounts/\(notice.cause.subject)"
        }
    }
}

extension Words {
    /// `platform` is its name as people know it, `told` writes a moment.
    package func notice(
        _ notice: Notice?, platform: String, told: ((Instant) -> String)? = nil
    ) -> NoticeText {
        guard let notice else {
            return NoticeText(
                title: pick("A test message from Sluice", "Tin thử từ Sluice"),
                message: pick("It came the same way as all others.", "Tin này đi cùng đường với mọi tin khác."),
                advice: "")
        }
        let facts = notice.facts
        let at = facts.at.map { told?($0) ?? moment($0) } ?? ""
        let who = names(facts)
        switch notice.kind {
        case .rejected:
            return NoticeText(
                title: pick(
                    "\(platform) does not accept the access of \(who) any more",
                    "\(platform) không còn chấp nhận quyền truy cập của \(who)"),
                message: reason(facts),
                advice: pick(
                    "Connect again: the work goes on where it stopped, and nothing is lost.",
                    "Hãy kết nối lại: công việc chạy tiếp từ chỗ dừng, không mất gì."))
        case .expiring:
            return NoticeText(
                title: pick(
                    "The access of \(who) to \(platform) ends at \(at)",
                    "Quyền truy cập của \(who) vào \(platform) hết hạn lúc \(at)"),
                message: pick("Until then all goes on.", "Đến lúc đó mọi thứ vẫn chạy."),
                advice: pick("Connect again before.", "Hãy kết nối lại trước đó."))
        case .failed where facts.chunks == nil:
            return NoticeText(
                title: pick("A sync of \(who) cannot go on", "Một lượt đồng bộ của \(who) không chạy tiếp được"),
                message: reason(facts),
                advice: pick(
                    "It goes on by itself when that is mended; what is there stays.",
                    "Khắc phục xong thì tự chạy tiếp; những gì đã có vẫn còn."))
        case .failed:
            return NoticeText(
                title: pick(
                    "\(count(facts.chunks ?? 0, "chunk", "")) of \(who) failed",
                    "\(number(facts.chunks ?? 0)) phần của \(who) bị lỗi"),
                message: reason(facts),
                advice: facts.advice.isEmpty
                    ? pick("Retry them; what is there stays.", "Hãy chạy lại; những gì đã có vẫn còn.")
                    : said(facts.advice))
        case .late, .stuck: return schedule(notice.kind, facts, at)
        case .history:
            return NoticeText(
                title: pick("The history of \(who) is complete", "Lịch sử của \(who) đã đủ"),
                message: pick(
                    "All days that \(platform) still offers are there.",
                    "Mọi ngày \(platform) còn cung cấp đều đã có."), advice: "")
        }
    }

    private func schedule(_ kind: NoticeKind, _ facts: NoticeFacts, _ at: String) -> NoticeText {
        guard kind == .stuck else {
            return NoticeText(
                title: pick("The schedule \(facts.name) is late", "Lịch \(facts.name) bị trễ"),
                message: pick("Its run of \(at) has not begun.", "Lượt chạy lúc \(at) chưa bắt đầu."),
                advice: pick(
                    "See whether Sluice runs and reaches its database.",
                    "Hãy xem Sluice có đang chạy và vào được cơ sở dữ liệu không."))
        }
        return NoticeText(
            title: pick(
                "A run of the schedule \(facts.name) does not end",
                "Một lượt chạy của lịch \(facts.name) mãi chưa xong"),
            message: pick(
                "It goes on since \(at), and the next one waits for it.",
                "Đã chạy từ \(at), lượt kế tiếp phải đợi."),
            advice: pick("See what holds it up, or stop it.", "Hãy xem vì sao chậm, hoặc dừng lượt đó."))
    }

    private func reason(_ facts: NoticeFacts) -> String {
        guard !facts.message.isEmpty else { return "" }
        return sentence(Failure.Cause(code: facts.code, facts.message, advice: ""))
    }

    /// `A, B and 3 more`; the name of the connection where it reaches no account.
    private func names(_ facts: NoticeFacts) -> String {
        guard let last = facts.accounts.last else { return facts.name }
        let more = facts.accountCount - facts.accounts.count
        let and = pick("and", "và")
        if more > 0 {
            return facts.accounts.joined(separator: ", ") + " \(and) \(number(more)) \(pick("more", "tài khoản khác"))"
        }
        let first = facts.accounts.dropLast()
        return first.isEmpty ? last : first.joined(separator: ", ") + " \(and) \(last)"
    }
}
