import ConnectorKit
import HTTPTypes
import SyncCore
import SyncHTTP
import Synchronization
import Testing

@Suite("Addresses that people give")
struct AddressRulesTests {
    private static func bytes(_ text: String) async throws -> [UInt8] {
        try #require(try await GuardedTransport.ask(text).first)
    }

    @Test(
        "lead nowhere but into the internet",
        arguments: [
            "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
            "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1",
            "255.255.255.255", "192.0.2.1", "198.51.100.7", "203.0.113.9", "::", "::1", "fe80::1", "fec0::1", "fc00::1",
            "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
            "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "100::1", "::7f00:1", "4000::1",
        ])
    func closed(_ text: String) async throws {
        #expect(try await !AddressRules.allows(AddressRulesTests.bytes(text)))
    }

    @Test(
        "are open in the internet",
        arguments: [
            "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "169.253.0.1",
            "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101",
        ])
    func open(_ text: String) async throws {
        #expect(try await AddressRules.allows(AddressRulesTests.bytes(text)))
    }

    @Test("have four or sixteen bytes")
    func lengths() {
        #expect(!AddressRules.allows([]))
        #expect(!AddressRules.allows([1, 1, 1, 1, 1]))
    }

    // MARK: Connections

    private static func guarded(
        _ url: String, _ answers: [[[UInt8]]]
    ) throws -> (GuardedTransport, Hosts) {
        let asked = Hosts()
        let transport = try GuardedTransport(baseURL: url) { host in
            let count = asked.add(host)
            return answers[min(count, answers.count) - 1]
        }
        return (transport, asked)
    }

    /// Hosts that were looked up.
    final class Hosts: Sendable {
        private let hosts = Mutex<[String]>([])
        func add(_ host: String) -> Int {
            hosts.withLock {
                $0.append(host); return $0.count
            }
        }
        var all: [String] { hosts.withLock { $0 } }
    }

    @Test("that are closed are not connected to, nor are those with one closed and one open address")
    func refused() async throws {
        for answers in [[[UInt8](arrayLiteral: 127, 0, 0, 1)], [[93, 184, 216, 34], [10, 0, 0, 1]], []] {
            let (transport, _) = try AddressRulesTests.guarded("http://rebind.example:1", [answers])

            await #expect(throws: TransportError.forbidden(host: "rebind.example")) {
                try await transport.send(WireRequest(.get, "/"))
            }
            await transport.shutdown()
        }
    }

    @Test(
        "that are written as numbers are held against the rules as well",
        arguments: [
            "http://127.0.0.1:1", "http://2130706433:1", "http://0x7f.1:1", "http://[::1]:1",
            "http://[::ffff:7f00:1]:1",
            "http://localhost:1",
        ])
    func numbers(_ url: String) async throws {
        let transport = try GuardedTransport(baseURL: url)

        await #expect(throws: TransportError.self) { try await transport.send(WireRequest(.get, "/")) }
        do {
            _ = try await transport.send(WireRequest(.get, "/"))
        } catch let error as TransportError {
            guard case .forbidden = error else {
                Issue.record("\(url): \(error)")
                return
            }
        }
        await transport.shutdown()
    }

    /// A platform that says that it is there.
    private struct Echo: Sandbox {
        mutating func respond(to request: WireRequest, at now: Instant) -> SandboxReply {
            SandboxReply(WireResponse(status: 204, body: []))
        }
    }

    @Test("are connected to where they were looked up, not where the name leads at that moment")
    func pinned() async throws {
        let host = try await SandboxHost.start(Echo(), port: 0, clock: SystemWallClock())
        let port = try #require(host.url.split(separator: ":").last)
        let asked = Hosts()
        // The system does not know the name: only the address that was looked up leads anywhere.
        let transport = try GuardedTransport(
            baseURL: "http://Pinned.invalid:\(port)",
            lookup: { host in asked.add(host) == 1 ? [[127, 0, 0, 1]] : [[10, 0, 0, 1]] },
            allows: { $0 == [127, 0, 0, 1] })

        let first = try await transport.send(WireRequest(.get, "/"))
        // Within a minute the second, evil, answer is not even asked for.
        let second = try await transport.send(WireRequest(.get, "/"))
        await transport.shutdown()
        await host.shutdown()

        #expect(first.status == 204 && second.status == 204)
        #expect(asked.all == ["Pinned.invalid"])
    }
}
