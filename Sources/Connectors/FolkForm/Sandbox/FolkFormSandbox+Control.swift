import SyncCore

extension FolkFormSandbox {
    /// Oracles for tests, under `/sandbox`.
    func oracle(_ question: ControlRequest) throws -> [UInt8] {
        switch question.path {
        case "truth", "counts":
            let account = question.query["account"]
            let organization = account == world.account ? world.auth.roles.first?.organization : account
            let counts = store.shelves.mapValues { shelf in
                shelf.documents.count { organization == nil || $0.organization == organization }
            }
            return try ControlRequest.json(["rows": counts])
        case "documents":
            let name = question.query["collection"] ?? ""
            guard let shelf = store.shelves[name] else { throw WorldError("There is no collection \(name)") }
            return SandboxJSON.list(shelf.documents.map(\.json)).bytes
        case "uploads": return try ControlRequest.json(log.uploads)
        case "duplicates": return try ControlRequest.json(log.duplicates)
        case "counters": return try ControlRequest.json(counters)
        case "world": return try ControlRequest.json(world)
        default: throw WorldError("There is no oracle \(question.path)")
        }
    }

    /// Switches for tests. `settings` changes limits and features and keeps what is stored.
    mutating func change(_ question: ControlRequest) throws -> [UInt8] {
        switch question.path {
        case "reset": reset()
        case "world": reset(to: try world.changed(by: question.body))
        case "settings":
            let changed = try world.changed(by: question.body)
            set { world in
                world.limits = changed.limits
                world.features = changed.features
                world.latency = changed.latency
            }
        case "faults": inject(try question.faultRules())
        default: throw WorldError("There is no switch \(question.path)")
        }
        return ControlRequest.done
    }
}
