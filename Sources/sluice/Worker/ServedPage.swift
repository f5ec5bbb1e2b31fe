import ConnectorKit
import Connectors
import Notifying
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
    var backups: ServedBackups?
    /// People may give any address of a platform.
    var allowsAddresses = false

    func site(
        in workplace: Workplace, at location: DatabaseLocation, _ environment: EngineEnvironment,
        probe: any WorkerProbe,
        notices: NoticePost = NoticePost()
    ) throws -> Site {
        var options = Site.Options(
            publicURL: publicURL, version: Sluice.version, engine: workplace.database.engineName,
            isSimulated: isDemo, backups: backups)
        options.rows = { try location.snapshot(knowing: $0) }
        options.allowsAddresses = allowsAddresses
        options.addresses = try ServedPage.addresses()
        options.apps = try ServedPage.apps()
        options.mailServer = notices.mail.map { Site.MailServer(host: $0.host, sender: $0.sender) }
        options.checkHook = { try await notices.check($0) }
        return try Site(workplace.database.store, environment, probe: probe, options)
    }

    /// `SLUICE_META_BASE_URL` and its like: what the operator has put in the place of a platform's own address.
    static func addresses() throws -> [PlatformID: String] {
        var addresses: [PlatformID: String] = [:]
        for type in Catalog.connectors {
            let platform = type.platform
            let variable = "SLUICE_\(platform.id.rawValue.uppercased())_BASE_URL"
            guard let text = Console.variable(variable) else { continue }
            do {
                addresses[platform.id] = try BaseURL(text).text
            } catch {
                throw Exit.usage(said("\(variable) is no address:") + " " + said(error.description))
            }
        }
        return addresses
    }

    /// The operator's apps, from the variables that they are known by. One that is half there is a mistake.
    static func apps() throws -> [PlatformID: Credential] {
        var apps: [PlatformID: Credential] = [:]
        for type in Catalog.connectors {
            guard let login = type.login else { continue }
            let given = login.fields.map { (field: $0, value: Console.variable($0.variable)) }
            // The secret alone signs calls with pasted tokens.
            guard given.first?.value != nil else { continue }
            if let missing = given.first(where: { $0.value == nil }) {
                throw Exit.usage(
                    said("\(given[0].field.variable) is set, \(missing.field.variable) is missing.") + " "
                        + said(missing.field.summary))
            }
            apps[type.platform.id] = Credential(
                Dictionary(uniqueKeysWithValues: given.map { ($0.field.name, Secret($0.value ?? "")) }))
        }
        return apps
    }

    /// What people type.
    func base(_ address: ListenAddress) -> String { publicURL ?? "http://\(address)" }

    /// The one address to open; with a link that works once when there is nobody yet.
    func greeting(_ workplace: Workplace, _ address: ListenAddress) async throws -> String {
        let base = base(address)
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
