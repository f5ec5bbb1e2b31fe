import ConnectorKit
import HTTPTypes

extension AdmitadSandbox {
    /// An error as the platform answers it (platforms.md 4.2).
    struct Refusal: Error {
        let status: Int
        let error: String
        let description: String
        let code: Int?

        init(_ status: Int, _ error: String, _ description: String, code: Int?) {
            self.status = status
            self.error = error
            self.description = description
            self.code = code
        }

        var reply: SandboxReply {
            var members: [(key: String, value: SandboxJSON)] = [
                ("error", .text(error)), ("error_description", .text(description)),
            ]
            if let code { members.append(("error_code", .int(Int64(code)))) }
            var reply = SandboxReply(status: status, .object(members))
            if status == 401 || status == 403 {
                reply.response.headers[.wwwAuthenticate] =
                    "Bearer realm=\"api\", error=\"\(error)\", error_description=\"\(description)\""
            }
            return reply
        }

        static let tokenExpired = Self(401, "invalid_token", "The access token has expired", code: 0)
        static let tokenInvalid = Self(401, "invalid_token", "The access token is invalid", code: 1)
        static let clientInvalid = Self(401, "invalid_client", "Client authentication failed", code: 1)
        static let throttled = Self(
            503, "too_many_requests", "The quota of requests for the period is used up", code: 4)
        static let refreshUnavailable = Self(400, "invalid_grant", "The refresh token is unavailable", code: 5)
        static let tooManyTokens = Self(400, "too_many_tokens", "The maximum number of tokens is exceeded", code: 6)
        static let notFound = Self(404, "not_found", "There is nothing at this address", code: 3)

        static func scopeMissing(_ scope: String) -> Self {
            Self(403, "insufficient_scope", "Insufficient scope: \(scope)", code: 2)
        }

        static func request(_ description: String) -> Self {
            Self(400, "invalid_request", description, code: 3)
        }
    }
}
