import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

extension SystemTests {
    @Suite("A plan of budgets")
    struct BudgetTests {
        private static let rules = #"{"all":true,"name":"all","budgets":[{"budget":260000}]}"#
        private static let unseen = #"{"gmv_max":true,"budgets":[{"budget":3000000}]}"#

        private static func campaign(_ change: [String: Any]) -> String { change["campaign_id"] as? String ?? "" }

        /// Budgets of the campaigns that live, as the sandbox has them, in VND.
        private func budgets(_ lab: ShopeeLab) async throws -> [String: Int64] {
            let answer = try await lab.control("budgets")
            let campaigns = try #require(answer["campaigns"] as? [String: [String: Any]])
            return campaigns.compactMapValues { ($0["budget_micros"] as? NSNumber).map { $0.int64Value / 1_000_000 } }
        }

        private func writes(_ lab: ShopeeLab) async throws -> Int {
            (try await lab.control("budgets")["writes"] as? [[String: Any]] ?? []).count {
                $0["by"] as? String == "api"
            }
        }

        private func world(_ world: inout ShopeeWorld) {
            world.shops[0].region = "VN"
            world.shops[0].campaigns = 20
        }

        /// `--dry-run` says what would be changed, and changes no budget and no schedule.
        private func expectTrial(_ lab: ShopeeLab, _ plan: String, _ before: [String: Int64]) async throws {
            let schedules = try await lab.command("schedules", "list").out
            let set = try await lab.budgets("set", plan, "--dry-run")
            let tried = try await lab.sync("--streams", "budgets")
            let log = try await lab.budgets("log", "--json", "--limit", "100")

            #expect(set.code == 0 && tried.code == 0, "\(set.err)\(tried.err)")
            #expect(set.out.contains("is tried out from now on: nothing is changed"), "\(set.out)")
            #expect(try await lab.command("schedules", "list").out == schedules)
            #expect(schedules.contains("Shopee: budget scheduler  (off)"), "\(schedules)")
            #expect(try await budgets(lab) == before)
            #expect(try await writes(lab) == 0)
            let wanted = try log.objects()
            #expect(!wanted.isEmpty && wanted.allSatisfy { $0["outcome"] as? String == "would_change" }, "\(log.out)")
            for change in wanted {
                let id = try #require(change["campaign_id"] as? String)
                #expect((change["before_micros"] as? NSNumber)?.int64Value == before[id].map { $0 * 1_000_000 })
                #expect((change["wanted_micros"] as? NSNumber)?.int64Value == 260_000_000_000)
            }
        }

        @Test("is kept to when it is asked for, and by nothing else; its changes are told, undone and given back")
        func life() async throws {
            try await ShopeeLab.with(world) { lab in
                let none = try await lab.sync("--streams", "budgets")
                let read = try await lab.sync("--streams", "campaigns")
                let empty = try await lab.budgets("show")
                let before = try await budgets(lab)
                let plan = try lab.file("plan", "{\"rules\":[\(Self.rules)]}")
                try await expectTrial(lab, plan, before)
                let set = try await lab.budgets("set", plan)
                let schedules = try await lab.command("schedules", "list")
                let plain = try await lab.sync("--streams", "campaigns")
                let untouched = try await budgets(lab)
                let kept = try await lab.sync("--streams", "budgets")
                let after = try await budgets(lab)
                let again = try await lab.sync("--streams", "budgets")
                let log = try await lab.budgets("log", "--json", "--limit", "100")

                #expect(none.code == 2 && none.err.contains("`sluice budgets set` makes one."), "\(none.err)")
                #expect(read.code == 0 && plain.code == 0 && set.code == 0, "\(read.err)\(plain.err)\(set.err)")
                #expect(empty.out.contains("follow no plan"))
                #expect(set.out.contains("follow a plan with 1 rule from now on"))
                #expect(schedules.out.contains("Shopee: budget scheduler\n"), "\(schedules.out)")
                #expect(untouched == before)
                #expect(kept.code == 0 && again.code == 0, "\(kept.err)\(again.err)")
                let changes = try log.objects()
                let changed = changes.filter { $0["outcome"] as? String == "changed" }
                let tried = changes.filter { $0["outcome"] as? String == "would_change" }
                let sent = changes.filter { ["changed", "refused"].contains($0["outcome"] as? String) }
                #expect(tried.map(Self.campaign).sorted() == Set(sent.map(Self.campaign)).sorted())
                #expect(!changed.isEmpty)
                #expect(try await writes(lab) == changed.count)
                for change in changed {
                    let id = try #require(change["campaign_id"] as? String)
                    #expect(after[id] == 260_000)
                    #expect((change["before_micros"] as? NSNumber)?.int64Value == (before[id] ?? 0) * 1_000_000)
                }
                // What was read before and behind a change is stored as well.
                let stale =
                    "campaign_budget_micros <> 260000000000 AND campaign_id IN "
                    + "(SELECT campaign_id FROM shopee_budget_changes WHERE outcome = 'changed')"
                #expect(try lab.stored { try $0.count("shopee_campaigns", where: stale) } == 0)

                let undone = try await lab.budgets("undo", try #require(changed[0]["change_id"] as? String))
                _ = try await lab.sync("--streams", "budgets")
                let id = try #require(changed[0]["campaign_id"] as? String)
                #expect(undone.out.hasPrefix("1 change will be undone"))
                #expect(try await budgets(lab)[id] == before[id])
                #expect(try await lab.budgets("show").out.contains("undone; stays until it is released"))
                #expect(try await lab.budgets("undo", "nothing").code == 2)
                #expect(try await lab.budgets("release", id).code == 0)
                _ = try await lab.sync("--streams", "budgets")
                #expect(try await budgets(lab)[id] == 260_000)

                let cleared = try await lab.budgets("clear")
                #expect(cleared.out.contains("they stay as they are"))
                #expect(try await lab.command("schedules", "list").out.contains("Shopee: budget scheduler  (off)"))
            }
        }

        @Test("leaves to a person what a person has set, and says so; what was never seen is not set back")
        func person() async throws {
            try await ShopeeLab.with({
                world(&$0)
                $0.shops[0].hasGMS = true
            }) { lab in
                _ = try await lab.sync("--streams", "campaigns")
                let plan = "{\"rules\":[\(Self.unseen),\(Self.rules)]}"
                _ = try await lab.budgets("set", try lab.file("plan", plan))
                _ = try await lab.sync("--streams", "budgets")
                let id = try #require(
                    try lab.stored {
                        try $0.texts("SELECT campaign_id FROM shopee_budgets WHERE set_micros = 260000000000").first
                    })
                try await lab.control("budget", #"{"campaign_id":\#(id),"budget":999000}"#)
                let count = try await writes(lab)

                let outcome = try await lab.sync("--streams", "budgets")
                let shown = try await lab.budgets("show", environment: ["SLUICE_LANG": "vi"])

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try await budgets(lab)[id] == 999_000)
                #expect(try await writes(lab) == count)
                #expect(shown.out.contains("để người quản lý quyết định"), "\(shown.out)")
                let made = try lab.stored {
                    try $0.count("shopee_budget_changes", where: "outcome = 'changed' AND before_micros IS NOT NULL")
                }
                let undone = try await lab.budgets("undo")
                #expect(undone.out.hasPrefix("\(made) changes will be undone"), "\(undone.out)\(undone.err)")
                let kinds = try lab.stored { try $0.texts("SELECT DISTINCT kind FROM sync_jobs WHERE id > 1") }
                #expect(kinds == ["manual"])
            }
        }

        @Test("that makes no sense is refused with a sentence, and nothing is stored")
        func wrong() async throws {
            try await ShopeeLab.with(world) { lab in
                let early = try await lab.budgets("set", try lab.file("plan", "{\"rules\":[\(Self.rules)]}"))
                _ = try await lab.sync("--streams", "shops")
                let wrong = try await lab.budgets("set", try lab.file("wrong", #"{"rules":[{"all":true}]}"#))
                let missing = try await lab.budgets("set", "nowhere.json")
                let foreign = try await lab.budgets("show", "--account", "7")

                #expect(early.code == 2 && early.err.contains("There is no database"))
                #expect(wrong.code == 2 && wrong.err.contains("The rule 1 has no budgets."), "\(wrong.err)")
                #expect(missing.code == 2 && missing.err.contains("There is no file nowhere.json"))
                #expect(foreign.code == 2 && foreign.err.contains("There is no account 7"))
                #expect(try await lab.budgets("show").out.contains("follow no plan"))
            }
        }

        @Test(
            "is kept to by a worker when its schedule runs, on a server too",
            .enabled(if: TargetDatabase.server != nil))
        func worker() async throws {
            try await ShopeeLab.with(world) { lab in
                try await TargetDatabase.with { target in
                    var environment = lab.credentials
                    environment["SLUICE_SECRET_KEY"] = Data(repeating: 7, count: 32).base64EncodedString()
                    environment["SLUICE_DATABASE"] = target.url
                    _ = try await lab.sync(
                        "--streams", "campaigns", environment: environment, database: target.url)
                    let plan = try lab.file("plan", "{\"rules\":[\(Self.rules)]}")
                    let set = await (try lab.start(["budgets", "set", plan], environment)).wait()
                    let run = await
                        (try lab.start(
                            ["schedules", "run", "Shopee: budget scheduler"], environment)).wait()
                    let worker = try lab.start(["worker"], environment)
                    try await eventually("budgets to be set") {
                        try target.number("SELECT count(*)::text FROM shopee_budget_changes WHERE outcome = 'changed'")
                            > 0
                            && target.number("SELECT count(*)::text FROM shopee_budgets WHERE pending_micros > 0") == 0
                    }
                    worker.send(SIGTERM)
                    _ = await worker.wait()

                    #expect(set.code == 0 && run.code == 0, "\(set.err)\(run.err)")
                    let count = "SELECT count(*)::text FROM shopee_budget_changes WHERE outcome = 'changed'"
                    #expect(try await writes(lab) == target.number(count))
                }
            }
        }
    }
}
