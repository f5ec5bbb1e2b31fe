import Testing

/// The real binary as processes over real files and real HTTP. One test after another: each starts processes of
/// its own, and side by side they would only wait for each other.
@Suite("The program", .serialized, .timeLimit(.minutes(5)))
enum SystemTests {}
