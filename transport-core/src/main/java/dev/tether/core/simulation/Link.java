package dev.tether.core.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a link: decides for each datagram whether it arrives, when and in which form. It carries nothing itself:
 * its caller delivers what {@link Outcome} was told, and of datagrams that arrive at the same time the one first told first.
 *
 * <p>The effects, in their order: whether the link is up; the mtu; the rate and its queue; loss; loss in bursts; corruption;
 * truncation; latency and jitter; reordering; duplication. An effect that is switched off draws nothing from the random
 * source. Arrivals keep the order of sending, whatever the jitter and whatever {@link #change} does to the latency; only a
 * reordered datagram and the second copy of a duplicated one come later than those sent after them.
 *
 * <p>Not thread-safe.
 */
public final class Link {

    /** What a datagram costs on a limited rate beside its payload: the headers of IPv4 (20 bytes) and UDP (8 bytes). */
    public static final int HEADER_BYTES = 28;

    /** Learns what happens to a datagram, during {@link Link#transmit}: a drop, an arrival, or an arrival and its duplicate. */
    public interface Outcome {

        /**
         * The datagram arrives.
         *
         * @param datagram the array that was sent if its content is unaltered, else a copy; the link keeps no reference, and
         *     a duplicate is the same array as the arrival that it doubles
         * @param atNs when it arrives, not before it was sent
         * @param alteration what the link did to it
         */
        void arrives(byte[] datagram, long atNs, Alteration alteration);

        /** The datagram doesn't arrive. */
        void dropped(DropCause cause);
    }

    /** What a link did to a datagram that arrives; if several, the last of these, but the second copy is a duplicate only. */
    public enum Alteration {

        /** Nothing. */
        NONE,

        /** It was held back. */
        REORDERED,

        /** One of its bits was flipped. */
        CORRUPTED,

        /** Its end is missing; one byte is left at least. */
        TRUNCATED,

        /** This is the second copy. */
        DUPLICATE
    }

    private final SeededRandom random;
    private final TransmitQueue queue = new TransmitQueue();
    private LinkSettings settings;
    private long latencyNs;
    private long reorderDelayNs;
    private long duplicateDelayNs;
    private boolean up = true;
    private boolean bad;
    private long lastArrivalNs = Long.MIN_VALUE;

    /** A link that is up. The random source must be this link's own if its draws are not to depend on another's. */
    public Link(LinkSettings settings, SeededRandom random) {
        this.random = random;
        this.settings = settings;
        change(settings);
    }

    /** The settings for what is sent from now on. */
    public LinkSettings settings() {
        return settings;
    }

    /** Changes the settings for what is sent from now on: what is under way or waits for the rate keeps its time. */
    public void change(LinkSettings settings) {
        this.settings = settings;
        latencyNs = settings.latency().toNanos();
        reorderDelayNs = settings.reorderDelay().toNanos();
        duplicateDelayNs = settings.duplicateDelay().toNanos();
        queue.configure(settings.bytesPerSecond(), settings.queueBytes());
        bad &= settings.burstLoss().isOn();
    }

    /** Whether the link carries datagrams. */
    public boolean isUp() {
        return up;
    }

    /** Takes the link down, where all that is sent is dropped as {@link DropCause#PARTITION}, or up again. */
    public void setUp(boolean up) {
        this.up = up;
    }

    /**
     * Sends a datagram.
     *
     * @param datagram the UDP payload; it is not modified, and must not be by the caller until it has arrived
     * @param nowNs the time, not before that of an earlier call
     * @param outcome told during this call what happens
     */
    public void transmit(byte[] datagram, long nowNs, Outcome outcome) {
        DropCause refusal = refusal(datagram.length);
        if (refusal != null) {
            outcome.dropped(refusal);
            return;
        }
        long sentNs = queue.offer(datagram.length + HEADER_BYTES, nowNs);
        if (sentNs == TransmitQueue.FULL) {
            outcome.dropped(DropCause.QUEUE_FULL);
            return;
        }
        DropCause loss = loss();
        if (loss != null) {
            outcome.dropped(loss);
            return;
        }
        deliver(datagram, sentNs, outcome);
    }

    private @Nullable DropCause refusal(int length) {
        if (!up) {
            return DropCause.PARTITION;
        }
        if (settings.mtu() > 0 && length > settings.mtu()) {
            return settings.blackHole() ? DropCause.BLACK_HOLE : DropCause.TOO_LARGE;
        }
        return null;
    }

    private @Nullable DropCause loss() {
        if (happens(settings.loss())) {
            return DropCause.LOSS;
        }
        BurstLoss burst = settings.burstLoss();
        if (burst.isOn()) {
            bad ^= random.chance(bad ? burst.leave() : burst.enter());
            if (bad && random.chance(burst.loss())) {
                return DropCause.BURST_LOSS;
            }
        }
        return null;
    }

    /** Draws all before it calls the outcome, so that an outcome that sends at once disturbs nothing. */
    private void deliver(byte[] datagram, long sentNs, Outcome outcome) {
        byte[] payload = datagram;
        Alteration alteration = Alteration.NONE;
        if (datagram.length > 0 && happens(settings.corruption())) {
            payload = corrupted(payload);
            alteration = Alteration.CORRUPTED;
        }
        if (datagram.length > 1 && happens(settings.truncation())) {
            payload = Arrays.copyOf(payload, random.nextInt(1, payload.length - 1));
            alteration = Alteration.TRUNCATED;
        }
        lastArrivalNs =
                Math.max(lastArrivalNs, sentNs + latencyNs + settings.jitter().nextNs(random));
        long atNs = lastArrivalNs;
        if (happens(settings.reordering())) {
            atNs += reorderDelayNs;
            alteration = alteration == Alteration.NONE ? Alteration.REORDERED : alteration;
        }
        if (happens(settings.duplication())) {
            long duplicateAtNs = atNs + (long) (random.nextDouble() * duplicateDelayNs);
            outcome.arrives(payload, atNs, alteration);
            outcome.arrives(payload, duplicateAtNs, Alteration.DUPLICATE);
        } else {
            outcome.arrives(payload, atNs, alteration);
        }
    }

    private boolean happens(double probability) {
        return probability > 0 && random.chance(probability);
    }

    private byte[] corrupted(byte[] datagram) {
        byte[] copy = datagram.clone();
        int bit = random.nextInt(copy.length * Byte.SIZE);
        copy[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return copy;
    }
}
