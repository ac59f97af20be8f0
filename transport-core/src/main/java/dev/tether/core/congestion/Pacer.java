package dev.tether.core.congestion;

/**
 * Spreads packets over time at the rate that the congestion controller asks for (RFC 9002, section 7.7): a token bucket.
 *
 * <p>The bucket holds what the rate sends in a millisecond, at least {@value #MIN_BURST_PACKETS} packets and at most
 * {@value #MAX_BURST_BYTES} bytes, so that a batch for segmentation offload can leave at once. A delay shorter than
 * {@linkplain #GRANULARITY_NS a millisecond} is not imposed, because no timer would keep it: the packet leaves at once and
 * the bucket goes into debt, until the debt is worth a millisecond. The rate is exact in the long run, as tokens are
 * counted in integers.
 *
 * <p>To be asked for packets that count toward the bytes in flight, except probes. Times are in nanoseconds. Not
 * thread-safe.
 */
public final class Pacer {

    /** The shortest delay worth a timer, 1 ms. */
    public static final long GRANULARITY_NS = 1_000_000L;

    /** The bucket holds at least so many packets: an initial window may leave at once (RFC 9002, section 7.7). */
    public static final int MIN_BURST_PACKETS = 10;

    /** The bucket holds at most so many bytes: two of the largest batches of UDP segmentation offload. */
    public static final int MAX_BURST_BYTES = 2 * 64 * 1024;

    /** Far above any network, and low enough that a millisecond of it can be counted in tokens. */
    private static final long MAX_RATE = 1_000_000_000_000L;

    /** How many tokens a byte costs, so that a nanosecond at a byte per second is one token. */
    private static final long TOKENS_PER_BYTE = 1_000_000_000L;

    private int mtu;
    private long rate;
    private long capacity;
    private long tokens;
    private long updatedNs;

    /**
     * A pacer with a full bucket.
     *
     * @param rateBytesPerSecond the rate; positive
     * @param mtu the largest size of a datagram, in bytes
     */
    public Pacer(long rateBytesPerSecond, int mtu, long nowNs) {
        this.mtu = mtu;
        updatedNs = nowNs;
        setRateAndMtu(rateBytesPerSecond, mtu);
        tokens = capacity;
    }

    /**
     * Changes the rate from now on. Cheap enough for every acknowledgment.
     *
     * @param rateBytesPerSecond the rate; positive
     * @param newMtu the largest size of a datagram, in bytes
     */
    public void update(long rateBytesPerSecond, int newMtu, long nowNs) {
        refill(nowNs);
        setRateAndMtu(rateBytesPerSecond, newMtu);
    }

    /** Whether a packet of the largest size may leave now. */
    public boolean maySend(long nowNs) {
        return nextSendNs(mtu, nowNs) <= nowNs;
    }

    /**
     * When a packet may leave: {@code nowNs} if at once, otherwise at least a millisecond later.
     *
     * @param bytes the size of the packet, or of the batch; positive. More than the bucket holds is treated as a full
     *     bucket.
     */
    public long nextSendNs(int bytes, long nowNs) {
        refill(nowNs);
        long missing = Math.min(bytes * TOKENS_PER_BYTE, capacity) - tokens;
        if (missing <= 0) {
            return nowNs;
        }
        long delayNs = (missing + rate - 1) / rate;
        return delayNs < GRANULARITY_NS ? nowNs : nowNs + delayNs;
    }

    /** A packet has left. Also to be called for one that was not held up, such as a probe. */
    public void onPacketSent(int bytes, long nowNs) {
        refill(nowNs);
        tokens -= bytes * TOKENS_PER_BYTE;
    }

    private void refill(long nowNs) {
        long elapsedNs = Math.max(0, nowNs - updatedNs);
        updatedNs += elapsedNs;
        boolean fills = elapsedNs > (capacity - tokens) / rate;
        tokens = fills ? capacity : tokens + elapsedNs * rate;
    }

    private void setRateAndMtu(long rateBytesPerSecond, int newMtu) {
        rate = Math.max(1, Math.min(rateBytesPerSecond, MAX_RATE));
        mtu = newMtu;
        long inGranularity = rate * GRANULARITY_NS / TOKENS_PER_BYTE;
        long burst = Math.max((long) MIN_BURST_PACKETS * mtu, inGranularity);
        capacity = Math.min(burst, MAX_BURST_BYTES) * TOKENS_PER_BYTE;
        // What was a millisecond's debt at a higher rate must not become a long silence at a lower one.
        tokens = Math.max(Math.min(tokens, capacity), -rate * GRANULARITY_NS);
    }
}
