import SyncCore

extension AdmitadSandbox.ProgramCatalog {
    /// A programme as `/advcampaigns/` has it; `connection` is there when a website is asked about.
    func row(_ program: Program, withConnection: Bool) -> SandboxJSON {
        var members = core(program)
        if withConnection {
            members.append(("connection_status", .text(program.connection)))
            let link = "https://ad.sandbox.example/g/\(program.id)/"
            members.append(("gotolink", program.connection == "active" ? .text(link) : .null))
        }
        return .object(members + rest(program))
    }

    private func core(_ program: Program) -> [(key: String, value: SandboxJSON)] {
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(program.chance, salt)) }
        let category = category(of: program)
        let hundredths = { (value: Int) in SandboxJSON.number("\(value / 100).\(value / 10 % 10)\(value % 10)") }
        let tools = Set(tools(of: program))
        return [
            ("id", .int(Int64(program.id))), ("name", .text(program.name)),
            ("site_url", .text("https://shop-\(program.id).example/")), ("status", .text("active")),
            ("currency", .text(program.currency)), ("rating", .text("\(pick(41, 5)).\(pick(42, 10))")),
            ("ecpc", hundredths(pick(43, 300))), ("epc", hundredths(pick(44, 300))), ("cr", hundredths(pick(45, 500))),
            ("ecpc_trend", .text("\(pick(46, 3) - 1)")), ("epc_trend", .text("\(pick(47, 3) - 1)")),
            ("cr_trend", .text("\(pick(48, 3) - 1)")),
            ("image", .text("https://cdn.sandbox.example/\(program.id).png")),
            ("description", .text("<p>\(program.name)</p>")), ("raw_description", .text(program.name)),
            ("regions", .list(Self.regions.prefix(1 + pick(49, 4)).map { .object([("region", .text($0))]) })),
            ("categories", .list([categoryRow(category)])), ("traffics", .list([traffic(1, true), traffic(2, false)])),
            ("actions", .list([actionRow(program)])),
            (
                "actions_detail",
                .list([
                    .object([
                        ("id", .int(Int64(program.id * 10))), ("name", .text(actionName(program))),
                        ("type", .text("sale")), ("hold_size", .int(Int64(program.hold))),
                        ("tariffs", .list([tariff(program)])),
                    ])
                ])
            ),
            ("avg_hold_time", pick(50, 4) == 0 ? .null : .int(Int64(program.hold))),
            ("max_hold_time", .int(Int64(program.hold + 10))),
            ("avg_money_transfer_time", .int(Int64(10 + pick(51, 60)))),
            ("goto_cookie_lifetime", .int(30)), ("allow_deeplink", .bool(tools.contains("deeplink"))),
        ]
    }

    private func rest(_ program: Program) -> [(key: String, value: SandboxJSON)] {
        func pick(_ salt: Int, _ bound: Int) -> Int { Mix.below(bound, Mix.hash(program.chance, salt)) }
        let hasProducts = tools(of: program).contains("products")
        let feed = "https://export.sandbox.example/\(program.id)"
        let date = NaiveTime.text(Int64(world.anchor.daysSince1970 - 400 - Int32(pick(60, 900))) * 86_400 + 36_000)
        return [
            ("show_products_links", .bool(hasProducts)),
            ("products_xml_link", hasProducts ? .text(feed + ".xml") : .null),
            ("products_csv_link", hasProducts ? .text(feed + ".csv") : .null), ("feeds_info", .list([])),
            ("exclusive", .bool(pick(61, 9) == 0)), ("moderation", .bool(pick(62, 3) == 0)),
            ("geotargeting", .bool(false)), ("coupon_iframe_denied", .bool(false)), ("denynewwms", .bool(false)),
            ("retag", .bool(pick(63, 4) == 0)), ("activation_date", .text(date)), ("modified_date", .text(date)),
            ("action_countries", .list([])), ("allow_actions_all_countries", .bool(true)), ("actions_limit", .null),
            ("actions_limit_24", .null), ("action_testing_limit", .null), ("landing_code", .null),
            ("landing_title", .null), ("mobile_os", .null), ("mobile_os_type", .null), ("mobile_device_type", .null),
            ("rate_of_approve", .text("\(50 + pick(64, 50)).\(pick(65, 10))")),
        ]
    }

    func actionName(_ program: Program) -> String { program.id % 2 == 0 ? "Paid order" : "Confirmed order" }

    private func categoryRow(_ category: (Int, String)) -> SandboxJSON {
        .object([
            ("id", .int(Int64(category.0))), ("name", .text(category.1)), ("parent", .null), ("language", .text("en")),
        ])
    }

    private func traffic(_ id: Int, _ isEnabled: Bool) -> SandboxJSON {
        .object([
            ("id", .int(Int64(id))), ("name", .text(id == 1 ? "Cashback" : "PopUp")), ("enabled", .bool(isEnabled)),
            ("type", .text("web")),
        ])
    }

    private func actionRow(_ program: Program) -> SandboxJSON {
        .object([
            ("id", .int(Int64(program.id * 10))), ("name", .text(actionName(program))), ("type", .text("sale")),
            ("payment_size", .text("\(program.rate / 10).\(program.rate % 10)%")),
            ("hold_time", .int(Int64(program.hold))),
        ])
    }

    private func tariff(_ program: Program) -> SandboxJSON {
        .object([
            ("id", .int(Int64(program.id % 97))), ("name", .text("Base")), ("action_id", .int(Int64(program.id * 10))),
            (
                "rates",
                .list([
                    .object([
                        ("size", .text("\(program.rate / 10).\(program.rate % 10)0")), ("is_percentage", .bool(true)),
                        ("country", .null), ("price_s", .text("0.00")),
                    ])
                ])
            ),
        ])
    }

    /// A coupon; with its code and link as a website sees it.
    func row(_ coupon: Coupon, website: String?, at now: Instant) -> SandboxJSON {
        let program = programs[coupon.program]
        let end = coupon.last.map { "\($0)T23:59:59" }
        let isOver = coupon.last.map { ($0.daysSince1970 + 1) * 86_400 <= now.seconds } ?? false
        let category = Self.categories[coupon.category]
        var members: [(key: String, value: SandboxJSON)] = [
            ("id", .int(Int64(coupon.id))), ("name", .text(name(of: coupon))),
            ("short_name", .text("\(coupon.percent)%")), ("status", .text(isOver ? "expired" : "active")),
            ("rating", .text("\(coupon.rating / 100).\(coupon.rating / 10 % 10)\(coupon.rating % 10)")),
            (
                "campaign",
                .object([
                    ("id", .int(Int64(program.id))), ("name", .text(program.name)),
                    ("site_url", .text("https://shop-\(program.id).example/")),
                ])
            ),
            ("description", .text("Giảm \(coupon.percent)% cho đơn đầu tiên")),
            ("exclusive", .bool(coupon.id % 7 == 0)),
            ("date_start", .text("\(coupon.first)T00:00:00")), ("date_end", end.map { .text($0) } ?? .null),
            ("regions", .list([.text(region(of: coupon))])), ("language", .text(language(of: coupon))),
            ("discount", .text("\(coupon.percent)%")),
            ("types", .list([.object([("id", .int(1)), ("name", .text("Discount"))])])),
            ("image", .text("//cdn.sandbox.example/c\(coupon.id).jpg")),
            ("species", .text(coupon.isPromocode ? "promocode" : "action")),
            (
                "categories",
                .list([.object([("id", .int(Int64(category.0))), ("name", .text(category.1))])])
            ),
        ]
        if let website {
            members.append(("promocode", coupon.isPromocode ? .text("SAVE\(coupon.id)") : .null))
            let link = "https://ad.sandbox.example/coupon/\(coupon.id)/\(website)/"
            members.append((world.programs.couponLink, .text(link)))
            members.append(("frameset_link", .text(link + "?frameset=1")))
        }
        return .object(members)
    }

    func category(of program: Program) -> (Int, String) {
        Self.categories[Mix.below(5, Mix.hash(program.chance, 40))]
    }

    func name(of coupon: Coupon) -> String { "\(coupon.percent) percent off \(programs[coupon.program].name)" }
    func region(of coupon: Coupon) -> String { Self.regions[Mix.below(4, Mix.hash(coupon.chance, 9))] }
    func language(of coupon: Coupon) -> String { coupon.chance % 2 == 0 ? "en" : "ru" }
}
