import SyncCore

extension AdmitadSandbox {
    /// Oracles for tests, under `/sandbox`.
    mutating func oracle(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        let at = question.moment(or: now)
        switch question.path {
        case "truth":
            guard ["me", nil].contains(question.query["account"]) else {
                throw WorldError("There is no account \(question.query["account"] ?? "")")
            }
            return try ControlRequest.json(truth(at: at, days: try question.days()))
        case "actions": return try ControlRequest.json(daily(at: at, days: try question.days()))
        case "ids": return try ControlRequest.json(known(at: at, days: try question.days()).map(\.id).sorted())
        case "counters": return try ControlRequest.json(counters)
        case "world": return try ControlRequest.json(world)
        default: throw WorldError("There is no oracle \(question.path)")
        }
    }

    /// Switches for tests.
    mutating func change(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        switch question.path {
        case "reset": reset()
        case "world": reset(to: try world.changed(by: question.body))
        case "faults": inject(try question.faultRules())
        case "revoke": tokens.revokeAll()
        case "actions": return try insert(question, at: now)
        case "action": try changeAction(question, at: now)
        default: throw WorldError("There is no switch \(question.path)")
        }
        return ControlRequest.done
    }

    /// `actions?count=3[&day=2026-11-20]`: conversions that come in now, of now or of noon that day.
    private mutating func insert(_ question: ControlRequest, at now: Instant) throws -> [UInt8] {
        var happened = now.seconds
        if let text = question.query["day"] {
            guard let day = CivilDate(text) else { throw WorldError("\(text) is no day") }
            happened = min(now.seconds, Int64(day.daysSince1970) * 86_400 + 43_200 - world.actions.utcOffset)
        }
        let count = question.int("count") ?? 1
        let ids = (0..<count).map { ledger.insert(happened: happened - Int64($0), at: now.seconds) }
        return try ControlRequest.json(["ids": ids])
    }

    /// `action?id=1&status=declined&payment_micros=5&cart_micros=9&paid=1`: what the conversion is from now on.
    private mutating func changeAction(_ question: ControlRequest, at now: Instant) throws {
        let query = question.query
        guard let id = question.int("id") else { throw WorldError("id must be a conversion's") }
        let status = try query["status"].map { text in
            guard let status = Status(rawValue: text) else { throw WorldError("There is no status \(text)") }
            return status
        }
        let isKnown = ledger.change(id, at: now.seconds) { step in
            if let status { step.status = status }
            if let micros = query["payment_micros"].flatMap(Int64.init) { step.payment = micros }
            if let micros = query["cart_micros"].flatMap(Int64.init) { step.cart = micros }
            if let paid = query["paid"] { step.isPaid = paid == "1" }
        }
        guard isKnown else { throw WorldError("There is no conversion \(id)") }
    }

    private mutating func known(at: Instant, days: DayRange?) -> [Action] {
        let shown = ledger.shown(at: at.seconds)
        guard let days else { return shown }
        return shown.filter { days.contains(NaiveTime.day(of: $0.happened + world.actions.utcOffset)) }
    }

    /// Rows by table, and the fewest calls that read them, at 500 rows a call.
    private mutating func truth(at: Instant, days: DayRange?) -> AdmitadTruth {
        let rows = [
            "admitad_programs": catalog.programs.count, "admitad_coupons": catalog.coupons.count,
            "admitad_actions": known(at: at, days: days).count,
        ]
        return AdmitadTruth(rows: rows, fewestCalls: rows.values.reduce(0) { $0 + max(1, ($1 + 499) / 500) })
    }

    /// Conversions by day, status and currency.
    private mutating func daily(at: Instant, days: DayRange?) -> [String: AdmitadDay] {
        var daily: [String: AdmitadDay] = [:]
        for action in known(at: at, days: days) {
            let day = NaiveTime.day(of: action.happened + world.actions.utcOffset).description
            let currency = catalog.programs[action.program].currency
            let status = action.step.status.rawValue
            daily[day, default: AdmitadDay()].count += 1
            daily[day]?.sums[status, default: [:]][currency, default: AdmitadDay.Sum()].add(action.step.payment)
        }
        return daily
    }
}

/// What a complete sync holds.
private struct AdmitadTruth: Encodable {
    let rows: [String: Int]
    let fewestCalls: Int
}

/// Conversions of a day by `action_date`.
private struct AdmitadDay: Encodable {
    var count = 0
    /// By status (the platform's words, never `on_hold`), then currency.
    var sums: [String: [String: Sum]] = [:]

    struct Sum: Encodable {
        var count = 0
        /// Unknown rewards count as nothing.
        var paymentMicros: Int64 = 0

        mutating func add(_ payment: Int64?) {
            count += 1
            paymentMicros += payment ?? 0
        }
    }
}
