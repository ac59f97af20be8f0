package dev.tether.core.connection;

import dev.tether.core.protection.PacketOpener;
import dev.tether.core.protection.ReplayWindow;
import dev.tether.core.recovery.AckTracker;
import dev.tether.core.wire.DataHeader;
import java.net.InetSocketAddress;

/**
 * Takes in data packets: header → open → replay window → frames. A packet that is not authentic, or not new, leaves no
 * trace but a count: it moves no timer and changes no state.
 */
final class PacketReceiver {

    private final EngineContext context;
    private final PacketOpener opener;
    private final ReplayWindow replayWindow = new ReplayWindow();
    private final AckTracker acks;
    private final FrameDispatcher frames;
    private final ConnectionCounters counters;
    private boolean newest;

    PacketReceiver(
            EngineContext context, byte[] key, AckTracker acks, FrameDispatcher frames, ConnectionCounters counters) {
        this.context = context;
        this.opener = new PacketOpener(key);
        this.acks = acks;
        this.frames = frames;
        this.counters = counters;
    }

    /** Whether the latest packet that was accepted has the highest number so far. */
    boolean wasNewest() {
        return newest;
    }

    /** Takes in one datagram for this connection; returns whether it was authentic and new. */
    boolean receive(byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        if (!DataHeader.isWellFormed(datagram, offset, length)) {
            counters.unauthenticated++;
            return false;
        }
        long packetNumber = DataHeader.packetNumber(datagram, offset);
        if (!replayWindow.mayAccept(packetNumber)) {
            counters.duplicates++;
            return false;
        }
        int plaintextLength =
                opener.open(datagram, offset, length, DataHeader.LENGTH, packetNumber, context.plaintext, 0);
        if (plaintextLength < 0) {
            counters.unauthenticated++;
            return false;
        }
        newest = packetNumber > replayWindow.highest();
        replayWindow.accept(packetNumber);
        counters.packetsReceived++;
        counters.bytesReceived += length;
        boolean ackEliciting = frames.dispatch(context.plaintext, plaintextLength, from, length, nowNs);
        if (!frames.isDropping()) {
            acks.onPacketReceived(packetNumber, ackEliciting, nowNs);
            if (frames.wasPinged()) {
                acks.requestImmediateAck(nowNs);
            }
        }
        return true;
    }
}
