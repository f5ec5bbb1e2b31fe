import ConnectorKit
import Hummingbird
import SyncCore
import SyncEngine
import Wording

/// For a platform that receives the third step is another question: what goes on to it.
struct ReceiverPage: Sendable {
    let desk: ConnectDesk
    private var site: Site { desk.site }

    /// The account that receives; stored when the page is opened for the first time.
    private func receiver(
        _ form: Form, _ type: any Connector.Type, _ visitor: Visitor
    ) async throws -> Account {
        let connection = try await desk.connection(form["connection"].flatMap { Int64($0) }, visitor)
        guard connection.platform == type.platform.id else { throw WebError.notFound }
        guard !connection.isRemoved else { throw ConnectionRoutes.removed }
        if let known = try await desk.book.accounts(of: connection.id).first { return known }
        guard let facts = try await desk.book.reachable(by: connection).first else { throw WebError.notFound }
        let id = try await desk.book.receiver(facts, of: connection.id)
        return try await desk.account(id.value, visitor)
    }

    /// Accounts that could go on to it.
    private func sources(_ visitor: Visitor) async throws -> [Account] {
        let platforms = Set(site.environment.connectors.filter { $0.platform.passesOn }.map { $0.platform.id })
        return try await site.store.accounts().filter {
            $0.workspace == visitor.workspace.id && platforms.contains($0.platform)
        }
    }

    func show(
        _ query: Form, _ type: any Connector.Type, _ visitor: Visitor, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let receiver = try await receiver(query, type, visitor)
        let sources = try await sources(visitor)
        if context.wantsJSON {
            return try Answer.json(Passing(account_id: receiver.id.value, sources: sources.map { Source($0) }))
        }
        let words = context.words
        let page = AccountsPage(
            headline: words.pick("What goes on to \(receiver.name)?", "Chuyển gì sang \(receiver.name)?"),
            summary: words.pick(
                "Conversations and messages of the pages you pick go on as soon as they are read.",
                "Hội thoại và tin nhắn của các trang bạn chọn được chuyển ngay khi đọc xong."),
            action: "/connect/\(type.platform.id)/accounts", connection: query["connection"] ?? "",
            query: query["text"] ?? "",
            columns: AccountsPage.Columns(
                account: words.pick("Page", "Trang"), state: words.pick("Goes on to", "Chuyển sang")),
            tabs: [
                AccountsPage.Tab(
                    label: words.pick("All", "Tất cả"), count: words.number(sources.count),
                    href: "/connect/\(type.platform.id)/accounts?connection=\(query["connection"] ?? "")",
                    isCurrent: true)
            ],
            pickHref: "", pickLabel: "", isSomePicked: sources.contains { $0.destination == receiver.id },
            isAllPicked: !sources.isEmpty && sources.allSatisfy { $0.destination == receiver.id },
            accounts: try await rows(sources, receiver, words), hasAccounts: !sources.isEmpty,
            hidden: sources.isEmpty
                ? AccountsPage.Hidden(
                    text: words.pick("No page is connected yet.", "Chưa có trang nào được kết nối."),
                    href: "/connect/pancake", label: words.pick("Connect Pancake", "Kết nối Pancake")) : nil,
            plan: plan(sources.isEmpty, words))
        return try await site.renderer.response(
            ConnectStep.accounts.page("connect-accounts", page.headline, page, words), request, context)
    }

    func plan(_ isEmpty: Bool, _ words: Words) -> AccountsPage.Plan {
        var plan = AccountsPage.Plan(button: words.pick("Save", "Lưu"), isReady: !isEmpty)
        plan.steps = [
            AccountsPage.Step(
                isSettled: true, lead: words.pick("From now on", "Từ bây giờ"), rest: "",
                parts: TextPart.parts(
                    words.pick(
                        "New and changed conversations and messages go on. Those that were read before go with the "
                            + "next sync.",
                        "Hội thoại, tin nhắn mới và thay đổi được chuyển. Phần đã đọc trước đi cùng lần đồng bộ tiếp "
                            + "theo.")))
        ]
        plan.note = words.pick("The rows stay in your database, too.", "Các dòng vẫn ở trong cơ sở dữ liệu của bạn.")
        return plan
    }

    private func rows(_ sources: [Account], _ receiver: Account, _ words: Words) async throws -> [AccountsPage.Row] {
        let names = Dictionary(uniqueKeysWithValues: try await site.store.accounts().map { ($0.id, $0.name) })
        return sources.map { source in
            let isHere = source.destination == receiver.id
            let text = source.destination.flatMap { names[$0] } ?? words.pick("Nowhere", "Không chuyển")
            return AccountsPage.Row(
                id: "\(source.id)", name: source.name, number: source.externalID, zone: source.zoneName,
                state: AccountsPage.State(tone: isHere ? "ok" : "", icon: isHere ? "done" : "minus", text: text),
                isPicked: isHere, isAllowed: true)
        }
    }

    private struct Passing: Encodable, Sendable {
        var success = true
        var account_id: Int64
        var sources: [Source]
    }

    private struct Source: Encodable, Sendable {
        var account_id: Int64
        var name: String
        var destination_id: Int64?

        init(_ account: Account) {
            account_id = account.id.value
            name = account.name
            destination_id = account.destination?.value
        }
    }

    func save(
        _ form: Form, _ type: any Connector.Type, _ visitor: Visitor, _ context: WebContext
    ) async throws -> Response {
        let receiver = try await receiver(form, type, visitor)
        let picked = Set(form.list("account"))
        for source in try await sources(visitor) {
            let isWanted = picked.contains("\(source.id)")
            let isHere = source.destination == receiver.id
            guard isWanted != isHere else { continue }
            try await desk.book.pass(source, on: isWanted ? receiver : nil)
            try await site.record(
                visitor, isWanted ? "Passes an account on" : "Ended passing on", source.name, receiver.name)
        }
        if context.wantsJSON {
            return try Answer.json(
                Passing(account_id: receiver.id.value, sources: try await sources(visitor).map { Source($0) }))
        }
        return Answer.seeOther("/accounts")
    }
}
