import SyncCore

extension PancakeSandbox {
    /// The user's own API: pages, and tokens for them (platforms.md 2.1, 2.2).
    mutating func user(_ call: SandboxCall) throws(Refusal) -> SandboxJSON {
        switch (call.method, call.path.count) {
        case ("GET", 3): return listing
        case ("POST", 5) where call.path[4] == "generate_page_access_token":
            guard let page = world.pages.firstIndex(where: { $0.id == call.path[3] }), tokens.isAdmin[page] else {
                throw tokens.notAdmin
            }
            tally.regenerations[call.path[3], default: 0] += 1
            return .object([("success", .bool(true)), ("page_access_token", .text(tokens.regenerate(page)))])
        default: throw .notFound
        }
    }

    private var listing: SandboxJSON {
        func rows(_ pages: [PancakeWorld.Page]) -> SandboxJSON {
            .list(
                pages.map { page in
                    .object([
                        ("id", .text(page.id)), ("name", .text(page.name)), ("username", .text(page.username)),
                        ("platform", .text(page.platform)), ("is_activated", .bool(page.isActivated)),
                    ])
                })
        }
        guard !world.reading.listsPagesFlat else {
            return .object([("success", .bool(true)), ("pages", rows(world.pages))])
        }
        let on = world.pages.filter(\.isActivated)
        return .object([
            ("success", .bool(true)),
            (
                "categorized",
                .object([
                    ("activated", rows(on)), ("inactivated", rows(world.pages.filter { !$0.isActivated })),
                    ("activated_page_ids", .list(on.map { .text($0.id) })),
                ])
            ),
        ])
    }
}
