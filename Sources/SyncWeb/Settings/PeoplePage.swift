import FoundationEssentials
import SyncCore
import Wording

/// `settings-people.mustache`: who may do what, who did what, is the record intact?
struct PeoplePage: Sendable {
    var headline: String
    var summary: String
    var mayChange: Bool
    var tabs: [SettingsTabs.Tab]
    var invited: Invited?
    var invite: Invite?
    var people: [Person]
    /// A second way to show who one is, which there is none of yet.
    var hasFactors = false
    var hasInvitations: Bool
    var invitations: [Invitation]
    var rights: [RightRow]
    var tokens: [TokenRow]
    var hasTokens: Bool
    var audit: AuditPart

    struct Invited: Sendable {
        var text: String
        var link: String
    }

    struct Invite: Sendable {
        var action: String
        var mail: String
        var error: EntryPage.Text?
        var roles: [RoleChoice]
    }

    struct RoleChoice: Sendable {
        var value: String
        var label: String
        var isChosen: Bool
        var note = ""
    }

    struct Person: Sendable {
        var id: String
        var initials: String
        var name: String
        var mail: String
        var seen: String
        var isYou: Bool
        var mayEdit: Bool
        var roles: [RoleChoice]
    }

    struct Invitation: Sendable {
        var mail: String
        var role: String
        var until: String
        var cancelHref: String
    }

    struct RightRow: Sendable {
        var label: String
        var viewer: Bool
        var `operator`: Bool
        var owner: Bool
    }

    static func roles(_ chosen: Role, _ words: Words) -> [RoleChoice] {
        let notes: [Role: String] = [
            .viewer: words.pick("sees pages and exports data", "xem trang và xuất số liệu"),
            .operator: words.pick(
                "also starts, stops, schedules and connects", "còn chạy, dừng, đặt lịch và kết nối"),
            .owner: words.pick("also settings, people and tokens", "còn cài đặt, người dùng và mã API"),
        ]
        return Role.allCases.map {
            RoleChoice(value: $0.rawValue, label: words.role($0), isChosen: $0 == chosen, note: notes[$0] ?? "")
        }
    }

    static func rights(_ words: Words) -> [RightRow] {
        let rows: [(String, String, Role)] = [
            ("See pages, export data", "Xem trang, xuất số liệu", .viewer),
            ("Start, stop, retry, schedule", "Chạy, dừng, chạy lại, đặt lịch", .operator),
            ("Connect, reconnect", "Kết nối, kết nối lại", .operator),
            ("Settings, people, tokens", "Cài đặt, người dùng, mã API", .owner),
        ]
        return rows.map { english, vietnamese, least in
            RightRow(
                label: words.pick(english, vietnamese), viewer: Role.viewer >= least, operator: Role.operator >= least,
                owner: Role.owner >= least)
        }
    }
}

/// A row of `part-tokens.mustache`.
struct TokenRow: Sendable {
    var id: String
    var name: String
    var start: String
    var scopes: [EntryPage.Text]
    var expires: String
    var expiresTone: String
    var used: String
    var revokeHref: String

    init(_ token: APIToken, _ told: RunWords) {
        let words = told.words
        id = "\(token.id)"
        name = token.name
        start = token.prefix + "…"
        scopes = token.scopes.map { EntryPage.Text(text: $0.rawValue) }
        expiresTone = ""
        if let end = token.expiresAt {
            let days = CivilDate(end, in: told.zone).days(since: told.today)
            switch days {
            case ..<0: (expires, expiresTone) = (words.pick("over", "đã hết"), "bad")
            case ..<14:
                expires = words.pick("in \(days) days", "còn \(days) ngày")
                expiresTone = "warn"
            default: expires = words.day(CivilDate(end, in: told.zone), today: told.today)
            }
        } else {
            expires = words.pick("never", "không bao giờ")
        }
        used = token.usedAt.map { told.near($0) } ?? words.pick("not yet", "chưa dùng")
        revokeHref = "\(SettingsTabs.path)/tokens/\(token.id)/delete"
    }
}

/// `part-audit.mustache`.
struct AuditPart: Sendable {
    var isIntact: Bool
    var chain: String
    var hasExports = false
    var exports: [Link] = []
    var records: [Record]

    struct Record: Sendable {
        var when: String
        var initials: String
        var isSystem: Bool
        var name: String
        /// With the address.
        var who: String
        var what: String
        var object: String
        var hash: String
    }

    init(_ entries: [AuditEntry], _ verified: VerifiedChain, _ told: RunWords) {
        let words = told.words
        isIntact = verified.chain.isIntact
        let count = words.count(verified.chain.count, "record", "bản ghi")
        let at = told.clock(verified.at)
        if let broken = verified.chain.brokenAt {
            chain = words.pick(
                "record \(words.number(Int(broken))) does not fit the one before it",
                "bản ghi \(words.number(Int(broken))) không khớp với bản ghi trước")
        } else if verified.chain.missing > 0 {
            chain = words.pick(
                "\(words.count(verified.chain.missing, "record", "")) at its end are gone",
                "mất \(words.number(verified.chain.missing)) bản ghi ở cuối")
        } else {
            chain = words.pick("chain of \(count) verified \(at)", "chuỗi \(count) đã kiểm lúc \(at)")
        }
        records = entries.map { entry in
            let detail = entry.detail.isEmpty ? "" : " (\(told.detail(entry.detail)))"
            let name = entry.actor.prefix { $0 != "<" }.split(separator: " ").joined(separator: " ")
            return Record(
                when: told.near(entry.at, seconds: true), initials: FrameFacts.initials(name),
                isSystem: entry.actor == "Sluice", name: name.isEmpty ? entry.actor : name, who: entry.actor,
                what: words.said(entry.action) + detail,
                object: entry.subject, hash: RunView.masked(entry.hash))
        }
    }
}

extension RunWords {
    /// What a record keeps beside its subject: words of ours in the reader's language, all else as it is.
    func detail(_ text: String) -> String {
        text.components(separatedBy: ", ").map { word in
            if let range = NamedRange(rawValue: word) { return words.days(.named(range)) }
            if let role = Role(rawValue: word) { return words.role(role).lowercased() }
            let ends = word.split(whereSeparator: { "/…".contains($0) }).map { CivilDate(String($0)) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
                let days = DayRange(first, last)
            else { return word }
            return words.days(days, today: today)
        }.joined(separator: ", ")
    }
}

struct PersonBody: Encodable, Sendable {
    var id: Int64
    var name: String
    var email: String
    var role: String
    var last_seen_at: String?

    init(_ member: Member) {
        id = member.user.id.value
        name = member.user.name
        email = member.user.email
        role = member.role.rawValue
        last_seen_at = member.seenAt?.description
    }
}

struct InvitationBody: Encodable, Sendable {
    var id: String
    var email: String
    var role: String
    var expires_at: String
    /// Shown once, when it is made.
    var link: String?
    /// Of an answer of its own, not in a list.
    var success: Bool?

    init(_ link: OneTimeLink, url: String? = nil) {
        id = Invitations.id(link.email)
        email = link.email
        role = link.role.rawValue
        expires_at = link.expiresAt.description
        self.link = url
        success = url == nil ? nil : true
    }
}
