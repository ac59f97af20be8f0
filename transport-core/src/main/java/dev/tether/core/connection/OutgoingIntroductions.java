package dev.tether.core.connection;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.frame.IntroductionFrame;
import dev.tether.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The frames of introductions that the peer is to get. Each is kept until it is acknowledged. It is sent again when it was lost, and twice
 * before that can be known: two peers wait for it, on a connection that has been idle, where a loss is found out only by a
 * probe timeout of several round trips. docs/PROTOCOL.md, section 12.1.
 */
final class OutgoingIntroductions {

    /** How many may wait for their acknowledgement; far more than the limits of a gateway let come about. */
    static final int MAX_FRAMES = 64;

    private static final int MAX_COPIES = 3;

    /** The pause after the first copy; the one after the second is twice as long. */
    private static final long COPY_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final class Unacknowledged {

        private final IntroductionFrame frame;
        private final long number;
        private int copies;
        private boolean due = true;
        private long nextCopyNs = Long.MAX_VALUE;

        Unacknowledged(IntroductionFrame frame, long number) {
            this.frame = frame;
            this.number = number;
        }
    }

    private final List<Unacknowledged> unacknowledged = new ArrayList<>(0);
    private long last;

    /** Takes a frame; false if too many wait. */
    boolean offer(IntroductionFrame frame) {
        if (unacknowledged.size() == MAX_FRAMES) {
            return false;
        }
        unacknowledged.add(new Unacknowledged(frame, ++last));
        return true;
    }

    boolean isDue() {
        for (int i = 0; i < unacknowledged.size(); i++) {
            if (unacknowledged.get(i).due) {
                return true;
            }
        }
        return false;
    }

    /** When another copy becomes due. */
    long timeoutNs() {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < unacknowledged.size(); i++) {
            next = Math.min(next, unacknowledged.get(i).nextCopyNs);
        }
        return next;
    }

    void onTimeout(long nowNs) {
        for (int i = 0; i < unacknowledged.size(); i++) {
            Unacknowledged next = unacknowledged.get(i);
            if (next.nextCopyNs <= nowNs) {
                next.due = true;
                next.nextCopyNs = Long.MAX_VALUE;
            }
        }
    }

    /** Writes what is due, as far as there is room; returns whether anything was written. */
    boolean write(WireWriter out, FrameRecord record, long nowNs) {
        boolean wrote = false;
        for (int i = 0; i < unacknowledged.size(); i++) {
            Unacknowledged next = unacknowledged.get(i);
            if (next.due && out.remaining() >= FrameWriter.introductionSize(next.frame)) {
                FrameWriter.writeIntroduction(out, next.frame);
                record.addFrame(FrameType.INTRODUCE, next.number, 0, 0);
                next.due = false;
                next.copies++;
                next.nextCopyNs = next.copies < MAX_COPIES ? nowNs + next.copies * COPY_PAUSE_NS : Long.MAX_VALUE;
                wrote = true;
            }
        }
        return wrote;
    }

    void onAcked(long number) {
        unacknowledged.removeIf(frame -> frame.number == number);
    }

    void onLost(long number) {
        for (int i = 0; i < unacknowledged.size(); i++) {
            if (unacknowledged.get(i).number == number) {
                unacknowledged.get(i).due = true;
            }
        }
    }
}
