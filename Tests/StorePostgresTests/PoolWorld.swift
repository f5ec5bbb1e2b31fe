import StorePostgres
import SyncCore

/// Callers, connections and a server that do what a seed says, around a pool's machine.
struct PoolWorld {
    private var random: SplitMix
    private var pool: PostgresPoolStateMachine
    private var now: Duration = .zero
    private var lastID: UInt64 = 0
    private var waiting: Set<UInt64> = []
    private var lent: Set<Int> = []
    private var connecting: Set<Int> = []
    private var checking: Set<Int> = []
    private var closing: Set<Int> = []
    private var isFinished = false
    private(set) var problems: [String] = []

    init(seed: UInt64, _ pool: PostgresPoolStateMachine) {
        random = SplitMix(state: seed)
        self.pool = pool
    }

    mutating func step() {
        now += .milliseconds(Int64(random.below(3000)))
        switch random.below(10) {
        case 0...3:
            lastID += 1
            waiting.insert(lastID)
            take(pool.lease(lastID, timeout: .seconds(Int64(1 + random.below(40))), at: now))
        case 4: if let id = waiting.sorted().first { take(pool.cancel(id)) }
        case 5, 6: if let slot = pick(\.lent) { take(pool.release(slot: slot, isUsable: random.below(5) > 0, at: now)) }
        case 7, 8: answer()
        default: take(pool.wake(at: now))
        }
        if let wake = pool.nextWake(after: now), wake <= now { problems.append("a wake in the past") }
    }

    /// After a shutdown everything comes to rest.
    mutating func end() {
        take(pool.shutDown())
        for _ in 0..<100 where !isFinished {
            if let slot = pick(\.lent) { take(pool.release(slot: slot, isUsable: true, at: now)) }
            answer()
        }
        if !waiting.isEmpty { problems.append("callers without an answer: \(waiting.sorted())") }
        if !isFinished { problems.append("the shutdown never finished") }
    }

    private mutating func answer() {
        if let slot = pick(\.connecting) {
            let kinds: [PostgresError.Kind] = [.unreachable, .tooManyConnections, .refusedCredentials]
            if random.below(2) == 0 {
                take(pool.connected(slot: slot, at: now))
            } else {
                take(pool.failed(slot: slot, PostgresError(kinds[random.below(3)]), at: now, jitter: 0.5))
            }
        }
        if let slot = pick(\.checking) { take(pool.checked(slot: slot, isAlive: random.below(2) == 0, at: now)) }
        if let slot = pick(\.closing) { take(pool.closed(slot: slot, at: now)) }
    }

    private mutating func take(_ actions: [PostgresPoolStateMachine.Action]) {
        for action in actions {
            switch action {
            case .connect(let slot): occupy(slot) { $0.connecting.insert(slot) }
            case .check(let slot): occupy(slot) { $0.checking.insert(slot) }
            case .close(let slot): occupy(slot) { $0.closing.insert(slot) }
            case .grant(let id, let slot):
                occupy(slot) { $0.lent.insert(slot) }
                answered(id)
            case .refuse(let id, _), .dismiss(let id): answered(id)
            case .finish: isFinished = true
            }
        }
    }

    private mutating func occupy(_ slot: Int, _ change: (inout PoolWorld) -> Void) {
        if lent.union(connecting).union(checking).union(closing).contains(slot) {
            problems.append("slot \(slot) is used twice")
        }
        change(&self)
    }

    private mutating func answered(_ id: UInt64) {
        if waiting.remove(id) == nil { problems.append("caller \(id) was answered twice") }
    }

    private mutating func pick(_ slots: WritableKeyPath<PoolWorld, Set<Int>>) -> Int? {
        guard let slot = self[keyPath: slots].min() else { return nil }
        self[keyPath: slots].remove(slot)
        return slot
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
