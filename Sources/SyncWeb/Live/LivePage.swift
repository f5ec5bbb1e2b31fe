import FoundationEssentials
import SyncCore
import Wording

/// The HTML of a page's parts by name, and whether something goes on in it.
struct LiveParts: Sendable {
    var regions: [String: String]
    /// The same as texts of JSON, made once for all who look.
    var encoded: [String: String] = [:]
    /// Worth looking four times a second.
    var isBusy: Bool
    /// Where to go when it comes to that while the page is open: what it waits for is there.
    var next: String?
    /// Accounts whose history is being filled in, and those whose history is complete, with their names.
    var filling: Set<AccountID> = []
    var filled: [AccountID: String] = [:]

    /// With its parts as JSON.
    func readyToSend() throws -> LiveParts {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        var ready = self
        ready.encoded = try regions.mapValues { String(decoding: try encoder.encode($0), as: UTF8.self) }
        return ready
    }
}

/// A page whose parts are drawn again while it is open.
struct LivePage: Sendable {
    private enum Kind: Sendable {
        case dashboard(page: Int)
        case progress(account: String, stream: String?)
        case account(String, Form)
        case certificates(String, Form)
        case run(String)
        case quick(Form)
        case schedules(Form)
        case notices
    }

    private let path: String
    private let kind: Kind
    private let site: Site

    /// Nil for an address that stands still.
    init?(_ path: String, _ site: Site) {
        self.site = site
        self.path = path
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.count > 1 ? String(parts[1]) : ""
        let steps = (parts.first ?? "").split(separator: "/").map(String.init)
        func value(_ name: String) -> String? {
            query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        switch steps.count {
        case 0: kind = .dashboard(page: LivePage.number(value("page")))
        case 1 where steps[0] == "notices": kind = .notices
        case 1 where steps[0] == "accounts": kind = .dashboard(page: LivePage.number(value("page")))
        case 2 where steps[0] == "accounts": kind = .account(steps[1], Form(text: query))
        case 3 where steps[0] == "accounts" && steps[2] == "certificates":
            kind = .certificates(steps[1], Form(text: query))
        case 3 where steps[0] == "sync" && steps[1] == "logs": kind = .run(steps[2])
        case 3 where steps[0] == "accounts" && steps[2] == "progress":
            kind = .progress(account: steps[1], stream: value("stream"))
        case 2 where steps == ["sync", "quick"]: kind = .quick(Form(text: query))
        case 2 where steps == ["sync", "schedules"]: kind = .schedules(Form(text: query))
        default: return nil
        }
    }

    /// From 1 on, as far as the page itself goes, whatever the address says.
    static func number(_ text: String?) -> Int { min(max(text.flatMap { Int($0) } ?? 1, 1), 10_000) }

    /// Throws 404 for what is none of the visitor's. All who may see the same get the same, but for their notices.
    func parts(_ visitor: Visitor, _ words: Words) async throws -> LiveParts {
        let who = if case .notices = kind { "\(visitor.user.id)" } else { "" }
        let key = "\(OwnActs.prefix(visitor))\(visitor.may(.act)) \(words.language) \(path) \(who)"
        var parts = try await site.drawn.value(key, for: age) { try await draw(visitor, words) }
        let ring = "\(OwnActs.prefix(visitor))bell \(visitor.user.id) \(words.language)"
        let own = try await site.drawn.value(ring, for: .seconds(1)) { try await bell(visitor, words) }
        parts.regions.merge(own.regions) { $1 }
        parts.encoded.merge(own.encoded) { $1 }
        return parts
    }

    /// How long parts are good.
    private var age: Duration? {
        switch kind {
        case .schedules: .seconds(1)
        case .notices: .seconds(1)
        default: nil
        }
    }

    /// How many notices are new to this person.
    private func bell(_ visitor: Visitor, _ words: Words) async throws -> LiveParts {
        var shell = Shell.empty
        shell.notices = try await site.frame.notices(visitor, words)
        let text = try site.renderer.templates.render("region-shell-bell", View(shell), words.language)
        return try LiveParts(regions: ["shell-bell": text], isBusy: false).readyToSend()
    }

    private func draw(_ visitor: Visitor, _ words: Words) async throws -> LiveParts {
        var parts = try await own(visitor, words)
        var shell = Shell.empty
        let standings = try await site.board.recentStandings(of: visitor.workspace.id)
        shell.path = path
        try await site.frame.fill(&shell, standings, visitor, words)
        parts.filling = Set(standings.filter { $0.history != nil }.map(\.account.id))
        for standing in standings where standing.account.historyCompletedAt != nil {
            parts.filled[standing.account.id] = standing.account.name
        }
        let view = View(shell)
        for name in ["shell-status", "shell-history", "shell-paused"] {
            parts.regions[name] = try site.renderer.templates.render("region-\(name)", view, words.language)
        }
        return try parts.readyToSend()
    }

    private func own(_ visitor: Visitor, _ words: Words) async throws -> LiveParts {
        let now = site.clock.now
        switch kind {
        case .dashboard(let page):
            let standings = try await site.board.standings(of: visitor.workspace.id)
            let lastHour = try await site.store.work(of: visitor.workspace.id, minutes: 60)
            let model = DashboardPage.make(
                standings, lastHour: lastHour, canAct: visitor.may(.act), page: max(0, page - 1), words, at: now)
            return LiveParts(
                regions: try rendered("dashboard", ["head", "figures", "accounts"], model, words),
                isBusy: standings.contains { !$0.open.isEmpty })
        case .certificates(let account, let form):
            let standing = try await site.standing(account, visitor)
            let view = try await ProofReader(site: site, standing: standing).tab(
                form, canAct: visitor.may(.act), words)
            let text = try site.renderer.templates.render(
                "region-account-certificates-rows", View(view), words.language)
            return LiveParts(regions: ["certificates": text], isBusy: false)
        case .account(let account, let form):
            let standing = try await site.standing(account, visitor)
            let model = try await AccountRoutes(site: site).page(
                standing, visitor, AccountPage.Choice(form), words)
            let head = try rendered("account", ["head"], model, words)["head"]
            var names = ["charts"]
            if model.hasCertificates { names.append("certificates") }
            // Days that somebody picks in a table stay picked.
            if model.coverage?.spans.isEmpty ?? true { names.append("coverage") }
            var regions = try rendered("account", names, model, words)
            regions["account-head"] = head
            return LiveParts(regions: regions, isBusy: !standing.open.isEmpty)
        case .run(let id):
            let routes = RunRoutes(site: site)
            let entry = try await routes.entry(id, visitor)
            let view = try await routes.view(of: entry, visitor, words)
            return LiveParts(
                regions: try rendered("run", ["head", "timeline", "side"], view.page(), words),
                isBusy: !entry.state.isTerminal)
        case .progress(let account, let stream):
            let standing = try await site.standing(account, visitor)
            guard let job = standing.shown ?? standing.newest else {
                return LiveParts(regions: [:], isBusy: false)
            }
            let facts = try await ProgressRoutes(site: site).facts(standing, job, visitor, stream: stream)
            let model = ProgressPage.make(facts, words, at: now)
            let names = ["head", "stages", "quotas", "coverage", "problems", "tape"]
            return LiveParts(
                regions: try rendered("progress", names, model, words), isBusy: !job.state.isTerminal,
                next: DonePage.isDue(standing, job) ? "/accounts/\(standing.account.id)/done" : nil)
        case .notices:
            let routes = NoticeListRoutes(site: site, record: RecordReader(site: site))
            let model = try await routes.view(visitor, words).page()
            var regions = try rendered("notices", ["head", "list", "acts"], model, words)
            regions["notices"] = regions.removeValue(forKey: "list")
            regions["notices-acts"] = regions.removeValue(forKey: "acts")
            return LiveParts(regions: regions, isBusy: false)
        case .quick(let form):
            let (model, isOpen) = try await QuickDesk(site, visitor, words).results(form)
            return LiveParts(regions: try rendered("quick", ["running", "recent"], model, words), isBusy: isOpen)
        case .schedules(let form):
            let model = try await SchedulesPage.page(site, visitor, form, words).model
            return LiveParts(
                regions: try rendered("schedules", ["head", "rows"], model, words), isBusy: false)
        }
    }

    private func rendered(
        _ page: String, _ names: [String], _ model: Any, _ words: Words
    ) throws -> [String: String] {
        let view = View(model)
        var regions: [String: String] = [:]
        for name in names {
            regions[name] = try site.renderer.templates.render("region-\(page)-\(name)", view, words.language)
        }
        return regions
    }
}
