import Wording

/// `connect-accounts.mustache`: the third step, which of the accounts that a credential reaches.
struct AccountsPage: Sendable {
    var headline: String
    var summary: String
    var action: String
    /// Their numbers, with commas.
    var connection: String
    var query: String
    var columns: Columns
    var tabs: [Tab]
    var pickHref: String
    var pickLabel: String
    var isSomePicked: Bool
    var isAllPicked: Bool
    /// What an account spends is known only of those that were read.
    var hasSpend = false
    var accounts: [Row]
    var hasAccounts: Bool
    var hidden: Hidden?
    var plan: Plan

    struct Columns: Sendable {
        var account: String
        var state: String
    }

    struct Tab: Sendable {
        var label: String
        var count: String
        var href: String
        var isCurrent: Bool
    }

    struct Row: Sendable {
        var id: String
        var name: String
        var number: String
        var zone: String
        var state: State
        var isPicked: Bool
        var isAllowed: Bool
    }

    struct State: Sendable {
        var tone: String
        var icon: String
        var text: String
    }

    struct Hidden: Sendable {
        var text: String
        var href: String
        var label: String
    }

    struct Plan: Sendable {
        var steps: [Step] = []
        var hasIntervals = false
        var intervals: [Choice] = []
        var hasDestinations = false
        var destinations: [Choice] = []
        var note = ""
        var button: String
        var isReady: Bool
        var close = ""
    }

    struct Step: Sendable {
        var isSettled = false
        var isQueued = false
        var isNone = false
        var lead: String
        var rest: String
        var parts: [TextPart]
    }

    struct Choice: Sendable {
        var value: String
        var label: String
        var isChosen: Bool
    }
}

/// `region-connect-accounts-plan.mustache` by itself.
struct PlanRegion: Sendable {
    var plan: AccountsPage.Plan
}
