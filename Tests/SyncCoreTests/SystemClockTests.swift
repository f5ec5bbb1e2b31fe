import Foundation
import SyncCore
import Testing

@Suite("The system's clock")
struct SystemClockTests {
    @Test("tells the present moment in microseconds since 1970")
    func now() {
        let before = Int64(Date().timeIntervalSince1970 * 1000)
        let now = SystemWallClock().now
        let after = Int64(Date().timeIntervalSince1970 * 1000)

        #expect((before...after).contains(now.microseconds / 1000))
    }
}
