import FoundationEssentials
import SyncCore

extension AdmitadSandbox {
    /// Gives out tokens and knows them again (platforms.md 4.1).
    struct TokenDesk: Sendable {
        private struct Token: Sendable {
            let refresh: String
            let scopes: Set<String>
            let expires: Int64
        }

        /// How a caller of `/token/` may prove who it is.
        enum Grant {
            case clientCredentials, refreshToken
        }

        private let auth: AdmitadWorld.Auth
        private let seed: UInt64
        private var tokens: [String: Token] = [:]
        private(set) var minted = 0

        init(_ world: AdmitadWorld) {
            auth = world.auth
            seed = world.seed
        }

        /// Checks the application: by Basic for client credentials, by the form for a refresh.
        func application(of call: SandboxCall) throws(Refusal) -> Grant {
            let form = call.form
            switch form["grant_type"] {
            case "client_credentials":
                let pair = "\(auth.clientID):\(auth.clientSecret)"
                guard call.authorization("Basic") == Data(pair.utf8).base64EncodedString(),
                    form["client_id"] == auth.clientID
                else { throw .clientInvalid }
                return .clientCredentials
            case "refresh_token":
                guard form["client_id"] == auth.clientID, form["client_secret"] == auth.clientSecret else {
                    throw .clientInvalid
                }
                return .refreshToken
            default: throw Refusal(400, "unsupported_grant_type", "Unsupported grant type", code: 3)
            }
        }

        mutating func mint(_ grant: Grant, _ form: [String: String], at now: Instant) throws(Refusal) -> SandboxJSON {
            switch grant {
            case .clientCredentials:
                let asked = Set((form["scope"] ?? "").split(separator: " ").map(String.init))
                if auth.refusesScopes, let missing = asked.subtracting(auth.scopes).min() {
                    throw Refusal(400, "invalid_scope", "The scope is not allowed: \(missing)", code: 3)
                }
                guard tokens.values.count(where: { $0.expires > now.seconds }) < auth.mostTokens else {
                    throw .tooManyTokens
                }
                return give(scopes: asked.intersection(auth.scopes), at: now)
            case .refreshToken:
                let refresh = form["refresh_token"] ?? ""
                guard let old = tokens.first(where: { $0.value.refresh == refresh }) else { throw .refreshUnavailable }
                tokens[old.key] = nil
                return give(scopes: old.value.scopes, at: now)
            }
        }

        private mutating func give(scopes: Set<String>, at now: Instant) -> SandboxJSON {
            minted += 1
            let access = "tok\(String(Mix.hash(Mix.hash(seed, 0x70C), minted), radix: 36))"
            let refresh = "ref\(String(Mix.hash(Mix.hash(seed, 0x4EF), minted), radix: 36))"
            tokens[access] = Token(refresh: refresh, scopes: scopes, expires: now.seconds + auth.tokenLife)
            return .object([
                ("access_token", .text(access)), ("refresh_token", .text(refresh)), ("token_type", .text("bearer")),
                ("expires_in", .int(auth.tokenLife)), ("scope", .text(scopes.sorted().joined(separator: " "))),
                ("username", .text("sluice-publisher")), ("first_name", .text("Lan")), ("last_name", .text("Nguyễn")),
                ("language", .text("en")), ("group", .text("webmaster")),
            ])
        }

        /// What a token allows, or why it is none. Scopes stay as they were when it was given out.
        func scopes(of token: String?, at now: Instant) throws(Refusal) -> Set<String> {
            guard let token, let known = tokens[token] else { throw .tokenInvalid }
            guard known.expires > now.seconds else { throw .tokenExpired }
            return known.scopes
        }

        /// Ends all tokens, as a change of the application's secret does.
        mutating func revokeAll() { tokens = [:] }
    }
}
