import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import SyncCore
import SyncHTTP
import Testing

extension SystemTests {
    @Suite("An affiliate network")
    struct NetworksTests {
        private typealias Lab = NetworkLab<AdmitadWorld>

        private func tokens(_ lab: Lab) async throws -> Int {
            try #require(try await lab.host.control("counters")["tokens"] as? Int)
        }

        private static func faults(_ rules: String) -> String { "{\"faults\":[\(rules)]}" }

        @Test("that does not know its token any more is asked for another, however young that one is")
        func forgottenToken() async throws {
            try await Lab.with { lab in
                let first = try await lab.sync()
                try await lab.host.control("revoke", "")
                let second = try await lab.sync()

                #expect(first.code == 0, "\(first.err)")
                #expect(second.code == 0, "\(second.err)")
                #expect(try await tokens(lab) == 2)
            }
        }

        @Test("that forgets its token in the middle of a job is asked for another, and the job goes on")
        func forgottenMeanwhile() async throws {
            let faults = Self.faults(#"{"kind":"tokenExpired","calls":[3]},{"kind":"tokenInvalid","calls":[5]}"#)
            try await Lab.with(faults) { lab in
                let outcome = try await lab.sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try await tokens(lab) >= 2)
            }
        }

        @Test("whose application was given a scope since gets a new token with the next sync")
        func grantedScope() async throws {
            try await Lab.with(Self.faults(#"{"kind":"forbidden","target":"/coupons/","times":1}"#)) { lab in
                let before = try await lab.sync()
                let minted = try await tokens(lab)
                let after = try await lab.sync()

                #expect(before.code == 3, "\(before.err)")
                #expect(after.code == 0, "\(after.err)")
                #expect(try await tokens(lab) == minted + 1)
            }
        }

        @Test("has no currency of its own, and connect names none")
        func connected() async throws {
            try await Lab.with { lab in
                let outcome = try await lab.run(["connect", "admitad"])

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(outcome.out.contains("  me  Admitad sluice-publisher  UTC\n"), "\(outcome.out)")
            }
        }

        @Test("has one account, and every other id is told in a sentence that names it")
        func wrongAccount() async throws {
            try await Lab.with { lab in
                let synced = try await lab.sync("abc")
                let connected = try await lab.run(["connect", "admitad", "--account", "abc"])

                for outcome in [synced, connected] {
                    #expect(outcome.code == 2, "\(outcome.err)")
                    #expect(outcome.err.contains("The account abc is not among those"), "\(outcome.err)")
                    #expect(outcome.err.contains("  me  Admitad"), "\(outcome.err)")
                }
            }
        }

        @Test("that refuses the credential before there is a job ends --json with one object")
        func refusedBeforeTheJob() async throws {
            try await Lab.with { lab in
                let refused = try await lab.sync(environment: ["SLUICE_ADMITAD_CLIENT_SECRET": "wrong"])
                let away = try await lab.sync(url: "http://127.0.0.1:9")
                let unknown = try await lab.run(["sync", "admitad", "--account", "abc", "--json"])
                let misused = try await lab.run(["sync", "admitad", "--account", "me", "--json", "--streams", "none"])

                #expect(refused.code == 3 && away.code == 1 && unknown.code == 2 && misused.code == 2)
                for outcome in [refused, away, unknown] {
                    let end = try outcome.json()
                    #expect(end["job_id"] is NSNull)
                    #expect(end["status"] as? String == "failed")
                    #expect((end["rows"] as? [String: Any])?.isEmpty == true)
                    #expect(end["chunks"] as? [String: Int] == ["completed": 0, "failed": 0])
                    #expect(end["seconds"] is Double || end["seconds"] is Int)
                    #expect(try outcome.number("throttled") == 0)
                    let error = try #require(end["error"] as? String)
                    #expect(!error.isEmpty && outcome.err.contains(error))
                }
                #expect(try refused.number("requests") == 1)
                #expect(try away.number("retries") == 4)
                #expect(misused.out.isEmpty)
            }
        }

        @Test("whose history of actions is named alone brings it, with the actions")
        func historyAlone() async throws {
            try await Lab.with { lab in
                let outcome = try await lab.sync("me", ["--range", "last_30_days", "--streams", "action_history"])

                #expect(outcome.code == 0, "\(outcome.err)")
                let rows = try outcome.json()["rows"] as? [String: Int] ?? [:]
                #expect(rows["admitad_action_history", default: 0] > 0)
                #expect(rows["admitad_actions", default: 0] > 0)
            }
        }

        @Test("keeps every state of an action that it has seen, each once", arguments: Place.available)
        func history(_ place: Place) async throws {
            try await Lab.with(in: place) { lab in
                let first = try await lab.sync("me", [])
                let pending = try #require(
                    try lab.texts("SELECT action_id FROM admitad_actions WHERE status = 'pending' ORDER BY 1").first)
                let states = try lab.count("admitad_action_history")
                try await lab.host.control("action?id=\(pending)&status=approved&payment_micros=7000000", "")

                let second = try await lab.sync("me", [])
                let third = try await lab.sync("me", [])

                #expect(first.code == 0 && second.code == 0 && third.code == 0, "\(first.err)\(second.err)\(third.err)")
                let truth = try await lab.truth()
                #expect(try lab.count("admitad_actions") == truth["admitad_actions"])
                #expect(states == truth["admitad_actions"])
                let seen = "SELECT status FROM admitad_action_history WHERE action_id = '\(pending)' ORDER BY 1"
                #expect(try lab.texts(seen) == ["approved", "pending"])
                #expect(try lab.count("admitad_action_history") == states + 1)
                let newest = "FROM admitad_actions WHERE action_id = '\(pending)'"
                #expect(try lab.texts("SELECT status || ' ' || payment_micros \(newest)") == ["approved 7000000"])
            }
        }
    }

    @Suite("A network with a key")
    struct BoostinyTests {
        private typealias Lab = NetworkLab<BoostinyWorld>
        /// No detector of bursts, which the program is told too.
        private static let calm = """
            {"limits":{"mostInFlight":0,"perMinute":0},"latency":{"base":0,"jitter":0},
            "performance":{"hasDate":true}}
            """
        private static let slow = calm.replacing(#""base":0"#, with: #""base":200000"#)
        private static let quick = ["--quota", "key=100/s:100"]

        /// Sums by day as the database has them, and as the sandbox has.
        private func sums(_ lab: Lab) async throws -> (own: [String], real: [String]) {
            let names = ["orders", "net_orders", "revenue_micros", "net_revenue_micros"]
            let columns = names.map { " || '|' || sum(\($0))" }.joined()
            let own = try lab.texts("SELECT date\(columns) FROM boostiny_performance GROUP BY date")
            let real = try await lab.host.control("sums").map { day, value in
                let sums = try #require(value as? [String: Any])
                return ([day] + names.map { "\(sums[$0] ?? "none")" }).joined(separator: "|")
            }
            return (own.sorted(), real.sorted())
        }

        @Test("arrives whole, by every day's sums, and is read again in its last weeks", arguments: Place.available)
        func whole(_ place: Place) async throws {
            try await Lab.with(Self.calm, in: place) { lab in
                let first = try await lab.sync("me", Self.quick)

                #expect(first.code == 0, "\(first.err)")
                for (table, rows) in try await lab.truth() { #expect(try lab.count(table) == rows, "\(table)") }
                let (own, real) = try await sums(lab)
                #expect(real.count > 20)
                expectSame("boostiny_performance", own, real)

                let second = try await lab.sync("me", [])
                #expect(second.code == 0, "\(second.err)")
                #expect(try second.number("requests") < first.number("requests"))
                let again = try await sums(lab)
                expectSame("boostiny_performance", again.own, again.real)
            }
        }

        @Test("whose key is taken back in the middle parks its connection, and goes on with the next key")
        func revoked() async throws {
            try await Lab.with(Self.slow) { lab in
                let running = try lab.start(["sync", "boostiny", "--account", "me", "--json"] + Self.quick)
                try await eventually("some calls") { lab.asked.count > 3 || !running.isRunning }
                try await lab.host.control("revoke", "")
                let calls = lab.asked.count
                let outcome = await running.wait()

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains("Boostiny rejects the key. (401) Copy the key again"), "\(outcome.err)")
                // What was under way, and the one that was refused.
                #expect(lab.asked.count <= calls + 2)
                #expect(try lab.count("connections", where: "parked_at IS NOT NULL") == 1)
                #expect(try lab.count("sync_chunks", where: "status = 'failed'") == 0)

                try await lab.host.control("world", #"{"isRevoked":false,"key":"bst_next","latency":{"base":0}}"#)
                let next = try await lab.sync("me", Self.quick, environment: ["SLUICE_BOOSTINY_KEY": "bst_next"])
                #expect(next.code == 0, "\(next.err)")
                #expect(try lab.count("connections", where: "parked_at IS NOT NULL") == 0)
                for (table, rows) in try await lab.truth() { #expect(try lab.count(table) == rows, "\(table)") }
            }
        }
    }
}
