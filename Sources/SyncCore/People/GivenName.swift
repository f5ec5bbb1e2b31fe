/// What people call their things: schedules, tokens, targets, workspaces, themselves.
package enum GivenName {
    /// Signs as people count them: a form's `maxlength` counts otherwise, so that only we look.
    package static let most = 500

    /// What is wrong with one; nil for one that can be stored.
    package static func objection(to name: String?) -> String? {
        guard let name, !name.isEmpty else { return "A name is needed." }
        return name.count > most ? "A name has at most \(most) signs." : nil
    }
}
