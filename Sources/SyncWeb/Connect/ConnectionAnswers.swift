import ConnectorKit
import SyncCore
import SyncEngine
import Wording

/// What programs get of connections. No secret, not even its last signs.
struct ConnectionAnswer: Encodable, Sendable {
    var id: Int64
    var platform: String
    var name: String
    var base_url: String
    /// `working`, `parked`, `removed`.
    var state: String
    var cause: Cause?
    var accounts: Int

    struct Cause: Encodable, Sendable {
        var code: String
        var message: String
        var advice: String
    }

    init(_ connection: Connection, accounts: Int, _ words: Words) {
        id = connection.id.value
        platform = connection.platform.rawValue
        name = connection.name
        base_url = connection.baseURL
        state = connection.isRemoved ? "removed" : connection.parked == nil ? "working" : "parked"
        cause = connection.parked.map {
            Cause(code: $0.code, message: words.said($0.message), advice: words.said($0.pageAdvice))
        }
        self.accounts = accounts
    }
}

struct ConnectionsAnswer: Encodable, Sendable {
    var success = true
    var connections: [ConnectionAnswer]
}

struct CredentialAnswer: Encodable, Sendable {
    var valid: Bool
    var expires_at: String?
    var scopes: [String]
    var warnings: [String]
    /// Calls that it took to know that.
    var calls: Int

    init(_ checked: ConnectionBook.Checked, _ words: Words) {
        valid = checked.facts?.isValid ?? true
        expires_at = checked.facts?.expiresAt?.description
        scopes = checked.facts?.scopes ?? []
        warnings = ((checked.facts?.warnings ?? []) + (checked.facts?.endings ?? [])).map { words.said($0) }
        calls = checked.calls
    }
}

/// An account that a credential reaches.
struct ReachedAnswer: Encodable, Sendable {
    var external_id: String
    var name: String
    var currency: String?
    var time_zone: String
    var created_on: String?
    var is_active: Bool
    var warning: String?
    /// Of the account here, where it is connected already.
    var account_id: Int64?
    /// Another workspace of the server has it: it cannot be picked here.
    var is_elsewhere: Bool?

    init(_ found: PickRoutes.Found, _ words: Words) {
        self.init(found.facts, account: found.account?.id, words)
        is_elsewhere = found.isElsewhere
    }

    init(_ facts: AccountFacts, account: AccountID?, _ words: Words) {
        external_id = facts.externalID
        name = facts.name
        currency = facts.currency == AccountFacts.severalCurrencies ? nil : facts.currency
        time_zone = facts.zoneName
        created_on = facts.createdOn?.description
        is_active = facts.isActive
        warning = facts.warning.map { words.said($0) }
        account_id = account?.value
    }
}

struct ConnectedAnswer: Encodable, Sendable {
    var success = true
    var connection: ConnectionAnswer
    var credential: CredentialAnswer
    var accounts: [ReachedAnswer]
}

struct ReachedListAnswer: Encodable, Sendable {
    var success = true
    var connections: [Int64]
    var accounts: [ReachedAnswer]
}

struct BegunAnswer: Encodable, Sendable {
    var success = true
    var accounts: [Begun]
    var schedule_id: Int64?

    struct Begun: Encodable, Sendable {
        var account_id: Int64
        var external_id: String
        var job_id: Int64?
        var is_new: Bool
    }
}

struct PlatformsAnswer: Encodable, Sendable {
    var success = true
    var platforms: [PlatformAnswer]
}

struct OnePlatformAnswer: Encodable, Sendable {
    var success = true
    var platform: PlatformAnswer
}

/// A platform and what it takes to connect it.
struct PlatformAnswer: Encodable, Sendable {
    var id: String
    var name: String
    var fields: [Field]
    /// The address is given by people.
    var asks_address: Bool
    /// `token`, `consent`, `sign_in`.
    var ways: [String]

    struct Field: Encodable, Sendable {
        var name: String
        var label: String
        var hint: String
        var is_required: Bool
        var is_secret: Bool
    }

    init(_ type: any Connector.Type, _ desk: ConnectDesk, _ words: Words) {
        let platform = type.platform
        let texts = PlatformTexts(platform: platform, words: words)
        id = platform.id.rawValue
        name = platform.name
        fields = platform.credentialFields.map { field in
            Field(
                name: field.name, label: texts.label(field), hint: words.said(field.summary),
                is_required: field.isRequired, is_secret: PlatformTexts.isSecret(field))
        }
        asks_address = desk.asksAddress(platform)
        ways = [type.missing(from: Credential([:])) == nil ? "token" : "consent"]
        if desk.login(of: type) != nil { ways.append("sign_in") }
    }
}
