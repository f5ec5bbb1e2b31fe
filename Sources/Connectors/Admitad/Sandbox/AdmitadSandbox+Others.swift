import ConnectorKit
import SyncCore

extension AdmitadSandbox {
    /// Payments, postbacks and links (platforms.md 4.6), each with a scope of its own; nil where there is nothing.
    mutating func others(_ call: SandboxCall, _ scopes: Set<String>, at now: Instant) throws(Refusal) -> Found? {
        let needed = ["payments": "payments", "opt_codes": "opt_codes", "deeplink": "deeplink_generator"]
        guard let scope = needed[call.path.first ?? ""] else { return nil }
        guard scopes.contains(scope) else { throw .scopeMissing(scope) }
        switch (scope, call.path.count) {
        case ("payments", 1): return Found(rows: payouts(at: now).map { row($0) })
        case ("payments", 2):
            let payout = payouts(at: now).first { String($0.id) == call.path[1] }
            return payout.map { Found(single: row($0)) }
        case ("payments", 3) where call.path[2] == "statement":
            let payout = payouts(at: now).first { String($0.id) == call.path[1] }
            return payout.map { payout in Found(rows: payout.actions.map { line($0, payout.currency) }) }
        case ("opt_codes", 1): return Found(rows: [postback])
        case ("deeplink_generator", 4) where call.path[2] == "advcampaign": return deeplink(call)
        default: return nil
        }
    }

    /// What was flagged as paid in one month, in one currency.
    private struct Payout {
        let id: Int
        let currency: String
        var actions: [Action] = []
    }

    private mutating func payouts(at now: Instant) -> [Payout] {
        var payouts: [Int: Payout] = [:]
        for action in ledger.shown(at: now.seconds) where action.step.isPaid {
            let (year, month, _) = NaiveTime.day(of: action.step.at + world.actions.utcOffset).parts
            let currency = catalog.programs[action.program].currency
            let place = world.programs.currencies.firstIndex(of: currency) ?? 0
            let id = (year * 100 + month) * 100 + place
            payouts[id, default: Payout(id: id, currency: currency)].actions.append(action)
        }
        return payouts.values.sorted { $0.id < $1.id }
    }

    private func row(_ payout: Payout) -> SandboxJSON {
        let sum = payout.actions.reduce(Int64(0)) { $0 + ($1.step.payment ?? 0) }
        let last = payout.actions.map { $0.step.at }.max() ?? 0
        return payment(payout.id, at: last, of: last, payout.currency, sum)
    }

    /// A conversion in a payment's statement.
    private func line(_ action: Action, _ currency: String) -> SandboxJSON {
        payment(action.id, at: action.step.at, of: action.happened, currency, action.step.payment ?? 0)
    }

    private func payment(
        _ id: Int, at processed: Int64, of happened: Int64, _ currency: String, _ micros: Int64
    ) -> SandboxJSON {
        let offset = world.actions.utcOffset
        return .object([
            ("id", .int(Int64(id))), ("processing_time", .text(NaiveTime.text(processed + offset))),
            ("datetime", .text(NaiveTime.text(happened + offset))), ("currency", .text(currency)),
            ("payment", catalog.money(micros, true)),
        ])
    }

    private var postback: SandboxJSON {
        let macros = "order=[[[order_id]]]&status=[[[payment_status]]]&sum=[[[payment_sum]]]"
        return .object([
            ("id", .int(41)), ("website", .int(Int64(catalog.websiteID(0)))), ("desc_mode", .text("postback")),
            ("url", .text("https://blog1.example/postback?\(macros)")),
        ])
    }

    /// A list with the link alone.
    private func deeplink(_ call: SandboxCall) -> Found? {
        guard catalog.isWebsite(call.path[1]), let program = catalog.program(call.path[3]) else { return nil }
        let given = ["ulp", "subid"].compactMap { name in call[name].map { (name: name, value: $0) } }
        let query = given.isEmpty ? "" : "?\(FormCoding.encode(given.map { ($0.name, $0.value) }))"
        return Found(single: .list([.text("https://ad.sandbox.example/g/\(program.id)/\(query)")]))
    }
}
