import SyncCore

extension MetaSandbox {
    /// Answers one read: the world at a moment, seen through one token. It changes nothing but what the
    /// platform remembers of pages that it served.
    struct Reader {
        let view: View
        let request: Request
        let grant: Grant
        /// Decides what is left to chance in this call.
        let chance: UInt64
        var flaws = Flaws()
        var scans = ScanMemo()
        /// Outcome for oracles and latency.
        var rows = 0
        var listing: String?
        /// Wall time that the call takes beyond the usual, in microseconds.
        var work: Int64 = 0

        /// Lent, not copied: a world is a big thing.
        var world: MetaWorld {
            _read { yield view.model.world }
        }

        /// What a fault rule makes of an answer that is otherwise right.
        struct Flaws: Sendable {
            var duplicatesRow = false
            var shortPage = false
            var emptyPage = false
            var looseTypes = false
        }

        init(view: View, request: Request, grant: Grant, chance: UInt64) {
            self.view = view
            self.request = request
            self.grant = grant
            self.chance = chance
        }

        /// Limits of the account's node, or an error: unknown to the world, or closed to the token.
        func checkAccess(_ node: Node, id: String) throws(GraphError) {
            guard view.exists(node) else { throw .missing(id) }
            guard let account = node.account else { return }
            guard !view.account(account).spec.isForbidden else {
                throw GraphError(
                    200, nil,
                    "(#200) Ad account owner has NOT granted ads_management or ads_read permission", status: 403)
            }
            try need("ads_read", or: "ads_management")
        }

        func need(_ scope: String, or other: String? = nil) throws(GraphError) {
            if grant.scopes.contains(scope) || other.map(grant.scopes.contains) == true { return }
            throw GraphError(
                200, nil, "(#200) Requires \(scope) permission to manage the object", status: 403)
        }

        /// `GET /{id}`.
        mutating func node(_ node: Node) throws(GraphError) -> Answer {
            let fields = try Field.parse(request.params["fields"])
            let isHeavy = fields.contains { $0.name == "creative" && $0.children.count > 1 }
            if isHeavy { work += 3000 }
            return Answer(finished(try object(node, fields)))
        }

        /// `GET /?ids=`: one object per id; a missing one fails the whole call unless the world says else.
        mutating func multiGet(_ ids: [String]) throws(GraphError) -> Answer {
            guard ids.count <= 50 else { throw .parameter("Too many ids: at most 50 may be requested", blame: "ids") }
            let fields = try Field.parse(request.params["fields"])
            var members: [(key: String, value: JSON)] = []
            for id in ids {
                guard let node = view.node(id), view.exists(node) else {
                    if world.reading.failsOnMissingID { throw .missing(id) }
                    continue
                }
                try checkAccess(node, id: id)
                members.append((id, try object(node, fields)))
                rows += 1
            }
            return Answer(finished(.object(members)))
        }

        /// `GET /{id}/{edge}`.
        mutating func edge(_ name: String, of node: Node, id: String) throws(GraphError) -> Answer {
            if name == "insights" { return try insights(of: node, id: id) }
            let fields = try Field.parse(request.params["fields"])
            let page = try edge(name, of: node, fields: fields, params: request.params, depth: 0)
            guard let page else { throw .missing("\(id)/\(name)") }
            return Answer(finished(page))
        }

        func finished(_ json: JSON) -> JSON { flaws.looseTypes ? json.loosened : json }

        // MARK: Values

        /// `2024-01-01T10:00:00+0700`, in the zone of an account, or UTC without one.
        func time(_ seconds: Int64, _ account: Int?) -> JSON {
            if request.params["date_format"] == "U" { return .int(seconds) }
            let offset = account.map { view.account($0).zone.offset(at: seconds) } ?? 0
            let local = seconds + offset
            let day = Int32(truncatingIfNeeded: local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
            let inDay = local - Int64(day) * 86_400
            var out = ByteWriter(capacity: 32)
            out.day(day)
            let isOdd = Mix.strikes(world.reading.oddDatetimes, Mix.hash(chance, 71))
            out.byte(isOdd ? 0x74 : 0x54)
            out.twoDigits(Int(inDay / 3600))
            out.byte(0x3A)
            out.twoDigits(Int(inDay / 60 % 60))
            out.byte(0x3A)
            out.twoDigits(Int(inDay % 60))
            out.byte(isOdd ? 0x20 : offset < 0 ? 0x2D : 0x2B)
            out.twoDigits(Int(abs(offset) / 3600))
            out.twoDigits(Int(abs(offset) / 60 % 60))
            return .text(String(decoding: out.bytes(), as: UTF8.self))
        }

        /// `since` and `until` of edges: seconds since 1970 or a day.
        func moment(_ text: String?) -> Int64? {
            guard let text else { return nil }
            return Int64(text) ?? CivilDate(text).map { Int64($0.daysSince1970) * 86_400 }
        }
    }
}
