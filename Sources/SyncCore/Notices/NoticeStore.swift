/// What people are told of, who is told, and what became of the messages. The rules of `Ports.swift` hold here, too.
package protocol NoticeStore: Sendable {
    // MARK: Notices

    /// All causes that there are now, and the notices that may be about them: those that are open, those that were
    /// closed within `NoticeChanges.memory`, and those that tell of a moment of the last two days.
    func noticeState() async throws -> (causes: [NoticeCause], known: [Notice])
    /// Writes changes. For each notice that is new, each target of its workspace that is on and wants to know gets a
    /// delivery, in the same transaction. A notice that somebody else has opened meanwhile is not opened again. How
    /// many were opened. `word` makes the messages different from those of all other databases.
    func apply(_ changes: NoticeChanges, word: String) async throws -> Int
    /// The newest first; those below `before`.
    func notices(of workspace: WorkspaceID, before: NoticeID?, limit: Int) async throws -> [Notice]
    /// How many a person has not seen; the newest id with it, nil where there is none.
    func unread(by user: UserID, in workspace: WorkspaceID) async throws -> (count: Int, seen: NoticeID?)
    /// Everything up to this one was seen; never takes back what was seen.
    func markRead(upTo notice: NoticeID, by user: UserID, in workspace: WorkspaceID) async throws
    /// When a credential ends, as its platform has said now; nil when it does not end or nobody knows.
    func note(end: Instant?, of connection: ConnectionID) async throws
    /// The platform was asked and did not say; what is known stays.
    func putOffAsking(of connection: ConnectionID) async throws
    /// Connections that are at work, and whose platform was not asked for that long.
    func credentialsToAsk(after age: Duration, limit: Int) async throws -> [ConnectionID]
    /// Removes notices that were closed, and deliveries that came to their end, before `moment`; how many.
    func pruneNotices(before moment: Instant, limit: Int) async throws -> Int

    // MARK: Targets

    /// By name.
    func noticeTargets(of workspace: WorkspaceID) async throws -> [NoticeTarget]
    /// `target.id` counts for nothing. Nil when another of its workspace has that name.
    func add(_ target: NoticeTarget) async throws -> NoticeTargetID?
    /// Puts it in the place of that with its id and version; false when that is not there (any more), or another has
    /// its name.
    func replace(_ target: NoticeTarget) async throws -> Bool
    /// One that is turned off gets no message; what waits for it is given up.
    func turn(_ target: NoticeTargetID, on isOn: Bool, in workspace: WorkspaceID) async throws -> Bool
    /// Its deliveries go with it.
    func removeTarget(_ target: NoticeTargetID, in workspace: WorkspaceID) async throws -> Bool

    // MARK: Deliveries

    /// A message that only tries the way, also to one that is off. Nil when there is no such target.
    func addTest(
        of target: NoticeTargetID, in workspace: WorkspaceID, message: String
    ) async throws -> DeliveryID?
    /// The newest first.
    func deliveries(of workspace: WorkspaceID, limit: Int) async throws -> [NoticeDelivery]
    func delivery(_ id: DeliveryID, in workspace: WorkspaceID) async throws -> NoticeDelivery?
    /// The newest delivery of each target that came to its end.
    func lastDeliveries(of workspace: WorkspaceID) async throws -> [NoticeTargetID: NoticeDelivery]
    /// Sends it at once, with fresh tries and under the same message id; false for one that is not there or pending.
    func resend(_ id: DeliveryID, in workspace: WorkspaceID) async throws -> Bool
    /// Deliveries that are due, each of them to nobody else until `lease` is over. The try counts from now on: what
    /// was in hand of one who died is not tried for ever.
    func claimDeliveries(limit: Int, lease: Duration) async throws -> [ClaimedDelivery]
    /// What became of a claim; false when the delivery was claimed again or is at its end.
    func settle(_ id: DeliveryID, fence: Int64, _ result: DeliveryResult) async throws -> Bool
}
