import ConnectorKit
import Testing

@Suite("A base URL")
struct BaseURLTests {
    @Test(
        "is scheme, host, port and prefix without a last slash",
        arguments: [
            ("https://graph.facebook.com", "https://graph.facebook.com", ""),
            ("https://graph.facebook.com/", "https://graph.facebook.com", ""),
            ("HTTP://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
            ("http://[::1]:8080/meta/", "http://[::1]:8080", "/meta"),
            ("https://gate.example/a%2Fb/c//", "https://gate.example", "/a%2Fb/c"),
        ])
    func parts(text: String, origin: String, prefix: String) throws {
        let url = try BaseURL(text)

        #expect(url.origin == origin)
        #expect(url.prefix == prefix)
    }

    @Test(
        "is refused for a reason that is said",
        arguments: [
            ("", BaseURLError.notAnAddress("")),
            ("graph.facebook.com", .notAnAddress("graph.facebook.com")),
            ("localhost:8080", .notAnAddress("localhost:8080")),
            ("http://exa mple", .notAnAddress("http://exa mple")),
            ("http://host:99999", .notAnAddress("http://host:99999")),
            ("http://host:0", .notAnAddress("http://host:0")),
            ("ftp://host", .unsupportedScheme("ftp://host")),
            ("https://", .noHost("https://")),
            ("https:///v26.0", .noHost("https:///v26.0")),
            ("https://host/a?token=1", .holdsQuery),
            ("https://host/#top", .holdsQuery),
        ])
    func refusals(text: String, reason: BaseURLError) {
        let error = #expect(throws: BaseURLError.self) { try BaseURL(text) }

        #expect(error == reason)
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test(
        "that holds a secret is refused without repeating it",
        arguments: [
            "https://anna:hunter2@host", "ftp://anna:hunter2@host", "https://anna:hunter2@",
            "https://anna:hun ter2@host",
            "https://host?token=hunter2",
        ])
    func secrets(text: String) throws {
        let error = try #require(throws: BaseURLError.self) { try BaseURL(text) }

        #expect(!"\(error)".contains("hun"))
    }
}
