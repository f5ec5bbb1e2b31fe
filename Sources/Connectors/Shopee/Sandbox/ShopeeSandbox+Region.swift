import SyncCore

extension ShopeeSandbox {
    /// What a shop's region decides (platforms.md 1.6, 1.8). Zones have no daylight saving.
    struct Region: Sendable {
        let code: String
        let currency: String
        /// Seconds east of UTC.
        let offset: Int64
        /// Decimals of the currency; dong have none.
        let places: Int
        /// Smallest daily budget but 0, which is unlimited, in smallest units of the currency.
        let leastBudget: Int64
        /// What a click costs, in smallest units.
        let clickPrice: Int64

        /// "9999999999 means unlimited" in advice about budgets.
        static let mostBudget: Int64 = 9_999_999_999

        init?(_ code: String) {
            let row: (currency: String, hours: Int64, places: Int, leastBudget: Int64, clickPrice: Int64)
            switch code {
            case "VN": row = ("VND", 7, 0, 100_000, 620)
            case "TH": row = ("THB", 7, 2, 5_000, 180)
            case "ID": row = ("IDR", 7, 2, 2_500_000, 45_000)
            case "SG": row = ("SGD", 8, 2, 500, 9)
            case "MY": row = ("MYR", 8, 2, 500, 14)
            case "PH": row = ("PHP", 8, 2, 5_000, 190)
            case "TW": row = ("TWD", 8, 2, 10_000, 260)
            case "BR": row = ("BRL", -3, 2, 1_000, 21)
            default: return nil
            }
            self.code = code
            currency = row.currency
            offset = row.hours * 3600
            places = row.places
            leastBudget = row.leastBudget
            clickPrice = row.clickPrice
        }

        /// Smallest units in one unit of the currency.
        var units: Int64 { places == 0 ? 1 : 100 }
        /// Millionths of the currency in a smallest unit.
        var micros: Int64 { places == 0 ? 1_000_000 : 10_000 }
    }

    /// A shop's own time at one moment.
    struct ShopClock: Sendable {
        let today: Int32
        /// The hour that is running.
        let hour: Int
        /// Quarters of the running hour that reports know, 0 to 3.
        let quarters: Int64
        let attributionDays: Int32

        init(_ region: Region, attributionDays: Int, seconds: Int64) {
            let local = seconds + region.offset
            today = Int32(truncatingIfNeeded: local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
            let inDay = local - Int64(today) * 86_400
            hour = Int(inDay / 3600)
            quarters = inDay % 3600 / 900
            self.attributionDays = Int32(attributionDays)
        }

        /// Hours since the first hour of 1970 in the shop's zone.
        var hours: Int64 { Int64(today) * 24 + Int64(hour) }
    }
}

extension ShopeeSandbox {
    /// `05-11-2025` and nothing else (platforms.md 1.12).
    static func day(_ text: String) -> Int32? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[2] == 0x2D, bytes[5] == 0x2D else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard let day = number(0..<2), let month = number(3..<5), let year = number(6..<10) else { return nil }
        return CivilDate(year: year, month: month, day: day)?.daysSince1970
    }

    static func text(_ day: Int32) -> String {
        var out = ByteWriter(capacity: 64)
        out.shopDay(day)
        return String(decoding: out.bytes(), as: UTF8.self)
    }
}

extension ByteWriter {
    /// `05-11-2025` of a day counted from 1970.
    mutating func shopDay(_ day: Int32) {
        let (year, month, date) = CivilDate(daysSince1970: day).parts
        twoDigits(date)
        byte(0x2D)
        twoDigits(month)
        byte(0x2D)
        integer(Int64(year))
    }

    /// The shortest decimal with at least one place, as a float is written: `12.5`, `21600.0`.
    mutating func float(_ value: Int64, places: Int) {
        var value = value
        var places = places
        while places > 1, value % 10 == 0 {
            value /= 10
            places -= 1
        }
        guard places > 0 else {
            integer(value)
            literal(".0")
            return
        }
        decimal(value, places: places)
    }
}
