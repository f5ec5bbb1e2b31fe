import FoundationEssentials
import SyncCore

extension FolkFormSandbox {
    /// Who calls, and for which organization (platforms.md 3.1).
    struct Gate: Sendable {
        private struct Session: Sendable {
            let user: Int
            let device: String
        }

        private let auth: FolkFormWorld.Auth
        private let seed: UInt64
        private var sessions: [String: Session] = [:]
        private var logins = 0

        init(_ world: FolkFormWorld) {
            auth = world.auth
            seed = world.seed
            for (index, user) in world.auth.users.enumerated() {
                sessions[user.token] = Session(user: index, device: "sandbox")
            }
        }

        func user(_ call: SandboxCall, at now: Instant) throws(Refusal) -> FolkFormWorld.Auth.User {
            guard let token = call.authorization("Bearer"), let session = sessions[token] else { throw .unauthorized }
            let user = auth.users[session.user]
            if let expiresAt = user.expiresAt, now >= expiresAt { throw .unauthorized }
            guard !user.isBlocked else { throw .blocked }
            return user
        }

        /// The role under which a call is made; data belongs to its organization.
        func role(_ call: SandboxCall, of user: FolkFormWorld.Auth.User) throws(Refusal) -> FolkFormWorld.Auth.Role {
            guard let id = call.header("X-Active-Role-ID"), !id.isEmpty else { throw .roleMissing }
            guard id.utf8.count == 24, id.allSatisfy(\.isHexDigit) else { throw .roleMalformed }
            guard let role = user.roles.map({ auth.roles[$0] }).first(where: { $0.id == id.lowercased() }) else {
                throw .roleNotHeld
            }
            return role
        }

        /// One token for each device: a second login there ends the first.
        mutating func login(_ body: SandboxJSON) throws(Refusal) -> SandboxJSON {
            guard let idToken = body["idToken"]?.text, let device = body["hwid"]?.text, !device.isEmpty else {
                throw .field("idToken and hwid are required")
            }
            guard let user = auth.users.firstIndex(where: { $0.idToken == idToken }) else { throw .wrongCredentials }
            guard !auth.users[user].isBlocked else { throw .blocked }
            sessions = sessions.filter { $0.value.user != user || $0.value.device != device }
            logins += 1
            let token = token(of: device)
            sessions[token] = Session(user: user, device: device)
            return .object([("token", .text(token)), ("hwid", .text(device))])
        }

        /// A JWT that names the device.
        private func token(of device: String) -> String {
            func part(_ bytes: [UInt8]) -> String {
                Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                    .replacing("=", with: "")
            }
            let claims = SandboxJSON.object([("hwid", .text(device)), ("login", .int(Int64(logins)))])
            let signature = String(Mix.hash(seed, logins), radix: 36)
            return [part(Array("{\"alg\":\"HS256\"}".utf8)), part(claims.bytes), part(Array(signature.utf8))]
                .joined(separator: ".")
        }

        mutating func logout(_ call: SandboxCall) { sessions[call.authorization("Bearer") ?? ""] = nil }

        func roles(of user: FolkFormWorld.Auth.User) -> SandboxJSON {
            .list(
                user.roles.map { index in
                    let role = auth.roles[index]
                    return .object([
                        ("id", .text(role.id)), ("name", .text("Sync")), ("organizationName", .text(role.organization)),
                    ])
                })
        }
    }
}
