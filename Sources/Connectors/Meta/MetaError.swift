import ConnectorKit
import FoundationEssentials

/// What Meta says when it does not answer with data (meta.md 7): read from status and body, decided on code
/// and subcode, because messages are localised.
struct MetaError: Error, Sendable, Equatable {
    var status: Int
    /// Nil when the body had no error envelope.
    var code: Int?
    var subcode: Int?
    /// Lower-cased, for decisions only: it is never shown, because it may hold ids or a token.
    var message: String
    /// As it came, for the names of fields in it.
    var original: String
    var trace: String?
    /// Names from `error_data.blame_field_specs`.
    var blamed: [String]
    /// The body looked like JSON and ended too early.
    var isCut: Bool
    /// Meta's own opinion; it is wrong for throttles and counts only for codes that nobody knows.
    var isTransient: Bool

    init(
        status: Int, code: Int? = nil, subcode: Int? = nil, message: String = "", trace: String? = nil,
        blamed: [String] = [], isCut: Bool = false, isTransient: Bool = false
    ) {
        self.status = status
        self.code = code
        self.subcode = subcode
        self.message = message.lowercased()
        self.original = message
        self.trace = trace
        self.blamed = blamed
        self.isCut = isCut
        self.isTransient = isTransient
    }

    /// Reads an answer that carries no rows: an envelope, HTML, plain text, or half of something.
    init(status: Int, body: [UInt8]) {
        guard let json = JSONTree.parse(body) else {
            let head = String(decoding: body.prefix(400), as: UTF8.self)
            // An answer that ends too early may be an error just as well.
            let isCut = head.drop(while: \.isWhitespace).first.map { "{[".contains($0) } ?? (status <= 400)
            self.init(status: status, message: head, isCut: isCut)
            return
        }
        self = MetaError(status: status, envelope: json["error"]) ?? MetaError(status: status)
    }

    /// Nil when there is no error in the tree.
    init?(status: Int, envelope: JSONTree?) {
        guard let envelope, envelope != .bool(false) else { return nil }
        if let text = envelope.string {
            self.init(status: status, code: envelope.int, message: text)
            return
        }
        // Titles and messages for users carry the telling words when `message` is bare.
        let words = ["message", "error_user_title", "error_user_msg"].compactMap { envelope[$0]?.string }
        self.init(
            status: status, code: envelope["code"]?.int,
            subcode: envelope["error_subcode"]?.int.flatMap { $0 == 0 ? nil : $0 },
            message: words.joined(separator: " "), trace: envelope["fbtrace_id"]?.string,
            blamed: MetaError.blamed(in: envelope["error_data"]),
            isTransient: envelope["is_transient"]?.isTrue ?? false)
        subcode = subcode ?? MetaError.subcode(in: code)
    }

    /// Codes of seven digits are subcodes in the wrong place (meta.md 7).
    static func subcode(in code: Int?) -> Int? {
        code.flatMap { $0.magnitude >= 1_000_000 ? Int(clamping: $0.magnitude) : nil }
    }

    /// `error_data` is an object, or the same as a JSON text, or any text at all.
    private static func blamed(in data: JSONTree?) -> [String] {
        guard let data else { return [] }
        if case .text(let text) = data { return JSONTree.parse(text).map { blamed(inObject: $0) } ?? [] }
        return blamed(inObject: data)
    }

    private static func blamed(inObject data: JSONTree) -> [String] {
        (data["blame_field_specs"]?.items ?? []).flatMap { spec in
            spec.items?.compactMap(\.string) ?? spec.string.map { [$0] } ?? []
        }
    }

    /// For support people: `100/33`.
    var label: String {
        guard let code else { return isCut ? "cut" : "HTTP \(status)" }
        return subcode.map { $0.magnitude == code.magnitude ? "\(code)" : "\(code)/\($0)" } ?? "\(code)"
    }
}

// MARK: - Meaning

extension MetaError {
    /// What the error means for whoever made the call, whatever the call was.
    enum Kind: Sendable, Equatable {
        /// Certainly too much for one answer: smaller at once.
        case tooBig
        /// Code 1: often too much for one answer, sometimes an outage.
        case perhapsTooBig
        /// Passes by itself.
        case transient
        /// Two or three more tries, then smaller (meta.md 4).
        case flaky
        case throttled(MetaThrottle)
        case token
        /// The signature of the app secret is missing or wrong.
        case proof
        case permission
        /// The object does not exist, or not for this token.
        case gone
        /// The path does not exist at all.
        case noSuchPath
        /// One bad row spoils its whole page.
        case poisonRow
        case badCursor
        /// A finished report that cannot be read yet.
        case notReady
        /// The report as configured can never work.
        case configuration
        /// Days before the platform's memory begins.
        case tooOld
        /// A batch that ran out of time: its items are sent again.
        case aborted
        /// The app or its user is blocked for hours, against abuse.
        case blocked
        case oldVersion
        /// The request is not understood.
        case request
    }

    var kind: Kind {
        subcodeKind ?? wordKind ?? codeKind
    }

    /// Code 1 and nothing else.
    var isBareUnknown: Bool { code == 1 && subcode == nil }

    /// How often the same is asked again before what is perhaps too big is made smaller. Without a code it was a
    /// timeout: each of those costs minutes.
    var patience: Int { code == nil ? 1 : 2 }

    /// Subcodes speak for themselves, under whatever code they come.
    private var subcodeKind: Kind? {
        switch subcode {
        case 1_487_534, 1_504_018, 1_504_038, 1_504_045: .tooBig
        case 1_504_043, 1_504_044, 2_490_547: .flaky
        case 1_504_041, 1_504_042: .configuration
        case 1_504_022, 1_504_039: .throttled(.insightsOfApp)
        case 2_446_079: .throttled(MetaThrottle(code: code) ?? .account)
        case 1_487_742, 5_044_001, 1_487_632, 1_487_225, 1_885_172: .throttled(.account)
        case 3_191_001, 1_870_034, 1_870_047: .permission
        case 2_446_289: .poisonRow
        case 1_815_107: .notReady
        case 1_404_078, 2_859_015: .blocked
        default: nil
        }
    }

    /// Where code and subcode vary, the words decide (meta.md 3, size limits).
    private var wordKind: Kind? {
        if message.contains("reduce the amount of data") || message.contains("too much data was requested") {
            return .tooBig
        }
        guard code == 100 || code == 104 else { return nil }
        // Of fields that the report has: it passes (meta.md 4).
        if message.contains("cannot include") { return .notReady }
        if message.contains("appsecret_proof") { return .proof }
        guard subcode == nil else { return nil }
        if message.contains("cursor") { return .badCursor }
        if message.contains("does not exist") { return .gone }
        if message.contains("permission") { return .permission }
        return nil
    }

    private var codeKind: Kind {
        guard let code else { return statusKind }
        if let throttle = MetaThrottle(code: code, subcode: subcode) { return .throttled(throttle) }
        switch code {
        case 1: return .perhapsTooBig
        case 2, 3_910_001, 5_000: return .transient
        case 102, 190: return .token
        case 104: return .proof
        case 3, 10, 200...299: return .permission
        case 100: return subcode == 33 ? .gone : .request
        case 368: return .blocked
        case 803: return .noSuchPath
        case 960: return .aborted
        case 2500: return .noSuchPath
        case 2601: return .notReady
        case 2635: return .oldVersion
        case 2642: return .badCursor
        case 3018: return .tooOld
        case ..<0: return .flaky
        default: return isTransient || status >= 500 || status == 200 ? .transient : .request
        }
    }

    /// No envelope: a proxy, an outage, half an answer.
    private var statusKind: Kind {
        if isCut { return .transient }
        return switch status {
        case 404: .noSuchPath
        case 413, 414: .tooBig
        case 504: .perhapsTooBig
        case 429: .throttled(.app)
        case 400, 405, 410, 422, 451: .request
        default: .transient
        }
    }
}

/// Whom a throttle stops (meta.md 6.3).
enum MetaThrottle: Sendable, Equatable {
    case account
    case app
    case insights
    case management
    case pages
    case insightsOfApp
    /// Abuse prevention: an hour at least.
    case abuse

    init?(code: Int?, subcode: Int? = nil) {
        guard let code else { return nil }
        switch code {
        case 4, 341: self = .app
        case 17: self = .account
        case 32, 80_001: self = .pages
        case 613: self = subcode == nil || subcode == 1996 ? .abuse : .account
        case 80_000: self = .insights
        case 80_002...80_014: self = .management
        default: return nil
        }
    }
}

// MARK: - Fields

extension MetaError {
    /// Which of the requested fields the error is about: those that it blames, else those in parentheses or
    /// quotes, else any whole word that is a field with an underscore or stands in a sentence about fields.
    func fields(among requested: [String]) -> [String] {
        switch kind {
        case .request, .permission, .noSuchPath: break
        default: return []
        }
        let known = Set(requested)
        let blamed = blamed.filter(known.contains)
        if !blamed.isEmpty { return blamed.unique }
        let marked = MetaError.words(in: original, onlyMarked: true).filter(known.contains)
        if !marked.isEmpty { return marked.unique }
        let saysField = message.contains("field")
        return MetaError.words(in: original, onlyMarked: false)
            .filter { known.contains($0) && (saysField || $0.contains("_")) }.unique
    }

    /// A refusal that may be about a field without naming one. Code 100 tells a missing permission in words alone, and
    /// those come in any language (meta.md 7).
    var mayBeAboutField: Bool {
        kind == .permission || kind == .request && code == 100 && subcode == nil
    }

    private static func words(in text: String, onlyMarked: Bool) -> [String] {
        var words: [String] = []
        var word = ""
        var before: Character = " "
        func isMark(_ character: Character) -> Bool { "('\"`‘’“”«»[,".contains(character) }
        for character in text + " " {
            if character.isASCII, character.isLetter || character.isNumber || character == "_" {
                word.append(character)
                continue
            }
            if !word.isEmpty {
                let closes = ")'\"`‘’“”«»],".contains(character)
                if !onlyMarked || (isMark(before) && closes) { words.append(word) }
                word = ""
            }
            before = character
        }
        return words
    }
}

extension Array where Element: Hashable {
    /// Each element once, at its first place.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
