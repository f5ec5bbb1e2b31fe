import ConnectorKit
import SyncCore

/// The chunks of one step. A page is listed by one chunk, which finds the chunks of messages on its way. Later syncs
/// list what changed since the last one, and once a day all of it again (platforms.md 2.3: no listing is sure by
/// itself).
struct PancakePlanner {
    let request: PlanRequest

    static let sweepEvery: Duration = .seconds(86_400)
    /// A message may be listed later than its conversation says that it is there.
    static let overlap: Duration = .seconds(600)

    func specs() -> [ChunkSpec] {
        switch request.step {
        case PancakePlatform.recent: pages() + (listing().map { [$0] } ?? [])
        case PancakePlatform.history: sweep().map { [$0] } ?? []
        default: []
        }
    }

    private func has(_ stream: StreamID) -> Bool { request.streams.contains(stream) }

    private func pages() -> [ChunkSpec] {
        guard has(PancakeSchemas.pages.id) else { return [] }
        return [ChunkSpec(stream: PancakeSchemas.pages.id, phase: .recent, mode: "list")]
    }

    private var readsMessages: Bool { has(.messages) || has(.conversationDetails) }
    private var isWanted: Bool { readsMessages || has(.conversations) }

    private var state: ListingState? { request.listed[readsMessages ? .messages : .conversations] }

    private func chunk(_ range: PancakeRange) -> ChunkSpec {
        let mode = PancakeMode(range: range, readsMessages: readsMessages)
        return ChunkSpec(stream: .conversations, phase: request.step.phase, mode: mode.text)
    }

    private func listing() -> ChunkSpec? {
        guard isWanted else { return nil }
        if request.kind == .manual || request.kind == .backfill, let days = request.window,
            let zone = try? request.account.zone()
        {
            // Whoever wrote on these days may have written since: then the conversation stands further up.
            return chunk(PancakeRange(since: days.first.start(in: zone).seconds, isNamed: true))
        }
        guard let mark = state?.changedUpTo else { return chunk(PancakeRange()) }
        return chunk(PancakeRange(since: (mark - PancakePlanner.overlap).seconds))
    }

    /// What the last listings may have missed, behind what is new.
    private func sweep() -> ChunkSpec? {
        guard isWanted, request.kind != .manual, request.kind != .backfill, let state, state.changedUpTo != nil
        else { return nil }
        if let sweptAt = state.sweptAt, request.now - sweptAt < PancakePlanner.sweepEvery, !isBehind(sweptAt) {
            return nil
        }
        return chunk(PancakeRange())
    }

    /// What was read before the account got its destination did not go there.
    private func isBehind(_ sweptAt: Instant) -> Bool {
        request.account.destination != nil && request.account.routedAt.map { sweptAt <= $0 } ?? false
    }
}

/// Which conversations are listed, and how far back their messages are read; all of them without an end.
struct PancakeRange: Hashable, Codable {
    /// Unix seconds.
    var since: Int64?
    /// A person named the days: that says nothing of how far the page is.
    var isNamed = false
}

/// `ChunkSpec.mode` of a listing: `whole`, `since:1767225600`, of days that a person named `named:1767225600`, with
/// `+messages` where they are read too.
struct PancakeMode: Hashable {
    /// From `ChunkSpec.days` on.
    static let days = "days"
    static let withMessages = "+messages"

    var range: PancakeRange
    var readsMessages: Bool

    init(range: PancakeRange, readsMessages: Bool) {
        self.range = range
        self.readsMessages = readsMessages
    }

    init(_ text: String) {
        let parts = text.split(separator: "+")
        readsMessages = parts.contains("messages")
        range = PancakeRange()
        let words = (parts.first ?? "").split(separator: ":")
        guard words.count == 2, ["since", "named"].contains(words[0]) else { return }
        range = PancakeRange(since: Int64(words[1]), isNamed: words[0] == "named")
    }

    var text: String {
        let which = range.since.map { "\(range.isNamed ? "named" : "since"):\($0)" } ?? "whole"
        return readsMessages ? which + PancakeMode.withMessages : which
    }
}

/// The messages of some conversations: `ChunkSpec.entities` are the conversations, `mode` says `whole` or from when on
/// (`since:1767225600`), and behind a space whose they are, where that is known, in the same order.
struct PancakeThreads: Hashable {
    var since: Int64?
    var conversations: [String]
    var customers: [String]

    /// Conversations of one chunk: some seconds of calls.
    static let most = 10

    init(since: Int64?, _ conversations: [(id: String, customer: String)]) {
        self.since = since
        self.conversations = conversations.map(\.id)
        self.customers = conversations.map(\.customer)
    }

    init(_ spec: ChunkSpec) {
        conversations = spec.entities?.ids ?? []
        let parts = spec.mode.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let word = parts.first ?? ""
        since = word.hasPrefix("since:") ? Int64(word.dropFirst("since:".count)) : nil
        let texts = parts.count > 1 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
        customers = conversations.indices.map { index in
            index < texts.count ? FormCoding.unescape(String(texts[index])) : ""
        }
    }

    func spec(_ phase: Phase) -> ChunkSpec {
        let word = since.map { "since:\($0)" } ?? "whole"
        let texts = customers.map(FormCoding.escape).joined(separator: ",")
        return ChunkSpec(
            stream: .messages, phase: phase, entities: EntitySet(column: "conversation_id", ids: conversations),
            mode: "\(word) \(texts)")
    }

    subscript(_ range: Range<Int>) -> PancakeThreads {
        PancakeThreads(since: since, range.map { (id: conversations[$0], customer: customers[$0]) })
    }
}
