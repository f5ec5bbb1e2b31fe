import ConnectorKit
import SyncCore

/// From what Meta said to what the engine does and the user reads. The sentences are ours: Meta's may hold
/// ids and tokens.
extension MetaError {
    /// The failure for an error that the caller has no better use for. `families` are those of the call.
    func failure(_ quotas: MetaQuotas, _ families: [MetaFamily], usage: MetaUsage, at now: Instant) -> Failure {
        switch kind {
        case .throttled(let throttle):
            return .throttled(
                quotas.key(throttle, touching: families), until: quotas.end(of: throttle, told: usage, at: now),
                throttleCause(throttle))
        case .token: return .ownerMustAct(tokenCause)
        case .proof: return .ownerMustAct(proofCause)
        case .permission: return .permanentConfiguration(permissionCause)
        case .configuration:
            return .permanentConfiguration(
                cause("Meta cannot combine the fields and breakdowns of this report.", "Change the report."))
        case .oldVersion:
            return .permanentConfiguration(
                cause("Meta does not serve \(MetaPlatform.version) of its API any more.", "Update sluice."))
        case .blocked:
            // Of the app as a whole: each call while it is blocked may make it longer.
            return .throttled(
                quotas.key(.app), until: now + .seconds(3600),
                cause(
                    "Meta blocks this app or user for a while, against abuse.", "Wait; sluice goes on by itself."))
        case .tooBig: return .tooBig(cause("Meta cannot answer so much at once."))
        case .tooOld:
            return .permanentRequest(cause("Meta does not offer days that are older than 37 months."))
        case .gone:
            return .gone(
                cause(
                    "The object does not exist at Meta, or the token may not see it.",
                    "Check the id and the roles of the token."))
        case .noSuchPath: return .permanentRequest(cause("Meta does not know the address that was asked for."))
        case .request:
            return .permanentRequest(
                cause("Meta does not accept the request.", "Look for a newer sluice; if there is none, report it."))
        case .badCursor: return .retryNow(cause("Meta lost its place in a listing."))
        case .poisonRow: return .retryNow(cause("Meta cannot show a page because of one damaged row."))
        case .notReady: return .retryNow(cause("Meta's report cannot be read yet."))
        case .aborted: return .retryNow(cause("Meta did not finish the batch in time."))
        case .transient, .flaky, .perhapsTooBig: return .retryNow(transientCause)
        }
    }

    func cause(_ message: String, _ advice: String = "") -> Failure.Cause {
        Failure.Cause(code: label, message, advice: advice, trace: trace)
    }

    private var transientCause: Failure.Cause {
        if isCut { return cause("Meta's answer ended too early.") }
        if code == nil { return cause("Meta answered with something that is not data.") }
        return cause("Meta had a passing error.")
    }

    private func throttleCause(_ throttle: MetaThrottle) -> Failure.Cause {
        switch throttle {
        case .account: cause("Meta's limit of calls for this ad account is reached.")
        case .app: cause("Meta's limit of calls for the app is reached.")
        case .insights: cause("Meta's hourly limit of insights for this ad account is reached.")
        case .management: cause("Meta's hourly limit of reads for this ad account is reached.")
        case .pages: cause("Meta's limit of calls for pages is reached.")
        case .insightsOfApp: cause("Meta's insights are overloaded for the app.")
        case .abuse:
            cause("Meta stops the app for calling too much.", "Look at the app's rate limits in its dashboard.")
        }
    }

    private var permissionCause: Failure.Cause {
        if code == 3 || code == 294 {
            return cause(
                "The app of this token may not use Meta's Marketing API.", "Ask for it in the app's App Review.")
        }
        return cause(
            "The token lacks a permission that this needs.",
            "Give the token ads_read, and its user a role on the ad account.")
    }

    private var proofCause: Failure.Cause {
        cause(
            "Meta does not accept the signature of the app secret.",
            "Set SLUICE_META_APP_SECRET to the secret of the app that made the token.")
    }

    private var tokenCause: Failure.Cause {
        let renew = "Make a new token and give it in SLUICE_META_TOKEN."
        switch subcode {
        case 458:
            return cause("The app was removed from the account behind the token.", "Allow the app again. \(renew)")
        case 459:
            return cause(
                "Meta asks the person behind the token for a security check.",
                "Log in at facebook.com, pass the check, and start again.")
        case 460: return cause("The password behind the token was changed.", renew)
        case 463: return cause("The token has expired.", renew)
        case 464:
            return cause(
                "The person behind the token is not confirmed.", "Log in at facebook.com, confirm, and start again.")
        case 467: return cause("The token was revoked.", renew)
        case 492: return cause("The person behind the token lost the role that it was made with.", renew)
        default: return cause(code == 102 ? "The session of the token has ended." : "Meta rejects the token.", renew)
        }
    }
}
