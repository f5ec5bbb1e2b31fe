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

    var location: DatabaseLocation {
        get throws { try DatabaseLocation(database ?? Console.variable("SLUICE_DATABASE") ?? "sluice.sqlite") }
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
        let credential = type.bound(given, to: account)
        var access = Access(
            platform: type.platform.id, name: type.name(of: credential, account: account),
            baseURL: try known.address(try baseURL ?? type.platform.address, of: type.platform.id),
            credential: credential)
        // Settings of the connection without an account hold for those that have none of their own yet.
        let names = [access.name, type.name(of: credential, account: nil)]
        let stored = names.lazy.compactMap { name in
            known.first { $0.platform == access.platform && $0.name == name && $0.baseURL == access.baseURL }
        }.first
        access.configuration = try configuration(over: stored?.configuration ?? [:])
        access.configuration["identity"] = type.identity(of: credential)
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

    /// What a person gave of it, without all that was got since.
    func given(by platform: Platform) -> Credential {
        let names = Set(platform.credentialFields.map(\.name))
        return Credential(values.filter { names.contains($0.key) })
    }

    /// Nil when there is nothing but spaces. What stands around a secret comes from copying; what is none inside of it
    /// would only be refused by the platform, or break a header.
    private static func secret(_ variable: String) throws -> String? {
        let text = Console.variable(variable)?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        if text.lowercased().hasPrefix("bearer ") {
            throw EngineError.rejected(
                Failure.Cause(
                    code: "", "\(variable) begins with Bearer, which is no part of a credential.",
                    advice: "Give the credential alone."))
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Exit.usage(said("\(variable) holds a space or a sign that no credential has. Copy it again, whole."))
        }
        return text.isEmpty ? nil : text
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

extension [Connection] {
    /// An address as a connection to it is stored under already, else in the one form that each address has: with a
    /// slash at its end it is no other.
    func address(_ text: String, of platform: PlatformID) throws -> String {
        let address = try BaseURL(text).text
        let same = filter { $0.platform == platform && (try? BaseURL($0.baseURL).text) == address }
        return same.contains { $0.baseURL == address } ? address : same.first?.baseURL ?? address
    }
}
