/// What a job that is done has cost: the price of the next one is told from it.
package struct PastJob: Sendable, Hashable {
    package var job: JobID
    package var account: AccountID
    package var kind: JobKind
    package var streams: [StreamID]
    /// What was asked for; nil for all that was due.
    package var requested: DayRange?
    /// Calls, as the platform counts them.
    package var requests: Int
    package var throttled: Int
    /// From its first chunk to its end.
    package var length: Duration
    package var finishedAt: Instant
    /// What each of its streams took; empty when its chunks are out of the queue already.
    package var parts: [StreamID: Part]
    /// The same by the way in which chunks were read.
    package var pieces: [Piece] = []

    package struct Part: Sendable, Hashable {
        package var requests: Int
        /// Different days that were read; 0 for a stream without days.
        package var days: Int
        package init(requests: Int, days: Int) {
            self.requests = requests
            self.days = days
        }
    }

    /// Chunks of one stream that were read in the same way.
    package struct Piece: Sendable, Hashable {
        package var stream: StreamID
        package var way: ChunkWay
        package var chunks: Int
        /// Days of all of them together; 0 for chunks without days.
        package var days: Int
        package var requests: Int
        /// Of the chunk that took fewest.
        package var least: Int

        package init(stream: StreamID, way: ChunkWay, chunks: Int, days: Int, requests: Int = 0, least: Int = 0) {
            self.stream = stream
            self.way = way
            self.chunks = chunks
            self.days = days
            self.requests = requests
            self.least = least
        }
    }

    package init(
        job: JobID, account: AccountID, kind: JobKind, streams: [StreamID], requested: DayRange?, requests: Int,
        throttled: Int, length: Duration, finishedAt: Instant, parts: [StreamID: Part] = [:]
    ) {
        self.job = job
        self.account = account
        self.kind = kind
        self.streams = streams
        self.requested = requested
        self.requests = requests
        self.throttled = throttled
        self.length = length
        self.finishedAt = finishedAt
        self.parts = parts
    }
}

/// How a chunk reads, without what is its own: the word of its mode (`list`, `since`), and from when on, where it says
/// so.
package struct ChunkWay: Sendable, Hashable {
    package var word: String
    package var since: Instant?

    package init(mode: String) {
        word = String(mode.prefix { $0 != ":" && $0 != " " })
        since =
            mode.dropFirst(word.count).first == ":"
            ? Int64(mode.dropFirst(word.count + 1).prefix { $0.isNumber }).map { Instant(seconds: $0) } : nil
    }
}

/// What was done of late and what is open, to tell beforehand what more would cost. The rules of `Ports.swift` hold
/// here, too.
package protocol PriceStore: Sendable {
    /// The newest jobs of each account that came to a good end, at most `limit` of each.
    func pastJobs(of accounts: [AccountID], limit: Int) async throws -> [PastJob]
    /// The first sync of each account that has come to a good end.
    func firstJobs(of accounts: [AccountID]) async throws -> [PastJob]
    /// Jobs that have not ended, the newest first.
    func openLogs(in workspace: WorkspaceID) async throws -> [LogEntry]
}
