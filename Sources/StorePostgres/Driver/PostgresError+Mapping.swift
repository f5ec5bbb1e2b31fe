import CPostgres

extension PostgresError.Kind {
    /// What an error that the server named is for us.
    package init(sqlState: String, message: String = "") {
        switch sqlState {
        case "28P01", "28000": self = .refusedCredentials
        case "3D000", "57P04": self = .unknownDatabase
        case "42501": self = .notPermitted
        case "25006": self = .readOnly
        case "53100": self = .diskFull
        case "53300": self = .tooManyConnections
        case "57P01", "57P02", "57P03": self = .shuttingDown
        case "40001", "40P01", "55P03": self = .conflict
        case "23505": self = .uniqueViolation
        case "57014": self = .cancelled
        case "40003", "08007": self = .unknownOutcome
        // The server ends sessions that idle for too long.
        case "25P03", "57P05": self = .lost
        case _ where message.contains("No space left on device"): self = .diskFull
        case _ where sqlState.hasPrefix("08"): self = .lost
        default: self = .other
        }
    }

    /// What a failed attempt to connect is for us: libpq 15 has no SQLSTATE for it, only text with a line or two
    /// for each host. What only a person can repair comes before what time repairs, because with several hosts
    /// it is the same on all of them.
    package init(connecting text: String) {
        let kinds = text.split(separator: "\n").compactMap { PostgresError.Kind(line: $0) }
        let ranked: [PostgresError.Kind] = [
            .badAddress, .refusedCredentials, .unknownDatabase, .notPermitted, .insecure, .tooManyConnections,
            .shuttingDown,
            .readOnly, .unreachable, .unknownHost,
        ]
        self = ranked.first(where: kinds.contains) ?? kinds.first ?? .other
    }

    private init?(line: Substring) {
        if let state = line.sqlState {
            let kind = PostgresError.Kind(sqlState: String(state), message: String(line))
            if kind != .other && kind != .lost {
                self = kind
                return
            }
        }
        guard let known = phrases.first(where: { phrase, _ in line.contains(phrase) }) else { return nil }
        self = known.kind
    }
}

extension PostgresError {
    /// A failed attempt to connect; it says where, which is mostly what is wrong.
    init(connecting message: String, to address: PostgresAddress) {
        let kind = Kind(connecting: message)
        self.init(kind, sentence: kind.sentence(at: address), message: message)
    }

    /// The error that `result` is.
    init(_ result: borrowing PostgresResult) {
        let message = String(nullable: sluice_pq_primary_message(result.pointer)) ?? result.message
        guard let state = String(nullable: sluice_pq_sqlstate(result.pointer)) else {
            self.init(.other, message: message)
            return
        }
        self.init(
            Kind(sqlState: state, message: message), sqlState: state,
            constraint: String(nullable: sluice_pq_constraint(result.pointer)), message: message)
    }

    func with(_ kind: Kind) -> PostgresError {
        PostgresError(kind, sqlState: sqlState, constraint: constraint, message: message)
    }
}

/// The texts of libpq, PostgreSQL and PgBouncer by which a failed attempt is known. libpq speaks English, because
/// the program sets no locale; a server that does not is asked again for its SQLSTATE (see `PostgresConnection.open`).
private let phrases: [(phrase: String, kind: PostgresError.Kind)] = [
    ("value: \"", .badAddress), ("too many clients", .tooManyConnections),
    ("too many connections", .tooManyConnections),
    ("connection slots are reserved", .tooManyConnections), ("no more connections allowed", .tooManyConnections),
    ("authentication failed", .refusedCredentials), ("no password supplied", .refusedCredentials),
    ("no pg_hba.conf entry", .refusedCredentials), ("no such user", .refusedCredentials),
    ("permission denied", .notPermitted),
    ("role \"", .refusedCredentials),
    ("no such database", .unknownDatabase), ("database \"", .unknownDatabase),
    ("the database system is", .shuttingDown), ("bouncer is shutting down", .shuttingDown),
    ("terminating connection", .shuttingDown),
    ("session is read-only", .readOnly), ("server is in hot standby mode", .readOnly),
    ("session is not read-only", .readOnly), ("server is not in hot standby mode", .readOnly),
    ("Temporary failure in name resolution", .unreachable), ("could not translate host name", .unknownHost),
    ("Connection refused", .unreachable), ("timeout expired", .unreachable), ("timed out", .unreachable),
    ("unreachable", .unreachable), ("No route to host", .unreachable), ("No such file or directory", .unreachable),
    ("Connection reset", .unreachable), ("Broken pipe", .unreachable), ("SSL SYSCALL error", .unreachable),
    ("server closed the connection", .unreachable), ("could not receive data", .unreachable),
    ("cannot connect to server", .unreachable), ("server login", .unreachable), ("server conn crashed", .unreachable),
    ("SSL", .insecure), ("certificate", .insecure),
]

extension Substring {
    /// The SQLSTATE in `FATAL:  28P01: password …`, as libpq writes when it is asked to be verbose.
    fileprivate var sqlState: Substring? {
        split(separator: ":").lazy.map { $0.drop { $0 == " " } }.first(where: \.isSQLState)
    }

    private var isSQLState: Bool {
        let digits = utf8.count { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let letters = utf8.count { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return digits + letters == 5 && utf8.count == 5 && digits > 0
    }
}

extension String {
    init?(nullable text: UnsafePointer<CChar>?) {
        guard let text else { return nil }
        self.init(cString: text)
    }
}
