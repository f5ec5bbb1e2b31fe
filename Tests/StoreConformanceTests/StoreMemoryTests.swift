import SyncCore
import Testing

@testable import StoreSQL

@Suite("What a store remembers")
struct StoreMemoryTests {
    /// A standby that is promoted without the last commits gives their numbers out again.
    @Test("The facts of a job are read once, and again when its number has gone to a job of another account")
    func facts() {
        let memory = StoreMemory()
        var reads: [Int64] = []

        for account: Int64? in [5, nil, 5, 7, nil] {
            let facts = memory.facts(of: 57, account: account) {
                reads.append(account ?? 0)
                return JobFacts(
                    account: account ?? 0, connection: 1, platform: PlatformID("acme"), externalID: "",
                    anchor: CivilDate(daysSince1970: 0))
            }
            #expect(facts.account == account ?? reads.last)
        }

        #expect(reads == [5, 7])
    }

    @Test(
        "Chunks that ended are counted anew each time while there are few jobs, and with a million every 50 seconds",
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
