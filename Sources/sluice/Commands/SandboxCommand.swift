import ArgumentParser
import Connectors
import Foundation
import SyncCore
import SyncHTTP
import UnixSignals

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: said("Serve a simulated platform over real HTTP on this machine, to try things without credentials."),
        discussion: said("Prints the base URL, the token and the account, and runs until it is interrupted."))

    @Argument(help: .said("The platform: meta.")) var platform: String
    @Option(help: .said("The port; 0 takes a free one.")) var port: Int = 0
    @Option(help: .said("The world: demo, small or bench.")) var world: String = "demo"
    @Option(help: .said("A number that decides everything that is random.")) var seed: UInt64 = 7
    @Option(help: .said("A JSON file with what is different in this world.", "file"))
    var config: String?
    @Option(help: .said("Ads of the bench world.")) var ads: Int = 1000
    @Option(help: .said("Days of the bench world.")) var days: Int = 100
    @Option(help: .said("Accounts of the bench world.")) var accounts: Int = 1

    @Flag(help: ArgumentHelp("End when standard input does.", visibility: .hidden)) var untilInputEnds = false

    func validate() throws {
        try checkPort(port)
        if min(ads, days, accounts) < 1 {
            throw ValidationError(said("--ads, --days and --accounts take 1 or more."))
        }
    }

    func run() async throws {
        try await offMainActor { try await self.serve() }
    }

    private func serve() async throws {
        guard platform == "meta" else { throw Exit.usage(said("There is no sandbox of \(platform). Known: meta.")) }
        let world = try describedWorld()
        let host = try await SandboxHost.start(MetaSandbox(world), port: port, clock: SystemWallClock())
        Console.out("url \(host.url)")
        Console.out("token \(world.token)")
        Console.out("app_secret \(world.appSecret)")
        Console.out("account act_\(world.mainAccountID)")
        if untilInputEnds { SandboxCommand.endWithInput() }
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
        await host.shutdown()
    }

    /// A parent that dies leaves no sandbox behind: its end of the pipe closes.
    private static func endWithInput() {
        Thread.detachNewThread {
            _ = try? FileHandle.standardInput.readToEnd()
            kill(getpid(), SIGTERM)
        }
    }

    private func describedWorld() throws -> MetaWorld {
        let named = try namedWorld()
        guard let config else { return named }
        let changes = try contents(of: config, named: "--config")
        do {
            return try named.changed(by: Array(changes))
        } catch {
            throw Exit.usage(said("\(config) does not describe a world: \(error)"))
        }
    }

    /// Worlds are as old as their names say on the day of the start.
    private func namedWorld() throws -> MetaWorld {
        let today = CivilDate(SystemWallClock().now, in: .gmt)
        switch world {
        case "demo": return .demo(seed: seed, today: today)
        case "small": return .small(seed: seed, today: today)
        case "bench": return .bench(ads: ads, days: days, accounts: accounts, today: today)
        default: throw Exit.usage(said("There is no world \(world). Known: demo, small, bench."))
        }
    }
}
