import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Questions to Meta")
struct MetaQuestionsTests {
    private let now = Instant(seconds: 1_790_000_000)
    private let credential = Credential(["token": Secret("TOK"), "app_secret": Secret("secret")])
    private let row = """
        {"id":"act_1000001","account_id":"1000001","name":"Shop","currency":"VND","timezone_name":"Asia/Ho_Chi_Minh",
        "created_time":"2024-01-01T01:00:00+0700","account_status":1}
        """

    private func answer(_ body: String, _ question: Question, status: Int = 200, app: String? = nil) throws -> Answer {
        try connector(app).answer(
            WireResponse(status: status, body: Array(body.utf8)), to: question, cursor: nil, credential: credential,
            at: now)
    }

    private func connector(_ app: String?) throws -> MetaConnector {
        try MetaConnector(configuration: app.map { ["app_id": $0] } ?? [:])
    }

    @Test("An account may be named with or without its prefix", arguments: ["1000001", "act_1000001", " ACT_1000001"])
    func accountCall(id: String) throws {
        let call = try connector(nil).call(for: .account(id), cursor: nil, credential: credential, at: now)

        #expect(call.request.path == "/v26.0/act_1000001")
        #expect(!call.request.target.contains("TOK"))
        #expect(call.costs.contains { $0.key.rawValue == "meta/account/1000001" })
    }

    @Test("What a person typed cannot change the address")
    func strangeAccount() throws {
        let call = try connector(nil).call(for: .account("1/../2?x"), cursor: nil, credential: credential, at: now)

        #expect(call.request.path == "/v26.0/act_1%2F..%2F2%3Fx")
    }

    @Test("The account's facts are read, its first day in its own zone")
    func account() throws {
        guard case .account(let facts) = try answer(row, .account("act_1000001")) else {
            Issue.record("no account")
            return
        }

        #expect(
            facts
                == AccountFacts(
                    externalID: "1000001", name: "Shop", currency: "VND", zoneName: "Asia/Ho_Chi_Minh",
                    createdOn: CivilDate(year: 2024, month: 1, day: 1)))
    }

    @Test("An account that is not in a normal state is told of")
    func warning() throws {
        let body =
            "{\"account_id\":1000001,\"currency\":\"USD\",\"timezone_name\":\"Etc/UTC\",\"account_status\":\"2\"}"

        guard case .account(let facts) = try answer(body, .account("1")) else {
            Issue.record("no account")
            return
        }
        #expect(facts.warning == "Meta has disabled this account.")
        #expect(facts.externalID == "1000001")
    }

    @Test(
        "An account that is not there, and a token that is not good",
        arguments: [
            (100, 33, "gone"), (803, nil, "permanent_request"), (200, nil, "permanent_configuration"),
            (190, 463, "owner_must_act"), (17, 2_446_079, "throttled"),
        ] as [(Int, Int?, String)])
    func refused(code: Int, subcode: Int?, name: String) throws {
        let sub = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        let body = "{\"error\":{\"message\":\"x\",\"code\":\(code)\(sub)}}"

        guard case .failed(let failure) = try answer(body, .account("1"), status: 400) else {
            Issue.record("not failed")
            return
        }
        #expect(failure.name == name)
    }

    @Test("Accounts come in pages until there is no next one")
    func accounts() throws {
        guard case .accounts(let first, let next) = try answer(metaPage(row, after: "A1", next: true), .accounts),
            let next
        else {
            Issue.record("no page")
            return
        }
        #expect(first.map(\.externalID) == ["1000001"])

        let call = try connector(nil).call(for: .accounts, cursor: next, credential: credential, at: now)
        #expect(call.request.query.contains { $0.name == "after" && $0.value == "A1" })
        guard case .accounts(_, let end) = try answer(metaPage(), .accounts) else {
            Issue.record("no page")
            return
        }
        #expect(end == nil)
    }

    @Test("Missing scopes are told with what stays empty")
    func scopes() throws {
        let body = """
            {"data":[{"permission":"ads_read","status":"granted"},{"permission":"pages_show_list","status":"declined"}]}
            """

        guard case .credential(let facts) = try answer(body, .credential) else {
            Issue.record("no facts")
            return
        }
        #expect(facts.scopes == ["ads_read"])
        #expect(facts.warnings.count == 3)
        #expect(facts.warnings.allSatisfy { !$0.contains("ads_read:") })
    }

    @Test("Without the app's id the token inspects itself; where Meta does not allow it the permissions are enough")
    func ownInspection() throws {
        let call = try connector(nil).call(for: .credential, cursor: nil, credential: credential, at: now)

        #expect(!call.request.target.contains("TOK"))
        let form = FormCoding.decode(String(decoding: call.request.body, as: UTF8.self))
        let batch = try #require(form.first { $0.name == "batch" }?.value)
        #expect(batch.contains("debug_token?input_token=TOK\""))
        let refused = JSONText.quoted("{\"error\":{\"code\":100,\"message\":\"You must provide an app access token\"}}")
        let granted = JSONText.quoted("{\"data\":[{\"permission\":\"ads_read\",\"status\":\"granted\"}]}")
        let body = "[{\"code\":400,\"body\":\(refused)},{\"code\":200,\"body\":\(granted)}]"
        guard case .credential(let facts) = try answer(body, .credential) else {
            Issue.record("no facts")
            return
        }
        #expect(facts.scopes == ["ads_read"])
        #expect(facts.expiresAt == nil)
    }

    /// What is said of a token of which Meta's inspection says `data`; nil when it is no answer about a token.
    private func credential(_ data: String) throws -> CredentialFacts? {
        let body = "[{\"code\":200,\"body\":\(JSONText.quoted(data))},null]"
        guard case .credential(let facts) = try answer(body, .credential) else { return nil }
        return facts
    }

    @Test("A token that ends within a week is told of")
    func ending() throws {
        let soon = now.seconds + 3 * 86_400 + 60
        let data = "{\"data\":{\"is_valid\":true,\"expires_at\":\(soon),\"scopes\":[\"ads_read\"]}}"

        let facts = try #require(try credential(data))
        #expect(facts.endings.last == "The token ends in 3 days: make a new one before.")
    }

    @Test("A token that never ends has no end, however soon its access to data ends; that is told of by itself")
    func accessToData() throws {
        func facts(_ days: Int64) throws -> CredentialFacts? {
            let end = now.seconds + days * 86_400 + (days > 0 ? 60 : 0)
            return try credential(
                "{\"data\":{\"is_valid\":true,\"expires_at\":0,\"data_access_expires_at\":\(end),"
                    + "\"scopes\":[\"ads_read\"]}}")
        }

        let (far, soon, past) = (try facts(80), try facts(3), try facts(-2))

        #expect([far, soon, past].allSatisfy { $0?.expiresAt == nil })
        #expect(far?.endings == [])
        #expect(
            soon?.endings.last == "The token's access to data ends in 3 days: its user has to log in again before.")
        #expect(past?.endings.last == "The token's access to data has ended: its user has to log in again.")
    }

    @Test("Where Meta says when a token ends but not what it may do, its end is still told of")
    func endOfSilentToken() throws {
        let inspected = "{\"data\":{\"is_valid\":true,\"expires_at\":\(now.seconds + 86_460)}}"
        let refused = "{\"error\":{\"message\":\"Unknown path\",\"code\":2500}}"
        let body =
            "[{\"code\":200,\"body\":\(JSONText.quoted(inspected))},"
            + "{\"code\":400,\"body\":\(JSONText.quoted(refused))}]"

        guard case .credential(let facts) = try answer(body, .credential) else {
            Issue.record("no facts")
            return
        }
        #expect(facts.endings.last == "The token ends in 1 days: make a new one before.")
    }

    @Test("A token that ends at no moment that a calendar knows is taken for one without an end")
    func absurdEnd() throws {
        let data = "{\"data\":{\"is_valid\":true,\"expires_at\":\(Int.max),\"scopes\":[\"ads_read\"]}}"

        let facts = try #require(try credential(data))
        #expect(facts.expiresAt == nil)
    }

    @Test("An account's day of birth may be a number of seconds", arguments: [1_704_049_200, Int.max])
    func createdInSeconds(seconds: Int) throws {
        let row = row.replacing("\"2024-01-01T01:00:00+0700\"", with: "\(seconds)")

        guard case .account(let facts) = try answer(row, .account("1000001")) else {
            Issue.record("no account")
            return
        }
        #expect(facts.createdOn == (seconds == Int.max ? nil : CivilDate("2024-01-01")))
    }

    @Test("With the app's id and secret the token is inspected in a batch, so that it stands in no address")
    func inspection() throws {
        let call = try connector("42").call(for: .credential, cursor: nil, credential: credential, at: now)

        #expect(call.request.method == .post)
        #expect(call.request.path == "/v26.0/")
        #expect(!call.request.target.contains("TOK"))
        let form = FormCoding.decode(String(decoding: call.request.body, as: UTF8.self))
        let batch = try #require(form.first { $0.name == "batch" }?.value)
        #expect(batch.contains("debug_token?input_token=TOK&access_token=42%7Csecret"))
    }

    @Test("A limit that the inspection meets is told of, whatever the permissions say", arguments: [4, 17, 368])
    func inspectionLimited(code: Int) throws {
        let error = JSONText.quoted("{\"error\":{\"code\":\(code),\"message\":\"x\"}}")
        let granted = JSONText.quoted("{\"data\":[{\"permission\":\"ads_read\",\"status\":\"granted\"}]}")

        let answered = try answer("[{\"code\":400,\"body\":\(error)},{\"code\":200,\"body\":\(granted)}]", .credential)

        guard case .failed(.throttled) = answered else {
            Issue.record("\(answered)")
            return
        }
    }

    @Test("An inspected token has scopes and an end; an invalid one is rejected with its subcode")
    func inspected() throws {
        func batch(_ data: String) -> String {
            "[{\"code\":200,\"body\":\(JSONText.quoted("{\"data\":\(data)}"))},null]"
        }
        let good = batch(
            "{\"is_valid\":true,\"expires_at\":0,\"data_access_expires_at\":1791000000,\"scopes\":[\"ads_read\"]}")
        let bad = batch("{\"is_valid\":false,\"error\":{\"code\":190,\"subcode\":463,\"message\":\"x\"}}")

        guard case .credential(let facts) = try answer(good, .credential, app: "42") else {
            Issue.record("no facts")
            return
        }
        #expect(facts.expiresAt == nil)
        #expect(facts.scopes == ["ads_read"])
        guard case .failed(let failure) = try answer(bad, .credential, app: "42") else {
            Issue.record("not failed")
            return
        }
        #expect(failure.cause.code == "190/463")
    }

    @Test("A platform that lists no permissions still accepts the token")
    func silent() throws {
        let body = "{\"error\":{\"message\":\"Unknown path\",\"code\":2500}}"

        guard case .credential(let facts) = try answer(body, .credential, status: 400) else {
            Issue.record("no facts")
            return
        }
        #expect(facts.isValid)
        #expect(facts.warnings.count == 1)
    }
}

@Suite("The catalog")
struct CatalogTests {
    @Test("Connectors are in alphabetical order, each once, and found by name")
    func order() {
        #expect(Catalog.names == Catalog.names.sorted())
        #expect(Set(Catalog.names).count == Catalog.names.count)
        #expect(Catalog.connector(named: "Meta")?.platform.id == MetaConnector.id)
        #expect(Catalog.connector(named: "nothing") == nil)
    }

    @Test("Every limit that a call may touch has a default, and aliases and tallies name real streams")
    func platform() throws {
        let platform = MetaConnector.platform
        let streams = Set(try MetaConnector().streams.map(\.id))

        #expect(Set(platform.quotas.keys) == Set(MetaFamily.allCases.map(\.rawValue)))
        #expect(Set(platform.leastBlock.keys) == Set(platform.quotas.keys))
        #expect(platform.aliases.values.flatMap { $0 }.allSatisfy(streams.contains))
        #expect(platform.tallies.keys.allSatisfy(streams.contains))
        #expect(Set(try MetaConnector().streams.map(\.stage)) == Set(platform.stages))
    }
}
