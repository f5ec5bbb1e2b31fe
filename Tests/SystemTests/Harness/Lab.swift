import Connectors
import Foundation
import SyncCore
import SyncHTTP
import Testing

/// What a system test works in: a folder of its own, a sandbox over real HTTP, and the runs of `sluice`.
struct Lab {
    let home: TestFolder
    let host: SandboxHost<Stage>
    let clock: QuarterClock
    let world: MetaWorld

    /// Runs `body` in a new lab. Afterwards no process, port or file of it is left.
    static func with(
        _ world: MetaWorld, script: Stage.Script? = nil, body: (Lab) async throws -> Void
    ) async throws {
        let clock = QuarterClock()
        try await SandboxHost.with(Stage(world, script: script), clock: clock) { host in
            try await TestFolder.with { try await body(Lab(home: $0, host: host, clock: clock, world: world)) }
        }
    }

    /// Calls of one sync of a world that nothing disturbs.
    static func calls(in world: MetaWorld, _ more: String...) async throws -> Int {
        var calls = 0
        try await with(world) { lab in
            let outcome = try await lab.run(lab.syncArguments(more))
            #expect(outcome.code == 0, "\(outcome.err)")
            calls = lab.requests
        }
        return calls
    }

    // MARK: Running

    var folder: URL { home.url }
    var database: String { home.database }
    var account: String { "act_\(world.mainAccountID)" }
    var credentials: [String: String] { ["SLUICE_META_TOKEN": world.token] }

    func start(
        _ arguments: [String], environment: [String: String]? = nil, through wrapper: [String] = []
    ) throws -> SluiceProcess {
        try home.start(arguments, environment ?? credentials, through: wrapper)
    }

    func run(
        _ arguments: [String], environment: [String: String]? = nil, through wrapper: [String] = []
    ) async throws -> Outcome {
        try await start(arguments, environment: environment, through: wrapper).wait()
    }

    /// `sluice sync meta` of the main account into the lab's database.
    func syncArguments(_ more: [String] = [], account: String? = nil, database: String? = nil) -> [String] {
        [
            "sync", "meta", "--account", account ?? self.account, "--base-url", url, "--database",
            database ?? self.database,
        ] + more
    }

    func startSync(_ more: String..., environment: [String: String]? = nil) throws -> SluiceProcess {
        try start(syncArguments(more), environment: environment)
    }

    func sync(_ more: String..., environment: [String: String]? = nil) async throws -> Outcome {
        try await run(syncArguments(more), environment: environment)
    }

    /// A command about the lab's database: `status`, `jobs` and the like.
    func command(_ words: String...) async throws -> Outcome {
        try await run(words + ["--database", database])
    }

    // MARK: The sandbox

    var url: String { host.url }

    /// Reads or changes the sandbox between two requests.
    func stage<R: Sendable>(_ body: (inout Stage) throws -> R) rethrows -> R { try host.withSandbox(body) }

    /// Requests that the sandbox answered since the start.
    var requests: Int { host.traffic.requests }

    var oracle: Oracle { Oracle(world, at: clock.now) }

    /// Names of the files in the folder that a run made, its output apart.
    var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !$0.hasSuffix(".out") && !$0.hasSuffix(".err") }.sorted()
        }
    }
}

/// Looks until `condition` holds; the test fails when it does not within `limit`.
func eventually(
    _ what: String, atMost limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if try await condition() { return }
        try await clock.sleep(for: .milliseconds(5))
    }
    Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
    throw Unmet(what: what)
}

struct Unmet: Error { let what: String }
