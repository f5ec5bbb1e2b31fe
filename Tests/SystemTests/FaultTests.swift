import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("A sync of a platform that fails")
    struct FaultTests {
        typealias Rule = MetaWorld.Faults.Rule

        /// Single faults at a share that strikes several times in one sync.
        static let kinds: [MetaWorld.Faults.Kind] = [
            .reset, .truncated, .html500, .text503, .unknown, .unavailable, .okWithError, .nullItem, .aborted,
            .duplicateRow, .shortPage, .emptyPage, .looseTypes, .invalidUTF8, .badCursor, .noHeaders, .badHeaders,
        ]

        @Test("loses and doubles nothing", arguments: kinds)
        func oneKind(_ kind: MetaWorld.Faults.Kind) async throws {
            var world = try MetaWorld.slow(milliseconds: 0)
            // The questions before a sync are four calls, the items of a batch among them.
            world.faults.rules = [Rule(kind, calls: [5, 9, 14, 20, 26])]
            if kind == .nullItem || kind == .aborted { world.faults.rules = [Rule(kind, share: 500, times: 3)] }
            try await Lab.with(world) { lab in
                let outcome = try await lab.sync("--json")

                #expect(outcome.code == 0, "\(outcome.err)")
                let struck = lab.stage { $0.meta.counters.faults.values.reduce(0, +) }
                #expect(struck >= 3, "the fault struck \(struck) times only")
                if [.html500, .text503, .unknown, .unavailable].contains(kind) {
                    #expect(try outcome.number("retries") == struck, "\(outcome.out)")
                }
                try lab.expectTruth()
                try lab.expectNothingInProgress()
            }
        }

        @Test("or holds something back is told of, at the end and later")
        func notes() async throws {
            var world = try MetaWorld.tiny()
            world.accounts[0].gatedFields = ["funding_source_details"]
            try await Lab.with(world) { lab in
                let outcome = try await lab.sync()
                let later = try await lab.command("status")

                #expect(outcome.code == 0, "\(outcome.err)")
                for told in [outcome.out, later.out] {
                    #expect(told.contains("To know:"))
                    #expect(told.contains("Meta does not give the field funding_source_details of ad_accounts"))
                }
            }
        }

        @Test("with one call in a hundred throttled, truncated and reset and five failing costs a tenth more calls")
        func mixed() async throws {
            var world = try MetaWorld.slow(milliseconds: 0, rowsPerPage: 4)
            world.limits.isOn = false
            let calm = try await Lab.calls(in: world)
            // By number, not by chance: the shares are exact whatever the order of the calls.
            world.faults.rules = [
                Rule(.unavailable, calls: Array(stride(from: 10, to: 1000, by: 20))),
                Rule(.truncated, calls: Array(stride(from: 33, to: 1000, by: 100))),
                Rule(.reset, calls: Array(stride(from: 77, to: 1000, by: 100))),
            ]
            // One call in a hundred is throttled for a second, and Meta says so.
            let script: Stage.Script = { _, number in
                guard number % 100 == 50 else { return nil }
                return SandboxReply.graphError(17, 2_446_079)
                    .with("x-ad-account-usage", #"{"acc_id_util_pct":100,"reset_time_duration":1}"#)
            }
            try await Lab.with(world, script: script) { lab in
                let outcome = try await lab.sync("--json")

                #expect(outcome.code == 0, "\(outcome.err)")
                try lab.expectTruth()
                let struck = lab.stage { $0.meta.counters.faults }
                #expect(["unavailable", "truncated", "reset"].allSatisfy { struck[$0] ?? 0 > 0 }, "\(struck)")
                let throttled = try outcome.number("throttled")
                #expect(throttled >= calm / 100, "\(throttled) throttles in \(lab.requests) calls")
                #expect(
                    (lab.requests - 1) * 10 <= calm * 11,
                    "\(lab.requests) calls instead of \(calm); failed: \(struck), throttled: \(throttled)")
            }
        }

        @Test("stands a throttle until it is over, and counts it")
        func throttled() async throws {
            // Twice the platform says "wait", for no longer than a header tells: at once.
            let script: Stage.Script = { request, number in
                guard number == 8 || number == 12 else { return nil }
                let reply = SandboxReply.graphError(80_004, 2_446_079)
                let usage =
                    #"{"1000001":[{"type":"ads_management","call_count":100,"total_cputime":1,"total_time":1,"#
                    + #""estimated_time_to_regain_access":0}]}"#
                return reply.with("x-business-use-case-usage", usage)
            }
            try await Lab.with(try .slow(milliseconds: 0), script: script) { lab in
                let running = try lab.startSync("--json")
                try await eventually("the throttle is stored") {
                    try lab.files.contains("data.sqlite")
                        && (try? lab.count("quotas", where: "blocked_until > 0")) ?? 0 > 0
                }
                let blocked = try lab.texts("SELECT key FROM quotas WHERE blocked_until IS NOT NULL")
                running.send(SIGTERM)
                let outcome = await running.wait()

                #expect(outcome.code == 130, "\(outcome.err)")
                #expect(blocked.allSatisfy { $0.hasPrefix("meta/") }, "\(blocked)")
                #expect(try lab.number("SELECT sum(throttled) FROM sync_jobs") ?? 0 >= 1)
                #expect(try lab.count("sync_chunks", where: "retry_count > 0") == 0, "waiting used an attempt")
            }
        }

        @Test("keeps ids above 2^53, numbers as strings and strings as numbers exactly")
        func wrongTypes() async throws {
            let script: Stage.Script = { request, _ in
                guard request.path.hasSuffix("/campaigns") else { return nil }
                return .text(
                    #"{"data":[{"id":9007199254740993123,"name":12.50,"daily_budget":"1234567","status":null,"#
                        + #""effective_status":"ACTIVE","is_adset_budget_sharing_enabled":"true","new_thing":{"a":1}},"#
                        + #"{"id":"9007199254740993124","name":"two","daily_budget":7654321}]}"#)
            }
            try await Lab.with(try .tiny(), script: script) { lab in
                let outcome = try await lab.sync("--streams", "campaigns")

                #expect(outcome.code == 0, "\(outcome.err)")
                let rows = try lab.stored { try $0.lines(["id", "name", "daily_budget_micros"], of: "meta_campaigns") }
                let unit =
                    lab.world.accounts[0].currency == "VND" || lab.world.accounts[0].currency == "JPY"
                    ? 1_000_000 : 10_000
                #expect(
                    rows == [
                        "9007199254740993123|12.50|\(1_234_567 * unit)", "9007199254740993124|two|\(7_654_321 * unit)",
                    ])
                #expect(
                    try lab.texts("SELECT extra FROM meta_campaigns ORDER BY id").first == #"{"new_thing":{"a":1}}"#)
            }
        }

        /// Answers that are no data, on every call of one list.
        static let nonsense: [(name: String, body: String, status: Int)] = [
            ("HTML", "<html><body>Sorry</body></html>", 200), ("plain text", "Service Unavailable", 503),
            ("an error with status 200", #"{"error":{"message":"x","code":2,"is_transient":true}}"#, 200),
            ("half an object", #"{"data":[{"id":"1","name":"#, 200), ("a list", "[1,2,3]", 200), ("nothing", "", 200),
            ("a number", "42", 200), ("null data", #"{"data":null}"#, 200), ("text data", #"{"data":"none"}"#, 200),
        ]

        @Test("passes over an answer that is no data and asks again", arguments: nonsense.map(\.name))
        func noData(_ name: String) async throws {
            let answer = try #require(FaultTests.nonsense.first { $0.name == name })
            let once = Once()
            let script: Stage.Script = { request, _ in
                guard request.path.hasSuffix("/campaigns"), once.first() else { return nil }
                return .text(answer.body, status: answer.status)
            }
            try await Lab.with(try .tiny(), script: script) { lab in
                let outcome = try await lab.sync("--streams", "campaigns")

                #expect(outcome.code == 0, "\(outcome.err)")
                let own = try lab.stored { try $0.lines(["id", "name", "effective_status"], of: "meta_campaigns") }
                expectSame("meta_campaigns", own, try lab.oracle.entities("campaigns"))
            }
        }

        @Test("ends with code 1 and the cause when one list never answers, and retry brings it in")
        func permanent() async throws {
            let script: Stage.Script = { request, _ in
                guard request.path.hasSuffix("/campaigns") else { return nil }
                return .graphError(100, 9_999_999)
            }
            try await Lab.with(try .tiny(), script: script) { lab in
                let failed = try await lab.sync()

                #expect(failed.code == 1, "\(failed.err)")
                #expect(failed.err.contains("campaigns") && failed.err.contains("sluice retry 1"), "\(failed.err)")
                #expect(try lab.count("sync_chunks", where: "status = 'failed' AND stream = 'campaigns'") == 1)
                #expect(try lab.count("sync_jobs", where: "status = 'failed' AND failed_chunks = 1") == 1)
                #expect(try lab.count("meta_ads") > 0, "its siblings went on")

                lab.stage { $0.script = nil }
                let retried = try await lab.command("retry", "1")
                let resumed = try await lab.sync()

                #expect(retried.code == 0, "\(retried.err)")
                #expect(resumed.code == 0, "\(resumed.err)")
                #expect(try lab.texts("SELECT status FROM sync_jobs WHERE id = 1") == ["completed"])
                try lab.expectTruth()
            }
        }
    }
}
