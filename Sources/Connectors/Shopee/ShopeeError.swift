import ConnectorKit
import SyncCore

/// What Shopee says when it does not answer with data (platforms.md 1.7, 1.8): read from the body first and from the
/// status where that says nothing.
struct ShopeeError: Error, Sendable, Equatable {
    var status: Int
    /// Lower-cased; nil when the body named none.
    var code: String?
    /// Lower-cased, for decisions only: it is never shown.
    var message: String
    /// The id of the request, for Shopee's support.
    var request: String?

    init(status: Int, code: String? = nil, message: String = "", request: String? = nil) {
        self.status = status
        self.code = code?.lowercased()
        self.message = message.lowercased()
        self.request = request
    }

    /// Nil when the body reports success: its error is empty, a dash, null or absent.
    init?(status: Int, envelope: JSONTree) {
        guard let error = envelope["error"], error != .bool(false) else { return nil }
        let code = (error.string ?? "error").trimmed
        if code.isEmpty || code == "-" { return nil }
        self.init(
            status: status, code: code, message: envelope["message"]?.string ?? "",
            request: envelope["request_id"]?.string)
    }

    /// A small answer, or what came in its place.
    static func answer(in response: WireResponse) -> Result<JSONTree, ShopeeError> {
        guard let tree = JSONTree.parse(response.body), case .object = tree else {
            return .failure(ShopeeError(status: response.status))
        }
        return ShopeeError(status: response.status, envelope: tree).map { .failure($0) } ?? .success(tree)
    }

    /// For support people.
    var label: String { code ?? "HTTP \(status)" }
}

extension ShopeeError {
    /// What the error means for whoever made the call.
    enum Kind: Sendable, Equatable {
        case signature
        /// The access token has ended, or is another's.
        case token
        /// The refresh token was used already, or is another's.
        case refreshToken
        /// 30 days without a renewal.
        case refreshTokenEnded
        /// The year for which the shop was opened to the app.
        case grantEnded
        case code
        case partner
        case shop
        case banned
        case restricted
        case permission
        case address
        case throttled(Throttle)
        case transient
        /// Too much for one answer.
        case tooBig
        case future
        case tooLong
        case tooOld
        case sameDay
        case startAfterEnd
        /// An id is not one of this shop's campaigns.
        case foreignCampaign
        case gone
        /// The state of the shop or of its ads account.
        case state
        /// A change that Shopee does not accept.
        case change
        case deprecated
        case request
    }

    /// Whom a throttle stops, and how long it does.
    enum Throttle: Sendable, Equatable {
        /// All of Shopee's ads: the app rests for minutes.
        case platform
        case app
        case shop
        case campaign
        /// Calls of a second.
        case brief
        /// One of a kind that is not known.
        case endpoint
        /// Status 429 without a word.
        case bare
    }

    var kind: Kind {
        guard let code else { return statusKind }
        if let kind = ShopeeError.codes[code] { return kind == .request ? wordKind ?? kind : kind }
        if let kind = wordKind { return kind }
        let known = ShopeeError.prefixes.filter { code.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }
        if let known { return known.value }
        return status == 429 ? .throttled(.bare) : status >= 500 ? .transient : .request
    }

    /// Where a code stands for many things the words tell which.
    private var wordKind: Kind? {
        if message.contains("refresh token or shop_id is wrong") { return .refreshToken }
        if message.contains("refresh_token expired") { return .refreshTokenEnded }
        if message.contains("invalid access_token") { return .token }
        return nil
    }

    private var statusKind: Kind {
        switch status {
        case 429: .throttled(.bare)
        case 413, 414: .tooBig
        case 404, 405, 410: .request
        default: .transient
        }
    }

    private static let codes: [String: Kind] = [
        "error_sign": .signature,
        "error_auth": .token, "invalid_acceess_token": .token, "invalid_access_token": .token,
        "error_access_token": .token,
        "error_shop_refresh_token": .refreshToken, "error_merchant_refresh_token": .refreshToken,
        "error_user_refresh_token": .refreshToken,
        "refresh_token_expired": .refreshTokenEnded, "error_refresh_token": .refreshTokenEnded,
        "shop_access_expired": .grantEnded,
        "invalid_code": .code,
        "invalid_partner_id": .partner,
        "invalid_shop_id": .shop, "shop_no_linked": .shop,
        "shop_banned": .banned, "error_api_call_restricted": .restricted,
        "error_permission": .permission, "error_permission_denied": .permission,
        "source_ip_undeclared": .address,
        "error_param": .request, "common.error_param": .request,
        "error_not_found": .gone,
        "error_server": .transient, "error_inner": .transient, "error_network": .transient,
        "error_system_busy": .transient,
        "ads.rate_limit.exceed_api": .throttled(.platform), "ads_rate_limit_total_api": .throttled(.platform),
        "ads.rate_limit.exceed_partner_api": .throttled(.app),
        "ads.rate_limit.exceed_shop_api": .throttled(.shop),
        "ads.rate_limit.campaign_level": .throttled(.campaign),
        "error_rate_limit": .throttled(.brief),
        "ads.performance.error_date_in_future": .future,
        "ads.performance.error_date_range_too_long": .tooLong,
        "ads.performance.error_date_too_old": .tooOld,
        "ads.performance.error_same_start_end_dates": .sameDay,
        "ads.performance.error_start_later_than_end": .startAfterEnd,
        "ads.shop.campaign_not_match": .foreignCampaign,
        "ads.shop.in_holiday_mode": .state, "ads.shop.status_not_normal": .state,
        "ads.account.status_not_normal": .state, "ads.ads_account.invalid_status": .state,
        "ads_deprecated": .deprecated, "ads.api.http_method_not_allowed": .request,
    ]

    /// Families of codes; of several that fit the longest counts. Every code is one as well: Shopee adds words to them.
    private static let prefixes: [String: Kind] = codes.merging(
        [
            "ads.rate_limit.": .throttled(.endpoint), "ads_rate_limit": .throttled(.endpoint),
            "rate_limit": .throttled(.brief),
            "ads.performance.": .request,
            "ads.campaign.": .change, "ads.edit.": .change, "ads.item.": .change, "ads.keyword.": .change,
            "ads.shop.": .state, "ads.account.": .state, "ads.ads_account.": .state,
            "ads_invalid_roas_target": .change, "ads_error_": .change,
            "invalid_acc": .token, "error_system": .transient, "source_ip": .address,
        ]) { known, _ in known }
}

extension String {
    /// Without spaces around it.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
