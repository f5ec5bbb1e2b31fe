import SyncCore

extension ShopeeSandbox {
    /// 32 hexadecimal digits, as tokens look.
    static func token(_ word: UInt64) -> String {
        func hex(_ word: UInt64) -> String {
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return hex(word) + hex(Mix.hash(word, 1))
    }

    /// Consents and the tokens that come of them (platforms.md 1.5). Times are seconds since 1970.
    struct Grants: Sendable {
        enum Owner: Sendable, Hashable {
            case shop(Int64)
            case merchant(Int64)
        }

        struct Key: Sendable, Hashable {
            /// Index of the app.
            var app: Int
            var owner: Owner
        }

        /// What one app holds for one shop or merchant: each is refreshed on its own.
        struct Lineage: Sendable {
            var access: String
            var accessUntil: Int64
            var refresh: String
            var refreshUntil: Int64
            /// Access tokens before the last refresh, while they still work.
            var former: [(token: String, until: Int64)] = []
            var consentedAt: Int64
            var consentUntil: Int64
            var isRevoked = false
        }

        /// A code that waits for its exchange.
        struct Code: Sendable {
            var app: Int
            var owners: [Owner]
            var mainAccount: Int64?
            var until: Int64
        }

        private let world: ShopeeWorld
        private var knobs: ShopeeWorld.Auth { world.auth }
        private let seed: UInt64
        private var serial = 0
        private(set) var lineages: [Key: Lineage] = [:]
        private(set) var codes: [String: Code] = [:]
        private(set) var resendCodes: [String: Key] = [:]
        private(set) var refreshes = 0
        private(set) var refusedRefreshes = 0
        private(set) var exchanges = 0

        init(_ world: ShopeeWorld) {
            self.world = world
            seed = Mix.hash(world.seed, 0x70CE)
        }

        /// Issues the first tokens of every app for every shop and merchant, at the moment of the first call.
        mutating func open(at now: Int64) {
            guard lineages.isEmpty else { return }
            let day = Int64(world.anchor.daysSince1970)
            let consentedAt = (day - Int64(knobs.grantAge)) * 86_400
            for app in world.apps.indices {
                for shop in world.shops {
                    let first = Lineage(
                        access: world.firstToken(.access, app: app, shop: shop.id),
                        accessUntil: now + knobs.accessLife - knobs.firstAge,
                        refresh: world.firstToken(.refresh, app: app, shop: shop.id),
                        refreshUntil: now + knobs.refreshLife - knobs.firstAge, consentedAt: consentedAt,
                        consentUntil: consentedAt + Int64(knobs.grantDays) * 86_400)
                    lineages[Key(app: app, owner: .shop(shop.id))] = first
                    guard let merchant = shop.merchantID, knobs.mainAccount != nil else { continue }
                    lineages[Key(app: app, owner: .merchant(merchant))] = first
                }
            }
        }

        private mutating func nextToken() -> String {
            serial += 1
            return ShopeeSandbox.token(Mix.hash(seed, serial))
        }

        /// Throws what is wrong with an access token for its owner.
        func check(_ token: String, _ key: Key, at now: Int64) throws(Refusal) {
            guard let lineage = lineages[key] else { throw Refusal(code: knobs.accessCode) }
            let isCurrent = lineage.access == token && now < lineage.accessUntil
            let isFormer = lineage.former.contains { $0.token == token && now < $0.until }
            // Only who once held the shop learns that it is gone.
            if lineage.isRevoked, lineage.access == token || isFormer { throw Refusal(code: "shop_no_linked") }
            guard isCurrent || isFormer else { throw Refusal(code: knobs.accessCode) }
            if now >= lineage.consentUntil { throw .grantExpired }
        }

        /// A new pair for a refresh token, which is dead from then on.
        mutating func refresh(_ token: String, _ key: Key, at now: Int64) throws(Refusal) -> Lineage {
            refusedRefreshes += 1
            guard var lineage = lineages[key], lineage.refresh == token else { throw .refreshToken }
            if lineage.isRevoked { throw Refusal(code: "shop_no_linked") }
            if now >= lineage.consentUntil { throw .grantExpired }
            if now >= lineage.refreshUntil { throw .refreshExpired }
            lineage.former.removeAll { $0.until <= now }
            lineage.former.append((lineage.access, min(lineage.accessUntil, now + knobs.formerAccessLife)))
            issue(&lineage, at: now)
            lineages[key] = lineage
            refusedRefreshes -= 1
            refreshes += 1
            return lineage
        }

        private mutating func issue(_ lineage: inout Lineage, at now: Int64) {
            lineage.access = nextToken()
            lineage.refresh = nextToken()
            lineage.accessUntil = now + knobs.accessLife
            lineage.refreshUntil = now + knobs.refreshLife
        }

        /// A person agrees: a code that the browser takes back.
        mutating func consent(app: Int, owners: [Owner], mainAccount: Int64?, at now: Int64) -> String {
            codes = codes.filter { $0.value.until > now }
            let code = nextToken()
            codes[code] = Code(app: app, owners: owners, mainAccount: mainAccount, until: now + knobs.codeLife)
            return code
        }

        /// The first pair of a consent, the same for all its owners.
        mutating func exchange(
            _ code: String, app: Int, owner: Owner?, mainAccount: Int64?, at now: Int64
        ) throws(Refusal) -> (pair: Lineage, code: Code) {
            guard let held = codes[code], held.app == app, now < held.until else { throw .invalidCode }
            let isRight = held.mainAccount == nil ? owner == held.owners.first : mainAccount == held.mainAccount
            guard isRight else { throw .parameter("The code does not belong to this shop_id or main_account_id.") }
            codes[code] = nil
            var pair = Lineage(
                access: "", accessUntil: 0, refresh: "", refreshUntil: 0, consentedAt: now,
                consentUntil: now + Int64(knobs.grantDays) * 86_400)
            issue(&pair, at: now)
            for owner in held.owners { lineages[Key(app: app, owner: owner)] = pair }
            exchanges += 1
            return (pair, held)
        }

        /// The pair that a push announced after its answer was lost.
        mutating func resend(_ code: String, app: Int) throws(Refusal) -> (pair: Lineage, owner: Owner) {
            guard let key = resendCodes.removeValue(forKey: code), key.app == app, let lineage = lineages[key] else {
                throw .invalidCode
            }
            return (lineage, key.owner)
        }

        mutating func announceResend(_ key: Key) -> String {
            let code = nextToken()
            resendCodes[code] = key
            return code
        }

        /// The shop takes its consent back.
        mutating func revoke(_ key: Key) { lineages[key]?.isRevoked = true }

        /// Ends something before its time, as of `now`.
        mutating func expire(_ key: Key, access: Bool, refresh: Bool, consent: Bool, at now: Int64) {
            if access {
                lineages[key]?.accessUntil = now
                lineages[key]?.former = []
            }
            if refresh { lineages[key]?.refreshUntil = now }
            if consent { lineages[key]?.consentUntil = now }
        }
    }
}
