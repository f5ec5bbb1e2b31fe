import ConnectorKit
import Connectors
import Foundation
import SyncCore
import SyncHTTP
import Testing

extension SystemTests {
    @Suite("A shop of Shopee")
    struct ShopeeTests {
        private static let daily = "campaigns,campaign_daily,shop_daily"

        /// Days whose spending all together is not what the totals of the shop say, or is missing.
        private static let differing = """
            SELECT CAST(count(*) AS text) FROM shopee_shop_daily AS s WHERE s.expense_micros IS DISTINCT FROM (
                SELECT sum(p.cost) FROM ad_performance_daily AS p
                WHERE p.platform = 'shopee' AND p.account = s.account_id AND p.day = s.date)
            """

        /// The three kinds of sums by day are those of the sandbox, as far back as Shopee offers them. Orders are
        /// counted for a week behind a click: days before that stand still.
        private func expectSums(
            _ lab: ShopeeLab, _ read: (String) throws -> [String],
            _ sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let last = lab.world.anchor.adding(days: -9)
            for (level, table) in [
                ("shop", "shopee_shop_daily"), ("campaign", "shopee_campaign_daily"), ("gms", "shopee_gms_daily"),
            ] {
                let own = try read(ShopeeLab.sums(of: table, until: last))
                let first = try #require(own.map { $0.prefix(10) }.min().flatMap { CivilDate($0) })
                #expect(first <= lab.world.anchor.adding(months: -6).adding(days: 2), sourceLocation: sourceLocation)
                let real = try await lab.sums(level, from: first, until: last)
                #expect(real.count > 20, "the world has no \(level)", sourceLocation: sourceLocation)
                expectSame(table, own.sorted(), real, sourceLocation)
            }
        }

        /// First and last days that were asked for, each once.
        private func ranges(_ targets: [String]) -> Set<String> {
            Set(
                targets.map { target in
                    let query = FormCoding.decode(String(target.drop { $0 != "?" }.dropFirst()))
                    return ["start_date", "end_date"].compactMap { name in query.first { $0.name == name }?.value }
                        .joined(separator: " ")
                })
        }

        @Test("arrives whole; what its totals have beyond campaigns is GMV Max, and sums are those of the shop")
        func whole() async throws {
            try await ShopeeLab.with { lab in
                let outcome = try await lab.sync("--streams", Self.daily)

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try outcome.number("retries") == 0)
                #expect(try outcome.number("throttled") == 0)
                try lab.stored { (stored: Stored) throws in
                    #expect(try stored.count("shopee_campaigns", where: "campaign_status IS NOT NULL") > 0)
                    #expect(try stored.count("shopee_campaign_daily") > 0)
                    #expect(try stored.count("shopee_gms_daily") > 0)
                    #expect(try stored.texts(Self.differing) == ["0"])
                    let progress = """
                        SELECT shop_id || ' ' || stage || ' ' || percent || ' ' || failed_chunks || ' '
                            || (current_chunk = total_chunks) || (synced_campaigns = total_campaigns)
                            || (minutes_since_last_chunk BETWEEN 0 AND 5) FROM ads_sync_progress_status
                        """
                    #expect(try stored.texts(progress) == ["\(lab.world.account) completed 100 0 111"])
                }
                try await expectSums(lab) { sql in try lab.stored { try $0.texts(sql) } }
            }
        }

        @Test("is read again in its last days only")
        func again() async throws {
            try await ShopeeLab.with { lab in
                _ = try await lab.sync("--streams", Self.daily)
                lab.host.withSandbox { $0.asked = [] }

                let outcome = try await lab.sync("--streams", Self.daily)

                #expect(outcome.code == 0, "\(outcome.err)")
                let zones = try lab.stored { try $0.texts("SELECT time_zone FROM accounts") }
                let today = CivilDate(SystemWallClock().now, in: try AccountZone.named(zones.first ?? ""))
                func text(_ day: CivilDate) -> String {
                    "\(day)".split(separator: "-").reversed().joined(separator: "-")
                }
                func since(_ days: Int) -> String { "\(text(today.adding(days: -days))) \(text(today))" }
                #expect(ranges(lab.asked("get_product_campaign_daily_performance")) == [since(7)])
                // The shop's own totals prove all days that may still change, at no more calls.
                #expect(ranges(lab.asked("get_all_cpc_ads_daily_performance")) == [since(7), since(10)])
            }
        }

        @Test("whose token ends in the middle goes on with the next one, which is got once and kept")
        func renewal() async throws {
            try await ShopeeLab.with({ $0.auth.firstAge = $0.auth.accessLife - 3 }) { lab in
                let outcome = try await lab.sync("--streams", Self.daily)

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(lab.asked("access_token/get").count == 1)
                #expect(try lab.stored { try $0.count("connections", where: "parked_at IS NULL AND version = 2") } == 1)

                // Whoever gives the worn-out tokens again means what came of them.
                let next = try await lab.sync("--streams", "shops")
                #expect(next.code == 0, "\(next.err)")
                #expect(lab.asked("access_token/get").count == 1)
            }
        }

        @Test("is connected with a consent: link, address, tokens, and a sync that needs the app's credential alone")
        func consent() async throws {
            try await ShopeeLab.with { lab in
                let before = try await lab.sync("--streams", "shops", environment: lab.app)
                let asked = try await lab.connect("--redirect", "https://shop.example/back?x=1")
                let back = try await lab.consent(to: asked.lastLine)
                let foreign = try await lab.connect("--callback", "https://shop.example/back?code=1&state=1-2-3")
                let connected = try await lab.connect("--callback", back)
                let spent = try await lab.connect("--callback", back)
                let after = try await lab.sync("--streams", "shops", environment: lab.app)

                #expect(before.code == 2 && before.err.contains("sluice connect shopee"), "\(before.err)")
                #expect(asked.code == 2 && back.hasPrefix("https://shop.example/back?x=1&state="))
                #expect(foreign.code == 2 && foreign.err.contains("Begin anew"), "\(foreign.err)")
                #expect(connected.code == 0, "\(connected.err)")
                #expect(connected.out.contains("sluice sync shopee --account \(lab.world.account)"))
                #expect(spent.code == 3 && spent.err.contains("invalid_code"), "\(spent.err)")
                #expect(after.code == 0, "\(after.err)")
                #expect(lab.asked("token/get").count { !$0.contains("access_token/get") } == 2)
                let names = try lab.stored { try $0.texts("SELECT name FROM connections") }
                #expect(names.contains("1000001/\(lab.world.account)"))
            }
        }

        @Test(
            "with a bad credential is one call, one sentence and one next step",
            arguments: [("KEY", "SLUICE_SHOPEE_PARTNER_KEY"), ("ID", "SLUICE_SHOPEE_PARTNER_")])
        func badCredential(part: String, says: String) async throws {
            try await ShopeeLab.with { lab in
                var environment = lab.credentials
                environment["SLUICE_SHOPEE_PARTNER_\(part)"] = part == "ID" ? "7" : "wrong"

                let outcome = try await lab.sync("--streams", "shops", environment: environment)

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains(says), "\(outcome.err)")
                #expect(lab.host.traffic.requests == 1)
            }
        }

        @Test("of an app without the Ads module parks its connection after one call to the ads, and calls no more")
        func noAds() async throws {
            try await ShopeeLab.with({ $0.printedApp = 1 }) { lab in
                let outcome = try await lab.sync("--streams", Self.daily)

                #expect(outcome.code == 3, "\(outcome.err)")
                #expect(outcome.err.contains("Ads module"), "\(outcome.err)")
                let calls = lab.host.withSandbox { $0.asked }
                #expect(calls.count { $0.contains("/api/v2/ads/") } == 1)
                #expect(try lab.stored { try $0.count("connections", where: "parked_at IS NOT NULL") } == 1)
            }
        }

        @Test("shows how far its sync is: campaigns, performance, the end")
        func progress() async throws {
            try await ShopeeLab.with({ $0.latency.base = 150_000 }) { lab in
                let running = try lab.startSync("--streams", Self.daily)
                var stages: [String] = []
                var synced: [Int] = []
                try await eventually("the end of the sync") {
                    let line = try? lab.stored {
                        try $0.texts("SELECT stage || ' ' || synced_campaigns FROM ads_sync_progress_status").first
                    }
                    if let parts = (line ?? nil)?.split(separator: " "), let count = Int(parts[1]) {
                        if stages.last != String(parts[0]) { stages.append(String(parts[0])) }
                        synced.append(count)
                    }
                    return !running.isRunning
                }

                #expect(await running.wait().code == 0)
                // Whoever looks early or late sees the shop before its job, or the end.
                let between = stages.filter { !["idle", "completed"].contains($0) }
                #expect(between == ["syncing_campaigns", "syncing_performance"], "\(stages)")
                #expect(synced == synced.sorted())
                #expect(try lab.stored { try $0.text("SELECT stage FROM ads_sync_progress_status") } == "completed")
            }
        }

        @Test("shows that its sync has failed, and in how many chunks")
        func failedProgress() async throws {
            let path = "/api/v2/ads/get_all_cpc_ads_daily_performance"
            try await ShopeeLab.with({ world in
                var rule = ShopeeWorld.Faults.Rule(.error, target: path)
                rule.code = "error_param"
                world.faults.rules = [rule]
            }) { lab in
                let outcome = try await lab.sync("--streams", Self.daily)

                #expect(outcome.code == 1, "\(outcome.err)")
                let failed = try lab.stored { try $0.count("sync_chunks", where: "status = 'failed'") }
                #expect(failed > 0)
                let line = """
                    SELECT stage || ' ' || failed_chunks || ' ' || (error_message <> '') || ' '
                        || (completed_at IS NOT NULL) FROM ads_sync_progress_status
                    """
                #expect(try lab.stored { try $0.texts(line) } == ["failed \(failed) 1 1"])
            }
        }

        @Test("may be opened to two apps: each has its own connection, tokens and limits, and rows are there once")
        func twoApps() async throws {
            try await ShopeeLab.with({ $0.apps[1].hasAds = true }) { lab in
                let first = try await lab.sync("--streams", Self.daily)
                let rows = try lab.stored { try $0.count("shopee_campaign_daily") }
                let given = try await lab.control("credentials?app=\(lab.world.apps[1].id)")
                var other: [String: String] = [:]
                for (field, value) in given { other["SLUICE_SHOPEE_\(field.uppercased())"] = value as? String }

                let second = try await lab.sync("--streams", Self.daily, environment: other)
                let third = try await lab.sync("--streams", "shops")
                let fourth = try await lab.sync("--streams", "shops", environment: other)

                for outcome in [first, second, third, fourth] { #expect(outcome.code == 0, "\(outcome.err)") }
                let apps = lab.world.apps.map { "\($0.id)" }
                try lab.stored { stored in
                    let names = try stored.texts("SELECT name FROM connections ORDER BY 1")
                    #expect(names == apps.map { "\($0)/\(lab.world.account)" })
                    #expect(try stored.count("shopee_campaign_daily") == rows)
                    #expect(try stored.count("connections", where: "parked_at IS NOT NULL") == 0)
                    let limits = try stored.texts("SELECT key FROM quotas WHERE key LIKE 'shopee/app/%' ORDER BY 1")
                    #expect(limits == apps.map { "shopee/app/\($0)" })
                }
                let partners = Set(
                    lab.host.withSandbox { $0.asked }.compactMap { target in
                        FormCoding.decode(String(target.drop { $0 != "?" }.dropFirst()))
                            .first { $0.name == "partner_id" }?.value
                    })
                #expect(partners == Set(apps))
            }
        }

        @Test("keeps its views and progress on a server too", .enabled(if: TargetDatabase.server != nil))
        func server() async throws {
            try await ShopeeLab.with { lab in
                try await TargetDatabase.with { target in
                    var environment = lab.credentials
                    environment["SLUICE_SECRET_KEY"] = Data(repeating: 7, count: 32).base64EncodedString()

                    let outcome = try await lab.sync(
                        "--streams", Self.daily, environment: environment, database: target.url)

                    #expect(outcome.code == 0, "\(outcome.err)")
                    #expect(try target.texts("SELECT stage FROM ads_sync_progress_status") == ["completed"])
                    #expect(try target.number("SELECT count(*)::text FROM shopee_gms_daily") > 0)
                    #expect(try target.texts(Self.differing) == ["0"])
                    try await expectSums(lab) { try target.texts($0) }
                }
            }
        }
    }
}
