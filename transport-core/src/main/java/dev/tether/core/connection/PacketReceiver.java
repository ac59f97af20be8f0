package dev.tether.core.connection;

import dev.tether.core.protection.PacketOpener;
import dev.tether.core.protection.ReplayWindow;
import dev.tether.core.recovery.AckTracker;
import dev.tether.core.wire.DataHeader;

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

    PacketReceiver(
            EngineContext context, byte[] key, AckTracker acks, FrameDispatcher frames, ConnectionCounters counters) {
        this.context = context;
        this.opener = new PacketOpener(key);
        this.acks = acks;
        this.frames = frames;
        this.counters = counters;
    }

    /** Takes in one datagram for this connection; returns whether it was authentic and new. */
    boolean receive(byte[] datagram, int offset, int length, long nowNs) {
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
        replayWindow.accept(packetNumber);
        counters.packetsReceived++;
        counters.bytesReceived += length;
        boolean ackEliciting = frames.dispatch(context.plaintext, plaintextLength, nowNs);
        if (!frames.isDropping()) {
            acks.onPacketReceived(packetNumber, ackEliciting, nowNs);
            if (frames.wasPinged()) {
                acks.requestImmediateAck(nowNs);
            }
        }
        return true;
    }
}
