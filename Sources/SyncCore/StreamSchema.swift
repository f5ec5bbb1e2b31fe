/// One kind of rows of a platform, described once. From it come the tables of both databases, the row
/// reader, the upsert, the exports and the documentation (design.md, section 5).
package struct StreamSchema: Sendable, Hashable {
    package let platform: PlatformID
    package let id: StreamID
    /// The stage under which progress is shown; several streams may share one.
    package let stage: String
    /// What one row is about.
    package let grain: Grain
    /// In table order. The first column is always `account_id`; `extra` and `synced_at` come last and
    /// are not listed here.
    package let columns: [Column]
    /// Names of the columns that make a row unique, `account_id` first.
    package let key: [String]
    /// One sentence for the documentation.
    package let summary: String
    /// Top-level keys of a row that are dropped on purpose and never kept in `extra` (secrets, noise).
    package let ignored: [String]
    /// What the stream adds to `ad_performance_daily`; nil for nothing.
    package let performance: Performance?
    /// How many months back the platform has days of this stream; nil for as many as it offers.
    package let retentionMonths: Int?
    /// When days are read again, for a stream of days.
    package let reread: RereadSchedule
    /// It has a table; what goes on to other platforms has none.
    package let isStored: Bool
    /// It changes something at the platform: it is synced only where it is named, and its connector sees which rows of
    /// it are stored.
    package let isActing: Bool
    /// It tells what the credential's user reaches, so accounts of one user have the same rows: the key is the account
    /// and an id.
    package let isShared: Bool
    /// Views over its rows and those of other streams of the platform.
    package let views: [DerivedView]
    /// What of it the platform's own totals tell; nil where they tell nothing.
    package let proof: ProofColumns?

    package enum Grain: String, Sendable, Hashable, Codable, CaseIterable {
        /// A thing with an id; the newest state is kept.
        case entity
        /// Numbers of one day; has a `date` column. A re-read replaces the day.
        case daily
        /// Something that happened at an instant and may still be edited.
        case event
    }

    /// The columns of a stream of campaigns by day that mean the same on every platform; nil for what it does not have.
    /// Of money all are in millionths of the row's currency, or of the account's.
    package struct Performance: Sendable, Hashable {
        package var campaign: String
        package var impressions: String?
        package var clicks: String?
        package var cost: String?
        /// Nil where each row is an order.
        package var orders: String?
        package var revenue: String
        package var currency: String?
        /// Which rows count, in SQL that both engines read; nil for all.
        package var condition: String?

        package init(
            campaign: String, impressions: String? = nil, clicks: String? = nil, cost: String? = nil,
            orders: String? = nil, revenue: String, currency: String? = nil, condition: String? = nil
        ) {
            self.campaign = campaign
            self.impressions = impressions
            self.clicks = clicks
            self.cost = cost
            self.orders = orders
            self.revenue = revenue
            self.currency = currency
            self.condition = condition
        }

        package var columns: [String] {
            [campaign, revenue] + [impressions, clicks, cost, orders, currency].compactMap(\.self)
        }
    }

    package init(
        platform: PlatformID, id: StreamID, stage: String, grain: Grain, columns: [Column], key: [String],
        summary: String, ignored: [String] = [], performance: Performance? = nil, retentionMonths: Int? = nil,
        reread: RereadSchedule = RereadSchedule(), isStored: Bool = true,
        isActing: Bool = false, isShared: Bool = false, views: [DerivedView] = [], proof: ProofColumns? = nil
    ) {
        precondition(columns.first?.name == "account_id" && key.first == "account_id", "\(id): account_id first")
        precondition(
            (key + (performance?.columns ?? [])).allSatisfy { name in columns.contains { $0.name == name } },
            "\(id): unknown column")
        precondition(performance == nil || grain == .daily, "\(id): performance is of days")
        precondition(!isShared || key.count == 2, "\(id): the account and an id")
        precondition(
            (Array(proof?.columns.values ?? [:].values) + (proof?.path ?? [])).allSatisfy { name in
                columns.contains { $0.name == name }
            }, "\(id): unknown column")
        self.platform = platform
        self.id = id
        self.stage = stage
        self.grain = grain
        self.columns = columns
        self.key = key
        self.summary = summary
        self.ignored = ignored
        self.performance = performance
        self.retentionMonths = retentionMonths
        self.reread = reread
        self.isStored = isStored
        self.isActing = isActing
        self.isShared = isShared
        self.views = views
        self.proof = proof
    }

    package var table: String { "\(platform)_\(id)" }

    package func column(_ name: String) -> Column? { columns.first { $0.name == name } }

    /// Positions of the key columns in `columns`.
    package var keyPositions: [Int] { key.compactMap { name in columns.firstIndex { $0.name == name } } }
}

package struct Column: Sendable, Hashable {
    package let name: String
    package let type: ColumnType
    package let source: Source
    /// What it means, with its unit where it has one; for the documentation.
    package let summary: String
    /// How the platform writes it.
    package let form: Form

    package enum Source: Sendable, Hashable {
        /// A dotted path in the row: `creative.id`. A step `actions[action_type=a|b]` picks, from a list of
        /// objects, the first whose member equals `a`, else the first that equals `b`.
        case path(String)
        /// The same in the object that holds the list of rows, where answers nest them: `campaign_id` of its days.
        case above(String)
        /// A constant of the read, given with each page: the account, the page.
        case context
    }

    package enum Form: Sendable, Hashable {
        /// As `ColumnType` says.
        case usual
        /// A date as `21-11-2026` or `21.11.2026`.
        case dayFirst
        /// An instant that is 0 where there is none.
        case zeroIsNone
    }

    package init(
        _ name: String, _ type: ColumnType, _ path: String, _ summary: String = "", form: Form = .usual
    ) {
        self.init(name, type, .path(path), summary, form)
    }

    package init(_ name: String, _ type: ColumnType, above path: String, _ summary: String = "") {
        self.init(name, type, .above(path), summary, .usual)
    }

    package init(context name: String, _ type: ColumnType, _ summary: String = "") {
        self.init(name, type, .context, summary, .usual)
    }

    private init(_ name: String, _ type: ColumnType, _ source: Source, _ summary: String, _ form: Form) {
        precondition(form != .dayFirst || type == .date, "\(name): the form of a date")
        precondition(form != .zeroIsNone || type == .instant, "\(name): the form of an instant")
        self.name = name
        self.type = type
        self.source = source
        self.summary = summary
        self.form = form
    }
}

/// How a value is stored, and how strictly it is read. A number may arrive as a JSON string and a text as
/// a JSON number. A value that does not fit leaves its column NULL and is kept in `extra`.
package enum ColumnType: String, Sendable, Hashable, Codable, CaseIterable {
    /// TEXT; ids of any length.
    case text
    /// BIGINT; `3.0` is accepted, `3.5` is not.
    case integer
    /// DOUBLE PRECISION, for ratios only, never for money.
    case real
    case boolean
    /// DATE, `2026-11-21`; of a moment the day that is written in it.
    case date
    /// A UTC instant, read from ISO 8601 with any offset form (`+0700`, `+07:00`, `Z`, none for UTC) or unix
    /// seconds.
    case instant
    /// BIGINT in millionths of the currency, read exactly from a decimal number in major units.
    case money
    /// The same, read from an integer number of the currency's minor units.
    case minorMoney = "minor_money"
    /// A list or an object, kept as compact JSON text.
    case json
}
