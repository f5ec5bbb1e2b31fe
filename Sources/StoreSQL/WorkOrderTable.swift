package import SyncCore

/// Orders about all work of a workspace: rows of `settings`, and what they do to its jobs.
///
/// An order pauses jobs as a person would one by one, so that a claim, a due moment and a page see nothing new. Jobs
/// that come meanwhile are born paused: `JobTable.enqueue` and `JobControl.retry` enter the workspace, which waits for
/// an order under way, and look here then; `JobSteps` does where history begins.
struct WorkOrderTable {
    let transaction: Transaction
    private var sql: SQL { transaction.sql }

    /// Turns of the history that is to be first, for one of each other of its workspace.
    static let firstWeight = 4.0

    static func name(_ work: WorkOrders.Work, _ workspace: Int64) -> String { "paused_\(work)_\(workspace)" }

    // MARK: Reading

    func pause(_ work: WorkOrders.Work, of workspace: Int64) throws -> WorkOrders.Pause? {
        try SettingTable(transaction: transaction).value(WorkOrderTable.name(work, workspace))
            .map { try TextColumn.value(WorkOrders.Pause.self, from: $0) }
    }

    /// That holds a job of this account and phase.
    func pause(ofAccount account: Int64, in phase: Phase) throws -> WorkOrders.Pause? {
        let workspace = try sql.first("SELECT workspace_id FROM accounts WHERE id = ?", .integer(account)) {
            $0.int64(0)
        }
        return try workspace.flatMap { try pause(in: $0, phase) }
    }

    /// That holds a job of this workspace and phase.
    func pause(in workspace: Int64, _ phase: Phase) throws -> WorkOrders.Pause? {
        if let all = try pause(.all, of: workspace) { return all }
        return phase == .history ? try pause(.history, of: workspace) : nil
    }

    /// The account's workspace, in which no order is under way to the end of the transaction: either this sees the
    /// order, or the order sees what this adds.
    func enter(workspaceOf account: Int64) throws -> Int64 {
        let workspace = try sql.first(
            """
            SELECT w.id FROM workspaces AS w JOIN accounts AS a ON a.workspace_id = w.id WHERE a.id = ? FOR UPDATE OF w
            """, .integer(account)
        ) { $0.int64(0) }
        guard let workspace else { throw StoreError.inconsistent("account \(account) does not exist") }
        return workspace
    }

    /// A job that a person has paused by itself stays so when its history goes on.
    func keepsAlone(_ job: JobID, of account: Int64) throws {
        let workspace = try enter(workspaceOf: account)
        if let all = try pause(.all, of: workspace), !all.alone.contains(job.value) { return }
        guard var order = try pause(.history, of: workspace), !order.alone.contains(job.value) else { return }
        order.alone.append(job.value)
        try SettingTable(transaction: transaction)
            .set(WorkOrderTable.name(.history, workspace), to: try TextColumn.json(order))
    }

    func orders(of workspace: WorkspaceID) throws -> WorkOrders {
        var orders = WorkOrders()
        for work in WorkOrders.Work.allCases { orders.pauses[work] = try pause(work, of: workspace.value) }
        orders.first = try sql.first(
            "SELECT id FROM accounts WHERE workspace_id = ? AND weight > 1 ORDER BY id LIMIT 1",
            .integer(workspace.value)
        ) { AccountID($0.int64(0)) }
        return orders
    }

    // MARK: Pausing

    struct OpenJob {
        var id: JobID
        var account: AccountID
        var isPaused: Bool
        var phase: Phase

        func belongs(to work: WorkOrders.Work) -> Bool { work == .all || phase == .history }
    }

    func open(_ workspace: WorkspaceID) throws -> [OpenJob] {
        try sql.all(
            """
            SELECT id, account_id, coalesce(wait_reason, '') = 'paused', phase
            FROM sync_jobs INDEXED BY sync_jobs_open
            WHERE status IN ('pending', 'in_progress', 'waiting') AND workspace_id = ? ORDER BY account_id, id
            """, .integer(workspace.value)
        ) { row in
            OpenJob(
                id: JobID(row.int64(0)), account: AccountID(row.int64(1)), isPaused: row.int(2) != 0,
                phase: try row.word(3))
        }
    }

    /// Nil when there are open jobs of other accounts than those that are `locked`: once more, with those.
    func pause(
        _ work: WorkOrders.Work, of workspace: WorkspaceID, by who: String, locked: Set<AccountID>
    ) throws -> Bool? {
        guard let jobs = try hold(workspace, locked) else { return nil }
        guard try pause(work, of: workspace.value) == nil, try pause(.all, of: workspace.value) == nil else {
            return false
        }
        let mine = jobs.filter { $0.belongs(to: work) }
        let order = WorkOrders.Pause(
            by: who, since: transaction.now, alone: mine.filter(\.isPaused).map(\.id.value))
        try SettingTable(transaction: transaction)
            .set(WorkOrderTable.name(work, workspace.value), to: try TextColumn.json(order))
        for job in mine where !job.isPaused {
            _ = try JobControl(transaction: transaction).pause(job.id, by: who)
        }
        return true
    }

    func resume(
        _ work: WorkOrders.Work, of workspace: WorkspaceID, by who: String, locked: Set<AccountID>
    ) throws -> Bool? {
        guard let jobs = try hold(workspace, locked) else { return nil }
        guard let order = try pause(work, of: workspace.value) else { return false }
        if work != .all, try pause(.all, of: workspace.value) != nil { return false }
        try SettingTable(transaction: transaction).set(WorkOrderTable.name(work, workspace.value), to: nil)
        let alone = Set(order.alone)
        for job in jobs where job.isPaused && job.belongs(to: work) && !alone.contains(job.id.value) {
            // Of history that has an order of its own nothing goes on.
            _ = try JobControl(transaction: transaction).resume(job.id, by: who)
        }
        return true
    }

    /// The open jobs, while nobody can add one to the workspace.
    private func hold(_ workspace: WorkspaceID, _ locked: Set<AccountID>) throws -> [OpenJob]? {
        _ = try sql.first("SELECT id FROM workspaces WHERE id = ? FOR UPDATE", .integer(workspace.value)) { _ in true }
        let jobs = try open(workspace)
        return jobs.allSatisfy { locked.contains($0.account) } ? jobs : nil
    }

    // MARK: The first

    func runFirst(_ account: AccountID) throws -> Bool {
        let isFilling = try sql.first(
            """
            SELECT 1 FROM sync_jobs INDEXED BY sync_jobs_open
            WHERE account_id = ? AND status IN ('pending', 'in_progress', 'waiting') AND phase = 'history' LIMIT 1
            """, .integer(account.value)
        ) { _ in true }
        guard isFilling != nil else { return false }
        // Of two that are named in the same moment the later is first.
        _ = try enter(workspaceOf: account.value)
        try sql.run(
            """
            UPDATE accounts SET weight = 1
            WHERE weight > 1 AND id <> ?1 AND workspace_id = (SELECT workspace_id FROM accounts WHERE id = ?1)
            """, .integer(account.value))
        // At once, however much it was served of late.
        try sql.run(
            "UPDATE accounts SET weight = ?, virtual_time = 0 WHERE id = ?", .real(WorkOrderTable.firstWeight),
            .integer(account.value))
        return true
    }

    /// A job of its history is over: without another one it is not first any more.
    func isLikeOthers(_ account: Int64) throws {
        try sql.run(
            """
            UPDATE accounts SET weight = 1
            WHERE id = ? AND weight > 1 AND NOT EXISTS (
                SELECT 1 FROM sync_jobs AS j INDEXED BY sync_jobs_open
                WHERE j.account_id = accounts.id AND j.status IN ('pending', 'in_progress', 'waiting')
                    AND j.phase = 'history')
            """, .integer(account))
    }
}

extension SQLStore {
    package func pause(_ work: WorkOrders.Work, of workspace: WorkspaceID, by: String) async throws -> Bool {
        try await order(workspace) { try $0.pause(work, of: workspace, by: by, locked: $1) }
    }

    package func resume(_ work: WorkOrders.Work, of workspace: WorkspaceID, by: String) async throws -> Bool {
        try await order(workspace) { try $0.resume(work, of: workspace, by: by, locked: $1) }
    }

    /// With all accounts that have open jobs in hand, so that no worker writes of them meanwhile.
    private func order(
        _ workspace: WorkspaceID, _ body: @escaping @Sendable (WorkOrderTable, Set<AccountID>) throws -> Bool?
    ) async throws -> Bool {
        while true {
            let accounts = try await read { try WorkOrderTable(transaction: $0).open(workspace).map(\.account) }
            let locked = Set(accounts)
            let subject = WriteSubject.accounts(locked.sorted { $0.value < $1.value })
            let done = try await write(subject, weight: 1000) { try body(WorkOrderTable(transaction: $0), locked) }
            if let done { return done }
        }
    }

    package func runFirst(_ account: AccountID) async throws -> Bool {
        try await write(.account(account)) { try WorkOrderTable(transaction: $0).runFirst(account) }
    }

    package func workOrders(of workspace: WorkspaceID) async throws -> WorkOrders {
        try await read { try WorkOrderTable(transaction: $0).orders(of: workspace) }
    }
}
