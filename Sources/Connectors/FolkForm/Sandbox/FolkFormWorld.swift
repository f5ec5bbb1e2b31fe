package import SyncCore

/// Everything that a simulated FolkForm is made of (platforms.md 3). It receives: whatever its name, it begins empty.
package struct FolkFormWorld: Codable, Sendable, Hashable {
    package var seed: UInt64
    package var auth = Auth()
    package var limits = Limits()
    package var features = Features()
    package var faults: [FaultRule<Fault>] = []
    package var latency = SandboxLatency()

    package init(seed: UInt64) { self.seed = seed }

    /// Who may call (platforms.md 3.1).
    package struct Auth: Codable, Sendable, Hashable {
        package var users = [User(token: "eyJhbGciOiJIUzI1NiJ9.eyJoaWQiOiJzYW5kYm94In0.Zm9sa2Zvcm0tc2FuZGJveA")]
        package var roles = [
            Role(id: "65a000000000000000000001", organization: "FolkForm"),
            Role(id: "65a000000000000000000002", organization: "Khách: Áo dài Lụa"),
        ]

        package struct User: Codable, Sendable, Hashable {
            /// The token of one device; a login makes others.
            package var token: String
            /// What a login takes.
            package var idToken = "sandbox-id-token"
            /// Places of the roles that the user holds.
            package var roles = [0, 1]
            package var isBlocked = false
            package var expiresAt: Instant?
            package init(token: String) { self.token = token }
        }

        package struct Role: Codable, Sendable, Hashable {
            /// 24 hexadecimal digits.
            package var id: String
            /// Data belongs to it.
            package var organization: String
            /// Such as `FbConversation.Update`; nil is all.
            package var permissions: [String]?
            package init(id: String, organization: String) {
                self.id = id
                self.organization = organization
            }
        }
    }

    package struct Limits: Codable, Sendable, Hashable {
        /// Requests of a client within a window that begins with the first of them; 0 is no limit. The real numbers
        /// are settings.
        package var requests = 100
        package var windowSeconds: Int64 = 60
        package var bodyBytes = 10 << 20
        package var readTimeoutSeconds: Int64 = 15
    }

    package struct Features: Codable, Sendable, Hashable {
        /// `/facebook/conversation/batch-upsert`, which is only proposed (platforms.md 3.4).
        package var batchUpsert = false
        /// The newest backend: `/cio/ingest` instead of `upsert-messages`.
        package var cioIngest = false
    }

    package enum Fault: String, FaultKind {
        /// Transport: no or half an answer, or one after anybody's patience. The call was carried out.
        case reset, truncated, slow, late
        /// The server gave up reading the request: nothing was carried out.
        case readTimeout
        /// 502 without JSON; 503 `DB_001`; 500 `DB_002`; a panic's own form of 500. Nothing was carried out.
        case outage, databaseDown, databaseError, panic
        /// 500 `DB` between the metadata and the items of `upsert-messages`: the first are written.
        case halfway
        /// 500 `DB` for an upsert of a new key, as if another had won the race.
        case duplicateKey
        /// 429 that no window explains, 401 `AUTH_001`.
        case throttled, unauthorized
    }
}
