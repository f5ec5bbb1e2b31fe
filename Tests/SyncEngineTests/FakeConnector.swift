import ConnectorKit
import HTTPTypes
import SyncCore
import SyncEngine
import Synchronization
import Testing

/// A platform that only answers questions. The status of an answer says what happened; the body names accounts,
/// and after a `>` the next cursor: `1,2>p2`.
struct FakeConnector: Connector {
    static let platform = Platform(
        id: PlatformID("fake"), name: "Fake", baseURL: "http://fake", credentialFields: [], stages: [], steps: [],
        quotas: [:],
        schedules: [
            ScheduleTemplate("Fake sync", recurrence: .every(.minutes15)),
            ScheduleTemplate(
                "Fake backfill", recurrence: .at(DayTimes(daily: .seconds(19 * 3600))), days: .named(.last7Days)),
            ScheduleTemplate("Fake clean-up", task: .rescue, recurrence: .every(.minutes10), missed: .skip),
        ])

    init(configuration: [String: String]) throws {
        if let wrong = configuration["wrong"] { throw ConfigurationError(wrong) }
    }

    var streams: [StreamSchema] { [] }

    func quotaKeys(of account: String) -> [QuotaKey] { [FakeConnector.quota] }

    func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        let target =
            switch question {
            case .account(let id): "/account/\(id)"
            case .accounts: "/accounts/\(cursor ?? "")"
            case .credential: "/credential"
            }
        return Call(WireRequest(.get, target), costs: [QuotaCost(FakeConnector.quota, points: 1)])
    }

    static let quota = QuotaKey(platform.id, "app", "1")

    func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        guard response.status == 200 else { return .failed(failure(response.status)) }
        let parts = String(decoding: response.body, as: UTF8.self).split(separator: ">").map(String.init)
        let accounts = (parts.first ?? "").split(separator: ",").map { facts(String($0)) }
        return switch question {
        case .account: accounts.first.map { .account($0) } ?? .failed(failure(404))
        case .accounts: .accounts(accounts, next: parts.count > 1 ? parts[1] : nil)
        case .credential: .credential(CredentialFacts(isValid: true, scopes: ["read"]))
        }
    }

    private func facts(_ id: String) -> AccountFacts {
        AccountFacts(externalID: id, name: "Shop \(id)", currency: "VND", zoneName: "Asia/Ho_Chi_Minh")
    }

    private func failure(_ status: Int) -> Failure {
        let cause = Failure.Cause(code: "\(status)", "The platform said \(status).")
        return switch status {
        case 401: .ownerMustAct(cause)
        case 498: .refreshCredential(cause)
        case 404: .permanentRequest(cause)
        case 410: .gone(cause)
        case 429: .throttled(FakeConnector.quota, until: nil, cause)
        default: .retryNow(cause)
        }
    }

    // MARK: Never asked for here

    func plan(_ request: PlanRequest) -> [ChunkSpec] {
        Issue.record("nobody plans with this connector")
        return []
    }

    func call(for work: ChunkWork) -> Call {
        Issue.record("nobody syncs with this connector")
        return Call(WireRequest(.get, "/"), costs: [])
    }

    func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        Issue.record("nobody syncs with this connector")
        return Reading(.failed(.bug(Failure.Cause(code: "", "unexpected"))))
    }

    func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }
}

/// Answers by target, in order; the last answer to a target is repeated. An unknown target fails the test.
final class ScriptedTransport: Transport {
    enum Reply: Sendable {
        case status(Int, String = "")
        case broken(TransportError)
    }

    private let script: Mutex<[String: [Reply]]>
    private let sent = Mutex<[String]>([])

    init(_ script: [String: [Reply]]) { self.script = Mutex(script) }

    var targets: [String] { sent.withLock { $0 } }

    func send(_ request: WireRequest) async throws -> WireResponse {
        try Task.checkCancellation()
        sent.withLock { $0.append(request.target) }
        let reply: Reply? = script.withLock { script in
            guard let replies = script[request.target], let first = replies.first else { return nil }
            if replies.count > 1 { script[request.target] = Array(replies.dropFirst()) }
            return first
        }
        switch reply {
        case .status(let status, let body): return WireResponse(status: status, body: Array(body.utf8))
        case .broken(let error): throw error
        case nil:
            Issue.record("an unexpected call of \(request.target)")
            throw TransportError.unreachable("not in the script")
        }
    }
}
