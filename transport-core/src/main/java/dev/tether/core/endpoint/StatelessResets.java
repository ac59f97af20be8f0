package dev.tether.core.endpoint;

import dev.tether.core.connection.Transmit;
import dev.tether.core.protection.StatelessResetTokens;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.StatelessResetDatagram;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Tells whoever sends data packets of a connection that is gone that it is gone. RFC 9000 §10.3; docs/PROTOCOL.md,
 * "Stateless reset". One budget for all of a node, and nothing is kept for each sender.
 */
final class StatelessResets {

    /** How many resets may be sent at once, after a rest. */
    static final int BURST = 100;

    /** How often one more may be sent: 100 a second. */
    static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1) / 100;

    private final StatelessResetTokens tokens;
    private final ArrayDeque<Reset> unsent = new ArrayDeque<>(0);
    private final WireWriter out = new WireWriter();

    /** What may be sent is (now - this) / interval, and at most the burst; {@link Long#MIN_VALUE} at first. */
    private long spentUntilNs = Long.MIN_VALUE;

    StatelessResets(StatelessResetTokens tokens) {
        this.tokens = tokens;
    }

    /** Whether a datagram for no connection is one that a reset may answer: a data packet, so never another reset. */
    static boolean isTrigger(byte[] datagram, int offset, int length) {
        return DataHeader.isWellFormed(datagram, offset, length);
    }

    /** Answers a trigger; returns false if that is too much for now. */
    boolean answer(byte[] trigger, int offset, InetSocketAddress from, long nowNs) {
        if (unsent.size() >= BURST || !take(nowNs)) {
            return false;
        }
        long connectionId = DataHeader.receiverConnectionId(trigger, offset);
        byte[] datagram = new byte[StatelessResetDatagram.LENGTH];
        StatelessResetDatagram.write(
                out.wrap(datagram, 0, datagram.length), connectionId, tokens.tokenOf(connectionId));
        unsent.add(new Reset(from, datagram));
        return true;
    }

    /** Produces the next reset that is to be sent. */
    boolean pollTransmit(Transmit transmit) {
        Reset reset = unsent.poll();
        if (reset == null) {
            return false;
        }
        transmit.setSingle(reset.to, reset.datagram);
        return true;
    }

    /** A token bucket: {@link #BURST} deep, one more every {@link #INTERVAL_NS}. */
    private boolean take(long nowNs) {
        long fullNs = nowNs - BURST * INTERVAL_NS;
        long spentNs = Math.max(spentUntilNs, fullNs) + INTERVAL_NS;
        if (spentNs > nowNs) {
            return false;
        }
        spentUntilNs = spentNs;
        return true;
    }

    private record Reset(InetSocketAddress to, byte[] datagram) {}
}
