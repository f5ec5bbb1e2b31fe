import SyncCore

/// What is stored is what came last, although rows that come again as they are are not looked up.
package enum DigestExercises {
    package static let all = [
        StoreExercise("Rows that come again as they are change nothing, and what differs is stored", comesAgain),
        StoreExercise("A value that came and went while a read was broken off is not taken for the old one", brokenOff),
        StoreExercise("What is known does not hold once another has changed it", outdated),
        StoreExercise("Nothing is known of a chunk that reads some entities, or that is not held", unknown),
        StoreExercise("Rows that come without a column keep it, and are not known the next time", withoutColumn),
        StoreExercise("Whatever comes in whatever order, what is stored is what came last", anything),
    ]

    private static let january = StoreScene.days("2026-01-01", "2026-01-02")

    private static func rows(_ account: Account, _ clicks: [Int64], known: KnownRows? = nil) -> RowTable {
        let days = ["2026-01-01", "2026-01-01", "2026-01-02"]
        let things = ["a", "b", "a"]
        let rows = zip(zip(days, things), clicks).map { (day: $0.0, thing: $0.1, clicks: $1) }
        return StoreScene.numbers(rows, account: account, known: known)
    }

    /// Reads both days whole: how many rows were known, and how many were changed.
    private static func read(
        _ scene: StoreScene, _ account: Account, _ clicks: [Int64]
    ) async throws -> (known: Int, changed: Int) {
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(january)])
        let chunk = try await scene.claimOne()
        let known = try await scene.store.known(of: chunk)
        let table = rows(account, clicks, known: known)
        let written = try await scene.complete(chunk, rows: [table])
        _ = try await scene.store.finish(job)
        try expectEqual(written.received, clicks.count, "received rows")
        return (table.known.keys.count, written.changed)
    }

    @Sendable static func comesAgain(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        var reads: [(known: Int, changed: Int)] = []
        for clicks: [Int64] in [[1, 2, 3], [1, 2, 3], [1, 5, 3], [1, 2, 3], [1, 2, 3]] {
            reads.append(try await read(scene, account, clicks))
        }
        let next = try await scene.reopened()
        reads.append(try await read(next, account, [1, 2, 4]))

        try expectEqual(reads.map(\.changed), [3, 0, 1, 1, 0, 1], "changed rows of each read")
        try expectEqual(reads.map(\.known), [0, 3, 2, 2, 3, 2], "known rows of each read")
        let stored = try await next.store.tally(StoreScene.numbers, account: account.externalID, column: "clicks")
        try expectEqual(stored, ["1": 1, "2": 1, "4": 1], "values")
    }

    @Sendable static func brokenOff(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await read(scene, account, [1, 2, 3])
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(january)])
        _ = try await scene.update(
            try await scene.claimOne(), .proceed(cursor: "2"), tables: [rows(account, [7, 2, 3])])
        _ = try await scene.store.cancel(job, by: "a test")
        let next = try await scene.reopened()

        let written = try await read(next, account, [1, 2, 3])

        try expectEqual(written.changed, 1, "changed rows")
    }

    @Sendable static func outdated(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await read(scene, account, [1, 2, 3])
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(january)])
        let slow = try await scene.claimOne()
        let known = try await scene.store.known(of: slow)
        _ = try await scene.job(
            of: account, chunks: [StoreScene.reading(january)], requested: StoreScene.days("2026-01-01", "2026-01-02"))
        try await scene.complete(try await scene.claimOne(), rows: [rows(account, [1, 9, 3])])

        let first = try await scene.update(
            slow, .finish(.init(isComplete: true)), tables: [rows(account, [1, 2, 3], known: known)])
        try expectEqual(first, .outdated, "a write that takes changed rows for known")
        try await scene.complete(slow, rows: [rows(account, [1, 2, 3])])

        let stored = try await scene.store.tally(StoreScene.numbers, account: account.externalID, column: "clicks")
        try expectEqual(stored, ["1": 1, "2": 1, "3": 1], "values")
    }

    @Sendable static func unknown(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await read(scene, account, [1, 2, 3])
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(january, of: ["a"])])
        let chunk = try await scene.claimOne()

        try expect(try await scene.store.known(of: chunk) == nil, "some entities")
        try await scene.complete(chunk, rows: [])
        _ = try await scene.job(
            of: account, chunks: [StoreScene.reading(january)], requested: StoreScene.days("2026-01-01", "2026-01-02"))
        let whole = try await scene.claimOne()
        var lost = whole
        lost.fence -= 1
        try expect(try await scene.store.known(of: lost) == nil, "a lost lease")
    }

    @Sendable static func withoutColumn(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await read(scene, account, [1, 2, 3])
        let job = try await scene.job(
            of: account, chunks: [StoreScene.reading(StoreScene.days("2026-01-02", "2026-01-02"))])

        let written = try await scene.complete(
            try await scene.claimOne(),
            rows: [StoreScene.bareNumbers([(day: "2026-01-02", thing: "a")], account: account)])
        _ = try await scene.store.finish(job)

        try expectEqual(written, .init(received: 1, changed: 0, deleted: 0, stepClosed: true), "what was written")
        let stored = try await scene.store.tally(StoreScene.numbers, account: account.externalID, column: "clicks")
        try expectEqual(stored, ["1": 1, "2": 1, "3": 1], "values")
        let next = try await read(scene, account, [1, 2, 3])
        try expectEqual(next.known, 2, "known rows, all of the other day")
        try expectEqual(next.changed, 0, "changed rows")
    }

    // MARK: Anything

    @Sendable static func anything(_ scene: StoreScene) async throws {
        var scene = scene
        for seed in UInt64(0)..<30 {
            var story = DigestStory(seed: seed, scene: scene, account: try await scene.account("\(seed)"))
            try await story.run(steps: 60)
            scene = story.scene
        }
    }
}

/// Chunks of several jobs that read the same few days at once, in an order that a seed decides. Beside the store
/// a plain dictionary follows what should be stored.
private struct DigestStory {
    let seed: UInt64
    var scene: StoreScene
    let account: Account
    private var random: SeededGenerator
    /// By key; a value tells its key, so that counting values tells all rows.
    private var wanted: [Key: Int64] = [:]
    private var seen: [ChunkID: Set<Key>] = [:]
    private var held: [ClaimedChunk] = []
    /// What is known to the worker of a chunk, once it has asked.
    private var known: [ChunkID: KnownRows?] = [:]

    private struct Key: Hashable {
        var day: Int
        var thing: Int
        var dayText: String { "2026-01-0\(day + 1)" }
        func value(_ variant: Int) -> Int64 { Int64(day * 100 + thing * 10 + variant) }
    }

    init(seed: UInt64, scene: StoreScene, account: Account) {
        self.seed = seed
        self.scene = scene
        self.account = account
        self.random = SeededGenerator(seed: seed)
    }

    mutating func run(steps: Int) async throws {
        for step in 0..<steps {
            try await act()
            let stored = try await scene.store.tally(
                StoreScene.numbers, account: account.externalID, column: "clicks")
            let expected = Dictionary(wanted.values.map { ("\($0)", 1) }) { $0 + $1 }
            try expectEqual(stored, expected, "rows of seed \(seed) after step \(step)")
        }
    }

    private mutating func act() async throws {
        guard !held.isEmpty, Int.random(in: 0..<5, using: &random) > 0 else { return try await begin() }
        let index = Int.random(in: 0..<held.count, using: &random)
        let chunk = held[index]
        let batch = batch(of: chunk.spec)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: try await write(chunk, .proceed(cursor: "on"), batch)
        case 5..<8:
            try await write(chunk, .finish(.init(isComplete: true)), batch)
            forgetUnseen(chunk)
            held.remove(at: index)
        case 8:
            try await write(chunk, .finish(.init(isComplete: false)), batch)
            held.remove(at: index)
        default:
            held.remove(at: index)
            try await leave(chunk, batch)
        }
    }

    /// A job for some of the days, perhaps for some things only.
    private mutating func begin() async throws {
        guard held.count < 3 else { return }
        let first = Int.random(in: 0..<3, using: &random)
        let last = Int.random(in: first..<3, using: &random)
        let days = StoreScene.days("2026-01-0\(first + 1)", "2026-01-0\(last + 1)")
        let things = Int.random(in: 0..<4, using: &random) == 0 ? ["0", "1"] : nil
        // Two open jobs of one account differ by what was asked for.
        let year = Int.random(in: 1000..<10_000, using: &random)
        let job = try await scene.job(
            of: account, chunks: [StoreScene.reading(days, of: things)],
            requested: StoreScene.days("\(year)-01-01", "\(year)-12-31"))
        held += try await scene.claim().filter { $0.job == job }
    }

    private mutating func batch(of spec: ChunkSpec) -> [(key: Key, value: Int64)] {
        guard let days = spec.days else { return [] }
        return (0..<Int.random(in: 0..<5, using: &random)).map { _ in
            let offset = Int.random(in: 0..<days.count, using: &random)
            let day = offset + Int(days.first.daysSince1970 - StoreScene.day("2026-01-01").daysSince1970)
            let things = spec.entities == nil ? 4 : 2
            let key = Key(day: day, thing: Int.random(in: 0..<things, using: &random))
            // Mostly the same value again.
            return (key: key, value: key.value(Int.random(in: 0..<5, using: &random) == 0 ? 1 : 0))
        }
    }

    private mutating func write(
        _ chunk: ClaimedChunk, _ outcome: ChunkUpdate.Outcome, _ batch: [(key: Key, value: Int64)]
    ) async throws {
        let rows = batch.map { (day: $0.key.dayText, thing: "\($0.key.thing)", clicks: $0.value) }
        var known = self.known[chunk.id] ?? nil
        if self.known[chunk.id] == nil, !rows.isEmpty {
            known = try await scene.store.known(of: chunk)
        }
        let table = StoreScene.numbers(rows, account: account, known: known)
        var result = try await scene.update(chunk, outcome, tables: [table])
        if result == .outdated {
            known = nil
            result = try await scene.update(chunk, outcome, tables: [StoreScene.numbers(rows, account: account)])
        }
        _ = try scene.written(result)
        known?.overtake(table)
        if !rows.isEmpty { self.known[chunk.id] = .some(known) }
        for (key, value) in batch {
            wanted[key] = value
            seen[chunk.id, default: []].insert(key)
        }
    }

    private mutating func forgetUnseen(_ chunk: ClaimedChunk) {
        let mine = seen[chunk.id] ?? []
        let days = chunk.spec.days.map { range in (0..<3).filter { range.contains(day($0)) } } ?? []
        wanted = wanted.filter { key, _ in
            let isInScope = days.contains(key.day) && (chunk.spec.entities == nil || key.thing < 2)
            return !isInScope || mine.contains(key)
        }
    }

    private func day(_ number: Int) -> CivilDate { StoreScene.day("2026-01-01").adding(days: number) }

    /// The chunk leaves its worker; sometimes it comes back, sometimes its job is cancelled, sometimes the process
    /// ends.
    private mutating func leave(_ chunk: ClaimedChunk, _ batch: [(key: Key, value: Int64)]) async throws {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            try await write(chunk, .handBack, batch)
        case 1:
            try await write(chunk, .fail(StoreScene.broken), batch)
            seen[chunk.id] = nil
            return
        case 2:
            _ = try await scene.store.cancel(chunk.job, by: "a test")
            seen[chunk.id] = nil
            return
        default:
            scene = try await scene.reopened()
            scene.clock.advance(by: .seconds(60))
            _ = try await scene.store.rescue()
            held = []
            known = [:]
        }
        scene.clock.advance(by: .seconds(2))
        let claimed = try await scene.claim().filter { $0.account == account.id }
        for chunk in claimed { known[chunk.id] = nil }
        held += claimed
    }
}
