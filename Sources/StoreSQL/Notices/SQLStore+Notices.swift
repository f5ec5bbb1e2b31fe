package import SyncCore

extension SQLStore {
    package func noticeState() async throws -> (causes: [NoticeCause], known: [Notice]) {
        try await read { transaction in
            (try NoticeCauses(transaction: transaction).all(), try NoticeTable(transaction: transaction).known())
        }
    }

    package func apply(_ changes: NoticeChanges, word: String) async throws -> Int {
        try await write(.nothing) { try NoticeTable(transaction: $0).apply(changes, word: word) }
    }

    package func notices(of workspace: WorkspaceID, before: NoticeID?, limit: Int) async throws -> [Notice] {
        try await read { try NoticeTable(transaction: $0).notices(of: workspace, before: before, limit: limit) }
    }

    package func unread(by user: UserID, in workspace: WorkspaceID) async throws -> (count: Int, seen: NoticeID?) {
        try await read { try NoticeTable(transaction: $0).unread(by: user, in: workspace) }
    }

    package func markRead(upTo notice: NoticeID, by user: UserID, in workspace: WorkspaceID) async throws {
        try await write(.nothing) { try NoticeTable(transaction: $0).markRead(upTo: notice, by: user, in: workspace) }
    }

    package func note(end: Instant?, of connection: ConnectionID) async throws {
        try await write(.nothing) { try NoticeTable(transaction: $0).note(end: end, of: connection) }
    }

    package func putOffAsking(of connection: ConnectionID) async throws {
        try await write(.nothing) { try NoticeTable(transaction: $0).putOffAsking(of: connection) }
    }

    package func credentialsToAsk(after age: Duration, limit: Int) async throws -> [ConnectionID] {
        try await read { try NoticeTable(transaction: $0).credentialsToAsk(after: age, limit: limit) }
    }

    package func pruneNotices(before moment: Instant, limit: Int) async throws -> Int {
        try await write(.nothing) { try NoticeTable(transaction: $0).prune(before: moment, limit: limit) }
    }

    package func noticeTargets(of workspace: WorkspaceID) async throws -> [NoticeTarget] {
        try await read { try TargetTable(transaction: $0).all(of: workspace) }
    }

    package func add(_ target: NoticeTarget) async throws -> NoticeTargetID? {
        try await write(.nothing) { try TargetTable(transaction: $0).add(target) }
    }

    package func replace(_ target: NoticeTarget) async throws -> Bool {
        try await write(.nothing) { try TargetTable(transaction: $0).replace(target) }
    }

    package func turn(_ target: NoticeTargetID, on isOn: Bool, in workspace: WorkspaceID) async throws -> Bool {
        try await write(.nothing) { try TargetTable(transaction: $0).turn(target, on: isOn, in: workspace) }
    }

    package func removeTarget(_ target: NoticeTargetID, in workspace: WorkspaceID) async throws -> Bool {
        try await write(.nothing) { try TargetTable(transaction: $0).remove(target, in: workspace) }
    }

    package func addTest(
        of target: NoticeTargetID, in workspace: WorkspaceID, message: String
    ) async throws -> DeliveryID? {
        try await write(.nothing) {
            try DeliveryTable(transaction: $0).add(to: target, in: workspace, notice: nil, message: message)
        }
    }

    package func deliveries(of workspace: WorkspaceID, limit: Int) async throws -> [NoticeDelivery] {
        try await read { try DeliveryTable(transaction: $0).all(of: workspace, limit: limit) }
    }

    package func delivery(_ id: DeliveryID, in workspace: WorkspaceID) async throws -> NoticeDelivery? {
        try await read { try DeliveryTable(transaction: $0).one(id, in: workspace) }
    }

    package func lastDeliveries(of workspace: WorkspaceID) async throws -> [NoticeTargetID: NoticeDelivery] {
        try await read { try DeliveryTable(transaction: $0).last(of: workspace) }
    }

    package func resend(_ id: DeliveryID, in workspace: WorkspaceID) async throws -> Bool {
        try await write(.nothing) { try DeliveryTable(transaction: $0).resend(id, in: workspace) }
    }

    package func claimDeliveries(limit: Int, lease: Duration) async throws -> [ClaimedDelivery] {
        // Looked for first: where nothing is due, nobody writes.
        let isDue = try await read { try DeliveryTable(transaction: $0).isDue() }
        guard isDue else { return [] }
        return try await write(.nothing) { try DeliveryTable(transaction: $0).claim(limit: limit, lease: lease) }
    }

    package func settle(_ id: DeliveryID, fence: Int64, _ result: DeliveryResult) async throws -> Bool {
        try await write(.nothing) { try DeliveryTable(transaction: $0).settle(id, fence: fence, result) }
    }
}
