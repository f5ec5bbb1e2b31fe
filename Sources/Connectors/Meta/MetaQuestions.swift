package import ConnectorKit
package import SyncCore

/// What is asked outside of a job: one account, all accounts, the token itself.
extension MetaConnector {
    private static let accountFields =
        "id,account_id,name,currency,timezone_name,created_time,account_status,disable_reason"
    private static let mostAccounts = 200

    package func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        switch question {
        case .account(let id):
            let bare = MetaID.bare(id)
            return requests(account: bare, credential: credential)
                .get(MetaID.node(bare), [("fields", MetaConnector.accountFields)], families(of: question))
        case .accounts:
            let state = CursorText.decode(AccountsCursor.self, cursor) ?? AccountsCursor()
            let query = [("fields", MetaConnector.accountFields), ("limit", String(state.limit))]
            return requests(account: "", credential: credential)
                .get("me/adaccounts", state.position?.applied(to: query) ?? query, families(of: question))
        case .credential: return inspection(credential)
        }
    }

    package func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        switch question {
        case .account(let id): account(response, MetaID.bare(id), now)
        case .accounts: accounts(response, now)
        case .credential: inspected(response, credential, now)
        }
    }

    private struct AccountsCursor: Codable {
        var position: MetaPosition?
        var limit = MetaConnector.mostAccounts
    }

    private func families(of question: Question) -> [MetaFamily] {
        if case .account = question { [.account, .app, .management] } else { [.app] }
    }

    /// The body when it is data, else what went wrong.
    private func body(_ response: WireResponse) -> Result<JSONTree, MetaError> {
        guard (200..<300).contains(response.status), let body = JSONTree.parse(response.body) else {
            return .failure(MetaError(status: response.status, body: response.body))
        }
        if let error = MetaError(status: response.status, envelope: body["error"]) { return .failure(error) }
        return .success(body)
    }

    private func failed(
        _ error: MetaError, _ response: WireResponse, _ account: String, _ question: Question, _ now: Instant
    ) -> Answer {
        .failed(error.failure(quotas(of: account), families(of: question), usage: MetaUsage(response), at: now))
    }

    // MARK: Accounts

    private func account(_ response: WireResponse, _ id: String, _ now: Instant) -> Answer {
        switch body(response) {
        case .failure(let error): return failed(error, response, id, .account(id), now)
        case .success(let body):
            if let facts = MetaConnector.facts(body, id: id) { return .account(facts) }
            let cause = Failure.Cause(
                code: "", "Meta did not say the currency and the time zone of the account.",
                advice: "Give the token ads_read, and its user a role on the ad account.")
            return .failed(.ownerMustAct(cause))
        }
    }

    private func accounts(_ response: WireResponse, _ now: Instant) -> Answer {
        switch body(response) {
        case .failure(let error): return failed(error, response, "", .accounts, now)
        case .success(let body):
            guard let rows = body["data"]?.items else {
                return failed(MetaError(status: response.status), response, "", .accounts, now)
            }
            var next: String?
            if case .page(let position)? = MetaRest(response.body)?.following {
                next = CursorText.encode(AccountsCursor(position: position))
            }
            return .accounts(rows.compactMap { MetaConnector.facts($0, id: nil) }, next: next)
        }
    }

    /// Nil when currency or zone are missing: without them no number can be stored rightly.
    private static func facts(_ row: JSONTree, id: String?) -> AccountFacts? {
        let found = row["account_id"]?.string ?? row["id"]?.string.map(MetaID.bare) ?? id
        guard let found, let currency = row["currency"]?.string, !currency.isEmpty,
            let zone = row["timezone_name"]?.string, !zone.isEmpty
        else { return nil }
        return AccountFacts(
            externalID: MetaID.bare(found), name: row["name"]?.string ?? found, currency: currency, zoneName: zone,
            createdOn: createdOn(row["created_time"], zone: zone), warning: warning(row["account_status"]?.int))
    }

    /// The time is written in the account's own zone, so its first ten characters are the day (meta.md 2).
    private static func createdOn(_ value: JSONTree?, zone: String) -> CivilDate? {
        if let moment = value?.moment {
            return (try? AccountZone.named(zone)).map { CivilDate(moment, in: $0) }
        }
        return value?.string.flatMap { CivilDate($0.prefix(10)) }
    }

    private static func warning(_ status: Int?) -> String? {
        switch status {
        case nil, 1: nil
        case 2: "Meta has disabled this account."
        case 3: "This account has unsettled bills."
        case 7: "Meta reviews this account for risks."
        case 8: "This account has a payment to be settled."
        case 9: "This account is in its grace period for a payment."
        case 100: "This account is about to be closed."
        case 101: "This account is closed."
        default: "This account is not in a normal state (\(status ?? 0))."
        }
    }

    // MARK: The token

    private static let batchFamilies: [MetaFamily] = [.app]
    /// When the end of a token is worth a warning (meta.md 8).
    private static let soon: Duration = .seconds(7 * 86_400)

    /// The token is inspected and its permissions are listed, in one batch: the inspection wants the token as a
    /// query parameter, and inside a batch that stands in the body and in no address. Without the app's id and
    /// secret the token inspects itself, which Meta allows to people of the app; else the permissions are enough.
    private func inspection(_ credential: Credential) -> Call {
        let requests = requests(account: "", credential: credential)
        var query = [("input_token", credential["token"] ?? "")]
        if let appID = configuration.appID, let secret = credential["app_secret"], !secret.isEmpty {
            query.append(("access_token", "\(appID)|\(secret)"))
        }
        let items = [MetaBatch.Item("debug_token", query), MetaBatch.Item("me/permissions", [])]
        return requests.post("", MetaBatch.form(items), MetaConnector.batchFamilies, points: items.count)
    }

    private func inspected(_ response: WireResponse, _ credential: Credential, _ now: Instant) -> Answer {
        guard let answers = MetaBatch.answers(response.body) else { return permissions(response, Ends(), now) }
        let debug = answers.first??.response
        let second = answers.count > 1 ? answers[1]?.response : nil
        if let debug, case .failure(let error) = self.body(debug) {
            switch error.kind {
            case .throttled, .blocked: return failed(error, debug, "", .credential, now)
            default: break
            }
        }
        guard let debug, case .success(let body) = self.body(debug), let data = body["data"] else {
            return permissions(second ?? debug ?? response, Ends(), now)
        }
        if data["is_valid"] == .bool(false) {
            let subcode = data["error"]?["subcode"]?.int ?? data["error"]?["error_subcode"]?.int
            return failed(MetaError(status: 200, code: 190, subcode: subcode), response, "", .credential, now)
        }
        let scopes = (data["scopes"]?.items ?? []).compactMap(\.string)
        let ends = Ends(
            token: moment(data["expires_at"]), access: moment(data["data_access_expires_at"]),
            app: data["application"]?.string, isOfSystem: data["type"]?.string == "SYSTEM_USER")
        guard scopes.isEmpty, let second else { return .credential(facts(scopes: scopes, ends, now)) }
        return permissions(second, ends, now)
    }

    /// What is told of a token. One that never ends may still lose its access to data, until its user logs in again
    /// (meta.md 8).
    private struct Ends {
        var token: Instant?
        var access: Instant?
        var app: String?
        var isOfSystem = false
    }

    /// Nil for 0, which means never.
    private func moment(_ value: JSONTree?) -> Instant? {
        value?.moment.flatMap { $0.seconds > 0 ? $0 : nil }
    }

    private func permissions(_ response: WireResponse, _ ends: Ends, _ now: Instant) -> Answer {
        switch body(response) {
        case .success(let body):
            let granted = (body["data"]?.items ?? []).filter { $0["status"]?.string ?? "granted" == "granted" }
            return .credential(facts(scopes: granted.compactMap { $0["permission"]?.string }, ends, now))
        case .failure(let error):
            switch error.kind {
            case .permission, .gone, .noSuchPath, .request:
                // The token works, and Meta does not say what for.
                let warning = "Meta does not list the permissions of this token (\(error.label))."
                return .credential(
                    CredentialFacts(
                        isValid: true, expiresAt: ends.token, warnings: [warning], endings: endings(ends, now),
                        app: ends.app, isOfSystem: ends.isOfSystem))
            default: return failed(error, response, "", .credential, now)
            }
        }
    }

    private func facts(scopes: [String], _ ends: Ends, _ now: Instant) -> CredentialFacts {
        let known = Set(scopes)
        var warnings: [String] = []
        if known.isDisjoint(with: ["ads_read", "ads_management"]) {
            warnings.append("The token lacks ads_read: campaigns, ad sets, ads and insights cannot be read.")
        }
        if !known.contains("business_management") {
            warnings.append("The token lacks business_management: businesses and some account fields stay empty.")
        }
        if !known.contains("pages_show_list") {
            warnings.append("The token lacks pages_show_list: pages and posts stay empty.")
        }
        if !known.contains("pages_read_engagement") {
            warnings.append("The token lacks pages_read_engagement: posts stay empty.")
        }
        return CredentialFacts(
            isValid: true, expiresAt: ends.token, scopes: scopes.sorted(), warnings: warnings,
            endings: endings(ends, now), app: ends.app, isOfSystem: ends.isOfSystem)
    }

    private func endings(_ ends: Ends, _ now: Instant) -> [String] {
        func days(_ end: Instant) -> Int64? {
            end - now < MetaConnector.soon ? max(0, (end - now).components.seconds / 86_400) : nil
        }
        var endings: [String] = []
        if let left = ends.token.flatMap(days) {
            endings.append("The token ends in \(left) days: make a new one before.")
        }
        if let access = ends.access, access <= now {
            endings.append("The token's access to data has ended: its user has to log in again.")
        } else if let left = ends.access.flatMap(days) {
            endings.append("The token's access to data ends in \(left) days: its user has to log in again before.")
        }
        return endings
    }
}
