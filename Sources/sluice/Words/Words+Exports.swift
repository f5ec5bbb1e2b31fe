import Wording

/// What `export` says with numbers in it.
extension Words {
    func exported(_ rows: Int, of table: String, to path: String) -> String {
        pick(
            "\(count(rows, "row", "")) of \(table) \(rows == 1 ? "is" : "are") in \(path).",
            "\(number(rows)) dòng của \(table) đã nằm trong \(path).")
    }

    func shortened(_ cells: Int) -> String {
        pick(
            "\(count(cells, "text", "")) longer than a cell of Excel takes "
                + "\(cells == 1 ? "was" : "were") cut; CSV and JSON Lines have \(cells == 1 ? "it" : "them") whole.",
            "\(number(cells)) đoạn chữ dài hơn một ô Excel chứa được đã bị cắt; CSV và JSON Lines giữ nguyên.")
    }
}
