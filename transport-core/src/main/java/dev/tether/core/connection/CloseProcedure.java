package dev.tether.core.connection;

import dev.tether.core.CloseReason;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Tells the peer that the connection is closed, again and again with growing pauses until the peer confirms; for three
 * probe timeouts, and for a second at least, so that a moment of congestion does not make the peer wait for its idle
 * timeout. RFC 9000 §10.2.
 */
final class CloseProcedure {

    private static final int LIFETIME_IN_PTO = 3;
    private static final long MIN_LIFETIME_NS = TimeUnit.SECONDS.toNanos(1);

    private final CloseReason reason;
    private final long frameType;
    private final byte[] text;
    private final boolean acknowledging;
    private final long endNs;
    private long nextSendNs;
    private long pauseNs;

    /**
     * Starts.
     *
     * @param frameType the frame for which the transport closes, 0 if none
     * @param acknowledging whether the peer is told what has arrived
     */
    CloseProcedure(CloseReason reason, long frameType, boolean acknowledging, long ptoNs, long nowNs) {
        this.reason = reason;
        this.frameType = frameType;
        this.acknowledging = acknowledging;
        this.text = reason.text().getBytes(StandardCharsets.UTF_8);
        this.pauseNs = ptoNs;
        this.endNs = nowNs + Math.max(LIFETIME_IN_PTO * ptoNs, MIN_LIFETIME_NS);
        this.nextSendNs = nowNs;
    }

    boolean isSendDue(long nowNs) {
        return nowNs >= nextSendNs && nowNs < endNs;
    }

    void write(PacketAssembler assembler, Transmit transmit, long nowNs) {
        assembler.assembleClose(transmit, acknowledging, reason.byApplication(), reason.code(), frameType, text, nowNs);
        nextSendNs = nowNs + pauseNs;
        pauseNs *= 2;
    }

    boolean isOver(long nowNs) {
        return nowNs >= endNs;
    }

    long timeoutNs() {
        return Math.min(nextSendNs, endNs);
    }
}
