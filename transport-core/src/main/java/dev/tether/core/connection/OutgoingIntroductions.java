package dev.tether.core.connection;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.frame.IntroductionFrame;
import dev.tether.core.wire.WireWriter;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayDeque;

/** The frames of introductions that the peer is to get. Each is kept until it is acknowledged, and sent again when it is lost. */
final class OutgoingIntroductions {

    /** How many may wait for their acknowledgement; far more than the limits of a gateway let come about. */
    static final int MAX_FRAMES = 64;

    private final LongObjectHashMap<IntroductionFrame> unacknowledged = new LongObjectHashMap<>(4);

    /** The numbers of those that are to be sent, the first one first. */
    private final ArrayDeque<Long> due = new ArrayDeque<>(4);

    private long last;

    /** Takes a frame; false if too many wait. */
    boolean offer(IntroductionFrame frame) {
        if (unacknowledged.size() == MAX_FRAMES) {
            return false;
        }
        unacknowledged.put(++last, frame);
        due.add(last);
        return true;
    }

    boolean isDue() {
        return !due.isEmpty();
    }

    /** Writes what is due, as far as there is room; returns whether anything was written. */
    boolean write(WireWriter out, FrameRecord record) {
        boolean wrote = false;
        while (!due.isEmpty()) {
            long number = due.element();
            IntroductionFrame frame = unacknowledged.get(number);
            if (frame != null) {
                if (out.remaining() < FrameWriter.introductionSize(frame)) {
                    break;
                }
                FrameWriter.writeIntroduction(out, frame);
                record.addFrame(FrameType.INTRODUCE, number, 0, 0);
                wrote = true;
            }
            due.remove();
        }
        return wrote;
    }

    void onAcked(long number) {
        unacknowledged.remove(number);
    }

    void onLost(long number) {
        if (unacknowledged.containsKey(number) && !due.contains(number)) {
            due.add(number);
        }
    }
}
