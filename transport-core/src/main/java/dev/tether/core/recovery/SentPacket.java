package dev.tether.core.recovery;

import dev.tether.core.frame.FrameRecord;
import java.util.Arrays;

/**
 * What is remembered of one packet that was sent: its number, size and time, and the frames that it carried, so that they
 * can be sent again if it is lost. The content is a list of opaque quadruples whose meaning belongs to the layers above.
 *
 * <p>Instances are slots of a ring and are reused for later packets: a reference is valid during the call that hands it
 * out (or, for {@link LossRecovery#beginPacket}, until {@link LossRecovery#onPacketSent}) and must not be kept. Not
 * thread-safe.
 */
public final class SentPacket implements FrameRecord {

    /** Where a packet is in its life. */
    enum State {
        /** Being assembled; its number has not been used yet. */
        OPEN,
        /** The number was left out on purpose; an acknowledgment of it is a lie. */
        SKIPPED,
        /** Sent, and neither acknowledged nor given up. */
        OUTSTANDING,
        /** Acknowledged, possibly after it had been given up. */
        ACKED,
        /** Declared lost, and remembered for a while in case its acknowledgment is only late. */
        LOST
    }

    private static final int LONGS_PER_ENTRY = 4;
    private static final long[] NO_CONTENT = {};

    /** A reused slot keeps room for this many entries at most, so that one rare packet does not pin memory for good. */
    private static final int MAX_RETAINED_ENTRIES = 16;

    State state = State.OPEN;
    long packetNumber;
    long sentNs;
    int size;
    boolean ackEliciting;
    boolean inFlight;
    boolean mtuProbe;
    boolean appLimited;
    long deliveredBytesAtSend;
    long deliveredNsAtSend;

    /** Valid while {@link State#LOST}: when it was declared lost, and in which {@link LossEpisode}. */
    long lostNs;

    int lossEpisode;

    /** Valid while {@link State#ACKED}: every number from this packet's up to this one is known to be acknowledged. */
    long ackedRunEnd;

    private long[] content = NO_CONTENT;
    private int contentCount;

    SentPacket() {}

    /** The packet's number. */
    public long packetNumber() {
        return packetNumber;
    }

    /** When it was sent, in nanoseconds. */
    public long sentNs() {
        return sentNs;
    }

    /** The size of the datagram's payload, in bytes, header and tag included. */
    public int size() {
        return size;
    }

    /** Whether the peer has to acknowledge it. */
    public boolean isAckEliciting() {
        return ackEliciting;
    }

    /** Whether it counts toward the bytes in flight (RFC 9002, section 2). */
    public boolean isInFlight() {
        return inFlight;
    }

    /** Whether it is a probe for a larger datagram size. */
    public boolean isMtuProbe() {
        return mtuProbe;
    }

    /** Whether the sender was short of data, rather than of window, when it was sent. */
    public boolean isAppLimited() {
        return appLimited;
    }

    /** How many bytes the peer had acknowledged on this connection when it was sent; the base of a rate sample. */
    public long deliveredBytesAtSend() {
        return deliveredBytesAtSend;
    }

    /** When the last of {@link #deliveredBytesAtSend()} was acknowledged, in nanoseconds. */
    public long deliveredNsAtSend() {
        return deliveredNsAtSend;
    }

    /**
     * Makes this packet a probe for a larger datagram size: losing it says nothing about congestion and is not counted as
     * such (RFC 9000, section 14.4). To be called before the packet is sent.
     */
    public void markMtuProbe() {
        mtuProbe = true;
    }

    /** Records something that this packet carries. The meaning of the four values is the caller's. */
    @Override
    public void addFrame(int kind, long id, long offset, long length) {
        int index = contentCount * LONGS_PER_ENTRY;
        if (index == content.length) {
            content = Arrays.copyOf(content, Math.max(LONGS_PER_ENTRY, 2 * content.length));
        }
        content[index] = kind;
        content[index + 1] = id;
        content[index + 2] = offset;
        content[index + 3] = length;
        contentCount++;
    }

    /** How many entries {@link #addFrame} has recorded. */
    public int contentCount() {
        return contentCount;
    }

    /** The kind of the entry at {@code index}, from 0 to {@link #contentCount()} exclusive. */
    public int contentKind(int index) {
        return (int) content[index * LONGS_PER_ENTRY];
    }

    /** The id of the entry at {@code index}. */
    public long contentId(int index) {
        return content[index * LONGS_PER_ENTRY + 1];
    }

    /** The offset of the entry at {@code index}. */
    public long contentOffset(int index) {
        return content[index * LONGS_PER_ENTRY + 2];
    }

    /** The length of the entry at {@code index}. */
    public long contentLength(int index) {
        return content[index * LONGS_PER_ENTRY + 3];
    }

    /** Makes the slot ready for another packet. */
    void reset(long newPacketNumber, State newState) {
        packetNumber = newPacketNumber;
        state = newState;
        sentNs = 0;
        size = 0;
        ackEliciting = false;
        inFlight = false;
        mtuProbe = false;
        appLimited = false;
        deliveredBytesAtSend = 0;
        deliveredNsAtSend = 0;
        lostNs = 0;
        lossEpisode = 0;
        ackedRunEnd = newPacketNumber;
        contentCount = 0;
        if (content.length > MAX_RETAINED_ENTRIES * LONGS_PER_ENTRY) {
            content = NO_CONTENT;
        }
    }

    @Override
    public String toString() {
        return "SentPacket[" + packetNumber + ' ' + state + ' ' + size + " B]";
    }
}
