import NIOCore
import SyncWeb
import Testing

@Suite("An address to listen on")
struct ListenAddressTests {
    @Test(
        "is a host and a port",
        arguments: [
            ("127.0.0.1:9464", "127.0.0.1", 9464), ("localhost:0", "localhost", 0), ("[::1]:80", "::1", 80),
            ("0.0.0.0:65535", "0.0.0.0", 65_535), ("worker-7.internal:8080", "worker-7.internal", 8080),
        ])
    func read(_ text: String, _ host: String, _ port: Int) throws {
        let address = try ListenAddress(text)

        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(
        "is refused when it is something else",
        arguments: [
            "", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1",
            "::1:80", "[]:80", "http://127.0.0.1:80", "a b:80", "user@host:80", "127.0.0.1:80/metrics", "127.0.0.1:+80",
            "host:99999999999999999999",
        ])
    func refused(_ text: String) {
        #expect(throws: ListenError.notAnAddress(text)) { try ListenAddress(text) }
    }
}
