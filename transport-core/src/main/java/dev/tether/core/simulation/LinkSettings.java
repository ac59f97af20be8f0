package dev.tether.core.simulation;

import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Consumer;

/**
 * What one direction of a link does to the datagrams on it. Immutable: start with {@link #PERFECT} and change what is
 * needed; each method with one argument returns a copy that differs in the value it is named after, and throws
 * {@link IllegalArgumentException}, naming the value and its range, if that is out of its range. A probability is
 * from 0 to 1 and holds for each datagram on its own; a duration is from 0 to one day.
 *
 * @param latency how long each datagram travels at least; 0
 * @param jitter what is added to the latency; none
 * @param loss the probability that a datagram is lost; 0
 * @param burstLoss loss in bursts, beside {@code loss}; none
 * @param reordering the probability that a datagram is held back, so that later ones overtake it; 0
 * @param reorderDelay how long such a datagram is held back; 10 ms
 * @param duplication the probability that a datagram arrives twice; 0
 * @param duplicateDelay how much later the second copy arrives at most, uniform from 0 to this; 1 ms
 * @param corruption the probability that one bit of a datagram is flipped; 0
 * @param truncation the probability that a datagram loses its end; 0
 * @param bytesPerSecond the rate of the link, counting 28 bytes of IPv4 and UDP header with each datagram;
 *     0 to 10^12, where 0 is unlimited; 0
 * @param queueBytes how many bytes, headers included, may wait for a limited rate behind the datagram that is being sent:
 *     what finds no room is dropped; 0 to 2^30; 256 KiB
 * @param mtu the largest UDP payload that fits; 0 to 65,535, where 0 is unlimited; 0
 * @param blackHole whether a datagram over the mtu vanishes in silence; else its sender is told; false
 */
public record LinkSettings(
        Duration latency,
        Jitter jitter,
        double loss,
        BurstLoss burstLoss,
        double reordering,
        Duration reorderDelay,
        double duplication,
        Duration duplicateDelay,
        double corruption,
        double truncation,
        long bytesPerSecond,
        int queueBytes,
        int mtu,
        boolean blackHole) {

    /** No delay, no limit, no fault. */
    public static final LinkSettings PERFECT = new LinkSettings(
            Duration.ZERO,
            Jitter.NONE,
            0,
            BurstLoss.NONE,
            0,
            Duration.ofMillis(10),
            0,
            Duration.ofMillis(1),
            0,
            0,
            0,
            256 << 10,
            0,
            false);

    /** @throws IllegalArgumentException naming the value that is out of its range, and the range */
    public LinkSettings {
        Ranges.requireDelay("latency", latency);
        Ranges.requireProbability("loss", loss);
        Ranges.requireProbability("reordering", reordering);
        Ranges.requireDelay("reorderDelay", reorderDelay);
        Ranges.requireProbability("duplication", duplication);
        Ranges.requireDelay("duplicateDelay", duplicateDelay);
        Ranges.requireProbability("corruption", corruption);
        Ranges.requireProbability("truncation", truncation);
        Ranges.requireRange("bytesPerSecond", bytesPerSecond, 0, 1_000_000_000_000L);
        Ranges.requireRange("queueBytes", queueBytes, 0, 1 << 30);
        Ranges.requireRange("mtu", mtu, 0, 65_535);
    }

    /** A copy with this latency, 0 to one day. */
    public LinkSettings latency(Duration latency) {
        return with(copy -> copy.latency = latency);
    }

    /** A copy with this jitter. */
    public LinkSettings jitter(Jitter jitter) {
        return with(copy -> copy.jitter = jitter);
    }

    /** A copy with this probability of loss, 0 to 1. */
    public LinkSettings loss(double loss) {
        return with(copy -> copy.loss = loss);
    }

    /** A copy with this loss in bursts. */
    public LinkSettings burstLoss(BurstLoss burstLoss) {
        return with(copy -> copy.burstLoss = burstLoss);
    }

    /** A copy with this probability of reordering, 0 to 1. */
    public LinkSettings reordering(double reordering) {
        return with(copy -> copy.reordering = reordering);
    }

    /** A copy that holds a reordered datagram back for this long, 0 to one day. */
    public LinkSettings reorderDelay(Duration reorderDelay) {
        return with(copy -> copy.reorderDelay = reorderDelay);
    }

    /** A copy with this probability of duplication, 0 to 1. */
    public LinkSettings duplication(double duplication) {
        return with(copy -> copy.duplication = duplication);
    }

    /** A copy whose duplicates arrive this much later at most, 0 to one day. */
    public LinkSettings duplicateDelay(Duration duplicateDelay) {
        return with(copy -> copy.duplicateDelay = duplicateDelay);
    }

    /** A copy with this probability of corruption, 0 to 1. */
    public LinkSettings corruption(double corruption) {
        return with(copy -> copy.corruption = corruption);
    }

    /** A copy with this probability of truncation, 0 to 1. */
    public LinkSettings truncation(double truncation) {
        return with(copy -> copy.truncation = truncation);
    }

    /** A copy with this rate in bytes per second, 1 to 10^12, or 0 for no limit. */
    public LinkSettings bytesPerSecond(long bytesPerSecond) {
        return with(copy -> copy.bytesPerSecond = bytesPerSecond);
    }

    /** A copy with this much room in the queue for a limited rate, in bytes, 0 to 2^30. */
    public LinkSettings queueBytes(int queueBytes) {
        return with(copy -> copy.queueBytes = queueBytes);
    }

    /** A copy with this largest UDP payload in bytes, 1 to 65,535, or 0 for no limit. */
    public LinkSettings mtu(int mtu) {
        return with(copy -> copy.mtu = mtu);
    }

    /** A copy that swallows datagrams over the mtu in silence, or tells their sender. */
    public LinkSettings blackHole(boolean blackHole) {
        return with(copy -> copy.blackHole = blackHole);
    }

    /** What differs from {@link #PERFECT}, for a human; the same text on every JVM. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        text.add(latency.toNanos() / 1000 + " µs");
        if (jitter.distribution() != Jitter.Distribution.NONE) {
            text.add("jitter " + jitter.scale().toNanos() / 1000 + " µs "
                    + jitter.distribution().name().toLowerCase(Locale.ROOT));
        }
        addShare(text, "loss", loss);
        if (burstLoss.isOn()) {
            addShare(text, "bursts enter", burstLoss.enter());
            addShare(text, "bursts leave", burstLoss.leave());
            addShare(text, "loss in bursts", burstLoss.loss());
        }
        addShare(text, "reordering", reordering);
        addShare(text, "duplication", duplication);
        addShare(text, "corruption", corruption);
        addShare(text, "truncation", truncation);
        if (bytesPerSecond > 0) {
            text.add(bytesPerSecond + " bytes/s with a queue of " + queueBytes);
        }
        if (mtu > 0) {
            text.add("mtu " + mtu + (blackHole ? " with a black hole" : ""));
        }
        return text.toString();
    }

    /** In integers: JDK 19 has changed how a floating-point number is written. */
    private static void addShare(StringJoiner text, String name, double share) {
        if (share > 0) {
            long hundredths = Math.round(10_000 * share);
            text.add(name + ' ' + hundredths / 100 + '.' + hundredths / 10 % 10 + hundredths % 10 + " %");
        }
    }

    private LinkSettings with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.toSettings();
    }

    private static final class Copy {

        private Duration latency;
        private Jitter jitter;
        private double loss;
        private BurstLoss burstLoss;
        private double reordering;
        private Duration reorderDelay;
        private double duplication;
        private Duration duplicateDelay;
        private double corruption;
        private double truncation;
        private long bytesPerSecond;
        private int queueBytes;
        private int mtu;
        private boolean blackHole;

        Copy(LinkSettings original) {
            latency = original.latency;
            jitter = original.jitter;
            loss = original.loss;
            burstLoss = original.burstLoss;
            reordering = original.reordering;
            reorderDelay = original.reorderDelay;
            duplication = original.duplication;
            duplicateDelay = original.duplicateDelay;
            corruption = original.corruption;
            truncation = original.truncation;
            bytesPerSecond = original.bytesPerSecond;
            queueBytes = original.queueBytes;
            mtu = original.mtu;
            blackHole = original.blackHole;
        }

        LinkSettings toSettings() {
            return new LinkSettings(
                    latency,
                    jitter,
                    loss,
                    burstLoss,
                    reordering,
                    reorderDelay,
                    duplication,
                    duplicateDelay,
                    corruption,
                    truncation,
                    bytesPerSecond,
                    queueBytes,
                    mtu,
                    blackHole);
        }
    }
}
