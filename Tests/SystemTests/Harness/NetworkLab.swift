import ConnectorKit
import Foundation
import SyncCore
import SyncHTTP
import Testing

/// A folder, the sandbox of an affiliate network over real HTTP, and runs of `sluice`.
struct NetworkLab<World: SandboxWorld> {
    let home: TestFolder
    let host: SandboxHost<NotingSandbox>
    let world: World
    /// Where the rows are kept, when that is a server.
    private let server: TargetDatabase?

    /// A small world with these changes.
    static func with(
        _ changes: String = "{}", in place: Place = .file, body: (NetworkLab) async throws -> Void
    ) async throws {
        let small = try #require(World.named("small", seed: 5, sizes: [:], today: QuarterClock().day))
        let world = try small.changed(by: Array(changes.utf8))
        try await place.with { server in
            try await SandboxHost.with(NotingSandbox(world.sandbox()), clock: QuarterClock()) { host in
                try await TestFolder.with { home in
                    try await body(NetworkLab(home: home, host: host, world: world, server: server))
                }
            }
        }
    }

    /// The variable of a field of the credential.
    static func variable(_ field: String) -> String { "SLUICE_\(World.platform)_\(field)".uppercased() }

    /// `more` goes over what the environment has: the credential and a master key.
    func start(_ words: [String], url: String? = nil, _ more: [String: String] = [:]) throws -> SluiceProcess {
        var environment = TestFolder.key
        for (field, value) in world.credential { environment[Self.variable(field)] = value }
        let place = ["--base-url", url ?? host.url, "--database", server?.url ?? home.database]
        return try home.start(words + place, environment.merging(more) { $1 })
    }

    func run(_ words: [String], url: String? = nil, _ more: [String: String] = [:]) async throws -> Outcome {
        await (try start(words, url: url, more)).wait()
    }

    func sync(
        _ account: String = "me", _ options: [String] = ["--range", "last_7_days"], url: String? = nil,
        environment more: [String: String] = [:]
    ) async throws -> Outcome {
        let words = ["sync", "\(World.platform)", "--account", account, "--json"]
        return try await run(words + options, url: url, more)
    }

    /// What a query gives, in either kind of database; columns have to be texts.
    func texts(_ sql: String) throws -> [String] {
        try server.map { try $0.texts(sql) } ?? home.stored { try $0.texts(sql) }
    }

    func count(_ table: String, where condition: String = "1 = 1") throws -> Int {
        let found = try texts("SELECT CAST(count(*) AS TEXT) FROM \(table) WHERE \(condition)")
        return try #require(found.first.flatMap { Int($0) })
    }

    /// Rows by table as the sandbox has them.
    func truth() async throws -> [String: Int] {
        try #require(try await host.control("truth?account=me")["rows"] as? [String: Int])
    }

    var asked: [String] { host.withSandbox { $0.asked } }
}
