/// Why a call or a chunk did not succeed, in one taxonomy for all connectors (design.md, rule 11).
/// Each case has one outcome in the engine and one sentence with one action for the user.
package enum Failure: Error, Sendable, Hashable {
    /// Likely to pass by itself: a reset, a 5xx, a cut body. Costs an attempt, comes back after a backoff.
    case retryNow(Cause)
    /// The platform named the moment at which to come back. Costs no attempt.
    case retryAt(Instant, Cause)
    /// A limit was hit. `until` is nil when the platform did not say. Costs no attempt.
    case throttled(QuotaKey, until: Instant?, Cause)
    /// The answer would be too large, and the connector has no smaller way to ask.
    case tooBig(Cause)
    /// The credential lapsed and can be renewed without the owner.
    case refreshCredential(Cause)
    /// The credential was rejected: the connection is parked until its owner acts.
    case ownerMustAct(Cause)
    /// The object asked for does not exist any more.
    case gone(Cause)
    /// The platform will never accept this request.
    case permanentRequest(Cause)
    /// The platform refuses because of how the app, the account or a permission is set up.
    case permanentConfiguration(Cause)
    /// Our own mistake: an answer or a state that the code does not know.
    case bug(Cause)

    package struct Cause: Sendable, Hashable, Codable {
        /// The platform's code for support people, `190/463`; small print, never the message.
        package var code: String
        /// What happened, one sentence without data of the user.
        package var message: String
        /// What to do next, a sentence, or empty when nothing needs doing.
        package var advice: String
        /// The platform's own trace id, for its support.
        package var trace: String?

        package init(code: String, _ message: String, advice: String = "", trace: String? = nil) {
            self.code = code
            self.message = message
            self.advice = advice
            self.trace = trace
        }
    }

    package var cause: Cause {
        switch self {
        case .retryNow(let cause), .retryAt(_, let cause), .throttled(_, _, let cause), .tooBig(let cause),
            .refreshCredential(let cause), .ownerMustAct(let cause), .gone(let cause),
            .permanentRequest(let cause), .permanentConfiguration(let cause), .bug(let cause):
            cause
        }
    }

    /// The word stored in `error_class` and shown in filters.
    package var name: String {
        switch self {
        case .retryNow: "retry_now"
        case .retryAt: "retry_at"
        case .throttled: "throttled"
        case .tooBig: "too_big"
        case .refreshCredential: "refresh_credential"
        case .ownerMustAct: "owner_must_act"
        case .gone: "gone"
        case .permanentRequest: "permanent_request"
        case .permanentConfiguration: "permanent_configuration"
        case .bug: "bug"
        }
    }
}

extension Failure: CustomStringConvertible {
    package var description: String { "\(cause.message) (\(name) \(cause.code))" }
}
