extension Engine {
    package struct Options: Sendable {
        /// Most calls in flight in this process, over all accounts.
        package var workers: Int
        /// Names this process in leases.
        package var name: String
        package var lease: Duration
        /// Often enough that a cancel from elsewhere is noticed within five seconds.
        package var renewEvery: Duration
        package var rescueEvery: Duration
        /// How often jobs are looked for that somebody else has stored.
        package var planEvery: Duration
        /// The longest pause between two looks at the queue.
        package var poll: Duration
        /// Stays when the database is full or may not be written, and goes on when that is over: for a process that
        /// nobody watches.
        package var outlastsTrouble: Bool
        /// Starts what schedules plan, in turn with other processes: for one that works for everybody, and not only for
        /// the account that a person waits for.
        package var keepsSchedules: Bool

        package init(
            workers: Int = 32, name: String, lease: Duration = .seconds(45), renewEvery: Duration = .seconds(4),
            rescueEvery: Duration = .seconds(10), planEvery: Duration = .seconds(10), poll: Duration = .seconds(1),
            outlastsTrouble: Bool = false, keepsSchedules: Bool = false
        ) {
            self.workers = workers
            self.name = name
            self.lease = lease
            self.renewEvery = renewEvery
            self.rescueEvery = rescueEvery
            self.planEvery = planEvery
            self.poll = poll
            self.outlastsTrouble = outlastsTrouble
            self.keepsSchedules = keepsSchedules
        }
    }
}
