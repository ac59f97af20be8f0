package dev.tether.core.connection;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.WireWriter;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The application's pings that wait for their acknowledgement. One PING frame (RFC 9000 §19.2) serves all that were asked
 * for before it was written.
 */
final class Pings {

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
    private final ArrayDeque<Pong> pongs = new ArrayDeque<>(0);
    private long lastId;
    private boolean due;

    /** Asks for a ping; its id is one more than that of the one before. */
    long ask(long nowNs) {
        waiting.add(new Waiting(++lastId, nowNs));
        due = true;
        return lastId;
    }

    /** Has a PING sent that nobody waits for: its acknowledgement is a sign of life. */
    void probe() {
        due = true;
    }

    boolean isDue() {
        return due;
    }

    boolean write(WireWriter out, FrameRecord record) {
        if (!due || out.remaining() < 1) {
            return false;
        }
        FrameWriter.writeEmpty(out, FrameType.PING);
        record.addFrame(FrameType.PING, lastId, 0, 0);
        due = false;
        return true;
    }

    /** The frame that served all pings up to {@code id} was acknowledged; returns whether that answers any. */
    boolean onAcked(long id, long nowNs) {
        boolean answered = false;
        for (Waiting first = waiting.peek(); first != null && first.id <= id; first = waiting.peek()) {
            waiting.remove();
            pongs.add(new Pong(first.id, nowNs - first.sinceNs));
            answered = true;
        }
        return answered;
    }

    void onLost(long id) {
        Waiting first = waiting.peek();
        due |= first != null && first.id <= id;
    }

    @Nullable
    Pong poll() {
        return pongs.poll();
    }

    private record Waiting(long id, long sinceNs) {}
}
