import ConnectorKit
import HTTPTypes

extension FolkFormSandbox {
    /// An error as the backend answers it (platforms.md 3.1): its code is text, while that of a success is a number.
    struct Refusal: Error {
        let status: Int
        let code: String
        let message: String
        private(set) var isPanic = false
        /// An address that no handler has.
        private(set) var isUnknownRoute = false

        init(_ status: Int, _ code: String, _ message: String) {
            self.status = status
            self.code = code
            self.message = message
        }

        var reply: SandboxReply {
            if isUnknownRoute {
                var reply = SandboxReply(WireResponse(status: 404, body: Array(message.utf8)))
                reply.response.headers[.contentType] = "text/plain; charset=utf-8"
                return reply
            }
            if isPanic {
                return SandboxReply(
                    status: 500, .object([("success", .bool(false)), ("code", .int(500)), ("message", .text(message))]))
            }
            var members: [(key: String, value: SandboxJSON)] = [("code", .text(code)), ("message", .text(message))]
            if status != 429 { members.append(("details", .null)) }
            return SandboxReply(status: status, .object(members + [("status", .text("error"))]))
        }

        static let unauthorized = Self(401, "AUTH_001", "The token is missing, invalid or expired")
        static let wrongCredentials = Self(401, "AUTH_002", "Wrong credentials")
        static let blocked = Self(403, "AUTH_002", "The user is blocked")
        static let roleMissing = Self(400, "AUTH_003", "X-Active-Role-ID is required")
        static let roleMalformed = Self(400, "VAL_002", "X-Active-Role-ID is malformed")
        static let roleNotHeld = Self(403, "AUTH_003", "The role is not held")
        static let notFound = Self(404, "DB_002", "Not found")
        static let duplicate = Self(409, "DB_002", "Duplicate key")
        static let throttled = Self(429, "BIZ_002", "Too many requests")
        static let databaseDown = Self(503, "DB_001", "The database does not answer")
        static let badJSON = Self(400, "VAL_002", "The body is no JSON object")

        static var panic: Self {
            var panic = Self(500, "SYS_001", "runtime error: invalid memory address or nil pointer dereference")
            panic.isPanic = true
            return panic
        }

        static func unknownRoute(_ call: SandboxCall) -> Self {
            var refusal = Self(404, "", "Cannot \(call.method) /\(call.path.joined(separator: "/"))")
            refusal.isUnknownRoute = true
            return refusal
        }

        static func database(_ code: String) -> Self { Self(500, code, "The query failed") }
        static func field(_ message: String) -> Self { Self(400, "VAL_001", message) }
        static func permission(_ name: String) -> Self { Self(403, "AUTH_003", "The permission \(name) is absent") }
    }

    /// A success in its envelope.
    static func success(_ data: SandboxJSON, message: String = "OK") -> SandboxJSON {
        .object([
            ("code", .int(200)), ("message", .text(message)), ("data", data), ("status", .text("success")),
        ])
    }
}
