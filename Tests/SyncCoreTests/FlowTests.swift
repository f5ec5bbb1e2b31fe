import SyncCore
import Testing

@Suite("Whether work moves")
struct FlowTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var due = 0
        var running = 0
        var quiet = 0
        var held = 0
        var verdict: Flow.Verdict
    }

    static let cases = [
        Case(testDescription: "nothing to do", quiet: 9999, held: 9999, verdict: .nothingDue),
        Case(testDescription: "chunks that have just become due", due: 37, quiet: 3, held: 9999, verdict: .moves),
        Case(testDescription: "the last moment of patience", due: 37, quiet: 120, verdict: .moves),
        Case(
            testDescription: "due chunks that nobody moves", due: 37, quiet: 240,
            verdict: .stalled(due: 37, for: .seconds(240))),
        Case(
            testDescription: "due chunks while all hands are busy with others", due: 1, running: 4, quiet: 121,
            verdict: .stalled(due: 1, for: .seconds(121))),
        Case(testDescription: "one long call", running: 1, quiet: 9999, held: 310, verdict: .moves),
        Case(
            testDescription: "chunks in hand that do not get on", running: 2, quiet: 1, held: 601,
            verdict: .stuck(running: 2, for: .seconds(601))),
    ]

    @Test("is decided by what is due, what is in hand, and for how long nothing got on", arguments: cases)
    func verdict(_ expected: Case) {
        let flow = Flow(
            due: expected.due, running: expected.running, quiet: .seconds(expected.quiet),
            held: .seconds(expected.held))

        #expect(flow.verdict(within: .seconds(120)) == expected.verdict)
    }
}
