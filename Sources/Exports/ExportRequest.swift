package import SyncCore

/// What somebody wants exported.
package struct ExportRequest: Sendable, Hashable {
    /// A table or view of `ExportCatalog`.
    package var table: String
    /// What the file is called; the table unless told.
    package var name: String?
    package var format: ExportFormat
    /// Names of columns in their order; empty for all, as they stand in the table. Money may be called as in the file.
    package var columns: [String]
    package var platform: PlatformID?
    /// Nil for all. None has no rows: whoever may see no account.
    package var accounts: [Account]?
    /// The first day, in the account's zone; of moments in UTC.
    package var from: CivilDate?
    /// The last day.
    package var to: CivilDate?
    /// Of moments, exactly: from one on, before another.
    package var since: Instant?
    package var before: Instant?
    /// All of them hold.
    package var filters: [Filter]
    package var sort: Sort
    /// Rows that are alike in these columns are added up; nil for rows as they are. Of the other columns whole numbers
    /// are added, and of texts the last one stays.
    package var groups: [String]?
    /// Not more rows than that, for a page of them.
    package var limit: Int?
    package var offset = 0

    /// An account by its id at its platform: two platforms may have the same.
    package struct Account: Sendable, Hashable {
        package var platform: PlatformID
        package var id: String

        package init(_ platform: PlatformID, _ id: String) {
            self.platform = platform
            self.id = id
        }
    }

    package struct Filter: Sendable, Hashable {
        package enum Relation: Sendable, Hashable {
            /// Texts, whole numbers, days, and `true` and `false`.
            case equals
            /// Texts and JSON, upper and lower case being one.
            case contains
            /// Whole numbers, of money millionths. Where rows are added up the sum counts.
            case atLeast
            case atMost
            /// Any of several texts or whole numbers, with commas between.
            case oneOf
        }
        package var column: String
        package var relation: Relation
        package var text: String

        package init(_ column: String, _ relation: Relation, _ text: String) {
            self.column = column
            self.relation = relation
            self.text = text
        }

        /// Reads `status=ACTIVE` and `name~shirt`; nil for anything else.
        package init?(_ text: String) {
            guard let mark = text.firstIndex(where: { $0 == "=" || $0 == "~" }), mark != text.startIndex else {
                return nil
            }
            self.init(
                String(text[..<mark]), text[mark] == "=" ? .equals : .contains, String(text[text.index(after: mark)...])
            )
        }
    }

    package enum Sort: Sendable, Hashable {
        /// By the table's key: the same rows make the same file.
        case byKey
        /// As the rows lie: the first one comes at once, from however large a table.
        case asStored
        /// By these columns, then by the key.
        case by([Column])

        package struct Column: Sendable, Hashable {
            package var name: String
            package var isDescending: Bool

            package init(_ name: String, isDescending: Bool = false) {
                self.name = name
                self.isDescending = isDescending
            }
        }

        /// Reads `date,-spend_micros` and `none`; nil for nothing.
        package init?(_ text: String) {
            if text == "none" {
                self = .asStored
                return
            }
            let columns = text.split(separator: ",").map { part in
                part.hasPrefix("-") ? Column(String(part.dropFirst()), isDescending: true) : Column(String(part))
            }
            guard !columns.isEmpty else { return nil }
            self = .by(columns)
        }
    }

    package init(
        _ table: String, as format: ExportFormat, columns: [String] = [], platform: PlatformID? = nil,
        accounts: [Account]? = nil, from: CivilDate? = nil, to: CivilDate? = nil, filters: [Filter] = [],
        sort: Sort = .byKey
    ) {
        self.table = table
        self.format = format
        self.columns = columns
        self.platform = platform
        self.accounts = accounts
        self.from = from
        self.to = to
        self.filters = filters
        self.sort = sort
    }
}
