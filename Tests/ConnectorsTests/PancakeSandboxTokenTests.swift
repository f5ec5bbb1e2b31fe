import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

@Suite("Pancake sandbox: tokens, pages and limits")
struct PancakeSandboxTokenTests {
    @Test("Families do not mix: a page's token on the user API and the user's on the page API are 102, with 200")
    func realms() {
        var probe = PancakeProbe.calm()
        let user = probe.sandbox.world.auth.userToken

        let pageOnUser = probe.pages(probe.pageToken())
        let userOnPage = probe.conversations(token: user)
        let nonsense = probe.conversations(token: "x")

        #expect(probe.pages().isGood)
        #expect(probe.conversations().isGood)
        for answer in [pageOnUser, userOnPage, nonsense] {
            #expect(answer.status == 200 && !answer.isGood && answer.error == 102)
            #expect(answer.text("message") != nil)
        }
    }

    @Test("A page's token carries the page id; a new one makes the old one 105 at once")
    func regenerate() throws {
        var probe = PancakeProbe.calm()
        let old = probe.pageToken()

        let new = try #require(probe.generate().text("page_access_token"))
        let payload = new.split(separator: ".")[1].replacing("-", with: "+").replacing("_", with: "/")
        let padded = String(payload) + String(repeating: "=", count: (4 - payload.count % 4) % 4)
        let decoded = try #require(Data(base64Encoded: padded))
        let text = String(decoding: decoded, as: UTF8.self)

        #expect(text.contains("\"id\":\"1101\""))
        #expect(probe.conversations(token: old).error == 105)
        #expect(probe.conversations(token: new).isGood)
        #expect(probe.ask("counters").json["regenerations"] as? [String: Int] == ["1101": 1])
    }

    @Test("A token that another system made is the only good one afterwards")
    func fight() {
        var probe = PancakeProbe.calm()
        let own = probe.generate().text("page_access_token")

        let others = probe.turn("regenerate", [("page", "1101")]).text("page_access_token")

        #expect(probe.conversations(token: own).error == 105)
        #expect(probe.conversations(token: others).isGood)
        #expect(probe.ask("counters").json["regenerations"] as? [String: Int] == ["1101": 1])
    }

    @Test("A token of another page is invalid, not renewed")
    func foreignPage() {
        var probe = PancakeProbe.calm {
            $0.pages.append(.init(id: "1102", name: "B", username: "b", conversations: 1, messages: 1))
        }
        let old = probe.pageToken("1102")
        _ = probe.generate("1102")

        #expect(probe.conversations(token: old).error == 102)
        #expect(probe.conversations(page: "1102", token: old).error == 105)
    }

    @Test("Only an admin makes tokens; the right may be lost, and the token of before still works")
    func admin() {
        var probe = PancakeProbe.calm()
        let token = probe.pageToken()
        probe.turn("admin", [("page", "1101"), ("granted", "false")])

        let refused = probe.generate()
        let unknown = probe.generate("999")
        probe.turn("admin", [("page", "1101"), ("granted", "true")])

        #expect(refused.status == 200 && !refused.isGood && refused.error == 107)
        #expect(!unknown.isGood)
        #expect(probe.conversations(token: token).isGood)
        #expect(probe.generate().isGood)
    }

    @Test("The user's token expires with 103; errors may come with statuses of 4xx; the admin's code may be absent")
    func strict() {
        var probe = PancakeProbe.calm {
            $0.auth.expiresAt = Instant(seconds: 1_795_233_700)
            $0.auth.strictStatuses = true
            $0.auth.notAdminCode = nil
            $0.pages[0].isAdmin = false
        }
        let refused = probe.generate()
        probe.wait(.seconds(100))
        let expired = probe.pages()

        #expect(refused.status == 400 && refused.error == nil && !refused.isGood)
        #expect(expired.status == 401 && expired.error == 103)
        #expect(probe.conversations(token: "x").status == 401)
    }

    @Test("Pages are listed by activation, or flat as the documentation has it")
    func listings() {
        func pages(flat: Bool) -> [String: Any] {
            var probe = PancakeProbe.calm {
                $0.reading.listsPagesFlat = flat
                $0.pages.append(.init(id: "web_2", name: "B", username: "b", conversations: 0, messages: 1))
                $0.pages[1].isActivated = false
            }
            return probe.pages().json
        }
        func ids(_ value: Any?) -> [String] { (value as? [[String: Any]] ?? []).compactMap { $0["id"] as? String } }

        let grouped = pages(flat: false)["categorized"] as? [String: Any] ?? [:]

        #expect(ids(grouped["activated"]) == ["1101"] && ids(grouped["inactivated"]) == ["web_2"])
        #expect(grouped["activated_page_ids"] as? [String] == ["1101"])
        #expect(ids(pages(flat: true)["pages"]) == ["1101", "web_2"])
    }

    @Test("Five calls fit into any second of a page, the sixth is 429 in status and body; other pages go on")
    func window() {
        var probe = PancakeProbe.calm {
            $0.reading.callsPerSecond = 5
            $0.pages.append(.init(id: "1102", name: "B", username: "b", conversations: 1, messages: 1))
        }
        for _ in 0..<3 { #expect(probe.conversations().isGood) }
        probe.wait(.milliseconds(600))
        for _ in 0..<2 { #expect(probe.conversations().isGood) }

        let sixth = probe.conversations()
        let other = probe.conversations(page: "1102")
        probe.wait(.milliseconds(400))
        let freed = (0..<4).map { _ in probe.conversations().status }

        #expect(sixth.status == 429 && sixth.error == 429 && !sixth.isGood)
        #expect(sixth.text("message") == "Too many requests")
        #expect(other.isGood)
        #expect(freed == [200, 200, 200, 429])
        let counters = probe.ask("counters").json
        #expect(counters["throttledByPage"] as? [String: Int] == ["1101": 2])
        #expect(counters["mostCallsInSecond"] as? [String: Int] == ["1101": 5, "1102": 1])
    }

    @Test(
        "Failures on purpose: each kind with its status and code",
        arguments: [
            ("outage", 502, nil), ("serverError", 500, nil), ("throttled", 429, 429), ("invalidToken", 200, 102),
            ("renewedToken", 200, 105), ("expiredToken", 200, 103), ("denied", 200, 106),
        ] as [(String, Int, Int?)])
    func faults(kind: String, status: Int, code: Int?) {
        var probe = PancakeProbe.calm()
        probe.turn("faults", [("rule", "\(kind):1000:/conversations")])

        let answer = probe.conversations()

        #expect(answer.status == status && answer.error == code)
        #expect(probe.pages().isGood)
    }

    @Test("Calls are counted by endpoint and page")
    func counters() {
        var probe = PancakeProbe.calm()
        let id = probe.conversations().names("conversations")[0]
        _ = probe.messages(of: id)
        _ = probe.messages(of: id, skip: 30)
        _ = probe.generate()
        _ = probe.pages()

        let counters = probe.ask("counters").json

        #expect(
            counters["byEndpoint"] as? [String: Int]
                == ["conversations": 1, "messages": 2, "generate_page_access_token": 1, "pages": 1])
        #expect((counters["byPageAndEndpoint"] as? [String: Int])?["1101/messages"] == 2)
        #expect((counters["byPage"] as? [String: Int])?["1101"] == 4)
    }

    @Test("Other addresses are 404")
    func addresses() {
        var probe = PancakeProbe.calm()

        #expect(probe.get("/public_api/v1/pages").status == 404)
        #expect(probe.get("/api/public_api/v3/pages/1101/conversations").status == 404)
        #expect(probe.v1("nothing").status == 404)
    }
}
