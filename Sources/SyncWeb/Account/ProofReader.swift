import ConnectorKit
import FoundationEssentials
import SyncCore
import Wording

/// What is proven of an account, for its page.
struct ProofReader: Sendable {
    let site: Site
    let standing: Standing

    /// Days of one page, and certificates of one day at most.
    static let days = 30
    fileprivate static let mostRows = 8
    private static let mostStreams = 12
    /// Shown beside the overview: as high as the rows of its streams.
    private var few: Int { min(ProofReader.mostRows, max(5, standing.byStream.count { !$0.value.isEmpty } + 2)) }

    struct Found: Sendable {
        var count: ProofCount
        var days: [CertificateDay]
        var hasOlder: Bool
        var before: CivilDate?
    }

    /// Days before `before`, the newest first.
    func read(_ form: Form, limit: Int = ProofReader.days) async throws -> Found {
        let before = try form.day("before")
        // No day is older than any platform.
        let first = CivilDate(daysSince1970: 0)
        let range = before.flatMap { DayRange(first, $0.adding(days: -1)) }
        let certificates = try await site.store.certificates(
            account: standing.account.id, days: range, limit: (limit + 1) * ProofReader.mostStreams)
        var days = CertificateDay.days(certificates, order: standing.order)
        let hasOlder = days.count > limit
        if hasOlder { days = Array(days.prefix(limit)) }
        return Found(
            count: try await site.store.proofCount(account: standing.account.id), days: days, hasOlder: hasOlder,
            before: before)
    }

    func tab(_ form: Form, canAct: Bool, _ words: Words) async throws -> ProofView {
        ProofView(try await read(form), standing, canAct: canAct, words, site.clock.now)
    }

    /// The newest days beside the overview; nil where nothing was compared.
    func brief(_ words: Words) async throws -> ProofBrief? {
        let found = try await read(Form(), limit: few)
        guard found.count.days > 0 else { return nil }
        return ProofBrief(ProofView(found, standing, canAct: false, words, site.clock.now), found, standing, words)
    }
}

/// `region-account-certificates-rows.mustache`.
struct ProofView: Sendable {
    var tone: String
    var icon: String
    var headline: String
    var detail: String
    var recheck: Post?
    var hasDays: Bool
    var empty: String
    var measures: [Head]
    var days: [Day]
    var hasPages: Bool
    var pages: LogsPage.Pages?
    var basis: String
    /// `spend, impressions, clicks; compared 14:02`
    var compared: String

    struct Head: Sendable { var stored: String }

    struct Day: Sendable {
        var day: String
        var tone: String
        var icon: String
        var result: String
        /// How it came to that, and when.
        var why: String
        var run: Link?
        var sums: [Sum]
    }

    struct Sum: Sendable {
        var stored: String
        /// The platform's figure, where it differs.
        var said: String?
        var difference: String
        var isShort: Bool
    }

    init(_ found: ProofReader.Found, _ standing: Standing, canAct: Bool, _ words: Words, _ now: Instant) {
        let told = ProofWords(standing: standing, words: words, now: now)
        let platform = standing.platform.name
        let count = found.count
        let isWhole = count.days > 0 && count.gaps == 0
        tone = count.gaps > 0 ? "warn" : isWhole ? "ok" : ""
        icon = count.gaps > 0 ? "warn" : "shield"
        headline =
            count.days == 0
            ? words.pick("Nothing was compared yet", "Chưa đối soát ngày nào")
            : words.pick(
                "\(words.number(count.equal)) of \(words.count(count.days, "day", "")) equal \(platform)’s totals",
                "\(words.number(count.equal))/\(words.number(count.days)) ngày khớp số của \(platform)")
        let bad = found.days.first { [.gap, .repairing, .checking].contains($0.leading?.state) }
        detail =
            bad.map(told.gap)
            ?? (count.days == 0
                ? words.pick(
                    "Each sync compares stored sums with the platform’s own totals, day by day.",
                    "Mỗi lần đồng bộ so tổng đã lưu với số tổng của nền tảng, theo từng ngày.")
                : words.pick("No gap is known.", "Không thấy chỗ lệch nào."))
        recheck =
            canAct && standing.connection.parked == nil
            ? Post(
                action: "/accounts/\(standing.account.id)/sync",
                label: words.pick("Sync and compare now", "Đồng bộ và đối soát ngay")) : nil
        // Money first: it is what people look for.
        let order: [Measure] = [.cost, .revenue, .orders, .impressions, .clicks, .rows]
        let shown = order.filter { measure in
            found.days.contains {
                $0.leading?.stored.shared(with: $0.leading?.source ?? Figures()).contains(measure) ?? false
            }
        }
        measures = shown.map { Head(stored: told.stored($0)) }
        let names = shown.map { told.name($0).lowercased() }.joined(separator: ", ")
        let at = count.checkedAt.map { words.near($0, in: standing.zone, now: now) }
        compared = names + (at.map { words.pick("; compared \($0)", "; đối soát \($0)") } ?? "")
        days = found.days.flatMap(\.byCurrency).map { told.day($0, shown) }
        hasDays = !days.isEmpty
        empty = words.pick("No day was compared yet.", "Chưa có ngày nào được đối soát.")
        let path = "/accounts/\(standing.account.id)/certificates"
        hasPages = found.hasOlder || found.before != nil
        let last = found.days.last?.day
        pages = LogsPage.Pages(
            hasNewer: found.before != nil, newerHref: path, hasOlder: found.hasOlder,
            olderHref: last.map { "\(path)?before=\($0)" } ?? path,
            place: words.pick(
                "\(words.number(found.days.count)) of \(words.count(count.days, "day", ""))",
                "\(words.number(found.days.count)) trên \(words.number(count.days)) ngày"))
        basis =
            (at.map {
                words.pick("\(platform)’s totals were read at \($0). ", "Số của \(platform) đọc lúc \($0). ")
            }
                ?? "") + AccountPage.basis(standing, words)
    }
}

/// `region-account-certificates.mustache`: beside the overview.
struct ProofBrief: Sendable {
    var allHref: String
    var all: String
    var tone: String
    var icon: String
    var lead: String
    var detail: String
    var brief: String
    var measure: String
    var days: [Day]
    var repair: String?

    struct Day: Sendable {
        var day: String
        var stored: String
        var difference: String
        var tone: String
        var icon: String
    }

    init(_ view: ProofView, _ found: ProofReader.Found, _ standing: Standing, _ words: Words) {
        allHref = "/accounts/\(standing.account.id)/certificates"
        all = words.pick(
            "All \(words.count(found.count.days, "day", ""))", "Cả \(words.number(found.count.days)) ngày")
        tone = view.tone
        icon = view.icon
        lead = view.headline
        detail = view.compared
        brief = view.detail
        measure = view.measures.first?.stored ?? ""
        // A day of several currencies has a row for each.
        days = view.days.prefix(ProofReader.mostRows).map { day in
            let sum = day.sums.first
            return Day(
                day: day.day, stored: sum?.stored ?? "—", difference: sum?.difference ?? "—", tone: day.tone,
                icon: day.icon)
        }
        repair = found.count.gaps > 0 ? view.detail : nil
    }
}

/// How certificates are told of.
struct ProofWords: Sendable {
    let standing: Standing
    let words: Words
    let now: Instant

    func value(_ measure: Measure, _ value: Int64, _ currency: String?) -> String {
        measure.isMoney ? words.money(value, currency ?? standing.account.currency) : words.number(Int(value))
    }

    func name(_ measure: Measure) -> String {
        switch measure {
        case .cost: words.pick("Spend", "Chi tiêu")
        case .revenue: words.pick("Revenue", "Doanh thu")
        default: stored(measure)
        }
    }

    func stored(_ measure: Measure) -> String {
        switch measure {
        case .rows: words.pick("Rows stored", "Số dòng đã lưu")
        case .impressions: words.pick("Impressions", "Hiển thị")
        case .clicks: words.pick("Clicks", "Lượt nhấp")
        case .orders: words.pick("Orders", "Đơn hàng")
        case .cost: words.pick("Spend stored", "Chi tiêu đã lưu")
        case .revenue: words.pick("Revenue stored", "Doanh thu đã lưu")
        }
    }

    /// `14 Nov is short by 186,400 ₫. What makes it up is being read again.`
    func gap(_ day: CertificateDay) -> String {
        let name = words.day(day.day, today: standing.today)
        guard let certificate = day.leading else { return "" }
        let difference = certificate.difference
        let measure =
            [Measure.cost, .revenue].first { difference[$0].map { $0 != 0 } ?? false }
            ?? Measure.allCases.first { difference[$0].map { $0 != 0 } ?? false }
        guard let measure, let amount = difference[measure] else { return why(certificate) }
        let told = value(measure, Int64(amount.magnitude), certificate.currency)
        let unit = measure.isMoney ? told : "\(told) \(stored(measure).lowercased())"
        return
            (amount < 0
            ? words.pick("\(name) is short by \(unit). ", "\(name) thiếu \(unit). ")
            : words.pick("\(name) has \(unit) too much. ", "\(name) thừa \(unit). ")) + why(certificate)
    }

    func day(_ day: CertificateDay, _ measures: [Measure]) -> ProofView.Day {
        let certificate = day.leading
        let (tone, icon, result) = look(certificate?.state ?? .notComparable)
        let sums = measures.map { measure -> ProofView.Sum in
            guard let certificate, let stored = certificate.kept(measure),
                let said = certificate.source[measure]
            else { return ProofView.Sum(stored: "—", difference: "—", isShort: false) }
            let difference = certificate.difference[measure] ?? 0
            let currency = certificate.currency
            return ProofView.Sum(
                stored: value(measure, stored, currency),
                said: difference == 0
                    ? nil : "\(standing.platform.name): \(value(measure, said, currency))",
                difference: difference == 0
                    ? "0" : (difference > 0 ? "+" : "") + value(measure, difference, currency), isShort: difference != 0
            )
        }
        let others =
            !day.isEqual && day.certificates.count > 1 ? day.certificates.map { words.stage($0.stream.rawValue) } : []
        let time = certificate?.checkedAt.map { words.near($0, in: standing.zone, now: now) } ?? ""
        let why = [
            certificate.map { $0.state.isEqual || $0.state == .notComparable ? "" : self.why($0) } ?? "",
            time.isEmpty ? "" : words.pick("compared \(time)", "đối soát \(time)"), others.joined(separator: ", "),
        ].filter { !$0.isEmpty }.joined(separator: " · ")
        return ProofView.Day(
            day: words.day(day.day, today: standing.today) + (certificate?.currency.map { " · \($0)" } ?? ""),
            tone: tone, icon: icon, result: result, why: why,
            run: certificate?.job.map {
                Link(href: "\(RunQuery.path)/\($0)", label: words.pick("run \($0)", "lượt \($0)"))
            }, sums: sums)
    }

    private func look(_ state: Certificate.State) -> (tone: String, icon: String, result: String) {
        switch state {
        case .equal: ("ok", "shield", words.pick("equal", "khớp"))
        case .repaired: ("ok", "shield", words.pick("equal after a repair", "khớp sau khi bù"))
        case .changing: ("", "clock", words.pick("still changing", "còn thay đổi"))
        case .checking: ("warn", "clock", words.pick("looked at again", "đang xem lại"))
        case .repairing: ("warn", "repair", words.pick("in repair", "đang bù"))
        case .gap: ("warn", "warn", words.pick("a gap is left", "còn lệch"))
        case .notComparable: ("", "minus", words.pick("not comparable", "không so được"))
        }
    }

    private func why(_ certificate: Certificate) -> String {
        switch certificate.state {
        case .equal, .repaired, .notComparable: ""
        case .changing:
            words.pick(
                "The platform’s figures moved since the rows were read",
                "Số của nền tảng đã đổi sau khi đọc")
        case .checking:
            words.pick("It is compared once more before anything is read again", "Sẽ so lại trước khi đọc lại")
        case .repairing:
            words.pick(
                "What makes it up is searched and read again", "Đang dò chỗ lệch và đọc lại")
        case .gap:
            words.pick(
                "It was searched and read again, and the difference stayed",
                "Đã dò và đọc lại nhưng vẫn lệch")
        }
    }
}

/// The tab with its frame.
struct CertificatesTab: Sendable {
    var account: AccountPage.Head
    var canAct: Bool
    var pause: AccountPage.Act?
    var sync: Post?
    var menu: [AccountPage.MenuItem]
    var tabs: [AccountPage.Tab]
    var tone: String
    var icon: String
    var headline: String
    var detail: String
    var recheck: Post?
    var hasDays: Bool
    var empty: String
    var measures: [ProofView.Head]
    var days: [ProofView.Day]
    var hasPages: Bool
    var pages: LogsPage.Pages?
    var basis: String

    init(_ frame: AccountFrame, _ view: ProofView) {
        account = frame.head
        canAct = frame.canAct
        pause = frame.pause
        sync = frame.sync
        menu = frame.menu
        tabs = frame.tabs
        tone = view.tone
        icon = view.icon
        headline = view.headline
        detail = view.detail
        recheck = view.recheck
        hasDays = view.hasDays
        empty = view.empty
        measures = view.measures
        days = view.days
        hasPages = view.hasPages
        pages = view.pages
        basis = view.basis
    }
}

/// Certificates for programs.
struct ProofBody: Encodable, Sendable {
    var success = true
    var days: Int
    var equal: Int
    var gaps: Int
    var checked_at: String?
    var certificates: [One]
    /// For `before`; absent on the last page.
    var next: String?

    struct One: Encodable, Sendable {
        var date: String
        var stream: String
        /// Of an account with several.
        var currency: String?
        var state: String
        var rows: Int
        var stored: [String: Int64]
        var source: [String: Int64]
        var difference: [String: Int64]
        var job_id: Int64?
        var checked_at: String?
    }

    init(_ found: ProofReader.Found) {
        func named(_ figures: Figures) -> [String: Int64] {
            Dictionary(
                uniqueKeysWithValues: figures.values.map {
                    ($0.key.isMoney ? "\($0.key.rawValue)_micros" : $0.key.rawValue, $0.value)
                })
        }
        days = found.count.days
        equal = found.count.equal
        gaps = found.count.gaps
        checked_at = found.count.checkedAt?.description
        certificates = found.days.flatMap(\.certificates).map {
            One(
                date: $0.day.description, stream: $0.stream.rawValue, currency: $0.currency,
                state: $0.state.rawValue, rows: $0.rows, stored: named($0.stored), source: named($0.source),
                difference: named($0.difference),
                job_id: $0.job?.value, checked_at: $0.checkedAt?.description)
        }
        next = found.hasOlder ? found.days.last?.day.description : nil
    }
}
