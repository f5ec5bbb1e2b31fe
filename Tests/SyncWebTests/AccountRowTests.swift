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
}
