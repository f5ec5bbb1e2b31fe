import ConnectorKit
import SyncCore
import SyncEngine

/// What the document says of one platform: the fields of its credential, from the table that the forms are made from,
/// and the names of what is read.
struct PlatformFields: Sendable {
    let platform: Platform
    /// Each customer has another.
    let needsAddress: Bool
    /// Streams and their aliases.
    let streams: Set<String>

    /// How an operation asks for a credential.
    enum Use: Sendable, Equatable {
        /// The platform is in the address.
        case byAddress
        /// `platform` says which one.
        case byField
        /// For a connection that is there: what is no secret is known.
        case alone
    }

    init(_ type: any Connector.Type, needsAddress: Bool) {
        platform = type.platform
        self.needsAddress = needsAddress
        let streams = (try? type.init(configuration: [:]))?.streams.filter { !$0.isActing }.map(\.id) ?? []
        self.streams = Set((streams + type.platform.aliases.keys).map(\.rawValue))
    }

    /// A body with its credential beside the fields that all have.
    func body(_ use: Use, _ fields: [SchemaText.Field], isJSON: Bool) -> Node {
        var fields = fields.map { field in
            var field = field
            if field.name == "address", needsAddress { (field.type, field.isRequired) = ("filled", true) }
            return field
        }
        fields += platform.credentialFields.map { field in
            let isSecret = PlatformTexts.isSecret(field)
            return SchemaText.Field(
                name: field.name, type: isSecret ? "secret" : "filled",
                isRequired: field.isRequired && (isSecret || use != .alone))
        }
        if use == .byField {
            fields.append(SchemaText.Field(name: "platform", type: platform.id.rawValue, isRequired: true))
        }
        let hints = platform.credentialFields.map { ($0.name, Node.text($0.summary)) }
        var body = SchemaText.body(fields, isJSON: isJSON)
        body["properties"] = body["properties"]?.described(Dictionary(hints, uniquingKeysWith: { $1 }))
        body["title"] = .text(platform.name)
        return .object(body)
    }
}

extension Node {
    /// Members of an object with what is said of them.
    fileprivate func described(_ texts: [String: Node]) -> Node {
        guard case .object(let members) = self else { return self }
        return .object(
            Dictionary(
                uniqueKeysWithValues: members.map { name, node in
                    guard let text = texts[name], case .object(let member) = node else { return (name, node) }
                    return (name, .object(member.merging(["description": text]) { $1 }))
                }))
    }
}
