package dev.tether.core.recovery;

/**
 * What became of the packets that were sent. Called from within {@link LossRecovery}; an implementation must not call
 * back into it, and must not keep the {@link SentPacket}.
 */
public interface PacketOutcomes {

    /** The peer has received the packet. Called in ascending order of packet numbers within one acknowledgment. */
    void onPacketAcked(SentPacket packet);

    /** The packet is lost; what it carried has to be sent again, in so far as it still matters. */
    void onPacketLost(SentPacket packet);

    /**
     * The peer has received a packet that {@link #onPacketLost} was called for earlier. What it carried has arrived; it
     * need not be sent again.
     */
    void onSpuriousLoss(SentPacket packet);
}
