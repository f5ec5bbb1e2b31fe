import ConnectorKit
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

@Suite("Tokens of Pancake's pages")
struct PancakeTokenTests {
    private let connector: PancakeConnector
    private let start = Instant(seconds: 1_795_230_000)

    init() throws { connector = try PancakeConnector() }

    private func renewed(_ credential: Credential, _ token: String, at now: Instant) throws -> Credential {
        let body = #"{"success":true,"page_access_token":"\#(token)"}"#
        guard
            case .credential(let new) = connector.renewed(
                WireResponse(status: 200, body: Array(body.utf8)), of: credential, account: "1101", at: now)
        else {
            Issue.record("no token")
            return credential
        }
        return new
    }

    private func refused(_ credential: Credential, at now: Instant) throws -> Reading {
        var run = try PancakeRun(.conversations)
        run.credential = credential
        run.now = now
        return run.answer(#"{"success":false,"error_code":105}"#)
    }

    @Test("One is made where there is none, never by age, and with the user's token in no address that is shown")
    func due() throws {
        let given = Credential(["token": Secret("USER")])

        let call = try #require(connector.renewal(of: given, account: "1101", because: .due, at: start))

        #expect(call.request.method == .post)
        #expect(call.request.target == "/api/v1/pages/1101/generate_page_access_token")
        #expect(call.request.confidential.map(\.value) == ["USER"])
        #expect(call.costs.map(\.key) == [connector.requests.pageQuota("1101")])
        let held = try renewed(given, "P1", at: start)
        #expect(held["page_access_token"] == "P1")
        let later = start + .seconds(90 * 86_400)
        #expect(connector.renewal(of: held, account: "1101", because: .due, at: later) == nil)
        #expect(connector.renewal(of: held, account: "1101", because: .refused, at: later) != nil)
        #expect(connector.renewal(of: given, account: "", because: .due, at: start) == nil)
        #expect(PancakeConnector.name(of: given, account: "web_7") == "web_7")
        #expect(PancakeConnector.name(of: given, account: nil) == "default")
    }

    @Test(
        "A token that is refused is made anew once; refused again at once, the page is left in peace, and then given up"
    )
    func fight() throws {
        var credential = try renewed(Credential(["token": Secret("USER")]), "P1", at: start)
        var now = start + .seconds(30)
        for round in 1...3 {
            guard case .failed(.refreshCredential) = try refused(credential, at: now).next else {
                return #expect(Bool(false), "round \(round): not made anew")
            }
            credential = try renewed(credential, "P\(round + 1)", at: now)
            now = now + .seconds(20)
            let reading = try refused(credential, at: now)
            guard round < 3 else {
                guard case .failed(.ownerMustAct(let cause)) = reading.next else {
                    return #expect(Bool(false), "not given up")
                }
                return #expect(cause.message.hasPrefix("Another program") && !cause.advice.isEmpty)
            }
            guard case .failed(.retryAt(let moment, _)) = reading.next else {
                return #expect(Bool(false), "round \(round): not left in peace")
            }
            #expect(moment == now + .seconds(300))
            #expect(reading.signals == [.blocked(connector.requests.pageQuota("1101"), until: moment)])
            now = moment
        }
    }

    @Test("Tokens that were made longer than an hour ago are no fight")
    func slowly() throws {
        var credential = try renewed(Credential(["token": Secret("USER")]), "P0", at: start)
        for hour in 1...6 {
            let now = start + .seconds(Int64(hour) * 1900)
            guard case .failed(.refreshCredential) = try refused(credential, at: now).next else {
                return #expect(Bool(false), "given up")
            }
            credential = try renewed(credential, "P\(hour)", at: now)
        }
    }

    @Test(
        "Why no token comes is told",
        arguments: [
            (
                #"{"success":false,"message":"You are not admin"}"#, 200,
                "The user of this token has no admin right on the page."
            ),
            (#"{"success":false,"error_code":107}"#, 403, "The user of this token has no admin right on the page."),
            (#"{"success":false,"error_code":102}"#, 200, "Pancake rejects the access token."),
            (#"{"success":false,"error_code":103}"#, 200, "The access token of Pancake has expired."),
            (#"{"success":false,"error_code":429}"#, 429, "Pancake's limit of 5 calls a second for a page is reached."),
            (#"{"success":true}"#, 200, "Pancake's answer holds no token."), ("", 503, "Pancake had a passing error."),
        ])
    func refusedTokens(body: String, status: Int, message: String) {
        let renewed = connector.renewed(
            WireResponse(status: status, body: Array(body.utf8)), of: Credential(["token": Secret("USER")]),
            account: "1101", at: start)
        guard case .failed(let failure) = renewed else { return #expect(Bool(false), "a token") }
        #expect(failure.cause.message == message)
    }

    @Test("When the user's token ends is read from it")
    func expiry() {
        // {"exp":1795830000}
        #expect(PancakeToken.expiry("e30.eyJleHAiOjE3OTU4MzAwMDB9.x") == Instant(seconds: 1_795_830_000))
        #expect(PancakeToken.expiry("abc") == nil)
    }
}

@Suite("Plans for Pancake")
struct PancakePlanTests {
    private let now = Instant(seconds: 1_795_230_000)

    private func plan(
        _ step: JobStep = PancakePlatform.recent, kind: JobKind = .incremental,
        streams: [StreamID] = PancakeSchemas.all.map(\.id),
        listed: ListingState? = nil, window: DayRange? = nil, of account: Account = PancakeRun.account
    ) throws -> [String] {
        let request = PlanRequest(
            step: step, kind: kind, account: account, anchor: CivilDate(daysSince1970: 20_778),
            window: window, streams: streams, due: [:],
            listed: listed.map { [.messages: $0, .conversations: $0] } ?? [:], tallies: [:], learned: [:], now: now)
        return try PancakeConnector().plan(request).map { "\($0.stream) \($0.mode)" }
    }

    @Test("First all, then what is new with an overlap, and once a day all again behind it")
    func kinds() throws {
        let fresh = ListingState(sweptAt: now - .seconds(3600), changedUpTo: now - .seconds(60))
        let old = ListingState(sweptAt: now - .seconds(90_000), changedUpTo: now - .seconds(60))
        let since = "conversations since:1795229340+messages"

        #expect(try plan(kind: .initial) == ["pages list", "conversations whole+messages"])
        #expect(try plan(PancakePlatform.history, kind: .initial) == [])
        #expect(try plan(listed: fresh) == ["pages list", since])
        #expect(try plan(PancakePlatform.history, listed: fresh) == [])
        #expect(try plan(listed: old) == ["pages list", since])
        #expect(try plan(PancakePlatform.history, listed: old) == ["conversations whole+messages"])
        #expect(try plan(streams: [.conversations], listed: fresh) == ["conversations since:1795229340"])
        #expect(try plan(streams: [PancakeSchemas.pages.id]) == ["pages list"])
        let day = CivilDate(daysSince1970: 20_770)
        #expect(
            try plan(kind: .manual, streams: [.messages], listed: fresh, window: DayRange(day))
                == ["conversations named:1794502800+messages"])
    }

    @Test("A page is read whole once more when it was so before it got its destination")
    func destination() throws {
        let fresh = ListingState(sweptAt: now - .seconds(3600), changedUpTo: now - .seconds(60))
        func sweep(_ destination: AccountID?, _ routedAt: Instant?) throws -> [String] {
            var account = PancakeRun.account
            account.destination = destination
            account.routedAt = routedAt
            return try plan(PancakePlatform.history, listed: fresh, of: account)
        }

        #expect(try sweep(AccountID(2), now - .seconds(30)) == ["conversations whole+messages"])
        #expect(try sweep(AccountID(2), now - .seconds(7200)) == [])
        // It goes nowhere any more.
        #expect(try sweep(nil, now - .seconds(30)) == [])
    }
}
