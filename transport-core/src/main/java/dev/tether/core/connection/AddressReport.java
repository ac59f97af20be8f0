package dev.tether.core.connection;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Tells the peer at which address it is seen, when that has changed. A lost report is replaced by the newest one. */
final class AddressReport {

    private @Nullable InetSocketAddress address;
    private long sequence;
    private boolean due;

    /** The peer is at another address than before. */
    void report(InetSocketAddress observed) {
        address = observed;
        sequence++;
        due = true;
    }

    boolean isDue() {
        return due;
    }

    /** Writes what is due, if there is room; returns whether it was written. */
    boolean write(WireWriter out, FrameRecord record) {
        if (!due || address == null || out.remaining() < FrameWriter.MAX_OBSERVED_ADDRESS_SIZE) {
            return false;
        }
        FrameWriter.writeObservedAddress(out, sequence, address);
        record.addFrame(FrameType.OBSERVED_ADDRESS, sequence, 0, 0);
        due = false;
        return true;
    }

    void onLost(long lost) {
        due |= lost == sequence;
    }
}
