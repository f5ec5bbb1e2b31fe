import SyncCore

extension AdmitadSandbox.ProgramCatalog {
    /// A conversion before anything is known of it.
    func action(id: Int, happened: Int64, chance: UInt64) -> AdmitadSandbox.Action {
        let program = Mix.below(programs.count, Mix.hash(chance, 1))
        return AdmitadSandbox.Action(
            id: id, happened: happened, program: program,
            website: Mix.below(world.programs.websites, Mix.hash(chance, 2)),
            isLead: programs[program].hasLeads && Mix.strikes(400, Mix.hash(chance, 3)), chance: chance,
            step: AdmitadSandbox.Step(at: happened, shown: happened, status: .pending))
    }

    /// All that ever happens to a conversion, in order (platforms.md 4.8, point 4). `registered` is when one that a
    /// test inserted came in, which the reports know at once.
    func timeline(of action: AdmitadSandbox.Action, registered: Int64?) -> [AdmitadSandbox.Step] {
        var timeline = Timeline(action, programs[action.program], world.actions)
        if world.actions.isSteady {
            timeline.stand()
        } else {
            timeline.register(at: registered)
            timeline.correct()
            timeline.decide()
        }
        return timeline.steps
    }
}

private struct Timeline {
    private typealias Step = AdmitadSandbox.Step

    private let action: AdmitadSandbox.Action
    private let knobs: AdmitadWorld.Actions
    /// Seconds.
    private let hold: Int64
    private let cart: Int64?
    private let payment: Int64
    private(set) var steps: [AdmitadSandbox.Step] = []

    init(
        _ action: AdmitadSandbox.Action, _ program: AdmitadSandbox.ProgramCatalog.Program,
        _ knobs: AdmitadWorld.Actions
    ) {
        self.action = action
        self.knobs = knobs
        hold = Int64(program.hold) * 86_400
        let cents = Int64(500 + Mix.below(39_500, Mix.hash(action.chance, 18)))
        // Some programmes pay to the hundredth of a cent.
        let unit: Int64 = program.isFine ? 100 : 10_000
        payment = action.isLead ? program.leadPayment : cents * 10_000 * Int64(program.rate) / 1000 / unit * unit
        let isUnknown = action.isLead || Mix.strikes(knobs.nullMoney, Mix.hash(action.chance, 19))
        cart = isUnknown ? nil : cents * 10_000
    }

    private func pick(_ salt: Int, _ bound: Int64) -> Int64 {
        Int64(Mix.below(Int(bound), Mix.hash(action.chance, salt)))
    }

    private func strikes(_ share: Int, _ salt: Int) -> Bool { Mix.strikes(share, Mix.hash(action.chance, salt)) }

    private mutating func add(at: Int64, isShownAtOnce: Bool = false, _ change: (inout AdmitadSandbox.Step) -> Void) {
        let delay = knobs.shownAfter + pick(20 + steps.count, knobs.shownBefore - knobs.shownAfter + 1)
        let last = steps.last ?? Step(at: at, shown: at, status: .pending)
        var step = Step(
            at: at, shown: isShownAtOnce ? at : at + delay, status: last.status, cart: last.cart,
            payment: last.payment, isProcessed: last.isProcessed, isPaid: last.isPaid)
        change(&step)
        steps.append(step)
    }

    /// One state for ever.
    mutating func stand() {
        let status = AdmitadSandbox.Status.allCases[Int(pick(4, 4))]
        let (cart, payment) = (cart, payment)
        add(at: action.happened, isShownAtOnce: true) { step in
            step.cart = cart
            step.payment = payment
            step.status = status
            step.isProcessed = status != .pending
        }
    }

    mutating func register(at registered: Int64?) {
        let late = strikes(knobs.late, 5) ? 86_400 + pick(7, 2 * 86_400) : 0
        let cart = cart
        let payment = strikes(knobs.nullMoney, 8) ? nil : payment
        add(at: registered ?? action.happened + 60 + pick(6, 240) + late, isShownAtOnce: registered != nil) { step in
            step.cart = cart
            step.payment = payment
        }
    }

    mutating func correct() {
        guard strikes(knobs.corrected, 10), let first = steps.last?.at else { return }
        let percent = 70 + pick(11, 51)
        let payment = payment
        add(at: first + 1800 + pick(12, hold / 4)) { step in
            step.cart = step.cart.map { $0 * percent / 100 / 10_000 * 10_000 }
            step.payment = payment * percent / 100 / 10_000 * 10_000
        }
    }

    mutating func decide() {
        guard let first = steps.first?.at else { return }
        let decided = first + 3600 + hold / 3 + pick(9, hold)
        let outcome = Int(pick(13, 1000))
        if outcome < knobs.declined { return decide(.declined, at: decided) }
        // Some wait until long after their closing date.
        if outcome < knobs.declined + 40 { return decide(.declined, at: decided + hold + 30 * 86_400) }
        var approved = decided
        if outcome >= 1000 - knobs.stalled {
            decide(.stalled, at: decided)
            approved += 5 * 86_400 + pick(14, 15 * 86_400)
        }
        decide(.approved, at: approved)
        if strikes(knobs.reversed, 15) {
            decide(.declined, at: approved + 10 * 86_400 + pick(16, 30 * 86_400))
        } else {
            add(at: approved + 15 * 86_400 + pick(17, 30 * 86_400)) { $0.isPaid = true }
        }
    }

    /// A reward that was unknown is known from then on.
    private mutating func decide(_ status: AdmitadSandbox.Status, at: Int64) {
        let payment = payment
        add(at: at) { step in
            step.status = status
            step.isProcessed = true
            if step.payment == nil { step.payment = payment }
        }
    }
}
