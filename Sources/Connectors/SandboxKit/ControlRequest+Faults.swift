import FoundationEssentials

extension ControlRequest {
    /// Failures that the switch `faults` sets: `?rule=kind[:share[:target]]`, or `{"rules":[...]}` in the body.
    /// Neither of both ends all failures.
    func faultRules<Kind: FaultKind>() throws -> [FaultRule<Kind>] {
        if let text = query["rule"] {
            guard let rule = FaultRule<Kind>(text: text) else { throw WorldError("\(text) is no fault rule") }
            return [rule]
        }
        guard !body.isEmpty else { return [] }
        do {
            return try JSONDecoder().decode([String: [FaultRule<Kind>]].self, from: Data(body))["rules"] ?? []
        } catch {
            throw WorldError("The rules are no list of fault rules: \(error)")
        }
    }

    /// A number in the query.
    func int(_ name: String) -> Int? { query[name].flatMap { Int($0) } }
}
