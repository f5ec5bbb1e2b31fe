import StoreSQL
import SyncCore
import SyncEngine
import SyncWeb
import Wording

/// The web page of `sluice serve` and of the demo.
struct ServedPage {
    /// Where people reach it, when it is not the address that it listens on: behind a proxy.
    var publicURL: String?
    /// All data is made up, and the first visitor is signed in.
    var isDemo = false
    /// Where platforms are that stand at another address than their connections say.
    var moved: [String: String] = [:]

    func site(
        in workplace: Workplace, _ environment: EngineEnvironment, probe: any WorkerProbe
    ) throws -> Site {
        try Site(
            workplace.database.store, environment, probe: probe,
            Site.Options(
                publicURL: publicURL, version: Sluice.version, engine: workplace.database.engineName,
                isSimulated: isDemo))
    }

    /// The one address to open; with a link that works once when there is nobody yet.
    func greeting(_ workplace: Workplace, _ address: ListenAddress) async throws -> String {
        let base = publicURL ?? "http://\(address)"
        let now = workplace.environment.wallClock.now
        if isDemo {
            return Words.current.open(base + (try await SetUp.demoLink(workplace.database.store, at: now)))
        }
        if let path = try await SetUp.link(workplace.database.store, at: now) {
            return Words.current.setUp(base + path)
        }
        return Words.current.open(base + "/")
    }
}

extension Words {
    func open(_ url: String) -> String { pick("Open \(url)", "Mở \(url)") }

    func setUp(_ url: String) -> String {
        pick(
            "Nobody has an account yet. Create the owner here, once: \(url)",
            "Chưa ai có tài khoản. Tạo chủ sở hữu tại đây, một lần: \(url)")
    }
}
