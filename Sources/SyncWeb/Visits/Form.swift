import FoundationEssentials
import Hummingbird
import NIOCore
import SyncCore

/// The fields of a call, whether they came as a form, as a JSON object or in the address. Every value is text; a list
/// has several.
struct Form: Sendable {
    private(set) var values: [String: [String]]

    init(_ values: [String: [String]] = [:]) { self.values = values }

    /// Of the address.
    init(query: Request) {
        values = [:]
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
        case "application/json": values = try Form.object(bytes)
        default:
            throw WebError(
                .unsupportedMediaType, "media_type", "Send a form or a JSON object.", advice: "Nothing was changed.")
        }
        // No text of ours has one, and PostgreSQL takes none.
        if values.values.contains(where: { $0.contains { $0.utf8.contains(0) } }) { throw Form.malformed }
    }

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

    /// Numbers and conditions are written as text; `null` is an empty one.
    private static func object(_ bytes: [UInt8]) throws -> [String: [String]] {
        guard let object = try? JSONDecoder().decode([String: JSONField].self, from: Data(bytes)) else {
            throw malformed
        }
        return object.mapValues(\.texts)
    }

    private struct JSONField: Decodable {
        var texts: [String]
        init(from decoder: any Decoder) throws {
            if var list = try? decoder.unkeyedContainer() {
                texts = []
                while !list.isAtEnd { texts.append(try JSONField.text(list.decode(Scalar.self))) }
                return
            }
            let value = try decoder.singleValueContainer()
            texts = value.decodeNil() ? [""] : [JSONField.text(try value.decode(Scalar.self))]
        }

        private static func text(_ scalar: Scalar) -> String { scalar.text }
    }

    private struct Scalar: Decodable {
        var text: String
        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let flag = try? value.decode(Bool.self) {
                text = flag ? "true" : "false"
            } else if let number = try? value.decode(Int64.self) {
                text = String(number)
            } else if let number = try? value.decode(Double.self) {
                text = "\(number)"
            } else {
                text = try value.decode(String.self)
            }
        }
    }

    /// Without a field.
    func without(_ name: String) -> Form { Form(values.filter { $0.key != name }) }

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
