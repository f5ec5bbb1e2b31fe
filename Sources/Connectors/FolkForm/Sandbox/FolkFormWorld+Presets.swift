package import ConnectorKit
package import SyncCore

extension FolkFormWorld: SandboxWorld {
    package static var platform: PlatformID { PlatformID("folkform") }
    package static let names = ["demo", "small", "bench"]

    /// `bench` takes `rate` (requests per 60 s) and `latency` (milliseconds).
    package static func named(
        _ name: String, seed: UInt64, sizes: [String: Int], today: CivilDate
    ) -> FolkFormWorld? {
        var world = FolkFormWorld(seed: seed)
        switch name {
        case "demo": world.latency = SandboxLatency(base: 20_000, jitter: 20_000)
        case "small":
            func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(Mix.hash(seed, salt), 0xF01)) }
            world.limits.requests = 20 + pick(1, 100)
            world.features.batchUpsert = pick(2, 2) == 0
            world.latency = SandboxLatency(base: 10_000, jitter: 60_000)
        case "bench":
            world.limits.requests = sizes["rate"] ?? 100
            world.latency = SandboxLatency(base: Int64(sizes["latency"] ?? 0) * 1000)
        default: return nil
        }
        return world
    }

    package func sandbox() -> any Sandbox { FolkFormSandbox(self) }

    /// The address is the third field; a sandbox that is served says it itself.
    package var credential: [(field: String, value: String)] {
        [("token", auth.users.first?.token ?? ""), ("role", auth.roles.first?.id ?? "")]
    }
    /// A token and a role have one account.
    package var account: String { "me" }

    package func check() throws {
        guard !auth.users.isEmpty, !auth.roles.isEmpty else { throw WorldError("A world needs a user and a role") }
        guard auth.users.allSatisfy({ $0.roles.allSatisfy(auth.roles.indices.contains) }) else {
            throw WorldError("A user holds a role that is not there")
        }
        guard limits.windowSeconds > 0, limits.bodyBytes > 0 else {
            throw WorldError("The window and the largest body must be positive")
        }
    }
}
