import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// `notices.mustache`.
struct NoticesPage: Sendable {
    var headline: String
    var detail: String
    var readAll: ReadAll?
    /// Of the form above; the template looks for it further out.
    var isEmpty: Bool
    var empty: String
    var groups: [Group]

    struct ReadAll: Sendable { var action: String }

    struct Group: Sendable {
        var title: String
        var notices: [Row]
    }

    struct Row: Sendable {
        var id: String
        var tone: String
        var icon: String
        var lead: String
        var rest: String
        var at: String
        var about: String
        var isNew: Bool
        var link: Link?
        var post: Post?
    }
}

struct NoticesView: Sendable {
    var told: RunWords
    var notices: [Notice]
    var seen: NoticeID?
    /// Those that are on.
    var targets: [NoticeTarget]
    var names: [PlatformID: String]
    var mayAct: Bool

    private var words: Words { told.words }

    func text(_ notice: Notice) -> NoticeText {
        let platform = notice.facts.platform.map { names[PlatformID($0)] ?? $0 } ?? ""
        return words.notice(notice, platform: platform, told: { told.near($0) })
    }

    func isNew(_ notice: Notice) -> Bool { seen.map { notice.id > $0 } ?? true }

    func page() -> NoticesPage {
        let days = Dictionary(grouping: notices) { CivilDate($0.openedAt, in: told.zone) }
        return NoticesPage(
            headline: headline, detail: detail,
            readAll: notices.contains(where: isNew) ? NoticesPage.ReadAll(action: "/notices/read") : nil,
            isEmpty: notices.isEmpty,
            empty: words.pick(
                "Nothing has happened that you should know of.", "Chưa có việc gì bạn cần biết."),
            groups: days.sorted { $0.key > $1.key }.map { day, notices in
                NoticesPage.Group(title: told.heading(day), notices: notices.map(row))
            })
    }

    private var headline: String {
        let open = notices.count { $0.closedAt == nil && $0.kind.needsPerson }
        switch open {
        case 0: return words.pick("Nothing needs you", "Không có việc cần bạn")
        case 1: return words.pick("1 notice needs you", "1 thông báo cần bạn xử lý")
        default: return words.pick("\(open) notices need you", "\(open) thông báo cần bạn xử lý")
        }
    }

    private var detail: String {
        let kept = words.pick("Notices stay here for 30 days.", "Thông báo được giữ 30 ngày.")
        let names = targets.prefix(3).map(\.name).joined(separator: ", ")
        guard !names.isEmpty else {
            return words.pick("Nobody is told by mail or in a channel yet. ", "Chưa gửi qua thư hay kênh nào. ") + kept
        }
        let more = targets.count > 3 ? ", …" : ""
        return words.pick("Sent to \(names)\(more) as well. ", "Cũng gửi tới \(names)\(more). ") + kept
    }

    private func row(_ notice: Notice) -> NoticesPage.Row {
        let text = text(notice)
        let isOpen = notice.closedAt == nil
        let (icon, tone) = mark(notice.kind)
        let over =
            notice.kind.isMoment
            ? nil : notice.closedAt.map { words.pick("over since \(told.near($0))", "hết từ \(told.near($0))") }
        let about = [notice.facts.accounts.first ?? notice.facts.name, over].compactMap { $0 }
        return NoticesPage.Row(
            id: "\(notice.id)",
            tone: isOpen || notice.kind.isMoment ? tone : "", icon: isOpen || notice.kind.isMoment ? icon : "done",
            lead: text.title + ".",
            rest: [text.message, isOpen ? text.advice : ""].filter { !$0.isEmpty }.joined(separator: " "),
            at: told.clock(notice.openedAt), about: about.joined(separator: " · "), isNew: isNew(notice),
            link: link(notice, isOpen), post: nil)
    }

    private func mark(_ kind: NoticeKind) -> (icon: String, tone: String) {
        switch kind {
        case .rejected: ("key", "bad")
        case .failed: ("bad", "bad")
        case .expiring, .late, .stuck: ("warn", "warn")
        case .history: ("history", "ok")
        }
    }

    private func link(_ notice: Notice, _ isOpen: Bool) -> Link? {
        let href = NoticeText.path(of: notice)
        switch notice.kind {
        case .rejected, .expiring:
            return isOpen && mayAct ? Link(href: href, label: words.pick("Reconnect", "Kết nối lại")) : nil
        case .failed: return Link(href: href, label: words.pick("See the run", "Xem lượt chạy"))
        case .late, .stuck: return isOpen ? Link(href: href, label: words.pick("See schedules", "Xem lịch chạy")) : nil
        case .history: return Link(href: href, label: words.pick("See the account", "Xem tài khoản"))
        }
    }
}

/// What people were told of, and how far each has read.
struct NoticeListRoutes: Sendable {
    let site: Site
    let record: RecordReader

    private static let most = 200

    func add(to router: Router<WebContext>) {
        router.get("notices") { try await list($0, $1) }
        router.post("notices/read") { try await read($0, $1) }
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let view = try await view(visitor, context.words)
        if context.wantsJSON {
            let unread = try await site.store.unread(by: visitor.user.id, in: visitor.workspace.id).count
            return try Answer.json(
                NoticesBody(
                    unread: unread,
                    notices: view.notices.map { NoticesBody.Body($0, view.text($0), isNew: view.isNew($0)) }))
        }
        let page = Page(
            template: "notices", section: .none, title: context.words.pick("Notices", "Thông báo"), model: view.page(),
            isLive: true, reloadSeconds: 30)
        return try await site.renderer.response(page, request, context)
    }

    /// What one person sees: another may have read more of it.
    func view(_ visitor: Visitor, _ words: Words) async throws -> NoticesView {
        let workspace = visitor.workspace.id
        return NoticesView(
            told: try await record.told(visitor, words),
            notices: try await site.store.notices(of: workspace, before: nil, limit: NoticeListRoutes.most),
            seen: try await site.store.unread(by: visitor.user.id, in: workspace).seen,
            targets: try await site.store.noticeTargets(of: workspace).filter(\.isOn), names: site.platformNames,
            mayAct: visitor.may(.act))
    }

    /// Up to the newest, or to the one that is named: what comes meanwhile stays new.
    private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let visitor = try site.visitor(context, .look)
        let form = try await Form(request, context)
        let workspace = visitor.workspace.id
        let newest = try await site.store.notices(of: workspace, before: nil, limit: 1).first?.id
        let wanted = try form.number("up_to", 1...Int.max).map { NoticeID(Int64($0)) }
        if let newest {
            try await site.store.markRead(upTo: min(wanted ?? newest, newest), by: visitor.user.id, in: workspace)
        }
        guard context.wantsJSON else { return Answer.seeOther("/notices") }
        struct Read: Encodable {
            var success = true
            var unread: Int
        }
        return try Answer.json(Read(unread: try await site.store.unread(by: visitor.user.id, in: workspace).count))
    }
}
