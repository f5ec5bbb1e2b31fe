package import FoundationEssentials
package import SyncCore

/// What the budgets of an account's campaigns are to be at which time of which day, by the clock of the account.
///
/// It is the setting `budgets` of a connection: JSON that people write (`BudgetPlan.init(json:)`), and beside it what
/// was decided by commands since.
package struct BudgetPlan: Sendable, Hashable {
    /// Of several that cover a campaign the first one counts.
    package var rules: [Rule] = []
    /// No budget is set below or above these; nil for no bound but the platform's own.
    package var least: Money?
    package var most: Money?
    /// How many budgets of the account are changed in a day of its zone at most.
    package var changesPerDay = BudgetPlan.usualChangesPerDay
    /// Nothing is changed; what would be is noted.
    package var isDryRun = false
    /// When a person made it. What was set or left alone before does not count any more.
    package var madeAt = Instant(seconds: 0)
    /// Budgets that stand until they are released, whatever the rules say: those that a change was undone to.
    package var pins: [String: Pin] = [:]
    /// When a campaign was given back to the rules.
    package var released: [String: Instant] = [:]

    package init() {}

    package static let setting = "budgets"
    static let usualChangesPerDay = 500

    package struct Rule: Sendable, Hashable {
        package var name: String
        package var scope: Scope
        /// Of several that fit the first one counts; where none does the budget stays as it is.
        package var slots: [Slot]
    }

    package enum Scope: Sendable, Hashable {
        case campaigns([String])
        /// Campaigns with this text in their names.
        case named(String)
        /// All product campaigns.
        case all
        /// The shop's one campaign whose settings the platform does not show (GMV Max).
        case unseen
    }

    /// A budget for some hours of some days.
    package struct Slot: Sendable, Hashable {
        package var weekdays: Set<Weekday>
        /// Minutes after midnight; hours that end before they begin go on into the next day.
        package var from: Int
        package var to: Int
        package var budget: Money

        package func contains(_ moment: LocalMoment) -> Bool {
            let isOfToday = weekdays.contains(moment.weekday)
            if from < to { return isOfToday && from <= moment.minute && moment.minute < to }
            return isOfToday && moment.minute >= from
                || weekdays.contains(moment.weekday.before) && moment.minute < to
        }
    }

    package struct Pin: Sendable, Hashable {
        package var budget: Money
        /// The change that it undoes.
        package var change: String
        /// Of the campaign whose settings the platform does not show.
        package var isUnseen: Bool

        package init(budget: Money, change: String, isUnseen: Bool = false) {
            self.budget = budget
            self.change = change
            self.isUnseen = isUnseen
        }
    }

    /// What a campaign's budget is to be, and why.
    package struct Wish: Sendable, Hashable {
        package var budget: Money
        package var rule: String
        /// The change that it undoes; nil where it comes from a rule.
        package var undoes: String?

        package init(budget: Money, rule: String, undoes: String? = nil) {
            self.budget = budget
            self.rule = rule
            self.undoes = undoes
        }
    }

    /// Nil when the plan says nothing of the campaign at that time.
    package func wish(for campaign: Campaign, at moment: LocalMoment) -> Wish? {
        if let pin = pins[campaign.id] { return Wish(budget: pin.budget, rule: "undo", undoes: pin.change) }
        guard let rule = rules.first(where: { $0.scope.covers(campaign) }),
            let slot = rule.slots.first(where: { $0.contains(moment) })
        else { return nil }
        return Wish(budget: slot.budget, rule: rule.name)
    }

    /// From when on what was done to a campaign counts.
    package func begin(of campaign: String) -> Instant { max(madeAt, released[campaign] ?? madeAt) }

    /// Whose budgets it is about: ids that are named, whether all campaigns have to be looked at, and the unseen one.
    package var reach: (ids: [String], isAll: Bool, hasUnseen: Bool) {
        var ids = Set(pins.filter { !$0.value.isUnseen }.keys)
        var (isAll, hasUnseen) = (false, pins.contains { $0.value.isUnseen })
        for rule in rules {
            switch rule.scope {
            case .campaigns(let named): ids.formUnion(named)
            case .named, .all: isAll = true
            case .unseen: hasUnseen = true
            }
        }
        return (ids.sorted(), isAll, hasUnseen)
    }

    /// A campaign as far as a plan is about it.
    package struct Campaign: Sendable, Hashable {
        package var id: String
        package var name: String
        package var isUnseen: Bool

        package init(id: String, name: String, isUnseen: Bool = false) {
            self.id = id
            self.name = name
            self.isUnseen = isUnseen
        }
    }

    /// A minute of a day as the clocks of a zone show it.
    package struct LocalMoment: Sendable, Hashable {
        package var day: CivilDate
        package var minute: Int

        package init(_ instant: Instant, in zone: TimeZone) {
            let date = Date(timeIntervalSince1970: TimeInterval(instant.seconds))
            let local = instant.seconds + Int64(zone.secondsFromGMT(for: date))
            let days = local.floorDivided(by: 86_400)
            day = CivilDate(daysSince1970: Int32(days))
            minute = Int((local - days * 86_400) / 60)
        }

        var weekday: Weekday { Weekday(day) }
    }
}

extension BudgetPlan.Scope {
    func covers(_ campaign: BudgetPlan.Campaign) -> Bool {
        switch self {
        case .campaigns(let ids): ids.contains(campaign.id)
        case .named(let text): !campaign.isUnseen && campaign.name.lowercased().contains(text.lowercased())
        case .all: !campaign.isUnseen
        case .unseen: campaign.isUnseen
        }
    }
}

/// The streams that keep to a plan of budgets.
package struct BudgetStreams: Sendable, Hashable {
    /// One row per campaign: what was set last, and whether a person has taken it over.
    package let states: StreamID
    /// One row per change, with the value before.
    package let changes: StreamID

    package init(states: StreamID, changes: StreamID) {
        self.states = states
        self.changes = changes
    }
}
