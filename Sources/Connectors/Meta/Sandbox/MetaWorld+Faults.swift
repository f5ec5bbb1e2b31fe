import SyncCore

extension MetaWorld {
    /// Failures on purpose (meta.md 12.8): rules for whole answers, and a style for all errors.
    package struct Faults: Codable, Sendable, Hashable {
        package var rules: [Rule] = []
        /// Share of errors, in thousandths, whose message is in another language.
        package var localised = 0
        /// Share of errors whose `is_transient` says the opposite.
        package var wrongTransient = 0
        /// Share of errors that lack their subcode.
        package var noSubcode = 0
        /// Share of errors whose `error_data` is a string.
        package var dataAsText = 0
        package init() {}

        package typealias Rule = FaultRule<Kind>

        package enum Kind: String, FaultKind {
            /// Transport: no or half an answer. The call was carried out.
            case reset, truncated, slow
            /// Answers that are no Graph JSON.
            case html500, text503
            /// Graph errors: unknown (1), unavailable (2), a status of 200 over error 2, 190, 200.
            case unknown, unavailable, okWithError, token, permission
            /// Batches: a null item, the whole batch aborted (960).
            case nullItem, aborted
            /// Answers that are right in form and wrong in content.
            case duplicateRow, shortPage, emptyPage, looseTypes, invalidUTF8, badCursor
            /// Usage headers missing, unreadable, or with nothing in `estimated_time_to_regain_access`.
            case noHeaders, badHeaders, noRegainTime
            /// Limits that no counter explains: 17, 80004 or 80000, 4/1504022, 613 without subcode.
            case accountThrottle, useCaseThrottle, insightsLoad, abuse
            /// "Please reduce the amount of data" for no reason.
            case tooMuch
            /// The answer takes longer than anybody waits. The call was carried out.
            case late
        }
    }
}

extension MetaWorld.Faults {
    /// A plan of failures drawn from a seed: each kind is in one plan out of a few, at rates that a patient
    /// client survives. Only with `permanent` may a token or a permission be lost for good; else the 190
    /// and 200 kinds are absent, because one of them rightly ends a sync.
    package static func drawn(seed: UInt64, permanent: Bool = false) -> MetaWorld.Faults {
        var faults = MetaWorld.Faults()
        var draw = seed
        func next(_ bound: Int) -> Int {
            draw = Mix.hash(draw, 0x5EED)
            return Mix.below(bound, draw)
        }
        for kind in Kind.allCases {
            let isIncluded = next(3) == 0
            let share = 3 + next(28)
            guard isIncluded else { continue }
            switch kind {
            case .token, .permission:
                guard permanent else { continue }
                var rule = Rule(kind, share: 1000, calls: [4 + next(60)])
                rule.code = String([458, 459, 460, 463, 464, 467][next(6)])
                faults.rules.append(rule)
            case .accountThrottle, .useCaseThrottle, .insightsLoad, .abuse:
                faults.rules.append(Rule(kind, share: 4, times: 1 + next(2)))
            case .tooMuch, .aborted, .badCursor, .late:
                faults.rules.append(Rule(kind, share: share, times: 1 + next(3)))
            default:
                faults.rules.append(Rule(kind, share: share))
            }
        }
        faults.localised = next(2) * 300
        faults.wrongTransient = next(2) * 300
        faults.dataAsText = next(2) * 300
        return faults
    }

    /// Rules as given on a command line or in a query: `kind[:share[:target]]`.
    package init?(rule text: String) {
        guard let rule = Rule(text: text) else { return nil }
        rules = [rule]
    }
}
