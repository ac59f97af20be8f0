package dev.tether.core.simulation;

import java.util.Arrays;

/**
 * What waits for the rate of a link: first in, first out, and what finds no room is dropped. A datagram waits until its first
 * byte is sent, so the one that is being sent takes no room. Times are settled when a datagram is taken.
 */
final class TransmitQueue {

    /** The answer for a datagram that finds no room. */
    static final long FULL = Long.MIN_VALUE;

    private static final long NS_PER_SECOND = 1_000_000_000L;

    private long bytesPerSecond;
    private int capacity;

    /** When the link has sent all it has taken. */
    private long freeNs = Long.MIN_VALUE;

    /** By how much {@link #freeNs} is rounded down, in units of 1 ns / bytesPerSecond: without it, a fast link is too fast. */
    private long remainder;

    /** A ring of the waiting datagrams: when each begins to be sent, and its size. Its length is a power of two. */
    private long[] startsNs = new long[16];

    private int[] sizes = new int[16];
    private int head;
    private int count;
    private long waitingBytes;

    /** Sets the rate, where 0 is unlimited, and the room for waiting bytes. What has been taken keeps its time. */
    void configure(long bytesPerSecond, int capacity) {
        this.bytesPerSecond = bytesPerSecond;
        this.capacity = capacity;
        remainder = 0;
    }

    /** When the last byte of a datagram of this size will be sent, or {@link #FULL}. */
    long offer(int bytes, long nowNs) {
        if (bytesPerSecond == 0) {
            return nowNs;
        }
        if (freeNs > nowNs) {
            dropStarted(nowNs);
            if (waitingBytes + bytes > capacity) {
                return FULL;
            }
            add(freeNs, bytes);
        } else if (freeNs < nowNs) {
            freeNs = nowNs;
            remainder = 0;
        }
        long scaled = bytes * NS_PER_SECOND + remainder;
        freeNs += scaled / bytesPerSecond;
        remainder = scaled % bytesPerSecond;
        return freeNs;
    }

    private void dropStarted(long nowNs) {
        while (count > 0 && startsNs[head] <= nowNs) {
            waitingBytes -= sizes[head];
            head = head + 1 & startsNs.length - 1;
            count--;
        }
    }

    private void add(long startNs, int bytes) {
        if (count == startsNs.length) {
            grow();
        }
        int tail = head + count & startsNs.length - 1;
        startsNs[tail] = startNs;
        sizes[tail] = bytes;
        count++;
        waitingBytes += bytes;
    }

    private void grow() {
        int length = startsNs.length;
        startsNs = Arrays.copyOf(startsNs, 2 * length);
        sizes = Arrays.copyOf(sizes, 2 * length);
        System.arraycopy(startsNs, 0, startsNs, length, head);
        System.arraycopy(sizes, 0, sizes, length, head);
    }
}
