import StorePostgres
import Testing

@Suite struct AddressTests {
    private let password = "h4nds%40ff"

    @Test("Everything that libpq reads from an address is kept")
    func reads() throws {
        let address = try PostgresAddress("postgresql://ann:x@db:6432/shop?sslmode=verify-full&connect_timeout=3")

        #expect(address.hosts == ["db"])
        #expect(address.database == "shop")
        #expect(address.settings["user"] == "ann")
        #expect(address.settings["port"] == "6432")
        #expect(address.settings["sslmode"] == "verify-full")
        #expect(address.settings["connect_timeout"] == "3")
    }

    @Test("What the address leaves open gets defaults, and no start-up parameter that a pooler refuses")
    func defaults() throws {
        let address = try PostgresAddress("postgres://db/shop")

        #expect(address.settings["connect_timeout"] == "10")
        #expect(address.settings["application_name"] == "sluice")
        #expect(address.settings["client_encoding"] == "UTF8")
        #expect(address.settings["tcp_user_timeout"] == "15000")
        #expect(address.settings["target_session_attrs"] == nil)
        #expect(address.settings["options"] == nil)
    }

    @Test("A variable of libpq is not overruled by a default")
    func variables() throws {
        let address = try PostgresAddress(
            "postgres://db/shop", environment: ["PGCONNECT_TIMEOUT": "2", "PGAPPNAME": "mine"])

        #expect(address.settings["connect_timeout"] == nil)
        #expect(address.settings["application_name"] == nil)
    }

    @Test("Of several hosts the one that can be written to is wanted, unless the address says otherwise")
    func severalHosts() throws {
        let address = try PostgresAddress("postgres://one:5432,two:5433/shop")
        let standby = try PostgresAddress("postgres://one,two/shop?target_session_attrs=standby")

        #expect(address.settings["target_session_attrs"] == "read-write")
        #expect(standby.settings["target_session_attrs"] == "standby")
        #expect(address.description == "postgres://one:5432,two:5433/shop")
    }

    @Test("The password shows nowhere")
    func masks() throws {
        let address = try PostgresAddress("postgres://ann:\(password)@db:5432/shop?sslmode=require")
        var dumped = ""
        dump(address, to: &dumped)

        #expect(address.description == "postgres://ann:•••@db:5432/shop?sslmode=require")
        for text in [address.description, String(reflecting: address), dumped] {
            #expect(!text.contains("h4nds"))
        }
    }

    @Test(
        "An address that cannot be used is one sentence without the password",
        arguments: [
            "postgres://ann:h4nds@db", "postgres://ann:h4nds@db/", "postgres://ann:h4nds@[::1/shop",
            "postgres://ann:h4%zz@db/shop", "postgres://ann:12/h4?y@db/shop", "postgres://ann:h4/x@db/shop",
            "postgres://ann:12/h4@db/shop", "postgres://ann:h4nds@db/shop?sslmod=x",
            "mysql://ann:h4nds@db/shop", "",
        ])
    func refuses(_ text: String) throws {
        let error = try #require(throws: PostgresError.self) { try PostgresAddress(text) }

        #expect(error.kind == .badAddress)
        for text in [error.description, error.debugDescription, String(reflecting: error)] {
            #expect(!text.contains("h4"))
            #expect(text.contains("postgres://") || text.hasPrefix("badAddress"))
        }
    }

    @Test("An address without a database says what is missing")
    func withoutDatabase() throws {
        let error = try #require(throws: PostgresError.self) { try PostgresAddress("postgres://ann@db") }

        #expect(error.sentence.contains("names no database"))
    }
}
