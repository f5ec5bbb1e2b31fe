import SyncCore
import Synchronization

/// How often each claim of a scene has written.
final class WriteCounts: Sendable {
    private struct Claim: Hashable {
        var chunk: ChunkID
        var fence: Int64

        init(_ chunk: ClaimedChunk) {
            self.chunk = chunk.id
            self.fence = chunk.fence
        }
    }

    private let counts = Mutex<[Claim: Int]>([:])

    func count(of chunk: ClaimedChunk) -> Int { counts.withLock { $0[Claim(chunk), default: 0] } }

    func add(_ chunk: ClaimedChunk) { counts.withLock { $0[Claim(chunk), default: 0] += 1 } }
}
