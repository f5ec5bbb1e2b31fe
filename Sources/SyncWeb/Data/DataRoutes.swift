import Exports
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import StoreTransfer
import SyncCore
import Wording

/// The rows of an account: a page of them, and files.
struct DataRoutes: Sendable {
    let site: Site

    func add(to router: Router<WebContext>) {
        router.get("accounts/:id/data") { try await data($0, $1) }
        router.get("accounts/:id/export") { try await export($0, $1) }
        router.get("sync/logs/export") { try await logs($0, $1) }
        router.get("sync/logs/:id/export") { try await run($0, $1) }
    }

    private func desk(_ request: Request, _ context: WebContext) async throws -> (DataDesk, Visitor) {
        let visitor = try site.visitor(context, .look)
        let standing = try await site.standing(context.parameters.get("id"), visitor)
        guard site.options.rows != nil else { throw WebError.notFound }
        let query = try DataQuery(
            Form(query: request), try site.streams(of: standing), standing.account, today: standing.today,
            context.words)
        return (DataDesk(site: site, standing: standing, query: query), visitor)
    }

    private func data(_ request: Request, _ context: WebContext) async throws -> Response {
        let (desk, visitor) = try await desk(request, context)
        let found = try await desk.read()
        if context.wantsJSON {
            if let problem = found.problem { throw WebError.invalid("\(problem)") }
            return try Answer.json(DataBody(desk.query, found))
        }
        let words = context.words
        let standing = desk.standing
        let view = DataView(
            query: desk.query, streams: try site.streams(of: standing), standing: standing, found: found,
            words: words, now: site.clock.now)
        let frame = AccountFrame(standing, .data, site, visitor, words)
        return try await site.renderer.response(
            Page(
                template: "account-data", section: .accounts, title: standing.account.name,
                model: DataPage(
                    account: frame.head, canAct: frame.canAct, pause: frame.pause, sync: frame.sync, menu: frame.menu,
                    tabs: frame.tabs, table: view.table()),
                parents: [AccountFrame.parent(words)]), request, context)
    }

    private func export(_ request: Request, _ context: WebContext) async throws -> Response {
        let (desk, visitor) = try await desk(request, context)
        let form = Form(query: request)
        let format = try DataRoutes.format(form)
        let stream = try await desk.export(format, isWhole: form.flag("all") ?? false)
        try await site.record(visitor, "Exported data", desk.standing.account.name, stream.fileName)
        return DataRoutes.response(stream)
    }

    /// Runs, as the list with the same filters has them.
    private func logs(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = Form(query: request)
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        let query = try RunQuery(form, visitor, accounts, zone: PageZone(accounts).zone)
        let export = LogExport(query: query, format: try DataRoutes.format(form))
        return try await site.file(
            try await export.request(from: site.store), of: ExportCatalog([]), "sync_logs", for: visitor)
    }

    private func run(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let entry = try await RunRoutes(site: site).entry(context.parameters.get("id") ?? "", visitor)
        let format = try DataRoutes.format(Form(query: request))
        return try await site.file(.chunks(of: entry.job, as: format), of: .ofPages, entry.accountName, for: visitor)
    }

    static func format(_ form: Form) throws -> ExportFormat {
        // With the mark Excel takes the file for what it is.
        guard let format = ExportFormat(form["format"] ?? "csv", mark: form.flag("bom") ?? true) else {
            throw WebError.invalid(["format": "`csv`, `jsonl` or `xlsx`."])
        }
        return format
    }

    /// Each piece is read when the one before it is on its way.
    static func response(_ stream: ExportStream) -> Response {
        var headers: HTTPFields = [.contentType: stream.contentType, .cacheControl: "no-store"]
        headers[.contentDisposition] = "attachment; filename=\"\(stream.fileName)\""
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(asyncSequence: stream.map { ByteBuffer(bytes: $0) }))
    }
}

extension Site {
    /// What a page without a stream of its own shows, as a file; that it was made is recorded.
    func file(
        _ request: ExportRequest, of catalog: ExportCatalog, _ subject: String, for visitor: Visitor
    ) async throws -> Response {
        guard let rows = options.rows else { throw WebError.notFound }
        do {
            let stream = try await ExportStream.open(request, of: catalog) { try rows([]) }
            try await record(visitor, "Exported data", subject, stream.fileName)
            return DataRoutes.response(stream)
        } catch let error as ExportError {
            throw WebError.invalid("\(error)")
        }
    }
}

/// Rows for programs: money in millionths, days and moments in ISO 8601.
struct DataBody: Encodable, Sendable {
    var success = true
    var stream: String
    var table: String
    var view: String
    var from: String?
    var to: String?
    var page: Int
    var has_more: Bool
    /// No further than 10,000 are counted: there are more when it says 10,001.
    var count: Int?
    var rows: [Row]

    struct Row: Encodable, Sendable {
        var columns: [ExportTable.Column]
        var values: [RowPage.Value]

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (column, value) in zip(columns, values) {
                let key = Key(stringValue: column.name)
                switch value {
                case .none: try container.encodeNil(forKey: key)
                case .integer(let number): try container.encode(number, forKey: key)
                case .real(let number):
                    if number.isFinite {
                        try container.encode(number, forKey: key)
                    } else {
                        try container.encodeNil(forKey: key)
                    }
                case .boolean(let flag): try container.encode(flag, forKey: key)
                case .day(let day): try container.encode(day.description, forKey: key)
                case .instant(let moment): try container.encode(moment.description, forKey: key)
                case .text(let text): try container.encode(text, forKey: key)
                }
            }
        }
    }

    init(_ query: DataQuery, _ found: DataDesk.Found) {
        stream = query.schema.id.rawValue
        table = query.schema.table
        view = query.view.rawValue
        from = query.days?.first.description
        to = query.days?.last.description
        page = query.page
        has_more = found.hasMore
        count = found.count
        rows = found.rows.map { Row(columns: found.columns, values: $0) }
    }
}
