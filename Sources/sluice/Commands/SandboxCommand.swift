import ArgumentParser
import ConnectorKit
import Connectors
import Foundation
import SyncCore
import SyncHTTP
import UnixSignals

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: said("Serve a simulated platform over real HTTP on this machine, to try things without credentials."),
        discussion: said(
            "Prints the base URL, the credential and the account, and runs until it is interrupted."))

    @Argument(help: .said("The platform: \(Catalog.names.joined(separator: ", ")).")) var platform: String
    @Option(help: .said("The port; 0 takes a free one.")) var port: Int = 0
    @Option(help: .said("The world: demo, small or bench.")) var world: String = "demo"
    @Option(help: .said("A number that decides everything that is random.")) var seed: UInt64 = 7
    @Option(help: .said("A JSON file with what is different in this world.", "file"))
    var config: String?
    @Option(help: .said("Counts of the bench world: ads=1000,days=100.", "name=count")) var size: String?

    @Flag(help: ArgumentHelp("End when standard input does.", visibility: .hidden)) var untilInputEnds = false

    func validate() throws {
        try checkPort(port)
        _ = try sizes()
    }

    func run() async throws {
        try await offMainActor { try await self.serve() }
    }

    private func serve() async throws {
        let world = try describedWorld()
        try await serve(world.sandbox(), of: world)
    }

    private func serve(_ sandbox: some Sandbox, of world: any SandboxWorld) async throws {
        let host = try await SandboxHost.start(sandbox, port: port, clock: SystemWallClock())
        Console.out("url \(host.url)")
        for (field, value) in world.credential { Console.out("\(field) \(value)") }
        Console.out("account \(world.account)")
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

    private func describedWorld() throws -> any SandboxWorld {
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
    private func namedWorld() throws -> any SandboxWorld {
        guard let type = Catalog.worlds.first(where: { $0.platform.rawValue == platform.lowercased() }) else {
            let known = Catalog.worlds.map { $0.platform.rawValue }.joined(separator: ", ")
            throw Exit.usage(said("There is no sandbox of \(platform). Known: \(known)."))
        }
        let today = CivilDate(SystemWallClock().now, in: .gmt)
        guard let made = try type.named(world, seed: seed, sizes: sizes(), today: today) else {
            let known = type.names.joined(separator: ", ")
            throw Exit.usage(said("There is no world \(world). Known: \(known)."))
        }
        return made
    }

    private func sizes() throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        for pair in (size ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=")
            guard parts.count == 2, let count = Int(parts[1]), count >= 0 else {
                throw ValidationError(said("--size takes counts by name: ads=1000,days=100."))
            }
            sizes[String(parts[0])] = count
        }
        return sizes
    }
}
