import StoreSQL
import SyncCore
import Synchronization

/// Writes that wait for a transaction, and who of their callers commits which of them together.
///
/// A write that comes alone goes at once; those that come meanwhile share the next commit. Only beside groups with many
/// rows does another begin, with writes about other accounts: small ones are quicker together. The first caller of a
/// group does the work for all, so no task of its own is needed.
final class WriteLanes: Sendable {
    struct Member {
        let write: any PendingWrite
        let subject: WriteSubject
        let account: AccountID
    }

    private struct Waiter {
        let member: Member
        let turn: CheckedContinuation<Turn, Never>
    }

    private enum Turn {
        case lead(Group)
        case done
    }

    private struct Group {
        let waiters: [Waiter]
        var accounts: Set<AccountID> { Set(waiters.map(\.member.account)) }
        var isLarge: Bool { waiters.reduce(0) { $0 + $1.member.write.weight } >= WriteLanes.large }
    }

    private struct State {
        /// The oldest first.
        var waiting: [Waiter] = []
        var running: [Group] = []
        var busy: Set<AccountID> = []
    }

    private let state = Mutex(State())
    /// Groups that may be under way at once.
    private static let most = 4
    /// From this weight on a group takes so long that others should not wait for it.
    private static let large = 500

    /// Adds a write and returns when it has an outcome. `commit` is called with groups, this write's among them, and
    /// must give each of them one.
    func run(_ member: Member, commit: ([Member]) async -> Void) async {
        let turn = await withCheckedContinuation { continuation in
            begin { $0.waiting.append(Waiter(member: member, turn: continuation)) }
        }
        guard case .lead(let group) = turn else { return }
        await commit(group.waiters.map(\.member))
        begin { state in
            state.busy.subtract(group.accounts)
            state.running.removeAll { $0.waiters[0].member.write === member.write }
        }
        for waiter in group.waiters.dropFirst() { waiter.turn.resume(returning: .done) }
    }

    /// Starts what can begin after `change`.
    private func begin(after change: (inout State) -> Void) {
        let groups = state.withLock { state in
            change(&state)
            var groups: [Group] = []
            while let group = WriteLanes.next(&state) { groups.append(group) }
            return groups
        }
        for group in groups { group.waiters[0].turn.resume(returning: .lead(group)) }
    }

    /// The oldest writes that can go together now.
    private static func next(_ state: inout State) -> Group? {
        guard state.running.count < most, state.running.allSatisfy(\.isLarge) else { return nil }
        let free = state.waiting.indices.filter { !state.busy.contains(state.waiting[$0].member.account) }
        let count = WriteGroup.count(of: free.map { state.waiting[$0].member.write.weight })
        guard count > 0 else { return nil }
        let chosen = Set(free.prefix(count))
        let group = Group(waiters: chosen.sorted().map { state.waiting[$0] })
        state.waiting = state.waiting.indices.filter { !chosen.contains($0) }.map { state.waiting[$0] }
        state.busy.formUnion(group.accounts)
        state.running.append(group)
        return group
    }
}
