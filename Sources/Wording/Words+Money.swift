import SyncCore

/// Money, shares and times of day, as people of both languages write them (ui.md 10).
extension Words {
    /// ISO 4217's code for none.
    private static let noCurrency = String(repeating: "X", count: 3)

    /// Digits behind the point that a currency has; two where nothing else is known.
    package static func decimals(of currency: String) -> Int {
        switch currency {
        case "VND", "JPY", "KRW", "CLP", "ISK", "XAF", "XOF", "XPF", "UGX", "PYG", "RWF", "VUV", "GNF", "KMF", "DJF":
            0
        case "BHD", "KWD", "OMR", "JOD", "TND", "LYD", "IQD": 3
        default: 2
        }
    }

    /// `48,312,500 ₫`, `$412.86`; `412,86 US$`. Rounded to the currency's digits, half away from zero.
    package func money(_ micros: Int64, _ currency: String) -> String {
        let places = Words.decimals(of: currency)
        let digits = fixed(micros, places: places)
        switch currency {
        case "VND": return "\(digits) ₫"
        case "USD": return language == .english ? signed(digits, "$") : "\(digits) US$"
        case "EUR": return language == .english ? signed(digits, "€") : "\(digits) €"
        case "", Words.noCurrency: return digits
        default: return language == .english ? "\(currency) \(digits)" : "\(digits) \(currency)"
        }
    }

    /// `−$3.00`: the sign stands before the mark.
    private func signed(_ digits: String, _ mark: String) -> String {
        digits.hasPrefix("−") ? "−\(mark)\(digits.dropFirst())" : mark + digits
    }

    private func fixed(_ micros: Int64, places: Int) -> String {
        let unit: Int64 = [1_000_000, 100_000, 10_000, 1_000][places]
        let rounded = (abs(micros) + unit / 2) / unit
        let scale: Int64 = [1, 10, 100, 1_000][places]
        let whole = number(Int(rounded / scale))
        let sign = micros < 0 && rounded > 0 ? "−" : ""
        guard places > 0 else { return sign + whole }
        let rest = String(rounded % scale)
        return sign + whole + pick(".", ",") + String(repeating: "0", count: places - rest.count) + rest
    }

    /// `36M ₫`, `36 tr ₫`: for scales of charts.
    package func shortMoney(_ micros: Int64, _ currency: String) -> String {
        let whole = Double(micros) / 1_000_000
        let short: String
        switch abs(whole) {
        case 1_000_000_000...: short = decimal(whole / 1_000_000_000) + pick("B", " tỷ")
        case 1_000_000...:
            short =
                (abs(whole) < 9_950_000 ? rate(whole / 1_000_000) : decimal(whole / 1_000_000, places: 0))
                + pick("M", " tr")
        case 10_000...: short = decimal(whole / 1_000, places: 0) + pick("k", " nghìn")
        default: return money(micros, currency)
        }
        switch currency {
        case "VND": return "\(short) ₫"
        case "USD": return language == .english ? "$\(short)" : "\(short) US$"
        default: return "\(short) \(currency)"
        }
    }

    /// One place behind the point where there is something: `52.8`, `30`.
    package func rate(_ value: Double) -> String { decimal(value, places: value == value.rounded() ? 0 : 1) }

    /// `94.0 %`, `94,0 %`.
    package func percent(_ share: Double, places: Int = 0) -> String { "\(decimal(share * 100, places: places)) %" }

    /// `+6 %`; nil when there is nothing to compare with.
    package func change(_ now: Int64, from before: Int64) -> String? {
        guard before > 0 else { return nil }
        let share = Int((Double(now - before) / Double(before) * 100).rounded())
        return (share < 0 ? "−\(number(-share))" : "+\(number(share))") + " %"
    }
}
