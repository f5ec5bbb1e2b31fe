import ConnectorKit
import SyncCore

/// From what Shopee said to what the engine does and the user reads. The sentences are ours.
struct ShopeeFailures: Sendable {
    let error: ShopeeError
    let response: WireResponse
    let requests: ShopeeRequests
    let endpoint: ShopeeEndpoint
    /// When the answer came.
    let now: Instant

    /// The failure for an error that the caller has no better use for.
    var failure: Failure {
        switch error.kind {
        case .throttled(let throttle): return throttled(throttle)
        case .token: return .refreshCredential(cause("Shopee does not accept the access token of the shop.", connect))
        case .signature, .refreshToken, .refreshTokenEnded, .grantEnded, .code, .partner, .shop, .banned, .restricted,
            .permission, .address:
            return .ownerMustAct(ownerCause)
        case .transient: return .retryNow(transientCause)
        case .tooBig: return .tooBig(cause("Shopee cannot answer so much at once."))
        case .gone: return .gone(cause("What was asked for does not exist at Shopee.", "Check the id of the shop."))
        case .foreignCampaign:
            return .gone(
                cause("The campaign is not one of this shop.", "Sync the shop again: campaigns are listed anew."))
        case .state: return .permanentConfiguration(stateCause)
        case .change: return .permanentRequest(changeCause)
        case .future, .tooLong, .tooOld, .sameDay, .startAfterEnd: return .permanentRequest(dayCause)
        case .deprecated:
            return .permanentRequest(
                cause("Shopee does not offer this call any more.", "Look for a newer sluice."))
        case .request:
            return .permanentRequest(
                cause(
                    "Shopee does not accept the request.", "Look for a newer sluice; if there is none, report it."))
        }
    }

    func cause(_ message: String, _ advice: String = "") -> Failure.Cause {
        Failure.Cause(code: error.label, message, advice: advice, trace: error.request)
    }

    private var connect: String { "Connect the shop again: sluice connect shopee." }

    private var transientCause: Failure.Cause {
        if error.code == nil { return cause("Shopee answered with something that is not data.") }
        return cause("Shopee had a passing error.")
    }

    // MARK: Limits

    private func throttled(_ throttle: ShopeeError.Throttle) -> Failure {
        let stated = WireTime.retryAfter(response, at: now)
        let quotas = requests.quotas
        switch throttle {
        case .platform:
            return .throttled(
                quotas.key(.app, endpoint), until: stated, cause("Shopee's ads are closed to calls for a while."))
        case .app:
            return .throttled(
                quotas.key(.app, endpoint), until: stated, cause("Shopee's limit of calls for the app is reached."))
        case .shop:
            return .throttled(
                quotas.key(.shop, endpoint), until: stated, cause("Shopee's limit of calls for this shop is reached."))
        case .campaign:
            return .retryAt(
                stated ?? now + .seconds(60), cause("Shopee's limit of calls for one campaign is reached."))
        case .endpoint:
            return .throttled(
                quotas.key(.endpoint, endpoint), until: stated,
                cause("Shopee's limit for this kind of call is reached."))
        case .brief:
            return .throttled(
                quotas.key(.app, endpoint), until: stated ?? now + .seconds(5),
                cause("Shopee's limit of calls in a second is reached."))
        case .bare:
            return .throttled(
                quotas.key(.app, endpoint), until: stated ?? now + .seconds(60),
                cause("Shopee's limit of calls is reached."))
        }
    }

    // MARK: The owner

    private var ownerCause: Failure.Cause {
        switch error.kind {
        case .signature: return signatureCause
        case .refreshToken:
            return cause("The refresh token of the shop was used already, or belongs to another shop.", connect)
        case .refreshTokenEnded: return cause("The refresh token of the shop has ended after 30 days.", connect)
        case .grantEnded:
            return cause("The year for which the shop was opened to the app has ended.", connect)
        case .code: return cause("The code of the consent was used already or has ended.", connect)
        case .partner:
            return cause(
                "Shopee does not know the partner id.",
                "Set SLUICE_SHOPEE_PARTNER_ID to the live id of the app, and connect again.")
        case .shop:
            return cause("The shop is not linked to the app any more.", connect)
        case .banned:
            return cause("Shopee has banned the shop.", "Ask Shopee's support; then connect again.")
        case .restricted:
            return cause(
                "Shopee restricts the calls of the app.",
                "Look at the app in the console of the Open Platform; then connect again.")
        case .permission:
            return cause(
                "The app may not use Shopee's Ads module.",
                "Use an app of the kind Ads Service, Marketing or Seller In-House, and connect the shop with it.")
        default:
            return cause(
                "Shopee does not know the internet address that the calls come from.",
                "Add it to the app's IP addresses in the console of the Open Platform; then connect again.")
        }
    }

    /// A wrong clock spoils every signature. The answer's own moment tells it from a wrong key.
    private var signatureCause: Failure.Cause {
        if let told = response["date"].flatMap(WireTime.date), abs((told - now).inSeconds) > 300 {
            let minutes = Int((abs((told - now).inSeconds) / 60).rounded())
            return cause(
                "The clock of this machine is wrong by \(minutes) minutes, so that Shopee rejects its signatures.",
                "Set the clock; then start again.")
        }
        return cause(
            "Shopee rejects the signature: the partner key does not fit the partner id, both are of another "
                + "environment, or this machine's clock is wrong.",
            "Check the clock, set SLUICE_SHOPEE_PARTNER_KEY to the live key of the app, and connect again.")
    }

    // MARK: Shops, days and changes

    private var stateCause: Failure.Cause {
        switch error.code {
        case "ads.shop.in_holiday_mode"?:
            cause("The shop is in holiday mode.", "End it in Shopee's Seller Centre; then retry the job.")
        case "ads.shop.status_not_normal"?:
            cause("The shop is not in a normal state.", "Look at it in Shopee's Seller Centre; then retry the job.")
        default:
            cause(
                "The shop's ads account is not in a normal state.",
                "Look at it in Shopee's Seller Centre; then retry the job.")
        }
    }

    private var dayCause: Failure.Cause {
        switch error.kind {
        case .future:
            cause("For Shopee one of the days is in the future.", "Check the clock of this machine.")
        case .tooOld: cause("Shopee does not offer days that are older than 6 months.", "Ask for newer days.")
        case .tooLong: cause("Shopee does not answer for more than a month at once.", "Ask for fewer days.")
        default: cause("Shopee does not accept the days.", "Ask for other days.")
        }
    }

    private var changeCause: Failure.Cause {
        let (message, advice) = ShopeeFailures.changes[error.code ?? ""] ?? ShopeeFailures.anyChange
        return cause(message, advice)
    }

    private static let anyChange = (
        "Shopee does not accept the change.", "Look at the campaign in Shopee's Seller Centre."
    )

    private static let changes: [String: (String, String)] = [
        "ads.campaign.error_daily_budget_range": (
            "The daily budget is outside of what Shopee allows.", "Choose one within the bounds, or 0 for no limit."
        ),
        "ads.campaign.error_budget_range": (
            "The budget is outside of what Shopee allows.", "Choose one within the bounds, or 0 for no limit."
        ),
        "ads.campaign.error_date_setting": ("Shopee does not accept the dates of the campaign.", "Choose other dates."),
        "ads.campaign.invalid_start_date": (
            "A campaign without an end has to begin today.", "Let it begin today, or give it an end."
        ),
        "ads.edit.invalid_action": (
            "The campaign's state does not allow the change.", "Look at the campaign in Shopee's Seller Centre."
        ),
        "ads.item.adult_item": ("The item is for adults, so it cannot be advertised.", "Choose another item."),
        "ads.item.blocked_for_promotion": ("Shopee blocks the item from being advertised.", "Choose another item."),
        "ads.item.invalid_status": ("The item's state does not allow advertising it.", "Choose another item."),
        "ads.item.sold_out": ("The item is sold out.", "Fill up its stock, or choose another item."),
        "ads.keyword.already_exists": ("The campaign has the keyword already.", "Change its bid instead."),
        "ads.keyword.is_blacklisted": ("Shopee does not allow the keyword.", "Choose another keyword."),
        "ads.keyword.is_reserved": ("The keyword is reserved at Shopee.", "Choose another keyword."),
        "ads.keyword.item_not_match": ("The keyword does not fit the item.", "Choose another keyword."),
        "ads.keyword.no_update": ("The keyword is as it is to be already.", "Nothing needs doing."),
        "ads.keyword.not_found": ("The campaign does not have the keyword.", "Look at the campaign's keywords."),
        "ads.keyword.price_too_high": ("The bid is higher than Shopee allows.", "Choose a lower bid."),
        "ads.keyword.price_too_low": ("The bid is lower than Shopee allows.", "Choose a higher bid."),
        "ads_invalid_roas_target": ("Shopee does not accept the ROAS target.", "Choose another target."),
        "ads_error_not_whitelisted_for_product_gms": (
            "Shopee does not offer GMV Max to this shop.", "Ask Shopee's support for it."
        ),
        "ads_error_product_gms_campaign_not_found": (
            "The shop has no GMV Max campaign.", "Make one in Shopee's Seller Centre."
        ),
    ]
}
