import HTTPTypes
import SyncCore
import Testing
import Wording

@testable import SyncWeb

@Suite("Days that are asked for")
struct AskedDaysTests {
    @Test(
        "are of a time that platforms know, have begun, and are not too many",
        arguments: [
            ("0001-01-01", "2026-11-01"), ("2026-11-01", "9999-12-31"), ("2020-01-01", "2026-11-01"),
            ("2026-11-02", "2026-11-01"),
        ])
    func refused(_ from: String, _ to: String) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let days = #""from": "\#(from)", "to": "\#(to)""#

            let again = try await lab.call(.post, "/accounts/\(account.id)/resync", as: owner, json: "{\(days)}")
            let quick = try await lab.call(
                .post, "/sync/manual", as: owner, json: "{\"accounts\": [\(account.id)], \(days)}")

            #expect(again.status == 422 && quick.status == 422)
            #expect(try await lab.store.logs(LogFilter(workspace: .first), before: nil, limit: 1).isEmpty)
        }
    }

    @Test("that are in order start something")
    func taken() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let body = "{\"accounts\": [\(account.id)], \"from\": \"2026-11-01\", \"to\": \"2026-11-02\"}"

            #expect(try await lab.call(.post, "/sync/manual", as: owner, json: body).status == 202)
        }
    }

    @Test("What a chunk is about is said in words")
    func things() {
        func said(_ column: String, _ count: Int, _ language: Words.Language) -> String {
            Words(language: language).things(EntitySet(column: column, ids: (0..<count).map { "\($0)" }))
        }

        #expect(said("campaign_id", 50, .english) == "50 campaigns")
        #expect(said("campaign_id", 1, .english) == "1 campaign")
        #expect(said("page_id", 3, .vietnamese) == "3 trang")
        #expect(said("id", 2, .english) == "2 ids")
    }
}
