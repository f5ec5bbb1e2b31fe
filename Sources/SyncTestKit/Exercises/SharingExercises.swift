import SyncCore

/// Several processes on one database at once. For engines that let them (`StoreDifferences.isShared`).
package enum SharingExercises {
    package static let all = [
        StoreExercise("Eight claimers never get the same chunk, and every chunk is claimed once", claiming),
        StoreExercise("A chunk that ends in many hands at once leaves the job's numbers right", finishing),
        StoreExercise("A hundred orders for the same work make one job", enqueueing),
        StoreExercise("A rescue that races the end of its chunk never undoes it", rescueRace),
        StoreExercise("A cancel that races claims and ends leaves no chunk open", cancelRace),
        StoreExercise("Whoever follows the journal misses nothing and reads nothing twice", journal),
        StoreExercise("A quota that four processes draw from is never overdrawn", quota),
        StoreExercise("Days that several processes read at once are read, and their rows counted", days),
        StoreExercise("One process leads, and another takes over when it is gone", leading),
    ]

    @Sendable static func claiming(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(4)
        for number in 1...5 {
            let account = try await scene.account("\(number)")
            _ = try await scene.job(of: account, chunks: (0..<60).map { StoreScene.listing("\($0)") })
        }

        let claimed = try await together(8) { number in
            var mine: [ChunkID] = []
            while true {
                let chunks = try await stores[number % 4].claim(
                    ClaimRequest(worker: "w\(number)", limit: 7, perAccount: 3))
                // Others may have had the rest in hand at that moment.
                if chunks.isEmpty, try await stores[0].nextDue() == nil { return mine }
                mine += chunks.map(\.id)
            }
        }

        try expectEqual(claimed.flatMap(\.self).count, 300, "chunks claimed")
        try expectEqual(Set(claimed.flatMap(\.self)).count, 300, "different chunks")
    }

    @Sendable static func finishing(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(4)
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<80).map { StoreScene.listing("\($0)") })
        let chunks = try await scene.claim(80)
        try expectEqual(chunks.count, 80, "chunks claimed")

        let closings = try await together(8) { number in
            var closings = 0
            for chunk in chunks where Int(chunk.id.value) % 8 == number {
                let update = ChunkUpdate(
                    chunk, .finish(.init(isComplete: true)), spent: Spent(requests: 2),
                    notes: [Note("told", "The same")])
                guard case .written(let written) = try await stores[number % 4].update(update) else { continue }
                if written.stepClosed { closings += 1 }
            }
            return closings
        }

        let done = try require(try await scene.store.job(job), "the job")
        try expectEqual(
            [done.openChunks, done.completedChunks, done.failedChunks, done.spent.requests], [0, 80, 0, 160], "numbers")
        try expectEqual(closings.reduce(0, +), 1, "writes that closed the step")
        try expectEqual(try await scene.store.notes(of: job).count, 1, "notes")
    }

    @Sendable static func enqueueing(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(4)
        let account = try await scene.account()

        let answers = try await together(100) { number in
            try await stores[number % 4].enqueue(StoreScene.definition(account))
        }

        try expectEqual(answers.count(where: \.isNew), 1, "new jobs")
        try expectEqual(Set(answers.map(\.id)).count, 1, "jobs")
    }

    /// The lease has run out, and the worker writes at the moment at which it is rescued.
    @Sendable static func rescueRace(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(2)
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<40).map { StoreScene.listing("\($0)") })
        var completed = 0
        for _ in 0..<40 {
            let chunk = try await scene.claimOne()
            scene.clock.advance(by: .seconds(46))
            let ends = try await together(2) { number in
                if number == 0 {
                    let result = try await stores[0].update(ChunkUpdate(chunk, .finish(.init(isComplete: true))))
                    if case .written = result { return true }
                    return false
                }
                return try await stores[1].rescue().rescued.contains(chunk.id)
            }
            try expect(ends[0] != ends[1], "ended \(ends[0]), rescued \(ends[1])")
            if ends[0] { completed += 1 }
            let state = try await scene.state(of: chunk.id, in: job)
            try expectEqual(state, ends[0] ? .completed : .pending, "state")
            guard ends[1] else { continue }
            _ = try await scene.complete(try await scene.claimOne())
            completed += 1
        }
        try expectEqual(try await scene.store.job(job)?.completedChunks, completed, "completed chunks")
    }

    @Sendable static func cancelRace(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(4)
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: (0..<100).map { StoreScene.listing("\($0)") })

        _ = try await together(5) { number in
            guard number > 0 else { return _ = try await stores[0].cancel(job, by: "test") }
            for _ in 0..<10 {
                let chunks = try await stores[number % 4].claim(
                    ClaimRequest(worker: "w\(number)", limit: 3, perAccount: 3))
                for chunk in chunks {
                    _ = try await stores[number % 4].update(ChunkUpdate(chunk, .finish(.init(isComplete: true))))
                }
            }
        }

        let ended = try require(try await scene.store.job(job), "the job")
        try expectEqual(ended.state, .cancelled, "state")
        try expectEqual(ended.openChunks, 0, "open chunks")
        try expectEqual(ended.completedChunks + ended.cancelledChunks, 100, "chunks that ended")
        try expectEqual(try await scene.claim(10), [], "chunks to claim")
        let open = try await scene.store.chunks(of: job, in: [.pending, .inProgress, .waiting], limit: 10)
        try expectEqual(open.map(\.id), [], "open chunks")
    }

    @Sendable static func journal(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(4)
        let at = scene.clock.now

        let lists = try await together(5) { number in
            var read: [String] = []
            guard number < 4 else {
                var last: Int64 = 0
                while read.count < 200 {
                    let events = try await stores[0].events(after: last, limit: 50)
                    read += events.map(\.text)
                    last = events.last?.id ?? last
                }
                return read
            }
            for index in 0..<50 {
                try await stores[number].append(
                    [Event(id: 0, at: at, job: nil, account: nil, kind: "test", text: "\(number) \(index)")])
            }
            return []
        }

        try expectEqual(Set(lists[4]).count, 200, "different events")
        for number in 0..<4 {
            let mine = lists[4].filter { $0.hasPrefix("\(number) ") }
            try expectEqual(mine, (0..<50).map { "\(number) \($0)" }, "events of \(number), in order")
        }
    }

    @Sendable static func quota(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(4)
        let key = QuotaKey(StoreScene.platform, "account", "1")
        let limit = QuotaLimit(points: 60, per: .seconds(60), burst: 25)

        let granted = try await together(100) { number in
            try await stores[number % 4].withQuota(key, limit: limit) { quota, now in
                if case .go = quota.take(1, atLeast: 1, at: now) { 1 } else { 0 }
            }
        }

        try expectEqual(granted.reduce(0, +), 25, "points at once")
    }

    @Sendable static func days(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(4)
        let account = try await scene.account()
        let days = StoreScene.days("2026-11-01", "2026-11-07")
        let job = try await scene.job(of: account, chunks: (0..<12).map { StoreScene.reading(days, of: ["t\($0)"]) })
        let chunks = try await scene.claim(12)

        _ = try await together(12) { number in
            let chunk = chunks[number]
            let thing = try require(chunk.spec.entities?.ids.first, "the thing")
            let rows = days.days.map { (day: $0.description, thing: thing, clicks: Int64(1)) }
            let table = StoreScene.numbers(rows, account: account)
            _ = try await stores[number % 4].update(
                ChunkUpdate(chunk, .finish(.init(isComplete: true)), tables: [table]))
        }

        let cells = try await scene.store.coverage(account: account.id, stream: StoreScene.numbers.id)
        try expectEqual(cells.map(\.state), Array(repeating: .fresh, count: 7), "states of the days")
        try expectEqual(cells.map(\.rows), Array(repeating: 12, count: 7), "rows of the days")
        try expectEqual(try await scene.store.job(job)?.rowsWritten, 84, "rows written")
    }

    @Sendable static func leading(_ scene: StoreScene) async throws {
        let stores = try await scene.stores(2)

        let first = try await together(2) { number in
            try await stores[number].lead("upkeep", as: "w\(number)", for: .seconds(30))
        }
        let leader = try require(first.firstIndex { $0 != nil }, "a leader")
        let epoch = try require(first[leader], "its epoch")
        scene.clock.advance(by: .seconds(20))
        let renewed = try await stores[leader].lead("upkeep", as: "w\(leader)", for: .seconds(30))
        let other = try await stores[1 - leader].lead("upkeep", as: "w\(1 - leader)", for: .seconds(30))
        scene.clock.advance(by: .seconds(31))
        let heir = try await stores[1 - leader].lead("upkeep", as: "w\(1 - leader)", for: .seconds(30))
        let late = try await stores[leader].lead("upkeep", as: "w\(leader)", for: .seconds(30))

        try expectEqual(first.count { $0 != nil }, 1, "leaders")
        try expectEqual(renewed, epoch, "the epoch after a renewal")
        try expectEqual(other, nil, "the other's epoch")
        try expectEqual(heir, epoch + 1, "the heir's epoch")
        try expectEqual(late, nil, "the late one's epoch")
    }

    /// Runs `body` so often at once; the results in order.
    private static func together<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            for number in 0..<count { group.addTask { @concurrent in (number, try await body(number)) } }
            return try await group.reduce(into: [(Int, Value)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension StoreScene {
    /// So many stores on the scene's database, as so many processes have them; the scene's own is the first.
    fileprivate func stores(_ count: Int) async throws -> [any SyncStore] {
        var stores = [store]
        while stores.count < count {
            let another = try await another()
            try await another.prepare(StoreScene.schemas)
            stores.append(another)
        }
        return stores
    }
}
