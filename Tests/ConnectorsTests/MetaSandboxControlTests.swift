import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("Meta sandbox: oracles and switches")
struct MetaSandboxControlTests {
    @Test("The control endpoint needs no token and counts against nothing")
    func free() {
        var probe = MetaSandboxProbe.calm { $0.limits.score = 0 }
        probe.token = nil

        let truth = probe.send(.get, "/sandbox/truth", ["account": "1000001"])
        let counters = probe.send(.get, "/sandbox/counters")

        let rows = truth.json["rows"] as? [String: Int]
        #expect(rows?["ads"] == probe.truth()?.rows["ads"])
        #expect(rows?["meta_ads"] == rows?["ads"])
        #expect((truth.json["fewestCalls"] as? Int ?? 0) > 9)
        #expect(counters.json["calls"] as? Int == 0)
    }

    @Test("A world survives its own JSON, and changes by naming only what differs")
    func worldAsJSON() throws {
        let world = MetaWorld.small(seed: 8).withFaults(seed: 8)

        let same = try world.changed(by: Array("{}".utf8))
        let other = try world.changed(by: Array("{\"limits\":{\"tier\":\"development_access\"},\"seed\":9}".utf8))

        #expect(same == world)
        #expect(other.limits.tier == .development && other.seed == 9)
        #expect(other.accounts == world.accounts)
    }

    @Test(
        "A world that makes no sense is refused with a sentence",
        arguments: [
            "[]", "{\"accounts\":[]}", "{\"seed\":\"x\"}", "{\"auth\":{\"tokens\":[]}}",
        ])
    func nonsense(json: String) {
        let world = MetaWorld.small(seed: 8)

        #expect(throws: WorldError.self) { try world.changed(by: Array(json.utf8)) }
    }

    @Test("An unknown time zone is refused, never taken for another")
    func unknownZone() {
        var world = MetaWorld.small(seed: 8)
        world.accounts[0].zone = "Asia/Atlantis"

        #expect(throws: WorldError.self) { try world.check() }
    }

    @Test("Faults are switched on and off from outside, and a reset forgets the calls")
    func switches() {
        var probe = MetaSandboxProbe.calm()

        _ = probe.send(.post, "/sandbox/faults", ["rule": "html500:1000:/ads"])
        let broken = probe.get("act_1000001/ads").status
        _ = probe.send(.post, "/sandbox/faults")
        let whole = probe.get("act_1000001/ads").status
        let counted = probe.sandbox.counters.calls
        _ = probe.send(.post, "/sandbox/reset")

        #expect([broken, whole] == [500, 200] as [Int])
        #expect(counted == 2)
        #expect(probe.sandbox.counters.calls == 0)
    }

    @Test("Rows served are counted by listing")
    func rowsServed() {
        var probe = MetaSandboxProbe.calm()
        let listed = probe.all("act_1000001/ads", ["limit": "4"]).count

        #expect(Array(probe.sandbox.counters.rowsServed.values) == [listed])
        #expect(probe.sandbox.counters.byRoute["GET AdAccount/ads"] == (listed + 3) / 4)
    }

    @Test("Objects deleted after they were first seen stay part of the truth of that caller")
    func deletedLater() throws {
        var probe = MetaSandboxProbe.calm()
        let first = probe.now
        let before = try #require(probe.truth()?.rows["ads"])
        var seen: Set<String> = Set(probe.sandbox.ids(of: "ads", at: first, account: "1000001"))
        for _ in 0..<20 {
            probe.wait(.seconds(86_400))
            seen.formUnion(probe.sandbox.ids(of: "ads", at: probe.now, account: "1000001"))
        }

        let kept = probe.sandbox.truth(at: probe.now, account: "1000001", firstSeen: first)

        #expect(before > 0)
        #expect(kept?.rows["ads"] == seen.count)
    }

    @Test("Answers take longer the more rows they hold")
    func latency() {
        var probe = MetaSandboxProbe.calm {
            $0.latency.base = 40_000
            $0.latency.jitter = 0
            $0.latency.row = 1000
        }

        let rows = probe.get("act_1000001/ads", ["limit": "3"]).data.count

        #expect(probe.lastReply.delay == .microseconds(40_000 + 1000 * rows))
    }
}
