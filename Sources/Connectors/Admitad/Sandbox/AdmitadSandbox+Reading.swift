import SyncCore

extension AdmitadSandbox {
    /// Everything that is read (platforms.md 4.3 to 4.6).
    mutating func read(
        _ call: SandboxCall, _ scopes: Set<String>, _ kinds: Set<AdmitadWorld.Fault>, at now: Instant
    ) throws(Refusal) -> SandboxJSON {
        func need(_ scope: String) throws(Refusal) {
            guard scopes.contains(scope) else { throw .scopeMissing(scope) }
        }
        let isForWebsite = call.path.contains("website")
        let found: Found?
        switch call.path.first ?? "" {
        case "statistics" where call.path.count == 2:
            try need("statistics")
            return try statistics(call.path[1], call, kinds, at: now)
        case "advcampaigns":
            try need(isForWebsite ? "advcampaigns_for_website" : "advcampaigns")
            found = try programs(call)
        case "coupons" where call.path.count >= 2 && call.path[1] == "categories":
            try need("public_data")
            found = categories(call)
        case "coupons":
            try need(isForWebsite ? "coupons_for_website" : "coupons")
            found = try coupons(call, at: now)
        case "websites":
            try need("websites")
            found = websites(call)
        case "me" where call.path.count == 1:
            try need("private_data")
            found = Found(single: me)
        default: found = try others(call, scopes, at: now)
        }
        guard let found else { throw .notFound }
        return found.single ?? envelope(found.rows, call, kinds)
    }

    private var me: SandboxJSON {
        .object([
            ("id", .int(9_100_017)), ("username", .text("sluice-publisher")), ("first_name", .text("Lan")),
            ("last_name", .text("Nguyễn")), ("country", .text("VN")), ("language", .text("en")),
        ])
    }

    /// A page of rows as lists answer it: limits out of 1...500 mean 20 (platforms.md 4.3).
    func envelope(_ rows: [SandboxJSON], _ call: SandboxCall, _ kinds: Set<AdmitadWorld.Fault>) -> SandboxJSON {
        let (limit, offset) = page(call)
        let slice = served(rows.dropFirst(offset).prefix(limit), kinds)
        return envelope(Array(slice), count: rows.count, limit, offset)
    }

    func envelope(_ rows: [SandboxJSON], count: Int, _ limit: Int, _ offset: Int) -> SandboxJSON {
        .object([
            ("results", .list(rows)),
            (
                "_meta",
                .object([("count", .int(Int64(count))), ("limit", .int(Int64(limit))), ("offset", .int(Int64(offset)))])
            ),
        ])
    }

    func page(_ call: SandboxCall) -> (limit: Int, offset: Int) {
        let knobs = world.reading
        let limit = call.int("limit") ?? knobs.defaultLimit
        return ((1...knobs.mostLimit).contains(limit) ? limit : knobs.defaultLimit, max(0, call.int("offset") ?? 0))
    }

    func served<Row>(_ rows: ArraySlice<Row>, _ kinds: Set<AdmitadWorld.Fault>) -> ArraySlice<Row> {
        if kinds.contains(.emptyPage) { return [] }
        return kinds.contains(.shortPage) ? rows.prefix(max(1, rows.count / 2)) : rows
    }

    /// What a path leads to: a list, or one thing that is answered bare.
    struct Found {
        var rows: [SandboxJSON] = []
        var single: SandboxJSON?
    }

    private func programs(_ call: SandboxCall) throws(Refusal) -> Found? {
        var list = catalog.programs
        var isForWebsite = false
        switch call.path.count {
        case 1:
            isForWebsite = call["website"] != nil
            if isForWebsite, !catalog.isWebsite(call["website"]) { throw .request("Unknown website") }
        case 2:
            guard let program = catalog.program(call.path[1]) else { return nil }
            return Found(single: catalog.row(program, withConnection: false))
        case 3 where call.path[1] == "website":
            guard catalog.isWebsite(call.path[2]) else { return nil }
            isForWebsite = true
        case 4 where call.path[2] == "website":
            guard let program = catalog.program(call.path[1]), catalog.isWebsite(call.path[3]) else { return nil }
            return Found(single: catalog.row(program, withConnection: true))
        default: return nil
        }
        if isForWebsite, let status = call["connection_status"] { list.removeAll { $0.connection != status } }
        let tools = Set(call.values("has_tool"))
        let traffics = Set(call.values("traffic_id"))
        if !traffics.isEmpty { list.removeAll { _ in traffics.isDisjoint(with: ["1", "2"]) } }
        if !tools.isEmpty { list.removeAll { tools.isDisjoint(with: catalog.tools(of: $0)) } }
        return Found(rows: list.map { catalog.row($0, withConnection: isForWebsite) })
    }

    private func coupons(_ call: SandboxCall, at now: Instant) throws(Refusal) -> Found? {
        var website: String?
        switch call.path.count {
        case 1: break
        case 3 where call.path[1] == "website" && catalog.isWebsite(call.path[2]): website = call.path[2]
        case 2, 4:
            if call.path.count == 4 {
                guard call.path[2] == "website", catalog.isWebsite(call.path[3]) else { return nil }
                website = call.path[3]
            }
            let one = catalog.coupons.first { String($0.id) == call.path[1] }
            return one.map { Found(single: catalog.row($0, website: website, at: now)) }
        default: return nil
        }
        let list = try sorted(try matching(call, isForWebsite: website != nil), call.values("order_by"))
        return Found(rows: list.map { catalog.row($0, website: website, at: now) })
    }

    private func categories(_ call: SandboxCall) -> Found? {
        let rows = ProgramCatalog.categories.map { category in
            SandboxJSON.object([
                ("id", .int(Int64(category.0))), ("name", .text(category.1)), ("language", .text("en")),
            ])
        }
        guard call.path.count > 2 else { return Found(rows: rows) }
        let index = ProgramCatalog.categories.firstIndex { String($0.0) == call.path[2] }
        return call.path.count == 3 ? index.map { Found(single: rows[$0]) } : nil
    }

    private func websites(_ call: SandboxCall) -> Found? {
        let all = (0..<world.programs.websites).map { index -> SandboxJSON in
            .object([
                ("id", .int(Int64(catalog.websiteID(index)))), ("name", .text(catalog.websiteName(index))),
                ("kind", .text("website")), ("status", .text("active")),
                ("site_url", .text("https://\(catalog.websiteName(index)).example/")), ("language", .text("en")),
                ("regions", .list([.text("VN")])), ("categories", .list([])), ("adservice", .null),
                ("creation_date", .text("2023-02-01T09:00:00")), ("description", .text("Sandbox")),
                ("is_old", .bool(false)), ("mailing_targeting", .bool(false)), ("validation_passed", .bool(true)),
                ("verification_code", .text("sandbox\(index)")),
            ])
        }
        switch call.path.count {
        case 1: return Found(rows: ["active", nil].contains(call["status"]) ? all : [])
        case 2:
            let index = (0..<all.count).first { String(catalog.websiteID($0)) == call.path[1] }
            return index.map { Found(single: all[$0]) }
        default: return nil
        }
    }
}
