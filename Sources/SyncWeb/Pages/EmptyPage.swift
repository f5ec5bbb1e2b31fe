import ConnectorKit
import SyncCore
import Wording

/// `empty.mustache`: nothing is connected yet.
struct EmptyPage: Sendable {
    var grid: Grid
    var drawing: Drawing
    var platforms: [Offer]
    var demo: Post?

    struct Drawing: Sendable {
        var width: String
        var rows: [Row]
    }

    struct Row: Sendable {
        var y: String
        var cells: Shapes.Cells
    }

    struct Offer: Sendable {
        var mark: String
        var name: String
        var about: String
        var href: String
    }

    static func make(_ platforms: [Platform], _ words: Words) -> EmptyPage {
        let spec: [(queued: Int, running: Int, settled: Int, fresh: Int)] = [
            (14, 2, 9, 6), (11, 3, 12, 5), (16, 3, 7, 5),
        ]
        let rows = spec.enumerated().map { index, row in
            let states =
                [CoverageState](repeating: .queued, count: row.queued) + Array(repeating: .running, count: row.running)
                + Array(repeating: .settled, count: row.settled) + Array(repeating: .fresh, count: row.fresh)
            return Row(y: "\(index * 25)", cells: Shapes.cells(states, .large))
        }
        return EmptyPage(
            grid: Grid(.large, 31), drawing: Drawing(width: rows[0].cells.width, rows: rows),
            platforms: platforms.filter { $0.receives == nil }.map { platform in
                Offer(
                    mark: String(platform.name.prefix(1)), name: platform.name, about: about(platform.id, words),
                    href: "/connect/\(platform.id)")
            }, demo: nil)
    }

    private static func about(_ platform: PlatformID, _ words: Words) -> String {
        switch platform.rawValue {
        case "meta": words.pick("Campaigns, ads, numbers, posts", "Chiến dịch, quảng cáo, số liệu, bài viết")
        case "shopee": words.pick("Campaigns, daily and hourly numbers", "Chiến dịch, số theo ngày và theo giờ")
        case "pancake": words.pick("Conversations, on to FolkForm", "Hội thoại, chuyển sang FolkForm")
        case "admitad": words.pick("Programmes, coupons, actions", "Chương trình, mã giảm giá, hành động")
        case "boostiny": words.pick("Campaigns, coupons, performance", "Chiến dịch, mã giảm giá, hiệu quả")
        default: ""
        }
    }
}
