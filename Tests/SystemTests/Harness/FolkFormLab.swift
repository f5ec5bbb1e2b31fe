import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import SyncHTTP
import Testing

/// A FolkForm that says, as its server does, when a refused call may come again.
struct FolkFormStage: Sandbox {
    var inner: FolkFormSandbox
    /// Uploads that came in, refused ones too.
    private(set) var posts = 0
    /// Its token counts no more.
    var isShut = false

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        if isShut { return .text(#"{"code":"AUTH_001","message":"no","status":"error"}"#, status: 401) }
        if request.method == .post, !request.target.hasPrefix("/sandbox") { posts += 1 }
        let reply = inner.respond(to: request, at: now)
        return reply.response.status == 429 ? reply.with("Retry-After", "1") : reply
    }
}

/// A folder, a Pancake and a FolkForm over real HTTP, and runs of `sluice sync pancake --into folkform`.
struct FolkFormLab {
    let home: TestFolder
    let database: String
    let pancake: SandboxHost<PancakeSandbox>
    let folkform: SandboxHost<FolkFormStage>
    private let world: PancakeWorld
    private let receiver: FolkFormWorld

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
        try await place.with { [receiver] in try await with($0?.url, world, receiver, body) }
    }

    private static func with(
        _ database: String?, _ world: PancakeWorld, _ receiver: FolkFormWorld,
        _ body: (FolkFormLab) async throws -> Void
    ) async throws {
        try await SandboxHost.with(PancakeSandbox(world)) { pancake in
            try await SandboxHost.with(FolkFormStage(inner: FolkFormSandbox(receiver))) { folkform in
                try await TestFolder.with { home in
                    let lab = FolkFormLab(
                        home: home, database: database ?? home.database, pancake: pancake, folkform: folkform,
                        world: world, receiver: receiver)
                    // Quick, but so that a kill meets the deliveries under way.
                    let limit = try await lab.run(
                        "sync", "folkform", "--account", "me", "--quota", "client=40/s:1", "--base-url", folkform.url)
                    #expect(limit.code == 0, "\(limit.err)")
                    try await body(lab)
                }
            }
        }
    }

    // MARK: Running

    private var environment: [String: String] {
        var all = TestFolder.key
        all["SLUICE_FOLKFORM_URL"] = folkform.url
        for (field, value) in world.credential { all["SLUICE_PANCAKE_\(field.uppercased())"] = value }
        for (field, value) in receiver.credential { all["SLUICE_FOLKFORM_\(field.uppercased())"] = value }
        return all
    }

    func start(_ arguments: [String]) throws -> SluiceProcess {
        try home.start(arguments + ["--database", database], environment)
    }

    func run(_ arguments: String...) async throws -> Outcome { try await start(arguments).wait() }

    func startSync(_ more: [String]) throws -> SluiceProcess {
        try start(["sync", "pancake", "--account", "all", "--base-url", pancake.url, "--json"] + more)
    }

    func sync(_ more: String...) async throws -> Outcome { try await startSync(more).wait() }

    func stored<R>(_ body: (Stored) throws -> R) throws -> R { try home.stored(body) }

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
