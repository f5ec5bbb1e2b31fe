import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import SyncCore
import WebAssets

/// The style sheet, the script and the icons: each with a hash in its name, so that a browser keeps it for a year and
/// never shows an old one.
struct Statics: Sendable {
    /// What the dashboard needs, and what all other pages need beside it.
    let css: File
    let moreCss: File
    let js: File
    let moreJs: File
    let icon: File
    let manifest: File
    /// For the frame of each page.
    let symbols: String

    struct File: Sendable {
        var path: String
        var type: String
        var bytes: ByteBuffer
    }

    init() {
        css = Statics.file("sluice", "css", "text/css; charset=utf-8", ["base.css"])
        moreCss = Statics.file("more", "css", "text/css; charset=utf-8", ["pages.css", "forms.css"])
        js = Statics.file("sluice", "js", "text/javascript; charset=utf-8", ["sluice.js"])
        moreJs = Statics.file(
            "more", "js", "text/javascript; charset=utf-8", ["sluice-days.js", "sluice-forms.js"])
        icon = Statics.file("icon", "svg", "image/svg+xml", ["favicon.svg"])
        manifest = File(
            path: "manifest.webmanifest", type: "application/manifest+json",
            bytes: ByteBuffer(bytes: WebAssets.files["manifest.webmanifest"] ?? []))
        symbols = String(decoding: WebAssets.files["icons.svg"] ?? [], as: UTF8.self)
    }

    private static func file(_ name: String, _ suffix: String, _ type: String, _ parts: [String]) -> File {
        let bytes = parts.flatMap { WebAssets.files[$0] ?? [] }
        let hash = HexText.of(SHA256.hash(data: bytes)).prefix(12)
        return File(path: "assets/\(name).\(hash).\(suffix)", type: type, bytes: ByteBuffer(bytes: bytes))
    }

    func add(to router: Router<WebContext>) {
        for file in [css, moreCss, js, moreJs, icon] { add(file, to: router, "public, max-age=31536000, immutable") }
        add(manifest, to: router, "public, max-age=3600")
        // Browsers ask for the one whatever a page says, for the other because the manifest names it.
        for name in ["favicon.ico", "favicon.svg"] {
            router.get(RouterPath(name)) { _, _ in
                Response(
                    status: .ok, headers: [.contentType: icon.type, .cacheControl: "public, max-age=3600"],
                    body: ResponseBody(byteBuffer: icon.bytes))
            }
        }
    }

    private func add(_ file: File, to router: Router<WebContext>, _ caching: String) {
        router.get(RouterPath(file.path)) { _, _ in
            Response(
                status: .ok, headers: [.contentType: file.type, .cacheControl: caching],
                body: ResponseBody(byteBuffer: file.bytes))
        }
    }
}
