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

@Suite("The address that people type")
struct PublicURLTests {
    @Test(
        "is a scheme and a host, as browsers write it",
        arguments: [
            ("https://sluice.example.com", "https://sluice.example.com"),
            ("HTTPS://Sluice.Example.com/", "https://sluice.example.com"),
            ("https://sluice.example.com:443", "https://sluice.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://10.0.0.7:80/", "http://10.0.0.7"), ("https://[2001:DB8::7]:8443", "https://[2001:db8::7]:8443"),
            ("https://[::1]", "https://[::1]"),
        ])
    func normal(_ text: String, _ normal: String) {
        #expect(PublicURL.normal(text) == normal)
    }

    @Test(
        "is refused when it is something else",
        arguments: [
            "", "sluice.example.com", "https://", "https:///", "ftp://sluice.example.com", "https://a.example/sluice",
            "https://a.example?x", "https://a.example#x", "https://user@a.example", "https://a b.example",
            "https://a.example:0", "https://a.example:http", "https://a.example:99999", "https://a.example//",
            "https://2001:db8::7", "//a.example", "https://.example",
        ])
    func refused(_ text: String) {
        #expect(PublicURL.normal(text) == nil)
    }
}
