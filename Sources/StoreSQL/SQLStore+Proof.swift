package import SyncCore

extension SQLStore {
    package func sums(
        _ schema: StreamSchema, account: String, days: DayRange, by column: String?, of entities: EntitySet?
    ) async throws -> [Totals.Place: StoredSum] {
        try await read {
            try DataCounts(transaction: $0).sums(schema, account: account, days: days, by: column, of: entities)
        }
    }

    package func counts(
        _ schema: StreamSchema, account: String, by moment: String, in spans: [(from: Instant, before: Instant)]
    ) async throws -> [Int] {
        try await read { transaction in
            try spans.map { span in
                try DataCounts(transaction: transaction)
                    .count(schema, account: account, by: moment, from: span.from, before: span.before)
            }
        }
    }

    package func certificates(account: AccountID, days: DayRange?, limit: Int) async throws -> [Certificate] {
        try await read {
            try CertificateTable(transaction: $0).certificates(account: account, days: days, limit: limit)
        }
    }

    package func proofCount(account: AccountID) async throws -> ProofCount {
        try await read { try CertificateTable(transaction: $0).count(account: account) }
    }
}
