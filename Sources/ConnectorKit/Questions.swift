package import SyncCore

/// What is asked outside of a job: by `connect`, by `sync` before it plans, by `doctor`.
package enum Question: Sendable, Hashable {
    /// The facts of one account by the id that the user gave.
    case account(String)
    /// All accounts that the credential reaches; comes in pages.
    case accounts
    /// The credential's own state: scopes, expiry.
    case credential
}

package enum Answer: Sendable {
    case account(AccountFacts)
    /// One page; `next` is the cursor of the next one, nil after the last.
    case accounts([AccountFacts], next: String?)
    case credential(CredentialFacts)
    case failed(Failure)
}

package struct AccountFacts: Sendable, Hashable {
    /// Without prefix, the value of the `account_id` column.
    package var externalID: String
    package var name: String
    /// Its short name in addresses, where the platform has one.
    package var handle: String?
    package var currency: String
    package var zoneName: String
    package var createdOn: CivilDate?
    /// A sentence when the account is not in a normal state (disabled, closed), else nil.
    package var warning: String?
    /// Whether it is worth syncing where all accounts are meant.
    package var isActive: Bool

    package init(
        externalID: String, name: String, currency: String, zoneName: String, createdOn: CivilDate? = nil,
        warning: String? = nil, isActive: Bool = true, handle: String? = nil
    ) {
        self.externalID = externalID
        self.handle = handle
        self.name = name
        self.currency = currency
        self.zoneName = zoneName
        self.createdOn = createdOn
        self.warning = warning
        self.isActive = isActive
    }

    /// ISO 4217's code for no currency: rows name their own.
    package static let severalCurrencies = String(repeating: "X", count: 3)

    /// `VND, Asia/Ho_Chi_Minh`: what its numbers and days are in.
    package var terms: String { currency == AccountFacts.severalCurrencies ? zoneName : "\(currency), \(zoneName)" }

    /// Whether a person who writes `id` means this account: ids come with the platform's prefix or without it.
    package func isMeant(by id: String) -> Bool { id == externalID || id.hasSuffix("_\(externalID)") }
}

package struct CredentialFacts: Sendable, Hashable {
    package var isValid: Bool
    /// Nil when it does not expire or the platform does not say.
    package var expiresAt: Instant?
    package var scopes: [String]
    /// Sentences worth telling: scopes that are missing and what stays empty without them.
    package var warnings: [String]
    /// Sentences on what ends soon, worth telling before every sync.
    package var endings: [String]
    /// The name of the app that it belongs to, where the platform says.
    package var app: String?
    /// It belongs to no person, so that no password ends it.
    package var isOfSystem: Bool

    package init(
        isValid: Bool, expiresAt: Instant? = nil, scopes: [String] = [], warnings: [String] = [],
        endings: [String] = [], app: String? = nil, isOfSystem: Bool = false
    ) {
        self.isValid = isValid
        self.expiresAt = expiresAt
        self.scopes = scopes
        self.warnings = warnings
        self.endings = endings
        self.app = app
        self.isOfSystem = isOfSystem
    }
}
