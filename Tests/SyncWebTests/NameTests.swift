import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("Names are text, whatever is in them")
struct NameTests {
    static let names = [
        "<script>alert(1)</script> {{name}}", "\u{202E}مرحبا بالعالم", "🦑👩‍👩‍👧 ăâđêôơư",
        String(repeating: "dài ", count: 125), String(repeating: "ă", count: 501), "=HYPERLINK(x)", "a\u{2028}b",
    ]

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    @Test("of accounts", arguments: names)
    func accounts(_ name: String) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta(name: name)
            _ = try await lab.run(of: account)

            let object = try await lab.get("/accounts/\(account.id)", as: owner)
            #expect((object.json["account"] as? [String: Any])?["name"] as? String == name)
            for path in ["/", "/accounts/\(account.id)", "/sync/logs", "/sync/quick"] {
                let page = try await lab.get(path, as: owner, html: true)
                #expect(page.status == 200, "\(path)")
                #expect(!page.text.contains("<script>alert"), "\(path)")
                #expect(page.text.contains(NameTests.escaped(String(name.prefix(30)))), "\(path)")
            }
        }
    }

    @Test("of people, workspaces and schedules, which are cut or refused when they are too long", arguments: names)
    func others(_ name: String) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()

            let own = try await lab.call(.post, "/sync/settings/you", as: owner, form: [("name", name)])
            let place = try await lab.call(.post, "/workspaces/1", as: owner, form: [("name", name)])
            let schedule = try await lab.call(
                .post, "/sync/schedules", as: owner,
                form: [("name", name), ("accounts", "\(account.id)"), ("interval", "1h")])

            let told = try await lab.get("/sync/settings/you", as: owner).json
            #expect(own.status == 200 && place.status == 200)
            #expect(told["name"] as? String == String(name.trimmed.prefix(500)))
            #expect((told["workspace"] as? [String: Any])?["name"] as? String == String(name.trimmed.prefix(500)))
            #expect(schedule.status == (name.trimmed.count > 500 ? 422 : 201), "\(schedule.text)")
            for path in ["/sync/settings/you", "/sync/settings/people", "/sync/settings/audit", "/sync/schedules"] {
                let page = try await lab.get(path, as: owner, html: true)
                #expect(page.status == 200 && !page.text.contains("<script>alert"), "\(path)")
            }
        }
    }

    @Test("A sign that no database takes is refused, and left out of a search")
    func null() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()

            let named = try await lab.call(.post, "/sync/settings/you", as: owner, json: #"{"name": "a\u0000b"}"#)
            let form = try await lab.call(.post, "/sync/settings/you", as: owner, form: [("name", "a\0b")])

            #expect(named.status == 422 && named.text.contains("\"name\""), "\(named.text)")
            #expect([400, 422].contains(form.status))
            #expect(try await lab.get("/sync/logs?text=a%00b", as: owner).status == 200)
        }
    }
}
