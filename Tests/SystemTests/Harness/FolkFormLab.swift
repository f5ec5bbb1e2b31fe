import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import SyncHTTP
import Synchronization
import Testing

/// A FolkForm that says, as its server does, when a refused call may come again.
struct FolkFormStage: Sandbox {
    var inner: FolkFormSandbox
    /// Uploads that came in, refused ones too.
    private(set) var posts = 0

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        if request.method == .post, !request.target.hasPrefix("/sandbox") { posts += 1 }
        let reply = inner.respond(to: request, at: now)
        return reply.response.status == 429 ? reply.with("Retry-After", "1") : reply
    }
}

/// A folder, a Pancake and a FolkForm over real HTTP, and runs of `sluice sync pancake --into folkform`.
final class FolkFormLab: Sendable {
    let folder: URL
    let database: String
    let pancake: SandboxHost<PancakeSandbox>
    let folkform: SandboxHost<FolkFormStage>
    private let world: PancakeWorld
    private let receiver: FolkFormWorld
    private let processes = Mutex<[SluiceProcess]>([])

    /// Where the rows are kept: a file, or a database of its own on the server.
    enum Place: String, CaseIterable {
        case file, server
        static let available = TargetDatabase.server == nil ? [Place.file] : allCases
    }

    private init(
        _ folder: URL, _ database: String, _ world: PancakeWorld, _ receiver: FolkFormWorld
    ) async throws {
        self.folder = folder
        self.database = database
        self.world = world
        self.receiver = receiver
        pancake = try await SandboxHost.start(PancakeSandbox(world), clock: SystemWallClock())
        folkform = try await SandboxHost.start(
            FolkFormStage(inner: FolkFormSandbox(receiver)), clock: SystemWallClock())
    }

    /// Pages of which each takes a few seconds, and a FolkForm without a limit, which the program is told too.
    static func with(
        pages: Int = 3, conversations: Int = 10, messages: Int = 20, in place: Place = .file,
        _ change: (inout FolkFormWorld) -> Void = { _ in }, body: (FolkFormLab) async throws -> Void
    ) async throws {
        let today = CivilDate(daysSince1970: Int32(SystemWallClock().now.seconds / 86_400))
        let sizes = ["pages": pages, "conversations": conversations, "messages": messages, "latency": 20]
        let world = PancakeWorld.bench(sizes: sizes, today: today)
        var receiver = try #require(FolkFormWorld.named("bench", seed: 7, sizes: ["rate": 0], today: today))
        receiver.latency = SandboxLatency(base: 20_000)
        change(&receiver)
        switch place {
        case .file: try await with(nil, world, receiver, body)
        case .server: try await TargetDatabase.with { try await with($0.url, world, receiver, body) }
        }
    }

    private static func with(
        _ database: String?, _ world: PancakeWorld, _ receiver: FolkFormWorld,
        _ body: (FolkFormLab) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("data.sqlite").path
        let lab = try await FolkFormLab(folder, database ?? file, world, receiver)
        let result: Result<Void, any Error>
        do {
            // Quick, but so that a kill meets the deliveries under way.
            let limit = try await lab.run(
                "sync", "folkform", "--account", "me", "--quota", "client=40/s:1", "--base-url", lab.folkform.url)
            #expect(limit.code == 0, "\(limit.err)")
            result = .success(try await body(lab))
        } catch {
            result = .failure(error)
        }
        for process in lab.processes.withLock({ $0 }) where process.isRunning {
            process.send(SIGKILL)
            await process.wait()
        }
        await lab.pancake.shutdown()
        await lab.folkform.shutdown()
        try? FileManager.default.removeItem(at: folder)
        try result.get()
    }

    // MARK: Running

    private var environment: [String: String] {
        var all = [
            "SLUICE_FOLKFORM_URL": folkform.url,
            "SLUICE_SECRET_KEY": Data(repeating: 7, count: 32).base64EncodedString(),
        ]
        for (field, value) in world.credential { all["SLUICE_PANCAKE_\(field.uppercased())"] = value }
        for (field, value) in receiver.credential { all["SLUICE_FOLKFORM_\(field.uppercased())"] = value }
        return all
    }

    func start(_ arguments: [String]) throws -> SluiceProcess {
        let process = try SluiceProcess(
            arguments + ["--database", database], environment: environment, folder: folder)
        processes.withLock { $0.append(process) }
        return process
    }

    func run(_ arguments: String...) async throws -> Outcome { try await start(arguments).wait() }

    func startSync(_ more: [String]) throws -> SluiceProcess {
        try start(["sync", "pancake", "--account", "all", "--base-url", pancake.url, "--json"] + more)
    }

    func sync(_ more: String...) async throws -> Outcome { try await startSync(more).wait() }

    func stored<R>(_ body: (Stored) throws -> R) throws -> R {
        let stored = try Stored(database)
        defer { try? stored.close() }
        return try body(stored)
    }

    /// Uploads that FolkForm got, refused ones too.
    var posts: Int { folkform.withSandbox { $0.posts } }

    // MARK: What is at Pancake and at FolkForm

    var pages: [String] { world.pages.map(\.id) }

    /// A switch of Pancake's sandbox: `message?page=1101&conversation=…`.
    func change(_ path: String) throws {
        let reply = pancake.withSandbox {
            $0.respond(to: WireRequest(.post, "/sandbox/\(path)"), at: SystemWallClock().now)
        }
        try #require(reply.response.status == 200, "\(String(decoding: reply.response.body, as: UTF8.self))")
    }

    private func ask(_ host: SandboxHost<some Sandbox>, _ path: String) throws -> Any {
        let reply = host.withSandbox {
            $0.respond(to: WireRequest(.get, "/sandbox/\(path)"), at: SystemWallClock().now)
        }
        return try JSONSerialization.jsonObject(with: Data(reply.response.body))
    }

    /// Ids of messages by conversation, the newest first.
    func messages(of page: String) throws -> [String: [String]] {
        try #require(try ask(pancake, "messages?page=\(page)") as? [String: [String]])
    }

    /// What FolkForm took, in order.
    struct Upload {
        let conversation: String
        let messages: [String]
        let updatedAt: String?
        let isConversation: Bool
    }

    func uploads() throws -> [Upload] {
        try #require(try ask(folkform, "uploads") as? [[String: Any]]).map { one in
            Upload(
                conversation: one["conversationId"] as? String ?? "", messages: one["messageIds"] as? [String] ?? [],
                updatedAt: one["updatedAt"] as? String, isConversation: one["kind"] as? String == "conversation")
        }
    }

    private func documents(_ collection: String, _ key: String) throws -> [String: [String: Any]] {
        let all = try #require(try ask(folkform, "documents?collection=\(collection)") as? [[String: Any]])
        return Dictionary(all.map { ($0[key] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Conversations and messages as Pancake has them now, read from a copy of it past its limit of calls.
    private func present() throws -> (conversations: [String: String], messages: [String: String]) {
        var copy = pancake.withSandbox { $0 }
        var now = SystemWallClock().now
        func read(_ path: String, _ name: String) throws -> [[String: Any]] {
            now = now + .seconds(1)
            let body = copy.respond(to: WireRequest(.get, path), at: now).response.body
            let json = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            return try #require(json?[name] as? [[String: Any]], "\(path): \(String(decoding: body, as: UTF8.self))")
        }
        var found = (conversations: [String: String](), messages: [String: String]())
        for page in pages {
            let body = copy.respond(to: WireRequest(.get, "/sandbox/token?page=\(page)"), at: now).response.body
            let json = try JSONSerialization.jsonObject(with: Data(body)) as? [String: String]
            let token = "page_access_token=\(json?["page_access_token"] ?? "")"
            let path = "/api/public_api/v1/pages/\(page)/conversations"
            let list = try read(
                "\(path.replacingOccurrences(of: "v1", with: "v2"))?\(token)", "conversations")
            for conversation in list {
                let id = try #require(conversation["id"] as? String)
                found.conversations[id] = text(conversation)
                for message in try read("\(path)/\(id)/messages?\(token)&current_count=0", "messages") {
                    found.messages["\(id) \(message["id"] as? String ?? "")"] = text(message)
                }
            }
        }
        return found
    }

    /// One text for what is the same.
    private func text(_ json: Any?) -> String {
        guard let json, let data = try? JSONSerialization.data(withJSONObject: json, options: .sortedKeys) else {
            return ""
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// FolkForm has each conversation and each message as Pancake has it now, and no others.
    func expectPresent(_ sourceLocation: SourceLocation = #_sourceLocation) throws {
        let present = try present()
        let conversations = try documents("facebook/conversation", "conversationId").map { id, document in
            "\(id) \(text(document["panCakeData"]))"
        }
        let there = present.conversations.map { "\($0) \($1)" }
        expectSame("conversations", conversations.sorted(), there.sorted(), sourceLocation)
        let messages = try documents("facebook/message-item", "messageId").values.map { document in
            "\(document["conversationId"] ?? "") \(document["messageId"] ?? "") \(text(document["messageData"]))"
        }
        expectSame("messages", messages.sorted(), present.messages.map { "\($0) \($1)" }.sorted(), sourceLocation)
    }

    /// No older state of a conversation came behind a newer one.
    func expectOrder(_ sourceLocation: SourceLocation = #_sourceLocation) throws {
        var newest: [String: String] = [:]
        for upload in try uploads() where upload.isConversation {
            let (id, time) = (upload.conversation, upload.updatedAt ?? "")
            #expect(time >= newest[id] ?? "", "an older state of \(id)", sourceLocation: sourceLocation)
            newest[id] = time
        }
    }
}
