import SyncCore
import Testing

/// Totals of a platform beside stored sums of an imaginary stream with campaigns and ads.
private struct Bench {
    static let anchor = CivilDate(daysSince1970: 20_717)
    static let began = Instant(seconds: 1_790_000_000)
    static let columns = ProofColumns(
        [.impressions: "impressions", .cost: "spend_micros"], path: ["campaign_id", "ad_id"])

    var look = ProofLook.first
    var days = Bench.days(-2, -1)
    var entities: EntitySet?
    var columns = Bench.columns
    var readAt = Bench.began + .seconds(60)
    var previous: [Certificate] = []
    var currency = "VND"
    var rest: Figures?
    var whole: Figures?

    static func day(_ offset: Int) -> CivilDate { anchor.adding(days: offset) }
    static func days(_ first: Int, _ last: Int) -> DayRange { DayRange(day(first), day(last)) ?? DayRange(anchor) }
    static func sum(_ impressions: Int64, _ cost: Int64 = 0, rows: Int = 1) -> StoredSum {
        StoredSum(rows: rows, figures: Figures([.impressions: impressions, .cost: cost]))
    }
    static func place(_ day: Int, _ id: String? = nil) -> Totals.Place { Totals.Place(Bench.day(day), id) }

    func certificate(_ day: Int, _ state: Certificate.State, stored: Int64, source: Int64) -> Certificate {
        Certificate(
            stream: StreamID("ads"), day: Bench.day(day), state: state, rows: 1,
            stored: Figures([.impressions: stored, .cost: 0]), source: Figures([.impressions: source, .cost: 0]))
    }

    static func money(_ cost: Int64) -> StoredSum { StoredSum(rows: 1, figures: Figures([.cost: cost])) }

    func outcome(
        stored: [Totals.Place: StoredSum], source: [Totals.Place: StoredSum], apart certificates: [Certificate] = []
    ) -> Proof.Outcome {
        let spec = ChunkSpec(stream: .totals, phase: .recent, days: days, entities: entities, mode: look.mode)
        var totals = Totals([.impressions, .cost], source.mapValues(\.figures), rest: rest)
        totals.whole = whole
        let plan = ProofPlan(mostDays: 30, repairMode: "again", mostEntities: 2, minorDigits: ["VND": 0])
        let proof = Proof(
            plan, look: look, spec: spec, totals: totals, anchor: Bench.anchor, job: JobID(7), jobBegan: Bench.began,
            currency: currency, platform: "Acme")
        let read = Dictionary(uniqueKeysWithValues: days.days.map { ($0, readAt) })
        let subject = Proof.Subject(
            stream: StreamID("ads"), columns: columns, readAt: read,
            previous: Dictionary(uniqueKeysWithValues: previous.map { ($0.day, $0) }), stored: stored)
        return proof.outcome(of: subject.apart(totals, certificates: certificates))
    }

    func states(stored: [Int: StoredSum], source: [Int: StoredSum]) -> [Certificate.State] {
        func placed(_ sums: [Int: StoredSum]) -> [Totals.Place: StoredSum] {
            Dictionary(uniqueKeysWithValues: sums.map { (Bench.place($0.key), $0.value) })
        }
        return outcome(stored: placed(stored), source: placed(source)).certificates.map(\.state)
    }
}

@Suite("A proof of days")
struct ProofTests {
    @Test("says equal of equal sums, and of a day that has nothing on either side")
    func equal() {
        let bench = Bench()

        let outcome = bench.outcome(stored: [Bench.place(-2): Bench.sum(5)], source: [Bench.place(-2): Bench.sum(5)])

        #expect(outcome.certificates.map(\.state) == [.equal, .equal])
        #expect(outcome.certificates.map(\.rows) == [1, 0])
        #expect(outcome.follow.isEmpty && outcome.notes.isEmpty)
        #expect(outcome.events == [Note("certificate_equal", "2 of 2 days equal the totals of Acme.")])
    }

    @Test("looks once more at days that differ before it calls them a gap")
    func twice() {
        let outcome = Bench().outcome(
            stored: [Bench.place(-2): Bench.sum(4)], source: [Bench.place(-2): Bench.sum(5)])

        #expect(outcome.certificates.map(\.state) == [.checking, .equal])
        #expect(
            outcome.follow
                == [ChunkSpec(stream: .totals, phase: .recent, days: Bench.days(-2, -2), mode: "second")])
        #expect(!outcome.events.contains { $0.kind == "certificate_gap" })
    }

    @Test("calls no gap what moves at the platform between two looks, nor today")
    func moving() {
        var second = Bench(look: .second, days: Bench.days(-2, -2))
        second.previous = [second.certificate(-2, .checking, stored: 4, source: 5)]

        #expect(second.states(stored: [-2: Bench.sum(4)], source: [-2: Bench.sum(6)]) == [.changing])
        let today = Bench(days: Bench.days(0, 0))
        #expect(today.states(stored: [0: Bench.sum(4)], source: [0: Bench.sum(6)]) == [.changing])
    }

    @Test("calls no gap what has changed at the platform since a day was read, unless its rows were touched")
    func readBefore() {
        var bench = Bench(days: Bench.days(-2, -2), readAt: Bench.began - .seconds(60))
        bench.previous = [bench.certificate(-2, .equal, stored: 4, source: 4)]

        #expect(bench.states(stored: [-2: Bench.sum(4)], source: [-2: Bench.sum(6)]) == [.changing])
        #expect(bench.states(stored: [-2: Bench.sum(3)], source: [-2: Bench.sum(4)]) == [.checking])
        bench.previous = []
        #expect(bench.states(stored: [-2: Bench.sum(4)], source: [-2: Bench.sum(6)]) == [.changing])
    }

    @Test("finds a gap at the second look and asks for sums by campaign, then by ad, then reads those ads again")
    func bisecting() {
        var second = Bench(look: .second, days: Bench.days(-2, -2))
        second.previous = [second.certificate(-2, .checking, stored: 4, source: 6)]
        let found = second.outcome(stored: [Bench.place(-2): Bench.sum(4)], source: [Bench.place(-2): Bench.sum(6)])
        var campaigns = second
        campaigns.look = .search("campaign_id")
        campaigns.previous = found.certificates
        let differing = campaigns.outcome(
            stored: [Bench.place(-2, "a"): Bench.sum(2), Bench.place(-2, "b"): Bench.sum(2)],
            source: [Bench.place(-2, "a"): Bench.sum(2), Bench.place(-2, "b"): Bench.sum(4)])
        var ads = campaigns
        ads.look = .search("ad_id")
        ads.entities = EntitySet(column: "campaign_id", ids: ["b"])
        let last = ads.outcome(
            stored: [Bench.place(-2, "b1"): Bench.sum(1), Bench.place(-2, "b3"): Bench.sum(1)],
            source: [Bench.place(-2, "b1"): Bench.sum(1), Bench.place(-2, "b2"): Bench.sum(3)])

        #expect(found.certificates.map(\.state) == [.repairing])
        #expect(
            found.events
                == [Note("certificate_gap", "ads 2026-09-19 lacks 2 of impressions: it is searched and read again.")])
        #expect(found.follow.map(\.mode) == ["search:campaign_id"])
        #expect(
            differing.follow == [
                ChunkSpec(
                    stream: .totals, phase: .recent, days: Bench.days(-2, -2),
                    entities: EntitySet(column: "campaign_id", ids: ["b"]), mode: "search:ad_id")
            ])
        // One that is missing here, and one that is no more at the platform.
        #expect(
            last.follow == [
                ChunkSpec(
                    stream: StreamID("ads"), phase: .recent, days: Bench.days(-2, -2),
                    entities: EntitySet(column: "ad_id", ids: ["b2", "b3"]), mode: "again")
            ])
    }

    @Test("says after the repair that a day is repaired, or keeps what is left of the gap and tells it")
    func afterwards() {
        var bench = Bench(look: .last, days: Bench.days(-2, -2))
        bench.previous = [bench.certificate(-2, .repairing, stored: 4, source: 6)]

        let mended = bench.outcome(stored: [Bench.place(-2): Bench.sum(6)], source: [Bench.place(-2): Bench.sum(6)])
        let left = bench.outcome(stored: [Bench.place(-2): Bench.sum(5)], source: [Bench.place(-2): Bench.sum(6)])

        #expect(mended.certificates.map(\.state) == [.repaired])
        #expect(
            mended.events
                == [Note("certificate_repaired", "ads 2026-09-19 equals the totals of Acme again.")])
        #expect(left.certificates.map(\.state) == [.gap])
        #expect(left.certificates.map(\.difference) == [Figures([.impressions: -1, .cost: 0])])
        #expect(
            left.notes
                == [
                    Note(
                        "certificate_gap",
                        "ads 2026-09-19 lacks 1 of impressions: reading it again did not change that.")
                ])
    }

    @Test("does not search again for a gap that was left and is the same")
    func leftGap() {
        var bench = Bench(days: Bench.days(-2, -2))
        bench.previous = [bench.certificate(-2, .gap, stored: 4, source: 6)]

        let same = bench.outcome(stored: [Bench.place(-2): Bench.sum(14)], source: [Bench.place(-2): Bench.sum(16)])

        #expect(same.certificates.map(\.state) == [.gap])
        #expect(same.follow.isEmpty)
        #expect(bench.states(stored: [-2: Bench.sum(3)], source: [-2: Bench.sum(6)]) == [.checking])
    }

    @Test("keeps a gap that no campaign explains: the platform counts more than it shows")
    func unexplained() {
        var bench = Bench(look: .search("campaign_id"), days: Bench.days(-2, -2))
        bench.previous = [bench.certificate(-2, .repairing, stored: 4, source: 6)]

        let outcome = bench.outcome(
            stored: [Bench.place(-2, "a"): Bench.sum(4)], source: [Bench.place(-2, "a"): Bench.sum(4)])

        #expect(outcome.certificates.map(\.state) == [.gap])
        #expect(outcome.follow.isEmpty)
        #expect(outcome.notes.map(\.kind) == ["certificate_gap"])
    }

    @Test(
        "takes money as equal within what rounding each row may have done, in the currency's smallest unit",
        arguments: [("USD", 20_000, true), ("USD", 20_001, false), ("VND", 2_000_000, true), ("VND", 2_000_001, false)])
    func rounding(_ currency: String, _ micros: Int64, _ isEqual: Bool) {
        // Three rows and the total: half a unit of each.
        let bench = Bench(days: Bench.days(-2, -2), currency: currency)

        let states = bench.states(stored: [-2: Bench.sum(5, 0, rows: 3)], source: [-2: Bench.sum(5, micros)])

        #expect(states == [isEqual ? .equal : .checking])
    }

    @Test("takes for equal what the platform has beyond the rows where it says itself that it is so much")
    func rest() {
        func look(_ first: Int64, _ second: Int64) -> Proof.Outcome {
            var bench = Bench(look: .second, columns: Bench.columns)
            bench.columns.hasRest = true
            bench.rest = Figures([.impressions: 3, .cost: 0])
            let source = [Bench.place(-2): first, Bench.place(-1): second]
            bench.previous = [
                bench.certificate(-2, .checking, stored: 4, source: first),
                bench.certificate(-1, .checking, stored: 4, source: second),
            ]
            return bench.outcome(
                stored: [Bench.place(-2): Bench.sum(4), Bench.place(-1): Bench.sum(4)],
                source: source.mapValues { Bench.sum($0) })
        }

        let (equal, more) = (look(5, 6), look(5, 7))
        // As much altogether, and less than is stored of one day.
        let less = look(2, 9)

        #expect(equal.certificates.map(\.state) == [.equal, .equal])
        #expect(equal.certificates.map { $0.rest[.impressions] } == [1, 2])
        #expect(more.certificates.map(\.state) == [.checking, .checking])
        #expect(more.follow.map(\.mode) == ["search:campaign_id"])
        #expect(less.certificates.map(\.state) == [.repairing, .checking])
    }

    @Test("leaves a stream as it is when another one of the same day is looked at again")
    func sibling() {
        for look in [ProofLook.second, .last] {
            var bench = Bench(look: look, days: Bench.days(-2, -2))
            bench.previous = [bench.certificate(-2, .changing, stored: 4, source: 6)]
            let changing = bench.states(stored: [-2: Bench.sum(4)], source: [-2: Bench.sum(6)])
            bench.previous = [bench.certificate(-2, .gap, stored: 4, source: 6)]
            let gap = bench.states(stored: [-2: Bench.sum(4)], source: [-2: Bench.sum(6)])

            #expect(changing == [.changing])
            #expect(gap == [.gap])
        }
    }

    @Test("takes the rest for what it is when all campaigns are equal, and looks beyond it at the next look")
    func restOfSearch() {
        var search = Bench(look: .search("campaign_id"), days: Bench.days(-2, -2))
        search.columns = ProofColumns(Bench.columns.columns, path: ["campaign_id"], hasRest: true)
        search.previous = [search.certificate(-2, .checking, stored: 4, source: 7)]
        let equal = search.outcome(
            stored: [Bench.place(-2, "a"): Bench.sum(4)], source: [Bench.place(-2, "a"): Bench.sum(4)])
        let short = search.outcome(
            stored: [Bench.place(-2, "a"): Bench.sum(4)],
            source: [Bench.place(-2, "a"): Bench.sum(4), Bench.place(-2, "b"): Bench.sum(2)])
        var last = search
        last.look = .last
        last.previous = short.certificates
        var next = search
        next.look = .first
        next.previous = equal.certificates

        #expect(equal.certificates.map(\.state) == [.equal])
        #expect(short.certificates.map(\.state) == [.repairing])
        #expect(short.certificates.map { $0.difference[.impressions] } == [-2])
        #expect(short.follow.map(\.stream) == [StreamID("ads")])
        #expect(last.states(stored: [-2: Bench.sum(6)], source: [-2: Bench.sum(7)]) == [.repaired])
        #expect(next.states(stored: [-2: Bench.sum(4)], source: [-2: Bench.sum(7)]) == [.equal])
    }

    @Test("takes all days for equal whose one sum is equal, and asks for each half where it is not")
    func whole() {
        var bench = Bench(days: Bench.days(-4, -1))
        bench.columns.path = []
        bench.whole = Figures([.impressions: 9])
        let stored = [Bench.place(-4): Bench.sum(4), Bench.place(-1): Bench.sum(5)]

        let equal = bench.outcome(stored: stored, source: [:])
        bench.whole = Figures([.impressions: 10])
        let differs = bench.outcome(stored: stored, source: [:])

        #expect(equal.certificates.map(\.state) == Array(repeating: .equal, count: 4))
        #expect(equal.certificates.map { $0.source[.impressions] } == [4, 0, 0, 5])
        #expect(equal.certificates.allSatisfy { $0.source[.cost] == nil })
        #expect(differs.certificates.isEmpty)
        #expect(
            differs.follow
                == [Bench.days(-2, -1), Bench.days(-4, -3)].map {
                    ChunkSpec(stream: .totals, phase: .recent, days: $0, mode: "first")
                })
    }

    @Test("takes things that are more here than at the platform for moved on, where they move from day to day")
    func movedOn() {
        var bench = Bench(days: Bench.days(-4, -1))
        bench.columns = ProofColumns([.impressions: "impressions"], moment: "updated_at")
        bench.whole = Figures([.impressions: 8])
        let stored = [Bench.place(-4): Bench.sum(4), Bench.place(-1): Bench.sum(5)]

        let fewer = bench.outcome(stored: stored, source: [:])
        bench.whole = Figures([.impressions: 10])
        let more = bench.outcome(stored: stored, source: [:])
        bench.whole = nil
        bench.days = Bench.days(-4, -4)

        #expect(fewer.certificates.isEmpty && fewer.follow.isEmpty)
        #expect(more.follow.count == 2)
        #expect(bench.states(stored: [-4: Bench.sum(4)], source: [-4: Bench.sum(3)]) == [.changing])
        #expect(bench.states(stored: [-4: Bench.sum(4)], source: [-4: Bench.sum(5)]) == [.checking])
    }

    @Test("reads a stream again whole that has nothing to be searched by")
    func nothingToSearch() {
        var second = Bench(look: .second, days: Bench.days(-3, -2))
        second.columns.path = []
        second.previous = [-3, -2].map { second.certificate($0, .checking, stored: 4, source: 6) }
        let stored = [Bench.place(-3): Bench.sum(4), Bench.place(-2): Bench.sum(4)]

        let outcome = second.outcome(
            stored: stored, source: [Bench.place(-3): Bench.sum(6), Bench.place(-2): Bench.sum(6)])

        #expect(outcome.certificates.map(\.state) == [.repairing, .repairing])
        #expect(
            outcome.follow
                == [ChunkSpec(stream: StreamID("ads"), phase: .recent, days: Bench.days(-3, -2), mode: "again")])
    }

    @Test("compares nothing where nothing is known on both sides")
    func notComparable() {
        let bench = Bench(days: Bench.days(-2, -2))
        let bare = StoredSum(rows: 3, figures: Figures())

        #expect(bench.states(stored: [-2: bare], source: [-2: Bench.sum(7)]) == [.notComparable])
    }

    @Test("compares each currency by itself: gaps that make up for one another are two, and each day is told of once")
    func currencies() {
        let columns = ProofColumns([.cost: "payment"], currency: "currency")
        let (usd, eur) = (Bench.place(-2, "USD"), Bench.place(-2, "EUR"))
        let bench = Bench(look: .second, columns: columns)
        let before = ["EUR", "USD"].map { currency in
            var certificate = bench.certificate(-2, .checking, stored: 0, source: 0)
            certificate.currency = currency
            certificate.source = Figures([.cost: currency == "USD" ? 1_500_000_000 : 500_000_000])
            return certificate
        }
        let old = bench.certificate(-2, .equal, stored: 1, source: 1)

        let outcome = bench.outcome(
            stored: [usd: Bench.money(1_000_000_000), eur: Bench.money(1_000_000_000)],
            source: [usd: Bench.money(1_500_000_000), eur: Bench.money(500_000_000)], apart: before + [old])

        let told = outcome.certificates.map { "\($0.day) \($0.currency ?? "-") \($0.state.rawValue)" }
        #expect(
            told.sorted() == [
                "\(Bench.day(-2)) EUR repairing", "\(Bench.day(-2)) USD repairing", "\(Bench.day(-1)) - equal",
            ])
        #expect(outcome.certificates.first { $0.currency == "USD" }?.difference == Figures([.cost: -500_000_000]))
        #expect(
            outcome.follow
                == [ChunkSpec(stream: StreamID("ads"), phase: .recent, days: Bench.days(-2, -2), mode: "again")])
        let texts = outcome.events.filter { $0.kind == "certificate_gap" }.map(\.text)
        #expect(texts.contains { $0.contains("lacks 500 USD of cost") }, "\(texts)")
        #expect(texts.contains { $0.contains("has 500 EUR of cost too much") }, "\(texts)")
    }

    @Test("asks for many ids in several chunks, and for days with the same ids together")
    func chunks() {
        var bench = Bench(look: .search("campaign_id"), days: Bench.days(-3, -1))
        bench.columns.path = ["campaign_id"]
        bench.previous = (-3 ... -1).map { bench.certificate($0, .repairing, stored: 0, source: 6) }
        var source: [Totals.Place: StoredSum] = [:]
        for day in [-3, -2] { for id in ["a", "b", "c"] { source[Bench.place(day, id)] = Bench.sum(1) } }
        source[Bench.place(-1, "a")] = Bench.sum(1)

        let follow = bench.outcome(stored: [:], source: source).follow

        #expect(follow.map(\.days) == [Bench.days(-1, -1), Bench.days(-3, -2), Bench.days(-3, -2)])
        #expect(follow.map { $0.entities?.ids } == [["a"], ["a", "b"], ["c"]])
    }

    @Test("asks for days with those between them, in as few ranges as there can be")
    func ranges() {
        let days = [-70, -40, -31, -30, -2, -1].map(Bench.day)

        #expect(days.ranges(atMost: 30) == [Bench.days(-30, -1), Bench.days(-40, -31), Bench.days(-70, -70)])
        #expect([CivilDate]().ranges(atMost: 30).isEmpty)
    }

    @Test("tells of a day by the worst of its streams")
    func days() {
        let bench = Bench()
        var gap = bench.certificate(-1, .gap, stored: 1, source: 2)
        gap.stream = StreamID("sets")
        let all = [
            bench.certificate(-2, .equal, stored: 1, source: 1), gap,
            bench.certificate(-1, .repaired, stored: 2, source: 2),
        ]

        let days = CertificateDay.days(all, order: [StreamID("ads"), StreamID("sets")])

        #expect(days.map(\.day) == [Bench.day(-1), Bench.day(-2)])
        #expect(days.map(\.isEqual) == [false, true])
        #expect(days.first?.leading == gap)
        #expect(days.first?.certificates.map(\.stream) == [StreamID("ads"), StreamID("sets")])
    }
}
