import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import SyncHTTP
import Synchronization
import Testing

/// A folder of a test's own with a database in it, and the runs of `sluice` that it starts there.
final class TestFolder: Sendable {
    let url: URL
    private let processes = Mutex<[SluiceProcess]>([])

    private init(_ url: URL) { self.url = url }

    /// Afterwards no process and no file of it is left.
    static func with(_ body: (TestFolder) async throws -> Void) async throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let folder = TestFolder(url)
        let result: Result<Void, any Error>
        do { result = .success(try await body(folder)) } catch { result = .failure(error) }
        for process in folder.processes.withLock({ $0 }) where process.isRunning {
            process.send(SIGKILL)
            await process.wait()
        }
        try? FileManager.default.removeItem(at: url)
        try result.get()
    }

    var database: String { url.appendingPathComponent("data.sqlite").path }

    func start(
        _ arguments: [String], _ environment: [String: String], through wrapper: [String] = []
    ) throws -> SluiceProcess {
        let process = try SluiceProcess(arguments, environment: environment, folder: url, through: wrapper)
        processes.withLock { $0.append(process) }
        return process
    }

    /// Reads the database and closes it again.
    func stored<R>(_ body: (Stored) throws -> R) throws -> R {
        let stored = try Stored(database)
        defer { try? stored.close() }
        return try body(stored)
    }

    /// Looks through every file of the folder: what runs have printed, the database, its log.
    func expectNone(of secrets: [String], _ sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(!secrets.isEmpty && secrets.allSatisfy { $0.count > 3 }, sourceLocation: sourceLocation)
        for file in try FileManager.default.contentsOfDirectory(atPath: url.path) {
            guard let content = try? Data(contentsOf: url.appendingPathComponent(file)) else { continue }
            for secret in secrets {
                #expect(content.range(of: Data(secret.utf8)) == nil, "in \(file)", sourceLocation: sourceLocation)
            }
        }
    }

    /// A key for databases that no file with a key stands beside.
    static let key = ["SLUICE_SECRET_KEY": Data(repeating: 7, count: 32).base64EncodedString()]
}

/// Where rows are kept: a file, or a database of its own on the server.
enum Place: String, CaseIterable {
    case file, server
    static let available = TargetDatabase.server == nil ? [Place.file] : allCases

    /// With the database on the server; nil for a file.
    func with(_ body: (TargetDatabase?) async throws -> Void) async throws {
        switch self {
        case .file: try await body(nil)
        case .server: try await TargetDatabase.with { try await body($0) }
        }
    }
}

extension SandboxHost {
    /// Serves `sandbox` over real HTTP while `body` runs.
    static func with(
        _ sandbox: S, clock: any WallClock = SystemWallClock(), _ body: (SandboxHost) async throws -> Void
    ) async throws {
        let host = try await start(sandbox, clock: clock)
        let result: Result<Void, any Error>
        do { result = .success(try await body(host)) } catch { result = .failure(error) }
        await host.shutdown()
        try result.get()
    }

    /// Asks an oracle of the sandbox, or with a body flips a switch.
    @discardableResult
    func control(_ path: String, _ body: String? = nil) async throws -> [String: Any] {
        let request = WireRequest(body == nil ? .get : .post, "/sandbox/\(path)", body: Array((body ?? "").utf8))
        let response = try await HTTPTransport.with(baseURL: url) { try await $0.send(request) }
        let text = String(decoding: response.body, as: UTF8.self)
        guard response.status == 200 else { throw Unmet(what: "\(path): \(text)") }
        return try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any] ?? [:]
    }
}

/// A sandbox that notes what it was asked for.
struct NotingSandbox: Sandbox {
    var inner: any Sandbox
    /// Paths and queries in order, without secrets.
    var asked: [String] = []

    init(_ inner: any Sandbox) { self.inner = inner }

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        if !request.target.hasPrefix("/sandbox") { asked.append(request.target) }
        return inner.respond(to: request, at: now)
    }
}
