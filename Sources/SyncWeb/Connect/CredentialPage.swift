import Wording

/// `connect-credential.mustache`: the second step, a credential and what the platform says of it.
struct CredentialPage: Sendable {
    var headline: String
    var summary: String
    var action: String
    var backHref: String
    var hasMethods = false
    var methods: [Method] = []
    var isForm = true
    var draft = ""
    var fields: [CredentialInput] = []
    var hasMore = false
    var moreLabel = ""
    var more: [CredentialInput] = []
    var check: Check?
    var hasPermissions = false
    var permissionTitle = ""
    var permissionNote = ""
    var permissions: [Permission] = []
    var consent: Consent?
    var guide: Guide?
    var finds = ""
    var next: String

    struct Method: Sendable {
        var label: String
        var text: String
        var href: String
        var isChosen: Bool
    }

    struct Check: Sendable {
        var tone: String
        var icon: String
        var lead: String
        var rest: String
        var note: String
        var again: String
    }

    struct Permission: Sendable {
        var tone: String
        var icon: String
        var name: String
        var lead: String
        var text: String
        var answer: String
        var ask: Link?
    }

    /// The way into the browser: an address to open or to send on, or a button.
    struct Consent: Sendable {
        var lead: String
        var rest: String
        var isLink: Bool
        var link = ""
        var action = ""
        var label: String
    }

    struct Guide: Sendable {
        var title: String
        var steps: [Step]
        var ask: Ask?

        struct Step: Sendable {
            var number: String
            var parts: [TextPart]
            var link: Link?
        }

        struct Ask: Sendable {
            var lead: String
            var label: String
            var rest: String
            var message: String
        }
    }
}

/// `part-credential-field.mustache`. A secret has no value: of one that is known its mask is shown.
struct CredentialInput: Sendable {
    var name: String
    var label: String
    var hint: String
    var isSecret: Bool
    var isRequired: Bool
    var value = ""
    var masked: String?
    var error: EntryPage.Text?

    /// Nothing of it but its last four signs, where they tell nothing of the rest.
    static func mask(_ secret: String) -> String {
        let dots = String(repeating: "•", count: 12)
        return secret.count >= 12 ? dots + secret.suffix(4) : dots
    }
}

extension TextPart {
    /// `Open **Business settings**, then …`: what stands between stars is strong.
    static func parts(_ text: String) -> [TextPart] {
        var parts: [TextPart] = []
        var isStrong = false
        var rest = text[...]
        while true {
            let mark = rest.firstRange(of: "**")
            let piece = mark.map { rest[..<$0.lowerBound] } ?? rest
            if !piece.isEmpty { parts.append(TextPart(text: String(piece), isStrong: isStrong)) }
            guard let mark else { return parts }
            isStrong.toggle()
            rest = rest[mark.upperBound...]
        }
    }
}
