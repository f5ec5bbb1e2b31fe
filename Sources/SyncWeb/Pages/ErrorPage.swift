import Hummingbird
import SyncCore
import Wording

/// `error.mustache`: what happened, what is safe, what to do.
struct ErrorPage: Sendable {
    var tone: String
    var icon: String
    var headline: String
    var summary: String
    var hasActions: Bool
    var actions: [Action]
    var retry: Retry?
    var hasSteps = false
    var stepsTitle = ""
    var steps: [Step] = []
    /// The word for programs, and what support people want to know.
    var code: String
    var reference: String
    var meanwhile = ""
    var frozen: String?

    struct Step: Sendable {
        var number: String
        var parts: [TextPart]
        var command: String?
        var rest = ""
    }

    struct Action: Sendable {
        var href: String
        var label: String
        var isMain: Bool
    }

    struct Retry: Sendable {
        var ring: String
        var seconds: String
        var href: String
        var lead: String
        var rest: String
        var label: String
        var tries: [String] = []
    }

    /// What people can do about a database that is away or not to be used.
    static func steps(for error: WebError, _ words: Words) -> [Step] {
        guard ["database", "database_away"].contains(error.code) else { return [] }
        let ask = words.pick(
            "Ask whoever looks after the database whether it is up.",
            "Hỏi người quản lý cơ sở dữ liệu xem nó có đang chạy.")
        return [
            Step(number: "1", parts: [TextPart(text: ask, isStrong: false)]),
            Step(
                number: "2", parts: [TextPart(text: words.pick("Or run ", "Hoặc chạy "), isStrong: false)],
                command: "sluice doctor",
                rest: words.pick(
                    " on its machine; it says what is wrong and prints no secret.",
                    " trên máy chủ đó; lệnh này cho biết có gì sai và không in ra bí mật nào.")),
        ]
    }

    static func page(_ error: WebError, _ request: Request, _ context: WebContext) -> Page {
        let words = context.words
        let isAway = error.status == .serviceUnavailable
        let path = request.method == .get ? EntryRoutes.safe(request.uri.description) ?? "/" : "/"
        var model = ErrorPage(
            tone: error.status.code >= 500 ? "bad" : "warn", icon: error.status.code >= 500 ? "bad" : "warn",
            headline: words.said(error.message), summary: words.said(error.advice), hasActions: !isAway,
            actions: [Action(href: "/", label: words.pick("Dashboard", "Tổng quan"), isMain: true)],
            code: "\(error.status.code) \(error.code)", reference: context.id)
        if isAway, let seconds = error.retryAfter {
            model.retry = Retry(
                ring: "100", seconds: "\(seconds)", href: path,
                lead: words.pick("Trying again in \(seconds) s.", "Thử lại sau \(seconds) giây."),
                rest: words.pick("this page comes back by itself", "trang này tự mở lại"),
                label: words.pick("Try now", "Thử ngay"))
        }
        model.steps = steps(for: error, words)
        model.hasSteps = !model.steps.isEmpty
        model.stepsTitle = words.pick("What to do", "Cần làm gì")
        if error.code == "database_away" { (model.tone, model.icon) = ("warn", "data") }
        return Page(
            template: "error", section: .none, title: model.headline, model: model,
            reloadSeconds: isAway ? 10 : nil, status: error.status, isPlain: true)
    }
}
