import SyncCore

extension FolkFormSandbox {
    mutating func serve(_ call: SandboxCall, _ moment: inout Moment) throws(Refusal) -> SandboxJSON {
        guard call.path.starts(with: ["api", "v1"]) else { throw .unknownRoute(call) }
        let path = Array(call.path.dropFirst(2))
        if path.first == "auth" { return try account(path, call, moment) }
        let user = try gate.user(call, at: moment.now)
        let role = try gate.role(call, of: user)
        moment.organization = role.organization
        if path == ["cio", "ingest"], call.method == "POST", world.features.cioIngest {
            return try ingest(call, role, moment)
        }
        guard let (name, rest) = collection(path), let verb = rest.first else { throw .unknownRoute(call) }
        let argument = rest.count > 1 ? rest[1] : nil
        guard rest.count <= 2 else { throw .unknownRoute(call) }
        if let answer = try special(name, verb, argument, call, role, moment) { return answer }
        guard let permission = Self.permissions["\(call.method) \(verb)"] else { throw .unknownRoute(call) }
        try need(permission, on: name, role)
        let crud = Crud(name: name, argument: argument, moment: moment)
        return try serve(verb, crud, call)
    }

    func need(_ permission: String, on name: String, _ role: FolkFormWorld.Auth.Role) throws(Refusal) {
        let wanted = "\(store[name].model).\(permission)"
        guard role.permissions?.contains(wanted) ?? true else { throw .permission(wanted) }
    }

    /// The longest collection that a path begins with, and the rest of the path.
    private func collection(_ path: [String]) -> (name: String, rest: [String])? {
        for count in [2, 1] where path.count > count {
            let name = path.prefix(count).joined(separator: "/")
            if store.shelves[name] != nil { return (name, Array(path.dropFirst(count))) }
        }
        return nil
    }

    /// `/auth/...`, which needs no role.
    private mutating func account(
        _ path: [String], _ call: SandboxCall, _ moment: Moment
    ) throws(Refusal) -> SandboxJSON {
        if call.method == "POST", path == ["auth", "login", "firebase"] {
            return Self.success(try gate.login(try body(call)))
        }
        let user = try gate.user(call, at: moment.now)
        switch (call.method, path) {
        case ("GET", ["auth", "roles"]): return Self.success(gate.roles(of: user))
        case ("GET", ["auth", "profile"]):
            return Self.success(.object([("id", .text("65c000000000000000000001")), ("name", .text("Sandbox"))]))
        case ("POST", ["auth", "logout"]):
            gate.logout(call)
            return Self.success(.null)
        default: throw .unknownRoute(call)
        }
    }

    /// The body as an object.
    func body(_ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        guard let json = SandboxJSON(parsing: call.body), case .object = json else { throw .badJSON }
        return json
    }

    private static let permissions = [
        "POST insert-one": "Insert", "POST insert-many": "Insert", "GET find": "Read", "GET find-one": "Read",
        "GET find-by-id": "Read", "GET find-with-pagination": "Read", "GET count": "Read", "GET distinct": "Read",
        "GET exists": "Read", "POST find-by-ids": "Read", "PUT update-one": "Update", "PUT update-many": "Update",
        "PUT update-by-id": "Update", "PUT find-one-and-update": "Update", "DELETE delete-one": "Delete",
        "DELETE delete-many": "Delete", "DELETE delete-by-id": "Delete", "DELETE find-one-and-delete": "Delete",
        "POST upsert-one": "Update", "POST upsert-many": "Update",
    ]
}
