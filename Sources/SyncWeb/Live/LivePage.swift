import SyncCore
import Synchronization
import Wording

/// A page whose parts are drawn again while it is open.
final class LivePage: Sendable {
    private enum Kind: Sendable {
        case dashboard(page: Int)
        case progress(account: String, stream: String?)
        case account(String, stream: String?)
    }

    private let kind: Kind
    private let site: Site
    private let busy = Mutex(true)

    /// Nil for an address that stands still.
    init?(_ path: String, _ site: Site) {
        self.site = site
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.count > 1 ? String(parts[1]) : ""
        let steps = (parts.first ?? "").split(separator: "/").map(String.init)
        func value(_ name: String) -> String? {
            query.split(separator: "&").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        switch steps.count {
        case 0: kind = .dashboard(page: LivePage.number(value("page")))
        case 1 where steps[0] == "accounts": kind = .dashboard(page: LivePage.number(value("page")))
        case 2 where steps[0] == "accounts": kind = .account(steps[1], stream: value("stream"))
        case 3 where steps[0] == "accounts" && steps[2] == "progress":
            kind = .progress(account: steps[1], stream: value("stream"))
        default: return nil
        }
    }

    /// From 1 on, as far as the page itself goes, whatever the address says.
    static func number(_ text: String?) -> Int { min(max(text.flatMap { Int($0) } ?? 1, 1), 10_000) }

    /// Something goes on: worth looking four times a second.
    var isBusy: Bool { busy.withLock { $0 } }

    /// The HTML of each part by its name. Throws 404 for what is none of the visitor's.
    func regions(_ visitor: Visitor, _ words: Words) async throws -> [String: String] {
        var regions = try await own(visitor, words)
        var shell = Shell.empty
        try await site.frame.fill(&shell, try await site.board.standings(of: visitor.workspace.id), words)
        let view = View(shell)
        for name in ["shell-status", "shell-history"] {
            regions[name] = try site.renderer.templates.render("region-\(name)", view, words.language)
        }
        return regions
    }

    private func own(_ visitor: Visitor, _ words: Words) async throws -> [String: String] {
        let now = site.clock.now
        switch kind {
        case .dashboard(let page):
            let standings = try await site.board.standings(of: visitor.workspace.id)
            busy.withLock { $0 = standings.contains { !$0.open.isEmpty } }
            let runs = try await DashboardRoutes(site: site).lastHour(visitor)
            let model = DashboardPage.make(
                standings, runs: runs, canAct: visitor.may(.act), page: max(0, page - 1), words, at: now)
            return try rendered("dashboard", ["head", "figures", "accounts"], model, words)
        case .account(let account, let stream):
            let standing = try await site.standing(account, visitor)
            busy.withLock { $0 = !standing.open.isEmpty }
            let model = try await AccountRoutes(site: site).page(standing, visitor, stream: stream, words)
            let head = try rendered("account", ["head"], model, words)["head"]
            var regions = try rendered("account", ["coverage", "charts"], model, words)
            regions["account-head"] = head
            return regions
        case .progress(let account, let stream):
            let standing = try await site.standing(account, visitor)
            guard let job = standing.shown ?? standing.newest else { return [:] }
            busy.withLock { $0 = !job.state.isTerminal }
            let facts = try await ProgressRoutes(site: site).facts(standing, job, visitor, stream: stream)
            let model = ProgressPage.make(facts, words, at: now)
            return try rendered(
                "progress", ["head", "stages", "quotas", "coverage", "problems", "tape"], model, words)
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
