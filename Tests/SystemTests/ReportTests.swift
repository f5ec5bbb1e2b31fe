import Foundation
import Testing

extension SystemTests {
    @Suite("A custom report")
    struct ReportTests {
        private static func write(_ reports: String, in lab: Lab) throws -> [String] {
            try Data("[\(reports)]".utf8).write(to: lab.folder.appendingPathComponent("reports.json"))
            return ["--reports", "reports.json"]
        }

        private static let byDay = #"{"name":"by_day","level":"campaign","fields":["clicks"]}"#

        @Test(
            "cannot take the name of a table, a view or a short name of streams; no file is left",
            arguments: ["campaigns", "ad_insights", "performance_daily", "insights", "accounts"])
        func takenName(_ name: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                let reports = try Self.write(Self.byDay.replacing("by_day", with: name), in: lab)
                let connect = ["connect", "meta", "--base-url", lab.url, "--database", lab.database]
                for line in [lab.syncArguments(reports), lab.syncArguments(reports + ["--detach"]), connect + reports] {
                    let outcome = try await lab.run(line)
                    #expect(outcome.code == 2, "\(outcome.err)")
                    #expect(outcome.err == "The name \(name) is taken already; give the report another one.\n")
                }
                #expect(try lab.files == ["reports.json"])
                #expect(lab.requests == 0)
            }
        }

        /// What is different in the report of the same name.
        @Test(
            "that has another key than its table is refused by its name, and nothing is changed",
            arguments: [
                #"{"name":"by_day","level":"campaign","fields":["clicks"],"breakdowns":["age"]}"#,
                #"{"name":"by_day","level":"ad","fields":["clicks"]}"#,
            ])
        func otherKey(_ other: String) async throws {
            try await Lab.with(try .tiny()) { lab in
                let streams = ["--streams", "by_day"]
                #expect(try await lab.run(lab.syncArguments(streams + Self.write(Self.byDay, in: lab))).code == 0)
                let configuration = try lab.texts("SELECT configuration FROM connections")
                let rows = try lab.count("meta_by_day")

                let reports = try Self.write(other, in: lab)
                let connect = ["connect", "meta", "--base-url", lab.url, "--database", lab.database]
                for line in [lab.syncArguments(streams + reports), connect + reports] {
                    let outcome = try await lab.run(line)
                    #expect(outcome.code == 2, "\(outcome.err)")
                    #expect(outcome.err.contains("Give the report by_day another name."), "\(outcome.err)")
                    #expect(outcome.err.contains("its key is (account_id, date, campaign_id)"), "\(outcome.err)")
                    let told = try await lab.run(
                        line, environment: lab.credentials.merging(["SLUICE_LANG": "vi"]) { $1 })
                    #expect(told.err.contains("Hãy đặt tên khác cho báo cáo by_day."), "\(told.err)")
                }
                #expect(try lab.texts("SELECT configuration FROM connections") == configuration)
                #expect(try lab.count("sync_jobs") == 1)
                #expect(rows > 0)
                #expect(try await lab.run(lab.syncArguments(streams)).code == 0)
            }
        }
    }
}
