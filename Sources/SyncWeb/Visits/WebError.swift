package import Hummingbird
import SyncCore

/// What a call did not get, in words for the user: what happened, why, what to do. English; said in the language of
/// the visitor by whoever answers.
package struct WebError: Error, Sendable {
    package var status: HTTPResponse.Status
    /// A word for programs: `not_found`, `invalid`.
    package var code: String
    package var message: String
    package var advice: String
    /// Messages by the name of a form's field.
    package var fields: [String: String]
    /// Seconds.
    package var retryAfter: Int?
    /// Of an address that takes other methods: those.
    var allowed: String?

    package init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, advice: String = "",
        fields: [String: String] = [:], retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.advice = advice
        self.fields = fields
        self.retryAfter = retryAfter
    }

    static let notFound = WebError(
        .notFound, "not_found", "There is nothing at this address.", advice: "It may have been deleted.")
    static let signedOut = WebError(.unauthorized, "signed_out", "Sign in first.")
    static let forbidden = WebError(
        .forbidden, "forbidden", "Your role does not allow this.", advice: "Ask an owner for another role.")
    static let wrongMethod = WebError(
        .methodNotAllowed, "method", "This address does not take that method.")
    static let foreign = WebError(
        .forbidden, "cross_site", "This call came from another site, so nothing was done.",
        advice: "Open Sluice itself and try again.")

    static func tooMany(after seconds: Int) -> WebError {
        WebError(
            .tooManyRequests, "too_many", "Too many calls at once.", advice: "Try again in a moment.",
            retryAfter: max(1, seconds))
    }

    static func invalid(_ fields: [String: String]) -> WebError {
        WebError(
            .unprocessableContent, "invalid", "Some fields need another value.", advice: "Nothing was changed.",
            fields: fields)
    }

    static func invalid(_ message: String) -> WebError {
        WebError(.unprocessableContent, "invalid", message, advice: "Nothing was changed.")
    }

    /// It answers, and is not to be used as it is.
    static let unusable = WebError(
        .serviceUnavailable, "database", "The database cannot be used as it is.",
        advice: "Nothing is lost. The log of the server tells more.", retryAfter: 10)

    /// There is no database behind the pages yet.
    static let starting = WebError(
        .serviceUnavailable, "starting", "Sluice is not ready yet.",
        advice: "It waits for its database. This page tries again by itself.", retryAfter: 5)

    static func away(_ error: StoreError) -> WebError {
        WebError(
            .serviceUnavailable, "database_away", "The database does not answer.",
            advice: "Nothing is lost. This page tries again by itself.", retryAfter: 5)
    }
}
