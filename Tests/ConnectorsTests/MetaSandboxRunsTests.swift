import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import Testing

@Suite("Meta sandbox: asynchronous reports")
struct MetaSandboxRunsTests {
    private static let report = [
        ("level", "ad"), ("fields", "[\"ad_id\",\"impressions\",\"spend\"]"), ("time_increment", "1"),
        ("time_range", "{\"since\":\"2026-10-01\",\"until\":\"2026-10-20\"}"),
    ]

    private func submit(_ probe: inout MetaSandboxProbe) throws -> String {
        try #require(probe.post("act_1000001/insights", Self.report).json["report_run_id"] as? String)
    }

    @Test("A run goes through its states, its percentage never falls, and its rows are the synchronous ones")
    func life() throws {
        var probe = MetaSandboxProbe.calm()
        let run = try submit(&probe)
        var states: [String] = []
        var percents: [Int] = []

        for _ in 0..<400 {
            let answer = probe.get(run)
            let status = answer.json["async_status"] as? String ?? ""
            if states.last != status { states.append(status) }
            percents.append(answer.json["async_percent_completion"] as? Int ?? -1)
            if status == "Job Completed" { break }
            probe.wait(.seconds(1))
        }
        let rows = probe.all("\(run)/insights", ["limit": "10"])
        let sync = probe.insights(Dictionary(uniqueKeysWithValues: Self.report))

        #expect(states == ["Job Not Started", "Job Started", "Job Running", "Job Completed"])
        #expect(percents == percents.sorted() && percents.last == 100)
        #expect(rows.count == sync.count && !rows.isEmpty)
    }

    @Test("The result of an unfinished run is not readable")
    func unfinished() throws {
        var probe = MetaSandboxProbe.calm()
        let run = try submit(&probe)

        let answer = probe.get("\(run)/insights")

        #expect([answer.code, answer.subcode] == [2601, 1_815_107] as [Int])
        #expect(answer.error["is_transient"] as? Bool == true)
    }

    @Test("Failed runs explain themselves from version 25 on")
    func failures() throws {
        var probe = MetaSandboxProbe.calm { $0.runs.fails = 1000 }
        let new = try submit(&probe)
        let old = try #require(
            probe.send(.post, "/v24.0/act_1000001/insights", body: Self.report).json["report_run_id"] as? String)
        probe.wait(.seconds(1000))

        let explained = probe.get(new)
        let silent = probe.get(old)

        #expect(explained.json["async_status"] as? String == "Job Failed")
        #expect([1_504_043, 1_504_044, 2_490_547].contains(explained.json["error_subcode"] as? Int ?? 0))
        #expect(silent.json["async_status"] as? String == "Job Failed")
        #expect(silent.json["error_code"] == nil)
    }

    @Test("Too big a report fails for its size, whoever submits it again")
    func tooLarge() throws {
        var probe = MetaSandboxProbe.calm { $0.size.asyncRows = 3 }
        var codes: Set<Int> = []
        for _ in 0..<3 {
            let run = try submit(&probe)
            probe.wait(.seconds(1000))
            codes.insert(probe.get(run).json["error_subcode"] as? Int ?? 0)
        }

        #expect(codes.count == 1)
        #expect(codes.isSubset(of: [1_504_045, 1_504_038]))
    }

    @Test("Stuck runs stay where they are", arguments: [0, 99])
    func stuck(percent: Int) throws {
        var probe = MetaSandboxProbe.calm {
            if percent == 0 { $0.runs.stuckAtZero = 1000 } else { $0.runs.stuckAt99 = 1000 }
        }
        let run = try submit(&probe)
        probe.wait(.seconds(7200))

        let answer = probe.get(run)

        #expect(answer.json["async_percent_completion"] as? Int == percent)
        #expect(answer.json["async_status"] as? String != "Job Completed")
    }

    @Test("A run can be unknown right after its submission, skipped, unreadable or miss its columns")
    func oddities() throws {
        var hidden = MetaSandboxProbe.calm { $0.runs.notFoundAfterSubmit = 1000 }
        var skipped = MetaSandboxProbe.calm { $0.runs.skips = 1000 }
        var unreadable = MetaSandboxProbe.calm { $0.runs.unreadableResults = 1000 }
        var bare = MetaSandboxProbe.calm { $0.runs.cannotInclude = 1000 }

        let run = try submit(&hidden)
        let early = hidden.get(run)
        hidden.wait(.seconds(4))
        let later = hidden.get(run)
        let other = try submit(&skipped)
        skipped.wait(.seconds(1000))
        let third = try submit(&unreadable)
        while unreadable.get(third).json["async_status"] as? String != "Job Completed" { unreadable.wait(.seconds(1)) }
        let refused = unreadable.get("\(third)/insights")
        unreadable.wait(.seconds(10))
        let fourth = try submit(&bare)

        #expect([early.code, early.subcode] == [100, 33] as [Int])
        #expect(later.status == 200)
        #expect(skipped.get(other).json["async_status"] as? String == "Job Skipped")
        #expect(refused.subcode == 1_815_107)
        #expect(unreadable.get("\(third)/insights").status == 200)
        #expect((bare.get(fourth).error["message"] as? String)?.contains("Cannot include") == true)
    }

    @Test("Runs expire after 30 days")
    func expiry() throws {
        var probe = MetaSandboxProbe.calm()
        let run = try submit(&probe)
        probe.wait(.seconds(31 * 86_400))

        #expect(probe.get(run).subcode == 33)
    }

    @Test("Runs in flight are counted, and too many of them fail")
    func inFlight() throws {
        var probe = MetaSandboxProbe.calm { $0.runs.failAbove = 5 }
        var runs: [String] = []
        for _ in 0..<7 { runs.append(try submit(&probe)) }
        probe.wait(.seconds(2000))

        let failed = runs.count { probe.get($0).json["async_status"] as? String == "Job Failed" }

        #expect(failed == 2)
        #expect(probe.sandbox.counters.mostRunsInFlight == 7)
    }
}
