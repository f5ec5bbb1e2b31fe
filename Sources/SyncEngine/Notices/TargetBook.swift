import ConnectorKit
import Crypto
import FoundationEssentials
package import SyncCore

/// The key that signs messages to a program (Standard Webhooks): `whsec_` and 24 to 64 bytes in base64.
package struct WebhookSecret: Sendable, Hashable {
    package static let prefix = "whsec_"
    private let key: Secret<[UInt8]>

    /// Nil for what is none.
    package init?(_ text: String) {
        guard text.hasPrefix(WebhookSecret.prefix),
            let bytes = Data(base64Encoded: String(text.dropFirst(WebhookSecret.prefix.count))),
            (24...64).contains(bytes.count)
        else { return nil }
        key = Secret(Array(bytes))
    }

    package init(random: RandomSource) { key = Secret(random.bytes(32)) }

    /// As people copy it.
    package var text: Secret<String> {
        Secret(WebhookSecret.prefix + Data(key.reveal()).base64EncodedString())
    }

    /// `v1,…` of one message.
    package func signature(of id: String, at seconds: Int64, body: [UInt8]) -> String {
        let signed = Array("\(id).\(seconds).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key.reveal()))
        return "v1,\(Data(code).base64EncodedString())"
    }
}

/// What a target holds that nobody may see.
package struct TargetSecrets: Sendable {
    /// A mailbox, or the whole address of a webhook.
    package var address: Secret<String>
    package var secret: WebhookSecret?
    /// The one before: signs beside the new one for a day, so that a receiver can be changed in its own time.
    package var previous: (secret: WebhookSecret, until: Instant)?

    package init(address: Secret<String>, secret: WebhookSecret? = nil) {
        self.address = address
        self.secret = secret
    }

    /// How long two secrets sign side by side.
    package static let overlap: Duration = .seconds(86_400)

    init(_ values: [String: Secret<String>]) {
        address = values["address"] ?? Secret("")
        secret = values["secret"].flatMap { WebhookSecret($0.reveal()) }
        if let before = values["previous"].flatMap({ WebhookSecret($0.reveal()) }),
            let until = values["previous_until"].flatMap({ Instant(iso: $0.reveal()) })
        {
            previous = (before, until)
        }
    }

    var values: [String: Secret<String>] {
        var values = ["address": address]
        values["secret"] = secret?.text
        values["previous"] = previous?.secret.text
        values["previous_until"] = previous.map { Secret($0.until.description) }
        return values
    }

    /// The secrets that sign at a moment, the newest first.
    package func signing(at now: Instant) -> [WebhookSecret] {
        var signing = secret.map { [$0] } ?? []
        if let previous, previous.until > now { signing.append(previous.secret) }
        return signing
    }
}

/// What people do with targets of notices: their secrets are sealed here and nowhere else.
package struct TargetBook: Sendable {
    private let store: any NoticeStore
    private let environment: EngineEnvironment

    package init(_ store: any NoticeStore, _ environment: EngineEnvironment) {
        self.store = store
        self.environment = environment
    }

    /// A target as a person typed it.
    package struct Draft: Sendable {
        package var kind: NoticeTarget.Kind
        package var name: String
        package var address: String
        package var topics: [NoticeTopic]
        package var language: String
        /// Nil: one is made, or the present one stays.
        package var secret: WebhookSecret?

        package init(
            kind: NoticeTarget.Kind, name: String, address: String, topics: [NoticeTopic], language: String,
            secret: WebhookSecret? = nil
        ) {
            self.kind = kind
            self.name = name
            self.address = address
            self.topics = topics
            self.language = language
            self.secret = secret
        }

        func shown() throws -> String { kind == .mail ? address : try HookAddress(address).shown }
    }

    package func secrets(of target: NoticeTarget) throws -> TargetSecrets {
        TargetSecrets(try environment.vault.open(target.sealed, for: target.sealSubject))
    }

    /// Nil when another target of the workspace has the name. Of a webhook also the secret, to be shown this once.
    package func add(
        _ draft: Draft, to workspace: WorkspaceID
    ) async throws -> (id: NoticeTargetID, secret: Secret<String>?)? {
        var secrets = TargetSecrets(address: Secret(draft.address))
        if draft.kind == .webhook { secrets.secret = draft.secret ?? WebhookSecret(random: environment.random) }
        let target = try target(draft, secrets, in: workspace)
        guard let id = try await store.add(target) else { return nil }
        return (id, secrets.secret?.text)
    }

    /// False when somebody else has changed it meanwhile, or another has the name. A new secret and the one before sign
    /// side by side for a day.
    package func change(_ target: NoticeTarget, to draft: Draft) async throws -> Bool {
        var secrets = try secrets(of: target)
        secrets.address = Secret(draft.address)
        if let secret = draft.secret, secret != secrets.secret {
            let until = environment.wallClock.now + TargetSecrets.overlap
            secrets.previous = secrets.secret.map { ($0, until) }
            secrets.secret = secret
        }
        var changed = try self.target(draft, secrets, in: target.workspace)
        changed.id = target.id
        changed.version = target.version
        return try await store.replace(changed)
    }

    private func target(_ draft: Draft, _ secrets: TargetSecrets, in workspace: WorkspaceID) throws -> NoticeTarget {
        let subject = NoticeTarget.sealSubject(workspace, draft.kind, draft.name)
        return NoticeTarget(
            workspace: workspace, kind: draft.kind, name: draft.name, address: try draft.shown(),
            topics: draft.topics, language: draft.language,
            sealed: try environment.vault.seal(secrets.values, for: subject))
    }

    /// A message that goes the way of all others; nil when there is no such target.
    package func test(_ target: NoticeTargetID, in workspace: WorkspaceID) async throws -> DeliveryID? {
        let word = HexText.of(environment.random.bytes(8))
        return try await store.addTest(of: target, in: workspace, message: "msg_\(word)")
    }
}
