import ConnectorKit
import HTTPTypes
import SyncCore
import SyncTestKit
import Synchronization
import Testing

/// Things that happen in a simulation, in order.
private final class Trace: Sendable {
    private let lines = Mutex<[String]>([])
    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

private actor Counter {
    private var value = 0
    func next() -> Int {
        value += 1
        return value
    }
}

private struct Echo: Sandbox {
    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        SandboxReply(WireResponse(status: 1, body: []))
    }
}

@Suite("SimExecutor")
struct SimExecutorTests {
    /// Ten tasks that go through an actor, child tasks, yields and sleeps; their order is the executor's choice.
    private func trace(seed: UInt64) throws -> (lines: [String], jobs: Int) {
        let executor = SimExecutor(seed: seed)
        let clock = SimClock()
        let trace = Trace()
        try executor.run(clock: clock) {
            let counter = Counter()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        async let turn = counter.next()
                        await Task.yield()
                        try? await clock.sleep(for: .milliseconds(number % 3))
                        trace.note("\(number) took turn \(await turn) at \(clock.now.offset)")
                    }
                }
            }
        }
        return (trace.all, executor.jobsRun)
    }

    @Test("The same seed gives the same interleaving", arguments: 0..<10 as Range<UInt64>)
    func sameSeed(seed: UInt64) throws {
        let first = try trace(seed: seed)

        for _ in 0..<5 {
            let again = try trace(seed: seed)
            #expect(again.lines == first.lines)
            #expect(again.jobs == first.jobs)
        }
    }

    @Test("Different seeds give different interleavings")
    func differentSeeds() throws {
        let traces = try (0..<20).map { try trace(seed: UInt64($0)).lines }

        #expect(traces.allSatisfy { $0.count == 10 })
        #expect(Set(traces).count == 20)
    }

    @Test("An hour costs nothing, and sleepers wake in the order of their deadlines")
    func time() throws {
        let clock = SimClock()
        let trace = Trace()

        try SimExecutor(seed: 1).run(clock: clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for minutes in [60, 20, 40] {
                    group.addTask {
                        try await clock.sleep(for: .seconds(minutes * 60))
                        trace.note("\(minutes)")
                    }
                }
                try await group.waitForAll()
            }
        }

        #expect(trace.all == ["20", "40", "60"])
        #expect(clock.now.offset == .seconds(3600))
        #expect(clock.sleeperCount == 0)
    }

    @Test("A sleep that is cancelled ends at once", arguments: 0..<20 as Range<UInt64>)
    func cancelledSleep(seed: UInt64) throws {
        let clock = SimClock()

        try SimExecutor(seed: seed).run(clock: clock) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await clock.sleep(for: .seconds(9)) }
                }
                await Task.yield()
                group.cancelAll()
            }
        }

        #expect(clock.now.offset == .zero)
        #expect(clock.sleeperCount == 0)
    }

    @Test("Results and errors of a scenario come out")
    func results() throws {
        #expect(try SimExecutor(seed: 1).run(clock: SimClock()) { 42 } == 42)
        #expect(throws: StoreError.diskFull) {
            try SimExecutor(seed: 1).run(clock: SimClock()) { throw StoreError.diskFull }
        }
    }

    @Test("A tapped network does not go deeper with each of many calls")
    func manyCalls() throws {
        let clock = SimClock()
        let network = SimNetwork(Echo(), clock: clock, platformClock: SimWallClock(clock, start: Instant(seconds: 0)))
        network.tap { _, _, answer in answer() }
        let transport = network.transport(of: SimProcess())

        let answered = try SimExecutor(seed: 1).run(clock: clock) {
            var answered = 0
            for _ in 0..<20_000 { answered += try await transport.send(WireRequest(.get, "/")).status }
            return answered
        }

        #expect(answered == 20_000)
    }

    @Test("A task that leaves the simulation is found as a stall")
    func escape() {
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)

        let stall = #expect(throws: SimExecutor.Stall.self) {
            try SimExecutor(seed: 1).run(clock: SimClock()) {
                // What production code must never do. The gate makes sure that the stray task is slow enough.
                await Task { for await _ in gate {} }.value
            }
        }
        opening.finish()

        guard case .stalled(let jobs) = stall else {
            Issue.record("\(String(describing: stall))")
            return
        }
        #expect(jobs > 0)
    }

    @Test("Waiting for what never comes is a stall, not a hang")
    func deadlock() {
        #expect(throws: SimExecutor.Stall.self) {
            try SimExecutor(seed: 1).run(clock: SimClock()) {
                let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
                for await _ in stream {}
                continuation.finish()
            }
        }
    }

    @Test("A scenario without end is stopped")
    func endless() {
        let stall = #expect(throws: SimExecutor.Stall.self) {
            try SimExecutor(seed: 1).run(clock: SimClock(), limit: 1000) {
                while !Task.isCancelled { await Task.yield() }
            }
        }

        guard case .endless = stall else {
            Issue.record("\(String(describing: stall))")
            return
        }
    }

    @Test("The clock on the wall goes with the manual clock and can be stepped")
    func wallClock() throws {
        let clock = SimClock()
        let wall = SimWallClock(clock, start: Instant(seconds: 1000))

        try SimExecutor(seed: 1).run(clock: clock) {
            try await clock.sleep(for: .seconds(5))
            #expect(wall.now == Instant(seconds: 1005))
            wall.step(by: .seconds(-100))
            try await clock.sleep(for: .seconds(5))
        }

        #expect(wall.now == Instant(seconds: 910))
        #expect(clock.now.offset == .seconds(10))
    }
}
