import Wording

extension Words {
    /// SLUICE_LANG, else the locale of the environment; English when neither is Vietnamese.
    static let current: Words = {
        let chosen = ["SLUICE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(Console.variable).first ?? ""
        return Words(language: chosen.hasPrefix("vi") ? .vietnamese : .english)
    }()
}

/// A sentence of the glossary in the user's language.
func said(_ english: String) -> String { Words.current.said(english) }
