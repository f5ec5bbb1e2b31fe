import SyncCore

extension AdmitadSandbox.ProgramCatalog {
    typealias Action = AdmitadSandbox.Action

    func conversionTime(of action: Action) -> Int64 { 60 + Int64(Mix.below(40_000, Mix.hash(action.chance, 70))) }

    /// The day from which a conversion should not change any more; some do.
    func closingDay(of action: Action) -> CivilDate {
        NaiveTime.day(of: action.happened + world.actions.utcOffset).adding(days: programs[action.program].hold)
    }

    /// What a conversion has under the name of a parameter.
    func value(_ name: String, of action: Action) -> String? {
        func strikes(_ share: Int, _ salt: Int) -> Bool { Mix.strikes(share, Mix.hash(action.chance, salt)) }
        return switch name {
        case "website": String(websiteID(action.website))
        case "campaign": String(programs[action.program].id)
        case "action_id": String(action.id)
        case "action": action.isLead ? "Registration" : actionName(programs[action.program])
        case "processed": action.step.isProcessed ? "1" : "0"
        case "paid": action.step.isPaid ? "1" : "0"
        case "subid": strikes(800, 71) ? "u\(Mix.below(40, Mix.hash(action.chance, 72)))" : nil
        case "subid1": strikes(300, 73) ? "s\(action.chance % 5)" : nil
        case "keyword": strikes(100, 74) ? "khuyến mãi \(action.chance % 3)" : nil
        case "source": strikes(100, 74) ? (action.chance % 2 == 0 ? "g" : "y") : nil
        default: nil
        }
    }

    /// A row of `/statistics/actions/` (platforms.md 4.4).
    func row(_ action: Action) -> SandboxJSON {
        let program = programs[action.program]
        let knobs = world.actions
        let step = action.step
        func strikes(_ share: Int, _ salt: Int) -> Bool { Mix.strikes(share, Mix.hash(action.chance, salt)) }
        func text(_ name: String) -> SandboxJSON { value(name, of: action).map { .text($0) } ?? .null }
        let separator = strikes(knobs.isoTimes, 75) ? "T" : " "
        func time(_ seconds: Int64) -> SandboxJSON {
            .text(NaiveTime.text(seconds + knobs.utcOffset, separator: separator))
        }
        let isOdd = step.status == .pending && strikes(knobs.oddStatuses, 76)
        let conversion = conversionTime(of: action)
        let closing = Int64(closingDay(of: action).daysSince1970) * 86_400
        var members: [(key: String, value: SandboxJSON)] = [
            ("action_id", .int(Int64(action.id))), ("status", .text(isOdd ? "on_hold" : step.status.rawValue)),
            ("action", text("action")), ("action_type", .text(action.isLead ? "lead" : "sale")),
            ("advcampaign_id", .int(Int64(program.id))), ("advcampaign_name", .text(program.name)),
            ("website_id", .int(Int64(websiteID(action.website)))),
            ("website_name", .text(websiteName(action.website))),
            ("order_id", .text("ORD-\(action.id % 1_000_000)")),
            ("cart", money(step.cart, strikes(knobs.textMoney, 77))),
            ("payment", money(step.payment, strikes(knobs.textMoney, 78))), ("currency", .text(program.currency)),
            ("promocode", strikes(200, 79) ? .text("SAVE\(action.chance % 90)") : .null),
            ("action_date", time(action.happened)), ("click_date", time(action.happened - conversion)),
            ("closing_date", .text(NaiveTime.text(closing, separator: separator))), ("status_updated", time(step.at)),
            ("conversion_time", .int(conversion)), ("processed", .int(step.isProcessed ? 1 : 0)),
            ("paid", .int(step.isPaid ? 1 : 0)), ("tariff_id", .int(Int64(program.id % 97))), ("banner_id", .int(0)),
            ("comment", step.status == .declined ? .text("Order cancelled by the customer") : .null),
            ("keyword", text("keyword")),
            ("click_user_referer", strikes(500, 80) ? .text("https://blog.example/p/\(action.chance % 99)") : .null),
            ("subid", text("subid")), ("subid1", text("subid1")), ("subid2", .null), ("subid3", .null),
            ("subid4", .null), ("positions", .list([])),
        ]
        if let name = world.reading.surpriseField { members.append((name, .text("new"))) }
        return .object(members)
    }

    /// Millionths as a decimal: a number or a string.
    func money(_ micros: Int64?, _ isText: Bool) -> SandboxJSON {
        guard let micros else { return .null }
        let places = micros % 10_000 == 0 ? 2 : 4
        var out = ByteWriter()
        out.decimal(micros / (places == 2 ? 10_000 : 100), places: places)
        let digits = String(decoding: out.bytes(), as: UTF8.self)
        return isText ? .text(digits) : .number(digits)
    }
}
