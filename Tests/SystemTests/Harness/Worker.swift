import ConnectorKit
import Foundation
import HTTPTypes
import SyncHTTP
import Testing

extension Lab {
    /// `sluice worker` on the lab's database, without any credential in its environment: those are in the database.
    func startWorker(_ more: String..., environment: [String: String] = [:]) throws -> SluiceProcess {
        try start(["worker", "--database", database] + more, environment: environment)
    }
}

extension SluiceProcess {
    /// The address that a worker says it listens on, once it says so.
    func listening() async throws -> String {
        var found: String?
        try await eventually("the worker says where it listens") {
            found = text.firstMatch(of: /http:\/\/[0-9.]+:[0-9]+/).map { String($0.output) }
            return found != nil || !isRunning
        }
        return try #require(found, "the worker ended: \(complaint)")
    }
}

/// An answer of a probe.
struct ProbeAnswer: Equatable {
    var code: Int
    var text: String

    /// Asks a worker; throws when it does not answer.
    static func get(_ path: String, at url: String) async throws -> ProbeAnswer {
        try await HTTPTransport.with(baseURL: url) { transport in
            let response = try await transport.send(.init(.get, path))
            return ProbeAnswer(code: response.status, text: String(decoding: response.body, as: UTF8.self))
        }
    }

    /// The word and the reason of a JSON answer.
    var status: String { get throws { try #require(try object()["status"]) } }
    var reason: String { get throws { try #require(try object()["reason"]) } }

    private func object() throws -> [String: String] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
    }
}
