import SyncCore
import Testing

@testable import SyncWeb

@Suite("The bar of a sync")
struct ProgressBarTests {
    @Test("Chunks that failed are at its far end, those that wait behind those that run, and neither is done")
    func parts() throws {
        let stages = [
            StageProgress(stage: "ads", phase: .recent, total: 10, completed: 4, failed: 2, running: 1, waiting: 0),
            StageProgress(
                stage: "insights", phase: .recent, total: 10, completed: 1, failed: 0, running: 0, waiting: 3),
        ]

        let bar = try #require(ProgressPage.Bar(stages))

        #expect(bar.done == "25%" && bar.running == "5%")
        #expect(bar.waiting?.x == "30%" && bar.waiting?.width == "15%")
        #expect(bar.failed?.x == "90%" && bar.failed?.width == "10%")
    }

    @Test("Nothing is drawn of what is not there")
    func none() throws {
        #expect(ProgressPage.Bar([]) == nil)
        let bar = try #require(ProgressPage.Bar([StageProgress(stage: "ads", phase: .recent, total: 2, completed: 2)]))
        #expect(bar.done == "100%" && bar.waiting == nil && bar.failed == nil)
    }
}
