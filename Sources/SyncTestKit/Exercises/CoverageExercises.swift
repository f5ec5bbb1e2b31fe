import SyncCore

/// The calendar of what was read.
package enum CoverageExercises {
    package static let all = [
        StoreExercise("A day goes from queued over running to fresh, or settled when it is old", lifeOfADay),
        StoreExercise("A day is read when the last chunk that covers it is", severalChunks),
        StoreExercise("A split by days or by things leaves no day out and none early", throughSplits),
        StoreExercise("Days of a failed chunk are failed until it is tried again", failedDays),
        StoreExercise("Days of a cancelled job are missing, unless they were read before", cancelledDays),
        StoreExercise("A day that was read once keeps its state while it is read again", readBefore),
        StoreExercise("Days that are not offered are marked, unless something was read", notOffered),
        StoreExercise("Days that turn out not to be offered are marked, unless rows are stored", foundNotOffered),
        StoreExercise("Rows of a day are counted when it is read", countsRows),
        StoreExercise("Days are counted by month, from a day on", months),
        StoreExercise("Streams without days have no cells", onlyDailyStreams),
    ]

    @Sendable static func lifeOfADay(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(
            of: account, chunks: [StoreScene.reading(StoreScene.days("2026-10-23", "2026-10-25"))])
        try expectEqual(
            try await scene.cells(account),
            ["2026-10-23": .queued, "2026-10-24": .queued, "2026-10-25": .queued], "cells when planned")

        let chunk = try await scene.claimOne()
        try expectEqual(Set(try await scene.cells(account).values), [.running], "cells when claimed")
        try await scene.complete(chunk)

        try expectEqual(
            try await scene.cells(account),
            ["2026-10-23": .settled, "2026-10-24": .fresh, "2026-10-25": .fresh], "cells at the end")
        let cells = try await scene.store.coverage(account: account.id, stream: StoreScene.numbers.id)
        try expectEqual(Set(cells.map(\.readAt)), [scene.clock.now], "moments of reading")
    }

    @Sendable static func months(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(
            of: account,
            chunks: [
                StoreScene.reading(StoreScene.days("2026-09-29", "2026-09-30")),
                StoreScene.reading(StoreScene.days("2026-10-01", "2026-10-03")),
            ])
        let store = try require(scene.store as? any WebStore, "a store for pages")
        let (september, october) = (
            StoreScene.days("2026-09-01", "2026-09-01").first, StoreScene.days("2026-10-01", "2026-10-01").first
        )

        try expectEqual(
            try await store.coverageMonths(of: account.id, from: september),
            [september: [.queued: 2], october: [.queued: 3]], "all months")
        try expectEqual(
            try await store.coverageMonths(of: account.id, from: october.adding(days: 1)), [october: [.queued: 2]],
            "from a day on")
    }

    @Sendable static func severalChunks(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(
            of: account,
            chunks: [
                StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"), of: ["1"]),
                StoreScene.reading(StoreScene.days("2026-11-02", "2026-11-03"), of: ["2"]),
            ])
        let chunks = try await scene.claim()

        try await scene.complete(chunks[0])
        try expectEqual(
            try await scene.cells(account),
            ["2026-11-01": .fresh, "2026-11-02": .running, "2026-11-03": .running], "cells after the first")
        try await scene.complete(chunks[1])

        try expectEqual(Set(try await scene.cells(account).values), [.fresh], "cells at the end")
    }

    @Sendable static func throughSplits(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let days = StoreScene.days("2026-11-01", "2026-11-04")
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(days, of: ["1", "2"])])
        let (early, late) = try require(days.halves, "halves")
        var chunk = try await scene.claimOne()
        _ = try await scene.update(
            chunk,
            .split(
                [StoreScene.reading(early, of: ["1", "2"]), StoreScene.reading(late, of: ["1", "2"])],
                reason: "days"))
        chunk = try await scene.claimOne()
        try expectEqual(chunk.spec.days, early, "the first part")
        _ = try await scene.update(
            chunk,
            .split([StoreScene.reading(early, of: ["1"]), StoreScene.reading(early, of: ["2"])], reason: "things"))
        let parts = try await scene.claim()
        try expectEqual(parts.count, 3, "parts")

        var early1: [CoverageState] = []
        for part in parts.sorted(by: { ($0.spec.days?.first ?? early.first) < ($1.spec.days?.first ?? early.first) }) {
            let cells = try await scene.cells(account)
            early1.append(try require(cells["2026-11-01"], "the first day"))
            try await scene.complete(part)
        }

        try expectEqual(early1, [.running, .running, .fresh], "the first day before each end")
        try expectEqual(Set(try await scene.cells(account).values), [.fresh], "cells at the end")
    }

    @Sendable static func failedDays(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let days = DayRange(StoreScene.day("2026-11-01"))
        let job = try await scene.job(
            of: account, chunks: [StoreScene.reading(days, of: ["1"]), StoreScene.reading(days, of: ["2"])])
        let chunks = try await scene.claim()
        _ = try await scene.update(chunks[0], .fail(StoreScene.broken))
        try await scene.complete(chunks[1])
        try expectEqual(try await scene.cells(account), ["2026-11-01": .failed], "after the failure")

        _ = try await scene.store.retry(job)
        try expectEqual(try await scene.cells(account), ["2026-11-01": .queued], "when tried again")
        try await scene.complete(try await scene.claimOne())

        try expectEqual(try await scene.cells(account), ["2026-11-01": .fresh], "at the end")
    }

    @Sendable static func cancelledDays(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let read = DayRange(StoreScene.day("2026-11-01"))
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(read)], requested: read)
        try await scene.complete(try await scene.claimOne())
        let job = try await scene.job(
            of: account, chunks: [StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"))])

        _ = try await scene.store.cancel(job, by: "somebody")

        try expectEqual(
            try await scene.cells(account), ["2026-11-01": .fresh, "2026-11-02": .missing], "when cancelled")
        _ = try await scene.store.retry(job)
        try expectEqual(
            try await scene.cells(account), ["2026-11-01": .fresh, "2026-11-02": .queued], "when tried again")
        try await scene.complete(try await scene.claimOne())
        try expectEqual(Set(try await scene.cells(account).values), [.fresh], "at the end")
    }

    @Sendable static func readBefore(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let days = StoreScene.days("2026-10-01", "2026-10-02")
        let first = try await scene.job(of: account, chunks: [StoreScene.reading(days)])
        try await scene.complete(try await scene.claimOne())
        _ = try await scene.store.finish(first)
        let readAt = scene.clock.now
        scene.clock.advance(by: .seconds(86_400))
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(days)])
        try expectEqual(Set(try await scene.cells(account).values), [.settled], "when planned again")

        let chunk = try await scene.claimOne()
        try expectEqual(Set(try await scene.cells(account).values), [.settled], "when claimed again")
        var cells = try await scene.store.coverage(account: account.id, stream: StoreScene.numbers.id)
        try expectEqual(Set(cells.map(\.readAt)), [readAt], "moments of reading")
        try await scene.complete(chunk)

        cells = try await scene.store.coverage(account: account.id, stream: StoreScene.numbers.id)
        try expectEqual(Set(cells.map(\.readAt)), [scene.clock.now], "moments of reading again")
    }

    @Sendable static func notOffered(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let first = try await scene.job(
            of: account, chunks: [StoreScene.reading(StoreScene.days("2026-01-02", "2026-01-02"))])
        try await scene.complete(try await scene.claimOne())
        _ = try await scene.store.finish(first)
        let job = try await scene.store.enqueue(StoreScene.definition(account)).id

        _ = try await scene.store.addStep(
            0, of: job, chunks: [],
            notOffered: [StoreScene.numbers.id: StoreScene.days("2026-01-01", "2026-01-03")],
            notes: [])

        try expectEqual(
            try await scene.cells(account),
            ["2026-01-01": .notOffered, "2026-01-02": .settled, "2026-01-03": .notOffered], "cells")
    }

    @Sendable static func foundNotOffered(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let day = StoreScene.days("2026-01-01", "2026-01-01")
        let days = StoreScene.days("2026-01-01", "2026-01-02")
        let first = try await scene.job(of: account, chunks: [StoreScene.reading(day)])
        try await scene.complete(
            try await scene.claimOne(),
            rows: [StoreScene.numbers([(day: "2026-01-01", thing: "1", clicks: 1)], account: account)])
        _ = try await scene.store.finish(first)
        _ = try await scene.job(of: account, chunks: [StoreScene.reading(days, of: ["1"]), StoreScene.reading(days)])
        let chunks = try await scene.claim()

        _ = try await scene.update(chunks[0], .finish(.init(isComplete: false, notOffered: true)))
        try expectEqual(try await scene.cells(account)["2026-01-02"], .running, "a day that another chunk reads, too")
        _ = try await scene.update(chunks[1], .finish(.init(isComplete: false, notOffered: true)))

        try expectEqual(
            try await scene.cells(account), ["2026-01-01": .settled, "2026-01-02": .notOffered], "cells")
        let cells = try await scene.store.coverage(account: account.id, stream: StoreScene.numbers.id)
        try expectEqual(cells.map { $0.readAt == nil }, [false, true], "days that were not read")
    }

    @Sendable static func countsRows(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        _ = try await scene.job(
            of: account,
            chunks: [
                StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"), of: ["1", "2"]),
                StoreScene.reading(StoreScene.days("2026-11-01", "2026-11-02"), of: ["3"]),
            ])
        let chunks = try await scene.claim()
        // One row comes twice, as when pages shift while they are read.
        _ = try await scene.update(
            chunks[0], .proceed(cursor: "2"),
            tables: [
                StoreScene.numbers(
                    [(day: "2026-11-01", thing: "1", clicks: 1), (day: "2026-11-01", thing: "2", clicks: 1)],
                    account: account)
            ])
        try await scene.complete(
            chunks[0],
            rows: [StoreScene.numbers([(day: "2026-11-01", thing: "2", clicks: 2)], account: account)])
        try await scene.complete(
            chunks[1],
            rows: [
                StoreScene.numbers(
                    [(day: "2026-11-01", thing: "3", clicks: 1), (day: "2026-11-02", thing: "3", clicks: 1)],
                    account: account)
            ])

        let cells = try await scene.store.coverage(account: account.id, stream: StoreScene.numbers.id)
        try expectEqual(cells.map(\.rows), [3, 1], "rows by day")
    }

    @Sendable static func onlyDailyStreams(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let spec = ChunkSpec(
            stream: StoreScene.messages.id, phase: .recent, days: StoreScene.days("2026-11-01", "2026-11-30"))
        _ = try await scene.job(of: account, chunks: [spec])
        try await scene.complete(try await scene.claimOne())

        let cells = try await scene.store.coverage(account: account.id, stream: StoreScene.messages.id)

        try expectEqual(cells, [], "cells")
    }
}
