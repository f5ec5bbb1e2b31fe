import ConnectorKit
import Connectors
import GRDB
import HTTPTypes
import StoreSQL
import SyncCore
import SyncEngine
import SyncTestKit

@testable import StoreSQLite

/// People and things that come between: the owner with a new token, editors in the ad account, a full disk.
extension Machine {
    func disturb(_ job: JobID, in group: inout ThrowingTaskGroup<Void, any Error>) {
        if plan.has(.edits), diary.jobs == [job] { group.addTask { try await self.edit() } }
        if plan.has(.diskFull) { group.addTask { try await self.fillDisk() } }
        if plan.has(.cancel) { group.addTask { try await self.cancel(job) } }
    }

    /// False when the job is over first.
    private func pause(_ milliseconds: Int) async throws -> Bool {
        let end = clock.now.advanced(by: .milliseconds(milliseconds))
        while clock.now < end, !isOver {
            try await clock.sleep(for: min(.seconds(10), clock.now.duration(to: end)))
        }
        return !isOver
    }

    // MARK: The owner

    /// Gives a new token, some time after being told that the last was refused.
    func ownConnection() async throws {
        while try await pause(20_000) {
            guard let connection = try await store.connections().first, connection.parked != nil else { continue }
            guard try await pause(dice.integer(1...1_800_000)) else { return }
            let waiting = try database.connection.bare { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sync_chunks WHERE wait_reason = 'credential'") ?? 0
            }
            if waiting > 0 { tally.count("token_renewed_while_chunks_waited") }
            gatekeeper.renew()
            let environment = try environment(of: SimProcess(), store: store, wallClock: platformClock, seed: 2)
            _ = try await Control(environment).store(access())
        }
    }

    private func cancel(_ job: JobID) async throws {
        guard try await pause(plan.number(.cancel, 1, 100...60_000)), diary.cancelled.insert(job).inserted,
            // With nothing planned there is nothing to start over.
            try await store.job(job)?.totalChunks ?? 0 > 0
        else { return }
        if try await store.cancel(job, by: "somebody") { tally.count("cancelled") }
    }

    // MARK: The disk

    private func fillDisk() async throws {
        guard try await pause(plan.number(.diskFull, 1, 500...30_000)) else { return }
        try database.connection.bare { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        // Freed also when the job is over: others may have ended it meanwhile.
        _ = try await pause(plan.number(.diskFull, 2, 10_000...300_000))
        try database.connection.bare { try $0.execute(sql: "PRAGMA max_page_count = 1000000000") }
    }

    // MARK: The ad account

    /// Renames, archives and deletes while the account is read.
    private func edit() async throws {
        for edit in 0..<plan.number(.edits, 1, 3...12) {
            guard try await pause(plan.number(.edits, 100 + edit, 10...4000)) else { return }
            let stream = ["campaigns", "ad_sets", "ads"][plan.number(.edits, 200 + edit, 0...2)]
            let (now, account) = (platformClock.now, world.accounts[0].id)
            network.with { sandbox in
                let ids = sandbox.ids(of: stream, at: now, account: account)
                // All of it may be deleted by now.
                guard !ids.isEmpty else { return }
                let id = ids[plan.number(.edits, 300 + edit, 0...ids.count - 1)]
                let action = plan.number(.edits, 400 + edit, 0...5)
                let change = action == 0 ? "status=DELETED" : action == 1 ? "status=ARCHIVED" : "name=Edit%20\(edit)"
                let target = "/v26.0/\(id)?\(change)&access_token=\(FaultPlan.tokens[0])"
                guard sandbox.respond(to: WireRequest(.post, target), at: now).response.status == 200 else { return }
                if action == 0 { diary.deleted.insert(id) }
                if action > 1 { diary.renamed[id] = "Edit \(edit)" }
                tally.count("edited_meanwhile")
            }
        }
    }

    /// Rows that the platform does not return any more, from a time before: the sync has to remove them.
    func plantVanishedRows() throws {
        let account = world.accounts[0].id
        let today = CivilDate(Machine.beginning, in: try AccountZone.named(world.accounts[0].zone))
        try database.connection.bare { db in
            for number in 0..<4 {
                let day = today.adding(days: -plan.number(.vanishedRows, number, 0...plan.days))
                for (table, level) in [("campaign", "campaign"), ("ad_set", "adset"), ("ad", "ad")] {
                    try db.execute(
                        sql: """
                            INSERT OR REPLACE INTO meta_\(table)_insights
                                (account_id, date, \(level)_id, spend_micros, synced_at)
                            VALUES (?, ?, 'vanished', 1, '')
                            """, arguments: [account, day.description])
                }
            }
        }
    }
}
