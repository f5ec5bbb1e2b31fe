import SyncCore

extension AdmitadSandbox {
    /// Coupons that a caller's parameters leave (platforms.md 4.6). A website sees those of programmes that it is
    /// connected to.
    func matching(_ call: SandboxCall, isForWebsite: Bool) throws(Refusal) -> [ProgramCatalog.Coupon] {
        let campaigns = Set(call.values("campaign"))
        let categories = Set(call.values("category"))
        let programCategories = Set(call.values("campaign_category"))
        let types = Set(call.values("type"))
        let regions = Set(call.values("region"))
        let first = try AdmitadDate.day(call, "date_start")
        let last = try AdmitadDate.day(call, "date_end")
        return catalog.coupons.filter { coupon in
            let program = catalog.programs[coupon.program]
            if isForWebsite, program.connection != "active" { return false }
            if !campaigns.isEmpty, !campaigns.contains(String(program.id)) { return false }
            let category = ProgramCatalog.categories[coupon.category]
            if !categories.isEmpty, !categories.contains(String(category.0)) { return false }
            let programCategory = String(catalog.category(of: program).0)
            if !programCategories.isEmpty, !programCategories.contains(programCategory) { return false }
            // All of them are discounts.
            if !types.isEmpty, !types.contains("1") { return false }
            if !regions.isEmpty, !regions.contains(catalog.region(of: coupon)) { return false }
            if let language = call["language"], language != catalog.language(of: coupon) { return false }
            if let text = call["search"]?.lowercased() {
                guard catalog.name(of: coupon).lowercased().contains(text) else { return false }
            }
            if let first, coupon.first < first { return false }
            if let last, let end = coupon.last, end > last { return false }
            return true
        }
    }

    func sorted(
        _ coupons: [ProgramCatalog.Coupon], _ orders: [String]
    ) throws(Refusal) -> [ProgramCatalog.Coupon] {
        let orders = orders.map(SortOrder.init).filter {
            ["name", "rating", "date_start", "date_end"].contains($0.name)
        }
        func compared(_ left: String, _ right: String) -> Int { left < right ? -1 : left > right ? 1 : 0 }
        return coupons.sorted { left, right in
            for order in orders {
                let step: Int =
                    switch order.name {
                    case "rating": left.rating - right.rating
                    case "date_start": left.first.days(since: right.first)
                    case "date_end": (left.last ?? left.first).days(since: right.last ?? right.first)
                    default: compared(catalog.name(of: left), catalog.name(of: right))
                    }
                if step != 0 { return (step < 0) != order.isDescending }
            }
            return left.id < right.id
        }
    }
}

/// One `order_by`: a name, with a minus for the other direction.
struct SortOrder {
    let name: String
    let isDescending: Bool

    init(_ text: String) {
        isDescending = text.hasPrefix("-")
        name = isDescending ? String(text.dropFirst()) : text
    }
}

/// Dates of parameters: `dd.mm.yyyy`, and with ` HH:MM:SS` for moments; nothing else (platforms.md 4.3, 4.8).
enum AdmitadDate {
    static func day(_ call: SandboxCall, _ name: String) throws(AdmitadSandbox.Refusal) -> CivilDate? {
        guard let text = call[name] else { return nil }
        guard text.utf8.count == 10, let day = parse(text[...]) else {
            throw .request("\(name): the date must be dd.mm.yyyy")
        }
        return day
    }

    /// Seconds of the platform's own clock.
    static func moment(_ call: SandboxCall, _ name: String) throws(AdmitadSandbox.Refusal) -> Int64? {
        guard let text = call[name] else { return nil }
        let halves = text.split(separator: " ", omittingEmptySubsequences: false)
        let time = halves.count == 2 ? halves[1].split(separator: ":", omittingEmptySubsequences: false) : []
        guard text.utf8.count == 19, time.count == 3, let day = parse(halves[0]),
            let hour = number(time[0], 2), let minute = number(time[1], 2), let second = number(time[2], 2),
            hour < 24, minute < 60, second < 60
        else { throw .request("\(name): the time must be dd.mm.yyyy HH:MM:SS") }
        return Int64(day.daysSince1970) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    private static func parse(_ text: Substring) -> CivilDate? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let day = number(parts[0], 2), let month = number(parts[1], 2),
            let year = number(parts[2], 4)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    private static func number(_ digits: Substring, _ width: Int) -> Int? {
        guard digits.utf8.count == width, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
