import Hummingbird
import SyncCore
import Wording

/// The map of the keyboard: a dialog over any page, and a page of its own without the script.
struct KeysRoutes: Sendable {
    let site: Site

    /// `keys.mustache`.
    struct KeysPage: Sendable {
        var singleKeys: Bool
    }

    private struct Answered: Encodable {
        var success = true
        var single_keys: Bool
    }

    func add(to router: Router<WebContext>) {
        router.get("keys") { request, context in
            let visitor = try site.visitor(context, .look)
            let isOn = visitor.user.preferences.keysAreOff != true
            if context.wantsJSON { return try Answer.json(Answered(single_keys: isOn)) }
            return try await site.renderer.response(
                Page(
                    template: "keys", section: .none, title: context.words.pick("Keyboard", "Bàn phím"),
                    model: KeysPage(singleKeys: isOn)), request, context)
        }
    }
}
