import ConnectorKit
import Connectors
import SyncCore
import Testing

/// A sandbox that a test overrules.
private struct Overruled: Sandbox {
    var box: MetaSandbox
    /// An answer in place of the sandbox's own.
    var overrule: @Sendable (WireRequest, Instant) -> WireResponse?

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        if let response = overrule(request, now) { return SandboxReply(response) }
        return box.respond(to: request, at: now)
    }
}

/// Whole syncs of insights against a platform that goes wrong in one place, or for a while.
@Suite("Insights of Meta, with one bad day or a bad minute")
struct MetaBadDayTests {
    private static let start = Instant(seconds: 1_795_230_000)
    private static let streams = ["campaign_insights", "ad_set_insights", "ad_insights"].map { StreamID($0) }

    private func sync(
        _ overrule: @escaping @Sendable (WireRequest, Instant) -> WireResponse? = { _, _ in nil }
    ) throws -> ContractRun {
        let world = MetaWorld.small(seed: 4)
        let given = ContractCase(
            connector: MetaConnector.self, sandbox: Overruled(box: MetaSandbox(world), overrule: overrule),
            credential: Credential(["token": Secret(world.token), "app_secret": Secret(world.appSecret)]),
            account: "act_\(world.mainAccountID)", now: Self.start
        ) { _, _, _ in [:] }
        var run = try ContractRun(given)
        // As after a first chunk.
        for stream in Self.streams { run.learned[stream] = Learned(density: 6) }
        _ = try run.sync(Self.streams)
        return run
    }

    private static func error(_ code: Int, _ subcode: Int?, status: Int) -> WireResponse {
        let sub = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        let body = "{\"error\":{\"message\":\"An unknown error occurred\",\"code\":\(code)\(sub)}}"
        return WireResponse(status: status, body: Array(body.utf8))
    }

    /// The days that a question for insights is about.
    private static func days(_ request: WireRequest) -> DayRange? {
        let form = FormCoding.decode(String(decoding: request.body, as: UTF8.self))
        guard let range = (request.query + form).first(where: { $0.name == "time_range" })?.value else { return nil }
        let days = range.split { !"0123456789-".contains($0) }.compactMap { CivilDate(String($0)) }
        guard days.count == 2 else { return nil }
        return DayRange(days[0], days[1])
    }

    @Test(
        "A day that is always too much costs a few hundred calls, and no other day its rows",
        arguments: [(100, 1_487_534, 400), (1, 99, 500)])
    func badDay(code: Int, subcode: Int, status: Int) throws {
        let bad = try #require(CivilDate("2026-09-20"))
        let calm = try sync()

        let run = try sync { request, _ in
            guard Self.days(request)?.contains(bad) == true else { return nil }
            return Self.error(code, subcode, status: status)
        }

        // Three streams of 12, 14 and 16 fields: each field alone is submitted twice or three times, and its keys are
        // asked for twice; each part that is halved is submitted once or twice.
        #expect(run.calls - calm.calls <= 400)
        #expect(!run.failures.isEmpty && run.failures.allSatisfy { $0.name == "too_big" })
        for stream in Self.streams {
            let expected = (calm.tables[stream] ?? [:]).filter { $0.value["date"] != bad.description }.keys
            #expect(!expected.isEmpty)
            #expect(Set((run.tables[stream] ?? [:]).keys) == Set(expected))
            // Other days are asked for as before.
            let learned = run.learned[stream] ?? Learned()
            #expect(learned.dropped.isEmpty && learned.size ?? 9 >= 4)
        }
    }

    @Test("An outage of twenty seconds that says code 1 costs a handful of calls, splits nothing and teaches nothing")
    func outage() throws {
        let calm = try sync()

        let run = try sync { request, now in
            guard Self.days(request) != nil, now < Self.start + .seconds(52) else { return nil }
            return Self.error(1, nil, status: 500)
        }

        #expect(run.calls - calm.calls <= 6)
        #expect(run.calls > calm.calls)
        #expect(run.failures.isEmpty)
        #expect(run.learned == calm.learned)
        #expect(Self.streams.allSatisfy { run.tables[$0]?.count == calm.tables[$0]?.count })
    }
}
