import SyncCore

/// Sums of stored rows, and certificates about them.
package enum CertificateExercises {
    package static let all = [
        StoreExercise("Rows are summed by day, and by the ids of a column among some of another", sums),
        StoreExercise("A value that no row has is no sum, and money adds up beyond what 32 bits hold", empty),
        StoreExercise("Rows are counted by the spans that a moment of theirs lies in", spans),
        StoreExercise("A certificate comes with the last write of its chunk, and once more in its place", written),
        StoreExercise("Of several currencies each has a certificate, in the place of one of all together", currencies),
        StoreExercise("A write that lost its lease leaves no certificate", stale),
        StoreExercise("Certificates are told the newest days first, and counted by days", counted),
        StoreExercise("Chunks of totals have no days in coverage, and follow one another in their stage", totals),
    ]

    private static let proven = StreamSchema(
        platform: StoreScene.platform, id: StreamID("proven"), stage: "figures", grain: .daily,
        columns: [
            Column(context: "account_id", .text), Column("date", .date, "date"), Column("set_id", .text, "set_id"),
            Column("thing_id", .text, "thing_id"), Column("clicks", .integer, "clicks"),
            Column("cost_micros", .money, "cost"),
        ], key: ["account_id", "date", "thing_id"], summary: "Numbers that are proven.",
        proof: ProofColumns(
            [.rows: "thing_id", .clicks: "clicks", .cost: "cost_micros"], path: ["set_id", "thing_id"]))

    private typealias Row = (day: String, set: String, thing: String, clicks: StoreScene.Value, cost: Int64)

    private static func store(_ scene: StoreScene, _ account: Account, _ rows: [Row]) async throws {
        try await scene.store.prepare([proven])
        let job = try await scene.job(
            of: account,
            chunks: [
                ChunkSpec(stream: proven.id, phase: .recent, days: StoreScene.days("2026-11-01", "2026-11-03"))
            ])
        let table = StoreScene.table(
            proven,
            rows.map {
                [
                    .text(account.externalID), .text($0.day), .text($0.set), .text($0.thing), $0.clicks,
                    .integer($0.cost),
                ]
            })
        try await scene.complete(try await scene.claimOne(), rows: [table])
        _ = try await scene.store.finish(job)
    }

    private static func place(_ day: String, _ id: String? = nil) -> Totals.Place {
        Totals.Place(StoreScene.day(day), id)
    }

    @Sendable static func sums(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let other = try await scene.account("2")
        let rows: [Row] = [
            ("2026-11-01", "A", "a", .integer(1), 10), ("2026-11-01", "A", "b", .integer(2), 20),
            ("2026-11-01", "B", "c", .integer(4), 40), ("2026-11-02", "A", "a", .integer(8), 80),
            ("2026-11-03", "A", "a", .integer(16), 160),
        ]
        try await store(scene, account, rows)
        try await store(scene, other, [("2026-11-01", "A", "a", .integer(99), 990)])
        let days = StoreScene.days("2026-11-01", "2026-11-02")
        let store = scene.store

        let whole = try await store.sums(proven, account: account.externalID, days: days, by: nil, of: nil)
        let sets = try await store.sums(proven, account: account.externalID, days: days, by: "set_id", of: nil)
        let things = try await store.sums(
            proven, account: account.externalID, days: days, by: "thing_id",
            of: EntitySet(column: "set_id", ids: ["A", "C"]))

        func sum(_ rows: Int, _ clicks: Int64, _ cost: Int64) -> StoredSum {
            StoredSum(rows: rows, figures: Figures([.rows: Int64(rows), .clicks: clicks, .cost: cost]))
        }
        try expectEqual(whole, [place("2026-11-01"): sum(3, 7, 70), place("2026-11-02"): sum(1, 8, 80)], "days")
        try expectEqual(
            sets,
            [
                place("2026-11-01", "A"): sum(2, 3, 30), place("2026-11-01", "B"): sum(1, 4, 40),
                place("2026-11-02", "A"): sum(1, 8, 80),
            ], "sets")
        try expectEqual(
            things,
            [
                place("2026-11-01", "a"): sum(1, 1, 10), place("2026-11-01", "b"): sum(1, 2, 20),
                place("2026-11-02", "a"): sum(1, 8, 80),
            ], "things of a set")
    }

    @Sendable static func empty(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let large: Int64 = 4_000_000_000_000_000
        try await store(
            scene, account, [("2026-11-01", "A", "a", .null, large), ("2026-11-01", "A", "b", .null, large)])

        let sums = try await scene.store.sums(
            proven, account: account.externalID, days: StoreScene.days("2026-11-01", "2026-11-03"), by: nil, of: nil)

        try expectEqual(
            sums,
            [place("2026-11-01"): StoredSum(rows: 2, figures: Figures([.rows: 2, .cost: 2 * large]))], "sums")
        let none = try await scene.store.sums(
            StoreScene.numbers, account: account.externalID, days: StoreScene.days("2026-11-01", "2026-11-03"),
            by: nil, of: nil)
        try expectEqual(none, [:], "sums of a stream that nothing proves")
    }

    @Sendable static func spans(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [ChunkSpec(stream: StoreScene.messages.id, phase: .recent)])
        let moments = ["2026-11-01T16:59:59.999Z", "2026-11-01T17:00:00.000Z", "2026-11-02T16:59:59.999Z"]
        let rows = moments.enumerated().map { number, moment -> [StoreScene.Value] in
            [.text(account.externalID), .text("\(number)"), .text(moment)]
        }
        try await scene.complete(
            try await scene.claimOne(),
            rows: [
                StoreScene.table(
                    StoreScene.messages,
                    rows + [
                        [
                            .text(account.externalID), .text("never"), .null,
                        ]
                    ])
            ])
        _ = try await scene.store.finish(job)
        let days = try (1...3).map { number in
            let zone = try account.zone()
            let day = StoreScene.day("2026-11-0\(number)")
            return (from: day.start(in: zone), before: day.adding(days: 1).start(in: zone))
        }

        let counts = try await scene.store.counts(
            StoreScene.messages, account: account.externalID, by: "sent_at", in: days)

        try expectEqual(counts, [1, 2, 0], "messages by day in Ho Chi Minh City")
    }

    // MARK: Certificates

    private static let look = ChunkSpec(
        stream: .totals, phase: .recent, days: StoreScene.days("2026-11-01", "2026-11-03"), mode: "first")

    private static func certificate(
        _ day: String, _ state: Certificate.State, _ job: JobID, stream: StreamID = proven.id, source: Int64 = 7
    ) -> Certificate {
        Certificate(
            stream: stream, day: StoreScene.day(day), state: state, rows: 3,
            stored: Figures([.rows: 3, .clicks: 7, .cost: 70]), source: Figures([.clicks: source, .revenue: 9]),
            rest: Figures([.impressions: 1, .orders: 2]), job: job)
    }

    private static func write(
        _ scene: StoreScene, _ chunk: ClaimedChunk, _ certificates: [Certificate], follow: [ChunkSpec] = []
    ) async throws -> UpdateResult {
        var update = ChunkUpdate(chunk, .finish(.init(isComplete: true)), follow: follow)
        update.certificates = certificates
        update.events = [Note("certificate_gap", "A gap.")]
        return try await scene.store.update(update)
    }

    @Sendable static func written(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [look, look])
        let first = try await scene.claimOne()
        let second = try await scene.claimOne()
        let checkedAt = scene.clock.now

        _ = try await write(scene, first, [certificate("2026-11-01", .checking, job)])
        let before = try await scene.store.certificates(account: account.id, days: nil, limit: 10)
        scene.clock.advance(by: .seconds(60))
        _ = try await write(scene, second, [certificate("2026-11-01", .gap, job, source: 12)])
        let next = try await scene.reopened()
        let after = try await next.store.certificates(account: account.id, days: nil, limit: 10)

        var wanted = certificate("2026-11-01", .checking, job)
        wanted.checkedAt = checkedAt
        try expectEqual(before, [wanted], "the first")
        wanted = certificate("2026-11-01", .gap, job, source: 12)
        wanted.checkedAt = checkedAt + .seconds(60)
        try expectEqual(after, [wanted], "the one in its place")
        let kinds = try await next.eventKinds(of: job)
        try expectEqual(kinds.count { $0 == "certificate_gap" }, 2, "lines of the journal")
    }

    @Sendable static func currencies(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [look, look])
        let day = "2026-11-01"
        func of(_ currency: String, _ state: Certificate.State) -> Certificate {
            var certificate = certificate(day, state, job)
            certificate.currency = currency
            return certificate
        }
        _ = try await write(
            scene, try await scene.claimOne(),
            [certificate(day, .equal, job), certificate("2026-11-02", .equal, job)])

        _ = try await write(scene, try await scene.claimOne(), [of("USD", .equal), of("EUR", .gap)])

        let found = try await scene.store.certificates(account: account.id, days: nil, limit: 10)
        try expectEqual(
            found.map { "\($0.day) \($0.stream) \($0.currency ?? "-") \($0.state.rawValue)" },
            ["2026-11-02 proven - equal", "\(day) proven EUR gap", "\(day) proven USD equal"], "certificates")
        let count = try await scene.store.proofCount(account: account.id)
        try expectEqual(count, ProofCount(days: 2, equal: 1, gaps: 1, checkedAt: scene.clock.now), "count")
    }

    @Sendable static func stale(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [look])
        var chunk = try await scene.claimOne()
        chunk.fence -= 1

        let result = try await write(scene, chunk, [certificate("2026-11-01", .equal, job)], follow: [look])

        try expectEqual(result, .stale, "the write")
        try expectEqual(
            try await scene.store.certificates(account: account.id, days: nil, limit: 10), [], "certificates")
        try expectEqual(try await scene.chunks(job).count, 1, "chunks")
    }

    @Sendable static func counted(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let other = try await scene.account("2")
        let job = try await scene.job(of: account, chunks: [look])
        let things = StoreScene.numbers.id
        _ = try await write(
            scene, try await scene.claimOne(),
            [
                certificate("2026-11-01", .equal, job), certificate("2026-11-01", .repaired, job, stream: things),
                certificate("2026-11-02", .equal, job), certificate("2026-11-02", .gap, job, stream: things),
                certificate("2026-11-03", .changing, job), certificate("2026-11-04", .notComparable, job),
                certificate("2026-11-05", .equal, job), certificate("2026-11-06", .repairing, job),
            ])
        let store = scene.store

        let count = try await store.proofCount(account: account.id)
        let newest = try await store.certificates(account: account.id, days: nil, limit: 3)
        let some = try await store.certificates(
            account: account.id, days: StoreScene.days("2026-11-01", "2026-11-02"), limit: 10)

        try expectEqual(
            count, ProofCount(days: 5, equal: 2, gaps: 2, repairing: 1, checkedAt: scene.clock.now), "count")
        try expectEqual(newest.map(\.day.description), ["2026-11-06", "2026-11-05", "2026-11-04"], "newest")
        try expectEqual(
            some.map { "\($0.day) \($0.stream)" },
            ["2026-11-02 numbers", "2026-11-02 proven", "2026-11-01 numbers", "2026-11-01 proven"], "some days")
        try expectEqual(try await store.proofCount(account: other.id), ProofCount(), "of another account")
    }

    @Sendable static func totals(_ scene: StoreScene) async throws {
        let account = try await scene.account()
        let job = try await scene.job(of: account, chunks: [look])
        let again = ChunkSpec(
            stream: .totals, phase: .recent, days: StoreScene.days("2026-11-02", "2026-11-02"), mode: "second")

        _ = try await write(scene, try await scene.claimOne(), [], follow: [again])
        let next = try await scene.claimOne()

        try expectEqual(next.spec, again, "the chunk that follows")
        try expectEqual(try await scene.store.coverage(account: account.id, stream: .totals), [], "cells")
        let stages = try await scene.store.stages(of: job)
        try expectEqual(stages.map(\.total), [2], "chunks of the stage")
        _ = try await write(scene, next, [])
        let isOver = try await scene.store.finish(job)
        try expect(isOver, "the job goes on")
    }
}
