package import ConnectorKit
import FoundationEssentials
package import SyncCore

/// What makes no sense about a world or about a question to its control endpoint, as a sentence.
package struct WorldError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

extension SandboxWorld {
    /// Anchor of presets that are not told the day: 2026-11-21.
    package static var usualDay: CivilDate { CivilDate(daysSince1970: 20_778) }

    package func changed(by json: [UInt8]) throws -> Self {
        guard let changes = SandboxJSON(parsing: json), case .object = changes else {
            throw WorldError("The world must be a JSON object")
        }
        let own = SandboxJSON(parsing: Array(try JSONEncoder().encode(self))) ?? .object([])
        let world: Self
        do {
            world = try JSONDecoder().decode(Self.self, from: Data(own.merged(with: changes).bytes))
        } catch {
            throw WorldError("The world has a value of the wrong kind: \(error)")
        }
        try world.check()
        return world
    }
}
