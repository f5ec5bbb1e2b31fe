import HTTPTypes
import SyncCore
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("What programs send")
struct SentFieldsTests {
    private func fields(_ reply: SiteLab.Reply) -> [String: String] {
        (reply.json["error"] as? [String: Any])?["fields"] as? [String: String] ?? [:]
    }

    @Test("A number beyond the range of the document is refused by its name, and pages are forgiving")
    func ranges() async throws {
        try await SiteLab.withRows { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let asked = [
                ("/accounts?page=0", "page"), ("/?page=10001", "page"), ("/sync/logs?limit=201", "limit"),
                ("/accounts/\(account.id)/data?page=101", "page"), ("/events?limit=1001", "limit"),
                ("/accounts/\(account.id)/coverage?to=", "to"), ("/sync/logs/export?bom=perhaps", "bom"),
                ("/sync/logs?to=", "to"),
                ("/sync/logs?limit=1&limit=2", "limit"), ("/sync/settings/audit?limit=0", "limit"),
            ]

            for (path, name) in asked {
                let reply = try await lab.get(path, as: owner)
                #expect(reply.status == 422, "\(path)")
                #expect(fields(reply).keys.sorted() == [name], "\(path) \(reply.text)")
            }
            #expect(try await lab.get("/accounts/\(account.id)?from=", as: owner, html: true).status == 200)
            #expect(try await lab.get("/sync/logs/export?bom=perhaps", as: owner, html: true).status == 200)
            #expect(try await lab.get("/accounts?page=2&unknown=x", as: owner).status == 200)
        }
    }

    @Test("Who may not ask is told that, whatever they ask for")
    func rights() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let viewer = try await lab.member(.viewer, email: "v@an.vn")

            #expect(try await lab.get("/sync/logs?limit=0").status == 401)
            #expect(try await lab.get("/connect/meta/accounts?connection=x", as: viewer).status == 403)
        }
    }

    @Test("A member of another kind is refused by its name; null says nothing, and what nobody knows is left alone")
    func kinds() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            func rename(_ json: String) async throws -> SiteLab.Reply {
                try await lab.call(.post, "/workspaces/1", as: owner, json: json)
            }

            for name in ["false", "5", "{}", "[\"a\"]", "[null]", #""a\u0000""#] {
                let reply = try await rename("{\"name\": \(name)}")
                #expect(reply.status == 422, "\(name)")
                #expect(fields(reply).keys.sorted() == ["name"], "\(reply.text)")
            }
            #expect(try await lab.store.workspace(.first)?.name == "An Nhiên")
            #expect(fields(try await rename(#"{"name": null}"#)).keys.sorted() == ["name"])
            #expect(try await rename(#"{"name": "Lụa", "x": {"y": [{}]}, "z": "\u0000"}"#).status == 200)
            let read = try await lab.call(.post, "/notices/read", as: owner, json: #"{"up_to": null}"#)
            #expect(read.status == 200)
            for accounts in ["[\(account.id)]", "[\"\(account.externalID)\"]", "\"\(account.id)\"", "\(account.id)"] {
                let reply = try await lab.call(
                    .post, "/sync/quick/plan", as: owner, json: "{\"accounts\": \(accounts), \"date_from\": null}")
                #expect(reply.status == 200, "\(accounts) \(reply.text)")
            }
            for version in ["false", "1.5", "2.5e-42"] {
                let odd = try await lab.call(
                    .post, "/sync/schedules/preview", as: owner, json: "{\"version\": \(version)}")
                #expect(odd.status == 422 && fields(odd).keys.sorted() == ["version"], "\(odd.text)")
            }
            let form = try await lab.call(
                .post, "/sync/quick/plan", as: owner,
                form: [("accounts", "\(account.id)"), ("date_from", ""), ("date_range", "today")])
            #expect(form.status == 200, "\(form.text)")
        }
    }

    @Test("The script of a page sends what the form has, a box with the field before it, with TLS or without")
    func scripts() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let boxes = [("keys", "off"), ("keys", "on")]

            for (name, value) in [("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin")] {
                let reply = try await lab.call(
                    .post, "/preferences", as: owner, form: boxes, headers: [("Accept", "*/*"), (name, value)])
                #expect(reply.status == 200, "\(name) \(reply.text)")
            }
            #expect(try await lab.call(.post, "/preferences", as: owner, form: boxes).status == 422)
        }
    }

    @Test("A stream that is unknown is told by the field that names it, and nothing is begun")
    func streams() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let path = "/accounts/\(account.id)"
            func resync(_ json: String) async throws -> SiteLab.Reply {
                try await lab.call(.post, "\(path)/resync", as: owner, json: json)
            }

            let one = try await resync(#"{"from": "2026-11-01", "to": "2026-11-02", "stream": "moons"}"#)
            let several = try await resync(
                #"{"span": ["campaign_insights:2026-11-01:2026-11-02", "moons:2026-11-01:2026-11-02"]}"#)
            let price = try await lab.get("\(path)/price?stream=moons", as: owner)

            #expect(one.status == 422 && fields(one)["stream"]?.contains("moons") == true, "\(one.text)")
            #expect(several.status == 422 && fields(several)["span"]?.contains("moons") == true, "\(several.text)")
            #expect(price.status == 422 && fields(price)["stream"] != nil, "\(price.text)")
            #expect(try await lab.store.requests(of: .first, kind: nil, limit: 5).isEmpty)
        }
    }

    @Test("A link's code, or a password, that was forgotten is asked for")
    func codes() async throws {
        try await SiteLab.with { lab in
            for path in ["/invitation", "/password"] {
                let code = try await lab.call(.post, path, json: #"{"password": "cà phê sữa đá"}"#)
                let password = try await lab.call(.post, path, json: #"{"code": "x"}"#)
                let both = try await lab.call(.post, path, json: #"{"code": "x", "password": "cà phê sữa đá"}"#)

                #expect(code.status == 422 && fields(code).keys.sorted() == ["code"], "\(code.text)")
                #expect(password.status == 422 && fields(password).keys.sorted() == ["password"], "\(password.text)")
                #expect(both.status == 410)
            }
        }
    }
}
