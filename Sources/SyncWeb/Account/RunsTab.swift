import SyncCore
import Wording

/// `account-runs.mustache`: the runs of one account.
struct RunsTab: Sendable {
    var account: AccountPage.Head
    var canAct: Bool
    var pause: AccountPage.Act?
    var sync: Post?
    var menu: [AccountPage.MenuItem]
    var tabs: [AccountPage.Tab]
    var filters: [LogsPage.Filter]
    var menus: [LogsPage.Menu]
    var daysForm: LogsPage.DaysForm?
    var count: String
    var isFiltered: Bool
    var clearHref: String
    var hasRuns: Bool
    var empty: String
    var groups: [Group]
    var hasPages: Bool
    var pages: LogsPage.Pages?

    struct Group: Sendable {
        var title: String
        var runs: [Run]
    }

    struct Run: Sendable {
        var id: String
        var href: String
        var tone: String
        /// A class: what went well stays quiet.
        var calm: String
        var icon: String
        var state: String
        var start: String
        var kind: String
        var days: String
        var rows: String
        var calls: String
        var took: String
        var note: String
    }

    init(_ frame: AccountFrame, _ view: LogsView) {
        let list = view.page()
        let words = view.told.words
        account = frame.head
        canAct = frame.canAct
        pause = frame.pause
        sync = frame.sync
        menu = frame.menu
        tabs = frame.tabs
        filters = list.filters
        menus = list.menus
        daysForm = list.daysForm
        count = list.count
        isFiltered = list.isFiltered
        clearHref = view.query.path
        hasRuns = list.hasRuns
        empty =
            list.isFiltered
            ? words.pick("No run matches these filters.", "Không có lượt chạy nào khớp bộ lọc.")
            : words.pick("Nothing ran for this account yet.", "Tài khoản này chưa có lượt chạy nào.")
        groups = list.groups.map { group in
            Group(title: group.title, runs: group.runs.map(Run.init))
        }
        hasPages = list.hasPages
        pages = list.pages
    }
}

extension RunsTab.Run {
    init(_ run: LogsPage.Run) {
        self.init(
            id: run.id, href: run.href, tone: run.state.tone, calm: run.state.tone == "bad" ? "" : "calm",
            icon: run.state.icon, state: run.state.text, start: run.start, kind: run.kind, days: run.days,
            rows: run.rows, calls: run.calls, took: run.took, note: run.note)
    }
}
