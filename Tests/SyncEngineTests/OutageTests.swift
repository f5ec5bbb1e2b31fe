import StoreSQLite
import SyncCore
import SyncTestKit
import Testing

@testable import StoreSQL
@testable import SyncEngine

@Suite("A database that goes away")
struct OutageTests {
    @Test("is told once, is looked for at longer and longer intervals, and its return once")
    func machine() {
        var outage = Outage()
        let error = StoreError.unavailable("gone")

        let before = (outage.pause(jitter: 0.5), outage.answered(at: .seconds(1), byWriting: true))
        let isNew = outage.failed(error, at: .seconds(2))
        let first = outage.pause(jitter: 1)
        let isNewAgain = outage.failed(.diskFull, at: .seconds(3))
        let second = outage.pause(jitter: 1)
        for _ in 0..<20 { _ = outage.failed(error, at: .seconds(4)) }
        let late = outage.pause(jitter: 1)
        let length = outage.answered(at: .seconds(12), byWriting: false)
        let lengthAgain = outage.answered(at: .seconds(13), byWriting: true)

        #expect(before == (nil, nil))
        #expect(isNew && !isNewAgain)
        #expect(length == .seconds(10))
        #expect(lengthAgain == nil)
        #expect(first == .milliseconds(250))
        #expect(second == .milliseconds(500))
        #expect(late == .seconds(5))
        #expect(outage.error == nil)
    }

    @Test("for want of room is back with the first write and not with the first look")
    func full() {
        var outage = Outage()

        _ = outage.failed(.diskFull, at: .seconds(1))
        let look = outage.answered(at: .seconds(2), byWriting: false)
        let needsWrite = outage.needsWrite
        let write = outage.answered(at: .seconds(3), byWriting: true)

        #expect(look == nil)
        #expect(needsWrite)
        #expect(write == .seconds(2))
        #expect(!outage.needsWrite)
    }

    @Test(
        "does not end a worker: it says so once, and goes on by itself",
        arguments: [StoreError.unavailable("the server is gone"), .diskFull, .notWritable("x")])
    func outlasted(_ trouble: StoreError) throws {
        let world = try EngineWorld(latency: .seconds(1))

        let job = try world.run(outlastsTrouble: true) { world, engine in
            let chunks = (0..<40).map { "c\($0)" }.joined(separator: " ")
            let id = try await world.job(chunks)
            while world.calls.count < 8 { try await world.clock.sleep(for: .milliseconds(50)) }
            world.process.storeTrouble = trouble
            try await world.clock.sleep(for: .seconds(600))
            #expect(engine.outage == trouble)
            #expect(!engine.isStopping)
            world.process.storeTrouble = nil
            return try await world.wait(for: id)
        }

        #expect(job.state == .completed)
        #expect(job.completedChunks == 40)
        let told = world.news.filter { if case .jobStarted = $0 { false } else { true } }
        guard case .storeAway(trouble) = told.first else {
            Issue.record("the first thing told was \(String(describing: told.first))")
            return
        }
        let away = told.count { if case .storeAway = $0 { true } else { false } }
        let back = told.compactMap { if case .storeBack(let length) = $0 { length } else { nil } }
        #expect(away == 1)
        #expect(back.count == 1)
        #expect(back.allSatisfy { $0 >= .seconds(590) && $0 < .seconds(620) })
    }

    @Test("ends a sync when somebody has to act first")
    func fatal() throws {
        let world = try EngineWorld(latency: .seconds(1))

        #expect(throws: StoreError.diskFull) {
            try world.run { world, engine in
                _ = try await world.job("a b c")
                world.process.storeTrouble = .diskFull
                while !engine.isStopping { try await world.clock.sleep(for: .seconds(1)) }
            }
        }
    }

    @Test("that belongs to a newer program now ends a worker: it says so once, is not ready, and claims no more")
    func tooNew() throws {
        let world = try EngineWorld(latency: .seconds(1))
        let tooNew = StoreError.newerSchema(found: 9, known: 2)

        #expect(throws: tooNew) {
            try world.run(outlastsTrouble: true) { world, engine in
                _ = try await world.job((0..<40).map { "c\($0)" }.joined(separator: " "))
                while world.calls.count < 8 { try await world.clock.sleep(for: .milliseconds(50)) }
                world.process.storeTrouble = tooNew
                while !engine.isStopping { try await world.clock.sleep(for: .seconds(1)) }
                let calls = world.calls.count
                try await world.withHealth(of: engine, world.store) { health in
                    let ready = await health.readiness()
                    #expect(!ready.isGood)
                    #expect(ready.reason == "\(tooNew)")
                }
                try await world.clock.sleep(for: .seconds(60))
                #expect(world.calls.count == calls)
            }
        }

        let told = world.news.compactMap { if case .storeLost(let error) = $0 { error } else { nil } }
        #expect(told == [tooNew])
    }

    @Test("that refuses a write is told of at once, beside the chunk, and tried again with an attempt used")
    func refusedWrite() throws {
        let world = try EngineWorld()

        let (before, job) = try world.run { world, _ in
            try await world.wait(for: try await world.job("table"))
            let refusal = "BEGIN SELECT RAISE(ABORT, 'no'); END"
            try await world.change("CREATE TRIGGER no BEFORE INSERT ON work_things \(refusal)")
            let id = try await world.job("rows")
            while !world.news.contains(where: { if case .chunkNotWritten = $0 { true } else { false } }) {
                try await world.clock.sleep(for: .milliseconds(100))
            }
            try await world.clock.sleep(for: .milliseconds(100))
            let before = try #require(try await world.chunks(id).first)
            try await world.change("DROP TRIGGER no")
            return (before, try await world.wait(for: id))
        }

        #expect(before.state == .pending)
        #expect(before.retryCount == 1)
        #expect(before.errorClass == "bug")
        #expect(before.errorMessage == "The database holds what cannot be: no.")
        #expect(job.state == .completed)
    }

    @Test("that is damaged ends a worker, too")
    func damaged() throws {
        let world = try EngineWorld(latency: .seconds(1))

        #expect(throws: StoreError.corrupt("page 7")) {
            try world.run(outlastsTrouble: true) { world, engine in
                _ = try await world.job("a b c")
                world.process.storeTrouble = .corrupt("page 7")
                while !engine.isStopping { try await world.clock.sleep(for: .seconds(1)) }
            }
        }
    }
}

extension EngineWorld {
    /// Does to the database what no store does.
    fileprivate func change(_ sql: String) async throws {
        try await store.write(.schemas) { try $0.sql.rows(built: sql) { _ in } }
    }
}
