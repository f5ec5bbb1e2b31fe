import ConnectorKit
import Connectors
import GRDB
import SyncCore
import SyncEngine
import SyncTestKit

@testable import StoreSQLite

extension Machine {
    /// Checks every invariant of anchors.md 3.5 that applies, against the database and the sandbox's truth.
    func inspect(_ job: JobID) async throws -> SyncScenario.Report {
        var problems: [String] = []
        guard let ended = try await store.job(job) else { return .init(problems: ["the job is gone"]) }
        if ended.state != .completed {
            let failed = try await store.chunks(of: job, in: [.failed], limit: 3)
            let causes = failed.map {
                "\($0.spec.stream) \($0.spec.mode) \($0.errorMessage ?? "") \($0.errorCode ?? "")"
            }
            problems.append("the job ended \(ended.state.rawValue): \(causes.joined(separator: " | "))")
        }
        try database.connection.bare { db in
            problems += try control(db, ended)
            problems += try entities(db, ended)
            problems += try insights(db, ended)
            problems += try coverage(db, ended)
            problems += try secrets(db)
        }
        return .init(problems: problems)
    }

    /// Everything is terminal, counters add up, nothing is left of the work.
    private func control(_ db: Database, _ job: Job) throws -> [String] {
        var problems: [String] = []
        let open =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sync_chunks WHERE status NOT IN ('completed','failed','cancelled')") ?? 0
        if open > 0 { problems.append("\(open) chunks are not terminal") }
        let total = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM sync_chunks WHERE job_id = ?", arguments: [job.id.value])
        if total != job.totalChunks { problems.append("\(total ?? 0) chunks exist, the job counts \(job.totalChunks)") }
        if job.openChunks != 0 || job.completedChunks + job.failedChunks != job.totalChunks {
            problems.append(
                "chunk counters do not add up: \(job.completedChunks)+\(job.failedChunks) of \(job.totalChunks)")
        }
        let seen = try Int.fetchOne(db, sql: "SELECT count(*) FROM sync_seen") ?? 0
        if seen > 0 { problems.append("\(seen) seen rows are left") }
        return problems
    }

    /// Entities are those that existed all along; those that came or went meanwhile may be there or not.
    private func entities(_ db: Database, _ job: Job) throws -> [String] {
        var problems: [String] = []
        let begin = job.createdAt
        let end = platformClock.now
        let account = world.accounts[0].id
        for stream in ["campaigns", "ad_sets", "ads"] {
            let stored = try Set(
                String.fetchAll(db, sql: "SELECT id FROM meta_\(stream) WHERE account_id = ?", arguments: [account]))
            let (early, late) = network.with { sandbox in
                (
                    Set(sandbox.ids(of: stream, at: begin, account: account)),
                    Set(sandbox.ids(of: stream, at: end, account: account, firstSeen: begin))
                )
            }
            let missing = early.intersection(late).subtracting(stored)
            let surplus = stored.subtracting(early.union(late))
            if !missing.isEmpty { problems.append("\(stream): \(missing.count) of \(early.count) are missing") }
            if !surplus.isEmpty { problems.append("\(stream): \(surplus.count) are not there in truth") }
        }
        return problems
    }

    /// Every settled day of every level adds up to the truth, to the last millionth.
    private func insights(_ db: Database, _ job: Job) throws -> [String] {
        var problems: [String] = []
        let account = world.accounts[0].id
        let settled = job.definition.anchor.adding(days: -29)
        let whole = network.with { sandbox in sandbox.reportDays(at: platformClock.now, account: account) }
        guard let whole, let days = DayRange(whole.first, settled) else { return ["no settled day to compare"] }
        for (level, table) in [("campaign", "campaign"), ("adset", "ad_set"), ("ad", "ad")] {
            let truth = network.with { sandbox in
                sandbox.sums(at: platformClock.now, account: account, level: level, days: days)
            }
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT date, count(*) AS n, sum(spend_micros) AS spend, sum(impressions) AS impressions,
                        sum(clicks) AS clicks, sum(purchases) AS purchases
                    FROM meta_\(table)_insights WHERE account_id = ? AND date <= ? GROUP BY date
                    """, arguments: [account, settled.description])
            var wrong: [String] = []
            var stored: Set<CivilDate> = []
            for row in rows {
                guard let day = CivilDate(row["date"] as String) else { continue }
                stored.insert(day)
                let sum = truth[day] ?? MetaSums()
                if row["n"] as Int != sum.rows || row["spend"] as Int64? ?? 0 != sum.spendMicros
                    || row["impressions"] as Int64? ?? 0 != sum.impressions
                    || row["clicks"] as Int64? ?? 0 != sum.clicks
                {
                    wrong.append("\(day): \(row["n"] as Int) rows of \(sum.rows)")
                }
            }
            let missing = Set(truth.keys).subtracting(stored)
            if !missing.isEmpty {
                problems.append(
                    "\(level): \(missing.count) days are missing, first \(missing.min().map(\.description) ?? "")")
            }
            if !wrong.isEmpty { problems.append("\(level): \(wrong.count) days are wrong, first \(wrong[0])") }
        }
        return problems
    }

    /// Each day of each stream of days has exactly one final state.
    private func coverage(_ db: Database, _ job: Job) throws -> [String] {
        let unfinished = try Row.fetchAll(
            db,
            sql: """
                SELECT stream, state, count(*) AS n FROM coverage
                WHERE state NOT IN ('fresh', 'settled', 'not_offered') GROUP BY 1, 2
                """
        )
        var problems = unfinished.map {
            "coverage: \($0["n"] as Int) days of \($0["stream"] as String) are \($0["state"] as String)"
        }
        let counts = try Row.fetchAll(db, sql: "SELECT stream, count(*) AS n FROM coverage GROUP BY 1")
        let expected = (job.definition.recent?.count ?? 0) + (job.definition.history?.count ?? 0)
        for row in counts where row["n"] as Int != expected + (job.definition.notOffered?.count ?? 0) {
            problems.append("coverage: \(row["stream"] as String) has \(row["n"] as Int) days of \(expected)")
        }
        return problems
    }

    /// No secret stands in any column of any table.
    private func secrets(_ db: Database) throws -> [String] {
        var problems: [String] = []
        let secrets = [world.token, world.appSecret]
        for table in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'") {
            for column in try db.columns(in: table).map(\.name) {
                for secret in secrets {
                    let found =
                        try Int.fetchOne(
                            db,
                            sql: "SELECT count(*) FROM \"\(table)\" WHERE instr(CAST(\"\(column)\" AS TEXT), ?) > 0",
                            arguments: [secret]) ?? 0
                    if found > 0 { problems.append("a secret stands in \(table).\(column)") }
                }
            }
        }
        return problems
    }
}
