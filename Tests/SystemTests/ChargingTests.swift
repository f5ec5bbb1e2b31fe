import Connectors
import Foundation
import Testing

extension SystemTests {
    /// Calls that are made outside of any job count for every worker that shares the database.
    @Suite("What commands ask")
    struct ChargingTests {
        /// Until when the app's limit is used up, in microseconds; 0 when nothing was ever counted.
        private func used(_ lab: ShopeeLab) throws -> Int {
            let sql = "SELECT coalesce(max(arrival), 0) FROM quotas WHERE key LIKE '%/app/%'"
            return try lab.stored { try $0.number(sql) ?? 0 }
        }

        /// A command counts what it asks. What it used flows back within a third of a second: where counting
        /// takes longer, on a machine that does much else, the next time tells.
        private func expectCounted(
            _ lab: ShopeeLab, ends code: Int32, _ sourceLocation: SourceLocation = #_sourceLocation,
            _ command: () async throws -> Outcome
        ) async throws {
            for _ in 0..<4 {
                let before = FileManager.default.fileExists(atPath: lab.database) ? try used(lab) : 0
                let outcome = try await command()
                #expect(outcome.code == code, "\(outcome.out)\(outcome.err)", sourceLocation: sourceLocation)
                if try used(lab) > before { return }
            }
            Issue.record("nothing was counted", sourceLocation: sourceLocation)
        }

        @Test("of a consent counts, also when its code is spent")
        func consent() async throws {
            try await ShopeeLab.with { lab in
                func consented() async throws -> String {
                    try await lab.consent(to: try await lab.connect("--redirect", "https://shop.example/").lastLine)
                }
                try await expectCounted(lab, ends: 0) { try await lab.connect("--callback", try await consented()) }
                let spent = try await consented()
                _ = try await lab.connect("--callback", spent)
                try await expectCounted(lab, ends: 3) { try await lab.connect("--callback", spent) }
            }
        }

        @Test("of a credential counts, also when it is refused")
        func connect() async throws {
            try await ShopeeLab.with { lab in
                let whole = lab.credentials
                try await expectCounted(lab, ends: 0) {
                    try await lab.connect("--account", lab.world.account, environment: whole)
                }
                var wrong = whole
                wrong["SLUICE_SHOPEE_PARTNER_KEY"] = "wrong"
                try await expectCounted(lab, ends: 3) { [wrong] in
                    try await lab.connect("--account", lab.world.account, environment: wrong)
                }
            }
        }

        @Test("of doctor counts, also when a platform refuses its credential")
        func doctor() async throws {
            try await ShopeeLab.with { lab in
                let account = lab.world.account
                #expect(try await lab.connect("--account", account, environment: lab.credentials).code == 0)
                try await expectCounted(lab, ends: 0) { try await lab.command("doctor") }
                try await lab.control("revoke", "{}")
                try await expectCounted(lab, ends: 1) { try await lab.command("doctor") }
            }
        }
    }
}
