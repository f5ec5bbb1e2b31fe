import SyncCore

extension AdmitadSandbox {
    /// Which conversions a caller wants (platforms.md 4.4). Parameters that it does not know it ignores.
    struct ActionQuery {
        private var days: ClosedRange<Int32>
        private var closing: ClosedRange<Int32>
        private var updated: ClosedRange<Int64>
        private let statuses: Set<Int>
        private let sets: [(name: String, values: Set<String>)]
        private let types: Set<String>
        private let orders: [SortOrder]
        private let world: AdmitadWorld
        private let catalog: ProgramCatalog

        private static let names = [
            "website", "campaign", "subid", "subid1", "subid2", "subid3", "subid4", "source", "keyword", "action",
            "action_id", "processed", "paid",
        ]
        private static let orderNames: Set<String> = [
            "action", "banner", "banner_id", "campaign", "cart", "click_date", "conv_time", "datetime", "payment",
            "status", "subid", "subid1", "subid2", "subid3", "subid4", "website",
        ]

        init(_ call: SandboxCall, _ world: AdmitadWorld, _ catalog: ProgramCatalog, at now: Instant) throws(Refusal) {
            self.world = world
            self.catalog = catalog
            let local = now.seconds + world.actions.utcOffset
            let today = Int32(truncatingIfNeeded: local / 86_400)
            days = try Self.range(call, "date")
            closing = try Self.range(call, "closing_date")
            if world.reading.defaultDays > 0, call["date_start"] == nil, call["date_end"] == nil {
                days = today - Int32(world.reading.defaultDays) + 1...max(today, 1)
            }
            let start = try AdmitadDate.moment(call, "status_updated_start") ?? .min
            let end = try AdmitadDate.moment(call, "status_updated_end")
            if let end, end > local, world.reading.refusesFuture {
                throw .request("status_updated_end must not be in the future")
            }
            guard start <= end ?? .max else { throw .request("status_updated_start comes after its end") }
            updated = start...(end ?? .max)
            let most = Int64(world.reading.mostDays)
            let span = Int64(min(days.upperBound, today)) - Int64(days.lowerBound) + 1
            if most > 0, span > most { throw .request("The window is longer than \(most) days") }
            statuses = Set(call.values("status").compactMap { Int($0) })
            guard call.values("status").allSatisfy({ ["1", "2", "3"].contains($0) }) else {
                throw .request("status must be 1, 2 or 3")
            }
            guard call.values("action_type").allSatisfy({ ["lead", "sale"].contains($0) }) else {
                throw .request("action_type must be lead or sale")
            }
            types = Set(call.values("action_type"))
            guard Self.names.allSatisfy({ name in call.values(name).allSatisfy { $0.count <= 250 } }) else {
                throw .request("Sub ids have at most 250 characters")
            }
            sets = Self.names.map { ($0, Set(call.values($0))) }.filter { !$0.1.isEmpty }
            orders = call.values("order_by").map(SortOrder.init).filter { Self.orderNames.contains($0.name) }
        }

        private static func range(_ call: SandboxCall, _ name: String) throws(Refusal) -> ClosedRange<Int32> {
            let first = try AdmitadDate.day(call, "\(name)_start")?.daysSince1970 ?? .min / 2
            let last = try AdmitadDate.day(call, "\(name)_end")?.daysSince1970 ?? .max / 2
            guard first <= last else { throw .request("\(name)_start comes after its end") }
            return first...last
        }

        func matches(_ action: Action) -> Bool {
            let offset = world.actions.utcOffset
            guard days.contains(NaiveTime.day(of: action.happened + offset).daysSince1970) else { return false }
            guard updated.contains(action.step.at + offset) else { return false }
            guard closing.contains(catalog.closingDay(of: action).daysSince1970) else { return false }
            if !statuses.isEmpty {
                guard let number = world.actions.statusNumbers[action.step.status.rawValue],
                    statuses.contains(number)
                else { return false }
            }
            if !types.isEmpty, !types.contains(action.isLead ? "lead" : "sale") { return false }
            return sets.allSatisfy { set in
                catalog.value(set.name, of: action).map { set.values.contains($0) } ?? false
            }
        }

        /// Newest first, as long as nobody asks for another order.
        func sorted(_ actions: [Action]) -> [Action] {
            guard !orders.isEmpty else { return actions.reversed() }
            if orders.count == 1, orders[0].name == "datetime" {
                return orders[0].isDescending ? actions.reversed() : actions
            }
            return actions.sorted { left, right in
                for order in orders {
                    let isLess = precedes(left, right, order.name)
                    if isLess || precedes(right, left, order.name) { return isLess != order.isDescending }
                }
                return left.id < right.id
            }
        }

        private func precedes(_ left: Action, _ right: Action, _ name: String) -> Bool {
            func number(_ action: Action) -> Int64? {
                switch name {
                case "datetime": action.happened
                case "click_date": action.happened - catalog.conversionTime(of: action)
                case "conv_time": catalog.conversionTime(of: action)
                case "cart": action.step.cart ?? 0
                case "payment": action.step.payment ?? 0
                case "banner", "banner_id": 0
                default: nil
                }
            }
            if let left = number(left), let right = number(right) { return left < right }
            if name == "status" { return left.step.status.rawValue < right.step.status.rawValue }
            return catalog.value(name, of: left) ?? "" < catalog.value(name, of: right) ?? ""
        }
    }
}
