import FoundationEssentials
import Hummingbird
import NIOCore
import SyncCore

/// The fields of a call, whether they came as a form, as a JSON object or in the address. Every value is text; a list
/// has several.
struct Form: Sendable {
    private(set) var values: [String: [String]]
    /// Of a JSON object: what its members were.
    private(set) var kinds: [String: Set<JSONKind>] = [:]

    /// Of an address: nobody writes a name there to say nothing of it.
    private(set) var isOfAddress = false

    enum JSONKind: Sendable { case text, number, flag, null, list, nested }

    init(_ values: [String: [String]] = [:]) { self.values = values }

    /// Of the address.
    init(query: Request) {
        values = [:]
        isOfAddress = true
        for (name, value) in query.uri.queryParameters {
            values[String(name), default: []].append(String(value).filter { $0 != "\0" })
        }
    }

    /// Of the part of an address behind its question mark; nothing for what does not parse.
    init(text: String) { values = (try? Form.decoded(text)) ?? [:] }

    /// Of the body. Throws 415 for another type, 400 for what does not parse, 413 for what is too large.
    init(_ request: Request, _ context: WebContext) async throws {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: context.maxUploadSize)
        } catch is NIOTooManyBytesError {
            throw WebError(.contentTooLarge, "too_large", "What was sent is too large.")
        }
        let bytes = Array(buffer.readableBytesView)
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased() ?? ""
        switch type {
        case _ where bytes.isEmpty: values = [:]
        case "application/x-www-form-urlencoded": values = try Form.decoded(String(decoding: bytes, as: UTF8.self))
        case "application/json": (values, kinds) = try Form.object(bytes)
        default:
            throw WebError(
                .unsupportedMediaType, "media_type", "Send a form or a JSON object.", advice: "Nothing was changed.")
        }
        if let fields = context.asked?.bodyFields {
            // Nobody reads the others: what they hold is no matter.
            let known = Set(fields.map(\.name))
            values = values.filter { known.contains($0.key) || !Form.hasNull($0.value) }
            let wrong = objections(to: fields)
            if !wrong.isEmpty { throw WebError.invalid(wrong) }
        }
        // No text of ours has one, and PostgreSQL takes none.
        if values.values.contains(where: Form.hasNull) { throw Form.malformed }
    }

    private static func hasNull(_ texts: [String]) -> Bool { texts.contains { $0.utf8.contains(0) } }

    private static let malformed = WebError(
        .badRequest, "malformed", "What was sent cannot be read.", advice: "Nothing was changed.")

    private static func decoded(_ text: String) throws -> [String: [String]] {
        var values: [String: [String]] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = part(parts[0]), let value = part(parts.count > 1 ? parts[1] : "") else { throw malformed }
            values[name, default: []].append(value)
        }
        return values
    }

    /// Nil for what is no UTF-8 or has half an escape.
    private static func part(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Numbers and conditions are written as text; `null` is an empty one, and what is nested is none.
    private static func object(_ bytes: [UInt8]) throws -> ([String: [String]], [String: Set<JSONKind>]) {
        guard let object = try? JSONDecoder().decode([String: JSONField].self, from: Data(bytes)) else {
            throw malformed
        }
        return (object.mapValues(\.texts), object.mapValues(\.kinds))
    }

    private struct JSONField: Decodable {
        var texts: [String]
        var kinds: Set<JSONKind>

        init(from decoder: any Decoder) throws {
            guard var list = try? decoder.unkeyedContainer() else {
                let scalar = try Scalar(from: decoder)
                texts = scalar.kind == .null ? [""] : scalar.text.map { [$0] } ?? []
                kinds = [scalar.kind]
                return
            }
            (texts, kinds) = ([], [.list])
            while !list.isAtEnd {
                let scalar = try list.decode(Scalar.self)
                if let text = scalar.text { texts.append(text) }
                kinds.insert(scalar.kind == .null ? .nested : scalar.kind)
            }
        }
    }

    private struct Scalar: Decodable {
        var text: String?
        var kind: JSONKind

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                kind = .null
            } else if let flag = try? value.decode(Bool.self) {
                (text, kind) = (flag ? "true" : "false", .flag)
            } else if let number = try? value.decode(Int64.self) {
                (text, kind) = (String(number), .number)
            } else if let number = try? value.decode(Double.self) {
                (text, kind) = ("\(number)", .number)
            } else if let string = try? value.decode(String.self) {
                (text, kind) = (string, .text)
            } else {
                kind = .nested
            }
        }
    }

    /// Without a field.
    func without(_ name: String) -> Form { Form(values.filter { $0.key != name }) }

    /// Errors under the names that were sent. Each group has the names of one field, that of the document first.
    func asSent(_ errors: [String: String], _ groups: [[String]]) -> [String: String] {
        Dictionary(
            errors.map { name, text in
                let group = groups.first { $0.contains(name) } ?? [name]
                return (group.first { values[$0] != nil } ?? group[0], text)
            }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Reading

    /// The first value, without blanks around it; nil when it is missing or empty.
    subscript(_ name: String) -> String? {
        guard let text = values[name]?.first else { return nil }
        let trimmed = text.trimmed
        return trimmed.isEmpty ? nil : trimmed
    }

    /// As it came: passwords may begin with a blank.
    func raw(_ name: String) -> String { values[name]?.first ?? "" }

    /// Those of a list; one that holds commas is a list as well.
    func list(_ name: String) -> [String] {
        (values[name] ?? []).flatMap { $0.split(separator: ",") }.map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    func flag(_ name: String, last: Bool = false) -> Bool? {
        switch (last ? values[name]?.last : self[name])?.lowercased() {
        case "true", "1", "on", "yes": true
        case "false", "0", "off", "no": false
        default: nil
        }
    }

    /// Nil when it is missing; throws for what is no number of the range.
    func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw WebError.invalid([name: "A number from \(range.lowerBound) to \(range.upperBound)."])
        }
        return number
    }

    func day(_ name: String) throws -> CivilDate? {
        guard let text = self[name] else { return nil }
        guard let day = CivilDate(text) else { throw WebError.invalid([name: "A day, like 2026-11-21."]) }
        return day
    }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
