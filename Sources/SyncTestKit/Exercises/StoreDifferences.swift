/// In what an engine is known to differ from the others.
package struct StoreDifferences: Sendable {
    /// How far the clock may be set back without a lease beginning in the past. One process alone may stand still for
    /// as long as it likes; of several, those that began later would be ahead of the lease's end.
    package var longestStepBack: Duration

    /// Whether a text may hold U+0000; it becomes U+FFFD where it may not.
    package var holdsNull: Bool

    package init(longestStepBack: Duration = .seconds(3600), holdsNull: Bool = true) {
        self.longestStepBack = longestStepBack
        self.holdsNull = holdsNull
    }
}
