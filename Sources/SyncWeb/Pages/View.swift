import Mustache

/// What a template gets to see of a view model: its fields by name, at once and for good. A field that is nil is there
/// and empty: templates do not look for it further out.
struct View: MustacheParent {
    private let fields: [String: Any]

    init(_ model: Any) {
        var fields: [String: Any] = [:]
        for child in Mirror(reflecting: model).children {
            if let label = child.label { fields[label] = View.value(child.value) }
        }
        self.fields = fields
    }

    func child(named name: String) -> Any? { fields[name] }

    private static func value(_ value: Any) -> Any {
        switch value {
        case is String, is Bool: return value
        case let number as Int: return String(number)
        default: break
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { View.value($0.value) } ?? Nothing()
        case .collection: return mirror.children.map { View.value($0.value) }
        case .enum: return "\(value)"
        default: return View(value)
        }
    }

    /// Like no value at all, but found.
    private struct Nothing: MustacheCustomRenderable, MustacheCustomRepresentation {
        var renderText: String { "" }
        var isNull: Bool { true }
        var representation: Any? { nil }
    }
}
