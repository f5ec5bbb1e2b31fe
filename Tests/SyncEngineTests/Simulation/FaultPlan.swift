import SyncCore
import SyncTestKit

@testable import Connectors

/// What may go wrong in a simulated sync. Each seed draws some of these; what one of them does is drawn apart from
/// the others, so that a seed that fails can be tried again with fewer.
enum Fault: String, CaseIterable, Sendable {
    // What the platform does.
    case platformErrors, runTroubles, smallAnswers, tinyAnswers, smallReports, smallPages, slowAnswers, manyPages
    case slowPlatform
    case poisonCell, poisonCreative, brokenText, nullItems, oddities, tightLimits, developmentTier, outage
    case token, fieldPermission, edgePermission
    // What happens in the ad account meanwhile.
    case edits, vanishedRows, secondSync
    // What the database does.
    case storeBusy, unknownOutcome, stalledWrites, noRenewals, overtakenRows, diskFull, databaseAway
    // What processes and people do.
    case crashes, restarts, secondMachine, sameName, clockSteps, killerChunk, cancel

    /// In how many of a hundred seeds.
    var percent: Int {
        switch self {
        case .platformErrors: 70
        case .crashes, .manyPages: 50
        case .storeBusy, .unknownOutcome, .stalledWrites, .secondMachine, .runTroubles, .overtakenRows: 35
        case .token, .restarts, .clockSteps, .edits, .vanishedRows, .nullItems, .oddities: 25
        case .poisonCreative, .tightLimits, .smallAnswers, .outage, .databaseAway: 18
        case .slowPlatform, .smallReports, .smallPages, .slowAnswers, .fieldPermission, .edgePermission, .sameName: 14
        case .poisonCell, .tinyAnswers, .brokenText: 4
        case .developmentTier, .secondSync, .noRenewals, .diskFull, .killerChunk, .cancel: 9
        }
    }
}

struct FaultPlan: Sendable {
    let seed: UInt64
    private(set) var faults: [Fault]

    init(seed: UInt64, without left: Set<Fault> = []) {
        self.seed = seed
        faults = []
        faults = Fault.allCases.filter { fault in
            number(fault, 0, 1...100) <= fault.percent && !left.contains(fault)
        }
        // Thousands of calls at twelve a minute would only take long.
        if has(.tinyAnswers) || has(.poisonCell) { faults.removeAll { $0 == .developmentTier || $0 == .tightLimits } }
    }

    func has(_ fault: Fault) -> Bool { faults.contains(fault) }

    /// A number of this fault; `salt` tells its numbers apart.
    func number(_ fault: Fault, _ salt: Int, _ range: ClosedRange<Int>) -> Int {
        let own = fault.rawValue.utf8.reduce(seed &* 31 &+ UInt64(salt)) { $0 &* 1_099_511_628_211 ^ UInt64($1) }
        var generator = SeededGenerator(seed: own)
        return range.lowerBound + Int(generator.next() % UInt64(range.count))
    }
}

extension FaultPlan: CustomStringConvertible {
    var description: String { faults.isEmpty ? "no faults" : faults.map(\.rawValue).joined(separator: ", ") }
}

// MARK: - The platform

extension FaultPlan {
    /// Tokens that the owner gives one after another when the last was refused.
    static let tokens = ["EAAGm0PX4ZCsBASANDBOXuserTOKEN0001", "EAAGsecondTOKEN0002", "EAAGthirdTOKEN0003"]

    func world() -> MetaWorld {
        var world = MetaWorld.small(seed: seed)
        world.accounts[0].days = days
        world.accounts[0].longestLife = min(world.accounts[0].longestLife, 20)
        world.pages.postsEach = 4
        world.runs.medianSeconds = 4
        world.auth.tokens = FaultPlan.tokens.map { MetaWorld.Auth.Token($0) }
        if has(.platformErrors) { world.faults = .drawn(seed: seed) }
        if has(.slowPlatform) { world.latency.base = Int64(number(.slowPlatform, 1, 3...12)) * 1_000_000 }
        if has(.outage) { world.faults.rules.append(outage()) }
        if has(.nullItems) { world.batch.nulls = number(.nullItems, 1, 30...150) }
        if has(.oddities) {
            world.reading.oddDatetimes = number(.oddities, 1, 0...1) * 100
            world.reading.surpriseField = number(.oddities, 2, 0...1) == 0 ? "sandbox_new_field" : nil
        }
        troubleRuns(of: &world)
        shrink(&world)
        limit(&world)
        return world
    }

    /// Ads of the first account that spoil each page that they are on.
    var poisonedAds: [Int64] {
        (1...2).map { MetaSandbox.Model.id(.ad, 0, number(.poisonCreative, $0, 0...9)) }
    }

    /// Whether they show what has nothing to do with it.
    var showsBasics: Bool { number(.poisonCreative, 3, 0...1) == 0 }

    private func outage() -> MetaWorld.Faults.Rule {
        let kinds: [MetaWorld.Faults.Kind] = [.unavailable, .html500, .text503, .reset]
        var rule = MetaWorld.Faults.Rule(kinds[number(.outage, 1, 0...3)])
        rule.from = Machine.beginning + .seconds(number(.outage, 2, 1...15))
        rule.until = rule.from.map { $0 + .seconds(number(.outage, 3, 10...90)) }
        return rule
    }

    private func troubleRuns(of world: inout MetaWorld) {
        guard has(.runTroubles) else { return }
        func share(_ salt: Int, _ most: Int) -> Int { number(.runTroubles, salt, 0...2) * most / 2 }
        world.runs.fails = share(1, 360)
        world.runs.skips = share(2, 100)
        world.runs.stuckAtZero = share(3, 80)
        world.runs.stuckAt99 = share(4, 80)
        world.runs.notFoundAfterSubmit = share(5, 300)
        world.runs.unreadableResults = share(6, 120)
        world.runs.cannotInclude = share(7, 120)
        // Not where an answer, or a limit that is met, takes so long that no report could be read in time.
        let isSlow = has(.slowPlatform) || has(.tightLimits) || has(.developmentTier)
        if number(.runTroubles, 8, 0...3) == 0, !isSlow { world.runs.lifeSeconds = 60 }
    }

    private func shrink(_ world: inout MetaWorld) {
        if has(.manyPages) {
            world.reading.mostLimit = number(.manyPages, 1, 2...8)
            world.insights.mostLimit = number(.manyPages, 2, 5...40)
        }
        if has(.smallAnswers) { world.size.syncRows = number(.smallAnswers, 1, 30...200) }
        if has(.tinyAnswers) {
            // A day of the whole account is too much: it has to be a report.
            world.size.syncRows = number(.tinyAnswers, 1, 2...5)
            if number(.tinyAnswers, 2, 0...1) == 0 { world.size.asyncRows = number(.tinyAnswers, 3, 2...6) }
        }
        if has(.smallReports) { world.size.asyncRows = number(.smallReports, 1, 3...60) }
        if has(.smallPages) { world.size.pageRows = number(.smallPages, 1, 6...60) }
        if has(.slowAnswers) {
            world.size.rowMicroseconds = 45_000_000 / Int64(number(.slowAnswers, 1, 20...150))
        }
        if has(.poisonCell) {
            let fields = ["action_values", "reach", "ctr", "actions"]
            world.size.poisons = [
                MetaWorld.Size.Poison(
                    account: 0, ad: number(.poisonCell, 1, 0...world.accounts[0].ads - 1),
                    day: world.anchor.adding(days: -number(.poisonCell, 2, 0...days)),
                    field: fields[number(.poisonCell, 3, 0...3)])
            ]
        }
    }

    /// Where every cell may need calls of its own the account is young; else some are old enough for a history.
    var days: Int {
        if has(.poisonCell) || has(.tinyAnswers) { return number(.poisonCell, 0, 12...20) }
        return number(.platformErrors, 1, 0...5) == 0 ? number(.platformErrors, 2, 92...130) : 25
    }

    private func limit(_ world: inout MetaWorld) {
        if has(.developmentTier) {
            world.limits.tier = .development
            return
        }
        guard has(.tightLimits) else { return }
        world.limits.score = Int64(number(.tightLimits, 1, 20...120))
        if number(.tightLimits, 2, 0...1) == 0 {
            world.limits.insightsPerMinute = Int64(number(.tightLimits, 3, 8...40))
        }
        if number(.tightLimits, 4, 0...2) == 0 { world.limits.as613 = 300 }
    }
}
