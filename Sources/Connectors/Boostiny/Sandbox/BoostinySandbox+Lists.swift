import SyncCore

extension BoostinySandbox {
    /// One page of all rows, with `pagination` in whole numbers (platforms.md 5.3).
    func page<T>(
        of all: [T], _ visit: Visit, summary: SandboxJSON? = nil, _ row: (T) -> SandboxJSON
    ) -> Answer {
        let asked = visit.query["limit"].flatMap(Int.init) ?? world.reading.perPage
        let size = min(max(1, asked), world.reading.mostPerPage)
        let page = max(1, visit.query["page"].flatMap(Int.init) ?? 1)
        let (start, isBeyond) = (page - 1).multipliedReportingOverflow(by: size)
        let from = isBeyond ? all.count : min(all.count, start)
        let until = min(all.count, from + size)
        var rows = all[from..<until].map(row)
        if visit.repeatsRow, let first = rows.first { rows.insert(first, at: 0) }
        let pagination = SandboxJSON.object([
            ("total", .int(Int64(all.count))), ("perPage", .int(Int64(size))), ("currentPage", .int(Int64(page))),
        ])
        var members: [(key: String, value: SandboxJSON)] = []
        if let summary { members.append(("summary", summary)) }
        members += [("data", .list(rows)), ("pagination", pagination)]
        return Answer(json: .object([("payload", .object(members))]), rows: rows.count)
    }

    /// Programmes that have begun.
    func campaignPage(_ visit: Visit) -> Answer {
        page(of: listedCampaigns(visit.today), visit) { campaignRow($0, visit.today) }
    }

    func couponPage(_ visit: Visit) -> Answer {
        page(of: listedCoupons(visit.today), visit) { couponRow($0.campaign, $0.coupon, visit.today) }
    }

    func listedCampaigns(_ today: Int32) -> [Campaign] { campaigns.filter { $0.first <= today } }

    func listedCoupons(_ today: Int32) -> [(campaign: Campaign, coupon: Coupon)] {
        listedCampaigns(today).flatMap { campaign in
            campaign.coupons.filter { $0.first <= today }.map { (campaign, $0) }
        }
    }

    /// A campaign with its coupons and payouts (5.5). Its id is a number here.
    private func campaignRow(_ campaign: Campaign, _ today: Int32) -> SandboxJSON {
        let hasDetails = campaign.seed & 3 != 0
        let name = campaign.name(on: today)
        return .object([
            ("id", .int(campaign.id)), ("name", .text(name)), ("campaign_type", .text("coupon")),
            ("status", .text(campaign.isActive ? "active" : "paused")),
            ("logo", hasDetails ? .text(logo(campaign)) : .null),
            ("category", hasDetails ? .text("Fashion") : .null),
            ("campaign_manager", hasDetails ? .text("N. N.") : .null),
            ("advertiser", advertiser(campaign)),
            (
                "campaign_description",
                .object([
                    ("description", .text("<p>\(name)</p>")), ("promotion", .null), ("dos_and_donts", .null),
                    ("creatives", .null), ("website_url", .text("https://shop-\(campaign.id).example")),
                ])
            ),
            (
                "targetCountries",
                .list(campaign.countries.map { .object([("name", .text(Self.countryNames[$0] ?? $0))]) })
            ),
            (
                "tracking_link_details",
                .object([("tracking_links", .list([.object([("url", .text(link(campaign)))])]))])
            ),
            (
                "coupons",
                .list(
                    campaign.coupons.filter { $0.first <= today }.map { coupon in
                        .object([
                            ("coupon", .text(coupon.code)), ("countries", .list(campaign.countries.map { .text($0) })),
                            ("start_date", day(coupon.first)), ("ad_set", .null), ("account_manager", .null),
                        ])
                    })
            ),
            ("payouts", .list([payout(campaign)])),
        ])
    }

    private func payout(_ campaign: Campaign) -> SandboxJSON {
        let condition = SandboxJSON.object([
            ("dimension", .text("country")), ("operation", .text("contains")),
            ("value", .list(campaign.countries.map { .text($0) })),
        ])
        let group = SandboxJSON.object([
            ("id", .int(campaign.id % 7 + 1)), ("priority", .int(1)), ("type", .text("sale-share")),
            ("value", .text(Self.decimal(campaign.payout, places: 1))), ("capping", .null),
            ("product_categories", .list([])), ("coupons", .list([])), ("conditions", .list([condition])),
        ])
        return .object([
            ("model", .text("cps")), ("level", .text("campaign")), ("is_global", .bool(true)),
            ("start_date", day(campaign.first)), ("end_date", .null), ("groups", .list([group])),
        ])
    }

    private func couponRow(_ campaign: Campaign, _ coupon: Coupon, _ today: Int32) -> SandboxJSON {
        .object([
            ("id", .int(coupon.id)), ("campaign_id", .int(campaign.id)),
            ("campaign_name", .text(campaign.name(on: today))), (world.reading.couponKey, .text(coupon.code)),
            ("countries", .list(campaign.countries.map { .text($0) })), ("start_date", day(coupon.first)),
            ("end_date", coupon.last == .max ? .null : day(coupon.last)), ("ad_set", .null),
            ("account_manager", .null), ("advertiser", advertiser(campaign)),
        ])
    }

    private func advertiser(_ campaign: Campaign) -> SandboxJSON {
        .object([("name", .text("\(campaign.name) LLC")), ("logo", .text(logo(campaign)))])
    }

    /// Countries of coupons and conditions are codes, those of campaigns names (5.5).
    private static let countryNames = [
        "SA": "Saudi Arabia", "AE": "United Arab Emirates", "KW": "Kuwait", "EG": "Egypt", "QA": "Qatar",
    ]

    func logo(_ campaign: Campaign) -> String { "https://cdn.example/\(campaign.id).png" }
    func link(_ campaign: Campaign) -> String { "https://track.example/\(campaign.id)" }
    private func day(_ day: Int32) -> SandboxJSON { .text(CivilDate(daysSince1970: day).description) }

    /// A decimal without needless zeros: `22.2`, `8`.
    static func decimal(_ value: Int64, places: Int) -> String {
        var text = fixed(value, places: places)
        while text.hasSuffix("0"), text.contains(".") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// A decimal with all its places: `88.10`.
    static func fixed(_ value: Int64, places: Int) -> String {
        var out = ByteWriter(capacity: 64)
        out.decimal(value, places: places)
        return String(decoding: out.bytes(), as: UTF8.self)
    }
}
