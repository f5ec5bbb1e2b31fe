import ConnectorKit
import Connectors
import Notifying
import SyncCore
import SyncEngine
import SyncHTTP
import Wording

/// How messages leave this process: the operator's mail server, and calls to addresses that people gave.
struct NoticePost: Sendable {
    var mail: MailServer?
    /// Addresses may lead into the operator's own network, and need no encryption.
    var allowsAddresses = false

    /// The setting that tells workers without a page where it is.
    static let urlSetting = "public_url"
    /// Nobody reads what a receiver answers.
    private static let maxAnswer = 64 << 10

    /// For help pages.
    static var variables: String {
        [
            said("Variables, those in brackets optional:"),
            "SLUICE_SMTP_URL SLUICE_SMTP_FROM [SLUICE_SMTP_USER SLUICE_SMTP_PASSWORD SLUICE_SMTP_TLS SLUICE_SMTP_CA]: "
                + said("the server that sends mail to people"),
            "SLUICE_PRIVATE_WEBHOOKS=on: "
                + said("webhooks may lead into your own network, also without TLS"),
        ].joined(separator: "\n")
    }

    /// From the variables; throws `Exit.usage` for a half set one.
    static func read(allowsAddresses: Bool = false) throws -> NoticePost {
        let isOpen = Console.variable("SLUICE_PRIVATE_WEBHOOKS") == "on"
        var post = NoticePost(allowsAddresses: allowsAddresses || isOpen)
        guard let url = Console.variable("SLUICE_SMTP_URL") else { return post }
        do {
            post.mail = try MailServer(
                url: url, sender: Console.variable("SLUICE_SMTP_FROM") ?? "",
                user: Console.variable("SLUICE_SMTP_USER"),
                password: Console.variable("SLUICE_SMTP_PASSWORD").map { Secret($0) },
                needsTLS: try needsTLS(url), authorities: Console.variable("SLUICE_SMTP_CA"))
        } catch let error as MailServerError {
            throw Exit.usage(said(error.description))
        }
        return post
    }

    /// What stays on this machine is read by nobody on the way.
    private static func needsTLS(_ url: String) throws -> Bool {
        switch Console.variable("SLUICE_SMTP_TLS") {
        case "on": return true
        case "off": return false
        case nil:
            let host = url.dropFirst("smtp://".count)
            return !["127.0.0.1", "localhost", "[::1]"].contains { host == $0 || host.hasPrefix("\($0):") }
        case _?: throw Exit.usage(said("SLUICE_SMTP_TLS takes `on` or `off`."))
        }
    }

    func sender(_ store: any EventStore) -> ChannelSender {
        let names = Dictionary(uniqueKeysWithValues: Catalog.connectors.map { ($0.platform.id, $0.platform.name) })
        return ChannelSender(
            mail: mail, names: names, publicURL: { (try? await store.setting(NoticePost.urlSetting)) ?? nil },
            call: { try await call($0, $1) })
    }

    /// A connection for one call: an hour may pass until the next one.
    private func call(_ origin: String, _ request: WireRequest) async throws -> WireResponse {
        guard !allowsAddresses else {
            return try await HTTPTransport.with(baseURL: origin, maxBody: NoticePost.maxAnswer) {
                try await $0.send(request)
            }
        }
        let transport = try GuardedTransport(
            baseURL: origin, version: Sluice.version, maxBody: NoticePost.maxAnswer)
        do {
            let response = try await transport.send(request)
            await transport.shutdown()
            return response
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// Throws `TransportError` for an address that no message would be sent to.
    func check(_ address: HookAddress) async throws {
        if allowsAddresses { return }
        guard address.isSecure else { throw TransportError.forbidden(host: address.host) }
        let transport = try GuardedTransport(baseURL: address.origin, version: Sluice.version)
        try await transport.check()
    }
}
