import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import SyncHTTP
import Testing

/// What a test of Shopee works in: a folder, a sandbox over real HTTP, and runs of `sluice`.
struct ShopeeLab {
    let home: TestFolder
    let host: SandboxHost<NotingSandbox>
    let world: ShopeeWorld

    static func with(
        _ change: (inout ShopeeWorld) -> Void = { _ in }, body: (ShopeeLab) async throws -> Void
    ) async throws {
        let today = CivilDate(daysSince1970: Int32(SystemWallClock().now.seconds / 86_400))
        var world = ShopeeWorld.small(seed: 5, today: today)
        change(&world)
        try await SandboxHost.with(NotingSandbox(world.sandbox())) { [world] host in
            try await TestFolder.with { try await body(ShopeeLab(home: $0, host: host, world: world)) }
        }
    }

    var database: String { home.database }

    var credentials: [String: String] {
        Dictionary(
            uniqueKeysWithValues: world.credential.map { ("SLUICE_SHOPEE_\($0.field.uppercased())", $0.value) })
    }

    /// The credential of the app alone.
    var app: [String: String] { credentials.filter { $0.key.contains("PARTNER") } }

    func start(_ arguments: [String], _ environment: [String: String]) throws -> SluiceProcess {
        try home.start(arguments, environment)
    }

    private func syncArguments(_ database: String? = nil) -> [String] {
        [
            "sync", "shopee", "--account", world.account, "--base-url", host.url, "--database",
            database ?? self.database, "--json",
        ]
    }

    func startSync(_ more: String...) throws -> SluiceProcess { try start(syncArguments() + more, credentials) }

    func sync(
        _ more: String..., environment: [String: String]? = nil, database: String? = nil
    ) async throws -> Outcome {
        await (try start(syncArguments(database) + more, environment ?? credentials)).wait()
    }

    func connect(_ more: String..., environment: [String: String]? = nil) async throws -> Outcome {
        let arguments = ["connect", "shopee", "--base-url", host.url, "--database", database]
        return await (try start(arguments + more, environment ?? app)).wait()
    }

    func command(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        await (try start(arguments + ["--database", database], environment)).wait()
    }

    func budgets(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        await (try start(["budgets"] + arguments + ["--database", database], environment)).wait()
    }

    /// A file in the folder of the test; its path.
    func file(_ name: String, _ text: String) throws -> String {
        let path = home.url.appendingPathComponent(name).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @discardableResult
    func control(_ path: String, _ body: String? = nil) async throws -> [String: Any] {
        try await host.control(path, body)
    }

    private static let summed = [
        "impression", "clicks", "expense_micros", "broad_order", "broad_gmv_micros", "direct_order",
        "direct_gmv_micros",
    ]

    /// What a table adds up to by day, of all days up to `last`, as lines; for either kind of database.
    static func sums(of table: String, until last: CivilDate) -> String {
        let sums = summed.map { " || '|' || sum(\($0))" }.joined()
        return "SELECT date\(sums) FROM \(table) WHERE date <= '\(last)' GROUP BY date"
    }

    /// The same lines as the sandbox has them: of `shop`, `campaign` or `gms`, sorted.
    func sums(_ level: String, from first: CivilDate, until last: CivilDate) async throws -> [String] {
        let days = try await control("sums?level=\(level)&from=\(first)&to=\(last)")
        return try days.map { day, value in
            let sums = try #require(value as? [String: Any])
            return ([day] + Self.summed.map { "\(sums[$0] ?? "none")" }).joined(separator: "|")
        }.sorted()
    }

    /// Calls to an address, by the last step of its path.
    func asked(_ step: String) -> [String] {
        host.withSandbox { $0.asked.filter { $0.prefix { $0 != "?" }.hasSuffix("/\(step)") } }
    }
    func forget() { host.withSandbox { $0.asked = [] } }

    func stored<R>(_ body: (Stored) throws -> R) throws -> R { try home.stored(body) }

    /// Follows a link as a browser does, to the address that it is sent on to.
    func consent(to link: String) async throws -> String {
        let url = try #require(URLComponents(string: link))
        let target = url.percentEncodedPath + "?" + (url.percentEncodedQuery ?? "")
        let response = try await HTTPTransport.with(baseURL: host.url) { try await $0.send(WireRequest(.get, target)) }
        return try #require(response["location"])
    }
}
