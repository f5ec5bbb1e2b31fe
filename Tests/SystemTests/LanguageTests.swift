import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("In Vietnamese")
    struct LanguageTests {
        private static let vietnamese = ["SLUICE_LANG": "vi"]

        /// Words that no English sentence does without, and that are none in Vietnamese. Options, addresses and
        /// quoted commands are left out.
        private static func english(in text: String) -> [String] {
            let marks: Set<Substring> = [
                "the", "is", "are", "was", "of", "and", "with", "this", "has", "not", "Error:", "Usage:", "rows",
                "calls", "failed", "complete", "Show", "default:",
            ]
            let plain = text.replacing(/`[^`]*`|'[^']*'|"[^"]*"|--[a-z-]+|https?:\S+/, with: "")
            return plain.split(separator: "\n").filter { line in
                !marks.isDisjoint(with: line.split { " ,.;()\"".contains($0) })
            }.map(String.init)
        }

        private func expectVietnamese(_ outcome: Outcome, _ location: SourceLocation = #_sourceLocation) {
            let left = LanguageTests.english(in: outcome.out + outcome.err)
            #expect(left.isEmpty, sourceLocation: location)
            #expect(!(outcome.out + outcome.err).isEmpty, sourceLocation: location)
        }

        @Test(
            "are the help pages",
            arguments: [
                [], ["connect"], ["sync"], ["demo"], ["status"], ["jobs"], ["retry"], ["cancel"], ["doctor"],
                ["sandbox"], ["worker"], ["serve"], ["schedules"], ["schedules", "list"], ["schedules", "create"],
                ["schedules", "edit"], ["schedules", "run"],
            ])
        func help(_ command: [String]) async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.run(command + ["--help"], environment: LanguageTests.vietnamese)

                #expect(outcome.code == 0)
                #expect(outcome.out.contains("TUỲ CHỌN:"))
                expectVietnamese(outcome)
            }
        }

        @Test("are the complaints about wrong commands", arguments: CommandLineTests.wrong)
        func complaints(_ wrong: CommandLineTests.Wrong) async throws {
            try await Lab.with(try .tiny()) { lab in
                try Data("{not json".utf8).write(to: lab.folder.appendingPathComponent("nonsense.json"))
                var environment = LanguageTests.vietnamese.merging(wrong.environment) { $1 }
                environment["SLUICE_META_TOKEN"] = wrong.token
                let outcome = try await lab.run(wrong.words, environment: environment)

                #expect(outcome.code == 2)
                // What a decoder of JSON says of its place in a file stays as it is.
                if wrong.name != "description of a world" { expectVietnamese(outcome) }
            }
        }

        @Test("are causes and advice of every rejected token", arguments: CredentialTests.subcodes.map(\.subcode))
        func rejected(_ subcode: Int) async throws {
            try await Lab.with(try .tiny(), script: { _, _ in .graphError(190, subcode, status: 401) }) { lab in
                let outcome = try await lab.sync(environment: environment(lab))

                #expect(outcome.code == 3)
                #expect(outcome.err.contains("190/\(subcode)"))
                expectVietnamese(outcome)
            }
        }

        private func environment(_ lab: Lab) -> [String: String] {
            ["SLUICE_META_TOKEN": lab.world.token, "LANG": "vi_VN.UTF-8"]
        }

        @Test("is a whole sync with what comes after it")
        func flow() async throws {
            try await Lab.with(try .aged(days: 4_400)) { lab in
                let environment = environment(lab)
                func run(_ words: [String]) async throws -> Outcome {
                    try await lab.run(words + ["--database", lab.database], environment: environment)
                }
                let old = "2015-01-01"
                let outcomes = [
                    try await run(["connect", "meta", "--base-url", lab.url]),
                    try await lab.run(lab.syncArguments(), environment: environment),
                    try await lab.run(
                        lab.syncArguments(["--from", old, "--to", "\(try QuarterClock.today)"]),
                        environment: environment),
                    try await lab.run(lab.syncArguments(account: "act_5"), environment: environment),
                    try await run(["status"]), try await run(["jobs"]), try await run(["doctor"]),
                    try await run(["retry", "1"]), try await run(["cancel", "1"]), try await run(["cancel", "77"]),
                ]

                #expect(outcomes.map(\.code) == [0, 0, 0, 2, 0, 0, 0, 0, 0, 2])
                for outcome in outcomes { expectVietnamese(outcome) }
                #expect(outcomes[1].out.contains("dòng đã lưu"), "\(outcomes[1].out)")
                #expect(outcomes[2].err.contains("không còn cung cấp 1/1/2015"), "\(outcomes[2].err)")
            }
        }

        @Test("are failures, with their causes and the next step")
        func failures() async throws {
            let script: Stage.Script = { request, _ in
                request.path.hasSuffix("/campaigns") ? .graphError(100, 9_999_999) : nil
            }
            try await Lab.with(try .tiny(), script: script) { lab in
                let failed = try await lab.sync(environment: environment(lab))

                #expect(failed.code == 1)
                #expect(failed.err.contains("campaigns: Meta không chấp nhận yêu cầu. (100/9999999)"), "\(failed.err)")
                #expect(failed.err.contains("sluice retry 1"))
                expectVietnamese(failed)
            }
        }
    }
}
