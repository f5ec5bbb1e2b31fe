extension MetaSandbox {
    /// One combination of breakdown values, with its share of every cell.
    struct Segment: Sendable {
        /// `,"age":"25-34"`, ready to append.
        var columns: [UInt8]
        /// Cumulative shares of 1000.
        var low: Int64
        var high: Int64

        private struct Dimension {
            let name: String
            let values: [(String, Int64)]
        }

        private static let dimensions: [Dimension] = [
            Dimension(
                name: "age",
                values: [
                    ("18-24", 210), ("25-34", 350), ("35-44", 220), ("45-54", 120), ("55-64", 60), ("65+", 35),
                    ("Unknown", 5),
                ]),
            Dimension(name: "gender", values: [("female", 610), ("male", 380), ("unknown", 10)]),
            Dimension(name: "country", values: [("VN", 900), ("US", 50), ("SG", 30), ("TH", 20)]),
            Dimension(name: "region", values: [("Hanoi", 400), ("Ho Chi Minh City", 450), ("Da Nang Province", 150)]),
            Dimension(name: "comscore_market", values: [("New York", 500), ("Los Angeles", 500)]),
            Dimension(
                name: "publisher_platform",
                values: [("facebook", 620), ("instagram", 330), ("audience_network", 40), ("messenger", 10)]),
            Dimension(name: "device_platform", values: [("mobile_app", 830), ("mobile_web", 70), ("desktop", 100)]),
            Dimension(
                name: "impression_device",
                values: [("android_smartphone", 560), ("iphone", 340), ("desktop", 80), ("ipad", 20)]),
            Dimension(name: "product_id", values: [("701, Ao dai", 500), ("702, Non la", 300), ("703, Giay", 200)]),
            Dimension(name: "frequency_value", values: [("1", 600), ("2", 250), ("3", 100), ("4", 50)]),
            Dimension(name: "hourly_stats_aggregated_by_advertiser_time_zone", values: hours),
            Dimension(name: "hourly_stats_aggregated_by_audience_time_zone", values: hours),
        ]

        /// Positions depend on the platform, so they come only in pairs with it.
        private static let positions: [(platform: String, position: String, share: Int64)] = [
            ("facebook", "feed", 400), ("facebook", "facebook_reels", 150), ("facebook", "marketplace", 70),
            ("instagram", "feed", 160), ("instagram", "instagram_stories", 90), ("instagram", "instagram_reels", 80),
            ("audience_network", "an_classic", 40), ("messenger", "messenger_inbox", 10),
        ]

        private static let hours: [(String, Int64)] = (0..<24).map { hour in
            let digits = hour < 10 ? "0\(hour)" : "\(hour)"
            return ("\(digits):00:00 - \(digits):59:59", hour < 16 ? 42 : 41)
        }

        /// Breakdowns that the platform knows, whether it combines them or not.
        static let names: Set<String> = [
            "age", "gender", "country", "region", "comscore_market", "publisher_platform", "platform_position",
            "device_platform", "impression_device", "product_id", "frequency_value", "dma",
            "hourly_stats_aggregated_by_advertiser_time_zone", "hourly_stats_aggregated_by_audience_time_zone",
        ]

        private static let combinations: [Set<String>] = [
            ["age"], ["gender"], ["age", "gender"], ["country"], ["region"], ["comscore_market"],
            ["publisher_platform"], ["publisher_platform", "platform_position"],
            ["publisher_platform", "impression_device"],
            ["publisher_platform", "platform_position", "impression_device"], ["device_platform"], ["product_id"],
            ["frequency_value"], ["hourly_stats_aggregated_by_advertiser_time_zone"],
            ["hourly_stats_aggregated_by_audience_time_zone"],
        ]

        /// All segments of a set of breakdowns; one empty segment without any.
        static func all(_ breakdowns: [String]) throws(GraphError) -> [Segment] {
            guard !breakdowns.isEmpty else { return [Segment(columns: [], low: 0, high: 1000)] }
            if breakdowns.contains("dma") {
                throw .parameter("The breakdown dma has been removed; use comscore_market", blame: "breakdowns")
            }
            for name in breakdowns where !names.contains(name) {
                throw .parameter("breakdowns[0] must be one of the following values: age, gender, …", blame: name)
            }
            guard combinations.contains(Set(breakdowns)) else {
                throw GraphError(
                    100, nil,
                    "(#100) Current combination of data breakdown columns (\(breakdowns.joined(separator: ", "))) "
                        + "is invalid")
            }
            var parts: [(text: String, share: Int64)] = [("", 1000)]
            var left = breakdowns
            if left.contains("platform_position") {
                parts = positions.map { item in
                    (
                        ",\"publisher_platform\":\"\(item.platform)\",\"platform_position\":\"\(item.position)\"",
                        item.share
                    )
                }
                left.removeAll { $0 == "publisher_platform" || $0 == "platform_position" }
            }
            for name in left {
                guard let dimension = dimensions.first(where: { $0.name == name }) else { continue }
                parts = parts.flatMap { part in
                    dimension.values.map { value, share in
                        ("\(part.text),\"\(name)\":\"\(value)\"", part.share * share / 1000)
                    }
                }
            }
            return segments(parts)
        }

        /// Cumulative shares; what rounding lost goes to the first.
        private static func segments(_ parts: [(text: String, share: Int64)]) -> [Segment] {
            var low: Int64 = 0
            let missing = 1000 - parts.reduce(0) { $0 + $1.share }
            return parts.enumerated().map { index, part in
                let high = low + part.share + (index == 0 ? missing : 0)
                defer { low = high }
                return Segment(columns: Array(part.text.utf8), low: low, high: high)
            }
        }
    }
}
