import ConnectorKit
import Connectors
import Foundation
import GRDB
import SyncCore
import SyncHTTP
import Synchronization
import Testing

/// Admitad that says of one day 500 more in one currency, and 500 less in another.
private struct SkewedTotals: Sandbox {
    final class Day: Sendable { let text = Mutex<String?>(nil) }

    var inner: any Sandbox
    let day: Day

    mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
        var reply = inner.respond(to: request, at: now)
        guard request.target.hasPrefix("/statistics/dates/"), let day = day.text.withLock({ $0 }) else { return reply }
        var text = String(decoding: reply.response.body, as: UTF8.self)
        for (currency, more) in [("USD", 500), ("EUR", -500)] as [(String, Decimal)] {
            let field = "\"payment_sum_open\":"
            // Objects of the report hold no others.
            for row in text.split(separator: "{") where row.contains("\"date\":\"\(day)\"") {
                guard row.contains("\"currency\":\"\(currency)\""), let place = row.range(of: field) else { continue }
                let value = row[place.upperBound...].prefix { $0 != "," }
                let sum = (Decimal(string: value.filter { $0 != "\"" }) ?? 0) + more
                text = text.replacing(row, with: row.replacing("\(field)\(value)", with: "\(field)\"\(sum)\""))
            }
        }
        reply.response.body = Array(text.utf8)
        return reply
    }
}

extension SystemTests {
    @Suite("Certificates")
    struct CertificateTests {
        /// What a person does with a tool of their own.
        private func byHand(_ path: String, _ statements: [String]) throws {
            let database = try DatabaseQueue(path: path)
            defer { try? database.close() }
            try database.write { db in
                for statement in statements {
                    try db.execute(sql: statement)
                    #expect(db.changesCount == 1, "\(statement)")
                }
            }
        }

        /// Calls for totals, apart by what they look at.
        private func looks(_ targets: [String]) -> [String] {
            targets.filter { $0.contains("/insights?") }.compactMap { target in
                let query = FormCoding.decode(String(target.drop { $0 != "?" }.dropFirst()))
                let fields = query.first { $0.name == "fields" }?.value ?? ""
                guard fields.hasSuffix("impressions,clicks,spend"), !fields.contains("reach") else { return nil }
                return query.first { $0.name == "level" }?.value
            }
        }

        @Test("say after a first sync that every day of a Meta account equals Meta's own totals")
        func equal() async throws {
            try await Lab.with(try .tiny()) { lab in
                let outcome = try await lab.sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                #expect(try lab.texts("SELECT DISTINCT state FROM certificates") == ["equal"])
                let days = try lab.oracle.days.count
                #expect(try lab.count("certificates") == days * 3)
                // 201 days: 91 recent ones in one call, 110 of history in two.
                #expect(looks(lab.stage { $0.asked }) == Array(repeating: "account", count: 3))
                let cost = try lab.texts(
                    """
                    SELECT count(*) FROM certificates AS c WHERE c.stream = 'ad_insights'
                        AND c.stored_cost_micros = c.source_cost_micros AND c.stored_impressions = c.source_impressions
                        AND c.stored_cost_micros = (SELECT coalesce(sum(i.spend_micros), 0) FROM meta_ad_insights AS i
                            WHERE i.date = c.date)
                    """)
                #expect(cost == ["\(days)"])
                let told = try await lab.command("certificates", "--days", "3")
                #expect(told.code == 0, "\(told.err)")
                #expect(told.out.contains("\(days) of \(days) days equal the platform's own totals"), "\(told.out)")
                #expect(told.out.split(separator: "\n").count == 5, "\(told.out)")
                #expect(try await lab.command("status").out.contains("\(days) of \(days) days equal"))
                let kinds = try lab.texts("SELECT DISTINCT kind FROM events WHERE kind LIKE 'certificate%'")
                #expect(kinds == ["certificate_equal"])
            }
        }

        @Test("find rows that were deleted or changed by hand, read exactly those again, and say so")
        func repaired() async throws {
            try await Lab.with(try .tiny()) { lab in
                _ = try await lab.sync()
                let day = try QuarterClock.today.adding(days: -12)
                let ad = try #require(
                    try lab.texts("SELECT ad_id FROM meta_ad_insights WHERE date = '\(day)' ORDER BY 1").first)
                let campaigns = "SELECT campaign_id FROM meta_campaign_insights WHERE date = '\(day)' ORDER BY 1"
                let campaign = try #require(try lab.texts(campaigns).last)
                try byHand(
                    lab.database,
                    [
                        "DELETE FROM meta_ad_insights WHERE date = '\(day)' AND ad_id = '\(ad)'",
                        "UPDATE meta_campaign_insights SET spend_micros = spend_micros + 700000000 "
                            + "WHERE date = '\(day)' AND campaign_id = '\(campaign)'",
                    ])
                let asked = lab.stage { $0.asked.count }

                let outcome = try await lab.sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                try lab.expectTruth()
                // A look, one more; campaigns and their ads, live and archived ones; and one behind the repair.
                let looks = looks(Array(lab.stage { $0.asked }.dropFirst(asked)))
                #expect(looks == ["account", "account", "campaign", "campaign", "ad", "ad", "account"], "\(looks)")
                let repairs = try lab.texts(
                    """
                    SELECT stream || ' ' || start_date || ' ' || end_date || ' ' || entity_column || ' ' || entities
                    FROM sync_chunks WHERE stream <> 'totals' AND entities IS NOT NULL AND job_id = 2 ORDER BY 1
                    """)
                #expect(
                    repairs == [
                        "ad_insights \(day) \(day) ad_id [\"\(ad)\"]",
                        "campaign_insights \(day) \(day) campaign_id [\"\(campaign)\"]",
                    ])
                let states = try lab.texts(
                    "SELECT stream || ' ' || state FROM certificates WHERE date = '\(day)' ORDER BY 1")
                #expect(states == ["ad_insights repaired", "ad_set_insights equal", "campaign_insights repaired"])
                #expect(try lab.count("certificates", where: "state NOT IN ('equal', 'repaired')") == 0)
                let currency = try lab.texts("SELECT currency FROM accounts")[0]
                let kinds = try lab.texts(
                    "SELECT kind || ' ' || count(*) FROM events WHERE kind LIKE 'certificate_%' AND job_id = 2 "
                        + "AND kind <> 'certificate_equal' GROUP BY kind ORDER BY 1")
                #expect(kinds == ["certificate_gap 2", "certificate_repaired 2"])
                let told = try lab.texts("SELECT text FROM events WHERE kind = 'certificate_gap' ORDER BY text")
                #expect(
                    told.last
                        == "campaign_insights \(day) has 700 \(currency) of cost too much: it is searched and read "
                        + "again.")
            }
        }

        @Test("keep a gap that reading again does not mend, tell both figures, and do not search for it again")
        func left() async throws {
            let day = try QuarterClock.today.adding(days: -3)
            // Meta's totals of one day hold more than all that it lists.
            let more = "\"date_start\":\"\(day)\",\"date_stop\":\"\(day)\",\"impressions\":\"99000000\""
            let script: Stage.Script = { request, _ in
                guard request.target.contains("level=account") else { return nil }
                return .text(
                    "{\"data\":[{\(more),\"clicks\":\"1\",\"spend\":\"990000\"}]}")
            }
            try await Lab.with(try .aged(days: 10), script: script) { lab in
                let outcome = try await lab.sync("--streams", "insights")
                let asked = lab.stage { $0.asked.count }
                let again = try await lab.sync("--streams", "insights", "--json")

                #expect(outcome.code == 0, "\(outcome.err)")
                let left = "state = 'gap' AND source_impressions = 99000000 AND stored_impressions > 0"
                #expect(try lab.count("certificates", where: "date = '\(day)' AND \(left)") == 3)
                let said = outcome.out + outcome.err
                #expect(said.contains("reading it again did not change that"), "\(said)")
                #expect(again.code == 0, "\(again.err)")
                let looks = looks(Array(lab.stage { $0.asked }.dropFirst(asked)))
                #expect(looks.allSatisfy { $0 == "account" }, "\(looks)")
                let told = try await lab.command("certificates", "--json")
                #expect(told.out.contains("\"state\":\"gap\""), "\(told.out)")
            }
        }

        @Test("of a shop know GMV Max beside its campaigns, find a campaign's day that is missing, and repair it")
        func shop() async throws {
            try await ShopeeLab.with { lab in
                let first = try await lab.sync("--streams", "campaigns,campaign_daily,shop_daily")
                #expect(first.code == 0, "\(first.err)")
                let (today, day) = (lab.world.anchor.adding(days: -1), lab.world.anchor.adding(days: -9))
                let before = try lab.stored { stored in
                    #expect(
                        try stored.texts("SELECT DISTINCT state FROM certificates WHERE date < '\(today)'")
                            == ["equal"])
                    #expect(try stored.count("certificates", where: "rest_cost_micros > 0") > 0)
                    let campaign = "SELECT campaign_id FROM shopee_campaign_daily WHERE date = '\(day)' ORDER BY 1"
                    return try stored.texts(campaign)
                }
                let campaign = try #require(before.first)
                try byHand(
                    lab.database,
                    ["DELETE FROM shopee_campaign_daily WHERE date = '\(day)' AND campaign_id = '\(campaign)'"])

                let again = try await lab.sync("--streams", "campaigns,campaign_daily,shop_daily")

                #expect(again.code == 0, "\(again.err)")
                try lab.stored { stored in
                    let repairs = try stored.texts(
                        """
                        SELECT start_date || ' ' || entities FROM sync_chunks
                        WHERE stream = 'campaign_daily' AND start_date = end_date AND start_date = '\(day)'
                        """)
                    #expect(repairs == ["\(day) [\"\(campaign)\"]"])
                    #expect(
                        try stored.texts("SELECT state FROM certificates WHERE date = '\(day)' ORDER BY stream")
                            == ["repaired", "equal"])
                    let campaigns = "SELECT campaign_id FROM shopee_campaign_daily WHERE date = '\(day)' ORDER BY 1"
                    #expect(try stored.texts(campaigns) == before)
                }
            }
        }

        /// A sandbox of a platform over real HTTP, and runs of `sluice` on a database of their own.
        private func syncing(
            _ platform: String, skewing day: SkewedTotals.Day = SkewedTotals.Day(),
            _ body: (_ sync: (String...) async throws -> Outcome, _ database: String) async throws -> Void
        ) async throws {
            let today = CivilDate(daysSince1970: Int32(SystemWallClock().now.seconds / 86_400))
            let type: any SandboxWorld.Type = try #require(
                Catalog.worlds.first { $0.platform.rawValue == platform })
            let made: (any SandboxWorld)? = type.named("small", seed: 5, sizes: [:], today: today)
            let world = try #require(made)
            let names = world.credential.map { ("SLUICE_\(platform.uppercased())_\($0.field.uppercased())", $0.value) }
            let environment = Dictionary(uniqueKeysWithValues: names)
            // Boostiny bears nine calls a minute.
            let range = platform == "boostiny" ? ["--range", "last_7_days"] : []
            try await SandboxHost.with(SkewedTotals(inner: NotingSandbox(world.sandbox()), day: day)) { host in
                try await TestFolder.with { home in
                    let arguments = [
                        "sync", platform, "--account", world.account, "--base-url", host.url, "--database",
                        home.database,
                    ]
                    let sync = { (more: String...) in
                        await (try home.start(arguments + range + more, environment)).wait()
                    }
                    try await body(sync, home.database)
                }
            }
        }

        @Test(
            "say what the networks and Pancake count themselves",
            arguments: [
                ("admitad", "actions", "stored_revenue_micros > 0 AND stored_revenue_micros = source_revenue_micros"),
                ("boostiny", "performance", "stored_orders > 0 AND stored_orders = source_orders"),
                ("pancake", "conversations", "stored_rows > 0 AND stored_rows = source_rows"),
            ])
        func others(_ platform: String, _ stream: String, _ proven: String) async throws {
            try await syncing(platform) { sync, database in
                let outcome = try await sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                let stored = try Stored(database)
                defer { try? stored.close() }
                #expect(try stored.texts("SELECT DISTINCT stream FROM certificates") == [stream])
                #expect(try stored.count("certificates", where: proven) > 3)
                let today = CivilDate(daysSince1970: Int32(SystemWallClock().now.seconds / 86_400))
                let open = "date < '\(today.adding(days: -1))' AND state <> 'equal'"
                let texts = try stored.texts(
                    "SELECT date || ' ' || state || ' ' || coalesce(stored_rows, stored_orders, 0) || ' ' "
                        + "|| coalesce(source_rows, source_orders, 0) FROM certificates WHERE \(open)")
                #expect(texts.isEmpty)
            }
        }

        @Test("of a network find an action that was deleted, and read its day again")
        func network() async throws {
            try await syncing("admitad") { sync, database in
                _ = try await sync()
                let stored = try Stored(database)
                let day = "SELECT date FROM admitad_actions WHERE date < date('now', '-20 days') ORDER BY date DESC"
                let last = try #require(try stored.text(day))
                let ids = "SELECT action_id FROM admitad_actions WHERE date = '\(last)' ORDER BY 1"
                let before = try stored.texts(ids)
                try stored.close()
                try byHand(database, ["DELETE FROM admitad_actions WHERE action_id = '\(try #require(before.first))'"])

                let outcome = try await sync()

                #expect(outcome.code == 0, "\(outcome.err)")
                let after = try Stored(database)
                defer { try? after.close() }
                #expect(try after.texts(ids) == before)
                // The day's other currencies were equal before.
                let states = "SELECT state FROM certificates WHERE date = '\(last)' AND state <> 'equal'"
                #expect(try after.texts(states) == ["repaired"])
            }
        }

        @Test("of a network with several currencies find gaps that make up for one another, and tell of each")
        func currencies() async throws {
            let day = SkewedTotals.Day()
            try await syncing("admitad", skewing: day) { sync, database in
                _ = try await sync()
                let stored = try Stored(database)
                let both = try #require(
                    try stored.text(
                        """
                        SELECT date FROM admitad_actions WHERE currency IN ('USD', 'EUR')
                            AND date < date('now', '-20 days')
                        GROUP BY date HAVING count(DISTINCT currency) = 2 ORDER BY date DESC
                        """))
                try stored.close()
                day.text.withLock { $0 = both }

                let outcome = try await sync("--from", both, "--to", both)

                #expect(outcome.code == 0, "\(outcome.err)")
                let after = try Stored(database)
                defer { try? after.close() }
                let gaps = try after.texts(
                    """
                    SELECT stream || ' ' || currency || ' ' || (source_revenue_micros - stored_revenue_micros)
                    FROM certificates WHERE date = '\(both)' AND state = 'gap' ORDER BY stream, currency
                    """)
                #expect(gaps == ["actions EUR -500000000", "actions USD 500000000"])
                let said = outcome.out + outcome.err
                #expect(said.contains("lacks 500 USD of revenue"), "\(said)")
                #expect(said.contains("has 500 EUR of revenue too much"), "\(said)")
            }
        }
    }
}
