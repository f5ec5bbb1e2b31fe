import Testing

@testable import StorePostgres

@Suite struct ErrorTests {
    @Test(
        "What the server names becomes what it is for us",
        arguments: [
            ("28P01", .refusedCredentials), ("28000", .refusedCredentials), ("3D000", .unknownDatabase),
            ("42501", .notPermitted), ("25006", .readOnly), ("53100", .diskFull), ("53300", .tooManyConnections),
            ("57P01", .shuttingDown), ("57P02", .shuttingDown), ("57P03", .shuttingDown), ("40001", .conflict),
            ("40P01", .conflict), ("23505", .uniqueViolation), ("57014", .cancelled), ("08006", .lost),
            ("08007", .unknownOutcome), ("42601", .other),
        ] as [(String, PostgresError.Kind)])
    func states(_ state: String, _ kind: PostgresError.Kind) {
        #expect(PostgresError.Kind(sqlState: state) == kind)
    }

    @Test("A full disk is known by its text when its SQLSTATE is that of any failed write")
    func diskFull() {
        let text = #"could not extend file "base/1/2": No space left on device"#

        #expect(PostgresError.Kind(sqlState: "58030", message: text) == .diskFull)
    }

    @Test(
        "A failed attempt to connect is known by its text",
        arguments: [
            (#"connection to server at "::1", port 1 failed: Connection refused"#, .unreachable),
            (#"could not translate host name "x" to address: Name or service not known"#, .unknownHost),
            (#"could not translate host name "x" to address: Temporary failure in name resolution"#, .unreachable),
            (#"… failed: FATAL:  password authentication failed for user "x""#, .refusedCredentials),
            (#"… failed: FATAL:  no pg_hba.conf entry for host "1", database "d", SSL off"#, .refusedCredentials),
            (#"… failed: FATAL:  role "x" does not exist"#, .refusedCredentials),
            (#"… failed: FATAL:  database "x" does not exist"#, .unknownDatabase),
            (#"… failed: FATAL:  permission denied for database "x""#, .notPermitted),
            ("… failed: FATAL:  sorry, too many clients already", .tooManyConnections),
            (#"… failed: FATAL:  too many connections for role "x""#, .tooManyConnections),
            ("… failed: FATAL:  the database system is starting up", .shuttingDown),
            ("… failed: server does not support SSL, but SSL was required", .insecure),
            ("… failed: SSL error: certificate verify failed", .insecure),
            ("… failed: SSL SYSCALL error: Connection reset by peer", .unreachable),
            ("… failed: session is read-only", .readOnly),
            ("… failed: timeout expired", .unreachable),
            ("… failed: FATAL:  28P01: Passwort falsch", .refusedCredentials),
            ("… failed: FATAL:  irgendetwas", .other),
        ] as [(String, PostgresError.Kind)])
    func attempts(_ text: String, _ kind: PostgresError.Kind) {
        #expect(PostgresError.Kind(connecting: text) == kind)
    }

    @Test(
        "A failed attempt to connect says where, and no secret",
        arguments: [
            ("Connection refused", "at db.internal,db-2:5433;"),
            (#"FATAL:  database "sluice" does not exist"#, "no database sluice at db.internal,db-2:5433;"),
            ("could not translate host name", "host db.internal,db-2:5433 is unknown"),
        ])
    func places(_ text: String, _ told: String) throws {
        let address = try PostgresAddress("postgres://u:s3cret@db.internal,db-2:5433/sluice")

        let sentence = PostgresError(connecting: text, to: address).sentence

        #expect(sentence.contains(told), "\(sentence)")
        #expect(!sentence.contains("s3cret"))
    }

    @Test("An SQLSTATE stands before the full stop")
    func state() {
        let text = "\(PostgresError(.notPermitted, sqlState: "42501"))"

        #expect(text.hasSuffix("account (SQLSTATE 42501)."))
    }

    @Test("Of several hosts the failure counts that only a person can repair")
    func severalHosts() {
        let text = """
            connection to server at "one", port 5432 failed: Connection refused
            \tIs the server running on that host and accepting TCP/IP connections?
            connection to server at "two", port 5432 failed: FATAL:  password authentication failed for user "x"
            """

        #expect(PostgresError.Kind(connecting: text) == .refusedCredentials)
    }

    @Test("Every kind has one sentence", arguments: PostgresError.Kind.allCases)
    func sentences(_ kind: PostgresError.Kind) {
        let sentence = PostgresError(kind, message: "duplicate key (ann@example.com)").description

        #expect(sentence.hasSuffix("."))
        #expect(sentence.count(where: { $0 == "." && sentence.contains(".") }) < 3)
        #expect(!sentence.contains("example"))
    }

    @Test("What may have been done is not simply done again")
    func transient() {
        #expect(!PostgresError(.unknownOutcome).isTransient)
        #expect(PostgresError(.lost).isTransient)
        #expect(PostgresError(.conflict).isTransient)
        #expect(!PostgresError(.refusedCredentials).isTransient)
    }
}
