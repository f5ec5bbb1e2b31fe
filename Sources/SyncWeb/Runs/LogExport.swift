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
        try await LogExport.all { try await store.logs(query.filter, before: $0, limit: $1).map(\.job) }
    }

    /// What several pages have.
    static func all<ID>(_ page: (ID?, _ limit: Int) async throws -> [ID]) async throws -> [ID] {
        var found: [ID] = []
        while true {
            let next = try await page(found.last, 1000)
            found += next
            if next.count < 1000 { return found }
            guard found.count < mostFound else {
                throw WebError.invalid("More than 10,000 runs match: choose fewer days.")
            }
        }
    }
}

extension ExportRequest {
    /// The chunks of one run, which is of the workspace of whoever asks.
    static func chunks(of job: JobID, as format: ExportFormat) -> ExportRequest {
        var request = ExportRequest("sync_chunks", as: format, filters: [Filter("job_id", .equals, "\(job)")])
        request.name = "sync_run_\(job)"
        return request
    }

    /// The record of a workspace, the newest first.
    static func record(
        _ filter: AuditFilter, as format: ExportFormat, from store: any WebStore
    ) async throws -> ExportRequest {
        var request = ExportRequest(
            "audit_log", as: format, filters: [Filter("workspace_id", .equals, "\(filter.workspace)")],
            sort: .by([Sort.Column("id", isDescending: true)]))
        request.since = filter.from
        request.before = filter.to
        if filter.actor != nil || filter.text != nil {
            let ids = try await LogExport.all { try await store.audit(filter, before: $0, limit: $1).map(\.id) }
            request.filters.append(Filter("id", .oneOf, ids.map { "\($0)" }.joined(separator: ",")))
        }
        return request
    }
}

extension Link {
    /// A file in each form.
    static func files(_ path: String, _ given: [(name: String, value: String)] = []) -> [Link] {
        [("xlsx", "Excel"), ("csv", "CSV"), ("jsonl", "JSON Lines")].map { format, label in
            let pairs = given + [(name: "format", value: format)]
            let text = pairs.map { "\($0.name)=\(Renderer.escaped($0.value))" }.joined(separator: "&")
            return Link(href: "\(path)/export?\(text)", label: label)
        }
    }
}
