import ArgumentParser
import ConnectorKit
import Connectors
import FoundationEssentials
import SyncCore
import SyncEngine

/// Where the data goes; the same on every command that opens it.
struct DatabaseOption: ParsableArguments {
    @Option(
        help: .said("The database: an SQLite file. SLUICE_DATABASE stands for it when it is not given.", "path"))
    var database: String?

    var location: String { database ?? Console.variable("SLUICE_DATABASE") ?? "sluice.sqlite" }
}

/// The platform that a command is about, with its credential from the environment.
struct PlatformArguments: ParsableArguments {
    @Argument(help: .said("The platform: \(Catalog.names.joined(separator: ", "))."))
    var platform: String

    @Option(
        name: .customLong("base-url"),
        help: .said("Stands for scheme and host of the platform's own address; may carry a path prefix.", "url"))
    var baseURL: String?

    @Option(help: .said("Custom reports: a JSON file.", "file"))
    var reports: String?

    /// Throws before anything is opened or created when the platform or a variable is missing.
    func access() throws -> Access {
        let type = try Catalog.connectors.type(of: PlatformID(platform))
        let platform = type.platform
        var values: [String: Secret<String>] = [:]
        for field in platform.credentialFields {
            if let value = Console.variable(field.variable) {
                values[field.name] = Secret(value)
            } else if field.isRequired {
                throw EngineError.missingCredential(field, platform: platform.name)
            }
        }
        return Access(
            platform: platform.id, baseURL: baseURL ?? platform.baseURL, credential: Credential(values),
            configuration: try configuration(orElse: [:]))
    }

    /// The settings of `--reports`, checked; `other` without that option.
    func configuration(orElse other: [String: String]) throws -> [String: String] {
        guard let reports else { return other }
        guard let text = try? String(contentsOfFile: reports, encoding: .utf8) else {
            throw Exit.usage(said("The file \(reports) cannot be read."))
        }
        let configuration = ["reports": text]
        do {
            _ = try Catalog.connectors.type(of: PlatformID(platform)).init(configuration: configuration)
        } catch let error as ConfigurationError {
            throw Exit.usage(said(error.description))
        }
        return configuration
    }
}

/// A day on the command line.
struct DayArgument: ExpressibleByArgument {
    let day: CivilDate
    init?(argument: String) {
        guard let day = CivilDate(argument) else { return nil }
        self.day = day
    }
}

extension NamedRange: ExpressibleByArgument {}

extension ArgumentHelp {
    /// Help in the user's language.
    static func said(_ english: String, _ valueName: String? = nil) -> ArgumentHelp {
        ArgumentHelp(Words.current.said(english), valueName: valueName)
    }
}

func checkPort(_ port: Int) throws {
    if !(0...65_535).contains(port) { throw ValidationError(said("--port takes 0 to 65535.")) }
}
