import Exports
import SyncCore

/// The runs of a list as a file: those that its filters let through, all pages of them.
struct LogExport: Sendable {
    let query: RunQuery
    let format: ExportFormat

    /// A search says which runs by their numbers: so many at most.
    static let mostFound = 10_000

    func request(from store: any WebStore) async throws -> ExportRequest {
        let filter = query.filter
        var request = ExportRequest(
            "sync_logs", as: format, sort: .by([ExportRequest.Sort.Column("id", isDescending: true)]))
        // Whatever else is asked for: only the workspace's own.
        request.filters = [ExportRequest.Filter("workspace_id", .equals, "\(filter.workspace)")]
        func equals(_ column: String, _ text: String?) {
            if let text { request.filters.append(ExportRequest.Filter(column, .equals, text)) }
        }
        request.platform = filter.platform
        equals("account_id", filter.account.map { "\($0)" })
        equals("sync_type", filter.kind?.rawValue)
        if !filter.states.isEmpty {
            let states = filter.states.map(\.rawValue).sorted().joined(separator: ",")
            request.filters.append(ExportRequest.Filter("status", .oneOf, states))
        }
        request.since = filter.from
        request.before = filter.to
        if filter.text != nil || filter.schedule != nil {
            let ids = try await found(in: store).map { "\($0)" }.joined(separator: ",")
            request.filters.append(ExportRequest.Filter("id", .oneOf, ids))
        }
        return request
    }

    private func found(in store: any WebStore) async throws -> [JobID] {
        var found: [JobID] = []
        while true {
            let next = try await store.logs(query.filter, before: found.last, limit: 1000)
            found += next.map(\.job)
            if next.count < 1000 { return found }
            guard found.count < LogExport.mostFound else {
                throw WebError.invalid("More than 10,000 runs match: choose fewer days.")
            }
        }
    }
}
