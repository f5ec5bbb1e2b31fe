import CPostgres
import SyncCore

/// Where the database is: `postgres://user:password@host:5432,host2/database?sslmode=verify-full`.
///
/// libpq's own parser reads it, so everything that libpq knows may stand there; what neither the address nor a
/// `PG…` variable says gets defaults that suit a program that runs for months. None of them needs a start-up
/// parameter that a pooler in between would refuse.
package struct PostgresAddress: Sendable, Hashable {
    /// What is set, by libpq's keywords, without secrets.
    package private(set) var settings: [String: String]
    private var secrets: [String: Secret<String>]

    /// `environment` is asked only for what libpq would take from it by itself.
    package init(_ text: String, environment: [String: String] = [:]) throws(PostgresError) {
        guard PostgresAddress.isAddress(text) else { throw PostgresError(.badAddress) }
        let (settings, secrets) = try PostgresAddress.parsed(text)
        guard let database = settings["dbname"], !database.isEmpty else { throw .withoutDatabase }
        // A slash in a password that is not written as %2F makes the rest of it a port or a database.
        let isPort = (settings["port"] ?? "").utf8.allSatisfy { $0 == UInt8(ascii: ",") || (48...57).contains($0) }
        guard isPort, !database.contains("@") || text.contains("%40") else { throw .unreadableAddress }
        self.settings = settings
        self.secrets = secrets
        setDefaults(environment)
    }

    /// Whether the text means a database server, and not a file.
    package static func isAddress(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    private mutating func setDefaults(_ environment: [String: String]) {
        var defaults = [
            ("connect_timeout", "10", "PGCONNECT_TIMEOUT"), ("application_name", "sluice", "PGAPPNAME"),
            // Notices a dead network within half a minute, also while nothing is being sent.
            ("tcp_user_timeout", "15000", nil), ("keepalives_idle", "15", nil), ("keepalives_interval", "5", nil),
            ("keepalives_count", "3", nil),
        ]
        if hosts.count > 1 { defaults.append(("target_session_attrs", "read-write", "PGTARGETSESSIONATTRS")) }
        for (keyword, value, variable) in defaults where settings[keyword] == nil {
            if let variable, environment[variable] != nil { continue }
            settings[keyword] = value
        }
        // Every text that we send and read is UTF-8.
        settings["client_encoding"] = "UTF8"
    }

    /// The hosts in the order in which they are tried.
    package var hosts: [String] {
        (settings["host"] ?? settings["hostaddr"] ?? "").split(separator: ",").map(String.init)
    }

    package var database: String { settings["dbname"] ?? "" }

    /// The same address with some settings changed, by libpq's keywords: another database, another password.
    package func with(_ changes: [String: String]) -> PostgresAddress {
        var copy = self
        for (keyword, value) in changes {
            if keyword == "password" { copy.secrets[keyword] = Secret(value) } else { copy.settings[keyword] = value }
        }
        return copy
    }

    /// Calls `body` with the null-terminated lists that libpq wants.
    func withParameters<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        var pairs = settings.map { ($0.key, $0.value) }
        pairs += secrets.map { ($0.key, $0.value.reveal()) }
        let keywords = CStrings(pairs.map(\.0))
        let values = CStrings(pairs.map(\.1))
        return keywords.withPointer { keywords in values.withPointer { body(keywords, $0) } }
    }
}

extension PostgresAddress {
    private static func parsed(
        _ text: String
    ) throws(PostgresError) -> (settings: [String: String], secrets: [String: Secret<String>]) {
        var complaint: UnsafeMutablePointer<CChar>?
        // The complaint quotes the address with its password, so nobody gets to see it.
        defer { PQfreemem(complaint) }
        guard let options = PQconninfoParse(text, &complaint) else { throw .unreadableAddress }
        defer { PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var secrets: [String: Secret<String>] = [:]
        var option = options
        while let keyword = String(nullable: option.pointee.keyword) {
            if let value = String(nullable: option.pointee.val) {
                // libpq itself marks with an asterisk what must not be shown.
                if String(nullable: option.pointee.dispchar) == "*" {
                    secrets[keyword] = Secret(value)
                } else {
                    settings[keyword] = value
                }
            }
            option += 1
        }
        return (settings, secrets)
    }
}

extension PostgresAddress: CustomStringConvertible {
    /// The address as a person wrote it, with a mask for the password and without our defaults.
    package var description: String {
        var user = settings["user"] ?? ""
        if !secrets.isEmpty { user += ":•••" }
        if !user.isEmpty { user += "@" }
        let mode = settings["sslmode"].map { "?sslmode=\($0)" } ?? ""
        return "postgres://\(user)\(places)/\(database)\(mode)"
    }

    /// Hosts with their ports, as in the address.
    var places: String {
        let ports = (settings["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        return hosts.enumerated().map { index, host in
            let name = host.contains(":") ? "[\(host)]" : host
            guard let port = ports.count == 1 ? ports.first : ports.dropFirst(index).first, !port.isEmpty else {
                return name
            }
            return "\(name):\(port)"
        }.joined(separator: ",")
    }
}

extension PostgresError {
    fileprivate static let withoutDatabase = PostgresError(
        .badAddress,
        sentence: "The address names no database, so there is nowhere to write; "
            + "add its name after the host, as in postgres://user@host/database.")

    fileprivate static let unreadableAddress = PostgresError(
        .badAddress,
        sentence: "The address of the database cannot be read; write postgres://user:password@host:5432/database, "
            + "with special characters in the password as %XX.")
}

/// C copies of strings that live as long as this value, and a null at their end.
private struct CStrings: ~Copyable {
    private let pointers: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>
    private let storage: [UnsafeMutableBufferPointer<CChar>]

    init(_ texts: [String]) {
        storage = texts.map { text in
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
            _ = copy.initialize(from: text.utf8CString)
            return copy
        }
        pointers = .allocate(capacity: texts.count + 1)
        _ = pointers.initialize(from: storage.map { UnsafePointer($0.baseAddress) } + [nil])
    }

    deinit {
        for text in storage {
            // What may be a password does not stay behind in freed memory.
            text.update(repeating: 0)
            text.deallocate()
        }
        pointers.deallocate()
    }

    func withPointer<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
        guard let start = pointers.baseAddress else { preconditionFailure("an allocation has an address") }
        return body(start)
    }
}
