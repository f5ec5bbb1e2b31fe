import SyncCore
import SyncEngine
import Wording

/// `quick.mustache`: which accounts and days to sync now, what runs, and the five most recent.
struct QuickPage: Sendable {
    var mayRun: Bool
    var presets: [Preset]
    var choice: Choice
    var picked: String
    /// The same with `{n}` for the count.
    var pickedText: String
    var offers: [Whole]
    var hasPlatforms: Bool
    var hasAccounts: Bool
    var accounts: [Row]
    var more: Link?
    var error: EntryPage.Text?
    /// What is wrong with days and streams, beside them.
    var choiceError: EntryPage.Text?
    var plan: Plan
    var running: Running?
    var hasRecent: Bool
    var recentHref: String
    var recent: [Recent]

    struct Preset: Sendable {
        var value: String
        var label: String
        var days: String
        var isChosen: Bool
    }

    /// Days that no button has, and part of the streams.
    struct Choice: Sendable {
        var isOpen: Bool
        var isCustom: Bool
        var from: String
        var to: String
        var isAll: Bool
        var streams: [ScheduleEditorPage.Choice]
    }

    /// All accounts, or all of a platform.
    struct Whole: Sendable {
        var platform: String
        var label: String
        var href: String
        /// The script can pick them, for all stand on the page.
        var isShown: Bool
    }

    struct Row: Sendable {
        var id: String
        var letter: String
        var platform: String
        var platformID: String
        var name: String
        var note: String
        var tone: String
        var isPicked: Bool
        var isAllowed: Bool
    }

    struct Plan: Sendable {
        var button: String
        var isReady: Bool
        var cost: String
        var note: String
    }

    struct PlanRegion: Sendable {
        var mayRun: Bool
        var plan: Plan
    }

    struct Running: Sendable {
        var title: String
        var days: String
        var isRunning: Bool
        var stop: String
        var bar: Bar
        var rows: String
        var since: String
        var results: [Result]
    }

    struct Bar: Sendable {
        var done: String
        var tip: String
    }

    struct Result: Sendable {
        var icon: String
        var tone: String
        var state: String
        var name: String
        var rows: String
        var end: String
        var endTone: String
    }

    struct Recent: Sendable {
        var icon: String
        var tone: String
        var state: String
        var title: String
        var note: String
        var time: String
        var href: String
        var action: String
    }

    /// What changes while a sync runs: its card, and the list below.
    struct Results: Sendable {
        var running: Running?
        var hasRecent: Bool
        var recentHref: String
        var recent: [Recent]
    }
}

extension QuickPage.Plan {
    static func empty(_ words: Words) -> QuickPage.Plan {
        QuickPage.Plan(button: words.pick("Sync now", "Đồng bộ ngay"), isReady: false, cost: "", note: "")
    }

    /// What it costs, when it is ready, and whom it holds up; or that nobody knows yet.
    init(_ price: Price, _ wish: Wish, _ zone: PageZone, _ now: Instant, _ words: Words) {
        let count = words.count(wish.accounts.count, "account", "tài khoản")
        button = words.pick("Sync \(count)", "Đồng bộ \(count)")
        isReady = !wish.accounts.isEmpty
        if let cost = words.cost(price) {
            let ready = price.length.map {
                words.pick(", ready in about \(words.roughly($0))", ", xong trong khoảng \(words.roughly($0))")
            }
            let isWhole = price.parts.allSatisfy { $0.calls != nil }
            let least = isWhole ? words.pick("about", "khoảng") : words.pick("at least", "ít nhất")
            self.cost = words.pick("Costs \(least) \(cost)\(ready ?? "").", "Tốn \(least) \(cost)\(ready ?? "").")
        } else {
            cost = words.pick(
                "Not known yet what it costs: nothing of this was read before.",
                "Chưa biết tốn bao nhiêu: chưa từng đọc phần này.")
        }
        note = QuickPage.Plan.note(price, wish, zone, now, words)
    }

    private static func note(
        _ price: Price, _ wish: Wish, _ zone: PageZone, _ now: Instant, _ words: Words
    ) -> String {
        let names = Dictionary(wish.accounts.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        let blocked = price.parts.filter { $0.blockedUntil != nil }
        var sentences: [String] = []
        if let first = blocked.first, let until = blocked.compactMap(\.blockedUntil).max() {
            let time = words.near(until, in: zone, now: now)
            let whom =
                blocked.count == 1
                ? names[first.account] ?? "" : words.count(blocked.count, "account", "tài khoản")
            sentences.append(
                words.pick(
                    blocked.count == 1
                        ? "\(whom) waits for its quota until \(time)." : "\(whom) wait for their quota until \(time).",
                    "\(whom) chờ hạn mức đến \(time)."))
        }
        let unknown = price.parts.count { $0.calls == nil }
        if unknown > 0, unknown < price.parts.count {
            let count = words.count(unknown, "account", "tài khoản")
            sentences.append(
                words.pick("The cost of \(count) is not known yet.", "Chưa biết phần của \(count)."))
        }
        if price.isKnown || !price.delays.isEmpty { sentences.append(words.delays(price)) }
        return sentences.joined(separator: " ")
    }
}
