/// How many decimals amounts of a currency have (ISO 4217, list one).
enum CurrencyDecimals {
    private static let none: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
        "XPF",
    ]
    private static let three: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

    /// Nil for what is no code of a currency.
    static func of(_ code: some StringProtocol) -> Int? {
        let code = code.uppercased()
        guard code.utf8.count == 3 else { return nil }
        return none.contains(code) ? 0 : three.contains(code) ? 3 : 2
    }
}
