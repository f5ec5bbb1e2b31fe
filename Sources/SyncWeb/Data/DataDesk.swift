import Exports
import FoundationEssentials
import StoreTransfer
import SyncCore
import SyncEngine
import Wording

/// Reads the rows that a page of data shows.
struct DataDesk: Sendable {
    let site: Site
    let standing: Standing
    let query: DataQuery
    /// How long anybody waits for a page of rows, and for how many there are.
    var patience: Duration = .seconds(10)

    private static let countPatience: Duration = .seconds(2)
    static let mostCounted = 10_000

    struct Found: Sendable {
        var columns: [ExportTable.Column] = []
        var rows: [[RowPage.Value]] = []
        var hasMore = false
        /// No further than `mostCounted`; nil when counting takes too long.
        var count: Int?
        /// Of all rows that the filter lets through.
        var sums: [RowPage.Value]?
        /// Why there are no rows.
        var problem: ExportError?

        func place(_ column: String) -> Int? { columns.firstIndex { $0.name == column } }
    }

    func read() async throws -> Found {
        var request = query.request(standing.account)
        request.limit = query.limit + 1
        request.offset = (query.page - 1) * query.limit
        let page: RowPage
        do {
            page = try await self.page(request, patience)
        } catch ExportError.emptyTable {
            return Found(count: 0)
        } catch ExportError.tooSlow {
            return Found(problem: .tooSlow)
        } catch let error as ExportError {
            throw WebError.invalid("\(error)")
        }
        var found = Found(columns: page.columns, rows: page.rows)
        found.hasMore = found.rows.count > query.limit
        if found.hasMore { found.rows.removeLast() }
        if query.page == 1, !found.hasMore {
            found.count = found.rows.count
        } else {
            found.count = try await count()
        }
        found.sums = try await sums()
        return found
    }

    // MARK: The overview

    private static let mostOnOverview = 6
    /// The overview does not stand and fall with it.
    private static let overviewPatience: Duration = .seconds(2)

    /// The most of what an account's days are made of, and all others in one row.
    static func overview(
        of standing: Standing, _ days: DayRange, _ site: Site, _ words: Words
    ) async throws -> DataPage.Table? {
        let streams = try site.streams(of: standing)
        let stored = DataQuery.stored(streams)
        guard site.options.rows != nil, let first = stored.first,
            first.grain != .daily || !Measures(first, streams).sums.isEmpty
        else { return nil }
        // The first list of a platform without numbers has the account alone.
        let shown =
            first.grain == .daily ? "from=\(days.first)&to=\(days.last)" : "stream=\((stored[safe: 1] ?? first).id)"
        let query = try DataQuery(
            Form(text: shown), streams, standing.account, today: standing.today, words,
            few: mostOnOverview)
        let found = try await DataDesk(site: site, standing: standing, query: query, patience: overviewPatience).read()
        guard !found.rows.isEmpty else { return nil }
        let view = DataView(
            query: query, streams: streams, standing: standing, found: found, words: words, now: site.clock.now)
        return view.excerpt()
    }

    private func page(_ request: ExportRequest, _ patience: Duration) async throws -> RowPage {
        guard let rows = site.options.rows else { throw WebError.notFound }
        let streams = try site.streams(of: standing)
        return try await RowPage.read(
            request, of: ExportCatalog(streams), within: patience, clock: site.environment.clock
        ) { try rows(streams) }
    }

    private func count() async throws -> Int? {
        var request = query.request(standing.account)
        request.limit = DataDesk.mostCounted + 1
        request.sort = .asStored
        // Sums may be what is filtered by.
        let isBySums = query.filters.contains { $0.relation == .atLeast || $0.relation == .atMost }
        if query.groups == nil || !isBySums { request.columns = query.groups ?? ["account_id"] }
        do {
            return try await page(request, DataDesk.countPatience).rows.count
        } catch ExportError.tooSlow {
            return nil
        }
    }

    /// One row over all, where nothing is left out by what it adds up to and all is in one currency.
    private func sums() async throws -> [RowPage.Value]? {
        let isBySums = query.filters.contains { $0.relation == .atLeast || $0.relation == .atMost }
        guard query.view != .rows, !isBySums, query.measures.currency == nil else { return nil }
        var request = query.request(standing.account)
        request.columns = query.columns.filter { query.measures.sums.contains($0) }
        request.groups = []
        request.sort = .asStored
        do {
            return try await page(request, DataDesk.countPatience).rows.first
        } catch ExportError.tooSlow {
            return nil
        }
    }

    /// A file of what the page shows, all pages of it; or of the whole stream.
    func export(_ format: ExportFormat, isWhole: Bool) async throws -> ExportStream {
        guard let rows = site.options.rows else { throw WebError.notFound }
        let streams = try site.streams(of: standing)
        let request =
            isWhole ? query.wholeTable(standing.account, as: format) : query.request(standing.account, as: format)
        do {
            return try await ExportStream.open(request, of: ExportCatalog(streams)) { try rows(streams) }
        } catch let error as ExportError {
            throw WebError.invalid("\(error)")
        }
    }
}
