/// In what an engine is known to differ from the others.
package struct StoreDifferences: Sendable {
    /// How far the clock may be set back without a lease beginning in the past. One process alone may stand still for as
    /// long as it likes; of several, those that began later would be ahead of the lease's end.
    package var longestStepBack: Duration

    package init(longestStepBack: Duration = .seconds(3600)) {
        self.longestStepBack = longestStepBack
    }
}
