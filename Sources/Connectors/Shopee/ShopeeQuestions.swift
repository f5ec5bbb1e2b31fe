package import ConnectorKit
package import SyncCore

/// What is asked outside of a job: a shop, the shops of the app, the grant.
extension ShopeeConnector {
    private static let mostShops = 100
    /// When the end of a grant is worth a warning.
    private static let soon: Duration = .seconds(30 * 86_400)

    /// The shop that is meant: the one that was named, else the one whose tokens these are.
    static func shop(_ account: String?, of credential: Credential) -> String? {
        let named = account?.trimmed ?? ""
        return named.isEmpty ? credential["shop_id"] : named
    }

    /// Of the shop; without one, of the app's list of shops, page by page.
    package func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        let requests = requests(question, credential, now)
        guard requests.shop.isEmpty else { return requests.get(.shop) }
        return requests.get(
            .shops, [("page_size", String(ShopeeConnector.mostShops)), ("page_no", cursor ?? "1")])
    }

    private func requests(_ question: Question, _ credential: Credential, _ now: Instant) -> ShopeeRequests {
        let named: String? = if case .account(let id) = question { id } else { nil }
        let shop = ShopeeConnector.shop(named, of: credential) ?? ""
        return ShopeeRequests(credential: credential, shop: shop, now: now)
    }

    package func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        let requests = requests(question, credential, now)
        let endpoint = requests.shop.isEmpty ? ShopeeEndpoint.shops : .shop
        func failed(_ error: ShopeeError) -> Answer {
            let failures = ShopeeFailures(
                error: error, response: response, requests: requests, endpoint: endpoint, now: now)
            return .failed(failures.failure)
        }
        let tree: JSONTree
        switch ShopeeError.answer(in: response) {
        case .success(let answer): tree = answer
        case .failure(let error): return failed(error)
        }
        let foreign = ShopeeError(status: response.status)
        guard endpoint == .shop else { return shops(tree, question, cursor) ?? failed(foreign) }
        guard let region = tree["region"]?.string, !region.isEmpty else { return failed(foreign) }
        let facts = ShopeeConnector.facts(tree, id: requests.shop, region: region)
        switch question {
        case .account: return .account(facts)
        case .accounts: return .accounts([facts], next: nil)
        case .credential:
            let end = moment(tree["expire_time"])
            return .credential(CredentialFacts(isValid: true, expiresAt: end, endings: endings(end, now)))
        }
    }

    // MARK: Shops

    private static func facts(_ row: JSONTree, id: String, region: String) -> AccountFacts {
        let known = ShopeeRegion.named(region)
        let ways = known ?? .unknown
        return AccountFacts(
            externalID: id, name: row["shop_name"]?.string ?? id, currency: ways.currency, zoneName: ways.zoneName,
            warning: known == nil && !region.isEmpty ? unknownRegion(region) : warning(row["status"]?.string))
    }

    private static func unknownRegion(_ region: String) -> String {
        let safe = region.filter { $0.isASCII && $0.isLetter }.prefix(8)
        return "Sluice does not know the region \(safe): its days are counted in UTC and its amounts as USD."
    }

    private static func warning(_ status: String?) -> String? {
        switch status?.uppercased() {
        case nil, "NORMAL"?, ""?: nil
        case "BANNED"?: "Shopee has banned this shop."
        case "FROZEN"?: "Shopee has frozen this shop."
        default: "This shop is not in a normal state."
        }
    }

    /// One page; nil for an answer without a list.
    private func shops(_ tree: JSONTree, _ question: Question, _ cursor: String?) -> Answer? {
        let body = tree["authed_shop_list"] == nil ? tree["response"] ?? tree : tree
        // A list without shops is left out at times.
        guard body["authed_shop_list"] != nil || body["more"] != nil else { return nil }
        if case .credential = question { return .credential(CredentialFacts(isValid: true)) }
        let rows = body["authed_shop_list"]?.items ?? []
        let facts = rows.compactMap { row -> AccountFacts? in
            guard let id = row["shop_id"]?.string ?? row.string else { return nil }
            return ShopeeConnector.facts(row, id: id, region: row["region"]?.string ?? "")
        }
        let goesOn = body["more"]?.isTrue ?? false && !rows.isEmpty
        return .accounts(facts, next: goesOn ? String((cursor.flatMap { Int($0) } ?? 1) + 1) : nil)
    }

    // MARK: The grant

    /// Nil for 0, which says nothing.
    private func moment(_ value: JSONTree?) -> Instant? { value?.moment.flatMap { $0.seconds > 0 ? $0 : nil } }

    private func endings(_ end: Instant?, _ now: Instant) -> [String] {
        guard let end, end - now < ShopeeConnector.soon else { return [] }
        guard end > now else {
            return ["The year for which the shop was opened to the app has ended: connect it again."]
        }
        let days = (end - now).components.seconds / 86_400
        return ["The shop is open to the app for \(days) more days: connect it again before."]
    }
}
