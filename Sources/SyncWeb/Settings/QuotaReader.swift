import ConnectorKit
import SyncCore
import SyncEngine
import Wording

/// The limits that a workspace's accounts share, as they stand now.
struct QuotaReader: Sendable {
    let site: Site

    /// More accounts than anybody reads in one list; those that hold work back are found beyond, too.
    private static let mostAccounts = 1000

    struct Line: Sendable {
        var key: QuotaKey
        var quota: Quota
        var platform: Platform
        var accounts: [Account]
        /// The platform has more than one limit.
        var isOneOfSeveral: Bool
        /// Chunks that wait for it.
        var waiting: Int
    }

    /// Those that hold work back first.
    func lines(of workspace: WorkspaceID) async throws -> [Line] {
        let accounts = try await site.store.accounts().filter { $0.workspace == workspace }
        let owners = try await owners(accounts.prefix(QuotaReader.mostAccounts))
        let waiting = try await site.store.waitingForQuota()
        let now = site.clock.now
        return try await site.store.quotas(.of(Array(owners.keys))).compactMap { key, quota in
            guard let platform = try? site.environment.connectors.type(of: PlatformID(key.platform)).platform else {
                return nil
            }
            let mine = owners[key] ?? []
            let isHeld = quota.blockedUntil.map { $0 > now } ?? false
            return Line(
                key: key, quota: quota, platform: platform, accounts: mine,
                isOneOfSeveral: platform.quotas.count > 1,
                waiting: isHeld ? mine.reduce(0) { $0 + (waiting[$1.id] ?? 0) } : 0)
        }.sorted { left, right in
            let ranks = (rank(left, now), rank(right, now))
            return ranks.0 != ranks.1 ? ranks.0 > ranks.1 : left.key < right.key
        }
    }

    /// Those of all its accounts.
    func keys(of workspace: WorkspaceID) async throws -> Set<QuotaKey> {
        Set(try await owners(site.store.accounts().filter { $0.workspace == workspace }).keys)
    }

    /// A configuration that is no longer understood has no limits.
    private func owners(_ accounts: some Sequence<Account>) async throws -> [QuotaKey: [Account]] {
        let byConnection = Dictionary(grouping: accounts, by: \.connection)
        var owners: [QuotaKey: [Account]] = [:]
        for connection in try await site.store.connections() {
            guard let accounts = byConnection[connection.id],
                let connector = try? site.environment.connectors.type(of: connection.platform)
                    .init(configuration: connection.configuration)
            else { continue }
            for account in accounts {
                for key in connector.quotaKeys(of: account.externalID) { owners[key, default: []].append(account) }
            }
        }
        return owners
    }

    private func rank(_ line: Line, _ now: Instant) -> Double {
        if let until = line.quota.blockedUntil, until > now { return 4 }
        return (line.quota.pace < 1 ? 2 : 0) + QuotaUse(line.key, line.quota, at: now).used
    }
}

/// One limit on a page (`part-quota-bar.mustache` and the tables around it).
struct QuotaRow: Sendable {
    var name: String
    var reason: String
    var width: String
    var used: String
    var granted: String
    var state: RunWords.Mark
    var isOpen: Bool
    var isSlowed: Bool
    var isBlocked: Bool
    var waits: String
    var learned: String
    var source: String
    var href: String
    var isEdited = false
    var edit: Edit?

    struct Edit: Sendable {
        var action: String
        var points: String
        var seconds: String
        var note: String
        var error: EntryPage.Text?
    }

    init(_ line: QuotaReader.Line, _ learned: String, _ told: RunWords) {
        let words = told.words
        let use = QuotaUse(line.key, line.quota, at: told.now)
        let blockedUntil = line.quota.blockedUntil.flatMap { $0 > told.now ? $0 : nil }
        let whose =
            line.accounts.count == 1
            ? line.accounts[0].name : words.count(line.accounts.count, "account", "tài khoản")
        // The limit of an account goes by the account's name.
        let isOwn = !line.isOneOfSeveral || line.key.family == "account" && line.accounts.count == 1
        let kind = line.key.family == "account" ? words.said("account") : words.quotaName(line.key.family).lowercased()
        let family = isOwn ? "" : " · \(kind)"
        // One limit for each address of a platform: the address ends the key.
        let address = line.key.subject.split(separator: "/").dropFirst(2).last.map { " \($0)" } ?? ""
        name = "\(line.platform.name), \(whose)\(family)\(address)"
        isBlocked = blockedUntil != nil
        isSlowed = !isBlocked && line.quota.pace < 1
        isOpen = !isBlocked && !isSlowed
        let percent = isBlocked ? 100 : Int((use.used * 100).rounded())
        width = "\(percent)%"
        used = "\(percent) %"
        granted = isBlocked ? "0" : QuotaRow.rate(line.quota, words)
        if let blockedUntil {
            let until = told.near(blockedUntil)
            state = RunWords.Mark(
                icon: "clock", tone: "warn", text: words.pick("Blocked until \(until)", "Chặn đến \(until)"))
            reason = words.pick("The platform asks to wait.", "Nền tảng yêu cầu chờ.")
        } else if isSlowed {
            state = RunWords.Mark(icon: "slow", tone: "warn", text: words.pick("Slowed", "Chạy chậm"))
            reason = words.pick(
                "Slower after a refusal; the pace comes back by itself.",
                "Chậm lại sau một lần bị từ chối; tốc độ tự tăng lại.")
        } else {
            state = RunWords.Mark(icon: "check", tone: "ok", text: words.pick("Open", "Thông"))
            reason = ""
        }
        waits =
            line.waiting == 0
            ? words.pick("nothing", "không có gì") : words.count(line.waiting, "chunk", "phần")
        self.learned = learned
        source =
            line.quota.chosen != nil ? words.pick("set by hand", "đặt tay") : words.pick("the platform", "nền tảng")
        href = "\(SettingsTabs.path)/quotas?edit=\(Renderer.escaped(line.key.rawValue))"
    }

    /// `22 of 30 in 1 s`.
    private static func rate(_ quota: Quota, _ words: Words) -> String {
        let points = quota.limit.points
        let whole = number(points, words)
        let period = Int(quota.limit.period.inSeconds)
        let length: String
        switch period {
        case 60: length = words.pick("a minute", "mỗi phút")
        case 3600: length = words.pick("an hour", "mỗi giờ")
        case ...1: length = words.pick("a second", "mỗi giây")
        default:
            let told = words.length(quota.limit.period)
            length = words.pick("in \(told)", "trong \(told)")
        }
        guard quota.pace < 1 else { return "\(whole) \(length)" }
        let now = number(points * quota.pace, words)
        return words.pick("\(now) of \(whole) \(length)", "\(now) trên \(whole) \(length)")
    }

    static func number(_ value: Double, _ words: Words) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths >= 10 || tenths == tenths.rounded() ? words.number(Int(tenths.rounded())) : words.decimal(tenths)
    }
}

/// `settings-quotas.mustache`.
struct QuotasPage: Sendable {
    var headline: String
    var summary: String
    var mayChange: Bool
    var tabs: [SettingsTabs.Tab]
    var quotas: [QuotaRow]
    var hasLinks = false
    var links: [Link] = []
    var foot: String
}

struct LimitBody: Encodable, Sendable {
    var key: String
    var platform: String
    var family: String
    var accounts: [Int64]
    var state: String
    var used: Double
    var points: Double
    var seconds: Double
    var granted_per_second: Double
    var blocked_until: String?
    var is_set: Bool
    var waiting_chunks: Int

    init(_ line: QuotaReader.Line, _ now: Instant) {
        let use = QuotaUse(line.key, line.quota, at: now)
        key = line.key.rawValue
        platform = line.key.platform
        family = line.key.family
        accounts = line.accounts.map(\.id.value)
        state = use.blockedFor > .zero ? "blocked" : line.quota.pace < 1 ? "slowed" : "open"
        used = use.used
        points = line.quota.limit.points
        seconds = line.quota.limit.period.inSeconds
        granted_per_second = use.perSecond
        blocked_until = use.blockedFor > .zero ? line.quota.blockedUntil?.description : nil
        is_set = line.quota.chosen != nil
        waiting_chunks = line.waiting
    }
}
