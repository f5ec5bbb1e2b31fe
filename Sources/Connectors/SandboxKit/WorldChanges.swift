import ConnectorKit
import FoundationEssentials

/// What makes no sense about a world or about a question to its control endpoint, as a sentence.
package struct WorldError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

extension SandboxWorld {
    /// This world with the members of a JSON object over it, at every depth: a file or a request names only
    /// what differs. Throws a sentence for text that is no such object.
    func merged(with json: [UInt8]) throws -> Self {
        guard let changes = SandboxJSON(parsing: json), case .object = changes else {
            throw WorldError("The world must be a JSON object")
        }
        let own = SandboxJSON(parsing: Array(try JSONEncoder().encode(self))) ?? .object([])
        do {
            return try JSONDecoder().decode(Self.self, from: Data(own.merged(with: changes).bytes))
        } catch {
            throw WorldError("The world has a value of the wrong kind: \(error)")
        }
    }
}
