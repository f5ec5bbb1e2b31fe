import Exports
import Hummingbird
import SyncCore
import Synchronization
import Wording

/// A chain that was gone over, and when.
struct VerifiedChain: Sendable {
    var chain: AuditChain
    var at: Instant
}

/// Reads the record of who did what. Going over a long chain takes its time: what was found holds for a minute, and the
/// page tells when that was.
final class RecordReader: Sendable {
    private let site: Site
    private let verified = Mutex<[WorkspaceID: VerifiedChain]>([:])

    init(site: Site) { self.site = site }

    func told(_ visitor: Visitor, _ words: Words) async throws -> RunWords {
        let accounts = try await site.store.accounts().filter { $0.workspace == visitor.workspace.id }
        return RunWords(words, zone: PageZone(accounts).zone, now: site.clock.now)
    }

    func chain(of workspace: WorkspaceID) async throws -> VerifiedChain {
        let now = site.clock.now
        if let known = verified.withLock({ $0[workspace] }), now - known.at < .seconds(60) { return known }
        let chain = VerifiedChain(chain: try await site.store.verifyAudit(of: workspace), at: now)
        verified.withLock { $0[workspace] = chain }
        return chain
    }

    func part(_ filter: AuditFilter, before: Int64?, limit: Int, _ told: RunWords) async throws -> AuditPart {
        let entries = try await site.store.audit(filter, before: before, limit: limit)
        return part(entries, try await chain(of: filter.workspace), told)
    }

    /// `given` is what the address of the list says.
    func part(
        _ entries: [AuditEntry], _ verified: VerifiedChain, _ told: RunWords,
        _ given: [(name: String, value: String)] = []
    ) -> AuditPart {
        var part = AuditPart(entries, verified, told)
        if site.options.rows != nil {
            (part.hasExports, part.exports) = (true, Link.files(SettingsTabs.path + "/audit", given))
        }
        return part
    }
}

/// `settings-audit.mustache`.
struct AuditPage: Sendable {
    var headline: String
    var summary: String
    var tabs: [SettingsTabs.Tab]
    var query: String
    var kept: [LogsPage.Kept]
    var filters: [LogsPage.Filter]
    var menus: [LogsPage.Menu]
    var count: String
    var isFiltered: Bool
    var clearHref: String
    var audit: AuditPart
    var hasRecords: Bool
    var hasPages: Bool
    var pages: LogsPage.Pages?
}

struct RecordRoutes: Sendable {
    let site: Site
    let record: RecordReader

    private static let path = SettingsTabs.path + "/audit"

    func add(to router: Router<WebContext>) {
        router.get("sync/settings/audit") { try await list($0, $1) }
        router.get("sync/settings/audit/export") { try await export($0, $1) }
    }

    private func filter(_ form: Form, _ visitor: Visitor, _ told: RunWords) throws -> AuditFilter {
        var filter = AuditFilter(workspace: visitor.workspace.id, actor: form["who"], text: form["text"])
        filter.from = try form.day("from").map { $0.start(in: told.zone) }
        filter.to = try form.day("to").map { $0.adding(days: 1).start(in: told.zone) }
        return filter
    }

    /// What the list with the same filters has, all pages of it.
    private func export(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = Form(query: request)
        let filter = try filter(form, visitor, try await record.told(visitor, context.words))
        return try await site.file(
            try await .record(filter, as: try DataRoutes.format(form), from: site.store), of: .ofPages, "audit_log",
            for: visitor)
    }

    private struct Body: Encodable {
        var success = true
        var records: [Record]
        /// For `before`; nil at the end.
        var next: Int64?
        var chain: Chain

        struct Record: Encodable {
            var id: Int64
            var at: String
            var actor: String
            var action: String
            var subject: String
            var detail: String
            var hash: String
        }

        struct Chain: Encodable {
            var count: Int
            var is_intact: Bool
            var broken_at: Int64?
            /// Taken off its end.
            var missing: Int
            var verified_at: String
        }
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = Form(query: request)
        let told = try await record.told(visitor, context.words)
        let limit = try form.number("limit", 1...200) ?? 50
        let before = try form.number("before", 1...Int.max).map { Int64($0) }
        let filter = try filter(form, visitor, told)
        var entries = try await site.store.audit(filter, before: before, limit: limit + 1)
        let hasMore = entries.count > limit
        if hasMore { entries.removeLast() }
        let verified = try await record.chain(of: visitor.workspace.id)
        if context.wantsJSON {
            return try Answer.json(body(entries, hasMore ? entries.last?.id : nil, verified))
        }
        let members = try await site.store.members(of: visitor.workspace.id)
        let model = page(entries, hasMore, before, form, verified, members, told)
        return try await site.renderer.response(
            SettingsTabs.page("settings-audit", model, context.words), request, context)
    }

    private func body(_ entries: [AuditEntry], _ next: Int64?, _ verified: VerifiedChain) -> Body {
        Body(
            records: entries.map {
                Body.Record(
                    id: $0.id, at: $0.at.description, actor: $0.actor, action: $0.action, subject: $0.subject,
                    detail: $0.detail, hash: $0.hash)
            }, next: next,
            chain: Body.Chain(
                count: verified.chain.count, is_intact: verified.chain.isIntact, broken_at: verified.chain.brokenAt,
                missing: verified.chain.missing, verified_at: verified.at.description))
    }

    private func page(
        _ entries: [AuditEntry], _ hasMore: Bool, _ before: Int64?, _ form: Form, _ verified: VerifiedChain,
        _ members: [Member], _ told: RunWords
    ) -> AuditPage {
        let words = told.words
        let given = ["who", "text", "from", "to"].compactMap { name in form[name].map { (name: name, value: $0) } }
        func href(_ pairs: [(name: String, value: String)]) -> String {
            guard !pairs.isEmpty else { return RecordRoutes.path }
            return RecordRoutes.path + "?"
                + pairs.map { "\($0.name)=\(Renderer.escaped($0.value))" }.joined(separator: "&")
        }
        let labels = [
            "who": words.pick("Who", "Ai"), "from": words.pick("From", "Từ"), "to": words.pick("Until", "Đến"),
        ]
        let count = words.count(verified.chain.count, "record", "bản ghi")
        let isIntact = verified.chain.isIntact
        let shown = words.count(entries.count, "record", "bản ghi")
        return AuditPage(
            headline: isIntact
                ? words.pick("Every change, in order", "Mọi thay đổi, theo thứ tự")
                : words.pick("The record was changed from outside", "Nhật ký đã bị sửa từ bên ngoài"),
            summary: isIntact
                ? words.pick(
                    "\(count). Each holds the fingerprint of the one before; none can be changed unseen.",
                    "\(count). Mỗi bản ghi giữ dấu vân tay của bản trước; không thể sửa mà không bị phát hiện.")
                : words.pick(
                    "Those before the broken one are intact; look at who had the database open.",
                    "Các bản ghi trước chỗ hỏng vẫn nguyên vẹn; hãy xem ai đã mở cơ sở dữ liệu."),
            tabs: SettingsTabs.all("/audit", words), query: form["text"] ?? "",
            kept: given.filter { $0.name != "text" }.map { LogsPage.Kept(name: $0.name, value: $0.value) },
            filters: given.compactMap { pair in
                labels[pair.name].map { label in
                    LogsPage.Filter(
                        name: label, value: pair.value, clearHref: href(given.filter { $0.name != pair.name }))
                }
            },
            menus: form["who"] != nil
                ? []
                : [
                    LogsPage.Menu(
                        label: words.pick("Who", "Ai"),
                        options: members.prefix(30).map {
                            Link(href: href(given + [(name: "who", value: $0.user.signature)]), label: $0.user.name)
                        })
                ], count: shown, isFiltered: !given.isEmpty, clearHref: RecordRoutes.path,
            audit: record.part(entries, verified, told, given), hasRecords: !entries.isEmpty,
            hasPages: hasMore || before != nil,
            pages: LogsPage.Pages(
                hasNewer: before != nil, newerHref: href(given), hasOlder: hasMore,
                olderHref: href(given + (entries.last.map { [(name: "before", value: "\($0.id)")] } ?? [])),
                place: words.pick(
                    "\(words.number(entries.count)) of \(count)", "\(words.number(entries.count)) trên \(count)")))
    }
}
