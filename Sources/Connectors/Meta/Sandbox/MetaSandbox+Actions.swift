extension MetaSandbox.Renderer {
    /// A count or an amount with its values by attribution window.
    struct Attributed {
        var value: Int64
        var click1: Int64
        var click7: Int64
        var click28: Int64
        var view1: Int64

        /// All of it within a day of a click: what happens on the platform itself.
        init(clicked value: Int64) {
            self.init(value: value, click1: value, click7: value, click28: value, view1: 0)
        }

        init(value: Int64, click1: Int64, click7: Int64, click28: Int64, view1: Int64) {
            self.value = value
            self.click1 = click1
            self.click7 = click7
            self.click28 = click28
            self.view1 = view1
        }
    }

    private func pixel(_ cell: MetaSandbox.Cell) -> Attributed {
        Attributed(
            value: cell.pixel, click1: cell.day1, click7: cell.day7, click28: cell.day28, view1: cell.viewed)
    }

    private func pixelWorth(_ cell: MetaSandbox.Cell) -> Attributed {
        Attributed(
            value: cell.worthPixel, click1: cell.worth1, click7: cell.worth7, click28: cell.worth28,
            view1: cell.worthViewed)
    }

    private func everywhere(_ off: Attributed, _ on: Int64) -> Attributed {
        Attributed(
            value: off.value + on, click1: off.click1 + on, click7: off.click7 + on, click28: off.click28 + on,
            view1: off.view1)
    }

    /// Writes a list of actions; false, with nothing written, when it is empty: the platform omits it.
    func actions(_ kind: MetaSandbox.Column.Kind, _ cell: MetaSandbox.Cell, _ out: inout ByteWriter)
        -> Bool
    {
        let start = out.count
        out.byte(0x5B)
        let empty = out.count
        let off = pixel(cell)
        let offWorth = pixelWorth(cell)
        switch kind {
        case .actions:
            let engaged = cell.linkClicks + cell.reactions + cell.comments
            item("link_click", .init(clicked: cell.linkClicks), &out)
            item("post_engagement", .init(clicked: engaged), &out)
            item("page_engagement", .init(clicked: engaged), &out)
            item("post_reaction", .init(clicked: cell.reactions), &out)
            item("comment", .init(clicked: cell.comments), &out)
            item("landing_page_view", .init(clicked: cell.landings), &out)
            item("offsite_conversion.fb_pixel_purchase", off, &out)
            item("onsite_conversion.purchase", .init(clicked: cell.onsite), &out)
            item("purchase", everywhere(off, cell.onsite), &out)
            item("omni_purchase", everywhere(off, cell.onsite), &out)
        case .actionValues:
            item("offsite_conversion.fb_pixel_purchase", offWorth, isMoney: true, &out)
            item("onsite_conversion.purchase", .init(clicked: cell.worthOnsite), isMoney: true, &out)
            item("purchase", everywhere(offWorth, cell.worthOnsite), isMoney: true, &out)
            item("omni_purchase", everywhere(offWorth, cell.worthOnsite), isMoney: true, &out)
        case .costPerAction:
            price("link_click", cell.spend, cell.linkClicks, &out)
            price("omni_purchase", cell.spend, cell.pixel + cell.onsite, &out)
        case .roas: returns("omni_purchase", cell.worthPixel + cell.worthOnsite, cell.spend, &out)
        case .websiteRoas: returns("offsite_conversion.fb_pixel_purchase", cell.worthPixel, cell.spend, &out)
        case .outbound: item("outbound_click", .init(clicked: cell.linkClicks * 9 / 10), &out)
        case .plays: item("video_view", .init(clicked: cell.plays), &out)
        case .conversions: item("onsite_conversion.purchase", .init(clicked: cell.onsite), &out)
        case .worth: item("onsite_conversion.purchase", .init(clicked: cell.worthOnsite), isMoney: true, &out)
        case .results: results(cell, &out)
        default: break
        }
        guard out.count > empty else {
            out.cut(to: start)
            return false
        }
        out.byte(0x5D)
        return true
    }

    private func open(_ type: StaticString, _ out: inout ByteWriter) {
        if !out.endsList { out.byte(0x2C) }
        out.literal("{\"action_type\":\"")
        out.literal(type)
        out.literal("\",\"value\":\"")
    }

    /// One action with its windows; nothing when there is none of it. With action breakdowns an action
    /// comes in two parts, so that summing it up is what the caller has to do.
    private func item(
        _ type: StaticString, _ amount: Attributed, isMoney: Bool = false, _ out: inout ByteWriter
    ) {
        guard amount.value > 0 || amount.click28 > 0 else { return }
        guard let first = actionBreakdowns.first else { return whole(type, amount, isMoney, nil, &out) }
        let unit = isMoney ? account.minor : 1
        var small = amount
        small.value = amount.value / unit / 3 * unit
        small.click1 = amount.click1 / unit / 3 * unit
        small.click7 = amount.click7 / unit / 3 * unit
        small.click28 = amount.click28 / unit / 3 * unit
        small.view1 = amount.view1 / unit / 3 * unit
        let large = Attributed(
            value: amount.value - small.value, click1: amount.click1 - small.click1,
            click7: amount.click7 - small.click7, click28: amount.click28 - small.click28,
            view1: amount.view1 - small.view1)
        whole(type, large, isMoney, "\(first)\":\"1", &out)
        if small.value > 0 { whole(type, small, isMoney, "\(first)\":\"2", &out) }
    }

    private func whole(
        _ type: StaticString, _ amount: Attributed, _ isMoney: Bool, _ part: String?,
        _ out: inout ByteWriter
    ) {
        open(type, &out)
        number(amount.value, isMoney, &out)
        out.byte(0x22)
        for window in windows {
            let value: Int64
            switch window {
            case .click1: value = amount.click1
            case .click7: value = amount.click7
            case .click28: value = amount.click28
            case .view1: value = amount.view1
            }
            guard value > 0 else { continue }
            switch window {
            case .click1: out.literal(",\"1d_click\":\"")
            case .click7: out.literal(",\"7d_click\":\"")
            case .click28: out.literal(",\"28d_click\":\"")
            case .view1: out.literal(",\"1d_view\":\"")
            }
            number(value, isMoney, &out)
            out.byte(0x22)
        }
        if let part {
            out.literal(",\"")
            out.append(Array(part.utf8))
            out.byte(0x22)
        }
        out.byte(0x7D)
    }

    private func number(_ value: Int64, _ isMoney: Bool, _ out: inout ByteWriter) {
        if isMoney { money(value, &out) } else { out.integer(value) }
    }

    private func price(
        _ type: StaticString, _ spend: Int64, _ count: Int64, _ out: inout ByteWriter
    ) {
        guard count > 0, spend > 0 else { return }
        open(type, &out)
        out.decimal(spend / count, places: 6)
        out.literal("\"}")
    }

    private func returns(
        _ type: StaticString, _ worth: Int64, _ spend: Int64, _ out: inout ByteWriter
    ) {
        guard worth > 0, spend > 0 else { return }
        open(type, &out)
        out.decimal(ratio(worth, 1_000_000, spend), places: 6)
        out.literal("\"}")
    }

    private func results(_ cell: MetaSandbox.Cell, _ out: inout ByteWriter) {
        guard cell.pixel > 0 else { return }
        out.literal("{\"indicator\":\"actions:offsite_conversion.fb_pixel_purchase\",\"values\":[{\"value\":\"")
        out.integer(cell.pixel)
        out.literal("\",\"attribution_windows\":[\"default\"]}]}")
    }
}
