package import ConnectorKit
import SyncCore

/// All platforms that this program knows: one line per connector, in alphabetical order.
package enum Catalog {
    package static let connectors: [any Connector.Type] = [
        AdmitadConnector.self,
        BoostinyConnector.self,
        FolkFormConnector.self,
        MetaConnector.self,
        PancakeConnector.self,
        ShopeeConnector.self,
    ]

    /// The simulated platforms, in the same order.
    package static let worlds: [any SandboxWorld.Type] = [
        AdmitadWorld.self,
        BoostinyWorld.self,
        FolkFormWorld.self,
        MetaWorld.self,
        PancakeWorld.self,
        ShopeeWorld.self,
    ]

    /// The connector of a platform by its name as people type it; nil when there is none.
    package static func connector(named name: String) -> (any Connector.Type)? {
        connectors.first { $0.platform.id.rawValue == name.lowercased() }
    }

    /// Names for usage texts.
    package static var names: [String] { connectors.map { $0.platform.id.rawValue } }
}
