package dev.tether.core.protection;

import java.util.Arrays;

/**
 * Which packet numbers of a key epoch have been received, among the last {@value #SIZE} (RFC 9001 §9.5, RFC 4303
 * §3.4.3).
 *
 * <p>A packet is asked about before it is opened and recorded only after it has authenticated, so that a forged one can
 * neither use up a number nor move the window. Not thread-safe.
 *
 * <p>The bits are a ring: number n has bit n mod the ring's size. The ring begins with 64 bits and doubles whenever the
 * numbers from {@code lowest} to {@code highest} no longer fit, up to {@value #SIZE} bits (2 KiB); so it is small on a
 * connection that has received little, wherever its numbers begin.
 */
public final class ReplayWindow {

    /** How many numbers, up to the highest that was received, can still be told apart. */
    public static final int SIZE = 16_384;

    private long[] ring = new long[1];

    /**
     * The lowest number received since the ring was last empty: nothing below it has been, as far as the window
     * reaches.
     */
    private long lowest;

    private long highest = -1;

    /**
     * Whether a packet with this number may be new: it has not been received and the window has not left it behind.
     *
     * @param packetNumber any value; negative ones, which no honest peer sends, are refused
     */
    public boolean mayAccept(long packetNumber) {
        if (packetNumber > highest) {
            return true;
        }
        if (packetNumber < 0 || highest - packetNumber >= SIZE) {
            return false;
        }
        return packetNumber < lowest || !contains(packetNumber);
    }

    /**
     * Records an authenticated packet. At worst this clears or copies the whole window.
     *
     * @throws IllegalArgumentException if {@link #mayAccept} refuses the number
     */
    public void accept(long packetNumber) {
        if (!mayAccept(packetNumber)) {
            throw new IllegalArgumentException("packet " + packetNumber + " is a replay or too old");
        }
        if (highest < 0 || packetNumber - highest >= SIZE) {
            Arrays.fill(ring, 0);
            lowest = packetNumber;
            highest = packetNumber;
        } else if (packetNumber > highest) {
            makeRoom(Math.max(lowest, packetNumber - SIZE + 1), packetNumber);
            // Downwards, here and below: upwards, the loop would not end at Long.MAX_VALUE.
            for (long n = packetNumber; n > highest; n--) {
                remove(n);
            }
            highest = packetNumber;
        } else if (packetNumber < lowest) {
            makeRoom(packetNumber, highest);
            lowest = packetNumber;
        }
        add(packetNumber);
    }

    /** The highest number received, or -1 if there is none. */
    public long highest() {
        return highest;
    }

    /** How many numbers the ring has room for now: what this object's memory is about. */
    int capacity() {
        return ring.length * Long.SIZE;
    }

    /** Doubles the ring until it holds all numbers of a range. */
    private void makeRoom(long from, long to) {
        int size = capacity();
        long needed = to - from + 1;
        if (needed <= size) {
            return;
        }
        long[] old = ring;
        ring = new long[(int) (Long.highestOneBit(2 * needed - 1) / Long.SIZE)];
        for (long n = highest; n >= Math.max(lowest, highest - size + 1); n--) {
            if ((old[wordOf(n, old)] & bitOf(n)) != 0) {
                add(n);
            }
        }
    }

    private boolean contains(long packetNumber) {
        return (ring[wordOf(packetNumber, ring)] & bitOf(packetNumber)) != 0;
    }

    private void add(long packetNumber) {
        ring[wordOf(packetNumber, ring)] |= bitOf(packetNumber);
    }

    private void remove(long packetNumber) {
        ring[wordOf(packetNumber, ring)] &= ~bitOf(packetNumber);
    }

    private static int wordOf(long packetNumber, long[] ring) {
        return (int) (packetNumber / Long.SIZE) & ring.length - 1;
    }

    /** Java shifts by the operand's low six bits: the number modulo the size of a word. */
    private static long bitOf(long packetNumber) {
        return 1L << packetNumber;
    }
}
