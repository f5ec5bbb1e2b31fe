/// `confirm.mustache`: names the thing, says what stays, and repeats the verb on the button.
struct ConfirmPage: Sendable {
    var headline: String
    var text: String
    var button: String
    var action: String
    var keepHref: String
    var hasPoints = false
    var points: [Point] = []
    var typed: Typed?

    struct Point: Sendable {
        var icon: String
        var tone: String
        var text: String
    }

    struct Typed: Sendable {
        var label: String
        var name: String
        var pattern: String
    }
}
