package dev.tether.core.recovery;

/** What the expiry of the loss detection timer calls for (RFC 9002, appendix A.9). */
public enum TimeoutOutcome {
    /** The timer had not expired. */
    NONE,
    /** Packets were declared lost; they have been reported. */
    LOSS_DETECTED,
    /** {@link LossRecovery#pendingProbes()} ack-eliciting packets are to be sent, whatever the congestion window. */
    PROBE
}
