import SyncCore

/// A re-read replaces what was stored, and only what it has read (design.md, rule 2).
package enum ReplaceExercises {
    package static let all = [
        StoreExercise("A complete re-read of days removes rows that did not come again", replaces),
        StoreExercise("Rows of other days, things and accounts stay", keepsToItsScope),
        StoreExercise("Keys of all batches count, also across a pause and a crash", manyBatches),
        StoreExercise("An incomplete read and a read of some fields remove nothing", partialReads),
        StoreExercise("Things that a platform leaves out keep their rows, others lose those that did not come", spares),
        StoreExercise("A split chunk removes only in its own new scope", afterSplit),
        StoreExercise("Things that a complete listing did not return are looked at again", vanished),
        StoreExercise("Rows that moved to the second listing while they were read have all read again", moved),
        StoreExercise("Rows that moved once too often are kept, and nothing is deleted", movedAgain),
        StoreExercise("Where nothing has moved between two listings the chunk is done", nothingMoved),
        StoreExercise("A chunk that failed and is tried again removes nothing that it has read before", afterRetry),
    ]

    private static let january = StoreScene.days("2026-01-01", "2026-01-02")

    private static func stored(_ scene: StoreScene, _ account: Account) async throws -> Int {
        try await scene.store.count(StoreScene.numbers, account: account.externalID)
    }

    /// Stores three rows on each of the two days.
    private static func fill(_ scene: StoreScene, _ account: Account) async throws {
        let rows = ["2026-01-01", "2026-01-02"].flatMap { day in
            ["a", "b", "c"].map { (day: day, thing: $0, clicks: Int64(1)) }
        }
        _ = try await read(scene, account, StoreScene.reading(january), rows)
    }

    private static func read(
        _ scene: StoreScene, _ account: Account, _ spec: ChunkSpec,
        _ rows: [(day: String, thing: String, clicks: Int64)], isComplete: Bool = true
    ) async throws -> UpdateResult.Written {
        let job = try await scene.job(of: account, chunks: [spec])
        let chunk = try await scene.claimOne()
        let result = try await scene.update(
            chunk, .finish(.init(isComplete: isComplete)),
            tables: [StoreScene.numbers(rows, account: account)])
        _ = try await scene.store.finish(job)
        return try scene.written(result)
    }

    @Sendable static func replaces(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)

        let written = try await read(
            scene, account, StoreScene.reading(january),
            [(day: "2026-01-01", thing: "a", clicks: 1), (day: "2026-01-02", thing: "b", clicks: 2)])

        try expectEqual(written, .init(received: 2, changed: 1, deleted: 4, stepClosed: true), "result")
        try expectEqual(try await stored(scene, account), 2, "rows")
        let cells = try await scene.store.coverage(account: account.id, stream: StoreScene.numbers.id)
        try expectEqual(cells.map(\.rows), [1, 1], "rows by day")
    }

    private static let firstDay = StoreScene.days("2026-01-01", "2026-01-01")

    private static func batch(_ things: String, _ account: Account) -> [RowTable] {
        let rows = things.map { (day: "2026-01-01", thing: String($0), clicks: Int64(1)) }
        return [StoreScene.numbers(rows, account: account)]
    }

    /// The first listing brings `first` in one batch, the second `second` in two.
    private static func readTwice(
        _ scene: StoreScene, _ account: Account, _ first: String, _ second: String, from cursor: String? = nil,
        startOver: String?
    ) async throws -> UpdateResult.Written {
        let chunk = try await scene.claimOne()
        try expectEqual(chunk.cursor, cursor, "where it begins")
        _ = try await scene.update(chunk, .proceed(cursor: "second"), tables: batch(first, account))
        _ = try await scene.update(
            chunk, .proceed(cursor: "on"), tables: batch(String(second.prefix(1)), account), isSecondListing: true)
        let finish = ChunkUpdate.Finish(isComplete: true, startOver: startOver)
        return try scene.written(
            try await scene.update(
                chunk, .finish(finish), tables: batch(String(second.dropFirst()), account), isSecondListing: true))
    }

    @Sendable static func moved(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(firstDay)])

        // `b` moved, so that `c` was passed over.
        let first = try await readTwice(scene, account, "ab", "xb", startOver: "anew")
        let state = try await scene.chunks(job).first?.state
        let between = try await stored(scene, account)
        let second = try await readTwice(scene, account, "ac", "xb", from: "anew", startOver: nil)

        try expectEqual(first, .init(received: 1, changed: 0), "the first reading")
        try expectEqual(state, .pending, "state in between")
        try expect(try await scene.eventKinds(of: job).contains("chunk_started_over"), "no event")
        try expectEqual(between, 7, "rows in between")
        try expectEqual(second.deleted, 0, "deleted rows")
        try expectEqual(try await stored(scene, account), 7, "rows")
    }

    @Sendable static func movedAgain(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(firstDay)])

        let written = try await readTwice(scene, account, "ab", "xb", startOver: nil)

        try expectEqual(written.deleted, 0, "deleted rows")
        try expectEqual(try await scene.chunks(job).first?.state, .completed, "state")
        try expectEqual(try await stored(scene, account), 7, "rows")
    }

    @Sendable static func nothingMoved(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(firstDay)])

        let written = try await readTwice(scene, account, "ab", "xyx", startOver: "anew")

        try expectEqual(written.deleted, 1, "deleted rows")
        try expectEqual(try await scene.chunks(job).first?.state, .completed, "state")
    }

    @Sendable static func keepsToItsScope(_ scene: StoreScene) async throws {
        let account = try await scene.account("1")
        let other = try await scene.account("2")
        try await fill(scene, account)
        try await fill(scene, other)

        let written = try await read(
            scene, account, StoreScene.reading(DayRange(january.first), of: ["a", "b"]),
            [(day: "2026-01-01", thing: "a", clicks: 1)])

        try expectEqual(written.deleted, 1, "removed rows")
        try expectEqual(try await stored(scene, account), 5, "rows of the account")
        try expectEqual(try await stored(scene, other), 6, "rows of the other account")
    }

    @Sendable static func manyBatches(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(january)])
        func page(_ day: String, _ thing: String) -> [RowTable] {
            [StoreScene.numbers([(day: day, thing: thing, clicks: 1)], account: account)]
        }
        var chunk = try await scene.claimOne()
        _ = try await scene.update(chunk, .proceed(cursor: "2"), tables: page("2026-01-01", "a"))
        _ = try await scene.update(
            chunk, .wait(cursor: "3", after: .seconds(1), reason: .quota), tables: page("2026-01-01", "b"))
        scene.clock.advance(by: .seconds(1))
        chunk = try await scene.claimOne()
        _ = try await scene.update(
            chunk, .retry(after: .seconds(1), StoreScene.broken), tables: page("2026-01-02", "c"))
        let next = try await scene.reopened()
        next.clock.advance(by: .seconds(1))
        chunk = try await next.claimOne()

        let written = try await next.complete(chunk, rows: page("2026-01-02", "a"))

        try expectEqual(written.deleted, 2, "removed rows")
        try expectEqual(try await stored(next, account), 4, "rows")
    }

    @Sendable static func partialReads(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)
        var someFields = StoreScene.reading(january)
        someFields.fields = ["clicks"]

        let incomplete = try await read(scene, account, StoreScene.reading(january), [], isComplete: false)
        let partial = try await read(
            scene, account, someFields, [(day: "2026-01-01", thing: "a", clicks: 5)])

        try expectEqual([incomplete.deleted, partial.deleted], [0, 0], "removed rows")
        try expectEqual(try await stored(scene, account), 6, "rows")
    }

    @Sendable static func spares(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(january)])
        let rows = [(day: "2026-01-01", thing: "a", clicks: Int64(1)), (day: "2026-01-02", thing: "b", clicks: 1)]

        let finish = ChunkUpdate.Finish(isComplete: true, sparing: "thing_id")
        let written = try scene.written(
            try await scene.update(
                try await scene.claimOne(), .finish(finish), tables: [StoreScene.numbers(rows, account: account)]))
        _ = try await scene.store.finish(job)

        // One row of each of the two that came, none of the one that did not.
        try expectEqual(written.deleted, 2, "removed rows")
        let stored = try await scene.store.tally(StoreScene.numbers, account: account.externalID, column: "thing_id")
        try expectEqual(stored, ["a": 1, "b": 1, "c": 2], "rows by thing")
    }

    @Sendable static func afterSplit(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        try await fill(scene, account)
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(january)])
        let chunk = try await scene.claimOne()
        _ = try await scene.update(
            chunk, .proceed(cursor: "2"),
            tables: [StoreScene.numbers([(day: "2026-01-02", thing: "a", clicks: 1)], account: account)])
        _ = try await scene.update(
            chunk,
            .split(
                [StoreScene.reading(DayRange(january.first)), StoreScene.reading(DayRange(january.last))],
                reason: "too big"))

        var removed: [Int] = []
        for part in try await scene.claim() {
            removed.append(
                try await scene.complete(
                    part,
                    rows: [
                        StoreScene.numbers([(day: "2026-01-01", thing: "b", clicks: 1)], account: account)
                    ].filter { _ in part.id == chunk.id }
                ).deleted)
        }

        try expectEqual(removed.sorted(), [2, 3], "removed rows")
        try expectEqual(try await stored(scene, account), 1, "rows")
    }

    @Sendable static func vanished(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let first = try await scene.job(of: account, chunks: [StoreScene.listing()])
        try await scene.complete(
            try await scene.claimOne(), rows: [StoreScene.things(["1", "2", "3", "4"], account: account)])
        _ = try await scene.store.finish(first)
        let job = try await scene.job(of: account, chunks: [StoreScene.listing()])
        var chunk = try await scene.claimOne()
        _ = try await scene.update(
            chunk, .proceed(cursor: "2"), tables: [StoreScene.things(["1"], account: account)])
        let finish = ChunkUpdate.Finish(isComplete: true) { ids in
            [
                ChunkSpec(
                    stream: StoreScene.things.id, phase: .recent, entities: EntitySet(column: "id", ids: ids),
                    mode: "ids")
            ]
        }

        let written = try scene.written(
            try await scene.update(chunk, .finish(finish), tables: [StoreScene.things(["3"], account: account)]))

        try expect(!written.stepClosed, "the step closed over what vanished")
        chunk = try await scene.claimOne()
        try expectEqual(chunk.spec.entities?.ids, ["2", "4"], "ids to look at")
        try expectEqual(try await scene.jobNow(job).totalChunks, 2, "chunks")
        try expectEqual(try await scene.store.count(StoreScene.things, account: "1"), 4, "rows")
        let last = try scene.written(try await scene.update(chunk, .finish(finish)))
        try expect(last.stepClosed, "looking again led to looking again")
    }

    @Sendable static func afterRetry(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [StoreScene.reading(january)])
        var chunk = try await scene.claimOne()
        _ = try await scene.update(
            chunk, .proceed(cursor: "2"),
            tables: [StoreScene.numbers([(day: "2026-01-01", thing: "a", clicks: 1)], account: account)])
        _ = try await scene.update(chunk, .fail(StoreScene.broken))
        try expectEqual(try await scene.store.retry(job), 1, "chunks tried again")
        chunk = try await scene.claimOne()

        // What was read before the failure is forgotten, so the read has to start over.
        try expect(chunk.cursor == nil, "the chunk goes on in the middle")
        let written = try await scene.complete(
            chunk, rows: [StoreScene.numbers([(day: "2026-01-01", thing: "a", clicks: 1)], account: account)])

        try expectEqual(written.deleted, 0, "removed rows")
        try expectEqual(try await stored(scene, account), 1, "rows")
    }
}
