import SyncTestKit
import Testing

extension StoreExercise: CustomTestStringConvertible {
    public var testDescription: String { sentence }
}

/// Every exercise on every engine.
@Suite("Store exercises")
struct ExerciseTests {
    @Test("Claiming", arguments: Backend.available, ClaimExercises.all)
    func claiming(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Leases", arguments: Backend.available, LeaseExercises.all)
    func leases(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Outcomes", arguments: Backend.available, OutcomeExercises.all)
    func outcomes(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Steps", arguments: Backend.available, StepExercises.all)
    func steps(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Replacing", arguments: Backend.available, ReplaceExercises.all)
    func replacing(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Certificates", arguments: Backend.available, CertificateExercises.all)
    func certificates(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Notices", arguments: Backend.available, NoticeExercises.all)
    func notices(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Digests", arguments: Backend.available, DigestExercises.all)
    func digests(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Coverage", arguments: Backend.available, CoverageExercises.all)
    func coverage(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Jobs", arguments: Backend.available, JobExercises.all)
    func jobs(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Sharing", arguments: Backend.shared, SharingExercises.all)
    func sharing(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Pausing", arguments: Backend.available, PauseExercises.all)
    func pausing(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Orders", arguments: Backend.available, WorkOrderExercises.all)
    func orders(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Looking", arguments: Backend.available, LookingExercises.all)
    func looking(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Work of a platform", arguments: Backend.available, PlatformWorkExercises.all)
    func platformWork(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("People", arguments: Backend.available, PeopleExercises.all)
    func people(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Prices", arguments: Backend.available, PriceExercises.all)
    func prices(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Connections", arguments: Backend.available, ConnectionExercises.all)
    func connections(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Values", arguments: Backend.available, ValueExercises.all)
    func values(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Shared state", arguments: Backend.available, SharedStateExercises.all)
    func sharedState(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Health", arguments: Backend.available, HealthExercises.all)
    func health(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Outbox", arguments: Backend.available, OutboxExercises.all)
    func outbox(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }

    @Test("Schedules", arguments: Backend.available, ScheduleExercises.all)
    func schedules(backend: Backend, exercise: StoreExercise) async throws {
        try await backend.withScene(exercise.run)
    }
}
