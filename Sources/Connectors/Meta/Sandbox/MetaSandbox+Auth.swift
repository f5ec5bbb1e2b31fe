import Crypto
import FoundationEssentials
import SyncCore

extension MetaSandbox {
    /// What a token lets its bearer do.
    struct Grant: Sendable {
        var token: String
        var userID: String
        var type: String
        var scopes: Set<String>
        /// The page whose own token it is.
        var page: Int?
    }

    /// Tokens that the world knows, and those that it gave out (meta.md 8).
    struct AuthState: Sendable {
        static let allScopes = [
            "ads_management", "ads_read", "business_management", "pages_manage_metadata", "pages_read_engagement",
            "pages_read_user_content", "pages_show_list", "read_insights",
        ]

        var tokens: [MetaWorld.Auth.Token]
        /// What the login dialog gave out, and what became of it.
        var codes: [String: LoginCode] = [:]
        private var proofs: [String: String] = [:]
        var given = 0
        let world: MetaWorld

        init(_ world: MetaWorld) {
            self.world = world
            tokens = world.auth.tokens
        }

        var appToken: String { "\(world.auth.appID)|\(world.auth.appSecret)" }

        /// Who calls, or the error that the platform answers.
        mutating func grant(_ request: Request, at now: Instant) throws(GraphError) -> Grant {
            guard let text = request.token, !text.isEmpty else {
                throw GraphError(
                    2500, nil, "An active access token must be used to query information about the current user.",
                    status: 400)
            }
            if text == appToken {
                return Grant(token: text, userID: world.auth.appID, type: "APP", scopes: [])
            }
            let (token, page) = try resolve(text)
            if let subcode = brokenSubcode(token, at: now) { throw .token(subcode) }
            try checkProof(request, text)
            return Grant(
                token: text, userID: page.map { String(Model.pageID($0)) } ?? token.userID,
                type: page == nil ? token.type : "PAGE", scopes: Set(token.scopes), page: page)
        }

        /// The 190 subcode that a token has earned by now.
        private func brokenSubcode(_ token: MetaWorld.Auth.Token, at now: Instant) -> Int? {
            if let expiresAt = token.expiresAt, now >= expiresAt { return 463 }
            guard let from = token.brokenFrom, now >= from else { return nil }
            if let until = token.brokenUntil, now >= until { return nil }
            return token.subcode
        }

        func resolve(_ text: String) throws(GraphError) -> (MetaWorld.Auth.Token, Int?) {
            if let token = tokens.first(where: { $0.value == text }) { return (token, nil) }
            if text.hasPrefix("EAAGPAGE") {
                for token in tokens {
                    for page in 0..<world.pages.count
                    where AuthState.pageToken(page, of: token.value, world) == text { return (token, page) }
                }
            }
            throw GraphError(190, 467, "Invalid OAuth access token - Cannot parse access token", status: 401)
        }

        /// A page's own token under the token of the one who asked.
        static func pageToken(_ page: Int, of grant: Grant, _ world: MetaWorld) -> String {
            pageToken(page, of: grant.token, world)
        }

        private static func pageToken(_ page: Int, of token: String, _ world: MetaWorld) -> String {
            if token.hasPrefix("EAAGPAGE") { return token }
            let hash = Mix.hash(token, Mix.hash(world.seed, 700 + page))
            return "EAAGPAGE\(Model.pageID(page))Z\(String(hash, radix: 36))"
        }

        private mutating func checkProof(_ request: Request, _ token: String) throws(GraphError) {
            guard let given = request.proof else {
                guard world.auth.needsProof else { return }
                throw .parameter("API calls from the server require an appsecret_proof argument")
            }
            let known = proofs[token]
            let expected = known ?? AuthState.proof(of: token, secret: world.auth.appSecret)
            if known == nil { proofs[token] = expected }
            guard given == expected else {
                throw .parameter("Invalid appsecret_proof provided in the API argument")
            }
        }

        /// Lowercase hex of HMAC-SHA256 with the app secret as its key.
        static func proof(of token: String, secret: String) -> String {
            let key = SymmetricKey(data: Array(secret.utf8))
            let code = HMAC<SHA256>.authenticationCode(for: Array(token.utf8), using: key)
            let digits = Array("0123456789abcdef".utf8)
            let hex = code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            return String(decoding: hex, as: UTF8.self)
        }

        // MARK: Endpoints

        /// `GET /debug_token`.
        mutating func debug(_ request: Request, at now: Instant) throws(GraphError) -> JSON {
            guard request.token != nil else { _ = try grant(request, at: now); return .null }
            guard request.token == appToken || (try? resolve(request.token ?? "")) != nil else {
                throw GraphError(190, 467, "Invalid OAuth access token.", status: 401)
            }
            guard let (token, page) = try? resolve(request.params["input_token"] ?? "") else {
                return .object([
                    (
                        "data",
                        .object([
                            (
                                "error",
                                .object([
                                    ("code", .int(190)), ("message", .text("Invalid OAuth access token.")),
                                ])
                            ), ("is_valid", .bool(false)), ("scopes", .list([])),
                        ])
                    )
                ])
            }
            let broken = brokenSubcode(token, at: now)
            var data: [(key: String, value: JSON)] = [
                ("app_id", .text(world.auth.appID)), ("type", .text(page == nil ? token.type : "PAGE")),
                ("application", .text("Sluice sandbox")),
                ("data_access_expires_at", .int(now.seconds + 90 * 86_400)),
                ("expires_at", .int(token.expiresAt?.seconds ?? 0)), ("is_valid", .bool(broken == nil)),
                ("issued_at", .int(Int64(world.anchor.daysSince1970) * 86_400)),
                ("scopes", .list(token.scopes.map { .text($0) })),
                (
                    "granular_scopes",
                    .list(
                        token.scopes.filter { $0.hasPrefix("ads") }.map { scope in
                            .object([
                                ("scope", .text(scope)), ("target_ids", .list(world.accounts.map { .text($0.id) })),
                            ])
                        })
                ),
                ("user_id", .text(token.userID)),
            ]
            if let broken {
                data.append(
                    (
                        "error",
                        .object([
                            ("code", .int(190)), ("subcode", .int(Int64(broken))),
                            ("message", .text(GraphError.token(broken).message)),
                        ])
                    ))
            }
            return .object([("data", .object(data))])
        }
    }
}
