import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import SyncTestKit
import Testing
import WebAssets

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

    @Test("of all that people name, whole up to one length, and refused by their field beyond it", arguments: names)
    func others(_ name: String) async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let isTooLong = name.trimmed.count > GivenName.most

            let replies = [
                try await lab.call(.post, "/sync/settings/you", as: owner, form: [("name", name)]),
                try await lab.call(.post, "/workspaces/1", as: owner, form: [("name", name)]),
                try await lab.call(
                    .post, "/sync/schedules", as: owner,
                    form: [("name", name), ("accounts", "\(account.id)"), ("interval", "1h")]),
                try await lab.call(
                    .post, "/sync/settings/tokens", as: owner, form: [("name", name), ("scopes", "read")]),
                try await lab.call(
                    .post, "/sync/settings/notifications", as: owner,
                    form: [
                        ("name", name), ("kind", "webhook"), ("address", "https://hooks.example.com/a"),
                        ("events", "failed"),
                    ]),
            ]

            for reply in replies {
                #expect(isTooLong ? reply.status == 422 : [200, 201].contains(reply.status), "\(reply.text)")
                if isTooLong { #expect(ScheduleRoutesTests.fields(reply)["name"]?.contains("500") == true) }
            }
            let told = try await lab.get("/sync/settings/you", as: owner).json
            let tokens = try await lab.store.tokens(of: .first).map(\.name)
            #expect(told["name"] as? String == (isTooLong ? "Linh Trần" : name.trimmed))
            #expect(
                (told["workspace"] as? [String: Any])?["name"] as? String == (isTooLong ? "An Nhiên" : name.trimmed))
            #expect(tokens == (isTooLong ? [] : [name.trimmed]))
            for path in ["/sync/settings/you", "/sync/settings/people", "/sync/settings/audit", "/sync/schedules"] {
                let page = try await lab.get(path, as: owner, html: true)
                #expect(page.status == 200 && !page.text.contains("<script>alert"), "\(path)")
            }
        }
    }

    @Test("are cut by no form: browsers count other signs than people do")
    func forms() {
        var fields = 0
        for (file, bytes) in WebAssets.templates {
            let text = String(decoding: bytes, as: UTF8.self)
            for field in text.matches(of: /<input[^>]* name="(?:name|rename|workspace)"[^>]*>/) {
                fields += 1
                #expect(!field.output.contains("maxlength"), "\(file): \(field.output)")
            }
        }
        #expect(fields >= 6)
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
