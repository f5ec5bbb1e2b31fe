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
    var steps: [String] = []
    /// The word for programs, and what support people want to know.
    var code: String
    var reference: String
    var meanwhile = ""
    var frozen: String?

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
                lead: words.pick("Trying again in \(seconds) s.", "Thử lại sau \(seconds) giây."), rest: "",
                label: words.pick("Try now", "Thử ngay"))
        }
        return Page(
            template: "error", section: .none, title: model.headline, model: model,
            reloadSeconds: isAway ? 10 : nil, status: error.status, isPlain: true)
    }
}
