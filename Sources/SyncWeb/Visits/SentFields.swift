import HTTPTypes
import Hummingbird
import SyncCore

/// What programs send is held against the document before a route reads it: what is of another kind is refused by its
/// name instead of being taken for something. Fields that the document does not name are nobody's matter, and pages are
/// forgiving.
struct SentFields: RouterMiddleware {
    typealias Context = WebContext

    private static let operations = Dictionary(
        Operation.all.filter { $0.kind != .page }.map { ("\($0.method) \($0.path)", $0) }, uniquingKeysWith: { $1 })

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let method = request.method == .head ? .get : request.method
        guard context.wantsJSON, !request.isOfScript,
            let operation = SentFields.operations["\(method) \(context.endpointPath ?? "")"],
            // Who may not ask is told that.
            operation.right.map({ context.visitor?.may($0) ?? false }) ?? true
        else { return try await next(request, context) }
        let wrong = Form(query: request).objections(to: operation.queryFields)
        if !wrong.isEmpty { throw WebError.invalid(wrong) }
        var context = context
        context.asked = operation
        return try await next(request, context)
    }
}

extension Form {
    /// What is of another kind than the fields say, by name. What is missing is the routes' matter: they know why it is
    /// needed.
    func objections(to fields: [SchemaText.Field]) -> [String: String] {
        var wrong: [String: String] = [:]
        for field in fields { wrong[field.name] = objection(to: field) }
        return wrong
    }

    private func objection(to field: SchemaText.Field) -> String? {
        guard let texts = values[field.name] else { return nil }
        let kinds = kinds[field.name] ?? []
        // Not said.
        if kinds == [.null] || kinds.isEmpty && !isOfAddress && texts == [""] { return nil }
        if texts.contains(where: { $0.utf8.contains(0) }) { return "This holds a sign that no text has." }
        if kinds.contains(.nested) { return "This holds something that is no value." }
        let item = SchemaText.item(of: field.type)
        if item == nil, texts.count > 1 || kinds.contains(.list) { return "One value, not a list." }
        let type = item ?? field.type
        if let objection = Form.objection(to: type, kinds, texts) { return objection }
        // Of a body routes tell all that is wrong with what it says at once; a condition is read by none of them.
        guard isOfAddress || type == "flag" else { return nil }
        return (item == nil ? [texts[0].trimmed] : list(field.name)).lazy.compactMap {
            Form.objection(to: type, $0)
        }.first
    }

    /// Of members of a JSON object. Numbers may stand there as text.
    private static func objection(to type: String, _ kinds: Set<JSONKind>, _ sent: [String]) -> String? {
        if type == "loose" {
            let isWhole = sent.allSatisfy { text in Double(text).map { $0 == $0.rounded() } ?? true }
            return kinds.contains(.flag) || kinds.contains(.number) && !isWhole ? "A number, or a text." : nil
        }
        if kinds.contains(.flag), type != "flag" { return texts.contains(type) ? "A text." : objection(to: type, "") }
        guard kinds.contains(.number) else { return nil }
        return type == "flag" ? objection(to: type, "") : texts.contains(type) || type == "day" ? "A text." : nil
    }

    private static let texts: Set = ["text", "filled", "secret", "when", "Stream", "Network"]

    /// Nil for what is of that type, in the words of `SchemaText`.
    private static func objection(to type: String, _ text: String) -> String? {
        switch type {
        // Routes tell what is wrong with one that says something.
        case "when": return text.isEmpty ? "A day, like 2026-11-21, or a moment, like 2026-11-21T08:00." : nil
        case _ where texts.contains(type): return nil
        case "loose": return nil
        case "Reference": return text.isEmpty ? "A number, or a text." : nil
        case "id": return whole(1...Int.max, text)
        case "count": return whole(0...Int.max, text)
        case "number", "amount": return Double(text)?.isFinite == true ? nil : "A number."
        case "flag": return Form([type: [text]]).flag(type) == nil ? "`true` or `false`." : nil
        case "day": return CivilDate(text) == nil ? "A day, like 2026-11-21." : nil
        default: return SchemaText.range(type).map { whole($0, text) } ?? choice(type.split(separator: "|"), text)
        }
    }

    private static func whole(_ range: ClosedRange<Int>, _ text: String) -> String? {
        Int(text).map(range.contains) == true
            ? nil : "A number from \(range.lowerBound) to \(range.upperBound)."
    }

    private static func choice(_ words: [Substring], _ text: String) -> String? {
        let isOne = words.contains { word in
            SchemaText.range(word).map { Int(text).map($0.contains) == true } ?? (word == text)
        }
        let known = words.map { SchemaText.range($0).map { "\($0.lowerBound) to \($0.upperBound)" } ?? String($0) }
        return isOne ? nil : "One of: \(known.joined(separator: ", "))."
    }
}
