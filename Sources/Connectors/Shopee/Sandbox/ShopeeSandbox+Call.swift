import ConnectorKit
import Crypto
import FoundationEssentials
import HTTPTypes

extension ShopeeSandbox {
    /// A call as the platform understands it.
    struct Call: Sendable {
        let method: String
        /// `/api/v2/…` without the query, as it came.
        let path: String
        /// Path and query as they came.
        let target: String
        let query: [String: String]
        let body: SandboxJSON?
        let endpoint: Endpoint?

        init(_ wire: WireRequest) {
            method = wire.method.rawValue
            target = wire.target
            path = wire.path
            query = Dictionary(wire.query.map { ($0.name, $0.value) }) { _, last in last }
            body = wire.body.isEmpty ? nil : SandboxJSON(parsing: wire.body)
            endpoint = path.hasPrefix("/api/v2/") ? Endpoint(rawValue: String(path.dropFirst(8))) : nil
        }

        /// The whole number of a query parameter, nil when it is missing or something else.
        func int(_ name: String) -> Int64? { query[name].flatMap(Int64.init) }

        /// A parameter of the body as text, whether it came as a string or as a number.
        func field(_ name: String) -> String? {
            guard let text = body?[name]?.text, !text.isEmpty else { return nil }
            return text
        }

        func number(_ name: String) -> Int64? { body?[name]?.int }
    }

    /// The signature of a call (platforms.md 1.3).
    enum Signer {
        /// Lowercase hex of HMAC-SHA256 over the parts, one after the other without separators.
        static func sign(_ parts: [String], key: String) -> String {
            let key = SymmetricKey(data: Array(key.utf8))
            let code = HMAC<SHA256>.authenticationCode(for: Array(parts.joined().utf8), using: key)
            let digits = Array("0123456789abcdef".utf8)
            let hex = code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            return String(decoding: hex, as: UTF8.self)
        }

        /// Compares in a time that does not tell where texts differ.
        static func matches(_ given: String, _ right: String) -> Bool {
            let given = Array(given.utf8)
            let right = Array(right.utf8)
            guard given.count == right.count else { return false }
            return zip(given, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    /// Every call that is known, by its path after `/api/v2/`.
    enum Endpoint: String, Sendable, CaseIterable {
        case authPartner = "shop/auth_partner"
        case cancelAuthPartner = "shop/cancel_auth_partner"
        case tokenGet = "auth/token/get"
        case accessTokenGet = "auth/access_token/get"
        case shopsByPartner = "public/get_shops_by_partner"
        case tokenByResendCode = "public/get_token_by_resend_code"
        case shopInfo = "shop/get_shop_info"
        case profile = "shop/get_profile"
        case merchantInfo = "merchant/get_merchant_info"
        case totalBalance = "ads/get_total_balance"
        case toggleInfo = "ads/get_shop_toggle_info"
        case recommendedKeywords = "ads/get_recommended_keyword_list"
        case recommendedItems = "ads/get_recommended_item_list"
        case shopHourly = "ads/get_all_cpc_ads_hourly_performance"
        case shopDaily = "ads/get_all_cpc_ads_daily_performance"
        case campaignIDs = "ads/get_product_level_campaign_id_list"
        case campaignSettings = "ads/get_product_level_campaign_setting_info"
        case campaignDaily = "ads/get_product_campaign_daily_performance"
        case campaignHourly = "ads/get_product_campaign_hourly_performance"
        case budgetSuggestion = "ads/get_create_product_ad_budget_suggestion"
        case roiTarget = "ads/get_product_recommended_roi_target"
        case facilShopRate = "ads/get_ads_facil_shop_rate"
        case gmsEligibility = "ads/check_create_gms_product_campaign_eligibility"
        case createManual = "ads/create_manual_product_ads"
        case editManual = "ads/edit_manual_product_ads"
        case editKeywords = "ads/edit_manual_product_ad_keywords"
        case createAuto = "ads/create_auto_product_ads"
        case editAuto = "ads/edit_auto_product_ads"
        case createGMS = "ads/create_gms_product_campaign"
        case editGMS = "ads/edit_gms_product_campaign"
        case editGMSItems = "ads/edit_gms_item_product_campaign"
        case gmsDeletedItems = "ads/list_gms_user_deleted_item"
        case gmsPerformance = "ads/get_gms_campaign_performance"
        case gmsItemPerformance = "ads/get_gms_item_performance"

        enum Signing: Sendable { case open, shop, merchant }

        /// What its base string holds.
        var signing: Signing {
            switch self {
            case .authPartner, .cancelAuthPartner: .open
            case .merchantInfo: .merchant
            default: rawValue.hasPrefix("shop/") || isAds ? .shop : .open
            }
        }

        var isAds: Bool { rawValue.hasPrefix("ads/") }

        var isWrite: Bool {
            switch self {
            case .createManual, .editManual, .editKeywords, .createAuto, .editAuto, .createGMS, .editGMS,
                .editGMSItems:
                true
            default: false
            }
        }

        var method: String {
            switch self {
            case .tokenGet, .accessTokenGet, .tokenByResendCode, .gmsDeletedItems, .gmsPerformance,
                .gmsItemPerformance:
                "POST"
            default: isWrite ? "POST" : "GET"
            }
        }
    }
}
