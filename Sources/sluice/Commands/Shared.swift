import ArgumentParser
import ConnectorKit
import Connectors
import Foundation
import StorePostgres
import SyncCore
import SyncEngine
import SyncHTTP
import Wording

/// Where the data goes; the same on every command that opens it.
struct DatabaseOption: ParsableArguments {
    @Option(
        help: .said(
            "The database: an SQLite file, or postgres://user:password@host/database. "
                + "SLUICE_DATABASE stands for it when it is not given.", "path"))
    var database: String?

    /// As it was given; an address may hold a password.
    var text: String { database ?? Console.variable("SLUICE_DATABASE") ?? "sluice.sqlite" }

    var location: DatabaseLocation {
        get throws { try DatabaseLocation(text) }
    }
}

/// How a new database of a server keeps its tables of days.
struct PartitionsOption: ParsableArguments {
    @Option(
        help: .said(
            "PostgreSQL: tables of days are made in partitions, one for each month. "
                + "Tables that are there stay as they are.", "month"))
    var partitions: Partitioning?

    func check(_ location: DatabaseLocation) throws {
        guard partitions != nil, location.path != nil else { return }
        throw Exit.usage(said("--partitions is for a PostgreSQL database. An SQLite file has no partitions."))
    }
}

extension Partitioning: ExpressibleByArgument {}

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

    @Option(help: .said("A setting of the platform: time_zone=Asia/Riyadh.", "name=value"))
    var setting: [String] = []

    /// The credential from the environment for an account (nil: for none yet), with the settings that are stored for
    /// the same connection. Throws before anything is created when the platform or a variable is missing.
    func access(for account: String?, known: [Connection]) throws -> Access {
        let type = try Catalog.connectors.type(of: PlatformID(platform))
        let given = try Credential.given(for: type.platform)
        if let objection = type.objection(to: given, account: account) { throw Exit.usage(said(objection)) }
        let address = try known.address(try baseURL ?? type.platform.address, of: type.platform.id)
        var access = Access.given(given, of: type, for: account, at: address, known: known)
        let identity = access.configuration["identity"]
        access.configuration = try configuration(over: access.configuration)
        access.configuration["identity"] = identity
        return access
    }

    /// `stored`, with what `--reports` and `--setting` say in place of its own; checked when they say something. A
    /// setting without a value is taken away.
    func configuration(over stored: [String: String]) throws -> [String: String] {
        guard reports != nil || !setting.isEmpty else { return stored }
        var configuration = stored
        for pair in setting {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                throw Exit.usage(said("--setting takes a name and a value: time_zone=Asia/Riyadh."))
            }
            if parts[0] == BudgetPlan.setting {
                throw Exit.usage(said("A plan of budgets is no setting: `sluice budgets set` makes one."))
            }
            configuration[parts[0]] = parts[1].isEmpty ? nil : parts[1]
        }
        if let reports {
            configuration["reports"] = String(decoding: try contents(of: reports, named: "--reports"), as: UTF8.self)
        }
        do {
            _ = try Catalog.connectors.type(of: PlatformID(platform)).init(configuration: configuration)
        } catch let error as ConfigurationError {
            throw Exit.usage(said(error.description))
        }
        return configuration
    }
}

extension Catalog {
    /// For help pages, a line for each platform: `Meta: SLUICE_META_TOKEN [SLUICE_META_APP_SECRET]`.
    static let variables = connectors.map { type in
        let platform = type.platform
        let fields = platform.credentialFields.map { $0.isRequired ? $0.variable : "[\($0.variable)]" }
        let all = [platform.addressVariable].compactMap(\.self) + fields
        return "\(platform.name): \(all.joined(separator: " "))"
    }.joined(separator: "\n")
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

/// A file that an option names.
func contents(of path: String, named option: String) throws -> Data {
    guard let contents = FileManager.default.contents(atPath: path) else {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Exit.usage(said("There is no file \(path). Name another with \(option)."))
        }
        throw Exit.usage(
            said("The file \(path) cannot be read. Check its permissions, or name another with \(option)."))
    }
    return contents
}

func checkPort(_ port: Int) throws {
    if !(0...65_535).contains(port) { throw ValidationError(said("--port takes 0 to 65535.")) }
}

extension Credential {
    /// What the environment holds for a platform. Throws `EngineError.missingCredential`.
    static func given(for platform: Platform) throws -> Credential {
        var values: [String: Secret<String>] = [:]
        for field in platform.credentialFields {
            if let value = try secret(field.variable) {
                values[field.name] = Secret(value)
            } else if field.isRequired {
                throw EngineError.missingCredential(field, platform: platform.name)
            }
        }
        return Credential(values)
    }

    /// Nil when there is nothing but spaces.
    private static func secret(_ variable: String) throws -> String? {
        do {
            return try cleaned(Console.variable(variable) ?? "")
        } catch CredentialTextProblem.bearer {
            throw EngineError.rejected(
                Failure.Cause(
                    code: "", "\(variable) begins with Bearer, which is no part of a credential.",
                    advice: "Give the credential alone."))
        } catch {
            throw Exit.usage(said("\(variable) holds a space or a sign that no credential has. Copy it again, whole."))
        }
    }
}

extension Platform {
    /// Where it is reached unless a person says otherwise: of some platforms each customer has an own address.
    var address: String {
        get throws {
            guard let addressVariable else { return baseURL }
            if let address = Console.variable(addressVariable)?.trimmingCharacters(in: .whitespaces), !address.isEmpty {
                return address
            }
            throw Exit.usage(
                said("\(name) needs \(addressVariable).") + " "
                    + said("The address of your \(name), with https:// before it."))
        }
    }
}
