import ArgumentParser
import Connectors
import Foundation
import SyncCore
import SyncHTTP
import UnixSignals

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Serve a simulated platform over real HTTP on this machine, to try things without credentials.",
        discussion: "Prints the base URL, the token and the account, and runs until it is interrupted.")

    @Argument(help: "The platform: meta.") var platform: String
    @Option(help: "The port; 0 takes a free one.") var port: Int = 0
    @Option(help: "The world: demo, small or bench.") var world: String = "demo"
    @Option(help: "A number that decides everything that is random.") var seed: UInt64 = 7
    @Option(help: ArgumentHelp("A JSON file with what is different in this world.", valueName: "file"))
    var config: String?
    @Option(help: "Ads of the bench world.") var ads: Int = 1000
    @Option(help: "Days of the bench world.") var days: Int = 100

    func run() async throws {
        try await offMainActor { try await self.serve() }
    }

    private func serve() async throws {
        guard platform == "meta" else { throw Exit.usage("There is no sandbox of \(platform). Known: meta.") }
        let world = try describedWorld()
        let host = try await SandboxHost.start(MetaSandbox(world), port: port, clock: SystemWallClock())
        Console.out("url \(host.url)")
        Console.out("token \(world.token)")
        Console.out("app_secret \(world.appSecret)")
        Console.out("account act_\(world.mainAccountID)")
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
        await host.shutdown()
    }

    private func describedWorld() throws -> MetaWorld {
        let named = try namedWorld()
        guard let config else { return named }
        do {
            let base = try JSONSerialization.jsonObject(with: JSONEncoder().encode(named))
            let changes = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: config)))
            let merged = try JSONSerialization.data(withJSONObject: Self.merged(base, changes))
            return try JSONDecoder().decode(MetaWorld.self, from: merged)
        } catch {
            throw Exit.usage("\(config) does not describe a world: \(error)")
        }
    }

    private func namedWorld() throws -> MetaWorld {
        switch world {
        case "demo": return .demo(seed: seed)
        case "small": return .small(seed: seed)
        case "bench": return .bench(ads: ads, days: days)
        default: throw Exit.usage("There is no world \(world). Known: demo, small, bench.")
        }
    }

    /// Objects are merged member by member, all else is replaced.
    private static func merged(_ base: Any, _ changes: Any) -> Any {
        guard var object = base as? [String: Any], let changes = changes as? [String: Any] else { return changes }
        for (name, value) in changes {
            object[name] = object[name].map { merged($0, value) } ?? value
        }
        return object
    }
}
