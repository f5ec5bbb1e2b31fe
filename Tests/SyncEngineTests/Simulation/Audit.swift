import GRDB
import SyncCore

@testable import StoreSQLite

/// Rules that hold in every transaction of a store, watched by the database itself.
enum Audit {
    static func install(in database: MemoryDatabase) throws {
        var moves: [String] = []
        for state in WorkState.allCases {
            for next in WorkState.allCases where state.mayBecome(next) {
                moves.append("'\(state.rawValue)>\(next.rawValue)'")
            }
        }
        try database.connection.bare { db in
            try db.execute(sql: "CREATE TABLE audit_problems (text TEXT NOT NULL)")
            for (name, table, condition, text) in rules(moves: moves.joined(separator: ", ")) {
                try db.execute(
                    sql: """
                        CREATE TRIGGER \(name) AFTER UPDATE ON \(table) WHEN \(condition)
                        BEGIN INSERT INTO audit_problems VALUES (\(text)); END
                        """)
            }
        }
    }

    static func problems(_ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT DISTINCT text FROM audit_problems LIMIT 5")
    }

    private static func rules(moves: String) -> [(name: String, table: String, condition: String, text: String)] {
        let chunk = "'chunk ' || new.id || "
        return [
            (
                "audit_move", "sync_chunks",
                "old.status <> new.status AND old.status || '>' || new.status NOT IN (\(moves))",
                chunk + "' went from ' || old.status || ' to ' || new.status"
            ),
            (
                "audit_claim", "sync_chunks",
                """
                (old.fence <> new.fence OR new.status = 'in_progress' AND old.status <> 'in_progress') AND NOT
                (new.fence = old.fence + 1 AND old.status = 'pending' AND new.status = 'in_progress')
                """,
                chunk + "' was claimed while ' || old.status || ', fence ' || old.fence || ' to ' || new.fence"
            ),
            (
                "audit_lease", "sync_chunks",
                "(new.status = 'in_progress') <> (new.lease_until IS NOT NULL AND new.worker IS NOT NULL)",
                chunk + "' is ' || new.status || ' and its lease says otherwise'"
            ),
            (
                // A wait is none, nor what happened without a call, nor a throttle.
                "audit_attempt", "sync_chunks",
                """
                new.retry_count > old.retry_count AND (new.retry_count > old.retry_count + 1
                OR new.retry_count > new.max_retries OR new.requests = old.requests
                OR new.throttled > old.throttled OR new.wait_reason IN ('quota', 'report'))
                """,
                chunk + "' used attempt ' || new.retry_count || ' for no failure'"
            ),
            (
                "audit_job", "sync_jobs",
                """
                old.status <> new.status AND (old.status = 'completed'
                OR old.status IN ('failed', 'cancelled') AND new.status NOT IN ('pending', 'waiting'))
                """,
                "'the job went from ' || old.status || ' to ' || new.status"
            ),
            (
                "audit_progress", "sync_jobs",
                """
                new.progress_percentage < old.progress_percentage AND new.planned_steps = old.planned_steps
                AND new.total_chunks = old.total_chunks AND new.retry_count = old.retry_count
                """,
                "'progress fell from ' || old.progress_percentage || ' to ' || new.progress_percentage"
            ),
        ]
    }
}
