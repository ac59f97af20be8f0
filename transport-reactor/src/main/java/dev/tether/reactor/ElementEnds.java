package dev.tether.reactor;

/**
 * Where the elements of a send end in their stream, from the first that the peer has not acknowledged, so that an error of the
 * send can name it. Costs less than what these elements, and those of others between them, take of the send buffer: a byte for
 * a distance of up to 127 bytes. Not thread-safe.
 */
final class ElementEnds {

    private static final int FIRST_CAPACITY = 16;
    private static final int LONGEST_VARINT = 10;

    /** The distances from each end to the next one, in LEB128. */
    private byte[] ring = new byte[FIRST_CAPACITY];

    private int head;
    private int length;
    private long lastEnd;
    private long acknowledgedEnd;
    private long acknowledged;

    /** Adds an element after the others, which ends at the stream offset {@code end}. */
    void add(long end) {
        if (ring.length - length < LONGEST_VARINT) {
            grow();
        }
        for (long rest = end - lastEnd; ; rest >>>= 7) {
            boolean isLast = rest < 0x80;
            ring[(head + length++) & (ring.length - 1)] = (byte) (rest & 0x7f | (isLast ? 0 : 0x80));
            if (isLast) {
                break;
            }
        }
        lastEnd = end;
    }

    /**
     * The peer has everything before a stream offset.
     *
     * @return how many elements it has whole, of all that were added
     */
    long acknowledge(long offset) {
        while (length > 0) {
            long distance = 0;
            int size = 0;
            byte next;
            do {
                next = ring[(head + size) & (ring.length - 1)];
                distance |= (long) (next & 0x7f) << 7 * size++;
            } while (next < 0);
            if (acknowledgedEnd + distance > offset) {
                break;
            }
            acknowledgedEnd += distance;
            acknowledged++;
            head = (head + size) & (ring.length - 1);
            length -= size;
        }
        return acknowledged;
    }

    private void grow() {
        byte[] larger = new byte[2 * ring.length];
        int untilWrap = Math.min(length, ring.length - head);
        System.arraycopy(ring, head, larger, 0, untilWrap);
        System.arraycopy(ring, 0, larger, untilWrap, length - untilWrap);
        ring = larger;
        head = 0;
    }
}
