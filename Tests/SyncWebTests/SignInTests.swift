import HTTPTypes
import Hummingbird
import SyncCore
import SyncTestKit
import Testing

@testable import SyncWeb

@Suite("Guesses of passwords")
struct SignInTests {
    private static func login(
        _ lab: SiteLab, _ password: String, from hops: String, email: String = "linh@an.vn"
    ) async throws -> SiteLab.Reply {
        try await lab.call(
            .post, "/login", form: [("email", email), ("password", password)], headers: [("X-Forwarded-For", hops)])
    }

    @Test("Behind a proxy who guesses is slowed down where they are, whatever they claim, and nobody else is")
    func proxied() async throws {
        try await SiteLab.behindProxy { lab in
            _ = try await lab.owner()

            var guesses: [Int] = []
            for number in 0..<5 {
                guesses.append(try await Self.login(lab, "a guess", from: "10.0.0.\(number), 203.0.113.7").status)
            }
            let owner = try await Self.login(lab, SiteLab.password, from: "198.51.100.9")

            #expect(guesses == [401, 401, 401, 429, 429])
            #expect(owner.status == 200)
            let details = try await lab.store.audit(of: .first, before: nil, limit: 50)
                .filter { $0.action == "Failed to sign in" }.map(\.detail)
            #expect(Set(details) == ["203.0.113.7"])
        }
    }

    @Test("Without a proxy nobody names an address of their own")
    func forged() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()

            var guesses: [Int] = []
            for number in 0..<4 {
                guesses.append(try await Self.login(lab, "a guess", from: "203.0.113.\(number)").status)
            }

            #expect(guesses == [401, 401, 401, 429])
        }
    }

    @Test("Many machines that guess together hold up a person for seconds, and not where that person is known")
    func together() async throws {
        try await SiteLab.behindProxy { lab in
            _ = try await lab.owner()
            _ = try await Self.login(lab, SiteLab.password, from: "198.51.100.9")

            var guesses: [Int] = []
            for number in 0..<40 {
                guesses.append(try await Self.login(lab, "a guess", from: "203.0.113.\(number)").status)
                lab.clock.advance(by: .milliseconds(500))
            }
            let elsewhere = try await Self.login(lab, SiteLab.password, from: "192.0.2.1")
            let known = try await Self.login(lab, SiteLab.password, from: "198.51.100.9")

            #expect(guesses.count { $0 == 401 } < 15)
            let wait = try #require(elsewhere.headers[.retryAfter].flatMap { Int($0) })
            #expect(elsewhere.status == 429 && wait <= 4)
            #expect(known.status == 200)
        }
    }

    @Test("A password of one's own gives no more guesses of others'")
    func own() async throws {
        try await SiteLab.behindProxy { lab in
            _ = try await lab.owner()
            _ = try await lab.member(.viewer, email: "ha@an.vn")

            var guesses: [Int] = []
            for number in 0..<30 {
                for (email, password) in [("nobody\(number)@an.vn", "a guess"), ("ha@an.vn", SiteLab.password)] {
                    let reply = try await Self.login(lab, password, from: "203.0.113.7", email: email)
                    if email != "ha@an.vn" { guesses.append(reply.status) }
                    lab.clock.advance(by: .seconds(2))
                }
            }

            #expect(guesses.prefix(20).allSatisfy { $0 == 401 })
            #expect(guesses.contains(429))
        }
    }

    @Test("Who signs in on many devices at the same moment gets in on all of them, and guesses at once on none")
    func atOnce() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            func logins(_ password: String) async throws -> [Int] {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<12 {
                        group.addTask { try await Self.login(lab, password, from: "").status }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }

            #expect(try await logins(SiteLab.password) == Array(repeating: 200, count: 12))
            #expect(
                try await logins("a guess").sorted() == Array(repeating: 401, count: 3)
                    + Array(repeating: 429, count: 9))
        }
    }

    @Test("Many people who sign in from one office are no guesses")
    func office() async throws {
        try await SiteLab.behindProxy { lab in
            _ = try await lab.owner()

            for _ in 0..<30 {
                #expect(try await Self.login(lab, SiteLab.password, from: "203.0.113.7").status == 200)
                lab.clock.advance(by: .seconds(2))
            }
        }
    }
}

@Suite("Where a call comes from")
struct CallerAddressTests {
    private func address(_ hops: [String], peer: String?, isProxied: Bool = true) throws -> String? {
        var head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        let name = try #require(HTTPField.Name("X-Forwarded-For"))
        for hop in hops { head.headerFields.append(HTTPField(name: name, value: hop)) }
        let request = Request(head: head, body: RequestBody(buffer: .init()))
        return CallerAddress(isProxied: isProxied).address(request, peer: peer)
    }

    @Test(
        "is what a proxy of this machine or network wrote last",
        arguments: ["127.0.0.1", "::1", "10.1.2.3", "172.18.0.2", "192.168.1.4", "fd00::7", "::ffff:127.0.0.1"])
    func proxied(_ peer: String) throws {
        #expect(try address(["1.1.1.1, 203.0.113.7"], peer: peer) == "203.0.113.7")
        #expect(try address(["1.1.1.1", "203.0.113.7:4711"], peer: peer) == "203.0.113.7")
        #expect(try address(["[2001:db8::7]:4711"], peer: peer) == "2001:db8::7")
        #expect(try address(["2001:db8::7"], peer: peer) == "2001:db8::7")
        for broken in [[], [""], ["unknown"], ["203.0.113.7, <script>"]] {
            #expect(try address(broken, peer: peer) == peer, "\(broken)")
        }
    }

    @Test(
        "is the other end itself where that is of the internet, or where no proxy is",
        arguments: ["172.32.0.1", "8.8.8.8", "2001:db8::1"])
    func direct(_ peer: String) throws {
        #expect(try address(["203.0.113.7"], peer: peer) == peer)
        #expect(try address(["203.0.113.7"], peer: "127.0.0.1", isProxied: false) == "127.0.0.1")
    }

    @Test(
        "counts as a network: what one person has",
        arguments: [
            ("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8::1", "2001:db8:0:0"),
            ("2001:db8::", "2001:db8:0:0"), ("::1", "0:0:0:0"), ("::ffff:203.0.113.7", "203.0.113.7"),
            ("fe80::1%eth0", "fe80:0:0:0"),
        ])
    func networks(_ address: String, _ network: String) {
        #expect(CallerAddress.network(address) == network)
    }
}

@Suite("How often somebody may call")
struct CallLimitTests {
    @Test("is not forgotten because many others call; whoever was quiet is forgotten")
    func many() throws {
        let clock = ManualWallClock(Instant(microseconds: 0))
        let limit = CallLimit(QuotaLimit(points: 6, per: .seconds(60), burst: 1), clock: clock)
        try limit.take(for: "a")

        for number in 0..<5000 { try limit.take(for: "\(number)") }

        #expect(throws: WebError.self) { try limit.take(for: "a") }
        #expect(limit.count == 5001)
        clock.advance(by: .seconds(60))
        for number in 0..<4000 { try limit.take(for: "later \(number)") }
        #expect(limit.count < 5001)
    }

    @Test("is as before when the clock is set back by an hour")
    func clockSetBack() throws {
        let clock = ManualWallClock(Instant(microseconds: 0))
        let limit = CallLimit(QuotaLimit(points: 6, per: .seconds(60), burst: 2), clock: clock)
        try limit.take(for: "a")

        clock.advance(by: .seconds(-3600))

        try limit.take(for: "a")
        let refused = #expect(throws: WebError.self) { try limit.take(for: "a") }
        #expect((refused?.retryAfter ?? 0) <= 20)
    }
}
