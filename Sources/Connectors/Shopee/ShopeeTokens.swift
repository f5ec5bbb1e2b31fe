package import ConnectorKit
package import SyncCore

/// The tokens of a shop: got with the code of a consent, then each pair with the one before it (platforms.md 1.4, 1.5).
/// Every shop renews its own, also those that were opened together.
extension ShopeeConnector {
    /// The part of its life after which a token is renewed, and how much later some shops do it than others.
    private static let aged = 0.75
    private static let spread = 0.05

    /// A connection has the tokens of one shop for one app (platforms.md 1.2).
    package static func name(of credential: Credential, account: String?) -> String {
        let partner = credential["partner_id"] ?? ""
        return shop(account, of: credential).map { "\(partner)/\($0)" } ?? partner
    }

    package static func missing(from credential: Credential) -> CredentialField? {
        credential["access_token"] == nil && credential["refresh_token"] == nil ? ShopeePlatform.accessToken : nil
    }

    package static func objection(to credential: Credential, account: String?) -> String? {
        func isNumber(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        if let partner = credential["partner_id"], !isNumber(partner.trimmed) {
            return "SLUICE_SHOPEE_PARTNER_ID is no number. Copy the live id of the app from the console."
        }
        if let account, account != "all", !isNumber(account.trimmed) {
            return "The id of a shop is a number, and \(account) is none."
        }
        return nil
    }

    package static func bound(_ credential: Credential, to account: String?) -> Credential {
        var bound = credential
        bound["shop_id"] = shop(account, of: credential)
        return bound
    }

    // MARK: Renewal

    package func renewal(
        of credential: Credential, account: String, because reason: RenewalReason, at now: Instant
    ) -> Call? {
        guard let refresh = credential["refresh_token"],
            let shop = ShopeeConnector.shop(account, of: credential)
        else { return nil }
        if reason == .due, !isDue(credential, shop, now) { return nil }
        let partner = credential["partner_id"] ?? ""
        let body =
            "{\"refresh_token\":\(JSONText.quoted(refresh)),\"partner_id\":\(JSONText.id(partner)),"
            + "\"shop_id\":\(JSONText.id(shop))}"
        return ShopeeRequests(credential: credential, shop: shop, now: now).post(.renewal, body: body)
    }

    /// Of a token that a person gave nothing is known: it is used until Shopee refuses it.
    private func isDue(_ credential: Credential, _ shop: String, _ now: Instant) -> Bool {
        guard credential["access_token"] != nil else { return true }
        guard let end = credential.moment("expires_at"), let begin = credential.moment("renewed_at"), end > begin
        else { return false }
        var hash = KeyHash()
        Array(shop.utf8).withUnsafeBytes { hash.add($0) }
        let late = Double(hash.value % 1000) / 1000 * ShopeeConnector.spread
        return now >= begin + .seconds((end - begin).inSeconds * (ShopeeConnector.aged + late))
    }

    package func renewed(
        _ response: WireResponse, of credential: Credential, account: String, at now: Instant
    ) -> Renewed {
        let shop = ShopeeConnector.shop(account, of: credential) ?? ""
        let requests = ShopeeRequests(credential: credential, shop: shop, now: now)
        switch tokens(response, .renewal, requests) {
        case .failure(let failure): return .failed(failure)
        case .success(let tree): return .credential(ShopeeConnector.bound(credential.with(tree, at: now), to: shop))
        }
    }

    /// The answer with a pair of tokens, or why there is none.
    private func tokens(
        _ response: WireResponse, _ endpoint: ShopeeEndpoint, _ requests: ShopeeRequests
    ) -> Result<JSONTree, Failure> {
        func failed(_ error: ShopeeError) -> Result<JSONTree, Failure> {
            let failures = ShopeeFailures(
                error: error, response: response, requests: requests, endpoint: endpoint, now: requests.now)
            switch failures.failure {
            // What was to renew the token is refused itself.
            case .refreshCredential(let cause), .gone(let cause), .permanentRequest(let cause):
                return .failure(.ownerMustAct(cause))
            case let failure: return .failure(failure)
            }
        }
        let tree: JSONTree
        switch ShopeeError.answer(in: response) {
        case .success(let answer): tree = answer
        case .failure(let error): return failed(error)
        }
        let body = tree["access_token"] == nil ? tree["response"] ?? tree : tree
        guard let access = body["access_token"]?.string, let refresh = body["refresh_token"]?.string,
            !access.isEmpty, !refresh.isEmpty
        else { return failed(ShopeeError(status: response.status)) }
        return .success(body)
    }

    // MARK: Consent

    private static let linkLife: Duration = .seconds(300)

    package func consent(_ credential: Credential, redirect: String, at now: Instant) -> Consent? {
        let call = ShopeeRequests(credential: credential, shop: "", now: now).get(.consent, [("redirect", redirect)])
        return Consent(target: call.request.wireTarget, validFor: ShopeeConnector.linkLife)
    }

    package func exchange(
        _ returned: [(name: String, value: String)], of credential: Credential, at now: Instant
    ) -> Call? {
        guard let code = returned.value("code"), let (name, id) = ShopeeConnector.owner(returned) else { return nil }
        let partner = credential["partner_id"] ?? ""
        let body =
            "{\"code\":\(JSONText.quoted(code)),\"partner_id\":\(JSONText.id(partner)),"
            + "\"\(name)\":\(JSONText.id(id))}"
        return ShopeeRequests(credential: credential, shop: "", now: now).post(.exchange, body: body)
    }

    /// One shop, or a main account with several.
    private static func owner(_ returned: [(name: String, value: String)]) -> (name: String, id: String)? {
        for name in ["shop_id", "main_account_id"] {
            if let id = returned.value(name) { return (name, id) }
        }
        return nil
    }

    /// All shops of a main account begin with the same pair; from its first renewal on each has its own.
    package func granted(
        _ response: WireResponse, to returned: [(name: String, value: String)], of credential: Credential,
        at now: Instant
    ) -> Granted {
        switch tokens(response, .exchange, ShopeeRequests(credential: credential, shop: "", now: now)) {
        case .failure(let failure): return .failed(failure)
        case .success(let tree):
            let listed = (tree["shop_id_list"]?.items ?? []).compactMap(\.string)
            let shops = ([returned.value("shop_id")].compactMap(\.self) + listed).unique
            guard !shops.isEmpty else {
                return .failed(
                    .ownerMustAct(
                        Failure.Cause(
                            code: "", "The consent opened no shop to the app.",
                            advice: "Choose a shop on the page of the consent: sluice connect shopee.")))
            }
            let fresh = credential.with(tree, at: now)
            return .accounts(shops.map { (id: $0, credential: ShopeeConnector.bound(fresh, to: $0)) })
        }
    }
}

extension [(name: String, value: String)] {
    /// Nil for what is missing or empty.
    fileprivate func value(_ name: String) -> String? {
        first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }
}

extension Credential {
    fileprivate func moment(_ name: String) -> Instant? {
        self[name].flatMap { Int64($0) }.map { Instant(seconds: $0) }
    }

    /// With the pair of tokens of an answer. Without a word on their life they are used until they are refused.
    fileprivate func with(_ answer: JSONTree, at now: Instant) -> Credential {
        var fresh = self
        fresh["access_token"] = answer["access_token"]?.string
        fresh["refresh_token"] = answer["refresh_token"]?.string
        let life = answer["expire_in"]?.int.flatMap { $0 > 0 ? $0 : nil }
        fresh["renewed_at"] = String(now.seconds)
        fresh["expires_at"] = life.map { String(now.seconds + Int64(clamping: min($0, 1 << 40))) }
        return fresh
    }
}
