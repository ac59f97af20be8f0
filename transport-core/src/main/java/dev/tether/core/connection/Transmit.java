package dev.tether.core.connection;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A run of datagrams to one address that a connection has produced, and the buffer they are produced into. Reused: valid
 * until it is given to the next {@code pollTransmit}.
 */
public final class Transmit {

    /** The most bytes of one run: what a UDP datagram may carry, as the kernel counts a run as one. */
    public static final int MAX_LENGTH = 65_507;

    private final byte[] buffer = new byte[MAX_LENGTH];
    private final int maxSegments;
    private @Nullable InetSocketAddress destination;
    private int segmentSize;
    private int length;

    /**
     * An empty one.
     *
     * @param maxSegments how many datagrams a run may have, at least 1; Linux takes up to 64
     */
    public Transmit(int maxSegments) {
        this.maxSegments = maxSegments;
    }

    /** The bytes, from index 0. */
    public byte[] buffer() {
        return buffer;
    }

    /** How many bytes the run has. */
    public int length() {
        return length;
    }

    /** The size of each datagram but the last, which may be smaller. */
    public int segmentSize() {
        return segmentSize;
    }

    /** Where the run goes to. */
    public InetSocketAddress destination() {
        if (destination == null) {
            throw new IllegalStateException("nothing was produced");
        }
        return destination;
    }

    void start(InetSocketAddress to) {
        destination = to;
        segmentSize = 0;
        length = 0;
    }

    /** Whether another datagram of {@code size} bytes may be added. */
    boolean hasRoomFor(int size) {
        return length + size <= MAX_LENGTH && (segmentSize == 0 || length < segmentSize * maxSegments);
    }

    /** Counts a datagram that was written at {@link #length()}; returns whether further ones may follow it. */
    boolean add(int size) {
        if (segmentSize == 0) {
            segmentSize = size;
        }
        length += size;
        return size == segmentSize;
    }

    /** Makes this a run of one datagram, which is copied. */
    public void setSingle(InetSocketAddress to, byte[] datagram) {
        start(to);
        System.arraycopy(datagram, 0, buffer, 0, datagram.length);
        add(datagram.length);
    }
}
