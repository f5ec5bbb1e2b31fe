import SyncCore
import Testing

@testable import StoreSQL

@Suite("Chunks that ended")
struct EndedChunksTests {
    @Test(
        "are counted anew each time while there are few jobs, and with a million every 50 seconds",
        arguments: [(1000, 4), (1_000_000, 3)] as [(Int64, Int)])
    func counted(_ newest: Int64, _ expected: Int) {
        let memory = StoreMemory()
        let begin = Instant(seconds: 1_795_000_000)
        var reads = 0

        // The last is that of a clock that was set back.
        for second in [0, 49, 51, -3600] {
            _ = memory.endedChunks(ofJobs: newest, at: begin + .seconds(second)) {
                reads += 1
                return [.completed: reads]
            }
        }

        #expect(reads == expected)
    }
}
