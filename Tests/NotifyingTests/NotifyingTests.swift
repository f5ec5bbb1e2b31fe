import ConnectorKit
import Foundation
import HTTPTypes
import SyncCore
import SyncEngine
import Testing
import Wording

@testable import Notifying

@Suite("Messages")
struct NotifyingTests {
    private func claimed(
        _ kind: NoticeTarget.Kind, _ notice: Notice? = nil, language: String = "en"
    ) -> ClaimedDelivery {
        ClaimedDelivery(
            delivery: NoticeDelivery(
                id: DeliveryID(1), workspace: .first, target: NoticeTargetID(1), notice: notice?.id, message: "msg_1",
                state: .pending, attempts: 1, nextAt: nil, answer: "", took: nil,
                createdAt: Instant(seconds: 1_795_219_200), triedAt: nil), fence: 1,
            target: NoticeTarget(
                workspace: .first, kind: kind, name: "t", address: "a", topics: [], language: language, sealed: []),
            notice: notice, workspaceName: "An <Nhiên>")
    }

    private func notice(_ kind: NoticeKind, _ facts: NoticeFacts) -> Notice {
        Notice(
            id: NoticeID(9),
            cause: NoticeCause(workspace: .first, key: "k", kind: kind, subject: 4, facts: facts),
            openedAt: Instant(seconds: 1_795_219_200))
    }

    private static let failed = NoticeFacts(
        name: "default", platform: "meta", accounts: ["Trà <Sen>", "B", "C"], accountCount: 5, chunks: 4, job: 12,
        code: "500", message: "The platform broke.", at: nil)

    /// What was sent, and an answer to it.
    private func sent(
        _ kind: NoticeTarget.Kind, _ notice: Notice?,
        answering response: WireResponse = WireResponse(status: 200, body: []),
        language: String = "en", secrets: TargetSecrets = TargetSecrets(address: Secret("https://h.example/a/?k=1"))
    ) async throws -> (request: WireRequest, answer: NoticeAnswer) {
        let (stream, told) = AsyncStream<WireRequest>.makeStream()
        let sender = ChannelSender(
            mail: nil, names: [PlatformID("meta"): "Meta"], publicURL: { "https://s.example" },
            call: { origin, request in
                #expect(origin == "https://h.example")
                told.yield(request)
                return response
            })
        let answer = try await sender.send(
            claimed(kind, notice, language: language), secrets, at: Instant(seconds: 1_795_219_260))
        told.finish()
        var requests: [WireRequest] = []
        for await request in stream { requests.append(request) }
        return (try #require(requests.first), answer)
    }

    @Test("A webhook is signed as Standard Webhooks says, with the example of its specification")
    func signature() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))

        let signature = secret.signature(
            of: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))

        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(
        "What is no secret is refused",
        arguments: ["", "whsec_", "whsec_!!", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func secrets(text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test("A webhook goes to the whole address, with the id, the moment and a signature by each secret that is good")
    func webhook() async throws {
        var secrets = TargetSecrets(address: Secret("https://h.example/a/?k=1"))
        let old = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let new = WebhookSecret(random: RandomSource())
        secrets.secret = new
        secrets.previous = (old, Instant(seconds: 1_795_219_261))

        let (request, answer) = try await sent(.webhook, notice(.failed, NotifyingTests.failed), secrets: secrets)

        #expect(answer == NoticeAnswer(.arrived, "HTTP 200"))
        #expect(request.target == "/a/?k=1")
        let header = { (name: String) in request.headers.first { $0.name.rawName == name }?.value }
        #expect(header("webhook-id") == "msg_1")
        #expect(header("webhook-timestamp") == "1795219260")
        let wanted = [new, old].map { $0.signature(of: "msg_1", at: 1_795_219_260, body: request.body) }
        #expect(header("webhook-signature") == wanted.joined(separator: " "))
        let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
        #expect(body["type"] as? String == "notice.failed")
        let data = try #require(body["data"] as? [String: Any])
        #expect(data["chunks"] as? Int == 4)
        #expect(data["link"] as? String == "https://s.example/sync/logs/12")
        #expect(data["title"] as? String == "4 chunks of Trà <Sen>, B, C and 2 more failed")
    }

    @Test("A secret that was replaced signs for a day and no longer")
    func overlap() {
        var secrets = TargetSecrets(address: Secret("a"), secret: WebhookSecret(random: RandomSource()))
        secrets.previous = (WebhookSecret(random: RandomSource()), Instant(seconds: 100))

        #expect(secrets.signing(at: Instant(seconds: 99)).count == 2)
        #expect(secrets.signing(at: Instant(seconds: 100)).count == 1)
    }

    @Test("A channel gets one text, in which nothing of a name is markup, in the target's language")
    func slack() async throws {
        let (request, _) = try await sent(.slack, notice(.failed, NotifyingTests.failed), language: "vi")

        let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: String])
        let text = try #require(body["text"])
        #expect(text.contains("*4 phần của Trà &lt;Sen&gt;, B, C và 2 tài khoản khác bị lỗi*"))
        #expect(text.contains("<https://s.example/sync/logs/12|Mở> · Sluice, An &lt;Nhiên&gt;"))
        #expect(request.headers.first { $0.name.rawName == "webhook-signature" } == nil)
    }

    @Test(
        "What a receiver says decides what becomes of a message",
        arguments: [
            (200, .arrived), (204, .arrived), (302, .later(nil)), (400, .later(nil)), (410, .gone), (500, .later(nil)),
        ] as [(Int, NoticeAnswer.Meaning)])
    func meaning(status: Int, meaning: NoticeAnswer.Meaning) {
        #expect(ChannelSender.meaning(of: WireResponse(status: status, body: [])).meaning == meaning)
    }

    @Test("A receiver that names a pause gets it")
    func wish() {
        let response = WireResponse(status: 503, headers: [.retryAfter: "120"], body: [])

        #expect(ChannelSender.meaning(of: response).meaning == .later(.seconds(120)))
    }

    @Test("Eight tries are within a day; each pause varies by a fifth, and a wish is kept up to six hours")
    func plan() throws {
        let longest = try (1..<DeliveryPlan.mostTries).reduce(Duration.zero) {
            $0 + (try #require(DeliveryPlan.pause(after: $1, jitter: 1)))
        }
        #expect(longest < .seconds(86_400))
        #expect(DeliveryPlan.pause(after: 1, jitter: 0) == .seconds(8))
        #expect(DeliveryPlan.pause(after: DeliveryPlan.mostTries, jitter: 0) == nil)
        #expect(DeliveryPlan.pause(after: 1, jitter: 0, wish: .seconds(1_000_000)) == .seconds(6 * 3600))
    }

    @Test("Without a mail server a mail waits, and says why")
    func noServer() async throws {
        let sender = ChannelSender(
            mail: nil, names: [:], publicURL: { nil }, call: { _, _ in throw TransportError.timedOut })

        let answer = try await sender.send(
            claimed(.mail), TargetSecrets(address: Secret("a@b.vn")), at: Instant(seconds: 1))

        #expect(answer == NoticeAnswer(.later(nil), "No mail server is set."))
    }

    @Test("A mail is lines that every server takes, whatever letters it holds")
    func mail() throws {
        let message = MailMessage(
            sender: "sluice@a.vn", receiver: "linh@a.vn",
            subject: "Lịch sử của Mộc Nhiên – Chăm sóc da\r\nBcc: x@y.z đã đủ 🦑 và còn nhiều chữ nữa cho dài",
            text: String(repeating: "Số liệu đã đủ.\n", count: 20), id: "msg_1", at: Instant(seconds: 1_795_219_200))

        let (head, body) = try (
            #require(message.wire.split(separator: "\r\n\r\n").first),
            #require(message.wire.split(separator: "\r\n\r\n").last)
        )

        let lines = message.wire.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } })
        #expect(!head.contains("\r\nBcc:"))
        #expect(head.contains("Date: Sat, 21 Nov 2026 00:00:00 +0000"))
        #expect(head.contains("Message-ID: <msg_1@a.vn>"))
        let bytes = try #require(Data(base64Encoded: String(body.replacing("\r\n", with: ""))))
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("Số liệu đã đủ.\r\nSố"))
    }

    @Test(
        "A mail server is an address, a sender, and both of user and password",
        arguments: [
            ("http://a", "s@a.vn", nil), ("smtp://", "s@a.vn", nil), ("smtp://u:p@a", "s@a.vn", nil),
            ("smtp://a/x", "s@a.vn", nil), ("smtp://a", "", nil), ("smtp://a", "s@a.vn\r\nx", nil),
            ("smtp://a", "s@a.vn", "u"),
        ] as [(String, String, String?)])
    func server(url: String, sender: String, user: String?) {
        #expect(throws: MailServerError.self) { try MailServer(url: url, sender: sender, user: user) }
    }

    @Test("The password of the mail server is in no description")
    func masked() throws {
        let server = try MailServer(url: "smtp://a:25", sender: "s@a.vn", user: "u", password: Secret("geheim"))

        var text = ""
        dump(server, to: &text)
        #expect(!text.contains("geheim") && server.host == "a")
    }

    @Test("Every kind of notice has a title and a place on the page in both languages", arguments: NoticeKind.allCases)
    func texts(kind: NoticeKind) {
        let notice = notice(kind, NotifyingTests.failed)
        let english = Words(language: .english).notice(notice, platform: "Meta")
        let vietnamese = Words(language: .vietnamese).notice(notice, platform: "Meta")

        #expect(!english.title.isEmpty && english.title != vietnamese.title)
        #expect(NoticeText.path(of: notice).hasPrefix("/"))
    }
}

@Suite("Addresses of webhooks")
struct HookAddressTests {
    @Test("Path and query stay as they were written")
    func target() throws {
        let hook = try HookAddress("https://Hooks.example:8443/services/T0/B1/q7Zdxyz/?a=b%20c")

        #expect(hook.target == "/services/T0/B1/q7Zdxyz/?a=b%20c")
        #expect(hook.origin == "https://Hooks.example:8443" && hook.isSecure)
        #expect(!hook.shown.contains("q7Zdxyz"))
    }

    @Test("One without a path asks for the root")
    func root() throws {
        #expect(try HookAddress("https://a.example").target == "/")
        #expect(try HookAddress("https://a.example?x=1").target == "/?x=1")
    }

    @Test(
        "What is no address of a webhook is refused",
        arguments: [
            "", "a.example", "ftp://a.example", "https://u:p@a.example/", "https://a.example/#x",
            "https://a.example/?a b", "https://a.example/?a\r\nHost: b",
        ])
    func refused(text: String) {
        #expect(throws: BaseURLError.self) { try HookAddress(text) }
    }
}
