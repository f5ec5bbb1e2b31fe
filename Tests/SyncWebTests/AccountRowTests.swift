import HTTPTypes
import SyncCore
import Testing

@testable import SyncWeb

@Suite("A row of an account")
struct AccountRowTests {
    @Test("tells how far its days are")
    func filled() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            _ = try await lab.meta()

            let page = try await lab.get("/", as: owner, html: true).text

            #expect(page.contains(/90 d<svg class="bar"><rect width="0%"\/><\/svg> <span>0 %<\/span>/))
        }
    }

    @Test("says nothing of days where only what has no days was asked for")
    func noDays() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let started = try await lab.call(
                .post, "/sync/manual", as: owner, form: [("accounts", account.externalID), ("streams", "campaigns")])
            #expect(started.status == 202, "\(started.text)")
            try await lab.work()

            let page = try await lab.get("/", as: owner, html: true).text

            #expect(page.contains("90 d <span>—</span>"))
        }
    }
}
