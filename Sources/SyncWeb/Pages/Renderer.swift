import HTTPTypes
import Hummingbird
import SyncCore
import Wording

/// Puts a page into its frame.
struct Renderer: Sendable {
    let templates: Templates
    let statics: Statics
    let cookies: SessionCookie
    /// What the frame shows of the workspace.
    let frame: @Sendable (inout Shell, Visitor, Page.Section, Words) async throws -> Void

    func response(_ page: Page, _ request: Request, _ context: WebContext) async throws -> Response {
        let words = context.words
        let content = try templates.render(page.template, View(page.model), words.language)
        var shell = bare(page, request, context, content)
        if let visitor = context.visitor, !page.isPlain { try await frame(&shell, visitor, page.section, words) }
        let isFramed = context.visitor != nil && !page.isPlain
        let text = try templates.render(isFramed ? "layout" : "frame-plain", View(shell), words.language)
        return Renderer.html(text, page.status)
    }

    static func html(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func bare(_ page: Page, _ request: Request, _ context: WebContext, _ content: String) -> Shell {
        let words = context.words
        let language = words.language == .vietnamese ? "vi" : "en"
        let theme = context.visitor?.user.preferences.theme ?? cookies.theme(of: request) ?? ""
        let path = request.uri.description
        func choice(_ code: String, _ short: String, _ name: String, _ current: String) -> Shell.Choice {
            Shell.Choice(code: code, short: short, name: name, isCurrent: code == current ? "true" : "false")
        }
        return Shell(
            title: page.title, language: language, theme: theme,
            assets: Shell.Assets(
                css: "/\(statics.css.path)", moreCss: "/\(statics.moreCss.path)", js: "/\(statics.js.path)",
                moreJs: "/\(statics.moreJs.path)", icon: "/\(statics.icon.path)",
                hasMore: page.template != "dashboard"),
            icons: statics.symbols, content: content, path: path,
            keys: context.visitor?.user.preferences.keysAreOff == true ? "off" : "on",
            live: page.isLive ? "/live?page=\(Renderer.escaped(path))" : nil,
            reloadSeconds: page.reloadSeconds.map(String.init), parents: page.parents, parent: page.parents.last,
            phoneTitle: page.phoneTitle ?? page.title,
            languages: [
                choice("vi", "VI", "Tiếng Việt", language), choice("en", "EN", "English", language),
            ],
            themes: [
                choice("system", "", words.pick("System", "Hệ thống"), theme.isEmpty ? "system" : theme),
                choice("light", "", words.pick("Light", "Sáng"), theme),
                choice("dark", "", words.pick("Dark", "Tối"), theme),
            ],
            steps: page.steps, leave: page.leave)
    }

    /// For the value of a query.
    static func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "/"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "%" + HexText.of([byte]).uppercased()
            }
        }
        return out
    }
}
