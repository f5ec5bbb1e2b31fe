import FoundationEssentials
import Mustache
import WebAssets
import Wording

/// The templates in both languages, read once. `[[A text]]` in a template is said in the visitor's language when it is
/// read, so that a page costs no look-up.
struct Templates: Sendable {
    private let english: MustacheLibrary
    private let vietnamese: MustacheLibrary

    /// Throws for a template that does not parse and for a text without translation.
    init() throws {
        let pairs = try Templates.pairs()
        english = try Templates.library { $0 }
        vietnamese = try Templates.library { text in
            guard let translation = pairs[text] else { throw TemplateError.untranslated(text) }
            return translation
        }
    }

    /// The page's inner part, a region of it, or a frame.
    func render(_ name: String, _ view: View, _ language: Words.Language) throws -> String {
        let library = language == .vietnamese ? vietnamese : english
        guard let text = library.render(view, withTemplate: name) else { throw TemplateError.missing(name) }
        return text
    }

    static let suffix = ".mustache"

    private static func library(_ said: (String) throws -> String) throws -> MustacheLibrary {
        var templates: [String: MustacheTemplate] = [:]
        for (file, bytes) in WebAssets.templates where file.hasSuffix(suffix) {
            let text = try translated(String(decoding: bytes, as: UTF8.self), said)
            templates[String(file.dropLast(suffix.count))] = try MustacheTemplate(string: text)
        }
        return MustacheLibrary(templates: templates)
    }

    /// The same with each `[[text]]` said.
    static func translated(_ template: String, _ said: (String) throws -> String) throws -> String {
        var out = ""
        var rest = template[...]
        while let start = rest.firstRange(of: "[["), let end = rest[start.upperBound...].firstRange(of: "]]") {
            out += rest[..<start.lowerBound]
            out += try said(String(rest[start.upperBound..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return out + rest
    }

    /// `English = Tiếng Việt`, a line each.
    static func pairs() throws -> [String: String] {
        var pairs: [String: String] = [:]
        for (file, bytes) in WebAssets.templates where file.hasSuffix(".txt") {
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
                guard let mark = line.firstRange(of: " = ") else { throw TemplateError.noPair(String(line)) }
                let (text, said) = (String(line[..<mark.lowerBound]), String(line[mark.upperBound...]))
                if let other = pairs[text], other != said { throw TemplateError.ambiguous(text) }
                pairs[text] = said
            }
        }
        return pairs
    }
}

enum TemplateError: Error, CustomStringConvertible {
    case missing(String)
    case untranslated(String)
    case noPair(String)
    case ambiguous(String)

    var description: String {
        switch self {
        case .missing(let name): "there is no template \(name)"
        case .untranslated(let text): "no Vietnamese for: \(text)"
        case .ambiguous(let text): "two Vietnamese texts for: \(text)"
        case .noPair(let line): "not `English = Tiếng Việt`: \(line)"
        }
    }
}
