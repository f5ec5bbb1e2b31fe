import ConnectorKit
import FoundationEssentials
import SyncCore
import Wording

/// A limit that counts for an account: what is used, what is granted, what waits for it.
struct QuotaCard: Sendable {
    var name: String
    var tone: String
    var icon: String
    var state: String
    /// It holds work back: what a phone shows.
    var holds: Bool
    var lead: String
    var rest: String
    var rate: String
    var kind: String
    var used: String?
    var brief: String
    var reason: String
    var link: Link?

    static func make(
        _ key: QuotaKey, _ quota: Quota, _ facts: ProgressPage.Facts, _ words: Words, _ now: Instant
    ) -> QuotaCard {
        let use = QuotaUse(key, quota, at: now)
        let percent = words.percent(use.used)
        let period = quota.limit.period
        // Of what is counted by the second the rate is told already.
        let rate =
            period <= .seconds(1)
            ? "" : words.pick("\(words.rate(use.perSecond))/s", "\(words.rate(use.perSecond))/giây")
        let name = words.quotaName(key.family)
        if use.blockedFor > .zero, let until = quota.blockedUntil {
            let time = words.near(until, in: facts.standing.zone, now: now)
            let left = words.length(use.blockedFor)
            // Which of several it waits for a chunk does not tell.
            let blocked = facts.quotas.count { ($0.quota.blockedUntil ?? now) > now }
            let waiting = facts.stages.reduce(0) { $0 + $1.waiting }
            let chunks = words.count(waiting, "chunk", "phần")
            let waits =
                blocked == 1 && waiting > 0
                ? words.pick(waiting == 1 ? "\(chunks) waits" : "\(chunks) wait", "\(chunks) đang chờ") : ""
            return QuotaCard(
                name: name, tone: "warn", icon: "clock", state: words.pick("Blocked until \(time)", "Chặn đến \(time)"),
                holds: true, lead: left, rest: words.pick("to go", "nữa"), rate: waits, kind: "hw", used: nil,
                brief: words.pick("\(left) to go.", "Còn \(left)."),
                reason: words.pick("Its work waits; all else goes on.", "Phần này chờ; việc khác vẫn chạy."))
        }
        let isSlowed = quota.pace < 1
        return QuotaCard(
            name: name, tone: isSlowed ? "warn" : "ok", icon: isSlowed ? "slow" : "check",
            state: isSlowed ? words.pick("Slowed", "Chạy chậm") : words.pick("Open", "Thông"), holds: isSlowed,
            lead: percent,
            rest: words.pick(
                "of \(words.decimal(quota.limit.points, places: 0)) points \(words.each(period))",
                "của \(words.decimal(quota.limit.points, places: 0)) điểm \(words.each(period))"),
            rate: rate, kind: isSlowed ? "warn" : "", used: "\(Int(use.used * 100))%", brief: percent + ".",
            reason: isSlowed
                ? words.pick(
                    "Runs at \(words.percent(quota.pace)) of its rate and speeds up by itself.",
                    "Chạy ở \(words.percent(quota.pace)) tốc độ và tự tăng lại.")
                : words.pick("Nothing waits.", "Không có gì phải chờ."))
    }
}

extension Words {
    /// `a second`, `per 5 min`.
    func each(_ period: Duration) -> String {
        switch Int(period.inSeconds) {
        case ...1: pick("a second", "mỗi giây")
        case 60: pick("a minute", "mỗi phút")
        case 3600: pick("an hour", "mỗi giờ")
        default: pick("per \(length(period))", "mỗi \(length(period))")
        }
    }

    func kind(_ kind: JobKind) -> String {
        switch kind {
        case .initial: pick("first sync", "đồng bộ lần đầu")
        case .incremental: pick("update", "cập nhật")
        case .manual: pick("by hand", "chạy tay")
        case .scheduled: pick("scheduled", "theo lịch")
        case .quick: pick("quick", "nhanh")
        case .backfill: pick("backfill", "đọc bù")
        }
    }

    func quotaName(_ family: String) -> String {
        // Two words in one, as the engine has it.
        let told =
            switch family {
            case "account": pick("this account", "tài khoản này")
            case "appinsights": pick("app insights", said(family))
            default: said(family)
            }
        return told.prefix(1).uppercased() + told.dropFirst()
    }
}
