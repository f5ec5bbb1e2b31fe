import SyncCore

extension AdmitadSandbox {
    /// `/statistics/...`: conversions, and sums of the very same conversions (platforms.md 4.4, 4.5).
    mutating func statistics(
        _ report: String, _ call: SandboxCall, _ kinds: Set<AdmitadWorld.Fault>, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        guard report == "actions" || Group.parameters[report] != nil else { throw .notFound }
        let query = try ActionQuery(call, world, catalog, at: now)
        let shown = ledger.shown(at: now.seconds).filter(query.matches)
        let isTotal = call["total"] == "1"
        if report == "actions", !isTotal {
            let (limit, offset) = page(call)
            let slice = served(query.sorted(shown).dropFirst(offset).prefix(limit), kinds)
            defer { countActionPage(at: now) }
            return envelope(slice.map(catalog.row), count: shown.count, limit, offset)
        }
        var groups = grouped(shown, by: isTotal ? nil : Group.parameters[report])
        let orders = call.values("order_by").map(SortOrder.init)
        // Months are called dates, too.
        let keys: Set<String> = [Group.parameters[report] ?? "", "date"]
        groups.sort { left, right in
            for order in orders {
                if keys.contains(order.name) {
                    if left.key != right.key { return (left.key < right.key) != order.isDescending }
                    continue
                }
                guard let one = left.numbers[order.name], let other = right.numbers[order.name] else { continue }
                if one != other { return (one < other) != order.isDescending }
            }
            return (left.key, left.currency) < (right.key, right.currency)
        }
        return envelope(groups.map { $0.row(isTotal ? "" : report, catalog) }, call, kinds)
    }

    private func grouped(_ actions: [Action], by parameter: String?) -> [Group] {
        var groups: [String: Group] = [:]
        for action in actions {
            let key = parameter.map { catalog.groupKey($0, of: action) } ?? ""
            let currency = catalog.programs[action.program].currency
            groups["\(key)|\(currency)", default: Group(key: key, currency: currency)].add(action)
        }
        return Array(groups.values)
    }

    /// Sums of conversions that have a key and a currency in common. Amounts are millionths.
    struct Group {
        let key: String
        let currency: String
        private var actions: [Action] = []
        private var leads = 0
        private var open: Int64 = 0
        private var approved: Int64 = 0
        private var declined: Int64 = 0

        /// What reports group by: a parameter of conversions, or a part of their day.
        static let parameters = [
            "websites": "website", "campaigns": "campaign", "dates": "date", "months": "month", "sub_ids": "subid",
            "sub_ids1": "subid1", "sub_ids2": "subid2", "sub_ids3": "subid3", "sub_ids4": "subid4",
            "sources": "source", "keywords": "keyword",
        ]

        init(key: String, currency: String) {
            self.key = key
            self.currency = currency
        }

        mutating func add(_ action: Action) {
            actions.append(action)
            if action.isLead { leads += 1 }
            let payment = action.step.payment ?? 0
            switch action.step.status {
            case .pending: open += payment
            case .approved, .stalled: approved += payment
            case .declined: declined += payment
            }
        }

        private var clicks: Int { actions.count * (8 + Mix.below(40, Mix.hash(key))) }

        /// Columns that one may order by.
        var numbers: [String: Int64] {
            [
                "payment_sum": open + approved + declined, "payment_sum_open": open, "payment_sum_approved": approved,
                "payment_sum_declined": declined, "clicks": Int64(clicks), "leads": Int64(leads),
                "sales": Int64(actions.count - leads), "actions": Int64(actions.count),
            ]
        }

        func row(_ report: String, _ catalog: ProgramCatalog) -> SandboxJSON {
            let sum = open + approved
            let perClick = sum / Int64(max(1, clicks)) / 10_000 * 10_000
            var members = head(report, catalog)
            if !report.hasPrefix("sub_ids") {
                members += [
                    ("views", .int(Int64(clicks * 9))), ("ctr", .number("11.11")),
                    ("ecpm", catalog.money(perClick * 1000 / 9 / 10_000 * 10_000, false)),
                ]
            }
            return .object(
                members + [
                    ("clicks", .int(Int64(clicks))), ("cr", catalog.money(share, false)),
                    ("ecpc", catalog.money(perClick, false)), ("leads_sum", .int(Int64(leads))),
                    ("sales_sum", .int(Int64(actions.count - leads))), ("payment_sum_open", catalog.money(open, false)),
                    ("payment_sum_approved", catalog.money(approved, true)),
                    ("payment_sum_declined", catalog.money(declined, false)), ("currency", .text(currency)),
                ])
        }

        /// Conversions per hundred clicks, in millionths.
        private var share: Int64 { Int64(actions.count) * 100_000_000 / Int64(max(1, clicks)) / 10_000 * 10_000 }

        private func head(_ report: String, _ catalog: ProgramCatalog) -> [(key: String, value: SandboxJSON)] {
            guard let first = actions.first else { return [] }
            switch report {
            case "websites":
                return [("website_id", .text(key)), ("website_name", .text(catalog.websiteName(first.website)))]
            case "campaigns":
                let program = catalog.programs[first.program]
                return [("advcampaign_id", .int(Int64(program.id))), ("advcampaign_name", .text(program.name))]
            case "dates", "months": return [("date", .text(key))]
            default:
                guard let parameter = Self.parameters[report] else { return [("actions", .int(Int64(actions.count)))] }
                return [(parameter, key.isEmpty ? .null : .text(key))]
            }
        }
    }
}

extension AdmitadSandbox.ProgramCatalog {
    fileprivate func groupKey(_ parameter: String, of action: Action) -> String {
        let day = NaiveTime.day(of: action.happened + world.actions.utcOffset)
        switch parameter {
        case "date": return day.description
        case "month": return "\(day.description.prefix(7))-01"
        default: return value(parameter, of: action) ?? ""
        }
    }
}
