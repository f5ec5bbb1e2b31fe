import Wording

/// `account-parked.mustache`: the page of an account whose connection is parked.
struct ParkedPage: Sendable {
    var account: AccountPage.Head
    var syncLabel: String
    var syncReason: String
    var menu: [AccountPage.MenuItem]
    var parked: ParkedAccount.Banner
    var tabs: [AccountPage.Tab]
    var grid: Grid
    var weekGrid: Grid
    var coverage: AccountPage.Coverage?
    var legend: [LegendItem]
    var held: [ParkedAccount.Held]
    var heldNote: String
    var charts: [AccountPage.Chart]
    var note: String
    var basis: String

    /// `page` with why it stands still.
    init(_ page: AccountPage, _ parked: ParkedAccount, _ words: Words) {
        account = page.account
        syncLabel = words.pick("Sync now", "Đồng bộ ngay")
        syncReason = words.pick("Sign in again first.", "Đăng nhập lại rồi mới đồng bộ được.")
        menu = parked.parked.mayReconnect ? page.menu : []
        self.parked = parked.parked
        tabs = page.tabs
        grid = page.grid
        weekGrid = page.weekGrid
        coverage = page.coverage
        // Only what is there to be explained.
        let shown = Set(page.coverage?.rows.flatMap { $0.cells.paths.map(\.state) } ?? [])
        legend = page.legend.filter { $0.paths.first.map { shown.contains($0.state) } ?? false }
        held = parked.held
        heldNote = parked.heldNote
        charts = page.charts
        note = words.pick(
            "What is stored can still be looked at, filtered and exported.", "Số đã lưu vẫn xem, lọc và xuất được.")
        basis = page.basis
    }
}
