import Foundation
import SyncHTTP
import Testing

extension SystemTests {
    /// Pancake over real HTTP.
    @Suite("Pancake")
    struct PancakeTests {
        private static func pages(_ pages: [String: (conversations: Int, messages: Int)]) -> PancakeStandIn {
            PancakeStandIn(
                pages: pages.mapValues { PancakeStandIn.Page(conversations: $0.conversations, messages: $0.messages) })
        }

        @Test("All pages are synced by one command, each with a connection of its own, and phones as is wanted")
        func all() async throws {
            try await PancakeLab.with(Self.pages(["1101": (8, 35), "web_7": (3, 10)])) { lab in
                let connect = try await lab.run("connect", "pancake", "--setting", "phones=hash")
                #expect(connect.code == 0 && connect.out.contains("web_7"), "\(connect.err)")

                let outcome = try await lab.run("sync", "pancake", "--account", "all", "--json", token: nil)

                #expect(outcome.code == 0, "\(outcome.err)")
                let json = try outcome.json()
                #expect((json["jobs"] as? [Int])?.count == 2 && json["status"] as? String == "completed")
                let rows = try #require(json["rows"] as? [String: Int])
                #expect(
                    rows == [
                        "pancake_pages": 2, "pancake_conversations": 11, "pancake_conversation_details": 11,
                        "pancake_messages": 310,
                    ])
                try lab.stored { stored in
                    #expect(
                        try stored.texts("SELECT name FROM connections ORDER BY 1") == ["1101", "default", "web_7"])
                    let texts = try stored.texts("SELECT DISTINCT message FROM pancake_messages")
                    #expect(texts.count == 2 && texts.allSatisfy { $0.hasPrefix("phone_") })
                    for table in ["pancake_conversations", "pancake_messages", "events", "sync_chunks"] {
                        #expect(try !stored.everything(in: table).contains { $0.contains(PancakeStandIn.phone) })
                    }
                }
                // One list for `connect`, one for all of the sync.
                #expect(lab.host.withSandbox { $0.lists } == 2)
                #expect(lab.page("1101").made == 1 && lab.page("1101").throttled == 0)
                let again = try await lab.run("sync", "pancake", "--account", "all", "--json")
                #expect(try again.code == 0 && again.number("requests") < 45)
            }
        }

        @Test("A page's token that ends in the middle is made anew once, and nothing is lost")
        func renewal() async throws {
            var standIn = Self.pages(["1101": (12, 31)])
            standIn.intruder = ("1101", 9, false)
            try await PancakeLab.with(standIn) { lab in
                let outcome = try await lab.run("sync", "pancake", "--account", "1101", "--json")

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try lab.stored { try $0.count("pancake_messages") } == 12 * 31)
                let page = lab.page("1101")
                #expect(page.made == 3 && page.refused <= 2)
            }
        }

        @Test("A fight over a token is no loop: the page is left in peace")
        func fight() async throws {
            var standIn = Self.pages(["1101": (30, 5)])
            standIn.intruder = ("1101", 3, true)
            try await PancakeLab.with(standIn) { lab in
                let process = try lab.start(["sync", "pancake", "--account", "1101"])

                try await eventually("the page is left in peace") {
                    (try? lab.stored { try $0.count("events", where: "kind = 'token_fight'") > 0 }) ?? false
                }
                try await ContinuousClock().sleep(for: .seconds(3))

                let page = lab.page("1101")
                #expect(page.refused <= 6 && page.made <= 10, "\(page.refused) refused, \(page.made) made")
                #expect(process.isRunning)
                process.send(SIGINT)
                #expect(await process.wait().code == 130)
            }
        }

        @Test("A page without admin right is told in one sentence and asked once; the others go on")
        func noRight() async throws {
            var standIn = Self.pages(["1101": (3, 5), "1102": (3, 5)])
            standIn.pages["1102"]?.isAdmin = false
            try await PancakeLab.with(standIn) { lab in
                let outcome = try await lab.run("sync", "pancake", "--account", "all", "--json")

                #expect(outcome.code == 3)
                #expect(
                    outcome.err.contains("Page 1102 (1102): The user of this token has no admin right on the page."))
                let counts = try lab.stored { stored in
                    [
                        try stored.count("pancake_messages", where: "account_id = '1101'"),
                        try stored.count("pancake_messages"),
                    ]
                }
                #expect(counts == [15, 15])
                #expect(lab.page("1102").calls.count <= 1)
            }
        }

        @Test("A wrong token and an unknown page are told after one call")
        func wrong() async throws {
            try await PancakeLab.with(Self.pages(["1101": (3, 5)])) { lab in
                let wrong = try await lab.run("sync", "pancake", "--account", "1101", token: "X")
                #expect(wrong.code == 3 && wrong.err.contains("Pancake rejects the access token."))
                #expect(lab.host.withSandbox { $0.lists } == 1)
                let unknown = try await lab.run("sync", "pancake", "--account", "7")
                #expect(unknown.code == 2 && unknown.err.contains("1101"))
            }
        }
    }
}
