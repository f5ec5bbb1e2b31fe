import HTTPTypes

extension ShopeeSandbox {
    /// An error of the platform (platforms.md 1.8).
    struct Refusal: Error, Sendable, Hashable {
        var code: String
        var message: String
        /// Seconds.
        var retryAfter: Int64?
        /// Comes without a body at all.
        var isBare = false

        init(_ code: String, _ message: String, retryAfter: Int64? = nil) {
            self.code = code
            self.message = message
            self.retryAfter = retryAfter
        }

        /// An error whose text nobody depends on.
        init(code: String) { self.init(code, Refusal.texts[code] ?? "Request failed: \(code)") }

        static let sign = Refusal("error_sign", "Wrong sign.")
        static let refreshToken = Refusal(
            "error_param", "Your refresh token or shop_id is wrong, please check the input parameters.")
        static let refreshExpired = Refusal("refresh_token_expired", "Your refresh_token expired.")
        static let grantExpired = Refusal(
            "shop_access_expired", "The authorization of this shop has expired. Please authorize again.")
        static let invalidCode = Refusal("invalid_code", "The code is invalid or expired.")
        static let notMatch = Refusal(code: "ads.shop.campaign_not_match")
        static let invalidAction = Refusal(code: "ads.edit.invalid_action")

        static func parameter(_ text: String) -> Refusal { Refusal("error_param", text) }
        static func date(_ name: String) -> Refusal { Refusal(code: "ads.performance.error_\(name)") }

        private static let texts: [String: String] = [
            "invalid_acceess_token": "Invalid access_token, please have a check.",
            "invalid_access_token": "Invalid access_token, please have a check.",
            "error_access_token": "Invalid access_token, please have a check.",
            "error_auth": "Invalid access_token, please have a check.",
            "invalid_partner_id": "Invalid partner_id, please have a check.",
            "invalid_shop_id": "Invalid shop_id, please have a check.",
            "shop_no_linked": "The shop is not linked to this partner.",
            "shop_banned": "This shop is banned.",
            "error_permission_denied": "Your app has no permission to call this API.",
            "source_ip_undeclared": "Source IP is undeclared in the IP whitelist of this app.",
            "error_server": "Something wrong. Please try later.",
            "error_inner": "Inner error, please try later.",
            "error_network": "Inner http call failed.",
            "error_system_busy": "System busy, please try later.",
            "error_rate_limit": "The request is too frequent, please try later.",
            "ads_rate_limit_total_api": "The total quota of this API is used up, please try later.",
            "ads.rate_limit.exceed_api": "Too many requests for this API. Please try again later.",
            "ads.rate_limit.exceed_partner_api": "Too many requests of this partner. Please try again later.",
            "ads.rate_limit.exceed_shop_api": "Too many requests for this shop. Please try again later.",
            "ads.rate_limit.campaign_level": "Too many changes of this campaign. Please try again later.",
            "ads.performance.error_date_in_future": "The date must not be in the future.",
            "ads.performance.error_date_range_too_long": "The date range must not exceed 1 month.",
            "ads.performance.error_date_too_old": "The date must not be earlier than 6 months ago.",
            "ads.performance.error_same_start_end_dates": "start_date and end_date must not be the same.",
            "ads.performance.error_start_later_than_end": "start_date must not be later than end_date.",
            "ads.shop.campaign_not_match": "The campaign does not belong to this shop.",
            "ads.edit.invalid_action": "This action is not allowed in the current status of the campaign.",
            "ads_deprecated": "This API is offline.",
        ]

        var isThrottle: Bool {
            code.hasPrefix("ads.rate_limit.") || code == "ads_rate_limit_total_api" || code == "error_rate_limit"
        }

        /// The status where the world does not say another one.
        var usualStatus: Int {
            if isThrottle { return 429 }
            switch code {
            case "error_sign", "invalid_partner_id", "invalid_code": return 400
            case "error_auth", "invalid_acceess_token", "invalid_access_token", "error_access_token", "shop_no_linked",
                "shop_banned", "shop_access_expired", "refresh_token_expired", "source_ip_undeclared",
                "error_api_call_restricted", "error_permission", "error_permission_denied":
                return 403
            case "error_not_found": return 404
            case "ads.api.http_method_not_allowed": return 405
            case "error_server", "error_inner", "error_network", "error_system_busy": return 500
            default: return code.hasPrefix("error_") ? 400 : 200
            }
        }
    }

    /// An answer before the envelope is settled.
    struct Answer: Sendable {
        enum Content: Sendable {
            /// What stands under `response`.
            case response([UInt8])
            /// What stands beside `error` at the top.
            case top([(key: String, value: SandboxJSON)])
            case redirect(String)
        }

        var content: Content
        /// Rows in it, for latency and oracles.
        var rows = 0

        static func response(_ json: SandboxJSON, rows: Int = 0) -> Answer {
            Answer(content: .response(json.bytes), rows: rows)
        }
    }

    /// The body of an answer that is no error (platforms.md 1.7).
    func envelope(_ content: Answer.Content, requestID: String, chance: UInt64) -> [UInt8] {
        let knobs = world.envelope
        let all = ShopeeWorld.Envelope.Success.allCases.dropLast()
        let style = knobs.success == .mixed ? all[Mix.below(all.count, Mix.hash(chance, 21))] : knobs.success
        var members: [(key: String, value: SandboxJSON)] = []
        switch style {
        case .empty, .mixed: members.append(("error", .text("")))
        case .dash: members.append(("error", .text("-")))
        case .null: members.append(("error", .null))
        case .absent: break
        }
        members.append(("message", .text("")))
        if knobs.hasWarning { members.append(("warning", .text(""))) }
        members.append(("request_id", .text(requestID)))
        switch content {
        case .response(let bytes): members.append(("response", .raw(bytes)))
        case .top(let own): members += own
        case .redirect: break
        }
        return SandboxJSON.object(members).bytes
    }

    func status(of refusal: Refusal) -> Int {
        let statuses = world.envelope.statuses
        return statuses[refusal.code] ?? statuses["*"] ?? refusal.usualStatus
    }
}
